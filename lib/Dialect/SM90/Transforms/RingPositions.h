//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Where cursors and rings stand, symbolically.
///
/// Each cursor is a base plus a number of advances. A base is a value that no
/// advance gave: the start, an argument of a loop, a result of a loop or
/// branch. A ring's front is the slot that must come next; since several
/// cursors may be known to stand there, it is a set of positions. Loops and
/// branches translate positions between the values that go in and those that
/// come out.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_RINGPOSITIONS_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_RINGPOSITIONS_H

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::sm90 {

/// A base and the advances since.
struct Position {
  const void *base = nullptr;
  int64_t offset = 0;

  bool operator==(const Position &other) const {
    return base == other.base && offset == other.offset;
  }
  Position operator+(int64_t advances) const {
    return {base, offset + advances};
  }
};

/// Positions that are known to be the same slot.
using Front = SmallVector<Position, 2>;

/// The positions of all cursors of a role. A cursor's position never changes,
/// so one table serves every path through the program.
class CursorTable {
public:
  Position get(Value cursor);
  void set(Value cursor, Position position) { positions[cursor] = position; }

private:
  DenseMap<Value, Position> positions;
};

/// What values a loop or branch replaces others by, as positions.
struct Renaming {
  Position from, to;
};

/// Adds to the front what a renaming says of its positions, keeping them.
void extendFront(Front &front, ArrayRef<Renaming> renamings);

/// The front's positions in their new names only.
Front renameFront(const Front &front, ArrayRef<Renaming> renamings);

/// Whether the front has the position.
bool isAt(const Front &front, Position position);

/// Finds loop arguments that keep their distance to an earlier one, and gives
/// them positions that say so. An argument does if it starts at a distance and
/// the values that the loop's body yields have the same one, given that all
/// arguments found do. `aliases` are values in the loop that are others by
/// another name.
void relateArguments(CursorTable &cursors, ValueRange inits,
                     ValueRange arguments, Block &body,
                     ArrayRef<std::pair<Value, Value>> aliases = {});

/// Gives results of a loop, of which `finals` are the values at its end, the
/// distances that these have.
void relateResults(CursorTable &cursors, ValueRange finals, ValueRange results);

/// The cursors among `from` and the values in the same places of `to`.
SmallVector<Renaming> getRenamings(CursorTable &cursors, ValueRange from,
                                   ValueRange to);

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_RINGPOSITIONS_H
