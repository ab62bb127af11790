//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Recognises a sequential key loop, and copies its stages.
//
//===----------------------------------------------------------------------===//

#include "KeyLoop.h"

#include "StepRange.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::sm90;

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

WaitOp sm90::getWait(Value tile) {
  while (auto slice = tile.getDefiningOp<SliceOp>())
    tile = slice.getSource();
  return tile.getDefiningOp<WaitOp>();
}

void sm90::copyTile(OpBuilder &builder, Value tile, IRMapping &mapping) {
  if (mapping.contains(tile))
    return;
  if (auto slice = tile.getDefiningOp<SliceOp>())
    copyTile(builder, slice.getSource(), mapping);
  builder.clone(*tile.getDefiningOp(), mapping);
}

/// The only await of a pending value that nothing else uses.
static AwaitOp getAwait(WgmmaOp product) {
  if (!product.getResult().hasOneUse())
    return {};
  return dyn_cast<AwaitOp>(*product.getResult().user_begin());
}

LogicalResult KeyLoop::matchProducts() {
  SmallVector<WgmmaOp> products =
      llvm::to_vector(loop.getBody()->getOps<WgmmaOp>());
  if (products.size() != 2)
    return loop.emitOpError("expected 2 sm90.wgmma in a key loop, got ")
           << products.size();
  scoreProduct = products[0];
  outputProduct = products[1];
  convert = outputProduct.getA().getDefiningOp<ConvertOp>();
  output = dyn_cast_or_null<BlockArgument>(outputProduct.getInit());
  if (scoreProduct.getInit() || !convert || !output ||
      output.getOwner() != loop.getBody())
    return loop.emitOpError("expected a product of queries and keys, and one "
                            "of converted weights and values that adds to "
                            "what the loop carries");
  scoreAwait = getAwait(scoreProduct);
  outputAwait = getAwait(outputProduct);
  if (!scoreAwait || !outputAwait)
    return loop.emitOpError("expected each product of a key loop to be awaited "
                            "right away");
  return success();
}

LogicalResult KeyLoop::matchCursors() {
  WaitOp keyWait = getWait(scoreProduct.getB());
  WaitOp valueWait = getWait(outputProduct.getB());
  if (!keyWait || !valueWait)
    return loop.emitOpError("expected keys and values from sm90.wait");
  keyCursor = dyn_cast<BlockArgument>(keyWait.getCursor());
  valueCursor = dyn_cast<BlockArgument>(valueWait.getCursor());
  auto isAdvanced = [&](BlockArgument cursor) {
    if (!cursor || cursor.getOwner() != loop.getBody() ||
        cursor.getArgNumber() == 0)
      return false;
    Value yielded =
        loop.getBody()->getTerminator()->getOperand(cursor.getArgNumber() - 1);
    auto advance = yielded.getDefiningOp<AdvanceOp>();
    return advance && advance.getCursor() == cursor;
  };
  if (loop.getNumResults() != 3 || !isAdvanced(keyCursor) ||
      !isAdvanced(valueCursor))
    return loop.emitOpError("expected a key loop to carry the output and to "
                            "advance a cursor for keys and one for values");
  for (ReleaseOp release : loop.getBody()->getOps<ReleaseOp>()) {
    if (release.getRing() == keyWait.getRing())
      keyRelease = release;
    else if (release.getRing() == valueWait.getRing())
      valueRelease = release;
  }
  if (!keyRelease || !valueRelease)
    return loop.emitOpError("expected a key loop to release keys and values");
  return success();
}

/// Whether fragments go in or out of `op`.
static bool touchesFragments(Operation *op) {
  auto isFragment = [](Value value) {
    return isa<FragmentType>(value.getType());
  };
  return llvm::any_of(op->getOperands(), isFragment) ||
         llvm::any_of(op->getResults(), isFragment);
}

LogicalResult KeyLoop::sortOps() {
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (isa<WaitOp, WgmmaOp, CommitOp, AwaitOp, ReleaseOp, SliceOp, AdvanceOp,
            ConvertOp>(op))
      continue;
    bool dependsOnWeights = llvm::any_of(op.getOperands(), [&](Value operand) {
      return llvm::is_contained(weightOps, operand.getDefiningOp());
    });
    if ((touchesFragments(&op) || dependsOnWeights) &&
        op.getNumResults() == 1) {
      weightOps.push_back(&op);
      if (!isa<FragmentType>(op.getResult(0).getType()))
        numWholeOps = weightOps.size();
    } else if (isMemoryEffectFree(&op) && op.getNumRegions() == 0) {
      scalarOps.push_back(&op);
    } else {
      return op.emitOpError("expected no such op in a key loop");
    }
  }
  return success();
}

