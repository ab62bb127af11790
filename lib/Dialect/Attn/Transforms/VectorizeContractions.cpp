//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowers products of f32 buffers to loops around blocks of accumulators that
// stay in vector registers.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h"

#include "Product.h"

#include "sigmoid-attn/Dialect/Attn/Transforms/CPUTarget.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::attn {
#define GEN_PASS_DEF_VECTORIZECONTRACTIONSPASS
#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

namespace {
/// Builds the loops of one product.
class ProductBuilder {
public:
  ProductBuilder(RewriterBase &rewriter, const Product &product,
                 const CPUTarget &target)
      : builder(rewriter), loc(product.op.getLoc()), product(product),
        target(target), positions(product.op.getNumLoops()) {}

  /// Builds everything. If `isOverwriting`, the result counts as 0 before.
  void build(bool isOverwriting);

private:
  /// A block of accumulators: rows x vectors; the last (and only) vector of a
  /// block has `laneCount` lanes if that is not null.
  struct BlockShape {
    int64_t rows, vectors;
    Value laneCount;
  };
  void buildLoop(Value begin, Value end, int64_t step,
                 function_ref<void(Value)> body);
  /// Loops over all rows, for a column of blocks at the lanes of `positions`.
  void buildRows(BlockShape shape);
  void buildBlock(BlockShape shape);
  /// Adds the products at one depth to `sums`.
  SmallVector<Value> buildStep(BlockShape shape, ValueRange sums);
  void addToResult(BlockShape shape, ValueRange sums);

  /// The indices of `operand` at the current positions, moved by `row` and
  /// `lane`.
  SmallVector<Value> getIndices(OpOperand *operand, int64_t row, int64_t lane);
  Value load(OpOperand *operand, BlockShape shape, int64_t row, int64_t vector);
  Value getMask(BlockShape shape);
  Value getSize(unsigned loop);
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  VectorType getVectorType(Type elementType) {
    return VectorType::get(target.lanes, elementType);
  }
  Value extend(Value value) {
    Type type = builder.getF32Type();
    if (auto vector = dyn_cast<VectorType>(value.getType()))
      type = vector.clone(type);
    if (value.getType() == type)
      return value;
    return arith::ExtFOp::create(builder, loc, type, value);
  }

  RewriterBase &builder;
  Location loc;
  const Product &product;
  const CPUTarget &target;
  bool isOverwriting = false;
  /// The current value of each loop.
  SmallVector<Value> positions;
};
} // namespace

void ProductBuilder::buildLoop(Value begin, Value end, int64_t step,
                               function_ref<void(Value)> body) {
  OpBuilder::InsertionGuard guard(builder);
  auto loop = scf::ForOp::create(builder, loc, begin, end, index(step));
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

Value ProductBuilder::getSize(unsigned loop) {
  for (OpOperand &operand : product.op->getOpOperands()) {
    AffineMap map = product.op.getMatchingIndexingMap(&operand);
    if (std::optional<unsigned> dim =
            map.getResultPosition(builder.getAffineDimExpr(loop)))
      return getValueOrCreateConstantIndexOp(
          builder, loc,
          linalg::createFoldedDimOp(builder, loc, operand.get(), *dim));
  }
  llvm_unreachable("expected every loop of a linalg op to index an operand");
}

SmallVector<Value> ProductBuilder::getIndices(OpOperand *operand, int64_t row,
                                              int64_t lane) {
  SmallVector<Value> indices;
  for (AffineExpr expression :
       product.op.getMatchingIndexingMap(operand).getResults()) {
    unsigned loop = cast<AffineDimExpr>(expression).getPosition();
    Value position = positions[loop];
    int64_t offset =
        loop == product.row ? row : (loop == product.lane ? lane : 0);
    if (offset != 0)
      position = arith::AddIOp::create(builder, loc, position, index(offset));
    indices.push_back(position);
  }
  return indices;
}

Value ProductBuilder::getMask(BlockShape shape) {
  return vector::CreateMaskOp::create(
      builder, loc, getVectorType(builder.getI1Type()), shape.laneCount);
}

Value ProductBuilder::load(OpOperand *operand, BlockShape shape, int64_t row,
                           int64_t vector) {
  Value source = operand->get();
  SmallVector<Value> indices = getIndices(operand, row, vector * target.lanes);
  VectorType type = getVectorType(getElementTypeOrSelf(source.getType()));
  if (!shape.laneCount)
    return vector::LoadOp::create(builder, loc, type, source, indices);
  Value zero =
      arith::ConstantOp::create(builder, loc, type, builder.getZeroAttr(type));
  return vector::MaskedLoadOp::create(builder, loc, type, source, indices,
                                      getMask(shape), zero);
}

SmallVector<Value> ProductBuilder::buildStep(BlockShape shape,
                                             ValueRange sums) {
  SmallVector<Value> vectors, results;
  for (int64_t vector : llvm::seq(shape.vectors))
    vectors.push_back(extend(load(product.vector, shape, 0, vector)));
  for (int64_t row : llvm::seq(shape.rows)) {
    Value scalar =
        memref::LoadOp::create(builder, loc, product.broadcast->get(),
                               getIndices(product.broadcast, row, 0));
    Value factor = vector::BroadcastOp::create(
        builder, loc, getVectorType(builder.getF32Type()), extend(scalar));
    for (auto [number, vector] : llvm::enumerate(vectors))
      results.push_back(vector::FMAOp::create(
          builder, loc, factor, vector, sums[row * shape.vectors + number]));
  }
  return results;
}

void ProductBuilder::addToResult(BlockShape shape, ValueRange sums) {
  for (int64_t row : llvm::seq(shape.rows))
    for (int64_t vector : llvm::seq(shape.vectors)) {
      Value sum = sums[row * shape.vectors + vector];
      if (!isOverwriting)
        sum = arith::AddFOp::create(
            builder, loc, load(product.result, shape, row, vector), sum);
      SmallVector<Value> indices =
          getIndices(product.result, row, vector * target.lanes);
      if (shape.laneCount)
        vector::MaskedStoreOp::create(builder, loc, product.result->get(),
                                      indices, getMask(shape), sum);
      else
        vector::StoreOp::create(builder, loc, sum, product.result->get(),
                                indices);
    }
}

void ProductBuilder::buildBlock(BlockShape shape) {
  VectorType type = getVectorType(builder.getF32Type());
  Value zero =
      arith::ConstantOp::create(builder, loc, type, builder.getZeroAttr(type));
  SmallVector<Value> sums(shape.rows * shape.vectors, zero);
  auto loop = scf::ForOp::create(builder, loc, index(0), getSize(product.depth),
                                 index(1), sums);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    positions[product.depth] = loop.getInductionVar();
    scf::YieldOp::create(builder, loc,
                         buildStep(shape, loop.getRegionIterArgs()));
  }
  addToResult(shape, loop.getResults());
}

