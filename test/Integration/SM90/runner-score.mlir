// The runner on a GPU: f16, one key head for three query heads, more keys than
// queries, values of another width, and a score region that reads an array:
//
//   O[i] = sum over j of sigmoid(q[i].k[j] / 8 - 5 + slope[h] |i - j|) v[j]

// REQUIRES: sm_90, python-numpy

// RUN: %python %S/Inputs/attention.py make distance %t
// RUN: sigmoid-attn-runner %s --target=sm_90a --input=%t.q.npy --input=%t.k.npy --input=%t.v.npy --input=%t.bias.npy --output=%t.o.npy --repeat=1 | FileCheck %s
// CHECK: for sm_90a
// RUN: %python %S/Inputs/attention.py check distance %t

func.func @attention(%q: tensor<1x3x?x64xf16>, %k: tensor<1x1x?x64xf16>,
                     %v: tensor<1x1x?x40xf16>, %slopes: tensor<3xf32>)
    -> tensor<1x3x?x40xf16> {
  %bias = arith.constant -5.0 : f32
  %o = attn.sigmoid_attention %q, %k, %v bias(%bias)
      score(%x, %b, %h, %i, %j) {
    %slope = tensor.extract %slopes[%h] : tensor<3xf32>
    %difference = arith.subi %i, %j : index
    %integer = arith.index_cast %difference : index to i32
    %float = arith.sitofp %integer : i32 to f32
    %distance = math.absf %float : f32
    %offset = arith.mulf %slope, %distance : f32
    %y = arith.addf %x, %offset : f32
    attn.yield %y : f32
  } : (tensor<1x3x?x64xf16>, tensor<1x1x?x64xf16>, tensor<1x1x?x40xf16>)
      -> tensor<1x3x?x40xf16>
  return %o : tensor<1x3x?x40xf16>
}
