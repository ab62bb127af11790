//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What sigmoid-attn-runner does once its command line is parsed.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_TOOLS_RUNNER_H
#define SIGMOID_ATTN_TOOLS_RUNNER_H

#include "sigmoid-attn/Support/Status.h"

#include <string>
#include <vector>

namespace sigmoid_attn {

/// The command line.
struct RunnerOptions {
  std::string file;
  std::string entry;
  std::string target = "auto";
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::string pipelineOptions;
  int repeat = 0;
};

/// Reads the inputs, compiles the file, calls the entry and writes the outputs.
/// If anything fails, no output is written.
Status runFile(const RunnerOptions &options);

/// The same for a program: prints the error, returns the exit status.
int runAndReport(const RunnerOptions &options);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_TOOLS_RUNNER_H
