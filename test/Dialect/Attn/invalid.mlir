// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics

func.func @attention_operand_rank(%q: tensor<2x8x4xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{operand #0 must be 4-D tensor or memref of bf16, f16 or f32 values, but got 'tensor<2x8x4xf32>'}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_operand_element_type(%q: tensor<1x2x8x4xf64>, %k: tensor<1x2x8x4xf64>, %v: tensor<1x2x8x4xf64>) {
  // expected-error@+1 {{operand #0 must be 4-D tensor or memref of bf16, f16 or f32 values, but got 'tensor<1x2x8x4xf64>'}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf64>, tensor<1x2x8x4xf64>, tensor<1x2x8x4xf64>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_c1_key_form(%q: tensor<1x2x8x4xf32>, %k: memref<1x2x8x4xf32>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{expected key to be a tensor like the query, got 'memref<1x2x8x4xf32>'}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, memref<1x2x8x4xf32>, tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_c1_value_form(%q: memref<1x2x8x4xf32>, %k: memref<1x2x8x4xf32>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{expected value to be a memref like the query, got 'tensor<1x2x8x4xf32>'}}
  attn.sigmoid_attention %q, %k, %v : (memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, tensor<1x2x8x4xf32>)
  return
}

// -----

func.func @attention_c1_no_result(%q: tensor<1x2x8x4xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{expected a result count of 1 on tensors, got 0}}
  attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>)
  return
}

// -----

