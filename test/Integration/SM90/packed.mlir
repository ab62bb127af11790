// A kernel file on a GPU, launched by the examples without the compiler. Every
// score is 0, so each of the 8 keys has the weight 1/2 and every value is 1.

// REQUIRES: sm_90

// RUN: sigmoid-attn-opt %s --attn-lower-to-nvvm-pipeline | sigmoid-attn-pack -o %t.sak
// RUN: %build_root/examples/cpp-packed %t.sak | FileCheck %s
// RUN: %build_root/examples/c-packed %t.sak | FileCheck %s
// CHECK: query 0: 4.00
// CHECK: query 7: 4.00

func.func @attention(%q: tensor<?x?x?x64xbf16>, %k: tensor<?x?x?x64xbf16>,
                     %v: tensor<?x?x?x64xbf16>, %bias: f32)
    -> tensor<?x?x?x64xbf16> {
  %o = attn.sigmoid_attention %q, %k, %v bias(%bias)
      : (tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>)
      -> tensor<?x?x?x64xbf16>
  return %o : tensor<?x?x?x64xbf16>
}
