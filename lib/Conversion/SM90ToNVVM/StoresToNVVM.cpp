//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Stores of fragments: stmatrix to shared memory, pairs to global memory.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace mlir::sm90;

namespace {

// PTX ISA, "stmatrix": lanes 8 m to 8 m + 7 hold the addresses of the rows of
// 8x8 matrix m, and register m of every lane its elements in the layout of an
// accumulator. The registers 4 c to 4 c + 3 of a 16-bit fragment are, of
// columns 16 c to 16 c + 15: rows 0-7 left, rows 8-15 left, rows 0-7 right,
// rows 8-15 right. So lane l addresses row l % 16 and column 8 * (l / 16).
struct StoreMatrixConversion : OpConversionPattern<StoreMatrixOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(StoreMatrixOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    TileType tile = op.getTile().getType();
    Value thread = builder.threadHere();
    Value lane = builder.andi(thread, kWarpThreads - 1);
    Value warp = builder.andi(builder.shr(thread, 5), 3);
    Value row = builder.add(builder.shl(warp, 4), builder.andi(lane, 15));
    Value rowAddress = builder.add(adaptor.getTile()[0],
                                   builder.mul(row, TileType::kBoxRowBytes));
    // The swizzle: bits 4-6 of an address are xored with the row's low bits.
    Value colBits = builder.shl(builder.shr(lane, 4), 4);
    Value rowBits = builder.shl(builder.andi(row, 7), 4);
    Value swizzled = builder.xori(colBits, rowBits);
    ValueRange registers = adaptor.getSource();
    // One pointer for each column of a box. The box is an immediate offset, so
    // that no pointers to every column stay in registers.
    SmallVector<Value> pointers;
    for (int64_t col = 0; col < std::min(tile.getCols(), TileType::kBoxCols);
         col += 16)
      pointers.push_back(builder.sharedPointer(
          builder.add(rowAddress, builder.xori(swizzled, col * 2))));
    for (int64_t col = 0; col < tile.getCols(); col += 16) {
      int64_t box = col / TileType::kBoxCols;
      Value address = builder.offset(pointers[col % TileType::kBoxCols / 16],
                                     box * tile.getBoxBytes());
      size_t count = std::min<int64_t>(4, (tile.getCols() - col) / 4);
      NVVM::StMatrixOp::create(
          builder, address, registers.slice(col / 4, count),
          NVVM::MMALayout::row,
          NVVM::LdStMatrixShapeAttr::get(getContext(), 8, 8),
          NVVM::LdStMatrixEltType::B16);
    }
    rewriter.eraseOp(op);
    return success();
  }
};

struct StoreGlobalConversion : OpConversionPattern<StoreGlobalOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(StoreGlobalOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    FragmentType type = op.getSource().getType();
    auto [row, col] = getFragmentOrigin(builder);
    for (int64_t half = 0; half < 2; ++half) {
      Value thisRow = builder.add(row, 8 * half);
      Value rowAddress = getRowAddress(builder, op, adaptor, thisRow, col);
      Value rowInside = arith::CmpIOp::create(
          builder, arith::CmpIPredicate::slt, thisRow, adaptor.getRows()[0]);
      for (int64_t block = 0; block < type.getCols() / 8; ++block) {
        Value colInside = arith::CmpIOp::create(
            builder, arith::CmpIPredicate::slt, builder.add(col, 8 * block),
            adaptor.getCols()[0]);
        Value inside = arith::AndIOp::create(builder, rowInside, colInside);
        auto branch = scf::IfOp::create(builder, inside,
                                        /*withElseRegion=*/false);
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPointToStart(branch.thenBlock());
        storePair(builder, type, adaptor.getSource(), rowAddress, half, block);
      }
    }
    rewriter.eraseOp(op);
    return success();
  }

private:
  static Value getElementPointer(LoweringBuilder &builder, Type elementType,
                                 Value base, LLVM::GEPArg index) {
    return LLVM::GEPOp::create(builder, base.getType(), elementType, base,
                               ArrayRef<LLVM::GEPArg>{index});
  }

  /// Address of the thread's first element in a row.
  static Value getRowAddress(LoweringBuilder &builder, StoreGlobalOp op,
                             OneToNOpAdaptor adaptor, Value row, Value col) {
    auto widen = [&](Value value) {
      return arith::ExtSIOp::create(builder, builder.getI64Type(), value);
    };
    Value offset =
        arith::MulIOp::create(builder, widen(row), adaptor.getRowStride()[0]);
    offset = arith::AddIOp::create(builder, offset, widen(col));
    return getElementPointer(builder, op.getSource().getType().getElementType(),
                             adaptor.getBase()[0], offset);
  }

  /// Stores two columns of block `block` of 8.
  static void storePair(LoweringBuilder &builder, FragmentType type,
                        ValueRange registers, Value rowAddress, int64_t half,
                        int64_t block) {
    Type elementType = type.getElementType();
    int32_t col = 8 * block;
    if (!elementType.isF32()) {
      LLVM::StoreOp::create(
          builder, registers[2 * block + half],
          getElementPointer(builder, elementType, rowAddress, col));
      return;
    }
    for (int32_t i = 0; i < 2; ++i)
      LLVM::StoreOp::create(
          builder, registers[4 * block + 2 * half + i],
          getElementPointer(builder, elementType, rowAddress, col + i));
  }
};

} // namespace

void sm90::populateStoresToNVVMPatterns(const TypeConverter &converter,
                                        RewritePatternSet &patterns) {
  patterns.add<StoreMatrixConversion, StoreGlobalConversion>(
      converter, patterns.getContext());
}
