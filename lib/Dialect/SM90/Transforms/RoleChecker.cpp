//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The checker's way through loops and branches.
//
//===----------------------------------------------------------------------===//

#include "RoleState.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::sm90;

/// Points a message at the ring.
static InFlightDiagnostic noteRing(InFlightDiagnostic diagnostic,
                                   Operation *ring) {
  diagnostic.attachNote(ring->getLoc()) << "the ring";
  return diagnostic;
}

LogicalResult RoleChecker::check(Region &role) {
  RoleState state;
  for (AllocRingOp ring : kernel.getBody().getOps<AllocRingOp>())
    state.rings[ring] = RingState{{Position()}, {Position()}, std::nullopt};
  if (failed(walk(role.front(), state)))
    return failure();
  return checkEnd(role, state);
}

LogicalResult RoleChecker::checkEnd(Region &role, RoleState &state) {
  if (failed(checkAllFilled(state)))
    return failure();
  Operation *inFlight = nullptr;
  state.forEachProduct([&](Product &product) {
    if (product.pending)
      inFlight = product.op;
  });
  if (inFlight)
    return inFlight->emitOpError("is never awaited");
  return success();
}

LogicalResult RoleChecker::walk(Block &block, RoleState &state) {
  for (Operation &op : block)
    if (failed(visit(&op, state)))
      return failure();
  return success();
}

