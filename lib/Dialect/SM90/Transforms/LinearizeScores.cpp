//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes scores apart into what is the same for all elements, for all of a row,
// and for none.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_LINEARIZESCORESPASS
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;
using namespace mlir::sm90;

//===----------------------------------------------------------------------===//
// What all elements share
//===----------------------------------------------------------------------===//

/// Whether the operation gives the same wherever its operands are known.
static bool isMovable(Operation *op) {
  if (op->getNumRegions() != 0 || op->hasTrait<OpTrait::IsTerminator>())
    return false;
  auto load = dyn_cast<LLVM::LoadOp>(op);
  return (load && load.getInvariant()) || isPure(op);
}

/// Moves out of `map` what its elements share, and out of the loops and
/// branches around it what those do not change.
static void hoistInvariants(MapOp map) {
  for (Operation &op :
       llvm::make_early_inc_range(map.getBody().front().without_terminator())) {
    auto isDefinedOutside = [&](Operation *parent) {
      return llvm::all_of(op.getOperands(), [&](Value operand) {
        return !parent->isAncestor(operand.getParentBlock()->getParentOp());
      });
    };
    if (!isMovable(&op) || !isDefinedOutside(map))
      continue;
    Operation *place = map;
    while (isa<scf::ForOp, scf::IfOp>(place->getParentOp()) &&
           isDefinedOutside(place->getParentOp()))
      place = place->getParentOp();
    op.moveBefore(place);
  }
}

//===----------------------------------------------------------------------===//
// Columns
//===----------------------------------------------------------------------===//

namespace {
/// The sum `score * element + column * (column's offset) + other + rest`,
/// without those that are null. `score` and `column` are the same for all
/// elements, `rest` for all of a row; `other` is a product with what is
/// computed for each element in another way.
struct LinearScore {
  Value score, column, rest;
  Value other, factor;
};

/// Rewrites the scores of one map.
class ScoreRewriter {
public:
  explicit ScoreRewriter(MapOp map)
      : map(map), outside(map.getLoc(), map), inside(map.getLoc(), map) {}

  void rewrite(SigmoidOp sigmoid) { rewrite(sigmoid->getOpOperand(0)); }

private:
  void rewrite(OpOperand &use);
  /// Reads a value of the map as a sum.
  LinearScore read(Value value);
  LinearScore add(const LinearScore &a, const LinearScore &b);
  LinearScore scale(const LinearScore &sum, Value factor);
  /// The number of an integer that grows from column to column.
  std::optional<LinearScore> readNumber(Value integer);
  Value build(const LinearScore &sum);

  /// By how much an integer grows from column to column; nothing if not by a
  /// constant.
  std::optional<int64_t> getStep(Value value);
  /// The integer at the thread's first column.
  Value atFirstColumn(Value value);

  bool isInside(Value value) {
    return map.getBody().isAncestor(value.getParentRegion());
  }
  bool dependsOn(Value value, BlockArgument argument);
  /// `a * b + c`, or without `c` the product; in the map only where it has to
  /// be.
  Value multiplyAdd(Value a, Value b, Value c);
  Value constant(double value) {
    return arith::ConstantFloatOp::create(outside, outside.getF32Type(),
                                          APFloat(static_cast<float>(value)));
  }
  BlockArgument getOffset();

  MapOp map;
  /// Before the map; in it, before what is rewritten.
  ImplicitLocOpBuilder outside, inside;
};
} // namespace

bool ScoreRewriter::dependsOn(Value value, BlockArgument argument) {
  if (value == argument)
    return true;
  Operation *op = value.getDefiningOp();
  return op && isInside(value) &&
         (op->getNumRegions() != 0 ||
          llvm::any_of(op->getOperands(), [&](Value operand) {
            return dependsOn(operand, argument);
          }));
}

std::optional<int64_t> ScoreRewriter::getStep(Value value) {
  if (value == map.getColumn())
    return 1;
  if (!dependsOn(value, map.getColumn()))
    return 0;
  Operation *op = value.getDefiningOp();
  if (isa<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>(op))
    return getStep(op->getOperand(0));
  if (!isa<arith::AddIOp, arith::SubIOp, arith::MulIOp>(op))
    return std::nullopt;
  std::optional<int64_t> left = getStep(op->getOperand(0));
  std::optional<int64_t> right = getStep(op->getOperand(1));
  if (!left || !right)
    return std::nullopt;
  if (isa<arith::AddIOp>(op))
    return *left + *right;
  if (isa<arith::SubIOp>(op))
    return *left - *right;
  APInt factor;
  if (matchPattern(op->getOperand(1), m_ConstantInt(&factor)))
    return *left * factor.getSExtValue();
  return std::nullopt;
}

BlockArgument ScoreRewriter::getOffset() {
  if (BlockArgument offset = map.getColumnOffset())
    return offset;
  return map.getBody().addArgument(inside.getI32Type(), map.getLoc());
}

