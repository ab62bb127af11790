//===- SM90Enums.td - sm90 enumerations --------------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_IR_SM90ENUMS_TD
#define SIGMOID_ATTN_DIALECT_SM90_IR_SM90ENUMS_TD

include "mlir/IR/EnumAttr.td"

def SM90_ScopeAttr : I32EnumAttr<"Scope", "who arrives at an empty barrier", [
  I32EnumAttrCase<"Warp", 0, "warp">,
  I32EnumAttrCase<"Warpgroup", 1, "warpgroup">
]> {
  let cppNamespace = "::mlir::sm90";
}

def SM90_OverlapForm : I32Enum<"OverlapForm",
    "how a key loop overlaps its work", [
  I32EnumCase<"Pipelined", 0, "pipelined">,
  I32EnumCase<"Chunked", 1, "chunked">
]> {
  let cppNamespace = "::mlir::sm90";
}

def SM90_SigmoidFormAttr : I32EnumAttr<"SigmoidForm",
    "the instructions of a sigmoid", [
  I32EnumAttrCase<"Fast", 0, "fast">,
  I32EnumAttrCase<"Exact", 1, "exact">
]> {
  let cppNamespace = "::mlir::sm90";
}

#endif // SIGMOID_ATTN_DIALECT_SM90_IR_SM90ENUMS_TD
