// What the GPU does not take is refused with a reason by the target sm_90a, and
// runs on the CPU by auto. Nothing is written after an error.

// REQUIRES: sm_90, python-numpy

// RUN: %python %S/Inputs/attention.py make causal %t
// DEFINE: %{inputs} = --input=%t.q.npy --input=%t.k.npy --input=%t.v.npy
// RUN: rm -f %t.o.npy
// RUN: not sigmoid-attn-runner %s --entry=f32 --target=sm_90a %{inputs} --output=%t.o.npy 2>&1 | FileCheck %s --check-prefix=F32
// F32: error: {{.*}}.mlir:[[@LINE+18]]:8: 'attn.sigmoid_attention' op expected query elements of bf16 or f16 on sm_90a, got f32 (the CPU pipeline takes f32)
// RUN: not ls %t.o.npy
// RUN: env SIGMOID_ATTN_LOG=1 SIGMOID_ATTN_CACHE_DIR= sigmoid-attn-runner %s --entry=f32 --target=auto %{inputs} --output=%t.o.npy --repeat=1 2>&1 | FileCheck %s --check-prefix=AUTO
// AUTO: 'f32' runs on the CPU: {{.*}} got f32
// AUTO: for cpu

// RUN: not sigmoid-attn-runner %s --entry=bf16 --target=sm_90a %{inputs} --input=%t.bias.npy --output=%t.none.npy 2>&1 | FileCheck %s --check-prefix=INPUTS
// INPUTS: error: 'bf16' takes 3 inputs, got 4

// No GPU is visible.
// RUN: env CUDA_VISIBLE_DEVICES= not sigmoid-attn-runner %s --entry=bf16 --target=sm_90a %{inputs} --output=%t.none.npy 2>&1 | FileCheck %s --check-prefix=HIDDEN
// HIDDEN: error: target sm_90a is not available: no NVIDIA GPU: cuInit failed: CUDA_ERROR_NO_DEVICE (no CUDA-capable device is detected); see what nvidia-smi lists, and unset CUDA_VISIBLE_DEVICES if it hides the GPU
// RUN: not ls %t.none.npy
// RUN: env CUDA_VISIBLE_DEVICES= sigmoid-attn-runner %s --entry=bf16 --target=auto %{inputs} --output=%t.o.npy --repeat=1 2>&1 | FileCheck %s --check-prefix=NOGPU
// NOGPU: for cpu

!f = tensor<1x?x?x64xf32>
func.func @f32(%q: !f, %k: !f, %v: !f) -> !f {
  %o = attn.sigmoid_attention %q, %k, %v : (!f, !f, !f) -> !f
  return %o : !f
}

!b = tensor<1x?x?x64xbf16>
func.func @bf16(%q: !b, %k: !b, %v: !b) -> !b {
  %o = attn.sigmoid_attention %q, %k, %v : (!b, !b, !b) -> !b
  return %o : !b
}
