// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics

!t = tensor<1x2x8x4xf32>
func.func @attention_c11_argument_count(%q: !t) -> !t {
  // expected-error@+1 {{expected 5 score arguments (score, batch, head, query, key), got 2}}
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %i) {
    attn.yield %x : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @attention_c11_argument_types(%q: !t) -> !t {
  // expected-error@+1 {{expected the score region to take (f32, index, index, index, index), got ('f32', 'index', 'i32', 'index', 'index')}}
  %o = "attn.sigmoid_attention"(%q, %q, %q) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>}> ({
  ^body(%x: f32, %b: index, %h: i32, %i: index, %j: index):
    attn.yield %x : f32
  }) : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @attention_c11_terminator(%q: !t) -> !t {
  // expected-error@+1 {{expected the score region to end with attn.yield, got ub.unreachable}}
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    // expected-note@+1 {{the terminator is here}}
    ub.unreachable
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @attention_c11_empty_block(%q: !t) -> !t {
  // expected-error@+1 {{expects a non-empty block}}
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @attention_c11_two_blocks(%q: !t) -> !t {
  // expected-error@+1 {{expects region #0 to have 0 or 1 blocks}}
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    cf.br ^next
  ^next:
    attn.yield %x : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @attention_c11_yield_type(%q: !t) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    // expected-error@+1 {{operand #0 must be 32-bit float, but got 'index'}}
    "attn.yield"(%i) : (index) -> ()
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @attention_c11_nested(%q: !t, %at: index) -> !t {
  // expected-error@+1 {{expected the score region to hold no attention operation, got attn.sigmoid_attention}}
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    // expected-note@+1 {{the operation is here}}
    %inner = attn.sigmoid_attention %q, %q, %q bias(%x) : (!t, !t, !t) -> !t
    %y = tensor.extract %inner[%at, %h, %i, %i] : !t
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

func.func @yield_parent(%x: f32) {
  // expected-error@+1 {{expects parent op to be one of 'attn.sigmoid_attention, attn.sigmoid_attention_backward'}}
  attn.yield %x : f32
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @attention_c12_write(%q: !t, %log: memref<8xf32>) -> !t {
  // expected-error@+1 {{expected the score region to have no effects other than reads, got an operation with a write to memory from outside of it}}
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    // expected-note@+1 {{the operation is here}}
    memref.store %x, %log[%i] : memref<8xf32>
    attn.yield %x : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @attention_c12_write_through_view(%q: !t, %log: memref<8xf32>) -> !t {
  // expected-error@+1 {{expected the score region to have no effects other than reads, got an operation with a write to memory from outside of it}}
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %view = memref.subview %log[%i] [1] [1] : memref<8xf32> to memref<f32, strided<[], offset: ?>>
    // expected-note@+1 {{the operation is here}}
    memref.store %x, %view[] : memref<f32, strided<[], offset: ?>>
    attn.yield %x : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x8x4xf32>
func.func private @opaque(f32) -> f32
func.func @attention_c12_unknown(%q: !t) -> !t {
  // expected-error@+1 {{expected the score region to have no effects other than reads, got an operation with unknown effects}}
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    // expected-note@+1 {{the operation is here}}
    %y = func.call @opaque(%x) : (f32) -> f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}
