//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rings, cursors and tiles: mbarriers and addresses.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace mlir::sm90;

/// How long a waiting thread may sleep before it asks again, in nanoseconds.
static constexpr int64_t kWaitTicks = 10000000;

/// Waits until the barrier has completed the phase of the parity.
static void waitForPhase(LoweringBuilder &builder, Value barrier,
                         Value parity) {
  NVVM::MBarrierTryWaitParityOp::create(builder, builder.sharedPointer(barrier),
                                        parity, builder.i32(kWaitTicks));
}

/// The same, and sees what the threads of all blocks of the cluster wrote
/// before they arrived.
static void waitForClusterPhase(LoweringBuilder &builder, Value barrier,
                                Value parity) {
  auto loop = scf::WhileOp::create(builder, TypeRange(), ValueRange());
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&loop.getBefore());
  Value done = NVVM::MBarrierTryWaitOp::create(
      builder, builder.getI1Type(), builder.sharedPointer(barrier), parity,
      builder.i32(kWaitTicks), NVVM::MemScopeKind::CLUSTER, /*relaxed=*/false);
  Value yes = arith::ConstantOp::create(builder, builder.getBoolAttr(true));
  scf::ConditionOp::create(builder, arith::XOrIOp::create(builder, done, yes),
                           ValueRange());
  builder.createBlock(&loop.getAfter());
  scf::YieldOp::create(builder);
}

/// Runs the callback under a condition.
static void createIf(LoweringBuilder &builder, Value condition,
                     function_ref<void()> body) {
  auto branch = scf::IfOp::create(builder, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  body();
}

/// Arrives at a barrier.
static void arrive(LoweringBuilder &builder, Value barrier) {
  NVVM::MBarrierArriveOp::create(builder, /*res=*/Type(),
                                 builder.sharedPointer(barrier),
                                 /*count=*/Value());
}

/// Arrives at the barrier of a block of the cluster. In the cluster's scope,
/// what the thread wrote before is seen by who waits there, at the price of a
/// fence of some hundred cycles.
static void arriveAt(LoweringBuilder &builder, Value barrier, Value block,
                     NVVM::MemScopeKind scope) {
  NVVM::MBarrierArriveOp::create(builder, /*res=*/Type(),
                                 builder.sharedPointer(barrier, block),
                                 /*count=*/Value(), scope, /*relaxed=*/false);
}

namespace {

//===----------------------------------------------------------------------===//
// Cursors and tiles
//===----------------------------------------------------------------------===//

struct StartConversion : OpConversionPattern<StartOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(StartOp op, OneToNOpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    SmallVector<Value> cursor = {builder.i32(0), builder.i32(0)};
    rewriter.replaceOpWithMultiple(op, ArrayRef<ValueRange>{cursor});
    return success();
  }
};

struct AdvanceConversion : OpConversionPattern<AdvanceOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(AdvanceOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    Value stage = adaptor.getCursor()[0], parity = adaptor.getCursor()[1];
    int64_t stages = op.getCursor().getType().getStages();
    SmallVector<Value> next;
    if (stages == 1) {
      next = {stage, builder.xori(parity, 1)};
    } else if (stages == 2) {
      next = {builder.xori(stage, 1), builder.xori(parity, stage)};
    } else {
      Value after = builder.add(stage, 1);
      Value wraps = builder.equal(after, stages);
      next = {arith::SelectOp::create(builder, wraps, builder.i32(0), after),
              builder.xori(parity, arith::ExtUIOp::create(
                                       builder, builder.getI32Type(), wraps))};
    }
    rewriter.replaceOpWithMultiple(op, ArrayRef<ValueRange>{next});
    return success();
  }
};

struct AllocTileConversion : OpConversionPattern<AllocTileOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(AllocTileOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    rewriter.replaceOp(op, builder.i32(kDynamicSharedBase + *op.getOffset()));
    return success();
  }
};

struct SliceConversion : OpConversionPattern<SliceOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(SliceOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    TileType source = op.getSource().getType();
    int64_t box = op.getCol() / TileType::kBoxCols;
    int64_t colBytes = op.getCol() % TileType::kBoxCols * 2;
    Value rows = builder.mul(adaptor.getRow(), TileType::kBoxRowBytes);
    rewriter.replaceOp(op, builder.add(builder.add(adaptor.getSource(), rows),
                                       box * source.getBoxBytes() + colBytes));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// The writer
//===----------------------------------------------------------------------===//

struct ReserveConversion : OpConversionPattern<ReserveOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(ReserveOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    AllocRingOp ring = getAllocation(op.getRing());
    Value stage = adaptor.getCursor()[0], parity = adaptor.getCursor()[1];
    RingType type = op.getRing().getType();
    // A fresh barrier counts as having completed the phase before its first.
    Value before = builder.xori(parity, 1);
    Value empty = getEmptyBarrier(builder, ring, stage);
    if (type.isMessage() && ring.isShared())
      createIf(builder, builder.equal(builder.rank(), 0),
               [&] { waitForClusterPhase(builder, empty, before); });
    else
      waitForPhase(builder, empty, before);
    if (!type.isMessage())
      NVVM::MBarrierArriveExpectTxOp::create(
          builder, /*res=*/Type(),
          builder.sharedPointer(getFullBarrier(builder, ring, stage)),
          builder.i32(type.getStageBytes()), NVVM::MemScopeKind::CTA,
          /*relaxed=*/false, /*predicate=*/Value());
    SmallVector<Value> tiles;
    for (unsigned index = 0; index < op.getNumResults(); ++index)
      tiles.push_back(getPayload(builder, ring, stage, index));
    rewriter.replaceOp(op, tiles);
    return success();
  }
};

