// RUN: sigmoid-attn-opt %s -cse -loop-invariant-code-motion -canonicalize | FileCheck %s

!t = tensor<1x1x4x4xf32>
!m = memref<1x1x4x4xf32>

// CHECK-LABEL: func @equal_values_are_one
// CHECK: %[[O:.*]] = attn.sigmoid_attention
// CHECK-NOT: attn.sigmoid_attention
// CHECK: return %[[O]], %[[O]]
func.func @equal_values_are_one(%q: !t, %table: tensor<4xf32>) -> (!t, !t) {
  %a = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %y = tensor.extract %table[%j] : tensor<4xf32>
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  %c = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %y = tensor.extract %table[%j] : tensor<4xf32>
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %a, %c : !t, !t
}

// CHECK-LABEL: func @different_regions_are_two
// CHECK: attn.sigmoid_attention
// CHECK: attn.sigmoid_attention
func.func @different_regions_are_two(%q: !t, %table: tensor<4xf32>) -> (!t, !t) {
  %a = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %y = tensor.extract %table[%j] : tensor<4xf32>
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  %c = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %y = tensor.extract %table[%i] : tensor<4xf32>
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %a, %c : !t, !t
}

// CHECK-LABEL: func @unused_value_goes
// CHECK-NEXT: return
func.func @unused_value_goes(%q: !t) {
  %a = attn.sigmoid_attention %q, %q, %q : (!t, !t, !t) -> !t
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q : (!t, !t, !t, !t) -> (!t, !t, !t)
  return
}

// CHECK-LABEL: func @invariant_value_is_hoisted
// CHECK: attn.sigmoid_attention
// CHECK: scf.for
func.func @invariant_value_is_hoisted(%q: !t, %n: index) -> !t {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %q) -> !t {
    %a = attn.sigmoid_attention %q, %q, %q : (!t, !t, !t) -> !t
    %s = arith.addf %acc, %a : !t
    scf.yield %s : !t
  }
  return %r : !t
}

// A value whose region reads memory depends on when it is computed.

// CHECK-LABEL: func @region_that_reads_memory_stays
// CHECK: scf.for
// CHECK: attn.sigmoid_attention
// CHECK: memref.store
func.func @region_that_reads_memory_stays(%q: !t, %table: memref<4xf32>, %n: index, %z: f32) -> !t {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %q) -> !t {
    %a = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %iq, %j) {
      %y = memref.load %table[%j] : memref<4xf32>
      attn.yield %y : f32
    } : (!t, !t, !t) -> !t
    memref.store %z, %table[%c0] : memref<4xf32>
    %s = arith.addf %acc, %a : !t
    scf.yield %s : !t
  }
  return %r : !t
}

// CHECK-LABEL: func @writes_stay
// CHECK: attn.sigmoid_attention
// CHECK: attn.sigmoid_attention
func.func @writes_stay(%q: !m, %o: !m) {
  attn.sigmoid_attention %q, %q, %q outs(%o : !m) : (!m, !m, !m)
  attn.sigmoid_attention %q, %q, %q outs(%o : !m) : (!m, !m, !m)
  return
}

// CHECK-LABEL: func @reads_around_a_write
// CHECK: %[[BEFORE:.*]] = memref.load
// CHECK: attn.sigmoid_attention
// CHECK: %[[AFTER:.*]] = memref.load
// CHECK: return %[[BEFORE]], %[[AFTER]]
func.func @reads_around_a_write(%q: !m, %o: !m) -> (f32, f32) {
  %c0 = arith.constant 0 : index
  %before = memref.load %o[%c0, %c0, %c0, %c0] : !m
  attn.sigmoid_attention %q, %q, %q outs(%o : !m) : (!m, !m, !m)
  %after = memref.load %o[%c0, %c0, %c0, %c0] : !m
  return %before, %after : f32, f32
}
