//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites the consumers' loop over tiles so that the next tile's first product
// runs under the store of this one's output.
//
//===----------------------------------------------------------------------===//

#include "KeyLoop.h"

#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_PIPELINETILELOOPPASS
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;
using namespace mlir::sm90;

namespace {
/// A consumers' loop over tiles: its body computes where a tile lies, takes the
/// tile's queries, sums over keys in a branch (a tile may see none), and stores
/// the sum.
class TileLoop {
public:
  /// Fails, without a message, where the loop is not of this form.
  static FailureOr<TileLoop> match(Operation *loop);

  /// Whether the next tile's queries and keys find slots while this one's are
  /// in use, and its scores fit beside the output in `registers` a thread.
  bool hasRoom(int64_t registers);

  void rewrite();

private:
  Block &body() {
    if (auto loop = dyn_cast<scf::ForOp>(op))
      return *loop.getBody();
    return *cast<scf::WhileOp>(op).getAfterBody();
  }
  LogicalResult matchFirstProduct();
  /// Finds what has to be known of a tile before its first product.
  LogicalResult collectNeeds();

  /// The values in place of the body's arguments, for a first or a next tile.
  void mapArguments(ImplicitLocOpBuilder &b, IRMapping &mapping, bool isNext);
  /// Whether there is a tile, and it sees keys.
  Value createCondition(ImplicitLocOpBuilder &b, IRMapping &mapping);
  /// Issues the first product of the mapped tile, whose slots it does not take.
  Value issue(ImplicitLocOpBuilder &b, IRMapping &mapping);
  /// The first product if there is one. What the body does behind the sum over
  /// keys, `under`, runs under it.
  Value createScores(ImplicitLocOpBuilder &b, bool isNext,
                     ArrayRef<Operation *> under);
  /// Moves what leads to the next tile in front of what stores this one, and
  /// returns the rest of the latter.
  SmallVector<Operation *> hoistNext();
  /// Adds a fragment to what the loop carries; returns the body's argument.
  Value addCarried(Value init, Value yielded);

  Operation *op = nullptr;
  scf::IfOp keys;
  WgmmaOp product;
  AwaitOp await;
  /// In the order of the program: what the condition of `keys` needs, and what
  /// the operands of the first product need.
  SetVector<Operation *> conditionNeeds, productNeeds;
};
} // namespace

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

LogicalResult TileLoop::matchFirstProduct() {
  for (auto branch : body().getOps<scf::IfOp>()) {
    auto products = branch.thenBlock()->getOps<WgmmaOp>();
    if (products.empty() || !branch.elseBlock())
      continue;
    keys = branch;
    product = *products.begin();
    // The first product has no weights yet to go with it.
    if (product.getInit() || !isa<TileType>(product.getA().getType()) ||
        !product.getResult().hasOneUse())
      return failure();
    await = dyn_cast<AwaitOp>(*product.getResult().user_begin());
    return success(await && await.getNumResults() == 1 &&
                   isa_and_nonnull<CommitOp>(product->getNextNode()) &&
                   product->getNextNode()->getNextNode() == await);
  }
  return failure();
}

LogicalResult TileLoop::collectNeeds() {
  BackwardSliceOptions options;
  options.omitBlockArguments = true;
  options.inclusive = true;
  options.filter = [&](Operation *needed) {
    return needed->getBlock() == &body() ||
           needed->getBlock() == keys.thenBlock();
  };
  if (failed(getBackwardSlice(keys.getCondition(), &conditionNeeds, options)) ||
      failed(getBackwardSlice(product.getA(), &productNeeds, options)) ||
      failed(getBackwardSlice(product.getB(), &productNeeds, options)))
    return failure();
  auto isPure = [](Operation *needed) {
    return isMemoryEffectFree(needed) && needed->getNumRegions() == 0;
  };
  return success(llvm::all_of(conditionNeeds, isPure) &&
                 llvm::all_of(productNeeds, [&](Operation *needed) {
                   return isa<WaitOp>(needed) || isPure(needed);
                 }));
}