Value ScoreRewriter::atFirstColumn(Value value) {
  if (!dependsOn(value, map.getColumn()))
    return value;
  if (value == map.getColumn())
    return arith::SubIOp::create(inside, value, getOffset());
  Operation *op = value.getDefiningOp();
  IRMapping mapping;
  for (Value operand : op->getOperands())
    mapping.map(operand, atFirstColumn(operand));
  return inside.clone(*op, mapping)->getResult(0);
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

Value ScoreRewriter::multiplyAdd(Value a, Value b, Value c) {
  bool isOutside = !isInside(a) && !isInside(b) && (!c || !isInside(c));
  ImplicitLocOpBuilder &builder = isOutside ? outside : inside;
  if (!c)
    return builder.createOrFold<arith::MulFOp>(a, b);
  if (matchPattern(b, m_OneFloat()))
    return builder.createOrFold<arith::AddFOp>(a, c);
  return math::FmaOp::create(builder, a, b, c);
}

LinearScore ScoreRewriter::scale(const LinearScore &sum, Value factor) {
  auto multiply = [&](Value value) {
    return value ? multiplyAdd(value, factor, nullptr) : Value();
  };
  return {multiply(sum.score), multiply(sum.column), multiply(sum.rest),
          sum.other, multiply(sum.factor)};
}

LinearScore ScoreRewriter::add(const LinearScore &a, const LinearScore &b) {
  Value one = constant(1);
  auto sum = [&](Value x, Value y) {
    return x && y ? multiplyAdd(x, one, y) : x ? x : y;
  };
  LinearScore both{sum(a.score, b.score), sum(a.column, b.column),
                   sum(a.rest, b.rest), a.other ? a.other : b.other,
                   a.other ? a.factor : b.factor};
  if (a.other && b.other) {
    Value second = multiplyAdd(b.other, b.factor, nullptr);
    both.other = multiplyAdd(a.other, a.factor, second);
    both.factor = one;
  }
  return both;
}

std::optional<LinearScore> ScoreRewriter::readNumber(Value integer) {
  std::optional<int64_t> step = getStep(integer);
  if (!step)
    return std::nullopt;
  Value first = arith::SIToFPOp::create(inside, inside.getF32Type(),
                                        atFirstColumn(integer));
  return LinearScore{nullptr, constant(*step), first, nullptr, nullptr};
}

LinearScore ScoreRewriter::read(Value value) {
  BlockArgument element = map.getBody().getArgument(0);
  if (value == element)
    return {constant(1), nullptr, nullptr, nullptr, nullptr};
  if (!dependsOn(value, element) &&
      (!map.hasIndices() || !dependsOn(value, map.getColumn())))
    return {nullptr, nullptr, value, nullptr, nullptr};
  LinearScore other{nullptr, nullptr, nullptr, value, constant(1)};
  Operation *op = value.getDefiningOp();
  if (!op)
    return other;
  auto operand = [&](unsigned number) { return op->getOperand(number); };
  auto isProduct = [&] {
    return !isInside(operand(0)) || !isInside(operand(1));
  };
  auto product = [&] {
    return isInside(operand(0)) ? scale(read(operand(0)), operand(1))
                                : scale(read(operand(1)), operand(0));
  };
  if (auto number = dyn_cast<arith::SIToFPOp>(op);
      number && number.getType().isF32()) {
    if (std::optional<LinearScore> sum = readNumber(number.getIn()))
      return *sum;
    // |n| is the number's absolute value, which costs nothing.
    auto absolute = number.getIn().getDefiningOp<math::AbsIOp>();
    if (!absolute)
      return other;
    if (std::optional<LinearScore> sum = readNumber(absolute.getOperand()))
      other.other = math::AbsFOp::create(inside, build(*sum));
    return other;
  }
  if (isa<math::FmaOp>(op) && isProduct())
    return add(product(), read(operand(2)));
  if (isa<arith::MulFOp>(op) && isProduct())
    return product();
  if (isa<arith::AddFOp>(op))
    return add(read(operand(0)), read(operand(1)));
  if (isa<arith::SubFOp>(op))
    return add(read(operand(0)), scale(read(operand(1)), constant(-1)));
  if (isa<arith::NegFOp>(op))
    return scale(read(operand(0)), constant(-1));
  return other;
}

Value ScoreRewriter::build(const LinearScore &sum) {
  Value result = sum.rest;
  if (sum.column) {
    Value offset =
        arith::SIToFPOp::create(inside, inside.getF32Type(), getOffset());
    result = multiplyAdd(offset, sum.column, result);
  }
  if (sum.other)
    result = multiplyAdd(sum.other, sum.factor, result);
  if (sum.score)
    result = multiplyAdd(map.getBody().getArgument(0), sum.score, result);
  return result;
}

void ScoreRewriter::rewrite(OpOperand &use) {
  Operation *op = use.get().getDefiningOp();
  if (!op || !isInside(use.get()))
    return;
  if (isa<arith::SelectOp>(op)) {
    rewrite(op->getOpOperand(1));
    rewrite(op->getOpOperand(2));
    return;
  }
  inside.setInsertionPoint(use.getOwner());
  LinearScore sum = read(use.get());
  if (sum.score)
    use.set(build(sum));
}

namespace {
struct LinearizeScoresPass
    : public sm90::impl::LinearizeScoresPassBase<LinearizeScoresPass> {
  using LinearizeScoresPassBase::LinearizeScoresPassBase;

  void runOnOperation() override {
    SmallVector<MapOp> maps;
    getOperation()->walk([&](MapOp map) { maps.push_back(map); });
    for (MapOp map : maps) {
      hoistInvariants(map);
      if (map.getInputs().size() != 1 || map.isPaired())
        continue;
      ScoreRewriter rewriter(map);
      for (auto sigmoid : map.getBody().getOps<SigmoidOp>())
        rewriter.rewrite(sigmoid);
    }
  }
};
} // namespace
