//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bands: from comparisons of indices, or from the scores that they leave.
//
//===----------------------------------------------------------------------===//

#include "BandPattern.h"

#include "LinearIndex.h"

#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace mlir::attn::raise;

using Variable = ValueBoundsConstraintSet::Variable;

/// What a condition demands of key index minus query index.
namespace {
struct SymbolicBand {
  std::optional<LinearIndex> low, high;
};
} // namespace

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

/// The bounds on key minus query that a comparison sets.
static std::optional<SymbolicBand> getBand(const IndexTest &test,
                                           const IndexSpace &space,
                                           const ScorePlane &plane) {
  for (int64_t sign : {1, -1}) {
    // sign * (key - query) + rest >= 0
    LinearIndex rest = test.difference;
    if (!addIndex(rest, plane.column, space, -sign) ||
        !addIndex(rest, plane.row, space, sign))
      return std::nullopt;
    if (llvm::any_of(rest.axes, [](auto &entry) { return entry.second != 0; }))
      continue;
    LinearIndex bound;
    bound.add(rest, -sign);
    SymbolicBand band;
    if (sign == 1 || test.equal)
      band.low = bound;
    if (sign == -1 || test.equal)
      band.high = bound;
    return band;
  }
  return std::nullopt;
}

/// The comparisons that must all hold for the condition to be `holds`.
static bool collectComparisons(const Expr *expr, bool holds,
                               SmallVectorImpl<Visibility> &comparisons) {
  if (expr->is(Fn::XorI) && expr->isBool() && expr->operand(1)->isConstant())
    return collectComparisons(expr->operand(0),
                              holds != bool(expr->operand(1)->integer),
                              comparisons);
  // All parts of an `and` hold, or none of an `or`.
  if (expr->isBool() && expr->is(holds ? Fn::AndI : Fn::OrI))
    return llvm::all_of(expr->operands, [&](const Expr *operand) {
      return collectComparisons(operand, holds, comparisons);
    });
  comparisons.push_back({expr, holds});
  return expr->is(Fn::CmpI) || expr->is(Fn::CmpF);
}

//===----------------------------------------------------------------------===//
// Alignment to the bottom right
//===----------------------------------------------------------------------===//

namespace {
/// factor * a size that is known at run time: that of any of the variables.
struct Symbol {
  SmallVector<Variable, 2> variables;
  int64_t factor;
};
} // namespace

/// Whether both symbols are provably the same size.
static bool isSameSize(const Symbol &lhs, const Symbol &rhs) {
  return llvm::any_of(lhs.variables, [&](const Variable &left) {
    return llvm::any_of(rhs.variables, [&](const Variable &right) {
      FailureOr<bool> equal = ValueBoundsConstraintSet::areEqual(left, right);
      return succeeded(equal) && *equal;
    });
  });
}

/// Adds factor * length to `offset`, and to `symbols` what of it is dynamic.
static bool addLength(ArrayRef<Axis> axes, const IndexSpace &space,
                      int64_t factor, int64_t &offset,
                      SmallVectorImpl<Symbol> &symbols) {
  int64_t size = space.getSize(axes);
  if (!ShapedType::isDynamic(size)) {
    offset += factor * size;
    return true;
  }
  if (axes.size() != 1 || space.getSources(axes[0]).empty())
    return false;
  Symbol &symbol = symbols.emplace_back(Symbol{{}, factor});
  for (const IndexSpace::Source &source : space.getSources(axes[0]))
    symbol.variables.emplace_back(source.tensor, source.dim);
  return true;
}

/// bound - (key length - query length), if that is a number.
static std::optional<int64_t> alignBound(const LinearIndex &bound,
                                         const IndexSpace &space,
                                         const ScorePlane &plane) {
  int64_t offset = bound.constant;
  SmallVector<Symbol> symbols;
  for (auto [value, factor] : bound.values)
    if (factor != 0)
      symbols.push_back({{Variable(value)}, factor});
  if (!addLength(plane.column, space, -1, offset, symbols) ||
      !addLength(plane.row, space, 1, offset, symbols))
    return std::nullopt;
  // Lengths cancel where they are provably equal.
  while (!symbols.empty()) {
    Symbol symbol = symbols.pop_back_val();
    auto *opposite = llvm::find_if(symbols, [&](const Symbol &other) {
      return other.factor == -symbol.factor && isSameSize(symbol, other);
    });
    if (opposite == symbols.end())
      return std::nullopt;
    symbols.erase(opposite);
  }
  return offset;
}

//===----------------------------------------------------------------------===//
// Every score
//===----------------------------------------------------------------------===//

/// So many scores are looked at one by one.
static constexpr int64_t kMaxScores = int64_t(1) << 22;

