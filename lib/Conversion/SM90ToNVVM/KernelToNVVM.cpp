//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels and roles: an llvm.func in which warpgroups go different ways.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
using namespace mlir::sm90;

/// Bytes of a tensor map (CUDA driver API, CUtensorMap).
static constexpr int64_t kTensorMapBytes = 128;
static constexpr int64_t kTensorMapAlignment = 64;

//===----------------------------------------------------------------------===//
// Kernel
//===----------------------------------------------------------------------===//

/// Marks a pointer argument as a tensor map in the parameter space.
static void setTensorMapAttributes(LLVM::LLVMFuncOp func, unsigned index) {
  MLIRContext *context = func.getContext();
  auto bytes = LLVM::LLVMArrayType::get(IntegerType::get(context, 64),
                                        kTensorMapBytes / 8);
  func.setArgAttr(index, LLVM::LLVMDialect::getByValAttrName(),
                  TypeAttr::get(bytes));
  func.setArgAttr(
      index, LLVM::LLVMDialect::getAlignAttrName(),
      IntegerAttr::get(IntegerType::get(context, 64), kTensorMapAlignment));
  func.setArgAttr(index, NVVM::NVVMDialect::getGridConstantAttrName(),
                  UnitAttr::get(context));
}

/// Stops the kernel if dynamic shared memory is not where every address that
/// is compiled into it says.
static void checkSharedBase(LoweringBuilder &builder, LLVM::GlobalOp global) {
  Value base = LLVM::AddressOfOp::create(builder, global);
  base = LLVM::PtrToIntOp::create(builder, builder.getI32Type(), base);
  Value expected = builder.i32(kDynamicSharedBase);
  if (builder.isInCluster())
    base = builder.andi(base, (1 << kBlockAddressBits) - 1);
  Value wrong =
      arith::CmpIOp::create(builder, arith::CmpIPredicate::ne, base, expected);
  auto branch = scf::IfOp::create(builder, wrong, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  LLVM::Trap::create(builder);
}

namespace {

struct KernelConversion : OpConversionPattern<KernelOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(KernelOp kernel, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TypeConverter::SignatureConversion signature(kernel.getNumArguments());
    if (failed(getTypeConverter()->convertSignatureArgs(
            kernel.getArgumentTypes(), signature)))
      return rewriter.notifyMatchFailure(kernel, "cannot convert arguments");
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(getContext()), signature.getConvertedTypes());
    int32_t threads = kernel.getRoles().getNumThreads();
    LLVM::GlobalOp global = getDynamicShared(rewriter, kernel);
    auto func = LLVM::LLVMFuncOp::create(rewriter, kernel.getLoc(),
                                         kernel.getSymName(), type);
    for (auto [index, argument] : llvm::enumerate(kernel.getArgumentTypes()))
      if (isa<nvgpu::TensorMapDescriptorType>(argument))
        setTensorMapAttributes(func, index);
    func->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(),
                  rewriter.getUnitAttr());
    func->setAttr(NVVM::NVVMDialect::getReqntidAttrName(),
                  rewriter.getDenseI32ArrayAttr({threads, 1, 1}));
    // Without it ptxas ignores setmaxnreg (C7508).
    func->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                  rewriter.getI32IntegerAttr(1));
    if (kernel.getCluster() > 1)
      func->setAttr(NVVM::NVVMDialect::getClusterDimAttrName(),
                    rewriter.getDenseI32ArrayAttr(
                        {static_cast<int32_t>(kernel.getCluster()), 1, 1}));
    for (NamedAttribute attribute : kernel->getDiscardableAttrs())
      func->setAttr(attribute.getName(), attribute.getValue());
    // For whoever launches it.
    if (kernel.getSharedMemoryAttr())
      func->setAttr("sm90.shared_memory", kernel.getSharedMemoryAttr());

    rewriter.inlineRegionBefore(kernel.getBody(), func.getBody(), func.end());
    Block *entry = rewriter.applySignatureConversion(
        &func.getBody().front(), signature, getTypeConverter());
    rewriter.setInsertionPointToStart(entry);
    LoweringBuilder builder(kernel.getLoc(), rewriter);
    checkSharedBase(builder, global);
    rewriter.eraseOp(kernel);
    return success();
  }
};

