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

def VerifyKernelsPass : Pass<"sm90-verify-kernels"> {
  let summary = "Check that the roles of kernels keep the rules of rings and products";
  let description = [{
    Follows the producer and the consumers through their loops and branches and
    reports, at the operation at fault, what would hang or read the wrong data:

    - arrivals: as many warpgroups release a ring as its barriers count; a slot
      is armed for as many bytes as the copies into it bring;
    - phases: each role takes the slots of a ring, and releases them, one after
      the other from the first on. A cursor stands for start plus advances; a
      loop that uses a ring must carry a cursor that is at the ring's next slot
      when an iteration ends, and a branch must leave it where the other does;
    - reuse: a slot is released after it was waited for, when no product in
      flight and no bulk store reads it, and no reader holds more slots than
      there are;
    - counts: both roles handle the same number of slots, as far as their loops
      can be compared;
    - products: a pending result is taken over once, and awaited only when its
      group was committed and is not among those that may stay in flight; an
      operand in registers is kept until then; nothing stays in flight at the
      end or differs from iteration to iteration;
    - writes to a tile are fenced and the warpgroup synchronised before a bulk
      store reads it; no role waits at the block's barrier.

    The IR does not change.
  }];
}

#endif // SIGMOID_ATTN_DIALECT_SM90_TRANSFORMS_PASSES_TD
