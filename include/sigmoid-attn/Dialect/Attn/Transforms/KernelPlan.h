//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// What a schedule costs an sm_90a block in shared memory and registers, and
/// whether it fits.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_KERNELPLAN_H
#define SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_KERNELPLAN_H

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"
#include "sigmoid-attn/Support/Status.h"

namespace mlir::attn {

/// Limits of compute capability 9.0 (CUDA C++ Programming Guide, "Compute
/// Capabilities"), and what measurement added to them.
namespace target {
/// Shared memory that a block can ask for: 227 KiB.
inline constexpr int64_t kSharedBytes = 232448;
/// What a swizzled tile's address is a multiple of.
inline constexpr int64_t kTileAlignment = 1024;
/// Columns of a swizzled box: 128 bytes of a 16-bit type.
inline constexpr int64_t kBoxColumns = 64;
inline constexpr int64_t kElementBytes = 2;
/// Bytes of an mbarrier.
inline constexpr int64_t kBarrierBytes = 8;
inline constexpr int64_t kRegisterFile = 65536;
inline constexpr int64_t kWarpgroupThreads = 128;
inline constexpr int64_t kMaxThreadRegisters = 255;
/// Registers come in multiples of this.
inline constexpr int64_t kRegisterStep = 8;
/// Rows and keys of one wgmma: M of the instruction, K of a 16-bit one.
inline constexpr int64_t kWgmmaRows = 64;
inline constexpr int64_t kWgmmaKeys = 16;
/// Largest head dim, N of one wgmma.
inline constexpr int64_t kMaxHeadDim = 256;
} // namespace target

/// What of an attention's type decides its kernel's size.
struct KernelShape {
  int64_t headDim = 0;
  int64_t valueHeadDim = 0;

  /// Columns that a tile of queries or keys, or of values, takes in shared
  /// memory: whole boxes.
  int64_t getPaddedHeadDim() const;
  int64_t getPaddedValueHeadDim() const;
};

/// A schedule's demands on one block.
struct KernelPlan {
  int64_t queryBytes = 0, keyBytes = 0, valueBytes = 0, outputBytes = 0;
  int64_t barrierBytes = 0;
  int64_t sharedBytes = 0;
  int64_t threads = 0;
  /// Registers of a thread when the kernel starts, before roles trade them.
  int64_t launchRegisters = 0;
  /// Columns of the tile of its own that the output leaves through, a box at a
  /// time; 0 if it leaves through the query's.
  int64_t outputColumns = 0;
};

/// Registers of a consumer thread that the scores, the weights and the output
/// take together.
int64_t getFragmentRegisters(int64_t keyTile, int64_t valueHeadDim);

/// Most of those that `consumerRegisters` allow for: with fewer than 28 to 32
/// registers beside them ptxas serializes wgmma (C7512).
int64_t getFragmentRegisterLimit(int64_t consumerRegisters);

/// Most registers a thread can have when a block of `threads` starts.
int64_t getLaunchRegisters(int64_t threads);

/// The demands of `schedule` for `shape`, or an error with the arithmetic that
/// shows what does not fit.
sigmoid_attn::Result<KernelPlan> planKernel(ScheduleAttr schedule,
                                            const KernelShape &shape);

/// Whether an sm_90a kernel exists for `op`; if not, the error says what is
/// supported.
sigmoid_attn::Result<KernelShape> getKernelShape(SigmoidAttentionOp op);

} // namespace mlir::attn

#endif // SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_KERNELPLAN_H
