//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The compilers, cut into phases. Each phase is a pipeline of its own.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_PIPELINES_PIPELINES_H
#define SIGMOID_ATTN_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassOptions.h"

namespace mlir {
class OpPassManager;

namespace attn {

/// Options of the CPU compiler.
struct LowerToCPUPipelineOptions
    : public PassPipelineOptions<LowerToCPUPipelineOptions> {
  Option<bool> raise{
      *this, "raise",
      llvm::cl::desc("Find unfused attention and raise it to the attn dialect "
                     "(default true)"),
      llvm::cl::init(true)};
  Option<int64_t> vectorBits{
      *this, "vector-bits",
      llvm::cl::desc("Bits of a vector register to compile for: 128, 256 or "
                     "512 (default 0: the widest of this machine)"),
      llvm::cl::init(0)};
};

/// Finds attention in linalg and tosa: tosa becomes linalg, and, if
/// `options.raise`, what is attention becomes attn operations.
void buildCPURaisingPipeline(OpPassManager &pm,
                             const LowerToCPUPipelineOptions &options);

/// Fuses the elementwise computations around attention, on tensors.
void buildCPUFusionPipeline(OpPassManager &pm,
                            const LowerToCPUPipelineOptions &options);

/// Makes tensors buffers, and gives functions the signatures that callers from
/// outside use (see `attn-bufferize`).
void buildCPUBufferizationPipeline(OpPassManager &pm,
                                   const LowerToCPUPipelineOptions &options);

/// Tiles, fuses, parallelizes and vectorizes the computations on buffers: what
/// is left are loops over scalars and vectors.
void buildCPULoopsPipeline(OpPassManager &pm,
                           const LowerToCPUPipelineOptions &options);

/// Lowers loops over scalars and vectors to the LLVM dialect. Functions that
/// were public get `_mlir_ciface_` wrappers.
void buildCPUToLLVMPipeline(OpPassManager &pm,
                            const LowerToCPUPipelineOptions &options);

/// The whole CPU compiler: the phases above, in their order.
void buildLowerToCPUPipeline(OpPassManager &pm,
                             const LowerToCPUPipelineOptions &options);

/// Registers the CPU compiler and its phases by their flags.
void registerCPUPipelines();

} // namespace attn
} // namespace mlir

#endif // SIGMOID_ATTN_PIPELINES_PIPELINES_H
