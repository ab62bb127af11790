//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Work on fragments: a copy of the scalar code for each register.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::sm90;

//===----------------------------------------------------------------------===//
// Elements and registers
//===----------------------------------------------------------------------===//

/// Element number `index` of a fragment: one value, or a pair of columns.
static Value getElement(LoweringBuilder &builder, FragmentType type,
                        ValueRange registers, int64_t index, bool paired) {
  if (!paired)
    return registers[index];
  auto pair = VectorType::get({2}, type.getElementType());
  if (!type.getElementType().isF32())
    return LLVM::BitcastOp::create(builder, pair, registers[index]);
  return vector::FromElementsOp::create(
      builder, pair,
      ValueRange{registers[2 * index], registers[2 * index + 1]});
}

/// Appends the registers of an element.
static void appendElement(LoweringBuilder &builder, FragmentType type,
                          Value element, bool paired,
                          SmallVectorImpl<Value> &registers) {
  if (!paired) {
    registers.push_back(element);
    return;
  }
  if (!type.getElementType().isF32()) {
    registers.push_back(
        LLVM::BitcastOp::create(builder, builder.getI32Type(), element));
    return;
  }
  auto elements = vector::ToElementsOp::create(builder, element);
  llvm::append_range(registers, elements.getElements());
}

/// Row and column of an element from the thread's first. Element `index` of
/// f32, or pair: see !sm90.fragment.
static std::pair<int64_t, int64_t> getPosition(int64_t index, bool paired) {
  int64_t i = paired ? 2 * index : index;
  return {8 * ((i >> 1) & 1), 8 * (i >> 2) + (i & 1)};
}

/// Number of elements, or of pairs, that a thread holds.
static int64_t getNumElements(FragmentType type, bool paired) {
  return type.getCols() / (paired ? 4 : 2);
}

/// Copies the operations of a region, with its arguments mapped, and returns
/// what it yields.
static SmallVector<Value> cloneBody(LoweringBuilder &builder, Region &body,
                                    ValueRange arguments) {
  IRMapping mapping;
  mapping.map(body.getArguments(), arguments);
  for (Operation &op : body.front().without_terminator())
    builder.clone(op, mapping);
  SmallVector<Value> yielded;
  for (Value value : body.front().getTerminator()->getOperands())
    yielded.push_back(mapping.lookupOrDefault(value));
  return yielded;
}

namespace {

/// Row and column values for a region that asks for them, perhaps with the
/// column's offset.
struct Indices {
  Value row, col;
  bool hasOffset = false;

  /// The indices that a region takes behind its first `numOthers` arguments.
  static Indices get(LoweringBuilder &builder, Region &body,
                     unsigned numOthers) {
    if (body.getNumArguments() == numOthers)
      return {};
    auto [row, col] = getFragmentOrigin(builder);
    return {row, col, body.getNumArguments() == numOthers + 3};
  }

  void append(LoweringBuilder &builder, int64_t index, bool paired,
              SmallVectorImpl<Value> &arguments) const {
    if (!row)
      return;
    auto [rowOffset, colOffset] = getPosition(index, paired);
    arguments.push_back(builder.add(row, rowOffset));
    arguments.push_back(builder.add(col, colOffset));
    if (hasOffset)
      arguments.push_back(builder.i32(colOffset));
  }
};

//===----------------------------------------------------------------------===//
// Map and fold
//===----------------------------------------------------------------------===//

struct MapConversion : OpConversionPattern<MapOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(MapOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    bool paired = op.isPaired();
    Indices indices =
        Indices::get(builder, op.getBody(), op.getInputs().size());
    SmallVector<SmallVector<Value>> results(op.getNumResults());
    auto first = cast<FragmentType>(op.getInputs()[0].getType());
    for (int64_t index = 0, end = getNumElements(first, paired); index < end;
         ++index) {
      SmallVector<Value> arguments;
      for (auto [input, registers] :
           llvm::zip_equal(op.getInputs(), adaptor.getInputs()))
        arguments.push_back(getElement(builder,
                                       cast<FragmentType>(input.getType()),
                                       registers, index, paired));
      indices.append(builder, index, paired, arguments);
      SmallVector<Value> yielded = cloneBody(builder, op.getBody(), arguments);
      for (auto [value, type, registers] :
           llvm::zip_equal(yielded, op.getResultTypes(), results))
        appendElement(builder, cast<FragmentType>(type), value, paired,
                      registers);
    }
    rewriter.replaceOpWithMultiple(op, std::move(results));
    return success();
  }
};

