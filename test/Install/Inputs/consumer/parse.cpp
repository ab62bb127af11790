//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program of somebody else's that parses the attn dialect.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Registration.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"

int main() {
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect>();
  mlir::attn::registerSigmoidAttnDialects(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(R"(
    func.func @f(%q: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
      %o = attn.sigmoid_attention %q, %q, %q : (tensor<1x1x4x8xf32>,
          tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
      return %o : tensor<1x1x4x8xf32>
    })",
                                                        &context);
  if (!module)
    return 1;
  module->print(llvm::outs());
  return 0;
}
