// Without a GPU, auto runs on the CPU and sm_90a says what is missing.

// UNSUPPORTED: cuda
// REQUIRES: python-numpy

// RUN: %python %S/Inputs/npy.py make %t.x.npy "np.float32(3)"
// RUN: sigmoid-attn-runner %s --target=auto --input=%t.x.npy --output=%t.y.npy --repeat=1 | FileCheck %s --check-prefix=AUTO
// AUTO: for cpu

// RUN: rm -f %t.z.npy
// RUN: not sigmoid-attn-runner %s --target=sm_90a --input=%t.x.npy --output=%t.z.npy 2>&1 | FileCheck %s
// CHECK: error: target sm_90a is not available
// RUN: not ls %t.z.npy

func.func @f(%x: f32) -> f32 { return %x : f32 }
