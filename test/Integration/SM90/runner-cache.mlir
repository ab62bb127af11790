// Processes that start at once with one empty cache folder compile, or take what
// another one has finished; a later one takes it from the folder.

// REQUIRES: sm_90, python-numpy

// RUN: %python %S/Inputs/attention.py make causal %t
// DEFINE: %{run} = sigmoid-attn-runner %s --target=sm_90a --input=%t.q.npy --input=%t.k.npy --input=%t.v.npy --input=%t.bias.npy --output=%t.o.npy
// RUN: %python %source_root/test/Tools/sigmoid-attn-runner/Inputs/at-once.py %t.cache 6 %{run}
// RUN: %python %S/Inputs/attention.py check causal %t
// RUN: env SIGMOID_ATTN_LOG=1 SIGMOID_ATTN_CACHE_DIR=%t.cache %{run} 2>&1 | FileCheck %s
// CHECK: loaded 'attention' from the cache
// RUN: %python %S/Inputs/attention.py check causal %t

func.func @attention(%q: tensor<1x4x?x64xbf16>, %k: tensor<1x2x?x64xbf16>,
                     %v: tensor<1x2x?x64xbf16>, %bias: f32)
    -> tensor<1x4x?x64xbf16> {
  %o = attn.sigmoid_attention %q, %k, %v bias(%bias) mask<causal>
      : (tensor<1x4x?x64xbf16>, tensor<1x2x?x64xbf16>, tensor<1x2x?x64xbf16>)
      -> tensor<1x4x?x64xbf16>
  return %o : tensor<1x4x?x64xbf16>
}
