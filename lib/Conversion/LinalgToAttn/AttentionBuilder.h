//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Builds attention and what stands around it from a match.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_ATTENTIONBUILDER_H
#define SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_ATTENTIONBUILDER_H

#include "AttentionMatch.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir::attn::raise {

/// Lays `tensor`, whose dims have the indices `from`, out with those of `to`:
/// by reshapes, a transpose, and a broadcast over axes that it lacks.
Value buildRelayout(OpBuilder &builder, Location loc, const IndexSpace &space,
                    Value tensor, ArrayRef<AxisList> from,
                    ArrayRef<AxisList> to);

/// Casts the elements of a float tensor.
Value buildElementCast(OpBuilder &builder, Location loc, Value tensor,
                       Type elementType);

/// Builds expressions as operations on scalars, in f32.
class ExprBuilder {
public:
  /// Builds at `builder`'s position. `axisValue` gives the value of an axis.
  /// Uniform parts are left to `uniform` if there is one.
  ExprBuilder(OpBuilder &builder, Location loc, const IndexSpace &space,
              llvm::function_ref<Value(Axis)> axisValue,
              ExprBuilder *uniform = nullptr)
      : builder(builder), loc(loc), space(space), axisValue(axisValue),
        uniform(uniform) {}

  Value build(const Expr *expr);
  /// Gives the placeholder its value.
  void setPlaceholder(const Expr *expr, Value value) {
    placeholder = expr;
    values[expr] = value;
  }
  /// Extracts from the tensor that holds it an expression that `isHeld`.
  void useHomesOf(llvm::function_ref<bool(const Expr *)> isHeld) {
    this->isHeld = isHeld;
  }

private:
  Value buildUncached(const Expr *expr);
  Value buildElement(Value tensor, ArrayRef<AxisList> indices);
  Value buildIndex(ArrayRef<Axis> axes);
  Value buildApply(const Expr *expr);
  Value buildIntegerCast(Value value, Type type, bool isSigned);
  Value buildIntToFloat(Value value, bool isSigned);
  Value buildFloat(Value value);

  OpBuilder &builder;
  Location loc;
  const IndexSpace &space;
  llvm::function_ref<Value(Axis)> axisValue;
  ExprBuilder *uniform;
  const Expr *placeholder = nullptr;
  llvm::function_ref<bool(const Expr *)> isHeld;
  llvm::DenseMap<const Expr *, Value> values;
};

/// Builds the attention of `match` before the builder's position. The result
/// has the type of the last contraction's.
Value buildAttention(OpBuilder &builder, Location loc, ExprPool &pool,
                     const IndexSpace &space, const AttentionMatch &match);

} // namespace mlir::attn::raise

#endif // SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_ATTENTIONBUILDER_H
