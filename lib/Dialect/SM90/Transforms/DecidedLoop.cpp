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

#include "FragmentMaps.h"
#include "KeyLoop.h"
#include "StepRange.h"
#include "WeightForms.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

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
      power.getIntrin() != kPowerIntrinsic ||
      power->getOperand(0) != exponent ||
      body.getTerminator()->getOperand(0) != power->getResult(0) ||
      exponent.getA() != body.getArgument(0) ||
      !loop.isDefinedOutsideOfLoop(exponent.getB()) ||
      !loop.isDefinedOutsideOfLoop(exponent.getC()))
    return {};
  return exponent;
}

LogicalResult DecidedLoop::matchPowers() {
  for (auto largest : loop.getBody()->getOps<FoldOp>()) {
    auto map = largest.getInput().getDefiningOp<MapOp>();
    if (!map || map->getParentOp() != loop)
      return failure();
    Value scores = map.getInputs().front();
    if (auto extract = scores.getDefiningOp<ExtractOp>())
      scores = extract.getSource();
    math::FmaOp found = matchPowersOf(map, loop);
    if (!found || !llvm::is_contained(loop.getRegionIterArgs(), scores) ||
        (exponent &&
         (exponent.getB() != found.getB() || exponent.getC() != found.getC())))
      return failure();
    exponent = found;
    powers.push_back(map);
    decision.push_back(largest);
  }
  return success(!powers.empty());
}

LogicalResult DecidedLoop::matchDecision() {
  for (size_t i = 0; i < decision.size(); ++i)
    for (Operation *user : decision[i]->getUsers()) {
      // Votes are for branches, which matchChunks looks at.
      bool isVote = isa<NVVM::VoteSyncOp>(decision[i]);
      if (isVote ? isa<scf::IfOp>(user)
                 : isa<arith::CmpIOp, NVVM::VoteSyncOp>(user) &&
                       user->getParentOp() == loop) {
        if (!isVote && !llvm::is_contained(decision, user))
          decision.push_back(user);
        continue;
      }
      return failure();
    }
  return success();
}

/// The one map of a region, which yields its one result; or null.
static MapOp getOnlyMap(Region &region) {
  Block &block = region.front();
  if (!llvm::hasNItems(block.without_terminator(), 1))
    return {};
  auto map = dyn_cast<MapOp>(block.front());
  return map && map.getNumResults() == 1 &&
                 block.getTerminator()->getOperands() == map.getResults()
             ? map
             : MapOp();
}

/// The ways through `branch`, each a map: of the short series first, and of
/// quotients last. Nothing if it is another branch.
static SmallVector<MapOp> getWays(scf::IfOp branch) {
  SmallVector<MapOp> ways;
  while (branch && branch.getNumResults() == 1) {
    ways.push_back(getOnlyMap(branch.getThenRegion()));
    Block *rest = branch.elseBlock();
    auto inner = dyn_cast<scf::IfOp>(rest->front());
    bool isAll = inner && llvm::hasSingleElement(rest->without_terminator()) &&
                 rest->getTerminator()->getOperands() == inner.getResults();
    if (!isAll)
      ways.push_back(getOnlyMap(branch.getElseRegion()));
    branch = isAll ? inner : scf::IfOp();
  }
  bool isKnown = ways.size() > 1 && llvm::all_of(ways, [](MapOp way) {
                   return way && getWeightForm(way);
                 });
  if (!isKnown || getWeightForm(ways.front()) != WeightForm::ShortSeries ||
      getWeightForm(ways.back()) != WeightForm::Quotient)
    return {};
  return ways;
}

MapOp sm90::getQuotients(scf::IfOp branch) {
  SmallVector<MapOp> ways = getWays(branch);
  bool isAll = !ways.empty() && llvm::all_of(ways, [&](MapOp way) {
    return way.getInputs() == ways.back().getInputs();
  });
  return isAll ? ways.back() : MapOp();
}

LogicalResult DecidedLoop::matchWays(Chunk &chunk) {
  MapOp quotients = getQuotients(chunk.weights);
  if (!quotients)
    return failure();
  chunk.powers = quotients.getInputs().front();
  auto extract = chunk.powers.getDefiningOp<ExtractOp>();
  return success(isPowers(extract ? extract.getSource() : chunk.powers));
}

