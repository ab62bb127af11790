//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The parts of a speculative step.
//
//===----------------------------------------------------------------------===//

#include "SpeculativeStep.h"

#include "sigmoid-attn/Dialect/SM90/Transforms/NamedBarriers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/bit.h"

#include <cmath>

using namespace mlir;
using namespace mlir::sm90;

ScaledSeries ScaledSeries::get(Type weight) {
  double rest = weight.isBF16() ? 1.0 / 32 : 1.0 / 64;
  return {1 - rest, (1 - rest) * rest * (1 + std::sqrt(2.0)) / 2};
}

SpeculativeStep::SpeculativeStep(DecidedLoop decided, ImplicitLocOpBuilder &b)
    : decided(decided),
      series(ScaledSeries::get(decided.getWeightType().getElementType())),
      b(b) {
  findCrossing();
  Value logarithm =
      arith::ConstantOp::create(b, b.getF32FloatAttr(std::log2(series.scale)));
  scaledBias = arith::AddFOp::create(b, decided.exponent.getC(), logarithm);
}

void SpeculativeStep::findCrossing() {
  Block *body = decided.loop.getBody();
  for (Operation &op : llvm::make_early_inc_range(*body))
    if (op.hasTrait<OpTrait::ConstantLike>())
      op.moveBefore(decided.loop);
  // What the second half alone uses should not hold up the weights.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*body)))
    if (op.isBeforeInBlock(decided.keyWait) && isa<AdvanceOp>(op) &&
        llvm::all_of(op.getUsers(), [&](Operation *user) {
          return user->getBlock() == body &&
                 decided.keyWait->isBeforeInBlock(user);
        }))
      op.moveAfter(decided.keyWait);
  llvm::SetVector<Value> found;
  for (auto op = Block::iterator(decided.keyWait); op != body->end(); ++op)
    for (Value operand : op->getOperands())
      if (Operation *source = operand.getDefiningOp();
          source && source->getBlock() == body &&
          source->isBeforeInBlock(decided.keyWait))
        found.insert(operand);
  // The product with values is there in any case.
  for (Chunk &chunk : decided.chunks)
    found.insert(chunk.rounded.getResult());
  crossing = found.takeVector();
}

SmallVector<Value> SpeculativeStep::getWeights(IRMapping &mapping) {
  return llvm::map_to_vector(decided.chunks, [&](Chunk &chunk) {
    return mapping.lookup(chunk.rounded.getResult());
  });
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

Value SpeculativeStep::isLikelyRight() {
  // Once in a million a normal score is larger by this.
  constexpr double kMargin = 4.75;
  double limit = std::log2(series.most) - kMargin * std::log2(std::exp(1.0));
  Value most = arith::ConstantOp::create(b, b.getF32FloatAttr(limit));
  return arith::CmpFOp::create(b, arith::CmpFPredicate::OLE, scaledBias, most);
}

Value SpeculativeStep::createMap(Value input, Type element,
                                 function_ref<Value(Value)> createElement) {
  auto map = MapOp::create(b, input.getType(), input);
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&map.getBody(), {}, element, b.getLoc());
  Value result = createElement(body->getArgument(0));
  YieldOp::create(b, result);
  return map.getResult(0);
}

static Value callIntrinsic(ImplicitLocOpBuilder &b, Type type, StringRef name,
                           ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(b, type, b.getStringAttr(name), operands)
      .getResult(0);
}

Value SpeculativeStep::findLargest(Value powers, Value largest) {
  // Powers are positive, so as integers they are in the same order. A NaN,
  // which saturation will make a 0, has to be seen: the unit gives 0x7fffffff,
  // the largest of all.
  Type i32 = b.getI32Type();
  auto fold = FoldOp::create(b, i32, powers, largest);
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&fold.getBody(), {}, {i32, b.getF32Type()},
                              {b.getLoc(), b.getLoc()});
  Value bits = arith::BitcastOp::create(b, i32, body->getArgument(1));
  YieldOp::create(
      b, ValueRange(arith::MaxSIOp::create(b, body->getArgument(0), bits)));
  return fold.getResult();
}

Value SpeculativeStep::createVote(IRMapping &mapping) {
  Type i32 = b.getI32Type();
  auto constant = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(b, b.getIntegerAttr(i32, value));
  };
  Value largest = constant(0);
  for (DecidedPart &part : decided.parts)
    largest = findLargest(mapping.lookup(part.powers.getResult(0)), largest);
  auto limit = llvm::bit_cast<int32_t>(static_cast<float>(series.most));
  Value isSmall = arith::CmpIOp::create(b, arith::CmpIPredicate::sle, largest,
                                        constant(limit));
  // A product is all warps'. Their barrier has the answer, which is one in a
  // warp, but ptxas knows that only from a vote.
  auto roles = decided.loop->getParentOfType<WarpSpecializeOp>();
  Value barrier = arith::AddIOp::create(b, roles.getWarpgroup(),
                                        constant(kFirstWarpgroupBarrier));
  Value all = callIntrinsic(
      b, b.getI1Type(), "llvm.nvvm.barrier.cta.red.and.aligned.count",
      {barrier, constant(WarpSpecializeOp::kWarpgroupThreads), isSmall});
  return NVVM::VoteSyncOp::create(b, b.getI1Type(), constant(-1), all,
                                  NVVM::VoteSyncKind::all);
}

