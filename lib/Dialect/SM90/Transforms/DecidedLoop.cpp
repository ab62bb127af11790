//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Recognises chunked key loops with decisions.
//
//===----------------------------------------------------------------------===//

#include "DecidedLoop.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::sm90;

/// Whether `map` is 2^(a * x + b) of each element x, with an a and a b that
/// are there before `loop`. Gives the sum.
static math::FmaOp matchPowersOf(MapOp map, scf::ForOp loop) {
  Block &body = map.getBody().front();
  if (map.hasIndices() || map.getNumResults() != 1 ||
      !llvm::hasNItems(body.without_terminator(), 2))
    return {};
  auto exponent = dyn_cast<math::FmaOp>(body.front());
  auto power = dyn_cast<LLVM::CallIntrinsicOp>(*std::next(body.begin()));
  if (!exponent || !power || power->getNumOperands() != 1 ||
      power.getIntrin() != "llvm.nvvm.ex2.approx.ftz.f" ||
      power->getOperand(0) != exponent ||
      body.getTerminator()->getOperand(0) != power->getResult(0) ||
      exponent.getA() != body.getArgument(0) ||
      !loop.isDefinedOutsideOfLoop(exponent.getB()) ||
      !loop.isDefinedOutsideOfLoop(exponent.getC()))
    return {};
  return exponent;
}

LogicalResult DecidedLoop::matchParts() {
  for (auto largest : loop.getBody()->getOps<FoldOp>()) {
    auto powers = largest.getInput().getDefiningOp<MapOp>();
    if (!powers || powers->getParentOp() != loop)
      return failure();
    Value scores = powers.getInputs().front();
    if (auto extract = scores.getDefiningOp<ExtractOp>())
      scores = extract.getSource();
    math::FmaOp found = matchPowersOf(powers, loop);
    if (!found || !llvm::is_contained(loop.getRegionIterArgs(), scores) ||
        (exponent &&
         (exponent.getB() != found.getB() || exponent.getC() != found.getC())))
      return failure();
    exponent = found;
    parts.push_back({powers, largest});
    decision.push_back(largest);
  }
  return success(!parts.empty());
}

LogicalResult DecidedLoop::matchDecision() {
  for (size_t i = 0; i < decision.size(); ++i) {
    if (isa<NVVM::VoteSyncOp>(decision[i]))
      continue;
    for (Operation *user : decision[i]->getUsers()) {
      if (!isa<arith::CmpIOp, NVVM::VoteSyncOp>(user))
        return failure();
      if (!llvm::is_contained(decision, user))
        decision.push_back(user);
    }
  }
  return success();
}

/// The powers that all ways through `branch` start from, or null.
static Value getPowers(scf::IfOp branch, DecidedLoop &loop) {
  Value powers;
  WalkResult result = branch.walk([&](MapOp map) {
    Value input = map.getInputs().front();
    auto extract = input.getDefiningOp<ExtractOp>();
    if (map->getNumOperands() != 1 || !extract ||
        !loop.isPowers(extract.getSource()) || (powers && powers != input))
      return WalkResult::interrupt();
    powers = input;
    return WalkResult::advance();
  });
  return result.wasInterrupted() ? Value() : powers;
}

/// The loop's wait that gives `tile`, through slices; null if there is none.
static WaitOp getWaitOf(Value tile, scf::ForOp loop) {
  while (auto slice = tile.getDefiningOp<SliceOp>())
    tile = slice.getSource();
  auto wait = tile.getDefiningOp<WaitOp>();
  return wait && wait->getParentOp() == loop ? wait : WaitOp();
}

LogicalResult DecidedLoop::matchChunks() {
  Value sum;
  for (auto product : loop.getBody()->getOps<WgmmaOp>()) {
    auto rounded = product.getA().getDefiningOp<ConvertOp>();
    if (!rounded) {
      if (keyWait || product.getInit())
        return failure();
      keyWait = getWaitOf(product.getB(), loop);
      if (!keyWait)
        return failure();
      continue;
    }
    auto weights = rounded.getSource().getDefiningOp<scf::IfOp>();
    Value powers = weights ? getPowers(weights, *this) : Value();
    bool isNext = chunks.empty()
                      ? isa_and_nonnull<BlockArgument>(product.getInit())
                      : product.getInit() == sum;
    if (!powers || !isNext || !getWaitOf(product.getB(), loop) || keyWait)
      return failure();
    chunks.push_back({weights, powers, rounded, product});
    sum = product.getResult();
  }
  auto awaits = llvm::to_vector(loop.getBody()->getOps<AwaitOp>());
  if (chunks.size() < 2 || !keyWait || awaits.size() != 1)
    return failure();
  await = awaits.front();
  return success(llvm::is_contained(await.getPending(), sum) &&
                 chunks.back().product->isBeforeInBlock(keyWait));
}

FailureOr<DecidedLoop> DecidedLoop::match(scf::ForOp loop) {
  DecidedLoop result;
  result.loop = loop;
  if (loop->hasAttr(kResortAttrName) ||
      !matchPattern(loop.getStep(), m_One()) || failed(result.matchParts()) ||
      failed(result.matchDecision()) || failed(result.matchChunks()))
    return failure();
  return result;
}

bool DecidedLoop::hasTurns() {
  return !loop.getBody()->getOps<NVVM::BarrierArriveOp>().empty();
}