FailureOr<KeyLoop> KeyLoop::match(scf::ForOp loop) {
  KeyLoop result;
  result.loop = loop;
  if (failed(result.matchProducts()) || failed(result.matchCursors()) ||
      failed(result.sortOps()))
    return failure();
  return result;
}

LogicalResult KeyLoop::checkSteps(scf::ForOp loop) {
  if (!countsByOnes(loop) || !loop.getInductionVar().getType().isInteger(32))
    return loop.emitOpError("expected a key loop to go up by 1 in i32, and to "
                            "compare signed numbers");
  return success();
}

SmallVector<Value, 3> KeyLoop::getResults() {
  SmallVector<Value, 3> results;
  for (BlockArgument argument : {output, keyCursor, valueCursor})
    results.push_back(loop.getResult(argument.getArgNumber() - 1));
  return results;
}

bool KeyLoop::canGoBehind() const { return llvm::all_of(scalarOps, isPure); }

bool KeyLoop::hasPositions() const {
  return llvm::any_of(weightOps, [](Operation *op) {
    return op
        ->walk([](MapOp map) {
          return map.hasIndices() ? WalkResult::interrupt()
                                  : WalkResult::advance();
        })
        .wasInterrupted();
  });
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

void KeyLoop::cloneScalars(ImplicitLocOpBuilder &builder, Value step,
                           IRMapping &mapping) {
  mapping.map(loop.getInductionVar(), step);
  for (Operation *op : scalarOps)
    builder.clone(*op, mapping);
}

Value KeyLoop::cloneTile(ImplicitLocOpBuilder &builder, Value tile, Value ready,
                         IRMapping &mapping) {
  copyTile(builder, tile, mapping);
  Value copy = mapping.lookup(tile);
  if (ready)
    getWait(copy).getReadyMutable().assign(ready);
  return copy;
}

Value KeyLoop::askForKeys(ImplicitLocOpBuilder &builder, Value cursor,
                          bool areSure) {
  return TryWaitOp::create(builder, builder.getI1Type(), keyRelease.getRing(),
                           cursor, areSure);
}

Value KeyLoop::askForValues(ImplicitLocOpBuilder &builder, Value cursor,
                            bool areSure) {
  return TryWaitOp::create(builder, builder.getI1Type(), valueRelease.getRing(),
                           cursor, areSure);
}

Value KeyLoop::issueProducts(ImplicitLocOpBuilder &builder, Value step,
                             Value cursor, Value ready) {
  IRMapping mapping;
  cloneScalars(builder, step, mapping);
  mapping.map(keyCursor, cursor);
  cloneTile(builder, scoreProduct.getB(), ready, mapping);
  return builder.clone(*scoreProduct, mapping)->getResult(0);
}

Value KeyLoop::createWeights(ImplicitLocOpBuilder &builder, Value step,
                             Value products) {
  IRMapping mapping;
  cloneScalars(builder, step, mapping);
  mapping.map(scoreAwait.getResult(0), products);
  for (Operation *op : weightOps)
    builder.clone(*op, mapping);
  return mapping.lookup(convert.getSource());
}

/// Narrows a copy of an op on fragments to columns [first, first + count).
static void narrow(Operation *op, int64_t first, int64_t count) {
  op->walk([&](Operation *inner) {
    for (Value result : inner->getResults())
      if (auto type = dyn_cast<FragmentType>(result.getType()))
        result.setType(
            FragmentType::get(type.getRows(), count, type.getElementType()));
    auto map = dyn_cast<MapOp>(inner);
    if (!map || !map.hasIndices() || first == 0)
      return;
    OpBuilder builder = OpBuilder::atBlockBegin(&map.getBody().front());
    Value offset =
        arith::ConstantIntOp::create(builder, map.getLoc(), first, 32);
    auto shift = [&](Value index) {
      auto shifted =
          arith::AddIOp::create(builder, map.getLoc(), index, offset);
      index.replaceAllUsesExcept(shifted, shifted);
    };
    shift(map.getColumn());
    // What holds for the thread's first column then does for every chunk.
    if (Value distance = map.getColumnOffset())
      shift(distance);
  });
}

/// Columns [first, first + count) of a fragment.
static Value extractColumns(ImplicitLocOpBuilder &builder, Value fragment,
                            int64_t first, int64_t count) {
  auto type = cast<FragmentType>(fragment.getType());
  if (count == type.getCols())
    return fragment;
  auto part = FragmentType::get(type.getRows(), count, type.getElementType());
  return ExtractOp::create(builder, part, fragment, first);
}

IRMapping KeyLoop::prepareWeights(ImplicitLocOpBuilder &builder, Value step,
                                  Value products, int64_t first,
                                  int64_t count) {
  IRMapping mapping;
  cloneScalars(builder, step, mapping);
  mapping.map(scoreAwait.getResult(0),
              numWholeOps ? extractColumns(builder, products, first, count)
                          : products);
  for (Operation *op : ArrayRef(weightOps).take_front(numWholeOps))
    narrow(builder.clone(*op, mapping), first, count);
  return mapping;
}

Value KeyLoop::createWeightsOf(ImplicitLocOpBuilder &builder,
                               const IRMapping &prepared, int64_t start,
                               int64_t first, int64_t count) {
  IRMapping mapping = prepared;
  // Of the fragments that are there, this part is what the rest works on.
  auto extract = [&](Value original) {
    if (isa<FragmentType>(original.getType()))
      mapping.map(original, extractColumns(builder, prepared.lookup(original),
                                           first - start, count));
  };
  extract(scoreAwait.getResult(0));
  for (Operation *op : ArrayRef(weightOps).take_front(numWholeOps))
    extract(op->getResult(0));
  for (Operation *op : ArrayRef(weightOps).drop_front(numWholeOps))
    narrow(builder.clone(*op, mapping), first, count);
  return mapping.lookup(convert.getSource());
}

SmallVector<Value> KeyLoop::getStarted() {
  llvm::SetVector<Value> started;
  auto before = ArrayRef(weightOps).take_front(numWholeOps);
  for (Operation *op : ArrayRef(weightOps).drop_front(numWholeOps))
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (operand == scoreAwait.getResult(0) ||
            llvm::is_contained(before, operand.getDefiningOp()))
          started.insert(operand);
    });
  return started.takeVector();
}

