//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The phases of the GPU compiler.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Pipelines/LowerToNVVM.h"

#include "sigmoid-attn/Conversion/Passes.h"
#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h"
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"
#include "sigmoid-attn/Pipelines/Pipelines.h"
#include "sigmoid-attn/Target/Ptxas/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::attn;

static void addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void attn::buildNVVMSchedulePipeline(
    OpPassManager &pm, const LowerToNVVMPipelineOptions &options) {
  LowerToCPUPipelineOptions raising;
  raising.raise = options.raise;
  buildCPURaisingPipeline(pm, raising);
  pm.addPass(attn::createBufferizePass());
  addCleanup(pm);
  SelectSchedulePassOptions select;
  select.keyTile = options.keyTile;
  select.queryStages = options.queryStages;
  select.keyStages = options.keyStages;
  select.valueStages = options.valueStages;
  select.consumers = options.consumers;
  select.producerRegisters = options.producerRegisters;
  select.consumerRegisters = options.consumerRegisters;
  select.loop = options.loop;
  select.pingPong = options.pingPong;
  select.cluster = options.cluster;
  select.outputColumns = options.outputColumns;
  select.grid = options.grid;
  select.sigmoid = options.sigmoid;
  pm.addPass(attn::createSelectSchedulePass(select));
}

void attn::buildNVVMKernelPipeline(OpPassManager &pm,
                                   const LowerToNVVMPipelineOptions &options) {
  // A score region may compute with affine maps of its indices.
  pm.addPass(createLowerAffinePass());
  pm.addPass(attn::createConvertAttnToSM90Pass());
  addCleanup(pm);
  // A GPU has no libm. The sigmoid, which becomes an approximate instruction,
  // comes after this.
  pm.addPass(attn::createApproximateMathPass());
  pm.addPass(sm90::createSpecializeWarpsPass());
  pm.addPass(sm90::createSkipHiddenKeysPass());
  pm.addPass(sm90::createLinearizeScoresPass());
  pm.addPass(sm90::createExpandSigmoidPass());
  pm.addPass(sm90::createPipelineKeyLoopPass());
  addCleanup(pm);
  pm.addPass(sm90::createReleaseEarlyPass());
  pm.addPass(sm90::createPipelineTileLoopPass());
  addCleanup(pm);
  pm.addPass(sm90::createSplitMaskedKeysPass());
  addCleanup(pm);
  pm.addPass(sm90::createVerifyKernelsPass());
}

void attn::buildNVVMToLLVMPipeline(OpPassManager &pm,
                                   const LowerToNVVMPipelineOptions &options) {
  pm.addPass(sm90::createSpeculateWeightsPass());
  pm.addPass(sm90::createPlanSharedMemoryPass());
  pm.addPass(attn::createConvertSM90ToNVVMPass());
  // The kernels on a thread each. They are thousands of operations, in loops
  // that carry a value for each register. So equal values are merged, equal
  // blocks once at the end, and the rest is left to LLVM.
  GreedyRewriteConfig once;
  once.setUseTopDownTraversal(false).setMaxIterations(1);
  OpPassManager &kernel = pm.nest<gpu::GPUModuleOp>().nest<LLVM::LLVMFuncOp>();
  kernel.addPass(createCSEPass());
  kernel.addPass(createSCFToControlFlowPass());
  kernel.addPass(createConvertToLLVMPass());
  kernel.addPass(createCanonicalizerPass(once));
  pm.addPass(createReconcileUnrealizedCastsPass());
}

void attn::buildNVVMBinaryPipeline(OpPassManager &pm,
                                   const LowerToNVVMPipelineOptions &options) {
  GpuNVVMAttachTargetOptions target;
  target.chip = options.chip;
  // PTX ISA 8.3 has all that the kernels use, and ptxas 12.4 reads it.
  target.features = "+ptx83";
  target.optLevel = 3;
  pm.addPass(createGpuNVVMAttachTarget(target));
  pm.addPass(sm90::createTranslateToPtxPass());
  if (options.format == "isa")
    return;
  sm90::AssembleBinariesPassOptions assemble;
  assemble.format = options.format;
  assemble.ptxas = options.ptxas;
  assemble.strict = options.strict;
  pm.addPass(sm90::createAssembleBinariesPass(assemble));
}

void attn::buildLowerToNVVMPipeline(OpPassManager &pm,
                                    const LowerToNVVMPipelineOptions &options) {
  buildNVVMSchedulePipeline(pm, options);
  buildNVVMKernelPipeline(pm, options);
  buildNVVMToLLVMPipeline(pm, options);
  buildNVVMBinaryPipeline(pm, options);
}

void attn::registerNVVMPipelines() {
  using Options = LowerToNVVMPipelineOptions;
  PassPipelineRegistration<Options>(
      "attn-lower-to-nvvm-pipeline",
      "Compile attention for an NVIDIA GPU, to PTX or machine code and a "
      "launch recipe",
      buildLowerToNVVMPipeline);
  PassPipelineRegistration<Options>(
      "attn-nvvm-schedule-pipeline",
      "The GPU compiler's first phase: attention on buffers, with a schedule",
      buildNVVMSchedulePipeline);
  PassPipelineRegistration<Options>(
      "attn-nvvm-kernel-pipeline",
      "The GPU compiler's second phase: from scheduled attention to an sm90 "
      "kernel by roles",
      buildNVVMKernelPipeline);
  PassPipelineRegistration<Options>(
      "attn-nvvm-to-llvm-pipeline",
      "The GPU compiler's third phase: from sm90 kernels to the LLVM dialect",
      buildNVVMToLLVMPipeline);
  PassPipelineRegistration<Options>(
      "attn-nvvm-binary-pipeline",
      "The GPU compiler's last phase: from the LLVM dialect to binaries",
      buildNVVMBinaryPipeline);
}
