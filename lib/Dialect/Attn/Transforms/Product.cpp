//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Recognition of products among linalg operations on buffers.
//
//===----------------------------------------------------------------------===//

#include "Product.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::attn;

/// `value` without the widening that a product applies to its factors.
static Value skipExtension(Value value) {
  if (auto extension = value.getDefiningOp<arith::ExtFOp>())
    return extension.getIn();
  return value;
}

/// Whether the body is `result + first * second`, in f32.
static bool isProductBody(linalg::LinalgOp op) {
  Block &body = op->getRegion(0).front();
  auto sum = body.getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!sum || !sum.getType().isF32())
    return false;
  Value result = body.getArgument(2);
  if (sum.getLhs() != result && sum.getRhs() != result)
    return false;
  Value added = sum.getLhs() == result ? sum.getRhs() : sum.getLhs();
  auto product = added.getDefiningOp<arith::MulFOp>();
  if (!product)
    return false;
  Value first = skipExtension(product.getLhs());
  Value second = skipExtension(product.getRhs());
  Value arguments[] = {body.getArgument(0), body.getArgument(1)};
  return (first == arguments[0] && second == arguments[1]) ||
         (first == arguments[1] && second == arguments[0]);
}

/// Whether `operand` is contiguous along the loop `lane`.
static bool isContiguousAlong(linalg::LinalgOp op, OpOperand *operand,
                              unsigned lane) {
  auto type = cast<MemRefType>(operand->get().getType());
  AffineMap map = op.getMatchingIndexingMap(operand);
  return map.getNumResults() != 0 &&
         map.getDimPosition(map.getNumResults() - 1) == lane &&
         type.isLastDimUnitStride();
}

/// Finds the operands' roles for the lane of `product`, and a row among the
/// loops that only the broadcast operand and the result depend on.
static LogicalResult assignRoles(Product &product) {
  linalg::LinalgOp op = product.op;
  AffineMap resultMap = op.getMatchingIndexingMap(product.result);
  for (unsigned number : {0, 1}) {
    OpOperand *vector = op.getDpsInputOperand(number);
    OpOperand *broadcast = op.getDpsInputOperand(1 - number);
    AffineMap vectorMap = op.getMatchingIndexingMap(vector);
    AffineMap broadcastMap = op.getMatchingIndexingMap(broadcast);
    if (!vectorMap.isFunctionOfDim(product.lane) ||
        broadcastMap.isFunctionOfDim(product.lane))
      continue;
    product.vector = vector;
    product.broadcast = broadcast;
    for (AffineExpr result :
         llvm::reverse(resultMap.getResults().drop_back())) {
      unsigned loop = cast<AffineDimExpr>(result).getPosition();
      if (vectorMap.isFunctionOfDim(loop))
        continue;
      product.row = loop;
      return success();
    }
  }
  return failure();
}

std::optional<Product> attn::matchProduct(linalg::LinalgOp op) {
  if (!op.hasPureBufferSemantics() || op.getNumDpsInputs() != 2 ||
      op.getNumDpsInits() != 1 || !op.hasOnlyProjectedPermutations() ||
      !isProductBody(op) || llvm::any_of(op->getOperandTypes(), [](Type type) {
        return !isa<MemRefType>(type);
      }))
    return std::nullopt;
  Product product = {op, nullptr, nullptr, op.getDpsInitOperand(0),
                     0,  0,       0,       {}};
  AffineMap resultMap = op.getMatchingIndexingMap(product.result);
  if (resultMap.getNumResults() < 2)
    return std::nullopt;
  product.lane = resultMap.getDimPosition(resultMap.getNumResults() - 1);
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  if (reductions.empty() || failed(assignRoles(product)) ||
      !isContiguousAlong(op, product.result, product.lane))
    return std::nullopt;
  product.depth = reductions.back();
  for (unsigned loop : llvm::seq<unsigned>(0, op.getNumLoops()))
    if (loop != product.row && loop != product.lane && loop != product.depth)
      product.outer.push_back(loop);
  return product;
}

bool attn::isVectorContiguous(const Product &product) {
  return isContiguousAlong(product.op, product.vector, product.lane);
}
