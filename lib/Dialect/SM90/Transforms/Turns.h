//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Turns of the consumer warpgroups.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_TURNS_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_TURNS_H

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sm90 {

/// Turns by named barriers: the warpgroups of a block go through one part of
/// their key loops one after the other, always in the same order. Each passes
/// its turn on once a step, so all have to take as many steps. Without turns,
/// nothing is written.
class Turns {
public:
  Turns() = default;
  /// Prepares the barriers' numbers at the start of the consumer region, where
  /// the last warpgroup gives the first one its first turn.
  static Turns create(WarpSpecializeOp roles);

  explicit operator bool() const { return static_cast<bool>(mine); }
  /// Waits for the calling warpgroup's turn.
  void wait(ImplicitLocOpBuilder &builder);
  /// Gives the turn to the next warpgroup.
  void pass(ImplicitLocOpBuilder &builder);

private:
  Value mine, next, threads;
};

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_TURNS_H
