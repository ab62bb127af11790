//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Registration.h"

#include "sigmoid-attn/Conversion/Passes.h"
#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"
#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h"
#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"
#include "sigmoid-attn/Pipelines/LowerToNVVM.h"
#include "sigmoid-attn/Pipelines/Pipelines.h"
#include "sigmoid-attn/Target/Ptxas/Passes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/NVVMToLLVM/NVVMToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"

using namespace mlir;

void attn::registerSigmoidAttnDialects(DialectRegistry &registry) {
  registry.insert<AttnDialect>();
  registry.insert<sm90::SM90Dialect>();
  // What convert-to-llvm needs for what kernels compute with.
  arith::registerConvertArithToLLVMInterface(registry);
  cf::registerConvertControlFlowToLLVMInterface(registry);
  index::registerConvertIndexToLLVMInterface(registry);
  registerConvertMathToLLVMInterface(registry);
  registerConvertNVVMToLLVMInterface(registry);
  ub::registerConvertUBToLLVMInterface(registry);
  vector::registerConvertVectorToLLVMInterface(registry);
  // What sm90-translate-to-ptx needs to turn a kernel into LLVM IR.
  registerAllGPUToLLVMIRTranslations(registry);
}

void attn::registerSigmoidAttnPasses() {
  registerAttnTransformsPasses();
  registerConversionPasses();
  sm90::registerSM90TransformsPasses();
  sm90::registerTargetPtxasPasses();
  registerCPUPipelines();
  registerNVVMPipelines();
}
