//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The CPU compiler: from attention on tensors or memrefs to the LLVM dialect.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Pipelines/Pipelines.h"

#include "sigmoid-attn/Conversion/Passes.h"
#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::attn;

static void addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void attn::buildCPURaisingPipeline(OpPassManager &pm,
                                   const LowerToCPUPipelineOptions &options) {
  pm.addPass(createInlinerPass());
  addTosaToLinalgPasses(pm.nest<func::FuncOp>());
  // Arithmetic on whole tensors.
  pm.addNestedPass<func::FuncOp>(createConvertElementwiseToLinalgPass());
  addCleanup(pm);
  if (options.raise) {
    pm.addNestedPass<func::FuncOp>(createRaiseToAttentionPass());
    addCleanup(pm);
  }
  pm.addPass(attn::createVerifyTableReadsPass());
}

void attn::buildCPUFusionPipeline(OpPassManager &pm,
                                  const LowerToCPUPipelineOptions &options) {
  // Generic, a convolution with a 1 x 1 window loses its unit dimensions and
  // is the product that a framework made it of.
  pm.addPass(createLinalgGeneralizeNamedOpsPass());
  pm.addPass(createLinalgFoldUnitExtentDimsPass());
  addCleanup(pm);
  pm.addPass(attn::createFuseElementwisePass());
  addCleanup(pm);
}

void attn::buildCPUBufferizationPipeline(
    OpPassManager &pm, const LowerToCPUPipelineOptions &options) {
  pm.addPass(attn::createBufferizePass());
  addCleanup(pm);
  bufferization::buildBufferDeallocationPipeline(pm);
  // The copies that make what a function returns its caller's.
  pm.addPass(createConvertBufferizationToMemRefPass());
}

void attn::buildCPULoopsPipeline(OpPassManager &pm,
                                 const LowerToCPUPipelineOptions &options) {
  pm.addPass(attn::createTileAttentionPass());
  pm.addPass(attn::createFuseAttentionPass());
  pm.addPass(attn::createParallelizeLinalgPass());
  // Positions inside tiles, which the bodies of linalg operations compute.
  pm.addPass(createLowerAffinePass());
  addCleanup(pm);
  attn::VectorizeContractionsPassOptions contractions;
  contractions.vectorBits = options.vectorBits;
  pm.addPass(attn::createVectorizeContractionsPass(contractions));
  attn::VectorizeElementwisePassOptions elementwise;
  elementwise.vectorBits = options.vectorBits;
  pm.addPass(attn::createVectorizeElementwisePass(elementwise));
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  pm.addNestedPass<func::FuncOp>(createForallToParallelLoopPass());
  addCleanup(pm);
  pm.addPass(attn::createApproximateMathPass());
  pm.addPass(createLoopInvariantCodeMotionPass());
  addCleanup(pm);
}

void attn::buildCPUToLLVMPipeline(OpPassManager &pm,
                                  const LowerToCPUPipelineOptions &options) {
  pm.addPass(createConvertSCFToOpenMPPass());
  // Inlines the alloca scopes around loop bodies, in which structured control
  // flow could not become branches.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  pm.addPass(arith::createArithExpandOpsPass(expand));
  pm.addPass(attn::createGuardDivisionsPass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addNestedPass<func::FuncOp>(LLVM::createLLVMRequestCWrappersPass());
  // Intrinsics where there are any, libm for the rest, one lane at a time.
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertOpenMPToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  addCleanup(pm);
}

void attn::buildLowerToCPUPipeline(OpPassManager &pm,
                                   const LowerToCPUPipelineOptions &options) {
  buildCPURaisingPipeline(pm, options);
  buildCPUFusionPipeline(pm, options);
  buildCPUBufferizationPipeline(pm, options);
  buildCPULoopsPipeline(pm, options);
  buildCPUToLLVMPipeline(pm, options);
}

void attn::registerCPUPipelines() {
  using Options = LowerToCPUPipelineOptions;
  PassPipelineRegistration<Options>(
      "attn-lower-to-cpu-pipeline",
      "Compile attention and the computations around it for this CPU, to the "
      "LLVM dialect",
      buildLowerToCPUPipeline);
  PassPipelineRegistration<Options>(
      "attn-cpu-raising-pipeline",
      "The CPU compiler's first phase: find attention in linalg and tosa",
      buildCPURaisingPipeline);
  PassPipelineRegistration<Options>(
      "attn-cpu-fusion-pipeline",
      "The CPU compiler's second phase: fuse what is around attention",
      buildCPUFusionPipeline);
  PassPipelineRegistration<Options>(
      "attn-cpu-bufferization-pipeline",
      "The CPU compiler's third phase: from tensors to buffers",
      buildCPUBufferizationPipeline);
  PassPipelineRegistration<Options>(
      "attn-cpu-loops-pipeline",
      "The CPU compiler's fourth phase: from computations on buffers to "
      "parallel loops over scalars and vectors",
      buildCPULoopsPipeline);
  PassPipelineRegistration<Options>(
      "attn-cpu-to-llvm-pipeline",
      "The CPU compiler's last phase: from loops to the LLVM dialect",
      buildCPUToLLVMPipeline);
}
