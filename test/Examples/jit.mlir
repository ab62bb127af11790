// The examples of just-in-time compilation, in C++ and C.

// RUN: %build_root/examples/cpp-jit --target=cpu | FileCheck %s --check-prefix=CPP
// CPP: target: cpu
// CPP-NEXT: query 0: 0.50
// CPP-NEXT: query 1: 1.00
// CPP: query 7: 4.00

// RUN: %build_root/examples/cpp-jit --target=cpu %s | FileCheck %s --check-prefix=FILE
// FILE: result: 2x8 of f32

// RUN: not %build_root/examples/cpp-jit %t.missing.mlir 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: cpp-jit: error: cannot read

// RUN: not %build_root/examples/cpp-jit --target=tpu 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: cpp-jit: error: unknown target 'tpu', expected auto, cpu or sm_90a

// RUN: %build_root/examples/c-jit cpu | FileCheck %s --check-prefix=C
// C: target: cpu
// C-NEXT: head 0: 1.50
// C-NEXT: head 1: 0.00

// RUN: not %build_root/examples/c-jit tpu 2>&1 | FileCheck %s --check-prefix=USAGE
// USAGE: usage: c-jit [cpu|sm_90a]

func.func @f(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  return %x : tensor<2x?xf32>
}
