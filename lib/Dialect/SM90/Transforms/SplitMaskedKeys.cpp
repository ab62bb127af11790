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

#include "StepRange.h"

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

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

/// Splits `loop` at the ends of `range`.
static void split(scf::ForOp loop, const StepRange &range,
                  ArrayRef<scf::IfOp> branches) {
  ImplicitLocOpBuilder b(loop.getLoc(), loop);
  Value lower = loop.getLowerBound(), upper = loop.getUpperBound();
  // The loop may have no steps at all.
  StepRange inside = range.clamp(b, lower, upper);
  SmallVector<Value> carried = llvm::to_vector(loop.getInitArgs());
  auto addPart = [&](Value from, Value to, bool isInside) {
    scf::ForOp part =
        createPart(b, loop, branches, carried, from, to, isInside);
    carried = llvm::to_vector<4>(
        llvm::map_range(part.getResults(), [](Value v) { return v; }));
  };
  if (range.begin)
    addPart(lower, inside.begin, /*isInside=*/false);
  addPart(inside.begin, inside.end, /*isInside=*/true);
  if (range.end)
    addPart(inside.end, upper, /*isInside=*/false);
  loop.replaceAllUsesWith(carried);
  loop.erase();
}

/// Whether products with values are so large that a branch in each step hides
/// under them, and the copies of them that more loops would be are what takes
/// long to compile (docs/performance.md).
static bool hidesBranches(scf::ForOp loop) {
  constexpr int64_t kManyColumns = 192;
  return llvm::any_of(loop.getResultTypes(), [](Type type) {
    auto fragment = dyn_cast<FragmentType>(type);
    // Weights that a loop carries are rounded.
    return fragment && fragment.getElementType().isF32() &&
           fragment.getCols() > kManyColumns;
  });
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
      split(loop, *range, branches);
  }
};
} // namespace
