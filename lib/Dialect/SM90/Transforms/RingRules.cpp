//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rules of rings and of copies from and to their slots.
//
//===----------------------------------------------------------------------===//

#include "RoleState.h"

#include "sigmoid-attn/Dialect/SM90/Transforms/NamedBarriers.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::sm90;

Value RoleChecker::getRoot(Value tile) {
  while (auto slice = tile.getDefiningOp<SliceOp>())
    tile = slice.getSource();
  return tile;
}

std::optional<Slot> RoleChecker::getSlot(Value tile) {
  auto slot = slots.find(getRoot(tile));
  return slot == slots.end() ? std::nullopt : std::optional<Slot>(slot->second);
}

/// An error about an operation on a ring, which a note shows.
static InFlightDiagnostic emitRingError(Operation *op, Operation *ring,
                                        const Twine &message) {
  InFlightDiagnostic diagnostic = op->emitOpError(message);
  diagnostic.attachNote(ring->getLoc()) << "the ring";
  return diagnostic;
}

//===----------------------------------------------------------------------===//
// Taking and giving back
//===----------------------------------------------------------------------===//

LogicalResult RoleChecker::acquire(Operation *op, Value ring, Value cursor,
                                   ValueRange payload, RoleState &state) {
  auto allocation = ring.getDefiningOp<AllocRingOp>();
  RingState &ringState = state.getRing(ring);
  Position position = cursors.get(cursor);
  if (!isAt(ringState.acquire, position))
    return emitRingError(op, allocation,
                         "is out of turn: expected the cursor right after the "
                         "last slot that was taken");
  int64_t stages = allocation.getRing().getType().getStages();
  for (Position released : ringState.release)
    if (!isProducer && released.base == position.base &&
        position.offset + 1 - released.offset > stages)
      return emitRingError(op, allocation, "waits for ")
             << position.offset + 1 - released.offset << " slots of a ring of "
             << stages
             << " before one is released: the writer never fills the last";
  // A slot that is peeked at is taken by a later wait.
  auto wait = dyn_cast<WaitOp>(op);
  if (!wait || !wait.getPeek())
    ringState.acquire = {position + 1};
  for (Value tile : payload)
    slots[tile] = Slot{allocation, position};
  if (!wait)
    return success();
  Slot slot{allocation, position};
  if (wait.getReady() && matchPattern(wait.getReady(), m_One())) {
    if (!llvm::is_contained(state.peeked, slot))
      return emitRingError(op, allocation,
                           "takes a slot for full that nothing before it "
                           "peeked at");
    takenForFull.push_back(slot);
    return success();
  }
  if (wait.getPeek() && !llvm::is_contained(state.peeked, slot))
    state.peeked.push_back(slot);
  if (allocation.getScope() == Scope::Warpgroup)
    state.apart.push_back(slot);
  return success();
}

LogicalResult RoleChecker::release(ReleaseOp op, RoleState &state) {
  auto ring = op.getRing().getDefiningOp<AllocRingOp>();
  RingState &ringState = state.getRing(op.getRing());
  Position position = cursors.get(op.getCursor());
  if (!isAt(ringState.release, position))
    return emitRingError(op, ring,
                         "is out of turn: expected the cursor right after the "
                         "last slot that was released");
  for (Position acquired : ringState.acquire)
    if (acquired.base == position.base && position.offset >= acquired.offset)
      return emitRingError(op, ring,
                           "gives back a slot that was not waited "
                           "for");
  // A slot may be known by other names of this position.
  auto isGivenBack = [&](const Slot &slot) {
    return slot.ring == ring && isAt(ringState.release, slot.position);
  };
  Operation *reader = nullptr;
  auto find = [&](Product &product) {
    if (llvm::any_of(product.reads, isGivenBack))
      reader = product.op;
  };
  llvm::for_each(state.open, find);
  for (SmallVector<Product> &group : state.groups)
    llvm::for_each(group, find);
  if (reader) {
    InFlightDiagnostic error = emitRingError(
        op, ring, "gives back a slot that a product in flight reads");
    error.attachNote(reader->getLoc()) << "the product";
    return error;
  }
  bool isStored = llvm::any_of(state.openStores, isGivenBack);
  for (SlotGroup &group : state.stores)
    isStored |= llvm::any_of(group, isGivenBack);
  if (isStored)
    return emitRingError(op, ring,
                         "gives back a slot that a bulk store may "
                         "still read");
  if (llvm::any_of(state.apart, isGivenBack))
    return emitRingError(
        op, ring,
        "gives back a slot that not all warps of the "
        "warpgroup may have seen full: expected a product "
        "issued behind the wait to be awaited, or a barrier of "
        "the warpgroup");
  ringState.release = {position + 1};
  return success();
}

//===----------------------------------------------------------------------===//
// Filling
//===----------------------------------------------------------------------===//

LogicalResult RoleChecker::checkFilled(RingState &ring) {
  if (!ring.fill)
    return success();
  Fill fill = *ring.fill;
  ring.fill.reset();
  RingType type = fill.reserve.getRing().getType();
  if (type.isMessage() && !fill.sent)
    return fill.reserve.emitOpError("takes a slot for a message that is never "
                                    "sent");
  if (fill.bytes != type.getStageBytes())
    return fill.reserve.emitOpError("arms a barrier for ")
           << type.getStageBytes() << " bytes, but copies bring " << fill.bytes;
  return success();
}

LogicalResult RoleChecker::checkAllFilled(RoleState &state) {
  for (auto &[op, ring] : state.rings)
    if (failed(checkFilled(ring)))
      return failure();
  return success();
}