LogicalResult RoleChecker::visit(Operation *op, RoleState &state) {
  if (isa<scf::ForOp>(op))
    return visitFor(op, state);
  if (isa<scf::WhileOp>(op))
    return visitWhile(op, state);
  if (isa<scf::IfOp>(op))
    return visitIf(op, state);
  if (isa<MapOp, FoldOp>(op))
    return success();
  if (op->getNumRegions() != 0)
    return op->emitOpError("is no control flow that the kernel checker knows");
  if (failed(visitRingOp(op, state)) || failed(visitProductOp(op, state)))
    return failure();
  return visitStoreOp(op, state);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// The slots in the new names that `renamings` has for them.
static SmallVector<Slot> renameSlots(ArrayRef<Slot> slots,
                                     ArrayRef<Renaming> renamings) {
  SmallVector<Slot> renamed;
  for (const Slot &slot : slots)
    for (Position position : renameFront({slot.position}, renamings))
      renamed.push_back(Slot{slot.ring, position});
  return renamed;
}

/// Adds those of `added` that are not there.
static void addSlots(SmallVectorImpl<Slot> &slots, ArrayRef<Slot> added) {
  for (const Slot &slot : added)
    if (!llvm::is_contained(slots, slot))
      slots.push_back(slot);
}

/// Lets every ring stand at the loop's arguments too.
static void enterLoop(RoleState &state, ArrayRef<Renaming> renamings) {
  addSlots(state.peeked, renameSlots(state.peeked, renamings));
  for (auto &[op, ring] : state.rings) {
    extendFront(ring.acquire, renamings);
    extendFront(ring.release, renamings);
  }
}

/// Whether the products in flight have the same names and ages.
static bool haveSameProducts(RoleState &a, RoleState &b) {
  auto list = [](RoleState &state) {
    SmallVector<std::pair<Value, size_t>> products;
    for (Product &product : state.open)
      products.push_back({product.pending, 0});
    for (auto [index, group] : llvm::enumerate(state.groups))
      for (Product &product : group)
        products.push_back({product.pending, state.groups.size() - index});
    return products;
  };
  return list(a) == list(b);
}

bool RoleChecker::isOneOf(ValueRange arguments, Position position) {
  return llvm::any_of(arguments, [&](Value argument) {
    return isa<CursorType>(argument.getType()) &&
           cursors.get(argument).base == position.base;
  });
}

FailureOr<bool> RoleChecker::closeRings(Operation *loop, RoleState &start,
                                        RoleState &end, ValueRange arguments,
                                        ValueRange yields) {
  SmallVector<Renaming> renamings = getRenamings(cursors, yields, arguments);
  bool holds = true;
  // Keeps of the positions that were supposed at the start those that the next
  // iteration starts with.
  auto close = [&](Front &atStart, Front &atEnd) {
    Front renamed = renameFront(atEnd, renamings), kept;
    for (Position position : atStart)
      if (isAt(renamed, position) ||
          (isAt(atEnd, position) && !isOneOf(arguments, position)))
        kept.push_back(position);
    holds &= kept.size() == atStart.size();
    atStart = atEnd = kept;
    return !kept.empty();
  };
  if (failed(checkAllFilled(end)))
    return failure();
  for (auto &[op, ring] : end.rings) {
    RingState &before = start.rings[op];
    auto refuse = [&](StringRef what) {
      return noteRing(
          loop->emitOpError(what)
              << " slots of a ring without carrying a cursor that "
                 "is at the ring's next slot when an iteration ends",
          op);
    };
    if (!close(before.acquire, ring.acquire))
      return refuse(isProducer ? "fills" : "takes");
    if (!close(before.release, ring.release))
      return refuse("releases");
  }
  return holds;
}

LogicalResult RoleChecker::closeLoop(Operation *loop, RoleState &start,
                                     RoleState &end, ValueRange arguments,
                                     ValueRange yields) {
  SmallVector<Renaming> renamings = getRenamings(cursors, yields, arguments);
  for (const Slot &slot : end.apart)
    if (!llvm::is_contained(start.apart, slot))
      return noteRing(
          loop->emitOpError("ends an iteration with a slot that not "
                            "all warps of the warpgroup may have "
                            "seen full"),
          slot.ring);
  // What an iteration ends with, in the names that the next one has for it.
  auto renameAtEnd = [&](auto &slots) {
    SmallVector<Slot> renamed = renameSlots(slots, renamings);
    for (const Slot &slot : slots)
      if (!isOneOf(arguments, slot.position))
        addSlots(renamed, slot);
    slots.assign(renamed.begin(), renamed.end());
  };
  renameAtEnd(end.peeked);
  end.forEachProduct([&](Product &product) {
    renameAtEnd(product.reads);
    renameAtEnd(product.waitedFor);
  });
  // What the first iteration found peeked at, the next one has to find, too.
  for (const Slot &slot : takenForFull)
    if (llvm::is_contained(start.peeked, slot) &&
        isOneOf(arguments, slot.position) &&
        !llvm::is_contained(end.peeked, slot))
      return noteRing(loop->emitOpError("takes a slot for full in each "
                                        "iteration that the iteration before "
                                        "did not peek at"),
                      slot.ring);
  renameProducts(end, yields, arguments);
  if (!haveSameProducts(start, end))
    return loop->emitOpError("has products in flight when an iteration ends "
                             "that are not those when it starts");
  return success();
}

LogicalResult
RoleChecker::iterate(Operation *loop, RoleState &state, ValueRange inits,
                     ValueRange arguments, ValueRange yields,
                     function_ref<LogicalResult(RoleState &)> walkIteration) {
  // What a slot gets, it gets before the loop.
  if (failed(checkAllFilled(state)))
    return failure();
  enterLoop(state, getRenamings(cursors, inits, arguments));
  renameProducts(state, inits, arguments);
  // The first iteration starts where the loop does. What is supposed of the
  // others' start has to hold for the next one: less is, until it does.
  RoleState start = state;
  for (FailureOr<bool> holds = false; !*holds;) {
    state = start;
    if (failed(walkIteration(state)) ||
        failed(holds = closeRings(loop, start, state, arguments, yields)))
      return failure();
  }
  return closeLoop(loop, start, state, arguments, yields);
}

void RoleChecker::leaveLoop(const RoleState &before, RoleState &state,
                            ValueRange finals, ValueRange results) {
  relateResults(cursors, finals, results);
  SmallVector<Renaming> renamings = getRenamings(cursors, finals, results);
  // The loop may have had no iteration.
  addSlots(state.apart, before.apart);
  addSlots(state.peeked, renameSlots(state.peeked, renamings));
  state.forEachProduct([&](Product &product) {
    addSlots(product.reads, renameSlots(product.reads, renamings));
    addSlots(product.waitedFor, renameSlots(product.waitedFor, renamings));
  });
  for (auto &[op, ring] : state.rings) {
    auto leave = [&](Front &front, const Front &atEntry) {
      Front renamed = renameFront(front, renamings);
      // A ring that the loop did not use is also where it was.
      for (Position position : atEntry)
        if (isAt(front, position))
          renamed.push_back(position);
      front = renamed;
    };
    const RingState &old = before.rings.find(op)->second;
    leave(ring.acquire, old.acquire);
    leave(ring.release, old.release);
  }
  renameProducts(state, finals, results);
}

LogicalResult RoleChecker::visitFor(Operation *op, RoleState &state) {
  auto loop = cast<scf::ForOp>(op);
  RoleState before = state;
  Block &body = *loop.getBody();
  ValueRange inits = loop.getInitArgs(), arguments = loop.getRegionIterArgs();
  relateArguments(cursors, inits, arguments, body);
  if (failed(iterate(op, state, inits, arguments, loop.getYieldedValues(),
                     [&](RoleState &state) { return walk(body, state); })))
    return failure();
  leaveLoop(before, state, arguments, loop.getResults());
  return success();
}

LogicalResult RoleChecker::visitWhile(Operation *op, RoleState &state) {
  auto loop = cast<scf::WhileOp>(op);
  RoleState before = state, atExit;
  ValueRange inits = loop.getInits(), arguments = loop.getBeforeArguments();
  ValueRange passed = loop.getConditionOp().getArgs();
  SmallVector<std::pair<Value, Value>> aliases;
  for (auto [argument, value] :
       llvm::zip_equal(loop.getAfterArguments(), passed))
    if (isa<CursorType>(value.getType()))
      aliases.push_back({argument, value});
  relateArguments(cursors, inits, arguments, *loop.getAfterBody(), aliases);
  auto walkIteration = [&](RoleState &state) {
    if (failed(walk(*loop.getBeforeBody(), state)))
      return failure();
    // The loop is left here, under the names that the condition passes on.
    atExit = state;
    renameProducts(state, passed, loop.getAfterArguments());
    return walk(*loop.getAfterBody(), state);
  };
  if (failed(iterate(op, state, inits, arguments, loop.getYieldedValues(),
                     walkIteration)))
    return failure();
  leaveLoop(before, atExit, passed, loop.getResults());
  state = atExit;
  return success();
}

//===----------------------------------------------------------------------===//
// Branches
//===----------------------------------------------------------------------===//

/// Positions of `a` and `b` that are one position after the branch.
static Front mergeFronts(const Front &a, const Front &b,
                         ArrayRef<Renaming> aNames, ArrayRef<Renaming> bNames) {
  if (a == b)
    return a;
  Front merged, aAll = a, bAll = b;
  extendFront(aAll, aNames);
  extendFront(bAll, bNames);
  for (Position position : aAll)
    if (isAt(bAll, position))
      merged.push_back(position);
  return merged;
}

LogicalResult RoleChecker::mergeBranches(Operation *branch, RoleState &state,
                                         RoleState &other, ValueRange yields,
                                         ValueRange otherYields) {
  ValueRange results = branch->getResults();
  for (auto [result, a, b] : llvm::zip_equal(results, yields, otherYields))
    if (isa<CursorType>(result.getType()) && cursors.get(a) == cursors.get(b))
      cursors.set(result, cursors.get(a));
  addSlots(state.apart, other.apart);
  auto names = getRenamings(cursors, yields, results);
  auto otherNames = getRenamings(cursors, otherYields, results);
  // A branch that is taken under a condition may peek for one that is taken
  // under the same: conditions are not compared.
  addSlots(state.peeked, renameSlots(state.peeked, names));
  addSlots(state.peeked, other.peeked);
  addSlots(state.peeked, renameSlots(other.peeked, otherNames));
  for (auto &[op, ring] : state.rings) {
    RingState &otherRing = other.rings[op];
    // A slot that a branch reserves is filled there, and one that has got all
    // when a loop begins on one way gets no more on the other.
    for (RingState *filled : {&ring, &otherRing})
      if (filled->fill && branch->isProperAncestor(filled->fill->reserve) &&
          failed(checkFilled(*filled)))
        return failure();
    bool isOver = !ring.fill || !otherRing.fill;
    if (isOver && (failed(checkFilled(ring)) || failed(checkFilled(otherRing))))
      return failure();
    ring.acquire =
        mergeFronts(ring.acquire, otherRing.acquire, names, otherNames);
    ring.release =
        mergeFronts(ring.release, otherRing.release, names, otherNames);
    if (ring.acquire.empty() || ring.release.empty())
      return noteRing(branch->emitOpError(
                          "has branches that leave a ring at different slots, "
                          "and yields no cursor that is there"),
                      op);
    int64_t bytes = ring.fill ? ring.fill->bytes : 0;
    int64_t otherBytes = otherRing.fill ? otherRing.fill->bytes : 0;
    if (bytes != otherBytes)
      return noteRing(branch->emitOpError("has branches that load ")
                          << bytes << " and " << otherBytes
                          << " bytes into a slot",
                      op);
    if (ring.fill && otherRing.fill && ring.fill->sent != otherRing.fill->sent)
      return noteRing(branch->emitOpError("has branches of which one alone "
                                          "sends a slot's message"),
                      op);
  }
  renameProducts(state, yields, results);
  renameProducts(other, otherYields, results);
  if (!haveSameProducts(state, other))
    return branch->emitOpError(
        "has branches that leave different products in flight");
  return success();
}

LogicalResult RoleChecker::visitIf(Operation *op, RoleState &state) {
  auto branch = cast<scf::IfOp>(op);
  // The leader's part concerns all; that the others skip it does not.
  if (branch.getCondition().getDefiningOp<LeaderOp>() && !branch.elseBlock())
    return walk(*branch.thenBlock(), state);
  RoleState other = state;
  if (failed(walk(*branch.thenBlock(), state)))
    return failure();
  if (!branch.elseBlock())
    return mergeBranches(op, state, other, {}, {});
  if (failed(walk(*branch.elseBlock(), other)))
    return failure();
  return mergeBranches(op, state, other, branch.thenYield().getOperands(),
                       branch.elseYield().getOperands());
}
