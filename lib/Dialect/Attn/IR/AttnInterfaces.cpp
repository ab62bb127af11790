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
#include "mlir/IR/IRMapping.h"
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

bool AttentionOpInterface::isKnownToBeEmpty() {
  auto isEmpty = [](Type type) {
    return llvm::is_contained(cast<ShapedType>(type).getShape(), 0);
  };
  return llvm::any_of(getInputs().getTypes(), isEmpty) ||
         llvm::any_of(getOutputTypes(), isEmpty);
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

AttentionOpInterface AttentionOpInterface::createLike(OpBuilder &builder,
                                                      TypeRange resultTypes,
                                                      ValueRange inputs,
                                                      ValueRange outputBuffers,
                                                      ValueRange origin) {
  OperationState state(getLoc(), (*this)->getName(), inputs, resultTypes,
                       (*this)->getAttrs());
  state.addOperands(outputBuffers);
  SmallVector<int32_t> segments(inputs.size(), 1);
  segments.push_back(outputBuffers.size());
  for (Value scalar : {getScale(), getBias()}) {
    segments.push_back(scalar ? 1 : 0);
    if (scalar)
      state.addOperands(scalar);
  }
  state.addOperands(origin);
  segments.push_back(origin.size());
  state.attributes.set("operandSegmentSizes",
                       builder.getDenseI32ArrayAttr(segments));
  state.addRegion();
  return cast<AttentionOpInterface>(builder.create(state));
}

//===----------------------------------------------------------------------===//
// Interfaces that both ops implement alike
//===----------------------------------------------------------------------===//

using Effects =
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

/// Buffers are read and overwritten; tensors are values. What the score region
/// does comes on top, by the RecursiveMemoryEffects trait.
static void getAttentionEffects(AttentionOpInterface op, Effects &effects) {
  if (op.hasTensorForm())
    return;
  auto resource = SideEffects::DefaultResource::get();
  unsigned inputs = op.getInputs().size();
  for (OpOperand &operand : op->getOpOperands().take_front(inputs))
    effects.emplace_back(MemoryEffects::Read::get(), &operand, /*stage=*/0,
                         /*effectOnFullRegion=*/true, resource);
  for (OpOperand &operand :
       op->getOpOperands().slice(inputs, op.getOutputBuffers().size()))
    effects.emplace_back(MemoryEffects::Write::get(), &operand, /*stage=*/1,
                         /*effectOnFullRegion=*/true, resource);
}

static Speculation::Speculatability
getAttentionSpeculatability(AttentionOpInterface op) {
  return op.hasTensorForm() ? Speculation::RecursivelySpeculatable
                            : Speculation::NotSpeculatable;
}

static LogicalResult reifyAttentionShapes(AttentionOpInterface op,
                                          OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &shapes) {
  for (OpResult result : op->getResults()) {
    auto type = cast<ShapedType>(result.getType());
    SmallVector<OpFoldResult> sizes =
        getMixedOutputSizes(builder, op.getLoc(), op, result.getResultNumber());
    // The interface wants attributes exactly where the result is static.
    for (auto [dim, size] : llvm::enumerate(sizes))
      size = type.isDynamicDim(dim)
                 ? OpFoldResult(getValueOrCreateConstantIndexOp(
                       builder, op.getLoc(), size))
                 : OpFoldResult(builder.getIndexAttr(type.getDimSize(dim)));
    shapes.push_back(std::move(sizes));
  }
  return success();
}

static void nameScoreArguments(Region &region, OpAsmSetValueNameFn setName) {
  if (region.empty() || region.getNumArguments() != 5)
    return;
  static constexpr llvm::StringLiteral kNames[] = {"score", "batch", "head",
                                                   "query", "key"};
  for (auto [argument, name] : llvm::zip_equal(region.getArguments(), kNames))
    setName(argument, name);
}

//===----------------------------------------------------------------------===//
// SigmoidAttentionOp
//===----------------------------------------------------------------------===//

ArrayRef<OutputShape> SigmoidAttentionOp::getOutputShapes() {
  static const OutputShape shapes[] = {{"output",
                                        {{{kQuery, kBatch},
                                          {kQuery, kHead},
                                          {kQuery, kLength},
                                          {kValue, kDepth}}}}};
  return shapes;
}

void SigmoidAttentionOp::getEffects(Effects &effects) {
  getAttentionEffects(*this, effects);
}

Speculation::Speculatability SigmoidAttentionOp::getSpeculatability() {
  return getAttentionSpeculatability(*this);
}

LogicalResult
SigmoidAttentionOp::reifyResultShapes(OpBuilder &builder,
                                      ReifiedRankedShapedTypeDims &shapes) {
  return reifyAttentionShapes(*this, builder, shapes);
}

void SigmoidAttentionOp::getAsmBlockArgumentNames(Region &region,
                                                  OpAsmSetValueNameFn setName) {
  nameScoreArguments(region, setName);
}

//===----------------------------------------------------------------------===//
// SigmoidAttentionBackwardOp
//===----------------------------------------------------------------------===//

/// The shape of the gradient of an input: that of the input.
static OutputShape getGradientShape(llvm::StringLiteral name,
                                    AttentionInput input) {
  return {
      name,
      {{{input, kBatch}, {input, kHead}, {input, kLength}, {input, kDepth}}}};
}

ArrayRef<OutputShape> SigmoidAttentionBackwardOp::getOutputShapes() {
  static const OutputShape shapes[] = {
      getGradientShape("query gradient", kQuery),
      getGradientShape("key gradient", kKey),
      getGradientShape("value gradient", kValue)};
  std::optional<GradientInputs> wrt = getWrt();
  return wrt ? getPartOf(ArrayRef(shapes), *wrt) : ArrayRef(shapes);
}

SigmoidAttentionBackwardOp
SigmoidAttentionBackwardOp::createPart(OpBuilder &builder, GradientInputs wrt) {
  assert(!getWrt() && "a part has no parts");
  auto op = cast<AttentionOpInterface>(getOperation());
  ResultRange results = getGradients();
  auto part = cast<SigmoidAttentionBackwardOp>(
      op.createLike(builder, getPartOf(results, wrt).getTypes(), op.getInputs(),
                    getPartOf(op.getOutputBuffers(), wrt), op.getOrigin()));
  part.setWrt(wrt);
  IRMapping mapping;
  getScore().cloneInto(&part.getScore(), mapping);
  return part;
}

void SigmoidAttentionBackwardOp::getEffects(Effects &effects) {
  getAttentionEffects(*this, effects);
}

Speculation::Speculatability SigmoidAttentionBackwardOp::getSpeculatability() {
  return getAttentionSpeculatability(*this);
}

LogicalResult SigmoidAttentionBackwardOp::reifyResultShapes(
    OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyAttentionShapes(*this, builder, shapes);
}

void SigmoidAttentionBackwardOp::getAsmBlockArgumentNames(
    Region &region, OpAsmSetValueNameFn setName) {
  nameScoreArguments(region, setName);
}
