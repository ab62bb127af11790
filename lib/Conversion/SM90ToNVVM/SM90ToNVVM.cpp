//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The conversion of a kernel in sm90 to one in nvvm and llvm, with scf and
// arith left for their own conversions.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "sigmoid-attn/Conversion/Passes.h"
#include "sigmoid-attn/Dialect/Attn/Transforms/Machine.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::attn {
#define GEN_PASS_DEF_CONVERTSM90TONVVMPASS
#include "sigmoid-attn/Conversion/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::sm90;

void sm90::populateSM90ToNVVMTypeConversions(TypeConverter &converter) {
  converter.addConversion([](Type type) { return type; });
  converter.addConversion([](TileType type) -> Type {
    return IntegerType::get(type.getContext(), 32);
  });
  converter.addConversion(
      [](CursorType type, SmallVectorImpl<Type> &types) -> LogicalResult {
        types.append(2, IntegerType::get(type.getContext(), 32));
        return success();
      });
  auto convertFragment = [](FragmentType type, SmallVectorImpl<Type> &types) {
    MLIRContext *context = type.getContext();
    bool wide = type.getElementType().isF32();
    types.append(type.getNumRegisters(),
                 wide ? Type(Float32Type::get(context))
                      : Type(IntegerType::get(context, 32)));
    return success();
  };
  converter.addConversion(
      [=](FragmentType type, SmallVectorImpl<Type> &types) -> LogicalResult {
        return convertFragment(type, types);
      });
  converter.addConversion(
      [=](PendingType type, SmallVectorImpl<Type> &types) -> LogicalResult {
        return convertFragment(type.getFragment(), types);
      });
  converter.addConversion([](nvgpu::TensorMapDescriptorType type) -> Type {
    return LLVM::LLVMPointerType::get(type.getContext());
  });
}

void sm90::populateSM90ToNVVMPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns,
                                      bool keepOperands) {
  populateKernelToNVVMPatterns(converter, patterns);
  populateRingsToNVVMPatterns(converter, patterns);
  populateCopiesToNVVMPatterns(converter, patterns);
  populateWgmmaToNVVMPatterns(converter, patterns, keepOperands);
  populateFragmentsToNVVMPatterns(converter, patterns);
  populateOddsToNVVMPatterns(converter, patterns);
  populateStoresToNVVMPatterns(converter, patterns);
}

/// Checks that the planner has placed everything in shared memory.
static LogicalResult verifyPlanned(Operation *root) {
  WalkResult result = root->walk([](Operation *op) {
    auto ring = dyn_cast<AllocRingOp>(op);
    auto tile = dyn_cast<AllocTileOp>(op);
    if ((ring && (!ring.getOffset() || !ring.getBarriers())) ||
        (tile && !tile.getOffset())) {
      op->emitOpError("expected a place in shared memory: run "
                      "sm90-plan-shared-memory first");
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// Whether a GPU has instructions for a function. It has no libm, so that LLVM
/// would stop at any other.
static bool hasInstructions(Operation *op) {
  if (isa<math::AbsFOp, math::AbsIOp, math::CeilOp, math::CopySignOp,
          math::CountLeadingZerosOp, math::CountTrailingZerosOp, math::CtPopOp,
          math::FloorOp, math::FmaOp, math::IsFiniteOp, math::IsNaNOp,
          math::RoundEvenOp, math::RoundOp, math::RsqrtOp, math::SqrtOp,
          math::TruncOp>(op))
    return true;
  Type type = op->getResult(0).getType();
  if (isa<math::Exp2Op>(op))
    return type.isF32();
  auto tanh = dyn_cast<math::TanhOp>(op);
  return tanh && (type.isF32() || type.isF16() || type.isBF16()) &&
         bitEnumContainsAll(tanh.getFastmath(), arith::FastMathFlags::afn);
}

/// Checks that the kernels call no function of a library, and no instruction of
/// another machine.
static LogicalResult verifyFunctions(Operation *root) {
  WalkResult result = root->walk([](KernelOp kernel) {
    return kernel.walk([](Operation *op) {
      if (!attn::isForNVIDIA(op)) {
        op->emitOpError("expected an operation that sm_90a computes, got ")
            << op->getName();
        return WalkResult::interrupt();
      }
      // LLVM's own intrinsics are not looked into.
      bool isFunction = isa_and_nonnull<math::MathDialect>(op->getDialect()) ||
                        op->getName().getStringRef().starts_with("llvm.intr.");
      if (!isFunction || hasInstructions(op))
        return WalkResult::advance();
      op->emitOpError("expected a function that sm_90a computes, or that "
                      "attn-approximate-math replaces, got ")
          << op->getName() << " of " << op->getOperand(0).getType();
      return WalkResult::interrupt();
    });
  });
  return failure(result.wasInterrupted());
}

namespace {

class ConvertSM90ToNVVM
    : public attn::impl::ConvertSM90ToNVVMPassBase<ConvertSM90ToNVVM> {
public:
  using ConvertSM90ToNVVMPassBase::ConvertSM90ToNVVMPassBase;

  void runOnOperation() override {
    if (failed(verifyPlanned(getOperation())) ||
        failed(verifyFunctions(getOperation())))
      return signalPassFailure();
    TypeConverter converter;
    populateSM90ToNVVMTypeConversions(converter);
    RewritePatternSet patterns(&getContext());
    populateSM90ToNVVMPatterns(converter, patterns, keepOperands);
    ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    target.addIllegalDialect<SM90Dialect>();
    // Patterns ask the allocation of a ring where it is; then it is dead.
    target.addLegalOp<AllocRingOp>();
    target.addIllegalOp<nvgpu::TmaPrefetchOp>();
    scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                         target);
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      return signalPassFailure();
    SmallVector<AllocRingOp> rings;
    getOperation()->walk([&](AllocRingOp ring) { rings.push_back(ring); });
    for (AllocRingOp ring : rings)
      ring.erase();
  }
};

} // namespace
