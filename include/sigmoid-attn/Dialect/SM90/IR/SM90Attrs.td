//===- SM90Attrs.td - sm90 dialect attributes --------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_IR_SM90ATTRS_TD
#define SIGMOID_ATTN_DIALECT_SM90_IR_SM90ATTRS_TD

include "sigmoid-attn/Dialect/SM90/IR/SM90Dialect.td"
include "sigmoid-attn/Dialect/SM90/IR/SM90Enums.td"
include "mlir/IR/AttrTypeBase.td"

def SM90_OverlapAttr : AttrDef<SM90_Dialect, "Overlap"> {
  let mnemonic = "overlap";
  let summary = "how a key loop is to overlap its products and its sigmoids";
  let description = [{
    Stands as `sm90.overlap` on the `scf.for` of a key loop until
    `sm90-pipeline-key-loop` has rewritten the loop.

    * `pipelined`: the next product of scores is issued before the last
      product with values is done, and both run under the sigmoid. With `turns`
      warpgroups issue one after the other.
    * `chunked`: each 16 columns of weights go to their product as soon as they
      are there; the next product of scores is issued after the last of them.
      With `turns` warpgroups begin their sigmoids one after the other.

    ```mlir
    #sm90.overlap<pipelined, turns>
    #sm90.overlap<chunked>
    #sm90.overlap<chunked, turns>
    ```
  }];
  let parameters = (ins
    EnumParameter<SM90_OverlapForm>:$form,
    OptionalParameter<"bool">:$turns);
  let hasCustomAssemblyFormat = 1;
}

#endif // SIGMOID_ATTN_DIALECT_SM90_IR_SM90ATTRS_TD