FailureOr<TileLoop> TileLoop::match(Operation *loop) {
  TileLoop result;
  result.op = loop;
  if (auto whileLoop = dyn_cast<scf::WhileOp>(loop))
    if (whileLoop.getConditionOp().getArgs() !=
        ValueRange(whileLoop.getBeforeArguments()))
      return failure();
  if (failed(result.matchFirstProduct()) || failed(result.collectNeeds()))
    return failure();
  return result;
}

bool TileLoop::hasRoom(int64_t registers) {
  // The slot of the next keys is held while this tile's output is stored: two
  // stages would leave one for all loads meanwhile.
  auto keyWait = getWait(product.getB()), queryWait = getWait(product.getA());
  if (!keyWait || !queryWait || keyWait.getRing().getType().getStages() < 3 ||
      queryWait.getRing().getType().getStages() < 2)
    return false;
  // Scores and output in f32, and registers for all else.
  constexpr int64_t kOthers = 52;
  int64_t columns = product.getType().getCols();
  for (Type type : keys.getResultTypes())
    if (auto fragment = dyn_cast<FragmentType>(type))
      columns += fragment.getCols();
  return columns / 2 + kOthers <= registers;
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

void TileLoop::mapArguments(ImplicitLocOpBuilder &b, IRMapping &mapping,
                            bool isNext) {
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    mapping.map(loop.getRegionIterArgs(),
                isNext ? loop.getYieldedValues() : loop.getInits());
    Value number = loop.getLowerBound();
    if (isNext)
      number = arith::AddIOp::create(b, loop.getInductionVar(), loop.getStep());
    mapping.map(loop.getInductionVar(), number);
    return;
  }
  auto loop = cast<scf::WhileOp>(op);
  ValueRange values =
      isNext ? ValueRange(loop.getYieldOp().getOperands()) : loop.getInits();
  mapping.map(loop.getBeforeArguments(), values);
  mapping.map(loop.getAfterArguments(), values);
}

Value TileLoop::createCondition(ImplicitLocOpBuilder &b, IRMapping &mapping) {
  Value isTile;
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    isTile = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                   mapping.lookup(loop.getInductionVar()),
                                   loop.getUpperBound());
  } else {
    auto whileLoop = cast<scf::WhileOp>(op);
    for (Operation &inner : whileLoop.getBeforeBody()->without_terminator())
      b.clone(inner, mapping);
    isTile = mapping.lookupOrDefault(whileLoop.getConditionOp().getCondition());
  }
  for (Operation *needed : conditionNeeds)
    b.clone(*needed, mapping);
  return arith::AndIOp::create(b, isTile,
                               mapping.lookupOrDefault(keys.getCondition()));
}

Value TileLoop::issue(ImplicitLocOpBuilder &b, IRMapping &mapping) {
  for (Operation *needed : productNeeds) {
    if (conditionNeeds.contains(needed))
      continue;
    Operation *copy = b.clone(*needed, mapping);
    if (auto wait = dyn_cast<WaitOp>(copy))
      wait.setPeek(true);
  }
  Value pending = b.clone(*product, mapping)->getResult(0);
  CommitOp::create(b);
  return pending;
}

