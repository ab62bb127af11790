//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowers elementwise linalg operations on buffers, and sums (or maxima, and so
// on) of elementwise values along the innermost loop, to loops over vectors.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h"

#include "sigmoid-attn/Dialect/Attn/Transforms/CPUTarget.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::attn {
#define GEN_PASS_DEF_VECTORIZEELEMENTWISEPASS
#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

/// Whether a vector can hold values of `type`.
static bool isVectorElement(Type type) {
  return VectorType::isValidElementType(type);
}

/// Whether vectors of `type` lie in memory like its scalars do: those of i1
/// would be packed.
static bool isWholeBytes(Type type) {
  return !type.isIntOrFloat() || type.getIntOrFloatBitWidth() % 8 == 0;
}

/// Whether the operations of a body can be cloned for vectors, or for each
/// lane.
static bool canVectorizeBody(linalg::LinalgOp op) {
  for (Operation &nested : op->getRegion(0).front())
    if (!llvm::all_of(nested.getResultTypes(), isVectorElement))
      return false;
  return llvm::all_of(op->getOperandTypes(), [](Type type) {
    return isVectorElement(getElementTypeOrSelf(type));
  });
}

/// Whether `op` is elementwise, on buffers, and writes along its last loop.
static bool canVectorize(linalg::LinalgOp op) {
  if (!op.hasPureBufferSemantics() || op.getNumLoops() == 0 ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      !op.hasOnlyProjectedPermutations())
    return false;
  unsigned last = op.getNumLoops() - 1;
  for (OpOperand &init : op.getDpsInitsMutable()) {
    auto type = cast<MemRefType>(init.get().getType());
    AffineMap map = op.getMatchingIndexingMap(&init);
    if (!map.isPermutation() || map.getDimPosition(last) != last ||
        !type.isLastDimUnitStride() || !isWholeBytes(type.getElementType()))
      return false;
  }
  return op.getNumDpsInits() != 0 && canVectorizeBody(op);
}

/// The operation that combines the values along the last loop of `op`, if the
/// op computes one such result and its other loops are parallel.
static Operation *matchReduction(linalg::LinalgOp op) {
  if (!op.hasPureBufferSemantics() || op.getNumDpsInits() != 1 ||
      op.getNumReductionLoops() != 1 || !op.hasOnlyProjectedPermutations() ||
      !linalg::isReductionIterator(op.getIteratorTypesArray().back()) ||
      op.getMatchingIndexingMap(op.getDpsInitOperand(0))
          .isFunctionOfDim(op.getNumLoops() - 1))
    return nullptr;
  Block &body = op->getRegion(0).front();
  BlockArgument total = body.getArguments().back();
  Operation *combiner = body.getTerminator()->getOperand(0).getDefiningOp();
  if (!combiner || !total.hasOneUse() || *total.user_begin() != combiner ||
      combiner->getNumOperands() != 2 || !linalg::getCombinerOpKind(combiner) ||
      !arith::getNeutralElement(combiner))
    return nullptr;
  return canVectorizeBody(op) ? combiner : nullptr;
}

namespace {
/// Builds the loops of one elementwise op.
class ElementwiseBuilder {
public:
  ElementwiseBuilder(RewriterBase &rewriter, linalg::LinalgOp op, int64_t lanes)
      : builder(rewriter), loc(op.getLoc()), op(op), lanes(lanes) {}

  /// Builds the loops of an elementwise op.
  void build();
  /// Builds the loops of an op whose values `combiner` combines.
  void buildReduction(Operation *combiner);

private:
  /// Loads the operands of the body at `positions`, for `bodyWidth` elements
  /// along the last loop, and clones the body up to `end`.
  void cloneBody(int64_t bodyWidth, Operation *end);
  void buildBody(int64_t bodyWidth);
  /// The loop that combines `total` with the values from `begin` to `end`,
  /// `loopWidth` at a time.
  Value buildCombination(Operation *combiner, Value total, Value begin,
                         Value end, int64_t loopWidth);
  /// Builds the loops around the last one; returns the last one's size.
  OpFoldResult buildOuterLoops();
  scf::ForOp buildLoop(Value begin, Value end, int64_t step);
  /// Clones `nested` on vectors, or on scalars if those suffice.
  void cloneNested(Operation &nested);
  /// The results of one clone of `nested` for each lane, as vectors.
  void cloneByLane(Operation &nested);
  Value loadElements(OpOperand &operand);
  void storeElements(OpOperand &operand, Value value);
  SmallVector<Value> getIndices(OpOperand &operand, int64_t lane);

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  bool isUniform(Value value) {
    return !isa<VectorType>(mapping.lookupOrDefault(value).getType());
  }
  VectorType getVectorType(Type type) { return VectorType::get(width, type); }
  Value broadcast(Value value) {
    if (isa<VectorType>(value.getType()))
      return value;
    return vector::BroadcastOp::create(builder, loc,
                                       getVectorType(value.getType()), value);
  }

