// SIGMOID_ATTN_DUMP receives the IR after each phase and the code.

// REQUIRES: python-numpy

// RUN: rm -rf %t && mkdir -p %t
// RUN: %python %S/Inputs/npy.py make %t/x.npy "np.float32(3)"
// RUN: env SIGMOID_ATTN_DUMP=%t/dump sigmoid-attn-runner %s --input=%t/x.npy --output=%t/y.npy
// RUN: ls %t/dump | FileCheck %s --check-prefix=FOLDER
// FOLDER: f-{{[0-9a-f]+}}
// RUN: cat %t/dump/*/input.mlir | FileCheck %s --check-prefix=INPUT
// INPUT: func.func @f
// RUN: cat %t/dump/*/optimized.ll | FileCheck %s --check-prefix=LLVM
// LLVM: define void @sigmoid_attn_entry
// RUN: cat %t/dump/*/code.s | FileCheck %s --check-prefix=ASSEMBLY
// ASSEMBLY: sigmoid_attn_entry:
// RUN: ls %t/dump/*/passes %t/dump/*/code.o

func.func @f(%x: f32) -> f32 { return %x : f32 }
