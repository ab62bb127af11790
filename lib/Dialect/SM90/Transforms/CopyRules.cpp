//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows the leader's groups of copies, and what its warpgroup knows of them,
// through loops and branches.
//
//===----------------------------------------------------------------------===//

#include "CopyRules.h"

#include "sigmoid-attn/Dialect/SM90/Transforms/NamedBarriers.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::sm90;

namespace {
/// Columns of a tile that a copy reads. Rows are taken to be the same ones:
/// every warpgroup has its own.
struct Copy {
  TmaStoreOp op;
  Value tile;
  int64_t firstCol, endCol;

  bool operator==(const Copy &other) const { return op == other.op; }
};

using Group = SmallVector<Copy, 2>;

struct CopyState {
  /// Copies that are not committed; committed, the newest group last; those
  /// that the leader, but not yet its warpgroup, knows to have read their part.
  Group open;
  SmallVector<Group> groups;
  Group read;

  /// All that may still read, as far as the warpgroup knows.
  Group getAll() const {
    Group all = open;
    for (const Group &group : groups)
      llvm::append_range(all, group);
    llvm::append_range(all, read);
    return all;
  }
};

class CopyChecker {
public:
  explicit CopyChecker(WarpSpecializeOp roles) : roles(roles) {}

  LogicalResult check();

private:
  LogicalResult walk(Block &block);
  LogicalResult visit(Operation *op);
  LogicalResult visitIf(scf::IfOp branch);
  LogicalResult visitFor(scf::ForOp loop);
  LogicalResult visitWhile(scf::WhileOp loop);
  LogicalResult overwrite(StoreMatrixOp store);
  void waitFor(NVVM::CpAsyncBulkWaitGroupOp wait);

  WarpSpecializeOp roles;
  CopyState state;
};
} // namespace

/// The part that `tile` is of one that was allocated, in whole boxes, as copies
/// take them; none if it is in a ring.
static std::optional<Copy> getPart(Value tile) {
  int64_t width = cast<TileType>(tile.getType()).getCols(), first = 0;
  while (auto slice = tile.getDefiningOp<SliceOp>()) {
    first += slice.getCol();
    tile = slice.getSource();
  }
  if (!tile.getDefiningOp<AllocTileOp>())
    return std::nullopt;
  constexpr int64_t kBox = TileType::kBoxCols;
  return Copy{{},
              tile,
              static_cast<int64_t>(llvm::alignDown(first, kBox)),
              static_cast<int64_t>(llvm::alignTo(first + width, kBox))};
}

/// Adds those of `added` that are not there.
static void addAll(Group &group, const Group &added) {
  for (const Copy &copy : added)
    if (!llvm::is_contained(group, copy))
      group.push_back(copy);
}

/// What may be in flight behind a branch. Groups are as old as they are at
/// least, counted from the newest.
static void merge(CopyState &state, const CopyState &other) {
  addAll(state.open, other.open);
  addAll(state.read, other.read);
  while (state.groups.size() < other.groups.size())
    state.groups.insert(state.groups.begin(), Group());
  size_t offset = state.groups.size() - other.groups.size();
  for (auto [index, group] : llvm::enumerate(other.groups))
    addAll(state.groups[offset + index], group);
}

LogicalResult CopyChecker::overwrite(StoreMatrixOp store) {
  std::optional<Copy> part = getPart(store.getTile());
  if (!part)
    return success();
  for (Copy &copy : state.getAll()) {
    if (copy.tile != part->tile || copy.endCol <= part->firstCol ||
        part->endCol <= copy.firstCol)
      continue;
    InFlightDiagnostic error =
        store.emitOpError("overwrites what a copy may still read: expected "
                          "nvvm.cp.async.bulk.wait_group by its thread, and "
                          "then a barrier of the warpgroup");
    error.attachNote(copy.op.getLoc()) << "the copy";
    return error;
  }
  return success();
}

void CopyChecker::waitFor(NVVM::CpAsyncBulkWaitGroupOp wait) {
  while (state.groups.size() > wait.getGroup()) {
    addAll(state.read, state.groups.front());
    state.groups.erase(state.groups.begin());
  }
}

LogicalResult CopyChecker::visitIf(scf::IfOp branch) {
  // The leader's part concerns all.
  if (branch.getCondition().getDefiningOp<LeaderOp>() && !branch.elseBlock())
    return walk(*branch.thenBlock());
  CopyState before = state;
  if (failed(walk(*branch.thenBlock())))
    return failure();
  CopyState after = std::move(state);
  state = std::move(before);
  if (branch.elseBlock() && failed(walk(*branch.elseBlock())))
    return failure();
  merge(state, after);
  return success();
}

LogicalResult CopyChecker::visitFor(scf::ForOp loop) {
  CopyState before = state;
  if (failed(walk(*loop.getBody())))
    return failure();
  // Once more with what the first iteration left in flight.
  if (!state.getAll().empty() && failed(walk(*loop.getBody())))
    return failure();
  // There may have been no iteration.
  merge(state, before);
  return success();
}

LogicalResult CopyChecker::visitWhile(scf::WhileOp loop) {
  // The loop is left behind its condition, after any number of iterations.
  if (failed(walk(*loop.getBeforeBody())))
    return failure();
  CopyState atExit = state;
  for (int iteration = 0; iteration < 2; ++iteration) {
    if (failed(walk(*loop.getAfterBody())) ||
        failed(walk(*loop.getBeforeBody())))
      return failure();
    merge(atExit, state);
    if (state.getAll().empty())
      break;
  }
  state = std::move(atExit);
  return success();
}

LogicalResult CopyChecker::visit(Operation *op) {
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return visitIf(branch);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return visitFor(loop);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return visitWhile(loop);
  if (auto copy = dyn_cast<TmaStoreOp>(op)) {
    if (std::optional<Copy> part = getPart(copy.getTile())) {
      part->op = copy;
      state.open.push_back(*part);
    }
  } else if (isa<NVVM::CpAsyncBulkCommitGroupOp>(op)) {
    state.groups.push_back(std::move(state.open));
    state.open.clear();
  } else if (auto wait = dyn_cast<NVVM::CpAsyncBulkWaitGroupOp>(op)) {
    waitFor(wait);
  } else if (auto barrier = dyn_cast<NVVM::BarrierOp>(op)) {
    if (isWarpgroupBarrier(barrier, roles))
      state.read.clear();
  } else if (auto store = dyn_cast<StoreMatrixOp>(op)) {
    return overwrite(store);
  }
  return success();
}

LogicalResult CopyChecker::walk(Block &block) {
  for (Operation &op : block)
    if (failed(visit(&op)))
      return failure();
  return success();
}

LogicalResult CopyChecker::check() {
  if (failed(walk(roles.getConsumer().front())))
    return failure();
  state.read.clear();
  Group left = state.getAll();
  if (left.empty())
    return success();
  return left.front().op.emitOpError(
      "may still read shared memory when the kernel ends: expected "
      "nvvm.cp.async.bulk.wait_group behind it");
}

LogicalResult sm90::verifyCopies(WarpSpecializeOp roles) {
  return CopyChecker(roles).check();
}