LogicalResult RoleChecker::reserve(ReserveOp op, RoleState &state) {
  if (failed(checkFilled(state.getRing(op.getRing()))) ||
      failed(acquire(op, op.getRing(), op.getCursor(), op.getTiles(), state)))
    return failure();
  state.getRing(op.getRing()).fill =
      Fill{op, cursors.get(op.getCursor()), 0, false};
  return success();
}

LogicalResult RoleChecker::load(TmaLoadOp op, RoleState &state) {
  auto ring = op.getRing().getDefiningOp<AllocRingOp>();
  std::optional<Fill> &fill = state.getRing(op.getRing()).fill;
  Position position = cursors.get(op.getCursor());
  if (!fill || !(fill->position == position))
    return emitRingError(op, ring,
                         "signals a slot that is not the one "
                         "reserved last");
  std::optional<Slot> slot = getSlot(op.getTile());
  if (!slot || !(*slot == Slot{ring, position}))
    return emitRingError(op, ring,
                         "copies to a tile of another slot than the "
                         "one it signals");
  TileType tile = op.getTile().getType();
  fill->bytes += tile.getNumBoxes() * tile.getRows() * TileType::kBoxRowBytes;
  return success();
}

LogicalResult RoleChecker::send(SendOp op, RoleState &state) {
  auto ring = op.getRing().getDefiningOp<AllocRingOp>();
  std::optional<Fill> &fill = state.getRing(op.getRing()).fill;
  if (!fill || fill->sent || !(fill->position == cursors.get(op.getCursor())))
    return emitRingError(op, ring,
                         "fills a slot that is not the one reserved "
                         "last");
  fill->sent = true;
  return success();
}

LogicalResult RoleChecker::visitRingOp(Operation *op, RoleState &state) {
  if (isProducer && isa<WaitOp, TryWaitOp, ReleaseOp>(op))
    return op->emitOpError("is for consumers, but the producer runs it");
  if (!isProducer && isa<ReserveOp, SendOp, TmaLoadOp>(op))
    return op->emitOpError("is for the producer, but consumers run it");
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](WaitOp wait) {
        return acquire(wait, wait.getRing(), wait.getCursor(),
                       wait.getPayload(), state);
      })
      .Case([&](ReleaseOp op) { return release(op, state); })
      .Case([&](ReserveOp op) { return reserve(op, state); })
      .Case([&](TmaLoadOp op) { return load(op, state); })
      .Case([&](SendOp op) { return send(op, state); })
      .Default(success());
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

/// The innermost branch around `op` that threads of a warpgroup may take and
/// others not, or null.
static scf::IfOp getDivergentBranch(Operation *op) {
  BackwardSliceOptions options;
  options.inclusive = true;
  options.omitBlockArguments = true;
  for (auto branch = op->getParentOfType<scf::IfOp>(); branch;
       branch = branch->getParentOfType<scf::IfOp>()) {
    SetVector<Operation *> condition;
    if (failed(getBackwardSlice(branch.getCondition(), &condition, options)) ||
        llvm::any_of(condition, [](Operation *op) {
          return isa<LeaderOp, NVVM::ThreadIdXOp, NVVM::LaneIdOp,
                     NVVM::WarpIdOp, NVVM::ElectSyncOp>(op);
        }))
      return branch;
  }
  return nullptr;
}

LogicalResult RoleChecker::visitBarrier(Operation *op, RoleState &state) {
  auto barrier = cast<NVVM::BarrierOp>(op);
  APInt number;
  bool isBlocks =
      !barrier.getBarrierId() || !barrier.getNumberOfThreads() ||
      (matchPattern(barrier.getBarrierId(), m_ConstantInt(&number)) &&
       number.isZero());
  if (isBlocks)
    return barrier.emitOpError("is the block's barrier, which one role alone "
                               "never completes");
  if (scf::IfOp branch = getDivergentBranch(op)) {
    InFlightDiagnostic error =
        barrier.emitOpError("is a barrier that not all threads of the "
                            "warpgroup may reach");
    error.attachNote(branch.getLoc()) << "the branch";
    return error;
  }
  if (!isWarpgroupBarrier(barrier, kernel.getRoles()))
    return success();
  for (auto &[tile, visibility] : state.written)
    if (visibility == Visibility::Fenced)
      visibility = Visibility::Synchronized;
  state.apart.clear();
  return success();
}

LogicalResult RoleChecker::visitStoreOp(Operation *op, RoleState &state) {
  if (auto store = dyn_cast<StoreMatrixOp>(op))
    state.written[getRoot(store.getTile())] = Visibility::Written;
  if (isa<NVVM::BarrierOp>(op))
    return visitBarrier(op, state);
  if (isa<NVVM::Barrier0Op>(op))
    return op->emitOpError("is the block's barrier, which one role alone never "
                           "completes");
  if (isa<NVVM::FenceProxyOp>(op))
    for (auto &[tile, visibility] : state.written)
      visibility = Visibility::Fenced;
  if (isa<NVVM::CpAsyncBulkCommitGroupOp>(op)) {
    state.stores.push_back(state.openStores);
    state.openStores.clear();
  }
  if (auto wait = dyn_cast<NVVM::CpAsyncBulkWaitGroupOp>(op))
    while (state.stores.size() > wait.getGroup())
      state.stores.erase(state.stores.begin());
  auto store = dyn_cast<TmaStoreOp>(op);
  if (!store)
    return success();
  if (isProducer)
    return store.emitOpError("is for consumers, but the producer runs it");
  auto written = state.written.find(getRoot(store.getTile()));
  if (written != state.written.end() &&
      written->second != Visibility::Synchronized)
    return store.emitOpError("copies a tile whose writes it may not see: "
                             "expected nvvm.fence.proxy and then a barrier "
                             "of the warpgroup after sm90.store_matrix");
  if (std::optional<Slot> slot = getSlot(store.getTile()))
    state.openStores.push_back(*slot);
  return success();
}