SmallVector<Value> KeyLoop::startWeights(ImplicitLocOpBuilder &builder,
                                         Value step, Value products) {
  IRMapping mapping =
      prepareWeights(builder, step, products, /*first=*/0, getKeys());
  SmallVector<Value> started;
  for (Value original : getStarted())
    started.push_back(mapping.lookup(original));
  return started;
}

Value KeyLoop::finishWeights(ImplicitLocOpBuilder &builder, Value step,
                             ValueRange started) {
  IRMapping mapping;
  cloneScalars(builder, step, mapping);
  mapping.map(getStarted(), started);
  for (Operation *op : ArrayRef(weightOps).drop_front(numWholeOps))
    builder.clone(*op, mapping);
  return round(builder, mapping.lookup(convert.getSource()));
}

Value KeyLoop::round(ImplicitLocOpBuilder &builder, Value weights) {
  auto type = cast<FragmentType>(weights.getType());
  return ConvertOp::create(
      builder,
      FragmentType::get(type.getRows(), type.getCols(),
                        convert.getType().getElementType()),
      weights);
}

Value KeyLoop::waitForValues(ImplicitLocOpBuilder &builder, Value cursor,
                             Value ready) {
  IRMapping mapping;
  mapping.map(valueCursor, cursor);
  for (Operation *op : scalarOps)
    if (llvm::all_of(op->getOperands(), [&](Value operand) {
          return operand.getParentRegion() != &loop.getRegion();
        }))
      builder.clone(*op, mapping);
  return cloneTile(builder, outputProduct.getB(), ready, mapping);
}

Value KeyLoop::issueOutput(ImplicitLocOpBuilder &builder, Value weights,
                           Value values, Value sum) {
  return WgmmaOp::create(builder, outputProduct.getType(), weights, values, sum,
                         /*transpose_a=*/false, /*transpose_b=*/false);
}

void KeyLoop::releaseKeys(ImplicitLocOpBuilder &builder, Value cursor) {
  ReleaseOp::create(builder, keyRelease.getRing(), cursor);
}

void KeyLoop::releaseValues(ImplicitLocOpBuilder &builder, Value cursor) {
  ReleaseOp::create(builder, valueRelease.getRing(), cursor);
}
