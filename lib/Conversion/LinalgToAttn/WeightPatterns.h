//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The parts of an attention weight: sigmoid, linear score, visibility.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_WEIGHTPATTERNS_H
#define SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_WEIGHTPATTERNS_H

#include "ScalarExpr.h"

namespace mlir::attn::raise {

/// If `expr` is a sigmoid in any of its spellings, what it is the sigmoid of;
/// else null. Known are 1 / (1 + exp(-x)), exp(x) / (1 + exp(x)), with exp2 as
/// well, 0.5 + 0.5 * tanh(x / 2), 1 - sigmoid(-x), and choices by the sign of x
/// between two of them that do not overflow.
const Expr *matchSigmoid(ExprPool &pool, const Expr *expr);

/// `factor * score + offset`, both of them without the score. The factor is
/// null if the expression does not depend on the score at all.
struct LinearScore {
  const Expr *factor = nullptr;
  const Expr *offset = nullptr;
};

/// Nothing if `expr` is not linear in the leaf `score`.
std::optional<LinearScore> matchLinear(ExprPool &pool, const Expr *expr,
                                       const Expr *score);

/// `uniform * varying` of a product, or `uniform + varying` of a sum: the part
/// that is one number for the whole attention, and the rest.
struct Uniform {
  const Expr *uniform;
  const Expr *varying;
};
Uniform splitProduct(ExprPool &pool, const Expr *expr);
Uniform splitSum(ExprPool &pool, const Expr *expr);

/// A condition under which a score is seen: `condition` equals `visibleIf`.
struct Visibility {
  const Expr *condition;
  bool visibleIf;
};

/// Takes the conditions out of `weight` that set it to exactly 0 where they do
/// not hold: by a choice before or after the sigmoid, a product with a
/// boolean, or the addition of a large negative number. What is left of
/// `weight` is its value where they hold.
SmallVector<Visibility> takeVisibility(ExprPool &pool, const Expr *&weight,
                                       const Expr *score);

} // namespace mlir::attn::raise

#endif // SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_WEIGHTPATTERNS_H
