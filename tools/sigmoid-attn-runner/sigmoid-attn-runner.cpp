//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles a function of an MLIR file and runs it on .npy files.
//
//===----------------------------------------------------------------------===//

#include "Runner.h"

#include "llvm/Support/CommandLine.h"

using namespace llvm;

static sigmoid_attn::RunnerOptions options;
static cl::OptionCategory category("sigmoid-attn-runner options");

template <typename T> using Option = cl::opt<T, /*ExternalStorage=*/true>;
using ListOption = cl::list<std::string, std::vector<std::string>>;

static Option<std::string> file(cl::Positional, cl::location(options.file),
                                cl::desc("FILE.mlir"), cl::cat(category));
static Option<std::string>
    entry("entry", cl::location(options.entry), cl::cat(category),
          cl::desc("Function to run (default: the only public one)"));
static Option<std::string>
    target("target", cl::location(options.target), cl::cat(category),
           cl::desc("auto (default; the GPU if there is one), cpu, sm_90a"));
static ListOption inputs("input", cl::location(options.inputs),
                         cl::desc("float32 .npy file of the next argument, "
                                  "0-d for a scalar; converted to its type"),
                         cl::value_desc("file"), cl::cat(category));
static ListOption outputs("output", cl::location(options.outputs),
                          cl::desc("float32 .npy file for the next result, or "
                                   "memref argument that is written"),
                          cl::value_desc("file"), cl::cat(category));
static Option<std::string>
    pipeline("pipeline-options", cl::location(options.pipelineOptions),
             cl::cat(category),
             cl::desc("Of the target's pipeline, such as raise=false"));
static Option<int> repeat("repeat", cl::location(options.repeat),
                          cl::cat(category),
                          cl::desc("Run so often again and print times"));

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv, "Compiles a function of an MLIR file and runs it\n");
  return sigmoid_attn::runAndReport(options);
}
