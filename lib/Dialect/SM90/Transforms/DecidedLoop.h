//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// A chunked key loop whose steps decide how weights become of exponentials.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_DECIDEDLOOP_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_DECIDEDLOOP_H

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::sm90 {

/// The discardable attribute of a loop that another one resorts to. It is left
/// as it is.
inline constexpr llvm::StringLiteral kResortAttrName = "sm90.resort";

/// 16 columns of a step's weights, on their way to the product with values.
struct Chunk {
  /// Chooses how weights are made of `powers`, some of a part's.
  scf::IfOp weights;
  Value powers;
  ConvertOp rounded;
  WgmmaOp product;
};

/// A loop that sm90-expand-sigmoid and sm90-pipeline-key-loop have made:
///
/// ```
/// for step in [lower, upper) with (output, scores, ...):
///   for part of scores:
///     powers = exp2(scale * part + bias)
///     takes  = votes on the largest of powers
///     output = output + weights(powers, takes) * values    by chunks
///   next    = queries * keys[step + 1]^T
///   await(output, next), release both
/// ```
struct DecidedLoop {
  scf::ForOp loop;
  /// The maps that give powers, each of columns that are decided about at once.
  SmallVector<MapOp> powers;
  /// The one fused multiply-add of the maps that give powers: a copy of it.
  math::FmaOp exponent;
  /// What decides: the powers' largest, and all that depends on it up to the
  /// votes.
  SmallVector<Operation *> decision;
  SmallVector<Chunk> chunks;
  /// The tile of a step's values, through whose rows the chunks go.
  Value values;
  /// The first op on the next step's scores, and the await of all products.
  WaitOp keyWait;
  AwaitOp await;

  /// Takes `loop` apart. Fails if it is no such loop, does anything else,
  /// computes of scores what depends on the step, or has kResortAttrName.
  static FailureOr<DecidedLoop> match(scf::ForOp loop);

  /// The place of the output among what the loop carries.
  unsigned getOutputNumber() {
    return cast<BlockArgument>(chunks.front().product.getInit())
               .getArgNumber() -
           1;
  }
  /// Keys of a step, and whether they are so many that the kernel's code should
  /// be short, for it to compile fast, rather than faster by half a point.
  int64_t getKeys() { return cast<TileType>(values.getType()).getRows(); }
  bool hasManyKeys() { return getKeys() > 64; }
  FragmentType getWeightType() { return chunks.front().rounded.getType(); }
  bool hasTurns();
  bool isPowers(Value value) {
    return llvm::is_contained(powers, value.getDefiningOp<MapOp>());
  }

private:
  LogicalResult matchPowers();
  LogicalResult matchDecision();
  LogicalResult matchChunks();
  /// The ways in which a chunk's weights are made, all of the same powers.
  LogicalResult matchWays(Chunk &chunk);
  LogicalResult matchValues();
  /// The output is summed up, awaited and carried on, and nothing else.
  LogicalResult matchOutput();
  /// What else a step does can be done in two halves, and the first one twice.
  LogicalResult matchOthers();
  /// Whether an op of the first half can be.
  bool isRepeatable(Operation &op);
};

/// What `branch` takes where no series does, if it chooses between forms of
/// weights of one fragment of exponentials; or null.
MapOp getQuotients(scf::IfOp branch);

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_DECIDEDLOOP_H