Value TileLoop::createScores(ImplicitLocOpBuilder &b, bool isNext,
                             ArrayRef<Operation *> under) {
  IRMapping mapping;
  mapArguments(b, mapping, isNext);
  Value condition = createCondition(b, mapping);
  Type type = await.getResult(0).getType();
  auto branch = scf::IfOp::create(b, TypeRange(type), condition,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Value pending = issue(b, mapping);
  IRMapping copies;
  for (Operation *inner : under)
    b.clone(*inner, copies);
  Value scores = AwaitOp::create(b, pending, ValueRange()).getFragments()[0];
  scf::YieldOp::create(b, scores);
  b.setInsertionPointToStart(branch.elseBlock());
  Value zero = arith::ConstantFloatOp::create(
      b, b.getF32Type(), APFloat::getZero(APFloat::IEEEsingle()));
  Value none = SplatOp::create(b, type, zero);
  auto yield = scf::YieldOp::create(b, none);
  for (Operation *inner : under)
    inner->moveBefore(yield);
  return branch.getResult(0);
}

SmallVector<Operation *> TileLoop::hoistNext() {
  Operation *yield = body().getTerminator();
  BackwardSliceOptions options;
  options.omitBlockArguments = true;
  options.inclusive = true;
  // A loop or branch needs what its body takes from above.
  options.omitUsesFromAbove = false;
  options.filter = [&](Operation *inner) {
    return inner->getBlock() == &body() && keys->isBeforeInBlock(inner);
  };
  SetVector<Operation *> next;
  for (Value value : yield->getOperands())
    (void)getBackwardSlice(value, &next, options);
  // In the order of the program: a message comes behind the loads of the tile
  // before, which may wait for slots that are given back here.
  SmallVector<Operation *> first, rest;
  for (Operation &inner :
       llvm::make_range(std::next(keys->getIterator()), yield->getIterator()))
    (next.contains(&inner) ? first : rest).push_back(&inner);
  Operation *last = keys;
  for (Operation *inner : first) {
    inner->moveAfter(last);
    last = inner;
  }
  return rest;
}

Value TileLoop::addCarried(Value init, Value yielded) {
  OpBuilder b(op);
  Location loc = op->getLoc();
  body().getTerminator()->insertOperands(
      body().getTerminator()->getNumOperands(), yielded);
  SmallVector<Value> inits;
  Operation *replacement;
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    llvm::append_range(inits, loop.getInits());
    inits.push_back(init);
    auto created =
        scf::ForOp::create(b, loc, loop.getLowerBound(), loop.getUpperBound(),
                           loop.getStep(), inits);
    created.getRegion().takeBody(loop.getRegion());
    replacement = created;
  } else {
    auto whileLoop = cast<scf::WhileOp>(op);
    llvm::append_range(inits, whileLoop.getInits());
    inits.push_back(init);
    auto created =
        scf::WhileOp::create(b, loc, ValueRange(inits).getTypes(), inits);
    created.getBefore().takeBody(whileLoop.getBefore());
    created.getAfter().takeBody(whileLoop.getAfter());
    Value passed = created.getBeforeBody()->addArgument(init.getType(), loc);
    created.getConditionOp().getArgsMutable().append(passed);
    replacement = created;
  }
  for (auto [from, to] : llvm::zip(op->getResults(), replacement->getResults()))
    from.replaceAllUsesWith(to);
  op->erase();
  op = replacement;
  return body().addArgument(init.getType(), loc);
}

void TileLoop::rewrite() {
  ImplicitLocOpBuilder b(op->getLoc(), op);
  Value first = createScores(b, /*isNext=*/false, {});
  SmallVector<Operation *> store = hoistNext();
  b.setInsertionPoint(body().getTerminator());
  Value next = createScores(b, /*isNext=*/true, store);
  // The first keys are there: the whole warpgroup waited for them when it
  // peeked, or their product would not be complete. To wait again would be
  // wrong: one thread releases them right behind, and a warp that comes late
  // could find the slot filled anew.
  WaitOp taken = getWait(product.getB());
  b.setInsertionPoint(taken);
  taken.getReadyMutable().assign(
      arith::ConstantIntOp::create(b, b.getLoc(), 1, 1));
  Value scores = addCarried(first, next);
  await.getResult(0).replaceAllUsesWith(scores);
  await.erase();
  // The commit of the product.
  product->getNextNode()->erase();
  product.erase();
}

namespace {
struct PipelineTileLoopPass
    : public sm90::impl::PipelineTileLoopPassBase<PipelineTileLoopPass> {
  using PipelineTileLoopPassBase::PipelineTileLoopPassBase;

  void runOnOperation() override {
    getOperation()->walk([&](WarpSpecializeOp roles) {
      SmallVector<Operation *> loops;
      for (Operation &op : roles.getConsumer().front())
        if (isa<scf::ForOp, scf::WhileOp>(op))
          loops.push_back(&op);
      for (Operation *op : loops) {
        FailureOr<TileLoop> loop = TileLoop::match(op);
        if (succeeded(loop) && loop->hasRoom(roles.getConsumerRegisters()))
          loop->rewrite();
      }
    });
  }
};
} // namespace
