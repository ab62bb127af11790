// The runner on a GPU: causal attention of bf16 with grouped heads against NumPy
// in float64.
//
//   O[i] = sum over j <= i of sigmoid(q[i].k[j] / 8 + bias) v[j]

// REQUIRES: sm_90, python-numpy

// DEFINE: %{target} = sm_90a
// DEFINE: %{run} = sigmoid-attn-runner %s --target=%{target} --input=%t.q.npy --input=%t.k.npy --input=%t.v.npy --input=%t.bias.npy --output=%t.o.npy --repeat=3

// RUN: %python %S/Inputs/attention.py make causal %t
// RUN: %{run} | FileCheck %s
// CHECK: for sm_90a
// RUN: %python %S/Inputs/attention.py check causal %t

// REDEFINE: %{target} = auto
// RUN: rm %t.o.npy
// RUN: %{run} | FileCheck %s
// RUN: %python %S/Inputs/attention.py check causal %t

// The compiler knows the bias only as an argument. The accurate form of the
// sigmoid and the fast one, asked for:
// RUN: %{run} --pipeline-options=sigmoid=exact | FileCheck %s
// RUN: %python %S/Inputs/attention.py check causal %t
// RUN: %{run} --pipeline-options=sigmoid=fast | FileCheck %s
// RUN: %python %S/Inputs/attention.py check causal %t

// Without ptxas, and with one that is too old, PTX goes to the driver.
// RUN: env SIGMOID_ATTN_LOG=1 SIGMOID_ATTN_CACHE_DIR= SIGMOID_ATTN_PTXAS=%t.none %{run} 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: no ptxas, so the driver compiles kernels when it loads them: expected ptxas at {{.*}}.none, found no program there
// NONE: for sm_90a
// RUN: %python %S/Inputs/attention.py check causal %t
// RUN: echo '#!/bin/sh' > %t.old
// RUN: echo 'echo release 12.3, V12.3.107' >> %t.old
// RUN: chmod +x %t.old
// RUN: env SIGMOID_ATTN_LOG=1 SIGMOID_ATTN_CACHE_DIR= SIGMOID_ATTN_PTXAS=%t.old %{run} 2>&1 | FileCheck %s --check-prefix=OLD
// OLD: no ptxas, so the driver compiles kernels when it loads them: {{.*}}.old: expected ptxas 12.4 or newer, got 12.3
// OLD: for sm_90a
// RUN: %python %S/Inputs/attention.py check causal %t

func.func @attention(%q: tensor<1x4x?x64xbf16>, %k: tensor<1x2x?x64xbf16>,
                     %v: tensor<1x2x?x64xbf16>, %bias: f32)
    -> tensor<1x4x?x64xbf16> {
  %o = attn.sigmoid_attention %q, %k, %v bias(%bias) mask<causal>
      : (tensor<1x4x?x64xbf16>, tensor<1x2x?x64xbf16>, tensor<1x2x?x64xbf16>)
      -> tensor<1x4x?x64xbf16>
  return %o : tensor<1x4x?x64xbf16>
}