  RewriterBase &builder;
  Location loc;
  linalg::LinalgOp op;
  int64_t lanes;
  /// Elements that the body works on: `lanes`, or 1.
  int64_t width = 1;
  SmallVector<Value> positions;
  IRMapping mapping;
};
} // namespace

SmallVector<Value> ElementwiseBuilder::getIndices(OpOperand &operand,
                                                  int64_t lane) {
  SmallVector<Value> indices;
  for (AffineExpr expression :
       op.getMatchingIndexingMap(&operand).getResults()) {
    unsigned loop = cast<AffineDimExpr>(expression).getPosition();
    Value position = positions[loop];
    if (lane != 0 && loop == op.getNumLoops() - 1)
      position = arith::AddIOp::create(builder, loc, position, index(lane));
    indices.push_back(position);
  }
  return indices;
}

Value ElementwiseBuilder::loadElements(OpOperand &operand) {
  Value source = operand.get();
  auto type = dyn_cast<MemRefType>(source.getType());
  if (!type)
    return source;
  unsigned last = op.getNumLoops() - 1;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (width == 1 || !map.isFunctionOfDim(last))
    return memref::LoadOp::create(builder, loc, source, getIndices(operand, 0));
  VectorType vectorType = getVectorType(type.getElementType());
  if (map.getDimPosition(map.getNumResults() - 1) == last &&
      type.isLastDimUnitStride() && isWholeBytes(type.getElementType()))
    return vector::LoadOp::create(builder, loc, vectorType, source,
                                  getIndices(operand, 0));
  SmallVector<Value> elements;
  for (int64_t lane : llvm::seq(width))
    elements.push_back(memref::LoadOp::create(builder, loc, source,
                                              getIndices(operand, lane)));
  return vector::FromElementsOp::create(builder, loc, vectorType, elements);
}

void ElementwiseBuilder::storeElements(OpOperand &operand, Value value) {
  SmallVector<Value> indices = getIndices(operand, 0);
  if (width == 1)
    memref::StoreOp::create(builder, loc, value, operand.get(), indices);
  else
    vector::StoreOp::create(builder, loc, broadcast(value), operand.get(),
                            indices);
}

void ElementwiseBuilder::cloneByLane(Operation &nested) {
  SetVector<Value> inputs(nested.operand_begin(), nested.operand_end());
  getUsedValuesDefinedAbove(nested.getRegions(), inputs);
  SmallVector<SmallVector<Value>> elements(nested.getNumResults());
  for (int64_t lane : llvm::seq(width)) {
    IRMapping local = mapping;
    for (Value input : inputs)
      if (!isUniform(input))
        local.map(input, vector::ExtractOp::create(
                             builder, loc, mapping.lookup(input), lane));
    Operation *clone = builder.clone(nested, local);
    for (auto [list, result] : llvm::zip_equal(elements, clone->getResults()))
      list.push_back(result);
  }
  for (auto [list, result] : llvm::zip_equal(elements, nested.getResults()))
    mapping.map(result,
                vector::FromElementsOp::create(
                    builder, loc, getVectorType(result.getType()), list));
}

void ElementwiseBuilder::cloneNested(Operation &nested) {
  unsigned last = op.getNumLoops() - 1;
  if (auto position = dyn_cast<linalg::IndexOp>(nested)) {
    Value value = positions[position.getDim()];
    if (width != 1 && position.getDim() == last) {
      VectorType type = getVectorType(builder.getIndexType());
      Value steps = vector::StepOp::create(builder, loc, type);
      value = arith::AddIOp::create(builder, loc, broadcast(value), steps);
    }
    mapping.map(nested.getResult(0), value);
    return;
  }
  SetVector<Value> inputs(nested.operand_begin(), nested.operand_end());
  getUsedValuesDefinedAbove(nested.getRegions(), inputs);
  if (llvm::all_of(inputs, [&](Value input) { return isUniform(input); })) {
    builder.clone(nested, mapping);
    return;
  }
  if (!OpTrait::hasElementwiseMappableTraits(&nested) ||
      !llvm::all_of(nested.getResultTypes(), isVectorElement))
    return cloneByLane(nested);
  SmallVector<Value> operands;
  for (Value operand : nested.getOperands())
    operands.push_back(broadcast(mapping.lookupOrDefault(operand)));
  SmallVector<Type> types;
  for (Type type : nested.getResultTypes())
    types.push_back(getVectorType(type));
  Operation *clone = builder.create(loc, nested.getName().getIdentifier(),
                                    operands, types, nested.getAttrs());
  mapping.map(nested.getResults(), clone->getResults());
}

void ElementwiseBuilder::cloneBody(int64_t bodyWidth, Operation *end) {
  width = bodyWidth;
  mapping.clear();
  for (OpOperand &operand : op->getOpOperands())
    if (BlockArgument argument = op.getMatchingBlockArgument(&operand);
        !argument.use_empty())
      mapping.map(argument, loadElements(operand));
  for (Operation &nested : op->getRegion(0).front()) {
    if (&nested == end)
      break;
    cloneNested(nested);
  }
}