LogicalResult DecidedLoop::matchValues() {
  int64_t numRows = 0;
  for (Chunk &chunk : chunks) {
    auto slice = chunk.product.getB().getDefiningOp<SliceOp>();
    APInt row;
    if (!slice || !matchPattern(slice.getRow(), m_ConstantInt(&row)) ||
        row != numRows || slice.getCol() != 0 ||
        (values && slice.getSource() != values))
      return failure();
    values = slice.getSource();
    numRows += chunk.rounded.getType().getCols();
  }
  auto tile = cast<TileType>(values.getType());
  auto part = cast<TileType>(chunks.front().product.getB().getType());
  return success(tile.getRows() == numRows && tile.getCols() == part.getCols());
}

LogicalResult DecidedLoop::matchChunks() {
  WaitOp valueWait;
  for (auto product : loop.getBody()->getOps<WgmmaOp>()) {
    WaitOp wait = getWait(product.getB());
    if (!wait || wait->getParentOp() != loop || keyWait)
      return failure();
    auto rounded = product.getA().getDefiningOp<ConvertOp>();
    if (!rounded) {
      keyWait = wait;
      if (product.getInit())
        return failure();
      continue;
    }
    auto weights = rounded.getSource().getDefiningOp<scf::IfOp>();
    if (!weights || !weights->hasOneUse() || (valueWait && wait != valueWait))
      return failure();
    Value sum =
        chunks.empty() ? product.getInit() : chunks.back().product.getResult();
    Chunk chunk = {weights, Value(), rounded, product};
    if (failed(matchWays(chunk)) || !sum || product.getInit() != sum)
      return failure();
    valueWait = wait;
    chunks.push_back(chunk);
  }
  return success(!chunks.empty() && keyWait && keyWait != valueWait &&
                 chunks.back().product->isBeforeInBlock(keyWait));
}

LogicalResult DecidedLoop::matchOutput() {
  auto awaits = llvm::to_vector(loop.getBody()->getOps<AwaitOp>());
  auto output = dyn_cast<BlockArgument>(chunks.front().product.getInit());
  if (awaits.size() != 1 || !output || output.getOwner() != loop.getBody() ||
      !output.hasOneUse() || output == loop.getInductionVar())
    return failure();
  await = awaits.front();
  Value yielded = loop.getYieldedValues()[getOutputNumber()];
  for (auto [pending, fragment] :
       llvm::zip(await.getPending(), await.getFragments()))
    if (pending == chunks.back().product.getResult())
      return success(fragment == yielded && fragment.hasOneUse());
  return failure();
}

bool DecidedLoop::isRepeatable(Operation &op) {
  bool isChunk =
      llvm::any_of(chunks, [&](Chunk &chunk) { return chunk.weights == &op; });
  if (isChunk || llvm::is_contained(decision, &op) ||
      llvm::is_contained(powers, &op))
    return true;
  if (op.getNumRegions() != 0)
    return false;
  // Where weights are taken back, tiles are copied without what leads to them.
  if (auto slice = dyn_cast<SliceOp>(op))
    return llvm::all_of(slice->getOperands().drop_front(), [&](Value at) {
      return loop.isDefinedOutsideOfLoop(at) || matchPattern(at, m_Constant());
    });
  return isa<WaitOp, TryWaitOp, WgmmaOp, NVVM::PMEventOp, NVVM::BarrierOp,
             NVVM::BarrierArriveOp>(op) ||
         isMemoryEffectFree(&op);
}

LogicalResult DecidedLoop::matchOthers() {
  int64_t numBarriers = 0, numArrivals = 0;
  Block &body = *loop.getBody();
  for (Operation &op : llvm::make_range(body.begin(), keyWait->getIterator())) {
    numBarriers += isa<NVVM::BarrierOp>(op);
    numArrivals += isa<NVVM::BarrierArriveOp>(op);
    // A turn that ends has begun.
    if (!isRepeatable(op) || numArrivals > numBarriers)
      return failure();
  }
  for (Operation &op : llvm::make_range(keyWait->getIterator(), body.end()))
    if (op.getNumRegions() != 0)
      return failure();
  return success(numBarriers == numArrivals && numBarriers <= 1);
}

FailureOr<DecidedLoop> DecidedLoop::match(scf::ForOp loop) {
  DecidedLoop result;
  result.loop = loop;
  if (loop->hasAttr(kResortAttrName) || !countsByOnes(loop) ||
      failed(result.matchPowers()) || failed(result.matchDecision()) ||
      failed(result.matchChunks()) || failed(result.matchValues()) ||
      failed(result.matchOutput()) || failed(result.matchOthers()))
    return failure();
  return result;
}

bool DecidedLoop::hasTurns() {
  return !loop.getBody()->getOps<NVVM::BarrierArriveOp>().empty();
}
