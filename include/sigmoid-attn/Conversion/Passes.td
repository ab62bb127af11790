//===- Passes.td - conversion passes -----------------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_CONVERSION_PASSES_TD
#define SIGMOID_ATTN_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertSM90ToNVVMPass : Pass<"convert-sm90-to-nvvm"> {
  let summary = "Convert sm90 kernels to nvvm and llvm";
  let description = [{
    Turns each `sm90.kernel` into an `llvm.func` with `nvvm.kernel`. Control
    flow stays `scf`, scalar code `arith` and `math`: their own conversions
    follow. Numbers do not change.

    - A fragment becomes one value for each register that a thread holds, also
      through loops and branches; a map one copy of its body for each.
    - A product becomes `wgmma.mma_async` in inline assembly, a step of 16 each.
      Its accumulators are results tied to inputs, the first step of a product
      that accumulates on nothing only writes them, and empty assembly keeps
      other code from moving across a fence or a wait.
    - A ring becomes mbarriers, a tile its address. Addresses are constants plus
      the stage times a constant: dynamic shared memory starts at 1024, which
      the kernel checks (and traps) when it starts.
    - Roles become branches on the warpgroup's number, behind `setmaxnreg`.

    Shared memory must have been planned (`sm90-plan-shared-memory`).

    ```mlir
    %p = sm90.map %s : (!sm90.fragment<64x8xf32>) -> !sm90.fragment<64x8xf32> {
    ^bb0(%x: f32):
      %y = arith.mulf %x, %scale : f32
      sm90.yield %y : f32
    }
    ```
    becomes
    ```mlir
    %p0 = arith.mulf %s0, %scale : f32
    %p1 = arith.mulf %s1, %scale : f32
    %p2 = arith.mulf %s2, %scale : f32
    %p3 = arith.mulf %s3, %scale : f32
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
}

#endif // SIGMOID_ATTN_CONVERSION_PASSES_TD
