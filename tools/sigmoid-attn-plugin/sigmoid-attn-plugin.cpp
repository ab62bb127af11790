//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialects and passes of sigmoid-attn for a stock mlir-opt:
//
//   mlir-opt --load-dialect-plugin=SigmoidAttnPlugin.so
//            --load-pass-plugin=SigmoidAttnPlugin.so
//            --pass-pipeline='builtin.module(attn-lower-to-cpu-pipeline)'
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Registration.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

extern "C" LLVM_ATTRIBUTE_WEAK
    LLVM_ATTRIBUTE_VISIBILITY_DEFAULT mlir::DialectPluginLibraryInfo
    mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "sigmoid-attn", SIGMOID_ATTN_VERSION,
          [](mlir::DialectRegistry *registry) {
            mlir::attn::registerSigmoidAttnDialects(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK
    LLVM_ATTRIBUTE_VISIBILITY_DEFAULT mlir::PassPluginLibraryInfo
    mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "sigmoid-attn", SIGMOID_ATTN_VERSION,
          [] { mlir::attn::registerSigmoidAttnPasses(); }};
}
