//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Packs what --attn-lower-to-nvvm-pipeline leaves into a kernel file that the
// runtime loads without LLVM.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Target/KernelFile/Export.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"

using namespace llvm;

static cl::opt<std::string> input(cl::Positional, cl::init("-"),
                                  cl::desc("FILE.mlir (default: -)"));
static cl::opt<std::string> output("o", cl::Required, cl::value_desc("file"),
                                   cl::desc("The kernel file to write"));

static sigmoid_attn::Status pack() {
  mlir::DialectRegistry registry;
  // Only the recipe and the code are read; the rest of the module may be of any
  // dialect.
  mlir::registerAllDialects(registry);
  mlir::MLIRContext context(registry);
  context.allowUnregisteredDialects();
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(input, &context);
  if (!module)
    return sigmoid_attn::Status::invalidArgument("'" + input +
                                                 "' does not parse");
  auto file = mlir::attn::exportKernelFile(*module);
  return file.ok() ? sigmoid_attn::writeKernelFile(output, *file)
                   : file.status();
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(
      argc, argv, "Packs device code and its recipe into a kernel file\n");
  sigmoid_attn::Status status = pack();
  if (status.ok())
    return 0;
  errs() << "sigmoid-attn-pack: error: " << status.message() << "\n";
  return 1;
}
