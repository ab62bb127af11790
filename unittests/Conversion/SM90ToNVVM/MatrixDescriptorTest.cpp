//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Descriptors against the layouts that the PTX ISA gives for them: what an
// instruction reads must be the elements of the tile as TMA wrote it.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Conversion/SM90ToNVVM/MatrixDescriptor.h"

#include "gtest/gtest.h"

using namespace mlir::sm90;

namespace {

/// The 128-byte swizzle on a byte address: bits 4-6 xor bits 7-9.
int64_t swizzle(int64_t address) { return address ^ ((address >> 3) & 0x70); }

/// Where a TMA copy in boxes of 64 columns puts an element of a tile at base.
int64_t getTileAddress(int64_t base, int64_t boxRows, int64_t row,
                       int64_t col) {
  return base + col / 64 * boxRows * 128 + swizzle(row * 128 + col % 64 * 2);
}

/// The fields of a descriptor for an address, as the PTX ISA lays them out.
struct Fields {
  int64_t start, leading, stride, swizzleMode;

  static Fields of(const MatrixDescriptor &layout, int64_t address,
                   int64_t step) {
    int64_t low =
        (address >> 4) + layout.getLowWord() + (layout.getStepBytes(step) >> 4);
    uint64_t word = static_cast<uint64_t>(low) |
                    static_cast<uint64_t>(layout.getHighWord()) << 32;
    auto field = [&](int bit, int width) {
      return static_cast<int64_t>(word >> bit & ((1u << width) - 1));
    };
    return {field(0, 14) << 4, field(16, 14) << 4, field(32, 14) << 4,
            field(62, 2)};
  }
};

constexpr int64_t kBase = 0x2400;

TEST(MatrixDescriptorTest, kMajorReadsRowsAlongTheContraction) {
  for (int64_t rows : {64, 80, 128, 256})
    for (int64_t cols : {64, 72, 128, 256}) {
      MatrixDescriptor layout{rows * 128, /*kMajor=*/true};
      for (int64_t step = 0; step < cols / 16; ++step) {
        Fields fields = Fields::of(layout, kBase, step);
        EXPECT_EQ(fields.swizzleMode, 1);
        for (int64_t row = 0; row < rows; ++row)
          for (int64_t k = 0; k < 16; ++k)
            EXPECT_EQ(swizzle(fields.start + row / 8 * fields.stride +
                              row % 8 * 128 + k * 2),
                      getTileAddress(kBase, rows, row, step * 16 + k));
      }
    }
}

TEST(MatrixDescriptorTest, mnMajorReadsColumnsInBoxes) {
  for (int64_t rows : {16, 64, 80, 128})
    for (int64_t cols : {8, 64, 80, 128, 256}) {
      MatrixDescriptor layout{rows * 128, /*kMajor=*/false};
      for (int64_t step = 0; step < rows / 16; ++step) {
        Fields fields = Fields::of(layout, kBase, step);
        EXPECT_EQ(fields.swizzleMode, 1);
        for (int64_t k = 0; k < 16; ++k)
          for (int64_t col = 0; col < cols; ++col)
            EXPECT_EQ(swizzle(fields.start + col / 64 * fields.leading +
                              k / 8 * fields.stride + k % 8 * 128 +
                              col % 64 * 2),
                      getTileAddress(kBase, rows, step * 16 + k, col));
      }
    }
}

TEST(MatrixDescriptorTest, sliceStartsAtItsRow) {
  // Rows 64 to 127 of a tile of 128 rows, as a warpgroup's share of Q.
  MatrixDescriptor layout{128 * 128, /*kMajor=*/true};
  for (int64_t step = 0; step < 8; ++step) {
    Fields fields = Fields::of(layout, kBase + 64 * 128, step);
    for (int64_t row = 0; row < 64; ++row)
      for (int64_t k = 0; k < 16; ++k)
        EXPECT_EQ(swizzle(fields.start + row / 8 * fields.stride +
                          row % 8 * 128 + k * 2),
                  getTileAddress(kBase, 128, 64 + row, step * 16 + k));
  }
}

TEST(MatrixDescriptorTest, lastTileOfSharedMemoryFits) {
  MatrixDescriptor layout{256 * 128, /*kMajor=*/false};
  int64_t address = (227 << 10) + 1024 - 32768;
  Fields fields = Fields::of(layout, address, 15);
  EXPECT_EQ(fields.start, address + 15 * 2048);
  EXPECT_EQ(fields.leading, 32768);
}

} // namespace
