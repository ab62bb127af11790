//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Symbolic positions of cursors and rings.
//
//===----------------------------------------------------------------------===//

#include "RingPositions.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::sm90;

Position CursorTable::get(Value cursor) {
  if (auto known = positions.find(cursor); known != positions.end())
    return known->second;
  Position position{cursor.getAsOpaquePointer(), 0};
  if (auto advance = cursor.getDefiningOp<AdvanceOp>())
    position = get(advance.getCursor()) + 1;
  else if (cursor.getDefiningOp<StartOp>())
    // Every start of a ring is the same slot.
    position.base = nullptr;
  positions[cursor] = position;
  return position;
}

bool sm90::isAt(const Front &front, Position position) {
  return llvm::is_contained(front, position);
}

/// Calls back with each position of the front in its new name.
static void forEachRenamed(const Front &front, ArrayRef<Renaming> renamings,
                           function_ref<void(Position)> callback) {
  for (Position position : front)
    for (const Renaming &renaming : renamings)
      if (renaming.from.base == position.base)
        callback(renaming.to + (position.offset - renaming.from.offset));
}

void sm90::extendFront(Front &front, ArrayRef<Renaming> renamings) {
  Front renamed = renameFront(front, renamings);
  for (Position position : renamed)
    if (!isAt(front, position))
      front.push_back(position);
}

Front sm90::renameFront(const Front &front, ArrayRef<Renaming> renamings) {
  Front renamed;
  forEachRenamed(front, renamings, [&](Position position) {
    if (!isAt(renamed, position))
      renamed.push_back(position);
  });
  return renamed;
}

SmallVector<Renaming> sm90::getRenamings(CursorTable &cursors, ValueRange from,
                                         ValueRange to) {
  SmallVector<Renaming> renamings;
  for (auto [before, after] : llvm::zip_equal(from, to))
    if (isa<CursorType>(before.getType()))
      renamings.push_back({cursors.get(before), cursors.get(after)});
  return renamings;
}

void sm90::relateResults(CursorTable &cursors, ValueRange finals,
                         ValueRange results) {
  for (size_t index = 0; index < results.size(); ++index)
    for (size_t other = 0; other < index; ++other) {
      if (!isa<CursorType>(results[index].getType()) ||
          results[other].getType() != results[index].getType())
        continue;
      Position final = cursors.get(finals[index]);
      Position otherFinal = cursors.get(finals[other]);
      if (final.base != otherFinal.base)
        continue;
      cursors.set(results[index], cursors.get(results[other]) +
                                      (final.offset - otherFinal.offset));
      break;
    }
}

/// What the loops directly in `body` do to cursors.
static void relateLoops(CursorTable &cursors, Block &body) {
  for (auto loop : body.getOps<scf::ForOp>()) {
    ValueRange arguments = loop.getRegionIterArgs();
    relateArguments(cursors, loop.getInitArgs(), arguments, *loop.getBody());
    relateLoops(cursors, *loop.getBody());
    relateResults(cursors, arguments, loop.getResults());
  }
}

void sm90::relateArguments(CursorTable &cursors, ValueRange inits,
                           ValueRange arguments, Block &body,
                           ArrayRef<std::pair<Value, Value>> aliases) {
  ValueRange yields = body.getTerminator()->getOperands();
  // Suppose that every argument keeps its distance to the first one that starts
  // at the same base; drop those whose yields contradict, until none does.
  SmallVector<size_t> leaders(arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    leaders[i] = i;
    for (size_t k = 0; k < i && leaders[i] == i; ++k)
      if (isa<CursorType>(arguments[i].getType()) && leaders[k] == k &&
          arguments[k].getType() == arguments[i].getType() &&
          cursors.get(inits[k]).base == cursors.get(inits[i]).base)
        leaders[i] = k;
  }
  auto getDistance = [&](size_t i) {
    return cursors.get(inits[i]).offset - cursors.get(inits[leaders[i]]).offset;
  };
  auto suppose = [&](CursorTable &table) {
    for (size_t i = 0; i < arguments.size(); ++i)
      if (leaders[i] != i)
        table.set(arguments[i],
                  table.get(arguments[leaders[i]]) + getDistance(i));
    for (auto [name, value] : aliases)
      table.set(name, table.get(value));
  };
  for (bool changed = true; changed;) {
    changed = false;
    CursorTable table = cursors;
    suppose(table);
    relateLoops(table, body);
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (leaders[i] == i || table.get(yields[i]) ==
                                 table.get(yields[leaders[i]]) + getDistance(i))
        continue;
      leaders[i] = i;
      changed = true;
    }
  }
  suppose(cursors);
}
