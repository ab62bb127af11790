//===- Passes.td - passes on the sm90 dialect --------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_TRANSFORMS_PASSES_TD
#define SIGMOID_ATTN_DIALECT_SM90_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def PlanSharedMemoryPass : Pass<"sm90-plan-shared-memory"> {
  let summary = "Place the tiles and barriers of each kernel in shared memory";
  let description = [{
    Gives every `sm90.alloc_ring` and `sm90.alloc_tile` of a kernel its offset:
    tiles first, in the order of the program, each a multiple of 1024 bytes,
    then messages and barriers. The kernel's `shared_memory` becomes the sum. A
    kernel that needs more than the 227 KiB that a block can have is refused,
    with what each allocation takes. What already has a place is placed anew.

    ```mlir
    %ring = sm90.alloc_ring readers(2) per warpgroup
        : !sm90.ring<2, !sm90.tile<128x64xbf16>>
    ```
    becomes
    ```mlir
    %ring = sm90.alloc_ring readers(2) per warpgroup at(0, barriers 32768)
        : !sm90.ring<2, !sm90.tile<128x64xbf16>>
    ```
  }];
}

#endif // SIGMOID_ATTN_DIALECT_SM90_TRANSFORMS_PASSES_TD
