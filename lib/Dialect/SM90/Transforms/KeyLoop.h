//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The key loop of a forward kernel, taken apart into its stages.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_KEYLOOP_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_KEYLOOP_H

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sm90 {

/// The wait that gives `tile`, if need be through slices; null if there is
/// none.
WaitOp getWait(Value tile);

/// Copies that wait and these slices, but for those that `mapping` has. There
/// has to be a wait.
void copyTile(OpBuilder &builder, Value tile, IRMapping &mapping);

/// A sequential key loop of a consumer:
///
/// ```
/// for step in [lower, upper) with (output, key cursor, value cursor):
///   products = await(queries * keys[step]^T)             release keys
///   weights  = convert(f(products, step))
///   output   = await(output + weights * values[step])    release values
/// ```
///
/// The methods copy one stage each to the builder's place, for a step and
/// cursor of the caller's.
class KeyLoop {
public:
  /// Takes `loop` apart; an error on the op at fault if it has another form.
  static FailureOr<KeyLoop> match(scf::ForOp loop);
  /// Whether `loop` takes each step from its lower bound on; an error if not.
  static LogicalResult checkSteps(scf::ForOp loop);

  scf::ForOp getLoop() { return loop; }
  /// Columns of the products: keys of a step.
  int64_t getKeys() { return convert.getType().getCols(); }
  /// Columns of the queries.
  int64_t getHeadDim() { return scoreProduct.getContraction(); }
  Value getOutputInit() { return getInit(output); }
  Value getKeyCursorInit() { return getInit(keyCursor); }
  Value getValueCursorInit() { return getInit(valueCursor); }
  Value getKeyRing() { return keyRelease.getRing(); }
  Value getValueRing() { return valueRelease.getRing(); }
  /// The loop's results, in the order output, key cursor, value cursor.
  SmallVector<Value, 3> getResults();

  /// What the loop carries in the places of the key and the value cursor.
  SmallVector<BlockArgument, 2> getCursors() {
    return {keyCursor, valueCursor};
  }
  /// Weights of a step, before they are rounded.
  Value getWeights() { return convert.getSource(); }

  /// Asks whether the keys, or the values, at `cursor` are there. The answer
  /// may come late if they are not, but are sure to come (`areSure`).
  Value askForKeys(ImplicitLocOpBuilder &builder, Value cursor,
                   bool areSure = false);
  Value askForValues(ImplicitLocOpBuilder &builder, Value cursor,
                     bool areSure = false);
  /// Waits for the keys at `cursor`, unless `ready` says that they are there,
  /// and issues their product with the queries.
  Value issueProducts(ImplicitLocOpBuilder &builder, Value step, Value cursor,
                      Value ready = {});
  /// Weights, unrounded, of `products`.
  Value createWeights(ImplicitLocOpBuilder &builder, Value step,
                      Value products);
  /// Whether weights depend on decisions about several of a step's.
  bool hasDecisions() const { return numWholeOps != 0; }
  /// Whether weights depend on where in the scores they are, as by a mask.
  bool hasPositions() const;
  /// Whether what is computed of a step can be of one behind the last, too.
  bool canGoBehind() const;
  /// Weights of `products` as far as the last decision; returns what the rest
  /// needs.
  SmallVector<Value> startWeights(ImplicitLocOpBuilder &builder, Value step,
                                  Value products);
  /// The rest, from what startWeights returned for that step. Rounds them.
  Value finishWeights(ImplicitLocOpBuilder &builder, Value step,
                      ValueRange started);
  /// Weights of columns [first, first + count) as far as the last decision,
  /// which is about these.
  IRMapping prepareWeights(ImplicitLocOpBuilder &builder, Value step,
                           Value products, int64_t first, int64_t count);
  /// The rest of them for columns [first, first + count), where those from
  /// `start` on are prepared.
  Value createWeightsOf(ImplicitLocOpBuilder &builder,
                        const IRMapping &prepared, int64_t start, int64_t first,
                        int64_t count);
  /// Rounds weights to the type of the values.
  Value round(ImplicitLocOpBuilder &builder, Value weights);
  /// Waits for the values at `cursor`, unless `ready` says that they are there.
  Value waitForValues(ImplicitLocOpBuilder &builder, Value cursor,
                      Value ready = {});
  /// Issues the product of rounded weights with values, added to `output`.
  Value issueOutput(ImplicitLocOpBuilder &builder, Value weights, Value values,
                    Value output);
  void releaseKeys(ImplicitLocOpBuilder &builder, Value cursor);
  void releaseValues(ImplicitLocOpBuilder &builder, Value cursor);

private:
  LogicalResult matchProducts();
  LogicalResult matchCursors();
  LogicalResult sortOps();
  Value getInit(BlockArgument argument) {
    return loop.getInitArgs()[argument.getArgNumber() - 1];
  }
  /// Copies the arithmetic on the step.
  void cloneScalars(ImplicitLocOpBuilder &builder, Value step,
                    IRMapping &mapping);
  /// Copies what gives a tile: a wait, and the slice of its result if there is
  /// one.
  Value cloneTile(ImplicitLocOpBuilder &builder, Value tile, Value ready,
                  IRMapping &mapping);

  scf::ForOp loop;
  BlockArgument output, keyCursor, valueCursor;
  WgmmaOp scoreProduct, outputProduct;
  AwaitOp scoreAwait, outputAwait;
  ConvertOp convert;
  ReleaseOp keyRelease, valueRelease;
  /// What turns products into weights, in order: maps, and branches with maps,
  /// and what decides about branches.
  SmallVector<Operation *> weightOps;
  /// How many of them come up to the last decision, and concern all columns
  /// that it is about.
  size_t numWholeOps = 0;
  SmallVector<Operation *> scalarOps;

  /// What the ops behind the last decision take from those before.
  SmallVector<Value> getStarted();
};

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_KEYLOOP_H
