//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Unfused sigmoid attention, found from its last contraction backwards.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_ATTENTIONMATCH_H
#define SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_ATTENTIONMATCH_H

#include "BandPattern.h"
#include "ContractionView.h"
#include "TensorReader.h"

#include <map>
#include <string>

namespace mlir::attn::raise {

/// A tensor, and the index of each of its dims.
struct IndexedTensor {
  Value tensor;
  SmallVector<AxisList> indices;

  bool dependsOn(Axis axis) const;
};

/// What an attention op is made of, in terms of one index space.
///
/// Query heads are keyHeads x group, and a group shares a key head.
struct AttentionMatch {
  IndexedTensor query, key, value;
  /// The result of the last contraction, which attention replaces.
  IndexedTensor output;
  AxisList batch, keyHeads, group, row, column, depth, valueDepth;

  /// The scale and bias of the scores, uniform both; no bias is the number 0.
  const Expr *scale = nullptr;
  const Expr *bias = nullptr;
  /// What the score region computes of the pool's placeholder, which stands
  /// for scale * q.k + bias; the placeholder itself if there is no region.
  const Expr *score = nullptr;
  /// The mask, if a bound is set.
  Band band;

  AxisList getHeads() const;
};

/// Why a candidate is not raised: completes "not raised: ...".
using Reason = std::string;

/// Looks for attention whose last contraction is an operation of a block.
class AttentionMatcher {
public:
  AttentionMatcher(ExprPool &pool, IndexSpace &space, ContractionView output)
      : pool(pool), space(space), output(std::move(output)) {}

  /// The attention whose weights are input `side` of the last contraction.
  /// Sets `reason` if there is none although the shape of one is there: a
  /// contraction, its sigmoid, and this contraction.
  std::optional<AttentionMatch> match(unsigned side, Reason &reason);

private:
  std::optional<AttentionMatch> matchOnce(unsigned side, Reason &reason);
  std::optional<AttentionMatch> matchScores(const Expr *weight,
                                            const Expr *score, unsigned side,
                                            Reason &reason);

  /// The products of a contraction under a sigmoid in `weight`.
  SmallVector<const Expr *> collectScores(const Expr *weight);
  ContractionView &getScores(const Expr *score);
  /// Whether keys and values are constants: the two layers of a perceptron.
  bool isFeedForward(const Expr *score, unsigned side);
  /// Whether something else needs the scores or what is computed from them.
  bool hasOtherUse(Value scores);

  /// Finds query, key and value, and multiplies what they are scaled by into
  /// `factor`.
  bool matchInputs(AttentionMatch &match, ContractionView &scores,
                   unsigned side, const Expr *&factor, Reason &reason);
  bool assignRoles(AttentionMatch &match, unsigned side,
                   ArrayRef<Visibility> visibility, Reason &reason);
  bool matchArgument(AttentionMatch &match, const Expr *argument,
                     const Expr *score);
  void matchVisibility(AttentionMatch &match, ArrayRef<Visibility> visibility);

  /// Reads an input of a contraction. Takes casts off it that widen and, into
  /// `factor` unless that is null, factors that are one number.
  IndexedTensor readInput(const ContractionView &contraction, unsigned side,
                          const Expr **factor);
  const Expr *readInit(const ContractionView &contraction);
  Block *getBlock() const { return output.getOp()->getBlock(); }

  ExprPool &pool;
  IndexSpace &space;
  ContractionView output;
  std::map<Operation *, ContractionView> scoresByOp;
  /// What the weights were read through.
  llvm::SmallPtrSet<Operation *, 16> visited;
};

} // namespace mlir::attn::raise

#endif // SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_ATTENTIONMATCH_H