/// The value of each axis of a mixed-radix index.
static void setAxes(ArrayRef<Axis> axes, const IndexSpace &space, int64_t index,
                    llvm::DenseMap<Axis, int64_t> &values) {
  for (Axis axis : llvm::reverse(axes)) {
    values[axis] = index % space.getSize(axis);
    index /= space.getSize(axis);
  }
}

static std::optional<Band> matchByLooking(const Visibility &visibility,
                                          const IndexSpace &space,
                                          const ScorePlane &plane) {
  int64_t rows = space.getSize(plane.row);
  int64_t columns = space.getSize(plane.column);
  if (ShapedType::isDynamic(rows) || ShapedType::isDynamic(columns) ||
      rows * columns == 0 || rows > kMaxScores / columns)
    return std::nullopt;
  for (Axis axis : collectAxes(visibility.condition))
    if (!llvm::is_contained(plane.row, axis) &&
        !llvm::is_contained(plane.column, axis))
      return std::nullopt;
  // The band must hold all visible scores, and none other.
  std::vector<bool> visible;
  visible.reserve(rows * columns);
  int64_t low = columns, high = -rows;
  llvm::DenseMap<Axis, int64_t> values;
  for (int64_t i = 0; i < rows; ++i) {
    setAxes(plane.row, space, i, values);
    for (int64_t j = 0; j < columns; ++j) {
      setAxes(plane.column, space, j, values);
      std::optional<double> value =
          evaluate(visibility.condition, space,
                   [&](Axis axis) { return values.lookup(axis); });
      if (!value)
        return std::nullopt;
      visible.push_back((*value != 0) == visibility.visibleIf);
      if (!visible.back())
        continue;
      low = std::min(low, j - i);
      high = std::max(high, j - i);
    }
  }
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      if (!visible[i * columns + j] && low <= j - i && j - i <= high)
        return std::nullopt;
  int64_t shift = columns - rows;
  Band band;
  if (low > 1 - rows)
    band.left = shift - low;
  if (high < columns - 1)
    band.right = high - shift;
  return band;
}

//===----------------------------------------------------------------------===//
// The band
//===----------------------------------------------------------------------===//

Band attn::raise::intersect(const Band &lhs, const Band &rhs) {
  auto least = [](std::optional<int64_t> a, std::optional<int64_t> b) {
    return a && b ? std::min(*a, *b) : a ? a : b;
  };
  return {least(lhs.left, rhs.left), least(lhs.right, rhs.right)};
}

static std::optional<Band> matchByComparisons(const Visibility &visibility,
                                              const IndexSpace &space,
                                              const ScorePlane &plane) {
  SmallVector<Visibility> comparisons;
  if (!collectComparisons(visibility.condition, visibility.visibleIf,
                          comparisons))
    return std::nullopt;
  Band band;
  for (const Visibility &comparison : comparisons) {
    auto test =
        matchIndexTest(comparison.condition, comparison.visibleIf, space);
    auto symbolic = test ? getBand(*test, space, plane) : std::nullopt;
    if (!symbolic)
      return std::nullopt;
    Band part;
    if (symbolic->high) {
      part.right = alignBound(*symbolic->high, space, plane);
      if (!part.right)
        return std::nullopt;
    }
    if (symbolic->low) {
      std::optional<int64_t> low = alignBound(*symbolic->low, space, plane);
      if (!low)
        return std::nullopt;
      part.left = -*low;
    }
    band = intersect(band, part);
  }
  return band;
}

std::optional<Band> attn::raise::matchBand(const Visibility &visibility,
                                           const IndexSpace &space,
                                           const ScorePlane &plane) {
  std::optional<Band> band = matchByComparisons(visibility, space, plane);
  if (!band)
    band = matchByLooking(visibility, space, plane);
  // A mask's bounds hold the diagonal that ends in the last corner.
  if (!band || band->left.value_or(0) < 0 || band->right.value_or(0) < 0)
    return std::nullopt;
  return band;
}

AxisList attn::raise::findBandRow(const Expr *condition,
                                  const IndexSpace &space,
                                  ArrayRef<Axis> column) {
  AxisList row;
  walk(condition, [&](const Expr *node) {
    std::optional<IndexTest> test = matchIndexTest(node, /*holds=*/true, space);
    if (!test)
      return true;
    const auto &axes = test->difference.axes;
    if (!llvm::any_of(column,
                      [&](Axis axis) { return axes.lookup(axis) != 0; }))
      return true;
    for (auto [axis, factor] : axes)
      if (factor != 0 && !llvm::is_contained(column, axis) &&
          !llvm::is_contained(row, axis))
        row.push_back(axis);
    return true;
  });
  return row;
}
