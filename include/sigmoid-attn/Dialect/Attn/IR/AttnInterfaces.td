//===- AttnInterfaces.td - attn dialect interfaces ---------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNINTERFACES_TD
#define SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNINTERFACES_TD

include "mlir/IR/OpBase.td"

def Attn_AttentionOpInterface : OpInterface<"AttentionOpInterface"> {
  let cppNamespace = "::mlir::attn";
  let description = [{
    What `attn.sigmoid_attention` and its gradient have in common: the operands
    and clauses that define the weights `P`. Whatever computes `P`, on whatever
    target and in whichever direction, reads it through this interface.

    The verifier of the interface checks the constraints C1 to C12 of
    docs/Spec.md.
  }];
  let methods = [
    InterfaceMethod<"The query, batch x heads x query length x head dim.",
      "::mlir::Value", "getQuery">,
    InterfaceMethod<"The key, batch x key heads x key length x head dim.",
      "::mlir::Value", "getKey">,
    InterfaceMethod<"The value, batch x key heads x key length x value head "
                    "dim.",
      "::mlir::Value", "getValue">,
    InterfaceMethod<"The f32 factor of the scores, null for 1/sqrt(head dim).",
      "::mlir::Value", "getScale">,
    InterfaceMethod<"The f32 summand of the scores, null for 0.",
      "::mlir::Value", "getBias">,
    InterfaceMethod<"The visible band, null if every key is visible.",
      "::mlir::attn::MaskAttr", "getMaskAttr">,
    InterfaceMethod<"The five operands of the `origin` clause, or none.",
      "::mlir::Operation::operand_range", "getOrigin">,
    InterfaceMethod<"The scale operand, to be changed.",
      "::mlir::MutableOperandRange", "getScaleMutable">,
    InterfaceMethod<"The bias operand, to be changed.",
      "::mlir::MutableOperandRange", "getBiasMutable">,
    InterfaceMethod<"The `origin` operands, to be changed.",
      "::mlir::MutableOperandRange", "getOriginMutable">,
    InterfaceMethod<"Sets the visible band; null lets every key be seen.",
      "void", "setMaskAttr", (ins "::mlir::attn::MaskAttr":$mask)>,
    InterfaceMethod<"The score region, empty for the identity.",
      "::mlir::Region &", "getScore">,
    InterfaceMethod<"The shaped inputs in operand order: query, key, value, "
                    "and the output gradient where there is one.",
      "::mlir::Operation::operand_range", "getInputs">,
    InterfaceMethod<"The buffers of the `outs` clause: none on tensors.",
      "::mlir::Operation::operand_range", "getOutputBuffers">,
    InterfaceMethod<"For each output (result, or buffer of `outs`), its name "
                    "and the inputs that its sizes come from.",
      "::llvm::ArrayRef<::mlir::attn::OutputShape>", "getOutputShapes">,
  ];
  let extraClassDeclaration = [{
    /// Whether the op is a value (no `outs`) rather than a write to buffers.
    bool hasTensorForm() {
      return ::llvm::isa<::mlir::TensorType>(getQuery().getType());
    }
    /// The element type of query, key and value.
    ::mlir::FloatType getElementType();
    /// The types of the outputs: of the results, or of the `outs` buffers.
    ::llvm::SmallVector<::mlir::ShapedType> getOutputTypes();
    /// Whether there is a score region.
    bool hasScore() { return !getScore().empty(); }
    /// Whether batch, head, query or key positions influence the result.
    bool dependsOnPosition() { return hasScore() || getMaskAttr(); }
    /// Whether an input or output is known to have no elements: then all outputs
    /// are 0 or empty.
    bool isKnownToBeEmpty();
    /// Query heads per key head if both counts are static. 1 if there are none.
    ::std::optional<int64_t> getStaticGroupSize();
    /// Query heads per key head.
    ::mlir::OpFoldResult getMixedGroupSize(::mlir::OpBuilder &builder,
                                           ::mlir::Location loc);
    /// A copy of this op with other results, inputs, `outs` buffers and
    /// `origin`, and *without* the score region.
    ::mlir::attn::AttentionOpInterface createLike(
        ::mlir::OpBuilder &builder, ::mlir::TypeRange resultTypes,
        ::mlir::ValueRange inputs, ::mlir::ValueRange outputBuffers,
        ::mlir::ValueRange origin);
    /// Where this op's first element lies in the whole problem; the defaults
    /// where the clause is absent.
    ::mlir::attn::Origin getMixedOrigin(::mlir::OpBuilder &builder,
                                        ::mlir::Location loc);
  }];
  let verify = [{ return ::mlir::attn::detail::verifyAttention($_op); }];
  let verifyWithRegions = 1;
}

#endif // SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNINTERFACES_TD
