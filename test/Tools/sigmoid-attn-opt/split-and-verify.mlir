// RUN: sigmoid-attn-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @first
func.func @first(%q: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  %o = attn.sigmoid_attention %q, %q, %q : (tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
  return %o : tensor<1x1x4x8xf32>
}

// -----

func.func @bad_mask(%q: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  // expected-error @below {{expected 'causal' or 'window', got 'diagonal'}}
  %o = attn.sigmoid_attention %q, %q, %q mask<diagonal> : (tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
  return %o : tensor<1x1x4x8xf32>
}

// -----

// CHECK-LABEL: func @last
func.func @last() {
  return
}
