//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// What the CPU compiler knows about the CPU: the one place for its numbers.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_CPUTARGET_H
#define SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_CPUTARGET_H

#include "mlir/Support/LLVM.h"

#include <cstdint>

namespace mlir {
class MLIRContext;

namespace attn {

/// Queries (or keys, where keys are independent) of a tile, along vector lanes.
/// Two panels of 64 x 128 floats, the accumulators and the inputs, fill a
/// quarter of the smallest second-level cache of the last ten years, 256 KiB.
inline constexpr int64_t kLaneTile = 64;

/// Keys (or queries) that are summed over between two visits of the
/// accumulators. The weights of a tile, 64 x 64 floats, are 16 KiB: half of a
/// first-level cache.
inline constexpr int64_t kRowTile = 64;

/// Alignment of tiles in bytes: a cache line, which is also the widest vector.
inline constexpr int64_t kTileAlignment = 64;

/// Rows and depth of a tile of a product outside attention. A copied panel of
/// 512 x 64 floats, 128 KiB, is read once for every few rows, and by enough of
/// them that copying it costs a percent.
inline constexpr int64_t kRowsPerProduct = 128;
inline constexpr int64_t kDepthTile = 512;

/// Innermost rows, or single elements, of a tile of any other operation.
inline constexpr int64_t kRowsPerTask = 32;
inline constexpr int64_t kElementsPerTask = 4096;

/// Iterations below which one thread is done before others have started.
inline constexpr int64_t kMinParallelIterations = 1 << 15;

/// A vector unit, seen as a register file for one block of a product.
struct CPUTarget {
  /// f32 values in a vector register.
  int64_t lanes;
  /// The block of accumulators that stays in registers: rows x vectors. It
  /// leaves registers for one row of vectors and a broadcast value.
  int64_t blockRows, blockVectors;
};

/// The target with vector registers of `vectorBits` bits, which are valid.
CPUTarget getCPUTarget(int64_t vectorBits);

/// Checks the pass option `vector-bits`: 128, 256 or 512, or 0 for the widest
/// that this machine has.
LogicalResult verifyVectorBits(MLIRContext *context, int64_t vectorBits);

} // namespace attn
} // namespace mlir

#endif // SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_CPUTARGET_H
