//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// What the pattern files of the lowering share: the machine's constants,
/// addresses in shared memory, and a builder of i32 arithmetic that folds.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_SM90TONVVM_LOWERING_H
#define SIGMOID_ATTN_LIB_CONVERSION_SM90TONVVM_LOWERING_H

#include "sigmoid-attn/Conversion/SM90ToNVVM/SM90ToNVVM.h"
#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::sm90 {

/// Address of the first byte of dynamic shared memory in a kernel that has no
/// static shared memory: the first KiB belongs to the system. Kernels check it
/// when they start, so that every shared address can be a constant.
inline constexpr int64_t kDynamicSharedBase = 1024;
/// In a cluster, where each block's shared memory is reached by all, the bits
/// of an address that count within a block; the block's number is above them.
inline constexpr int64_t kBlockAddressBits = 24;
/// Address spaces of NVVM pointers.
inline constexpr unsigned kSharedSpace = 3;
/// Name of the symbol that stands for dynamic shared memory, if nothing else in
/// the module has it.
inline constexpr StringLiteral kDynamicSharedSymbol = "sm90_dynamic_shared";
/// Bytes of an mbarrier.
inline constexpr int64_t kBarrierBytes = 8;
/// Threads of a warp and of a warpgroup.
inline constexpr int64_t kWarpThreads = 32;
inline constexpr int64_t kWarpgroupThreads = 128;

/// The symbol of dynamic shared memory in the module of kernels around `op`.
LLVM::GlobalOp getDynamicShared(OpBuilder &builder, Operation *op);

/// Builds i32 arithmetic; what is constant folds on the way.
class LoweringBuilder : public ImplicitLocOpBuilder {
public:
  LoweringBuilder(Location loc, OpBuilder &builder)
      : ImplicitLocOpBuilder(loc, builder) {}

  /// A constant i32.
  Value i32(int64_t value);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b) { return add(a, i32(b)); }
  Value mul(Value a, int64_t b);
  Value andi(Value a, int64_t b);
  Value xori(Value a, Value b);
  Value xori(Value a, int64_t b) { return xori(a, i32(b)); }
  Value shl(Value a, int64_t bits);
  Value shr(Value a, int64_t bits);
  Value equal(Value a, int64_t b);
  /// Of numbers that are not negative.
  Value less(Value a, int64_t b);

  /// The thread's number in the block, its lane, and its warp in the warpgroup.
  Value thread();
  /// The number read here and now: what is computed from it is computed here
  /// too, and takes no registers in loops before.
  Value threadHere();
  Value lane() { return andi(thread(), kWarpThreads - 1); }
  Value warp() { return andi(shr(thread(), 5), 3); }
  Value threadOfWarpgroup() { return andi(thread(), kWarpgroupThreads - 1); }
  /// Whether this is the one thread that acts for its warpgroup.
  Value isLeader() { return equal(threadOfWarpgroup(), 0); }

  /// The block's number in its cluster.
  Value rank();

  /// Whether the kernel around the insertion point has clusters.
  bool isInCluster();
  /// A pointer to the block's shared memory at a byte address.
  Value sharedPointer(Value address);
  /// A pointer to the same address in a block of the cluster.
  Value sharedPointer(Value address, Value block);
  /// The pointer `bytes` behind another one.
  Value offset(Value pointer, int64_t bytes);

  /// A side-effecting inline assembly, with one result or none.
  LLVM::InlineAsmOp createAsm(Type result, ValueRange operands, StringRef text,
                              StringRef constraints);
  /// An empty inline assembly that reads and rewrites the registers, in place:
  /// nothing that computes them moves below it, nothing that reads the results
  /// above.
  SmallVector<Value> pin(ValueRange registers);
  /// Uses the registers here, by stores that no thread executes.
  void keep(ValueRange registers);
};

/// The alloc op behind a ring.
AllocRingOp getAllocation(Value ring);

/// Address of a stage's full or empty barrier.
Value getFullBarrier(LoweringBuilder &builder, AllocRingOp ring, Value stage);
Value getEmptyBarrier(LoweringBuilder &builder, AllocRingOp ring, Value stage);

/// Blocks of the cluster that shares rings of a kernel, 1 if there is none.
int64_t getNumBlocks(ArrayRef<AllocRingOp> rings);

/// Address of payload number `index` of a stage.
Value getPayload(LoweringBuilder &builder, AllocRingOp ring, Value stage,
                 unsigned index);

/// Row (of 64) and column of the thread's first element of a fragment.
std::pair<Value, Value> getFragmentOrigin(LoweringBuilder &builder);

/// Patterns for each part of the dialect.
void populateKernelToNVVMPatterns(const TypeConverter &converter,
                                  RewritePatternSet &patterns);
void populateRingsToNVVMPatterns(const TypeConverter &converter,
                                 RewritePatternSet &patterns);
void populateCopiesToNVVMPatterns(const TypeConverter &converter,
                                  RewritePatternSet &patterns);
void populateWgmmaToNVVMPatterns(const TypeConverter &converter,
                                 RewritePatternSet &patterns,
                                 bool keepOperands);
void populateFragmentsToNVVMPatterns(const TypeConverter &converter,
                                     RewritePatternSet &patterns);
void populateOddsToNVVMPatterns(const TypeConverter &converter,
                                RewritePatternSet &patterns);
void populateStoresToNVVMPatterns(const TypeConverter &converter,
                                  RewritePatternSet &patterns);

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_CONVERSION_SM90TONVVM_LOWERING_H
