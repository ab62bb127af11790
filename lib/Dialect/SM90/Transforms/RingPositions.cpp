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

bool sm90::meet(const Front &a, const Front &b) {
  return llvm::any_of(a, [&](Position position) { return isAt(b, position); });
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