Value SpeculativeStep::createPowers(Value scores) {
  return createMap(scores, b.getF32Type(), [&](Value score) {
    Value exponent =
        math::FmaOp::create(b, score, decided.exponent.getB(), scaledBias);
    return callIntrinsic(b, score.getType(), "llvm.nvvm.ex2.approx.ftz.f",
                         exponent);
  });
}

Value SpeculativeStep::createWeights(Value powers) {
  // Saturation keeps what will be taken back between 0 and 1.
  return createMap(powers, b.getF32Type(), [&](Value power) {
    Value negated = arith::NegFOp::create(b, power);
    return callIntrinsic(b, power.getType(), "llvm.nvvm.fma.rn.ftz.sat.f",
                         {negated, power, power});
  });
}

Value SpeculativeStep::issueWeights(IRMapping &mapping) {
  bool isFenced = decided.hasTurns();
  for (Operation &op : *decided.loop.getBody()) {
    if (&op == decided.keyWait)
      break;
    if (llvm::is_contained(decided.decision, &op))
      continue;
    if (isa<MapOp>(op) && decided.isPowers(op.getResult(0))) {
      // Without turns nothing else keeps the powers behind what was waited for.
      if (!isFenced)
        NVVM::PMEventOp::create(b, IntegerAttr(), b.getI32IntegerAttr(0));
      isFenced = true;
      Value scores = mapping.lookup(op.getOperand(0));
      mapping.map(op.getResult(0), createPowers(scores));
      continue;
    }
    auto chunk = llvm::find_if(decided.chunks, [&](const Chunk &chunk) {
      return chunk.weights == &op;
    });
    if (chunk != decided.chunks.end())
      mapping.map(op.getResult(0),
                  createWeights(mapping.lookup(chunk->powers)));
    else
      b.clone(op, mapping);
  }
  CommitOp::create(b);
  return createVote(mapping);
}

//===----------------------------------------------------------------------===//
// The rest of a step
//===----------------------------------------------------------------------===//

SmallVector<Value> SpeculativeStep::finish(IRMapping &mapping) {
  Block *body = decided.loop.getBody();
  for (auto op = Block::iterator(decided.keyWait),
            end = Block::iterator(body->getTerminator());
       op != end; ++op)
    b.clone(*op, mapping);
  SmallVector<Value> carried;
  for (Value value : decided.loop.getYieldedValues())
    carried.push_back(mapping.lookupOrDefault(value));
  return carried;
}

Value SpeculativeStep::copyTile(Value tile, IRMapping &tiles) {
  if (Value copy = tiles.lookupOrNull(tile))
    return copy;
  Operation *op = tile.getDefiningOp();
  if (auto slice = dyn_cast<SliceOp>(op)) {
    copyTile(slice.getSource(), tiles);
    return b.clone(*op, tiles)->getResult(0);
  }
  // The slot is full, and not given back: the wait is over at once.
  cast<WaitOp>(b.clone(*op, tiles)).getReadyMutable().clear();
  return tiles.lookup(tile);
}

Value SpeculativeStep::takeBack(IRMapping &mapping, Value output) {
  IRMapping tiles = mapping;
  SmallVector<Value> negated;
  Type pair = VectorType::get(2, decided.getWeightType().getElementType());
  Value sum = output;
  for (Chunk &chunk : decided.chunks) {
    negated.push_back(createMap(
        mapping.lookup(chunk.rounded.getResult()), pair, [&](Value weights) {
          return arith::NegFOp::create(b, weights).getResult();
        }));
    Value values = copyTile(chunk.product.getB(), tiles);
    sum = WgmmaOp::create(b, chunk.product.getType(), negated.back(), values,
                          sum, /*transpose_a=*/false, /*transpose_b=*/false);
  }
  CommitOp::create(b);
  return AwaitOp::create(b, sum, negated).getFragments()[0];
}

Value SpeculativeStep::multiply(Value sum, double factor) {
  Value constant = arith::ConstantOp::create(b, b.getF32FloatAttr(factor));
  return createMap(sum, b.getF32Type(), [&](Value element) {
    return arith::MulFOp::create(b, element, constant).getResult();
  });
}
