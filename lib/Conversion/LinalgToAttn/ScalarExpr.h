//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The scalar expression that an element of a tensor is computed by.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_SCALAREXPR_H
#define SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_SCALAREXPR_H

#include "IndexSpace.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/FoldingSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <memory>
#include <optional>
#include <vector>

namespace mlir::attn::raise {

/// What an expression applies to its operands. `Other` is any elementwise op
/// without a name of its own here; it is cloned where it is needed again.
enum class Fn {
  AddF,
  SubF,
  MulF,
  DivF,
  NegF,
  AbsF,
  Exp,
  Exp2,
  Tanh,
  CmpF,
  CastF,
  AddI,
  SubI,
  MulI,
  AndI,
  OrI,
  XorI,
  CmpI,
  CastI,
  IntToFloat,
  Select,
  Other,
};

/// A node of an expression. Equal expressions are the same node of one pool.
///
/// Floats have no type: attention is computed in f32, so an expression that
/// was computed in another type differs by the rounding of intermediates only.
struct Expr : llvm::FoldingSetNode {
  enum class Kind {
    Float,   ///< the constant `number`
    Int,     ///< the constant `integer` of type `type`
    Scalar,  ///< the SSA value `value`; a placeholder if that is null
    Element, ///< the element of the tensor `value` at `indices`
    Index,   ///< the index `indices[0]` itself
    Apply,   ///< `fn` of `operands`
  };
  Kind kind;
  Fn fn = Fn::Other;
  /// The predicate of a comparison, whether a cast from integers is signed, or
  /// the target type's width of a float cast.
  int64_t detail = 0;
  double number = 0;
  int64_t integer = 0;
  /// The type of an integer, index or boolean; null for floats.
  Type type;
  Value value;
  SmallVector<AxisList, 4> indices;
  SmallVector<const Expr *, 3> operands;
  Operation *prototype = nullptr;
  /// How many nodes the expression has where it is written out as a tree.
  unsigned treeSize = 1;

  /// A tensor that holds this expression's value, and where: not part of what
  /// the expression is.
  mutable Value home;
  mutable SmallVector<AxisList, 4> homeIndices;

  bool isFloat() const { return !type; }
  bool isBool() const { return type && type.isInteger(1); }
  bool isConstant() const { return kind == Kind::Float || kind == Kind::Int; }
  bool isNumber(double other) const {
    return kind == Kind::Float && number == other;
  }
  bool is(Fn other) const { return kind == Kind::Apply && fn == other; }
  const Expr *operand(unsigned position) const { return operands[position]; }

  void Profile(llvm::FoldingSetNodeID &id) const;
};

/// Makes expressions: simplified, and each only once.
class ExprPool {
public:
  const Expr *number(double value);
  const Expr *integer(int64_t value, Type type);
  const Expr *boolean(MLIRContext *context, bool value);
  const Expr *scalar(Value value);
  /// A float that stands for something outside of the expression.
  const Expr *placeholder();
  const Expr *element(Value tensor, ArrayRef<AxisList> indices);
  const Expr *index(MLIRContext *context, ArrayRef<Axis> axes);

  /// Applies `fn`; `type` is the result's, null for floats.
  const Expr *apply(Fn fn, ArrayRef<const Expr *> operands, Type type = {},
                    int64_t detail = 0);
  /// Applies the elementwise scalar operation `op`. Null if it is not one that
  /// an expression can hold. Float casts vanish if `dropCasts`.
  const Expr *apply(Operation *op, ArrayRef<const Expr *> operands,
                    bool dropCasts);

  /// Replaces `from` by `to` inside `expr`, and simplifies what that changes.
  const Expr *substitute(const Expr *expr, const Expr *from, const Expr *to);

private:
  const Expr *unique(Expr &&expr);
  const Expr *simplifyFloat(Fn fn, ArrayRef<const Expr *> operands);
  const Expr *simplifyMul(const Expr *lhs, const Expr *rhs);
  const Expr *simplifySelect(ArrayRef<const Expr *> operands);
  const Expr *simplifyLogic(Fn fn, ArrayRef<const Expr *> operands, Type type);

  llvm::FoldingSet<Expr> nodes;
  std::vector<std::unique_ptr<Expr>> storage;
};

/// Calls `visit` on each node of `expr` once, operands after users; does not
/// go below a node for which it returns false.
void walk(const Expr *expr, llvm::function_ref<bool(const Expr *)> visit);

/// Whether a node of `expr` is `leaf`.
bool contains(const Expr *expr, const Expr *leaf);

/// The axes that `expr` depends on, each once.
AxisList collectAxes(const Expr *expr);

/// The value of `expr` where the axes have the given values: booleans and
/// integers as numbers. Nothing if `expr` holds what is not a constant.
std::optional<double> evaluate(const Expr *expr, const IndexSpace &space,
                               llvm::function_ref<int64_t(Axis)> axisValue);

} // namespace mlir::attn::raise

#endif // SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_SCALAREXPR_H