void ProductBuilder::buildRows(BlockShape shape) {
  Value size = getSize(product.row);
  Value rest = arith::RemUIOp::create(builder, loc, size, index(shape.rows));
  Value blocksEnd = arith::SubIOp::create(builder, loc, size, rest);
  buildLoop(index(0), blocksEnd, shape.rows, [&](Value row) {
    positions[product.row] = row;
    buildBlock(shape);
  });
  // Nothing is built for the rest if there never is one.
  if (std::optional<int64_t> count = getConstantIntValue(size);
      count && *count % shape.rows == 0)
    return;
  buildLoop(blocksEnd, size, 1, [&](Value row) {
    positions[product.row] = row;
    buildBlock({1, shape.vectors, shape.laneCount});
  });
}

void ProductBuilder::build(bool overwrite) {
  isOverwriting = overwrite;
  OpBuilder::InsertionGuard guard(builder);
  for (unsigned loop : product.outer) {
    auto outer =
        scf::ForOp::create(builder, loc, index(0), getSize(loop), index(1));
    positions[loop] = outer.getInductionVar();
    builder.setInsertionPointToStart(outer.getBody());
  }
  int64_t blockLanes = target.blockVectors * target.lanes;
  Value size = getSize(product.lane);
  Value rest = arith::RemUIOp::create(builder, loc, size, index(blockLanes));
  Value blocksEnd = arith::SubIOp::create(builder, loc, size, rest);
  buildLoop(index(0), blocksEnd, blockLanes, [&](Value lane) {
    positions[product.lane] = lane;
    buildRows({target.blockRows, target.blockVectors, Value()});
  });
  if (std::optional<int64_t> count = getConstantIntValue(size);
      count && *count % blockLanes == 0)
    return;
  buildLoop(blocksEnd, size, target.lanes, [&](Value lane) {
    positions[product.lane] = lane;
    Value laneCount = arith::SubIOp::create(builder, loc, size, lane);
    buildRows({target.blockRows, 1, laneCount});
  });
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

/// The fill with 0 of the result of `product` right before it, if there is one
/// that the product can do without.
static linalg::FillOp getZeroFill(const Product &product) {
  auto fill = dyn_cast_or_null<linalg::FillOp>(product.op->getPrevNode());
  if (!fill || fill.getDpsInitOperand(0)->get() != product.result->get())
    return {};
  // A result is overwritten as often as there are outer sums.
  unsigned reductions = product.op.getNumReductionLoops();
  return reductions == 1 && matchPattern(fill.getInputs()[0], m_PosZeroFloat())
             ? fill
             : linalg::FillOp();
}

namespace {
struct VectorizeContractionsPass
    : attn::impl::VectorizeContractionsPassBase<VectorizeContractionsPass> {
  using VectorizeContractionsPassBase::VectorizeContractionsPassBase;

  LogicalResult initialize(MLIRContext *context) override {
    return verifyVectorBits(context, vectorBits);
  }

  void runOnOperation() override {
    CPUTarget target = getCPUTarget(vectorBits);
    SmallVector<Product> products;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (std::optional<Product> product = matchProduct(op);
          product && isVectorContiguous(*product))
        products.push_back(*product);
    });
    IRRewriter rewriter(&getContext());
    for (const Product &product : products) {
      rewriter.setInsertionPoint(product.op);
      linalg::FillOp fill = getZeroFill(product);
      ProductBuilder(rewriter, product, target).build(fill != nullptr);
      rewriter.eraseOp(product.op);
      if (fill)
        rewriter.eraseOp(fill);
    }
  }
};
} // namespace
