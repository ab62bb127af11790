//===- SM90Dialect.td - sm90 dialect definition ------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_IR_SM90DIALECT_TD
#define SIGMOID_ATTN_DIALECT_SM90_IR_SM90DIALECT_TD

include "mlir/IR/OpBase.td"

def SM90_Dialect : Dialect {
  let name = "sm90";
  let cppNamespace = "::mlir::sm90";
  let summary = "One Hopper thread block, at the size people think about it";
  let description = [{
    The `sm90` dialect writes a kernel for compute capability 9.0a as its
    warpgroups see it: a producer that copies tiles into rings of shared memory,
    consumers that multiply tiles into register fragments with asynchronous
    wgmma, and the barriers between them.

    Three things carry the meaning.

    - *Who runs it.* `sm90.warp_specialize` splits the block into one producer
      and some consumer warpgroups, each with its register budget.
    - *Where data is.* A `!sm90.tile` is shared memory, a `!sm90.fragment` is
      the registers of one warpgroup, a `!sm90.ring` is a queue of tiles with a
      full and an empty barrier for each stage.
    - *When data may be touched.* The tiles of a ring stage are results of
      `sm90.wait` (readers) or `sm90.reserve` (the writer). A `!sm90.pending` is
      a fragment that wgmma is still writing: the only thing to do with it is to
      accumulate on, or to `sm90.await` it.

    Coordinates, rows and columns are `i32`, which is what the machine wants.
    Upstream operations are used wherever they say the thing: `scf` for control,
    `arith` and `math` on scalars and in maps, `nvvm.barrier` and
    `nvvm.barrier.arrive` for named barriers, `nvvm.fence.proxy`,
    `nvvm.cp.async.bulk.commit.group`, `nvvm.cp.async.bulk.wait_group`,
    `nvvm.vote.sync`, and `!nvgpu.tensormap.descriptor` for tensor maps.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::nvgpu::NVGPUDialect"
  ];
  let extraClassDeclaration = [{
    /// Adds the types, for initialize().
    void registerTypes();
    /// Adds the attributes, from the file that holds their storage.
    void registerAttributes();
  }];
}

#endif // SIGMOID_ATTN_DIALECT_SM90_IR_SM90DIALECT_TD
