//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and resolves branches on a loop's step.
//
//===----------------------------------------------------------------------===//

#include "StepRange.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::sm90;

/// Reads `value` as a comparison of the step with a value from outside, for a
/// bound that the range has not yet.
static bool readComparison(scf::ForOp loop, Value value, StepRange &range) {
  auto compare = value.getDefiningOp<arith::CmpIOp>();
  if (!compare || compare.getLhs() != loop.getInductionVar() ||
      !loop.isDefinedOutsideOfLoop(compare.getRhs()))
    return false;
  bool isBegin = compare.getPredicate() == arith::CmpIPredicate::sge;
  if (!isBegin && compare.getPredicate() != arith::CmpIPredicate::slt)
    return false;
  Value &bound = isBegin ? range.begin : range.end;
  if (bound)
    return false;
  bound = compare.getRhs();
  return true;
}

bool sm90::countsByOnes(scf::ForOp loop) {
  return matchPattern(loop.getStep(), m_One()) && !loop.getUnsignedCmp();
}

std::optional<StepRange> StepRange::read(scf::ForOp loop, Value condition) {
  // A loop that starts at a bound takes the same steps only by ones.
  if (!countsByOnes(loop))
    return std::nullopt;
  StepRange range;
  if (auto both = condition.getDefiningOp<arith::AndIOp>()) {
    if (!readComparison(loop, both.getLhs(), range) ||
        !readComparison(loop, both.getRhs(), range))
      return std::nullopt;
    return range;
  }
  if (!readComparison(loop, condition, range))
    return std::nullopt;
  return range;
}

StepRange StepRange::clamp(ImplicitLocOpBuilder &builder, Value lower,
                           Value upper) const {
  auto between = [&](Value value, Value low) -> Value {
    Value atLeast = arith::MaxSIOp::create(builder, value, low);
    return arith::MinSIOp::create(builder, atLeast, upper);
  };
  StepRange clamped{lower, upper};
  if (begin)
    clamped.begin = between(begin, lower);
  if (end)
    clamped.end = between(end, clamped.begin);
  return clamped;
}

void sm90::resolveBranch(scf::IfOp branch, bool isTaken) {
  Block *block = isTaken ? branch.thenBlock() : branch.elseBlock();
  if (!block) {
    branch.erase();
    return;
  }
  Operation *yield = block->getTerminator();
  branch.replaceAllUsesWith(yield->getOperands());
  yield->erase();
  branch->getBlock()->getOperations().splice(branch->getIterator(),
                                             block->getOperations());
  branch.erase();
}
