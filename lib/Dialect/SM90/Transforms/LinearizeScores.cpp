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

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/CheckedArithmetic.h"

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
  // What loads and choices make. An index of theirs may be one that only steps
  // with keys have, so loads by it stay where they are executed.
  llvm::SmallPtrSet<Operation *, 8> unknown;
  auto isUnknown = [&](Value value) {
    return unknown.contains(value.getDefiningOp());
  };
  for (Operation &op :
       llvm::make_early_inc_range(map.getBody().front().without_terminator())) {
    auto isDefinedOutside = [&](Operation *parent) {
      return llvm::all_of(op.getOperands(), [&](Value operand) {
        return !parent->isAncestor(operand.getParentBlock()->getParentOp());
      });
    };
    if (!isMovable(&op) || !isDefinedOutside(map))
      continue;
    bool usesUnknown = llvm::any_of(op.getOperands(), isUnknown);
    if (usesUnknown || isa<LLVM::LoadOp, arith::SelectOp>(op))
      unknown.insert(&op);
    Operation *place = map;
    bool stays = isa<LLVM::LoadOp>(op) && usesUnknown;
    while (!stays && isa<scf::ForOp, scf::IfOp>(place->getParentOp()) &&
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
      : map(map), outside(map.getLoc(), map), inside(map.getLoc(), map) {
    Block &body = map.getBody().front();
    collectUsers(body.getArgument(0), ofElement);
    if (map.hasIndices())
      collectUsers(map.getColumn(), ofColumn);
  }

  void rewrite(SigmoidOp sigmoid) { rewrite(sigmoid->getOpOperand(0)); }

private:
  /// Adds what is computed from a value.
  static void collectUsers(Value value, llvm::DenseSet<Value> &users);
  void rewrite(OpOperand &use);
  /// Reads a value of the map as a sum; once for all of its uses.
  LinearScore read(Value value);
  LinearScore readOnce(Value value);
  LinearScore add(const LinearScore &a, const LinearScore &b);
  LinearScore scale(const LinearScore &sum, Value factor);
  /// The number of an integer that grows from column to column.
  std::optional<LinearScore> readNumber(Value integer);
  Value build(const LinearScore &sum);

  /// By how much an integer grows from column to column; nothing if not by a
  /// constant.
  std::optional<int64_t> getStep(Value value);
  std::optional<int64_t> computeStep(Value value);
  /// The integer at the thread's first column.
  Value atFirstColumn(Value value);

  bool isInside(Value value) {
    return map.getBody().isAncestor(value.getParentRegion());
  }
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
  /// What differs from element to element, and what does so by its column.
  llvm::DenseSet<Value> ofElement, ofColumn;
  /// What was found before `inside`.
  llvm::DenseMap<Value, LinearScore> sums;
  llvm::DenseMap<Value, Value> atFirst;
  llvm::DenseMap<Value, std::optional<int64_t>> steps;
};
} // namespace

void ScoreRewriter::collectUsers(Value value, llvm::DenseSet<Value> &users) {
  SetVector<Operation *> slice;
  getForwardSlice(value, &slice);
  users.insert(value);
  for (Operation *op : slice)
    users.insert_range(op->getResults());
}

std::optional<int64_t> ScoreRewriter::getStep(Value value) {
  if (auto known = steps.find(value); known != steps.end())
    return known->second;
  // A position's multiple by no more than this fits in 64 bits.
  constexpr int64_t kMost = int64_t(1) << 31;
  std::optional<int64_t> step = computeStep(value);
  if (step && (*step > kMost || *step < -kMost))
    step = std::nullopt;
  steps[value] = step;
  return step;
}

std::optional<int64_t> ScoreRewriter::computeStep(Value value) {
  if (!map.hasIndices())
    return std::nullopt;
  if (value == map.getColumn())
    return 1;
  if (!ofColumn.contains(value))
    return 0;
  Operation *op = value.getDefiningOp();
  if (!isa<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp, arith::AddIOp,
           arith::SubIOp, arith::MulIOp>(op))
    return std::nullopt;
  std::optional<int64_t> left = getStep(op->getOperand(0));
  if (!left)
    return std::nullopt;
  // Positions and their sums fit in 32 bits. What else is cut off, or
  // multiplied in so few, may wrap around from column to column.
  unsigned width =
      value.getType().isIndex() ? 64 : value.getType().getIntOrFloatBitWidth();
  if (width < 32)
    return std::nullopt;
  if (isa<arith::ExtSIOp>(op))
    return left;
  if (isa<arith::IndexCastOp, arith::TruncIOp>(op))
    return width == 64 || std::abs(*left) <= 1 ? left : std::nullopt;
  std::optional<int64_t> right = getStep(op->getOperand(1));
  if (!right)
    return std::nullopt;
  if (isa<arith::AddIOp>(op))
    return llvm::checkedAdd(*left, *right);
  if (isa<arith::SubIOp>(op))
    return llvm::checkedSub(*left, *right);
  APInt factor;
  if (width == 64 && matchPattern(op->getOperand(1), m_ConstantInt(&factor)))
    return llvm::checkedMul(*left, factor.getSExtValue());
  return std::nullopt;
}

BlockArgument ScoreRewriter::getOffset() {
  if (BlockArgument offset = map.getColumnOffset())
    return offset;
  return map.getBody().addArgument(inside.getI32Type(), map.getLoc());
}

Value ScoreRewriter::atFirstColumn(Value value) {
  if (!ofColumn.contains(value))
    return value;
  if (Value known = atFirst.lookup(value))
    return known;
  Value first;
  if (value == map.getColumn()) {
    first = arith::SubIOp::create(inside, value, getOffset());
  } else {
    Operation *op = value.getDefiningOp();
    IRMapping mapping;
    for (Value operand : op->getOperands())
      mapping.map(operand, atFirstColumn(operand));
    first = inside.clone(*op, mapping)->getResult(0);
  }
  atFirst[value] = first;
  return first;
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
  if (!step || *step == 0)
    return std::nullopt;
  Value first = arith::SIToFPOp::create(inside, inside.getF32Type(),
                                        atFirstColumn(integer));
  return LinearScore{nullptr, constant(*step), first, nullptr, nullptr};
}

LinearScore ScoreRewriter::read(Value value) {
  auto known = sums.find(value);
  if (known == sums.end())
    known = sums.try_emplace(value, readOnce(value)).first;
  return known->second;
}

LinearScore ScoreRewriter::readOnce(Value value) {
  if (value == map.getBody().getArgument(0))
    return {constant(1), nullptr, nullptr, nullptr, nullptr};
  if (!ofElement.contains(value) && !ofColumn.contains(value))
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
  sums.clear();
  atFirst.clear();
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
