//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gives slots back as soon as the last product that reads them is complete.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/SM90/Transforms/NamedBarriers.h"
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_RELEASEEARLYPASS
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;
using namespace mlir::sm90;

/// The awaits of products that read a slot.
using Ends = llvm::SetVector<Operation *>;

/// Adds the await behind which `pending`, and what accumulates on it, is
/// complete. Fails if it goes anywhere else than into one product or await.
static LogicalResult collectEndsOfProduct(Value pending, Ends &ends) {
  while (pending.hasOneUse()) {
    Operation *user = *pending.user_begin();
    if (isa<AwaitOp>(user)) {
      ends.insert(user);
      return success();
    }
    auto product = dyn_cast<WgmmaOp>(user);
    if (!product)
      return failure();
    pending = product.getResult();
  }
  return failure();
}

/// Adds the awaits behind which nothing reads `tile` any more. Fails if other
/// things than products read or write it.
static LogicalResult collectEnds(Value tile, Ends &ends) {
  for (Operation *user : tile.getUsers()) {
    LogicalResult collected = failure();
    if (auto slice = dyn_cast<SliceOp>(user))
      collected = collectEnds(slice.getResult(), ends);
    else if (auto product = dyn_cast<WgmmaOp>(user))
      collected = collectEndsOfProduct(product.getResult(), ends);
    if (failed(collected))
      return failure();
  }
  return success();
}

/// The only wait for the slot that `release` gives back, if it is in its block.
static WaitOp findWait(ReleaseOp release) {
  WaitOp found;
  for (Operation *user : release.getCursor().getUsers()) {
    auto wait = dyn_cast<WaitOp>(user);
    if (!wait || wait.getRing() != release.getRing())
      continue;
    if (found)
      return {};
    found = wait;
  }
  return found && found->getBlock() == release->getBlock() &&
                 found->isBeforeInBlock(release)
             ? found
             : WaitOp();
}

/// The last op of the block that is one of `ends` or holds one.
static Operation *findLast(Block &block, const Ends &ends) {
  Operation *last = nullptr;
  for (Operation *end : ends) {
    Operation *ancestor = block.findAncestorOpInBlock(*end);
    if (ancestor && (!last || last->isBeforeInBlock(ancestor)))
      last = ancestor;
  }
  return last;
}

/// Copies `release` to where the slot is read no more, on each way through the
/// block.
static void place(ReleaseOp release, Block &block, const Ends &ends,
                  Value warpgroup) {
  Operation *last = findLast(block, ends);
  auto branch = dyn_cast_or_null<scf::IfOp>(last);
  if (branch && branch.elseBlock()) {
    place(release, *branch.thenBlock(), ends, warpgroup);
    place(release, *branch.elseBlock(), ends, warpgroup);
    return;
  }
  ImplicitLocOpBuilder b(release.getLoc(), release.getContext());
  if (last)
    b.setInsertionPointAfter(last);
  else
    b.setInsertionPointToStart(&block);
  // One thread releases for its warpgroup. Where no product that is surely
  // issued has held the warps together, one of them may not have seen the slot
  // full yet.
  if (llvm::none_of(ends,
                    [&](Operation *end) { return end->getBlock() == &block; }))
    createWarpgroupBarrier(b, warpgroup);
  b.clone(*release);
}

namespace {
struct ReleaseEarlyPass
    : public sm90::impl::ReleaseEarlyPassBase<ReleaseEarlyPass> {
  using ReleaseEarlyPassBase::ReleaseEarlyPassBase;

  void runOnOperation() override {
    getOperation()->walk([&](WarpSpecializeOp roles) {
      SmallVector<ReleaseOp> releases;
      roles.getConsumer().walk(
          [&](ReleaseOp release) { releases.push_back(release); });
      // Where a ring has more stages than one, the next tile has a slot.
      for (ReleaseOp release : releases)
        if (release.getRing().getType().getStages() == 1)
          moveUp(release, roles.getWarpgroup());
    });
  }

private:
  static void moveUp(ReleaseOp release, Value warpgroup) {
    WaitOp wait = findWait(release);
    Ends ends;
    if (!wait || llvm::any_of(wait.getPayload(), [&](Value payload) {
          return !isa<TileType>(payload.getType()) ||
                 failed(collectEnds(payload, ends));
        }))
      return;
    // Behind an await of this block, or a loop, the release stands well
    // already.
    Operation *last = findLast(*release->getBlock(), ends);
    auto branch = dyn_cast_or_null<scf::IfOp>(last);
    if (!branch || !branch.elseBlock() || !branch->isBeforeInBlock(release))
      return;
    place(release, *release->getBlock(), ends, warpgroup);
    release.erase();
  }
};
} // namespace
