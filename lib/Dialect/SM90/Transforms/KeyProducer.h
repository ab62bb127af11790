//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The producer's loop that brings the keys of a key loop.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_KEYPRODUCER_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_KEYPRODUCER_H

#include "KeyLoop.h"

namespace mlir::sm90 {

/// A loop of the producer that fills one slot of a ring of keys a step, with
/// whatever else it does:
///
/// ```
/// for step in [lower, upper) with (cursor, ...):
///   reserve the slot at cursor, load keys[step] to it
///   cursor = advance(cursor)
/// ```
class KeyProducer {
public:
  /// The loop that fills the ring of the key loop's keys. Fails if it does so
  /// in another way, or if anything else uses the ring.
  static FailureOr<KeyProducer> match(KeyLoop &keyLoop, WarpSpecializeOp roles);

  /// Lets the loop, if it has steps, load the tile behind the last one's, too.
  /// Rows that are not there come as zeros, and cost no traffic.
  void loadTileBehind();

private:
  LogicalResult matchUsers(KeyLoop &keyLoop, WarpSpecializeOp roles);
  /// Finds what leads to a tile of keys.
  LogicalResult matchLoads();

  scf::ForOp loop;
  ReserveOp reserve;
  BlockArgument cursor;
  /// In order; of those without effects also such as nothing here needs.
  SmallVector<Operation *> loads;
};

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_KEYPRODUCER_H
