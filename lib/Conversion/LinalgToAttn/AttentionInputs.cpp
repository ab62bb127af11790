//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Query, key and value of a match, and the roles of their indices.
//
//===----------------------------------------------------------------------===//

#include "AttentionMatch.h"

#include "llvm/Support/raw_ostream.h"

#include <limits>

using namespace mlir;
using namespace mlir::attn::raise;

bool IndexedTensor::dependsOn(Axis axis) const {
  return llvm::any_of(indices, [&](const AxisList &list) {
    return llvm::is_contained(list, axis);
  });
}

AxisList AttentionMatch::getHeads() const {
  AxisList heads = keyHeads;
  llvm::append_range(heads, group);
  return heads;
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

const Expr *AttentionMatcher::readInit(const ContractionView &contraction) {
  TensorReader reader(pool, space, getBlock(), /*dropCasts=*/true);
  return reader.read(contraction.getInit(),
                     contraction.getResultIndices(space));
}

/// Whether the tensor that holds `expr` can stand for it: constants and
/// scalars are held by tensors that have nothing else in common.
static bool hasOwnHome(const Expr *expr) {
  return expr->home &&
         (expr->kind == Expr::Kind::Element || expr->kind == Expr::Kind::Apply);
}

/// Takes one uniform factor off `expr`, or returns null.
static const Expr *takeFactor(ExprPool &pool, const Expr *expr,
                              const Expr *&factor) {
  auto isUniform = [](const Expr *e) { return collectAxes(e).empty(); };
  if (expr->is(Fn::NegF)) {
    factor = pool.apply(Fn::NegF, {factor});
    return expr->operand(0);
  }
  if (!expr->is(Fn::MulF) && !expr->is(Fn::DivF))
    return nullptr;
  if (isUniform(expr->operand(1))) {
    factor = pool.apply(expr->fn, {factor, expr->operand(1)});
    return expr->operand(0);
  }
  if (expr->is(Fn::DivF) || !isUniform(expr->operand(0)))
    return nullptr;
  factor = pool.apply(Fn::MulF, {factor, expr->operand(0)});
  return expr->operand(1);
}

IndexedTensor AttentionMatcher::readInput(const ContractionView &contraction,
                                          unsigned side, const Expr **factor) {
  TensorReader reader(pool, space, getBlock(), /*dropCasts=*/false);
  auto getWidth = [](Value tensor) {
    return getElementTypeOrSelf(tensor.getType()).getIntOrFloatBitWidth();
  };
  IndexedTensor best{contraction.getInput(side),
                     contraction.getInputIndices(space, side)};
  const Expr *node = reader.read(best.tensor, best.indices);
  const Expr *taken = pool.number(1), *takenAtBest = taken;
  while (node) {
    // A wider tensor is what the program rounded before it contracted it.
    if (hasOwnHome(node) && getWidth(node->home) <= getWidth(best.tensor)) {
      best = {node->home, space.resolveAll(node->homeIndices)};
      takenAtBest = taken;
    }
    if (node->is(Fn::CastF))
      node = node->operand(0);
    else
      node = factor ? takeFactor(pool, node, taken) : nullptr;
  }
  if (factor)
    *factor = pool.apply(Fn::MulF, {*factor, takenAtBest});
  return best;
}

/// Says what is wrong with the element type of a tensor, if anything.
static bool checkType(Value tensor, StringRef name, Reason &reason) {
  Type type = getElementTypeOrSelf(tensor.getType());
  if (type.isBF16() || type.isF16() || type.isF32())
    return true;
  llvm::raw_string_ostream(reason)
      << "expected " << name << " of bf16, f16 or f32, got " << type;
  return false;
}

bool AttentionMatcher::matchInputs(AttentionMatch &match,
                                   ContractionView &scores, unsigned side,
                                   const Expr *&factor, Reason &reason) {
  IndexedTensor inputs[2] = {readInput(scores, 0, &factor),
                             readInput(scores, 1, &factor)};
  auto dependsOn = [&](unsigned input, ArrayRef<Axis> axes) {
    return llvm::any_of(
        axes, [&](Axis axis) { return inputs[input].dependsOn(axis); });
  };
  AxisList column = output.getSummed(space), row = output.getFree(space, side);
  if (dependsOn(0, column) && dependsOn(1, column)) {
    reason = "both factors of the scores depend on the key index";
    return false;
  }
  // With a single key, the query is what depends on the query index.
  unsigned key =
      dependsOn(0, column) || (!dependsOn(1, column) && dependsOn(1, row)) ? 0
                                                                           : 1;
  match.query = inputs[1 - key];
  match.key = inputs[key];
  match.value = readInput(output, 1 - side, /*factor=*/nullptr);
  match.output = {output.getResult(), output.getResultIndices(space)};
  match.depth = scores.getSummed(space);
  return checkType(match.query.tensor, "queries", reason) &&
         checkType(match.key.tensor, "keys", reason) &&
         checkType(match.value.tensor, "values", reason) &&
         checkType(match.output.tensor, "a result", reason);
}

//===----------------------------------------------------------------------===//
// Roles
//===----------------------------------------------------------------------===//

/// Of the axes that only queries have, those that are the query index: what a
/// band is about, else the longest. The others are heads of a group.
static AxisList chooseRow(ArrayRef<Axis> candidates, const IndexSpace &space,
                          ArrayRef<Axis> column,
                          ArrayRef<Visibility> visibility) {
  if (candidates.size() <= 1)
    return AxisList(candidates);
  for (const Visibility &condition : visibility) {
    AxisList band = findBandRow(condition.condition, space, column);
    AxisList row;
    for (Axis axis : candidates)
      if (llvm::is_contained(band, axis))
        row.push_back(axis);
    if (!row.empty())
      return row;
  }
  auto getLength = [&](Axis axis) {
    int64_t size = space.getSize(axis);
    return ShapedType::isDynamic(size) ? std::numeric_limits<int64_t>::max()
                                       : size;
  };
  return {*std::max_element(
      candidates.begin(), candidates.end(),
      [&](Axis a, Axis b) { return getLength(a) < getLength(b); })};
}

bool AttentionMatcher::assignRoles(AttentionMatch &match, unsigned side,
                                   ArrayRef<Visibility> visibility,
                                   Reason &reason) {
  match.column = output.getSummed(space);
  match.valueDepth = output.getFree(space, 1 - side);
  AxisList rows = output.getFree(space, side);
  AxisList batch = output.getBatch(space);
  auto isShared = [&](Axis axis) {
    return match.key.dependsOn(axis) || match.value.dependsOn(axis);
  };
  if (llvm::any_of(rows, isShared)) {
    reason = "the keys depend on the query index";
    return false;
  }
  match.row = chooseRow(rows, space, match.column, visibility);
  // Batch and heads in the order of the result.
  AxisList shared;
  for (const AxisList &list : match.output.indices)
    for (Axis axis : list) {
      if (llvm::is_contained(batch, axis) && isShared(axis))
        shared.push_back(axis);
      else if (!llvm::is_contained(match.row, axis) &&
               !llvm::is_contained(match.valueDepth, axis))
        match.group.push_back(axis);
    }
  // One axis may be batch and heads collapsed: it makes no difference.
  if (shared.size() >= 2)
    match.batch = {shared.front()};
  match.keyHeads.assign(shared.begin() + match.batch.size(), shared.end());
  return true;
}