struct ReturnConversion : OpConversionPattern<ReturnOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(ReturnOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<LLVM::ReturnOp>(op, ValueRange());
    return success();
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// Roles
//===----------------------------------------------------------------------===//

/// Waits for every thread of the cluster.
static void synchronizeCluster(LoweringBuilder &builder) {
  NVVM::ClusterArriveOp::create(builder, /*aligned=*/UnitAttr());
  NVVM::ClusterWaitOp::create(builder, /*aligned=*/UnitAttr());
}

/// Initialises the barriers of every ring, by one thread, and lets those see
/// them that use them.
static void initializeBarriers(LoweringBuilder &builder,
                               ArrayRef<AllocRingOp> rings) {
  Value first = builder.equal(builder.thread(), 0);
  auto branch = scf::IfOp::create(builder, first, /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    auto initialize = [&](Value address, int64_t arrivals) {
      NVVM::MBarrierInitOp::create(builder, builder.sharedPointer(address),
                                   builder.i32(arrivals), Value());
    };
    for (AllocRingOp ring : rings) {
      for (int64_t i = 0; i < ring.getRing().getType().getStages(); ++i) {
        Value stage = builder.i32(i);
        initialize(getFullBarrier(builder, ring, stage), 1);
        initialize(getEmptyBarrier(builder, ring, stage),
                   ring.getEmptyArrivals());
      }
    }
    NVVM::FenceMbarrierInitOp::create(builder);
  }
  if (getNumBlocks(rings) > 1)
    synchronizeCluster(builder);
  else
    NVVM::Barrier0Op::create(builder);
}

/// A value that is the same in all lanes, in a form that ptxas knows for it.
static Value makeUniform(LoweringBuilder &builder, Value value) {
  return NVVM::ShflOp::create(builder, builder.getI32Type(), builder.i32(-1),
                              value, builder.i32(0), builder.i32(31),
                              NVVM::ShflKind::idx, UnitAttr());
}

/// Moves the body of a role to the insertion point.
static void inlineRole(Region &role, ValueRange arguments,
                       LoweringBuilder &builder,
                       ConversionPatternRewriter &rewriter) {
  rewriter.eraseOp(role.front().getTerminator());
  rewriter.inlineBlockBefore(&role.front(), builder.getInsertionBlock(),
                             builder.getInsertionPoint(), arguments);
}

namespace {

struct WarpSpecializeConversion : OpConversionPattern<WarpSpecializeOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(WarpSpecializeOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    SmallVector<AllocRingOp> rings(op->getBlock()->getOps<AllocRingOp>());
    initializeBarriers(builder, rings);

    Value warp = makeUniform(builder, builder.shr(builder.thread(), 5));
    Value warpgroup = builder.shr(warp, 2);
    auto roles = scf::IfOp::create(builder, builder.equal(warpgroup, 0),
                                   /*withElseRegion=*/true);
    // The others may still write to this block's shared memory.
    if (getNumBlocks(rings) > 1)
      synchronizeCluster(builder);
    builder.setInsertionPointToStart(roles.thenBlock());
    NVVM::SetMaxRegisterOp::create(builder, op.getProducerRegisters(),
                                   NVVM::SetMaxRegisterAction::decrease);
    auto firstWarp = scf::IfOp::create(builder, builder.equal(warp, 0),
                                       /*withElseRegion=*/false);
    builder.setInsertionPointToStart(firstWarp.thenBlock());
    Value elected = NVVM::ElectSyncOp::create(builder, builder.getI1Type(),
                                              /*membermask=*/Value());
    auto thread = scf::IfOp::create(builder, elected, /*withElseRegion=*/false);
    builder.setInsertionPointToStart(thread.thenBlock());
    inlineRole(op.getProducer(), {}, builder, rewriter);

    builder.setInsertionPointToStart(roles.elseBlock());
    bool increase = op.getConsumerRegisters() > op.getLaunchRegisters();
    NVVM::SetMaxRegisterOp::create(builder, op.getConsumerRegisters(),
                                   increase
                                       ? NVVM::SetMaxRegisterAction::increase
                                       : NVVM::SetMaxRegisterAction::decrease);
    Value number = builder.add(warpgroup, -1);
    inlineRole(op.getConsumer(), number, builder, rewriter);
    rewriter.eraseOp(op);
    return success();
  }
};

struct LeaderConversion : OpConversionPattern<LeaderOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(LeaderOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    rewriter.replaceOp(op, builder.isLeader());
    return success();
  }
};

} // namespace

void sm90::populateKernelToNVVMPatterns(const TypeConverter &converter,
                                        RewritePatternSet &patterns) {
  patterns.add<KernelConversion, ReturnConversion, WarpSpecializeConversion,
               LeaderConversion>(converter, patterns.getContext());
}