void ElementwiseBuilder::buildBody(int64_t bodyWidth) {
  Operation *terminator = op->getRegion(0).front().getTerminator();
  cloneBody(bodyWidth, terminator);
  for (auto [init, value] :
       llvm::zip_equal(op.getDpsInitsMutable(), terminator->getOperands()))
    storeElements(init, mapping.lookupOrDefault(value));
}

scf::ForOp ElementwiseBuilder::buildLoop(Value begin, Value end, int64_t step) {
  auto loop = scf::ForOp::create(builder, loc, begin, end, index(step));
  builder.setInsertionPointToStart(loop.getBody());
  positions.push_back(loop.getInductionVar());
  return loop;
}

OpFoldResult ElementwiseBuilder::buildOuterLoops() {
  SmallVector<Range> ranges = op.createLoopRanges(builder, loc);
  for (const Range &range : ArrayRef(ranges).drop_back())
    buildLoop(index(0),
              getValueOrCreateConstantIndexOp(builder, loc, range.size), 1);
  return ranges.back().size;
}

void ElementwiseBuilder::build() {
  OpBuilder::InsertionGuard guard(builder);
  OpFoldResult size = buildOuterLoops();
  Value end = getValueOrCreateConstantIndexOp(builder, loc, size);
  Value rest = arith::RemUIOp::create(builder, loc, end, index(lanes));
  Value vectorsEnd = arith::SubIOp::create(builder, loc, end, rest);
  scf::ForOp loop = buildLoop(index(0), vectorsEnd, lanes);
  buildBody(lanes);
  if (std::optional<int64_t> count = getConstantIntValue(size);
      count && *count % lanes == 0)
    return;
  builder.setInsertionPointAfter(loop);
  positions.pop_back();
  buildLoop(vectorsEnd, end, 1);
  buildBody(1);
}

Value ElementwiseBuilder::buildCombination(Operation *combiner, Value total,
                                           Value begin, Value end,
                                           int64_t loopWidth) {
  OpBuilder::InsertionGuard guard(builder);
  auto loop =
      scf::ForOp::create(builder, loc, begin, end, index(loopWidth), total);
  builder.setInsertionPointToStart(loop.getBody());
  positions.push_back(loop.getInductionVar());
  cloneBody(loopWidth, combiner);
  Value argument = op->getRegion(0).front().getArguments().back();
  SmallVector<Value> operands;
  for (Value operand : combiner->getOperands()) {
    Value value = operand == argument ? loop.getRegionIterArg(0)
                                      : mapping.lookupOrDefault(operand);
    operands.push_back(loopWidth == 1 ? value : broadcast(value));
  }
  Operation *combined =
      builder.create(loc, combiner->getName().getIdentifier(), operands,
                     total.getType(), combiner->getAttrs());
  scf::YieldOp::create(builder, loc, combined->getResults());
  positions.pop_back();
  return loop.getResult(0);
}

void ElementwiseBuilder::buildReduction(Operation *combiner) {
  OpBuilder::InsertionGuard guard(builder);
  OpFoldResult size = buildOuterLoops();
  Value end = getValueOrCreateConstantIndexOp(builder, loc, size);
  Value rest = arith::RemUIOp::create(builder, loc, end, index(lanes));
  Value vectorsEnd = arith::SubIOp::create(builder, loc, end, rest);

  auto type = VectorType::get(lanes, combiner->getResult(0).getType());
  Value neutral = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(type,
                             Attribute(*arith::getNeutralElement(combiner))));
  Value totals =
      buildCombination(combiner, neutral, index(0), vectorsEnd, lanes);
  OpOperand &init = *op.getDpsInitOperand(0);
  positions.push_back(Value()); // The result does not depend on the last loop.
  Value first =
      memref::LoadOp::create(builder, loc, init.get(), getIndices(init, 0));
  Value total = vector::ReductionOp::create(
      builder, loc, *linalg::getCombinerOpKind(combiner), totals, first);
  positions.pop_back();
  total = buildCombination(combiner, total, vectorsEnd, end, 1);
  positions.push_back(Value());
  memref::StoreOp::create(builder, loc, total, init.get(), getIndices(init, 0));
}

namespace {
struct VectorizeElementwisePass
    : attn::impl::VectorizeElementwisePassBase<VectorizeElementwisePass> {
  using VectorizeElementwisePassBase::VectorizeElementwisePassBase;

  LogicalResult initialize(MLIRContext *context) override {
    return verifyVectorBits(context, vectorBits);
  }

  void runOnOperation() override {
    CPUTarget target = getCPUTarget(vectorBits);
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (canVectorize(op) || matchReduction(op))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : ops) {
      rewriter.setInsertionPoint(op);
      ElementwiseBuilder builder(rewriter, op, target.lanes);
      if (Operation *combiner = matchReduction(op))
        builder.buildReduction(combiner);
      else
        builder.build();
      rewriter.eraseOp(op);
    }
  }
};
} // namespace
