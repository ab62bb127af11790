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

#include "FragmentMaps.h"
#include "KeyLoop.h"

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
  // Once in 100,000 a normal score is larger by this.
  constexpr double kMargin = 4.25;
  double limit = std::log2(series.most) - kMargin * std::log2(std::exp(1.0));
  Value most = arith::ConstantOp::create(b, b.getF32FloatAttr(limit));
  return arith::CmpFOp::create(b, arith::CmpFPredicate::OLE, scaledBias, most);
}

Value SpeculativeStep::createVote(IRMapping &mapping) {
  Type i32 = b.getI32Type();
  auto constant = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(b, b.getIntegerAttr(i32, value));
  };
  // A NaN, of which saturation makes a 0, has to be seen: the unit gives
  // 0x7fffffff, the largest of all.
  Value largest = constant(0);
  for (MapOp powers : decided.powers)
    largest = createLargest(b, mapping.lookup(powers.getResult(0)), largest);
  auto limit = llvm::bit_cast<int32_t>(static_cast<float>(series.most));
  Value isSmall = arith::CmpIOp::create(b, arith::CmpIPredicate::sle, largest,
                                        constant(limit));
  // A product is all warps'. Their barrier has the answer, which is one in a
  // warp, but ptxas knows that only from a vote.
  auto roles = decided.loop->getParentOfType<WarpSpecializeOp>();
  Value barrier = arith::AddIOp::create(b, roles.getWarpgroup(),
                                        constant(kFirstWarpgroupBarrier));
  Value all =
      LLVM::CallIntrinsicOp::create(
          b, b.getI1Type(),
          b.getStringAttr("llvm.nvvm.barrier.cta.red.and.aligned.count"),
          ValueRange{barrier, constant(WarpSpecializeOp::kWarpgroupThreads),
                     isSmall})
          .getResult(0);
  return NVVM::VoteSyncOp::create(b, b.getI1Type(), constant(-1), all,
                                  NVVM::VoteSyncKind::all);
}

Value SpeculativeStep::createPowers(Value scores) {
  return createMap(b, scores, b.getF32Type(),
                   [&](OpBuilder &b, Location loc, Value score) {
                     Value exponent = math::FmaOp::create(
                         b, loc, score, decided.exponent.getB(), scaledBias);
                     return callIntrinsic(b, loc, kPowerIntrinsic, exponent);
                   });
}

/// x - x^2, between 0 and 1 whatever x is.
static Value createSaturated(OpBuilder &builder, Location loc, Value power) {
  Value negated = arith::NegFOp::create(builder, loc, power);
  return callIntrinsic(builder, loc, "llvm.nvvm.fma.rn.ftz.sat.f",
                       {negated, power, power});
}

static Value createNegated(OpBuilder &builder, Location loc, Value weights) {
  return arith::NegFOp::create(builder, loc, weights);
}

Value SpeculativeStep::issueWeights(IRMapping &mapping) {
  for (Operation &op : *decided.loop.getBody()) {
    if (&op == decided.keyWait)
      break;
    if (llvm::is_contained(decided.decision, &op))
      continue;
    if (llvm::is_contained(decided.powers, &op)) {
      Value scores = mapping.lookup(op.getOperand(0));
      mapping.map(op.getResult(0), createPowers(scores));
      continue;
    }
    auto chunk = llvm::find_if(decided.chunks, [&](const Chunk &chunk) {
      return chunk.weights == &op;
    });
    if (chunk != decided.chunks.end())
      mapping.map(op.getResult(0), createMap(b, mapping.lookup(chunk->powers),
                                             b.getF32Type(), createSaturated));
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

Value SpeculativeStep::takeBack(IRMapping &mapping, Value output) {
  // Weights, and the tiles of their products.
  SmallVector<std::pair<Value, Value>> parts;
  FragmentType part = decided.getWeightType();
  if (decided.hasManyKeys()) {
    auto type = FragmentType::get(part.getRows(), decided.getKeys(),
                                  part.getElementType());
    parts.emplace_back(ConcatOp::create(b, type, getWeights(mapping)),
                       decided.values);
  } else {
    for (Chunk &chunk : decided.chunks)
      parts.emplace_back(mapping.lookup(chunk.rounded.getResult()),
                         chunk.product.getB());
  }
  IRMapping tiles = mapping;
  SmallVector<Value> negated;
  Type pair = VectorType::get(2, part.getElementType());
  Value sum = output;
  for (auto [weights, tile] : parts) {
    negated.push_back(createMap(b, weights, pair, createNegated));
    copyTile(b, tile, tiles);
    Value values = tiles.lookup(tile);
    // The slot is full, and not given back: the wait is over at once.
    getWait(values).getReadyMutable().clear();
    sum = WgmmaOp::create(b, decided.chunks.front().product.getType(),
                          negated.back(), values, sum, /*transpose_a=*/false,
                          /*transpose_b=*/false);
  }
  CommitOp::create(b);
  return AwaitOp::create(b, sum, negated).getFragments()[0];
}

Value SpeculativeStep::multiply(Value sum, double factor) {
  Value constant = arith::ConstantOp::create(b, b.getF32FloatAttr(factor));
  return createMap(b, sum, b.getF32Type(),
                   [&](OpBuilder &b, Location loc, Value element) -> Value {
                     return arith::MulFOp::create(b, loc, element, constant);
                   });
}
