//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Asynchronous products. nvvm.wgmma.mma_async takes both operands from shared
// memory, holds its accumulators in a struct, and always reads them; the form
// here has A in registers too, each accumulator a value, and a first step that
// only writes them.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "sigmoid-attn/Conversion/SM90ToNVVM/MatrixDescriptor.h"

using namespace mlir;
using namespace mlir::sm90;

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

/// The 64-bit descriptor of a tile's step.
static Value getDescriptor(LoweringBuilder &builder, Value address,
                           MatrixDescriptor layout, int64_t step) {
  // In 32 bits until the end: no carry crosses, and the high word is constant.
  int64_t low = layout.getLowWord() + (layout.getStepBytes(step) >> 4);
  Value word = builder.add(builder.shr(address, 4), low);
  Value wide = arith::ExtUIOp::create(builder, builder.getI64Type(), word);
  Value high = arith::ConstantOp::create(
      builder, builder.getI64IntegerAttr(layout.getHighWord() << 32));
  return arith::OrIOp::create(builder, wide, high);
}

namespace {

/// Successive steps of a product, each a wgmma.mma_async, as one assembly:
/// apart they would be most of what LLVM has to read, a value for each
/// accumulator between any two.
struct Instructions {
  int64_t cols, steps;
  Type elementType;
  bool registerA, transposeA, transposeB, accumulates;

  /// PTX with operand numbers: the accumulators, then A and B of each step.
  std::string getText() const {
    std::string type = elementType.isBF16() ? "bf16" : "f16";
    std::string text;
    for (int64_t step = 0; step < steps; ++step) {
      int64_t next = getNumAccumulators() + step * getNumInputs();
      text += "wgmma.mma_async.sync.aligned.m64n" + std::to_string(cols) +
              "k16.f32." + type + "." + type + " " +
              getList(0, getNumAccumulators());
      text +=
          ", " + (registerA ? getList(next, 4) : "$" + std::to_string(next));
      text += ", $" + std::to_string(next + getNumInputs() - 1);
      text += accumulates || step > 0 ? ", 1" : ", 0";
      text += ", 1, 1";
      if (!registerA)
        text += transposeA ? ", 1" : ", 0";
      // An operand that is contiguous along N counts as transposed.
      text += transposeB ? ", 0;" : ", 1;";
      text += step + 1 < steps ? "\n\t" : "";
    }
    return text;
  }

  std::string getConstraints() const {
    std::string constraints;
    // The first step writes accumulators before the second reads its operands.
    for (int64_t i = 0; i < getNumAccumulators(); ++i)
      constraints += steps > 1 ? "=&f," : "=f,";
    for (int64_t step = 0; step < steps; ++step)
      constraints +=
          (step ? "," : "") + std::string(registerA ? "r,r,r,r,l" : "l,l");
    for (int64_t i = 0; accumulates && i < getNumAccumulators(); ++i)
      constraints += "," + std::to_string(i);
    return constraints;
  }

  int64_t getNumAccumulators() const { return cols / 2; }
  int64_t getNumInputs() const { return registerA ? 5 : 2; }

  /// `{$first, ...}`.
  static std::string getList(int64_t first, int64_t count) {
    std::string list = "{";
    for (int64_t i = 0; i < count; ++i)
      list += (i ? ", $" : "$") + std::to_string(first + i);
    return list + "}";
  }
};

} // namespace

/// How many steps of a product to issue by one assembly.
static int64_t getStepsTogether(int64_t steps, bool registerA) {
  // A warp has 63 uniform registers, and a descriptor takes two. Where those of
  // all steps do not fit, ptxas needs to see that they are not wanted at once.
  constexpr int64_t kUniformRegisters = 63;
  int64_t descriptors = registerA ? 1 : 2;
  return steps * descriptors * 2 <= kUniformRegisters ? steps : 2;
}

/// Issues steps; `accumulators` are read if they accumulate, and replaced.
static void issue(LoweringBuilder &builder, const Instructions &instructions,
                  SmallVector<Value> operands,
                  SmallVectorImpl<Value> &accumulators) {
  if (instructions.accumulates)
    llvm::append_range(operands, accumulators);
  SmallVector<Type> types(instructions.getNumAccumulators(),
                          builder.getF32Type());
  auto type = LLVM::LLVMStructType::getLiteral(builder.getContext(), types);
  Value result = builder
                     .createAsm(type, operands, instructions.getText(),
                                instructions.getConstraints())
                     .getRes();
  accumulators.clear();
  for (int64_t i = 0; i < instructions.getNumAccumulators(); ++i)
    accumulators.push_back(LLVM::ExtractValueOp::create(builder, result, i));
}

