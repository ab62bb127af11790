// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics

!t = tensor<1x2x8x4xf32>
func.func @backward_c1_output_gradient_form(%q: !t, %k: !t, %v: !t, %do: memref<1x2x8x4xf32>) {
  // expected-error@+1 {{expected output gradient to be a tensor like the query, got 'memref<1x2x8x4xf32>'}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, !t, !t, memref<1x2x8x4xf32>) -> (!t, !t, !t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c1_no_results(%q: !t, %k: !t, %v: !t, %do: !t) {
  // expected-error@+1 {{expected a result count of 3 on tensors, got 0}}
  attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, !t, !t, !t)
  return
}

// -----

func.func @backward_c1_one_buffer(%q: memref<1x2x8x4xf32>, %k: memref<1x2x8x4xf32>, %v: memref<1x2x8x4xf32>, %do: memref<1x2x8x4xf32>, %dq: memref<1x2x8x4xf32>) {
  // expected-error@+1 {{expected an outs count of 3 on memrefs, got 1}}
  attn.sigmoid_attention_backward %q, %k, %v, %do outs(%dq : memref<1x2x8x4xf32>) : (memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c1_results_of_a_part(%q: !t) {
  // expected-error@+1 {{expected a result count of 2 on tensors, got 3}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q wrt<key_value> : (!t, !t, !t, !t) -> (!t, !t, !t)
  return
}

// -----

func.func @backward_c1_buffers_of_a_part(%q: memref<1x2x8x4xf32>, %k: memref<1x2x8x4xf32>) {
  // expected-error@+1 {{expected an outs count of 1 on memrefs, got 2}}
  attn.sigmoid_attention_backward %q, %q, %q, %q wrt<query> outs(%k, %k : memref<1x2x8x4xf32>, memref<1x2x8x4xf32>) : (memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_wrt_unknown(%q: !t) {
  // expected-error@+2 {{failed to parse Attn_GradientInputsAttr parameter 'value' which is to be a `::mlir::attn::GradientInputs`}}
  // expected-error@+1 {{expected one of [query, key_value] for inputs to derive by, got: value}}
  %dv = attn.sigmoid_attention_backward %q, %q, %q, %q wrt<value> : (!t, !t, !t, !t) -> (!t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c7_value_gradient_of_a_part(%q: !t, %k: tensor<1x1x8x4xf32>) {
  // expected-error@+1 {{expected value gradient head count 1 (head count of the key), got 2}}
  %dk, %dv = attn.sigmoid_attention_backward %q, %k, %k, %q wrt<key_value> : (!t, tensor<1x1x8x4xf32>, tensor<1x1x8x4xf32>, !t) -> (tensor<1x1x8x4xf32>, !t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c2_output_gradient_element_type(%q: !t, %k: !t, %v: !t, %do: tensor<1x2x8x4xf16>) {
  // expected-error@+1 {{expected output gradient elements of type 'f32' (elements of the query), got 'f16'}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, !t, !t, tensor<1x2x8x4xf16>) -> (!t, !t, !t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c5_head_dim(%q: !t, %k: tensor<1x2x8x5xf32>, %v: !t, %do: !t) {
  // expected-error@+1 {{expected key head dim 4 (head dim of the query), got 5}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, tensor<1x2x8x5xf32>, !t, !t) -> (!t, !t, !t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c6_heads(%q: !t, %k: tensor<1x3x8x4xf32>, %v: tensor<1x3x8x4xf32>, %do: !t) {
  // expected-error@+1 {{expected query head count to be a multiple of 3 (head count of the key), got 2}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, tensor<1x3x8x4xf32>, tensor<1x3x8x4xf32>, !t) -> (!t, !t, !t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c7_query_gradient(%q: !t, %k: !t, %v: !t, %do: !t) {
  // expected-error@+1 {{expected query gradient head dim 4 (head dim of the query), got 5}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, !t, !t, !t) -> (tensor<1x2x8x5xf32>, !t, !t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c7_key_gradient(%q: !t, %k: tensor<1x1x8x4xf32>, %v: tensor<1x1x8x4xf32>, %do: !t) {
  // expected-error@+1 {{expected key gradient head count 1 (head count of the key), got 2}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, tensor<1x1x8x4xf32>, tensor<1x1x8x4xf32>, !t) -> (!t, !t, !t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c7_value_gradient(%q: !t, %k: !t, %v: !t, %do: !t) {
  // expected-error@+1 {{expected value gradient length 8 (length of the key), got 7}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, !t, !t, !t) -> (!t, !t, tensor<1x2x7x4xf32>)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c8_key_gradient(%q: !t, %k: !t, %v: !t, %do: !t) {
  // expected-error@+1 {{expected key gradient elements of type 'f32' (elements of the query) or f32, got 'bf16'}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, !t, !t, !t) -> (!t, tensor<1x2x8x4xbf16>, !t)
  return
}

// -----

func.func @backward_c9_output_gradient_stride(%q: memref<1x2x8x4xf32>, %k: memref<1x2x8x4xf32>, %v: memref<1x2x8x4xf32>, %do: memref<1x2x8x4xf32, strided<[64, 32, 1, 8]>>) {
  // expected-error@+1 {{expected output gradient to have an innermost stride of 1, got 8}}
  attn.sigmoid_attention_backward %q, %k, %v, %do outs(%q, %k, %v : memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>) : (memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32, strided<[64, 32, 1, 8]>>)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c10_origin(%q: !t, %k: !t, %v: !t, %do: !t, %i: index) {
  // expected-error@+1 {{expected origin to have 5 values (batch, head, query, key, diagonal), got 1}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do origin(%i) : (!t, !t, !t, !t) -> (!t, !t, !t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c13_batch(%q: !t, %k: !t, %v: !t, %do: tensor<2x2x8x4xf32>) {
  // expected-error@+1 {{expected output gradient batch size 1 (batch size of the query), got 2}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, !t, !t, tensor<2x2x8x4xf32>) -> (!t, !t, !t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c13_heads(%q: !t, %k: !t, %v: !t, %do: tensor<1x1x8x4xf32>) {
  // expected-error@+1 {{expected output gradient head count 2 (head count of the query), got 1}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, !t, !t, tensor<1x1x8x4xf32>) -> (!t, !t, !t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c13_length(%q: !t, %k: !t, %v: !t, %do: tensor<1x2x9x4xf32>) {
  // expected-error@+1 {{expected output gradient length 8 (length of the query), got 9}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, !t, !t, tensor<1x2x9x4xf32>) -> (!t, !t, !t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c13_head_dim(%q: !t, %k: !t, %v: !t, %do: tensor<1x2x8x5xf32>) {
  // expected-error@+1 {{expected output gradient head dim 4 (head dim of the value), got 5}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, !t, !t, tensor<1x2x8x5xf32>) -> (!t, !t, !t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c14_no_rule(%q: !t) {
  // expected-error@+1 {{expected a score region that can be differentiated, got arith.bitcast of the score}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q score(%x, %b, %h, %i, %j) {
    // expected-note@+1 {{the operation is here}}
    %y = arith.bitcast %x : f32 to i32
    %z = arith.bitcast %y : i32 to f32
    attn.yield %z : f32
  } : (!t, !t, !t, !t) -> (!t, !t, !t)
  return
}

// -----

!t = tensor<1x2x8x4xf32>
func.func @backward_c14_nested(%q: !t, %c: i1) {
  // expected-error@+1 {{expected a score region that can be differentiated, got scf.if of the score}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q score(%x, %b, %h, %i, %j) {
    // expected-note@+1 {{the operation is here}}
    %y = scf.if %c -> f32 {
      %z = arith.negf %x : f32
      scf.yield %z : f32
    } else {
      scf.yield %x : f32
    }
    attn.yield %y : f32
  } : (!t, !t, !t, !t) -> (!t, !t, !t)
  return
}
