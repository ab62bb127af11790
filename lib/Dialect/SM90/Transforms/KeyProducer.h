//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The producer's loop that brings the keys and values of a key loop.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_KEYPRODUCER_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_KEYPRODUCER_H

#include "KeyLoop.h"

namespace mlir::sm90 {

/// The producer's counterpart of a key loop, with the same steps:
///
/// ```
/// for step in [lower, upper) with (key cursor, value cursor, ...):
///   reserve the slot at key cursor,   load keys[step] to it
///   reserve the slot at value cursor, load values[step] to it
/// ```
class KeyProducer {
public:
  /// The loop that fills both rings. Fails if there is none of this form, if it
  /// fills other rings too or comes before what fills them, if anything but the
  /// two loops uses the rings, or if the cursor of the keys is another ring's
  /// as well.
  static FailureOr<KeyProducer> match(KeyLoop &keyLoop, WarpSpecializeOp roles);

  /// Lets the loop, if it has steps, load the keys behind the last one's, too.
  /// Rows past the tensor's end are zeros, and cost no traffic.
  void loadTileBehind();

private:
  LogicalResult matchUsers(Value ring, KeyLoop &keyLoop,
                           WarpSpecializeOp roles);
  LogicalResult matchCursor();
  bool comesBehindOthers(KeyLoop &keyLoop, WarpSpecializeOp roles);
  /// Finds what can be copied to load a tile of keys.
  LogicalResult matchLoads(Value keyRing, Value valueRing);

  scf::ForOp loop;
  /// What takes the slot of a step's keys.
  ReserveOp reserve;
  BlockArgument cursor;
  /// In order, with such as turn out to serve the values alone.
  SmallVector<Operation *> loads;
};

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_KEYPRODUCER_H
