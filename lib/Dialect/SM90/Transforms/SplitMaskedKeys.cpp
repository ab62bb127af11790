//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Splits key loops at the steps where a mask begins and ends to matter.
//
//===----------------------------------------------------------------------===//

#include "FragmentMaps.h"
#include "StepRange.h"

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_SPLITMASKEDKEYSPASS
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;
using namespace mlir::sm90;

/// Copies `loop` for the steps from `begin` to `end`, where the branches on
/// the range's condition all go the same way.
static scf::ForOp createPart(ImplicitLocOpBuilder &builder, scf::ForOp loop,
                             ArrayRef<scf::IfOp> branches, ValueRange inits,
                             Value begin, Value end, bool isInside) {
  IRMapping mapping;
  auto part = cast<scf::ForOp>(builder.clone(*loop, mapping));
  part.setLowerBound(begin);
  part.setUpperBound(end);
  part.getInitArgsMutable().assign(inits);
  // The copies are found by their place in the walk, which is the original's.
  SmallVector<scf::IfOp> originals, copies;
  loop.walk([&](scf::IfOp branch) { originals.push_back(branch); });
  part.walk([&](scf::IfOp branch) { copies.push_back(branch); });
  for (auto [original, copy] : llvm::zip(originals, copies))
    if (llvm::is_contained(branches, original))
      resolveBranch(copy, isInside);
  return part;
}

namespace {
/// Writes a loop's parts, one after the other.
class PartWriter {
public:
  PartWriter(scf::ForOp loop, ArrayRef<scf::IfOp> branches)
      : loop(loop), branches(branches), b(loop.getLoc(), loop),
        carried(llvm::to_vector(loop.getInitArgs())) {}

  /// Puts parts in the place of the loop, which `range` cuts.
  void write(const StepRange &range);

private:
  /// The steps from `from` to `to`.
  void addPart(Value from, Value to, bool isInside) {
    scf::ForOp part =
        createPart(b, loop, branches, carried, from, to, isInside);
    carried = SmallVector<Value>(part.getResults());
  }
  /// The parts before, in, and behind a range of two bounds. Those outside are
  /// the same code, so they are one loop, in a loop of two rounds.
  void addRounds(const StepRange &inside);

  scf::ForOp loop;
  ArrayRef<scf::IfOp> branches;
  ImplicitLocOpBuilder b;
  SmallVector<Value> carried;
};
} // namespace

void PartWriter::addRounds(const StepRange &inside) {
  Type type = loop.getInductionVar().getType();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
  };
  // Where the steps outside begin and end, and those inside end.
  SmallVector<Value> first = {loop.getLowerBound(), inside.begin, inside.end};
  SmallVector<Value> second = {inside.end, loop.getUpperBound(), inside.begin};
  SmallVector<Value> inits = first;
  llvm::append_range(inits, carried);
  auto rounds =
      scf::ForOp::create(b, constant(0), constant(2), constant(1), inits);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(rounds.getBody());
    ValueRange bounds = rounds.getRegionIterArgs().take_front(first.size());
    carried =
        SmallVector<Value>(rounds.getRegionIterArgs().drop_front(first.size()));
    addPart(bounds[0], bounds[1], /*isInside=*/false);
    addPart(inside.begin, bounds[2], /*isInside=*/true);
    llvm::append_range(second, carried);
    scf::YieldOp::create(b, second);
  }
  carried = SmallVector<Value>(rounds.getResults().drop_front(first.size()));
}

void PartWriter::write(const StepRange &range) {
  Value lower = loop.getLowerBound(), upper = loop.getUpperBound();
  // The loop may have no steps at all.
  StepRange inside = range.clamp(b, lower, upper);
  if (range.begin && range.end) {
    addRounds(inside);
  } else {
    if (range.begin)
      addPart(lower, inside.begin, /*isInside=*/false);
    addPart(inside.begin, inside.end, /*isInside=*/true);
    if (range.end)
      addPart(inside.end, upper, /*isInside=*/false);
  }
  loop.replaceAllUsesWith(carried);
  loop.erase();
}

/// Whether products with values are so large that a branch in each step all but
/// hides under them, and the copies of them that more loops would be are what
/// takes long to compile (docs/performance.md).
static bool hidesBranches(scf::ForOp loop) {
  constexpr int64_t kManyColumns = 192;
  return sumsColumns(loop, kManyColumns);
}

namespace {
struct SplitMaskedKeysPass
    : public sm90::impl::SplitMaskedKeysPassBase<SplitMaskedKeysPass> {
  using SplitMaskedKeysPassBase::SplitMaskedKeysPassBase;

  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation()->walk([&](scf::ForOp loop) { loops.push_back(loop); });
    for (scf::ForOp loop : loops)
      if (!hidesBranches(loop))
        splitLoop(loop);
  }

private:
  /// Splits the loop if it branches, between fragments, on a range of steps.
  void splitLoop(scf::ForOp loop) {
    std::optional<StepRange> range;
    SmallVector<scf::IfOp> branches;
    for (auto branch : loop.getBody()->getOps<scf::IfOp>()) {
      bool givesFragments =
          llvm::any_of(branch.getResultTypes(),
                       [](Type type) { return isa<FragmentType>(type); });
      if (!givesFragments)
        continue;
      std::optional<StepRange> found =
          StepRange::read(loop, branch.getCondition());
      if (!found || (range && !(*range == *found)))
        continue;
      range = found;
      branches.push_back(branch);
    }
    if (range)
      PartWriter(loop, branches).write(*range);
  }
};
} // namespace
