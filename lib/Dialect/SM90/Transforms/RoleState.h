//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// What is true at one point of a role's program: where its rings stand, which
/// products and bulk stores are in flight, which tiles wait for a fence.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_ROLESTATE_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_ROLESTATE_H

#include "RingPositions.h"

namespace mlir::sm90 {

/// A slot of a ring.
struct Slot {
  AllocRingOp ring;
  Position position;

  bool operator==(const Slot &other) const {
    return ring == other.ring && position == other.position;
  }
};

/// What a writer has still to bring into the slot it reserved.
struct Fill {
  ReserveOp reserve;
  Position position;
  int64_t bytes = 0;
  bool sent = false;
};

/// A ring, as one role sees it.
struct RingState {
  /// The slot that the next wait (or reserve) takes, and the one that the next
  /// release gives back.
  Front acquire, release;
  std::optional<Fill> fill;
};

/// A product whose result has not been awaited.
struct Product {
  WgmmaOp op;
  /// The name of its result here; null once another product took it over.
  Value pending;
  SmallVector<Slot, 2> reads;
  /// Slots that warps had waited for, maybe not all of them, when it was
  /// issued.
  SmallVector<Slot, 4> waitedFor;
};

/// Bulk stores of the leader, in groups.
using SlotGroup = SmallVector<Slot, 2>;

/// How visible the writes to a tile are.
enum class Visibility { Written, Fenced, Synchronized };

struct RoleState {
  llvm::MapVector<Operation *, RingState> rings;
  /// Products: not committed; committed, the newest group last; complete, but
  /// not awaited.
  SmallVector<Product> open;
  SmallVector<SmallVector<Product>> groups;
  SmallVector<Product> complete;
  SlotGroup openStores;
  SmallVector<SlotGroup> stores;
  llvm::MapVector<Value, Visibility> written;
  /// Slots that this warp has seen full, but perhaps not yet every warp of its
  /// warpgroup. A product that is complete was issued by all of them.
  SmallVector<Slot, 4> apart;
  /// Slots that were peeked at, on this way or another one to here.
  SmallVector<Slot, 4> peeked;

  RingState &getRing(Value ring) { return rings[ring.getDefiningOp()]; }
  /// Calls back with every product.
  void forEachProduct(function_ref<void(Product &)> callback) {
    for (Product &product : open)
      callback(product);
    for (SmallVector<Product> &group : groups)
      for (Product &product : group)
        callback(product);
    for (Product &product : complete)
      callback(product);
  }
};

/// Walks the program of one role and reports what breaks the protocol.
class RoleChecker {
public:
  RoleChecker(KernelOp kernel, bool isProducer)
      : kernel(kernel), isProducer(isProducer) {}

  /// Checks the role's region.
  LogicalResult check(Region &role);

private:
  // Control flow (RoleChecker.cpp).
  LogicalResult walk(Block &block, RoleState &state);
  LogicalResult visit(Operation *op, RoleState &state);
  LogicalResult visitFor(Operation *loop, RoleState &state);
  LogicalResult visitWhile(Operation *loop, RoleState &state);
  LogicalResult visitIf(Operation *branch, RoleState &state);
  /// Walks a loop's iterations, from where it is entered to where one ends and
  /// the next one starts alike.
  LogicalResult iterate(Operation *loop, RoleState &state, ValueRange inits,
                        ValueRange arguments, ValueRange yields,
                        function_ref<LogicalResult(RoleState &)> walkIteration);
  /// Whether an iteration that ends at `end` leaves the rings where `start`
  /// supposes them for the next one. Where it does not, takes that out of
  /// `start`.
  FailureOr<bool> closeRings(Operation *loop, RoleState &start, RoleState &end,
                             ValueRange arguments, ValueRange yields);
  /// Checks all else that the next iteration starts with, and gives it the
  /// names that it has there.
  LogicalResult closeLoop(Operation *loop, RoleState &start, RoleState &end,
                          ValueRange arguments, ValueRange yields);
  /// Whether the position is one of a loop's arguments: another one in each
  /// iteration.
  bool isOneOf(ValueRange arguments, Position position);
  void leaveLoop(const RoleState &before, RoleState &state, ValueRange finals,
                 ValueRange results);
  LogicalResult mergeBranches(Operation *branch, RoleState &state,
                              RoleState &other, ValueRange yields,
                              ValueRange otherYields);
  LogicalResult checkEnd(Region &role, RoleState &state);

  // Rings and copies (RingRules.cpp).
  LogicalResult visitRingOp(Operation *op, RoleState &state);
  LogicalResult acquire(Operation *op, Value ring, Value cursor,
                        ValueRange payload, RoleState &state);
  LogicalResult release(ReleaseOp op, RoleState &state);
  LogicalResult reserve(ReserveOp op, RoleState &state);
  LogicalResult load(TmaLoadOp op, RoleState &state);
  LogicalResult send(SendOp op, RoleState &state);
  LogicalResult checkFilled(RingState &ring);
  LogicalResult checkAllFilled(RoleState &state);
  LogicalResult visitStoreOp(Operation *op, RoleState &state);
  LogicalResult visitBarrier(Operation *op, RoleState &state);

  // Products (ProductRules.cpp).
  LogicalResult visitProductOp(Operation *op, RoleState &state);
  LogicalResult issue(WgmmaOp op, RoleState &state);
  LogicalResult await(AwaitOp op, RoleState &state);
  void renameProducts(RoleState &state, ValueRange from, ValueRange to);

  /// The tile or allocation that a tile is a slice of.
  static Value getRoot(Value tile);
  /// The slot that a tile lies in, if it lies in one.
  std::optional<Slot> getSlot(Value tile);

  KernelOp kernel;
  bool isProducer;
  CursorTable cursors;
  DenseMap<Value, Slot> slots;
  /// Slots that waits take for full.
  SmallVector<Slot> takenForFull;
};

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_ROLESTATE_H
