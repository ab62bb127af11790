//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Runner.h"

#include "sigmoid-attn/Compiler/Compiler.h"
#include "sigmoid-attn/Support/File.h"
#include "sigmoid-attn/Support/Npy.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

using namespace sigmoid_attn;

static double secondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

/// Reads every input in the element type of its argument.
static Result<std::vector<Array>> readInputs(const FunctionSignature &signature,
                                             const RunnerOptions &options) {
  if (options.inputs.size() != signature.arguments.size())
    return Status::invalidArgument("'" + signature.name + "' takes " +
                                   std::to_string(signature.arguments.size()) +
                                   " inputs, got " +
                                   std::to_string(options.inputs.size()));
  std::vector<Array> arrays;
  for (size_t i = 0; i < options.inputs.size(); ++i) {
    Result<Array> file = readNpy(options.inputs[i]);
    if (!file.ok())
      return file.status();
    Result<Array> array =
        convertFromFloat(*file, signature.arguments[i].elementType);
    if (!array.ok())
      return array.status().withContext("'" + options.inputs[i] + "'");
    arrays.push_back(std::move(*array));
  }
  return arrays;
}

/// Refuses a wrong number of outputs before anything runs.
static Status checkOutputs(const FunctionSignature &signature,
                           const RunnerOptions &options) {
  size_t expected = signature.results.size();
  for (const ValueType &type : signature.arguments)
    expected += type.written;
  if (options.outputs.size() == expected)
    return Status::success();
  return Status::invalidArgument("'" + signature.name + "' gives " +
                                 std::to_string(expected) + " outputs, got " +
                                 std::to_string(options.outputs.size()));
}

/// Writes all outputs or none.
static Status writeOutputs(const std::vector<const Array *> &arrays,
                           const std::vector<std::string> &paths) {
  std::vector<std::pair<std::string, std::string>> files;
  for (size_t i = 0; i < paths.size(); ++i) {
    Result<Array> converted = convertToFloat(*arrays[i]);
    if (!converted.ok())
      return converted.status();
    Result<std::string> file = formatNpy(*converted);
    if (!file.ok())
      return file.status();
    files.emplace_back(paths[i], std::move(*file));
  }
  return writeFilesAtomically(files);
}

static Status timeCalls(const CompiledFunction &function,
                        const std::vector<ArrayView> &arguments, int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    auto start = std::chrono::steady_clock::now();
    Result<std::vector<Array>> results = function(arguments);
    if (!results.ok())
      return results.status();
    times.push_back(secondsSince(start) * 1e3);
  }
  std::sort(times.begin(), times.end());
  std::printf("run: median %.3f ms, lowest %.3f, highest %.3f, %d runs\n",
              times[times.size() / 2], times.front(), times.back(), count);
  return Status::success();
}

Status sigmoid_attn::runFile(const RunnerOptions &options) {
  if (options.file.empty())
    return Status::invalidArgument("expected a file to run");
  if (options.repeat < 0)
    return Status::invalidArgument(
        "expected a repeat count of at least 0, got " +
        std::to_string(options.repeat));
  Result<Target> target = parseTarget(options.target);
  if (!target.ok())
    return target.status();
  CompilerOptions compilerOptions;
  compilerOptions.target = *target;
  compilerOptions.pipelineOptions = options.pipelineOptions;
  Compiler compiler(compilerOptions);
  auto start = std::chrono::steady_clock::now();
  Result<CompiledFunction> function =
      compiler.compileFile(options.file, options.entry);
  if (!function.ok())
    return function.status();
  double compileTime = secondsSince(start);

  const FunctionSignature &signature = function->signature();
  Result<std::vector<Array>> inputs = readInputs(signature, options);
  if (!inputs.ok())
    return inputs.status();
  if (Status status = checkOutputs(signature, options); !status.ok())
    return status;
  std::vector<ArrayView> arguments;
  for (const Array &array : *inputs)
    arguments.push_back(array.view());
  Result<std::vector<Array>> results = (*function)(arguments);
  if (!results.ok())
    return results.status();
  std::vector<const Array *> outputs;
  for (const Array &array : *results)
    outputs.push_back(&array);
  for (size_t i = 0; i < inputs->size(); ++i)
    if (signature.arguments[i].written)
      outputs.push_back(&(*inputs)[i]);
  if (Status status = writeOutputs(outputs, options.outputs); !status.ok())
    return status;
  if (options.repeat == 0)
    return Status::success();
  std::printf("compile: %.3f s for %s\n", compileTime,
              getTargetName(function->target()));
  return timeCalls(*function, arguments, options.repeat);
}

int sigmoid_attn::runAndReport(const RunnerOptions &options) {
  Status status = runFile(options);
  if (status.ok())
    return 0;
  std::fprintf(stderr, "sigmoid-attn-runner: error: %s\n",
               status.message().c_str());
  return 1;
}