struct FoldConversion : OpConversionPattern<FoldOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(FoldOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    bool paired = isa<VectorType>(op.getBody().getArgument(1).getType());
    Indices indices = Indices::get(builder, op.getBody(), 2);
    FragmentType type = op.getInput().getType();
    Value result = adaptor.getInit()[0];
    for (int64_t index = 0, end = getNumElements(type, paired); index < end;
         ++index) {
      SmallVector<Value> arguments = {
          result, getElement(builder, type, adaptor.getInput(), index, paired)};
      indices.append(builder, index, paired, arguments);
      result = cloneBody(builder, op.getBody(), arguments)[0];
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Whole fragments
//===----------------------------------------------------------------------===//

struct SplatConversion : OpConversionPattern<SplatOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(SplatOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    SmallVector<Value> registers(op.getResult().getType().getNumRegisters(),
                                 adaptor.getValue()[0]);
    rewriter.replaceOpWithMultiple(op, ArrayRef<ValueRange>{registers});
    return success();
  }
};

struct ConvertConversion : OpConversionPattern<ConvertOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(ConvertOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    Type elementType = op.getResult().getType().getElementType();
    auto pair = VectorType::get({2}, elementType);
    ValueRange source = adaptor.getSource();
    SmallVector<Value> registers;
    for (size_t i = 0; i < source.size(); i += 2) {
      Value rounded;
      if (elementType.isBF16())
        rounded = NVVM::ConvertF32x2ToBF16x2Op::create(
            builder, pair, source[i + 1], source[i], /*random_bits=*/Value(),
            NVVM::FPRoundingMode::RN);
      else
        rounded = NVVM::ConvertF32x2ToF16x2Op::create(
            builder, pair, source[i + 1], source[i], /*random_bits=*/Value(),
            NVVM::FPRoundingMode::RN);
      registers.push_back(
          LLVM::BitcastOp::create(builder, builder.getI32Type(), rounded));
    }
    rewriter.replaceOpWithMultiple(op, ArrayRef<ValueRange>{registers});
    return success();
  }
};

struct ExtractConversion : OpConversionPattern<ExtractOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(ExtractOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentType source = op.getSource().getType();
    int64_t first = op.getCol() * source.getNumRegisters() / source.getCols();
    SmallVector<Value> registers(adaptor.getSource().slice(
        first, op.getResult().getType().getNumRegisters()));
    rewriter.replaceOpWithMultiple(op, ArrayRef<ValueRange>{registers});
    return success();
  }
};

struct ConcatConversion : OpConversionPattern<ConcatOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(ConcatOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    SmallVector<Value> registers;
    for (ValueRange source : adaptor.getSources())
      llvm::append_range(registers, source);
    rewriter.replaceOpWithMultiple(op, ArrayRef<ValueRange>{registers});
    return success();
  }
};

struct PinConversion : OpConversionPattern<PinOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(PinOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    SmallVector<Value> registers = builder.pin(adaptor.getSource());
    rewriter.replaceOpWithMultiple(op, ArrayRef<ValueRange>{registers});
    return success();
  }
};

} // namespace

void sm90::populateFragmentsToNVVMPatterns(const TypeConverter &converter,
                                           RewritePatternSet &patterns) {
  patterns
      .add<MapConversion, FoldConversion, SplatConversion, ConvertConversion,
           ExtractConversion, ConcatConversion, PinConversion>(
          converter, patterns.getContext());
}