/// Whether only products, their commits and address arithmetic lie between the
/// operation and a product before it, which then fenced for it too.
static bool isFenced(WgmmaOp op) {
  if (op.isRegisterA() || isa_and_nonnull<FragmentType>(
                              op.getInit() ? op.getInit().getType() : Type()))
    return false;
  for (Operation *before = op->getPrevNode(); before;
       before = before->getPrevNode()) {
    if (isa<WgmmaOp>(before))
      return true;
    if (!isa<CommitOp, SliceOp, ExtractOp, AdvanceOp>(before))
      return false;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

namespace {

struct WgmmaConversion : OpConversionPattern<WgmmaOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(WgmmaOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    SmallVector<Value> a(adaptor.getA());
    SmallVector<Value> accumulators(adaptor.getInit());
    bool accumulates = static_cast<bool>(op.getInit());
    // What other instructions wrote must be in the registers at the fence.
    if (op.isRegisterA())
      a = builder.pin(a);
    if (accumulates && isa<FragmentType>(op.getInit().getType()))
      accumulators = builder.pin(accumulators);
    if (!isFenced(op))
      NVVM::WgmmaFenceAlignedOp::create(builder);

    TileType b = op.getB().getType();
    MatrixDescriptor bLayout{b.getBoxBytes(), op.getTransposeB()};
    int64_t steps = op.getContraction() / WgmmaOp::kStepK;
    int64_t together = getStepsTogether(steps, op.isRegisterA());
    for (int64_t first = 0; first < steps; first += together) {
      int64_t end = std::min(steps, first + together);
      SmallVector<Value> operands;
      for (int64_t step = first; step < end; ++step) {
        if (op.isRegisterA()) {
          operands.append(a.begin() + 4 * step, a.begin() + 4 * step + 4);
        } else {
          auto tile = cast<TileType>(op.getA().getType());
          MatrixDescriptor layout{tile.getBoxBytes(), !op.getTransposeA()};
          operands.push_back(getDescriptor(builder, a[0], layout, step));
        }
        operands.push_back(
            getDescriptor(builder, adaptor.getB()[0], bLayout, step));
      }
      Instructions instructions{op.getResult().getType().getCols(),
                                end - first,
                                b.getElementType(),
                                op.isRegisterA(),
                                op.getTransposeA(),
                                op.getTransposeB(),
                                accumulates || first > 0};
      issue(builder, instructions, std::move(operands), accumulators);
    }
    rewriter.replaceOpWithMultiple(op, ArrayRef<ValueRange>{accumulators});
    return success();
  }
};

struct CommitConversion : OpConversionPattern<CommitOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(CommitOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<NVVM::WgmmaGroupSyncAlignedOp>(op);
    return success();
  }
};

struct AwaitConversion : OpConversionPattern<AwaitOp> {
  AwaitConversion(const TypeConverter &converter, MLIRContext *context,
                  bool keepOperands)
      : OpConversionPattern(converter, context), keepOperands(keepOperands) {}

  LogicalResult
  matchAndRewrite(AwaitOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    NVVM::WgmmaWaitGroupSyncOp::create(builder, op.getInFlight());
    if (keepOperands)
      for (ValueRange kept : adaptor.getKeep())
        builder.keep(kept);
    SmallVector<SmallVector<Value>> fragments;
    for (ValueRange registers : adaptor.getPending())
      fragments.push_back(builder.pin(registers));
    rewriter.replaceOpWithMultiple(op, std::move(fragments));
    return success();
  }

private:
  bool keepOperands;
};

} // namespace

void sm90::populateWgmmaToNVVMPatterns(const TypeConverter &converter,
                                       RewritePatternSet &patterns,
                                       bool keepOperands) {
  patterns.add<WgmmaConversion, CommitConversion>(converter,
                                                  patterns.getContext());
  patterns.add<AwaitConversion>(converter, patterns.getContext(), keepOperands);
}
