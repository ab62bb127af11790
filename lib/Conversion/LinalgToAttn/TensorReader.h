//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Reads an element of a tensor as an expression, through the operations that
/// computed it.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_TENSORREADER_H
#define SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_TENSORREADER_H

#include "ScalarExpr.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::attn::raise {

/// Follows elementwise linalg operations, reshapes, transposes, broadcasts and
/// constants backwards. Whatever else computes a tensor (a contraction, an
/// argument, an operation of another block) ends the expression as an Element.
class TensorReader {
public:
  /// Reads what operations of `block` compute. `dropCasts` reads through casts
  /// between float types as if they did not round.
  TensorReader(ExprPool &pool, IndexSpace &space, Block *block, bool dropCasts)
      : pool(pool), space(space), block(block), dropCasts(dropCasts) {}

  const Expr *read(Value tensor, ArrayRef<AxisList> indices);

  /// The operations that were read through.
  const llvm::SmallPtrSetImpl<Operation *> &getVisited() const {
    return visited;
  }

private:
  const Expr *readUncached(Value tensor, ArrayRef<AxisList> indices);
  const Expr *readLinalg(linalg::LinalgOp op, unsigned result,
                         ArrayRef<AxisList> indices);
  const Expr *readReshape(Operation *op, ArrayRef<AxisList> indices);
  const Expr *readConstant(arith::ConstantOp op, ArrayRef<AxisList> indices);
  const Expr *readScalar(Value scalar);
  const Expr *readScalarUncached(Value scalar);
  const Expr *readOperand(linalg::LinalgOp op, OpOperand &operand,
                          ArrayRef<AxisList> loops);

  /// The expression of a value inside a linalg body, given those before it.
  using BodyValues = llvm::DenseMap<Value, const Expr *>;
  const Expr *readBodyValue(Value value, const BodyValues &values);
  bool readBody(linalg::LinalgOp op, ArrayRef<AxisList> loops,
                BodyValues &values);

  ExprPool &pool;
  IndexSpace &space;
  Block *block;
  bool dropCasts;
  unsigned depth = 0;
  llvm::SmallPtrSet<Operation *, 16> visited;
  llvm::DenseMap<Value, const Expr *> scalars;
  std::vector<std::tuple<Value, SmallVector<AxisList>, const Expr *>> cache;
};

} // namespace mlir::attn::raise

#endif // SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_TENSORREADER_H