func.func @attention_c1_outs_on_tensors(%q: tensor<1x2x8x4xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x2x8x4xf32>, %out: memref<1x2x8x4xf32>) {
  // expected-error@+1 {{expected an outs count of 0 on tensors, got 1}}
  %o = attn.sigmoid_attention %q, %k, %v outs(%out : memref<1x2x8x4xf32>) : (tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_c1_result_on_memrefs(%q: memref<1x2x8x4xf32>, %k: memref<1x2x8x4xf32>, %v: memref<1x2x8x4xf32>) {
  // expected-error@+1 {{expected a result count of 0 on memrefs, got 1}}
  %o = attn.sigmoid_attention %q, %k, %v outs(%q : memref<1x2x8x4xf32>) : (memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_c1_no_outs(%q: memref<1x2x8x4xf32>, %k: memref<1x2x8x4xf32>, %v: memref<1x2x8x4xf32>) {
  // expected-error@+1 {{expected an outs count of 1 on memrefs, got 0}}
  attn.sigmoid_attention %q, %k, %v : (memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>)
  return
}

// -----

func.func @attention_c2_key_element_type(%q: tensor<1x2x8x4xf32>, %k: tensor<1x2x8x4xf16>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{expected key elements of type 'f32' (elements of the query), got 'f16'}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, tensor<1x2x8x4xf16>, tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_c2_value_element_type(%q: tensor<1x2x8x4xbf16>, %k: tensor<1x2x8x4xbf16>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{expected value elements of type 'bf16' (elements of the query), got 'f32'}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xbf16>, tensor<1x2x8x4xbf16>, tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_c3_key_batch(%q: tensor<1x2x8x4xf32>, %k: tensor<3x2x8x4xf32>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{expected key batch size 1 (batch size of the query), got 3}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, tensor<3x2x8x4xf32>, tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_c3_value_batch(%q: tensor<1x2x8x4xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<3x2x8x4xf32>) {
  // expected-error@+1 {{expected value batch size 1 (batch size of the query), got 3}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<3x2x8x4xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

// Key and value contradict each other, whatever the query is.

func.func @attention_c3_dynamic_query_batch(%q: tensor<?x2x8x4xf32>, %k: tensor<2x2x8x4xf32>, %v: tensor<3x2x8x4xf32>) {
  // expected-error@+1 {{expected value batch size 2 (batch size of the key), got 3}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<?x2x8x4xf32>, tensor<2x2x8x4xf32>, tensor<3x2x8x4xf32>) -> tensor<?x2x8x4xf32>
  return
}

// -----

func.func @attention_c4_value_heads(%q: tensor<1x2x8x4xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x1x8x4xf32>) {
  // expected-error@+1 {{expected value head count 2 (head count of the key), got 1}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x1x8x4xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_c4_value_length(%q: tensor<1x2x8x4xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x2x7x4xf32>) {
  // expected-error@+1 {{expected value length 8 (length of the key), got 7}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x7x4xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_c5_head_dim(%q: tensor<1x2x8x4xf32>, %k: tensor<1x2x8x5xf32>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{expected key head dim 4 (head dim of the query), got 5}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, tensor<1x2x8x5xf32>, tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_c5_no_head_dim(%q: tensor<1x2x8x0xf32>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{expected a head dim of at least 1, got 0}}
  %o = attn.sigmoid_attention %q, %q, %v : (tensor<1x2x8x0xf32>, tensor<1x2x8x0xf32>, tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_c6_heads(%q: tensor<1x3x8x4xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{expected query head count to be a multiple of 2 (head count of the key), got 3}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x3x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>) -> tensor<1x3x8x4xf32>
  return
}

// -----

// The head count of the key is known from the value.

func.func @attention_c6_dynamic_key_heads(%q: tensor<1x3x8x4xf32>, %k: tensor<1x?x8x4xf32>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{expected query head count to be a multiple of 2 (head count of the key), got 3}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x3x8x4xf32>, tensor<1x?x8x4xf32>, tensor<1x2x8x4xf32>) -> tensor<1x3x8x4xf32>
  return
}

// -----

func.func @attention_c6_no_key_heads(%q: tensor<1x2x8x4xf32>, %k: tensor<1x0x8x4xf32>, %v: tensor<1x0x8x4xf32>) {
  // expected-error@+1 {{expected query head count to be a multiple of 0 (head count of the key), got 2}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, tensor<1x0x8x4xf32>, tensor<1x0x8x4xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_c7_result_batch(%q: tensor<1x2x8x4xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{expected output batch size 1 (batch size of the query), got 2}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>) -> tensor<2x2x8x4xf32>
  return
}

// -----

func.func @attention_c7_result_heads(%q: tensor<1x2x8x4xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{expected output head count 2 (head count of the query), got 3}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>) -> tensor<1x3x8x4xf32>
  return
}

// -----

func.func @attention_c7_result_length(%q: tensor<1x2x8x4xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x2x8x4xf32>) {
  // expected-error@+1 {{expected output length 8 (length of the query), got 9}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>) -> tensor<1x2x9x4xf32>
  return
}

// -----

func.func @attention_c7_result_head_dim(%q: tensor<1x2x8x4xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x2x8x6xf32>) {
  // expected-error@+1 {{expected output head dim 6 (head dim of the value), got 4}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x6xf32>) -> tensor<1x2x8x4xf32>
  return
}

// -----

func.func @attention_c7_outs_length(%q: memref<1x2x8x4xf32>, %k: memref<1x2x8x4xf32>, %v: memref<1x2x8x4xf32>, %o: memref<1x2x7x4xf32>) {
  // expected-error@+1 {{expected output length 8 (length of the query), got 7}}
  attn.sigmoid_attention %q, %k, %v outs(%o : memref<1x2x7x4xf32>) : (memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>)
  return
}

// -----

func.func @attention_c8_result_element_type(%q: tensor<1x2x8x4xbf16>, %k: tensor<1x2x8x4xbf16>, %v: tensor<1x2x8x4xbf16>) {
  // expected-error@+1 {{expected output elements of type 'bf16' (elements of the query) or f32, got 'f16'}}
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xbf16>, tensor<1x2x8x4xbf16>, tensor<1x2x8x4xbf16>) -> tensor<1x2x8x4xf16>
  return
}

// -----

func.func @attention_c9_query_stride(%q: memref<1x2x8x4xf32, strided<[64, 32, 1, 8]>>, %k: memref<1x2x8x4xf32>, %v: memref<1x2x8x4xf32>, %o: memref<1x2x8x4xf32>) {
  // expected-error@+1 {{expected query to have an innermost stride of 1, got 8}}
  attn.sigmoid_attention %q, %k, %v outs(%o : memref<1x2x8x4xf32>) : (memref<1x2x8x4xf32, strided<[64, 32, 1, 8]>>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>)
  return
}

// -----

func.func @attention_c9_output_stride(%q: memref<1x2x8x4xf32>, %k: memref<1x2x8x4xf32>, %v: memref<1x2x8x4xf32>, %o: memref<1x2x8x4xf32, strided<[64, 32, 1, 8]>>) {
  // expected-error@+1 {{expected output to have an innermost stride of 1, got 8}}
  attn.sigmoid_attention %q, %k, %v outs(%o : memref<1x2x8x4xf32, strided<[64, 32, 1, 8]>>) : (memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>)
  return
}

// -----

func.func @attention_c9_layout(%q: memref<1x2x8x4xf32>, %k: memref<1x2x8x4xf32, affine_map<(a, b, c, d) -> (a, b, c floordiv 2, d, c mod 2)>>, %v: memref<1x2x8x4xf32>, %o: memref<1x2x8x4xf32>) {
  // expected-error@+1 {{expected key to have a strided layout, got}}
  attn.sigmoid_attention %q, %k, %v outs(%o : memref<1x2x8x4xf32>) : (memref<1x2x8x4xf32>, memref<1x2x8x4xf32, affine_map<(a, b, c, d) -> (a, b, c floordiv 2, d, c mod 2)>>, memref<1x2x8x4xf32>)
  return
}

// -----

func.func @attention_c10_origin(%q: tensor<1x2x8x4xf32>, %k: tensor<1x2x8x4xf32>, %v: tensor<1x2x8x4xf32>, %i: index) {
  // expected-error@+1 {{expected origin to have 5 values (batch, head, query, key, diagonal), got 3}}
  %o = attn.sigmoid_attention %q, %k, %v mask<causal> origin(%i, %i, %i) : (tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32>
  return
}
