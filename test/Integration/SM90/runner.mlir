// The runner on a GPU: causal attention of bf16 against NumPy in float64.
//
//   O[i] = sum over j <= i of sigmoid(q[i].k[j] / 8 + bias) v[j]
//
// The bound is a rounding of the weights and one of the output to bf16.

// REQUIRES: sm_90, python-numpy

// RUN: %python %S/Inputs/attention.py make %t
// RUN: sigmoid-attn-runner %s --target=sm_90a --input=%t.q.npy --input=%t.k.npy --input=%t.v.npy --input=%t.bias.npy --output=%t.o.npy --repeat=3 | FileCheck %s
// CHECK: for sm_90a
// RUN: %python %S/Inputs/attention.py check %t

// RUN: sigmoid-attn-runner %s --target=auto --input=%t.q.npy --input=%t.k.npy --input=%t.v.npy --input=%t.bias.npy --output=%t.o.npy --repeat=1 | FileCheck %s
// RUN: %python %S/Inputs/attention.py check %t

func.func @attention(%q: tensor<1x4x?x64xbf16>, %k: tensor<1x2x?x64xbf16>,
                     %v: tensor<1x2x?x64xbf16>, %bias: f32)
    -> tensor<1x4x?x64xbf16> {
  %o = attn.sigmoid_attention %q, %k, %v bias(%bias) mask<causal>
      : (tensor<1x4x?x64xbf16>, tensor<1x2x?x64xbf16>, tensor<1x2x?x64xbf16>)
      -> tensor<1x4x?x64xbf16>
  return %o : tensor<1x4x?x64xbf16>
}
