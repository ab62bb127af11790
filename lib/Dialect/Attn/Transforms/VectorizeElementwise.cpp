//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowers elementwise linalg operations on buffers to loops over vectors.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h"

#include "sigmoid-attn/Dialect/Attn/Transforms/CPUTarget.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
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
  return op.getNumDpsInits() != 0 &&
         llvm::all_of(op->getOperandTypes(), [](Type type) {
           return isVectorElement(getElementTypeOrSelf(type));
         });
}

namespace {
/// Builds the loops of one elementwise op.
class ElementwiseBuilder {
public:
  ElementwiseBuilder(RewriterBase &rewriter, linalg::LinalgOp op,
                     int64_t lanes)
      : builder(rewriter), loc(op.getLoc()), op(op), lanes(lanes) {}

  void build();

private:
  /// The body at `positions`: on `width` elements along the last loop.
  void buildBody(int64_t bodyWidth);
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
  VectorType getVectorType(Type type) {
    return VectorType::get(width, type);
  }
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
  for (AffineExpr expression : op.getMatchingIndexingMap(&operand).getResults()) {
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
  Operation *clone =
      builder.create(loc, nested.getName().getIdentifier(), operands, types,
                     nested.getAttrs());
  mapping.map(nested.getResults(), clone->getResults());
}

void ElementwiseBuilder::buildBody(int64_t bodyWidth) {
  width = bodyWidth;
  mapping.clear();
  Block &body = op->getRegion(0).front();
  for (OpOperand &operand : op->getOpOperands())
    if (BlockArgument argument = op.getMatchingBlockArgument(&operand);
        !argument.use_empty())
      mapping.map(argument, loadElements(operand));
  for (Operation &nested : body.without_terminator())
    cloneNested(nested);
  for (auto [init, value] : llvm::zip_equal(
           op.getDpsInitsMutable(), body.getTerminator()->getOperands()))
    storeElements(init, mapping.lookupOrDefault(value));
}

void ElementwiseBuilder::build() {
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Range> ranges = op.createLoopRanges(builder, loc);
  auto buildLoop = [&](Value begin, Value end, int64_t step) {
    auto loop = scf::ForOp::create(builder, loc, begin, end, index(step));
    builder.setInsertionPointToStart(loop.getBody());
    positions.push_back(loop.getInductionVar());
    return loop;
  };
  for (const Range &range : ArrayRef(ranges).drop_back())
    buildLoop(index(0),
              getValueOrCreateConstantIndexOp(builder, loc, range.size), 1);
  OpFoldResult size = ranges.back().size;
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
      if (canVectorize(op))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : ops) {
      rewriter.setInsertionPoint(op);
      ElementwiseBuilder(rewriter, op, target.lanes).build();
      rewriter.eraseOp(op);
    }
  }
};
} // namespace
