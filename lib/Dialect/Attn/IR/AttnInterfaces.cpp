//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What both attention operations share: derived properties, output shapes.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"
#include "sigmoid-attn/Dialect/Attn/IR/AttnFormula.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::attn;

#include "sigmoid-attn/Dialect/Attn/IR/AttnInterfaces.cpp.inc"

FloatType AttentionOpInterface::getElementType() {
  return cast<FloatType>(getElementTypeOrSelf(getQuery().getType()));
}

SmallVector<ShapedType> AttentionOpInterface::getOutputTypes() {
  auto types = hasTensorForm() ? TypeRange((*this)->getResultTypes())
                               : TypeRange(getOutputBuffers());
  return llvm::map_to_vector(types,
                             [](Type type) { return cast<ShapedType>(type); });
}

std::optional<int64_t> AttentionOpInterface::getStaticGroupSize() {
  int64_t heads = cast<ShapedType>(getQuery().getType()).getDimSize(kHead);
  int64_t keyHeads = cast<ShapedType>(getKey().getType()).getDimSize(kHead);
  if (keyHeads == 0)
    return 1;
  if (ShapedType::isDynamic(heads) || ShapedType::isDynamic(keyHeads))
    return std::nullopt;
  return heads / keyHeads;
}

OpFoldResult AttentionOpInterface::getMixedGroupSize(OpBuilder &builder,
                                                     Location loc) {
  if (std::optional<int64_t> size = getStaticGroupSize())
    return builder.getIndexAttr(*size);
  Value heads = getValueOrCreateConstantIndexOp(
      builder, loc, getMixedSize(builder, loc, getQuery(), kHead));
  Value keyHeads = getValueOrCreateConstantIndexOp(
      builder, loc, getMixedSize(builder, loc, getKey(), kHead));
  // No key heads means no query heads either: then nothing is computed, but
  // the division is.
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value divisor = arith::MaxUIOp::create(builder, loc, keyHeads, one);
  return arith::DivUIOp::create(builder, loc, heads, divisor).getResult();
}

Origin AttentionOpInterface::getMixedOrigin(OpBuilder &builder, Location loc) {
  if (OperandRange origin = getOrigin(); !origin.empty())
    return {getAsOpFoldResult(origin[0]), getAsOpFoldResult(origin[1]),
            getAsOpFoldResult(origin[2]), getAsOpFoldResult(origin[3]),
            getAsOpFoldResult(origin[4])};
  OpFoldResult zero = builder.getIndexAttr(0);
  AffineExpr keys, queries;
  bindSymbols(builder.getContext(), keys, queries);
  OpFoldResult diagonal = affine::makeComposedFoldedAffineApply(
      builder, loc, keys - queries,
      {getMixedSize(builder, loc, getKey(), kLength),
       getMixedSize(builder, loc, getQuery(), kLength)});
  return {zero, zero, zero, zero, diagonal};
}

ArrayRef<OutputShape> SigmoidAttentionOp::getOutputShapes() {
  static const OutputShape shapes[] = {{"output",
                                        {{{kQuery, kBatch},
                                          {kQuery, kHead},
                                          {kQuery, kLength},
                                          {kValue, kDepth}}}}};
  return shapes;
}

ArrayRef<OutputShape> SigmoidAttentionBackwardOp::getOutputShapes() {
  static const OutputShape shapes[] = {
      {"query gradient",
       {{{kQuery, kBatch},
         {kQuery, kHead},
         {kQuery, kLength},
         {kQuery, kDepth}}}},
      {"key gradient",
       {{{kKey, kBatch}, {kKey, kHead}, {kKey, kLength}, {kKey, kDepth}}}},
      {"value gradient",
       {{{kValue, kBatch},
         {kValue, kHead},
         {kValue, kLength},
         {kValue, kDepth}}}}};
  return shapes;
}