struct SendConversion : OpConversionPattern<SendOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(SendOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    AllocRingOp ring = getAllocation(op.getRing());
    Value stage = adaptor.getCursor()[0], value = adaptor.getValue()[0];
    if (ring.isShared()) {
      rewriter.replaceOp(op,
                         broadcast(builder, ring, adaptor.getCursor(), value));
      return success();
    }
    LLVM::StoreOp::create(
        builder, value,
        builder.sharedPointer(getPayload(builder, ring, stage, 0)));
    arrive(builder, getFullBarrier(builder, ring, stage));
    rewriter.replaceOp(op, value);
    return success();
  }

private:
  /// The first block stores its value in all blocks, the others receive it.
  static Value broadcast(LoweringBuilder &builder, AllocRingOp ring,
                         ValueRange cursor, Value value);
};

Value SendConversion::broadcast(LoweringBuilder &builder, AllocRingOp ring,
                                ValueRange cursor, Value value) {
  Value slot = getPayload(builder, ring, cursor[0], 0);
  Value full = getFullBarrier(builder, ring, cursor[0]);
  Value isFirst = builder.equal(builder.rank(), 0);
  auto roles = scf::IfOp::create(builder, TypeRange(builder.getI32Type()),
                                 isFirst, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(roles.thenBlock());
  for (int64_t block = 0; block < ring.getCluster(); ++block) {
    Value number = builder.i32(block);
    LLVM::StoreOp::create(builder, value, builder.sharedPointer(slot, number));
    arriveAt(builder, full, number, NVVM::MemScopeKind::CLUSTER);
  }
  scf::YieldOp::create(builder, value);
  builder.setInsertionPointToStart(roles.elseBlock());
  waitForClusterPhase(builder, full, cursor[1]);
  Value received = LLVM::LoadOp::create(builder, builder.getI32Type(),
                                        builder.sharedPointer(slot));
  arriveAt(builder, getEmptyBarrier(builder, ring, cursor[0]), builder.i32(0),
           NVVM::MemScopeKind::CTA);
  scf::YieldOp::create(builder, received);
  return roles.getResult(0);
}

//===----------------------------------------------------------------------===//
// The readers
//===----------------------------------------------------------------------===//

struct TryWaitConversion : OpConversionPattern<TryWaitOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(TryWaitOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    Value barrier = getFullBarrier(builder, getAllocation(op.getRing()),
                                   adaptor.getCursor()[0]);
    Value pointer = builder.sharedPointer(barrier);
    Value parity = adaptor.getCursor()[1];
    if (op.getSuspend())
      rewriter.replaceOpWithNewOp<NVVM::MBarrierTryWaitOp>(
          op, builder.getI1Type(), pointer, parity, /*ticks=*/Value());
    else
      rewriter.replaceOpWithNewOp<NVVM::MBarrierTestWaitOp>(
          op, builder.getI1Type(), pointer, parity);
    return success();
  }
};

struct WaitConversion : OpConversionPattern<WaitOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(WaitOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    AllocRingOp ring = getAllocation(op.getRing());
    Value stage = adaptor.getCursor()[0], parity = adaptor.getCursor()[1];
    Value barrier = getFullBarrier(builder, ring, stage);
    bool isMessage = op.getRing().getType().isMessage();
    if (isMessage && ring.isShared()) {
      waitForClusterPhase(builder, barrier, parity);
    } else if (adaptor.getReady().empty()) {
      waitForPhase(builder, barrier, parity);
    } else {
      Value ready = adaptor.getReady()[0];
      Value yes = arith::ConstantOp::create(builder, builder.getBoolAttr(true));
      createIf(builder, arith::XOrIOp::create(builder, ready, yes),
               [&] { waitForPhase(builder, barrier, parity); });
    }
    SmallVector<Value> payload;
    for (unsigned index = 0; index < op.getNumResults(); ++index)
      payload.push_back(getPayload(builder, ring, stage, index));
    if (isMessage)
      payload[0] = LLVM::LoadOp::create(builder, builder.getI32Type(),
                                        builder.sharedPointer(payload[0]));
    rewriter.replaceOp(op, payload);
    return success();
  }
};

struct ReleaseConversion : OpConversionPattern<ReleaseOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(ReleaseOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    AllocRingOp ring = getAllocation(op.getRing());
    // Messages are read by every lane, so the warp must be through with it.
    bool isMessage = op.getRing().getType().isMessage();
    if (isMessage)
      NVVM::SyncWarpOp::create(builder, builder.i32(-1));
    Value barrier = getEmptyBarrier(builder, ring, adaptor.getCursor()[0]);
    // The first threads arrive at one block's barrier each.
    Value number = ring.getScope() == Scope::Warp ? builder.lane()
                                                  : builder.threadOfWarpgroup();
    Value acts = ring.isShared() && !isMessage
                     ? builder.less(number, ring.getCluster())
                     : builder.equal(number, 0);
    // A message is the first block's. Readers have read when they come here,
    // and wrote nothing that another block must see: no fence of the cluster.
    createIf(builder, acts, [&] {
      if (ring.isShared())
        arriveAt(builder, barrier, isMessage ? builder.i32(0) : number,
                 NVVM::MemScopeKind::CTA);
      else
        arrive(builder, barrier);
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void sm90::populateRingsToNVVMPatterns(const TypeConverter &converter,
                                       RewritePatternSet &patterns) {
  patterns.add<StartConversion, AdvanceConversion, AllocTileConversion,
               SliceConversion, ReserveConversion, SendConversion,
               TryWaitConversion, WaitConversion, ReleaseConversion>(
      converter, patterns.getContext());
}
