//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompilerObjects.h"

#include <cstring>

using namespace sigmoid_attn;

static_assert(int(SigmoidAttnTargetSM90) == int(Target::SM90) &&
                  int(SigmoidAttnBiasPerScore) ==
                      int(SigmoidAttentionSpec::Bias::PerScore) &&
                  int(SigmoidAttnF64) == int(ElementType::F64) &&
                  int(SigmoidAttnRuntimeError) == int(ErrorCode::RuntimeError),
              "the C and the C++ enumerations have the same values");

static thread_local std::string lastError;

int sigmoid_attn::report(const Status &status) {
  if (!status.ok())
    lastError = status.message();
  return static_cast<int>(status.code());
}

int sigmoid_attn::reportNull(const char *name) {
  return report(Status::invalidArgument(std::string(name) +
                                        ": expected an address, got null"));
}

int sigmoid_attn::takeFunction(Result<CompiledFunction> compiled,
                               SigmoidAttnFunction **function) {
  if (!compiled.ok())
    return report(compiled.status());
  std::vector<std::string> argumentTypes, resultTypes;
  for (const ValueType &type : compiled->signature().arguments)
    argumentTypes.push_back(formatType(type));
  for (const ValueType &type : compiled->signature().results)
    resultTypes.push_back(formatType(type));
  *function = new SigmoidAttnFunction{
      std::move(*compiled), std::move(argumentTypes), std::move(resultTypes)};
  return SigmoidAttnSuccess;
}

/// Runs `compile` if none of what every compilation needs is null.
template <typename Function>
static int compileChecked(SigmoidAttnCompiler *compiler, const void *source,
                          const char *sourceName,
                          SigmoidAttnFunction **function, Function &&compile) {
  if (!compiler)
    return reportNull("compiler");
  if (!source)
    return reportNull(sourceName);
  if (!function)
    return reportNull("function");
  return takeFunction(compile(compiler->compiler), function);
}

const char *sigmoid_attn_last_error(void) { return lastError.c_str(); }

const char *sigmoid_attn_version(void) { return getVersion(); }

int sigmoid_attn_compiler_create(const SigmoidAttnCompilerOptions *options,
                                 SigmoidAttnCompiler **compiler) {
  if (!compiler)
    return reportNull("compiler");
  CompilerOptions converted;
  if (options) {
    converted.target = static_cast<Target>(options->target);
    if (options->pipeline_options)
      converted.pipelineOptions = options->pipeline_options;
    if (options->cache_directory)
      converted.cacheDirectory = options->cache_directory;
    if (options->dump_directory)
      converted.dumpDirectory = options->dump_directory;
  }
  *compiler = new SigmoidAttnCompiler{Compiler(std::move(converted))};
  return SigmoidAttnSuccess;
}

void sigmoid_attn_compiler_release(SigmoidAttnCompiler *compiler) {
  delete compiler;
}

int sigmoid_attn_compile_source(SigmoidAttnCompiler *compiler,
                                const char *source, size_t size,
                                const char *entry,
                                SigmoidAttnFunction **function) {
  return compileChecked(
      compiler, source, "source", function, [&](Compiler &compiler) {
        return compiler.compileSource(std::string_view(source, size),
                                      entry ? entry : "");
      });
}

int sigmoid_attn_compile_file(SigmoidAttnCompiler *compiler, const char *path,
                              const char *entry,
                              SigmoidAttnFunction **function) {
  return compileChecked(compiler, path, "path", function,
                        [&](Compiler &compiler) {
                          return compiler.compileFile(path, entry ? entry : "");
                        });
}

static SigmoidAttentionSpec convert(const SigmoidAttnSpec &spec) {
  SigmoidAttentionSpec converted;
  converted.elementType = static_cast<ElementType>(spec.element_type);
  converted.headDim = spec.head_dim;
  converted.valueHeadDim = spec.value_head_dim;
  converted.hasScale = spec.has_scale;
  converted.bias = static_cast<SigmoidAttentionSpec::Bias>(spec.bias);
  converted.causal = spec.causal;
  if (spec.has_window_left)
    converted.windowLeft = spec.window_left;
  if (spec.has_window_right)
    converted.windowRight = spec.window_right;
  converted.backward = spec.backward;
  return converted;
}

int sigmoid_attn_compile_spec(SigmoidAttnCompiler *compiler,
                              const SigmoidAttnSpec *spec,
                              SigmoidAttnFunction **function) {
  return compileChecked(
      compiler, spec, "spec", function,
      [&](Compiler &compiler) { return compiler.compile(convert(*spec)); });
}

void sigmoid_attn_function_release(SigmoidAttnFunction *function) {
  delete function;
}

int32_t sigmoid_attn_function_target(const SigmoidAttnFunction *function) {
  return function ? static_cast<int32_t>(function->function.target())
                  : int32_t(SigmoidAttnTargetAuto);
}

size_t
sigmoid_attn_function_num_arguments(const SigmoidAttnFunction *function) {
  return function ? function->argumentTypes.size() : 0;
}

size_t sigmoid_attn_function_num_results(const SigmoidAttnFunction *function) {
  return function ? function->resultTypes.size() : 0;
}

/// The text at `index`, or null.
static const char *getText(const std::vector<std::string> &texts,
                           size_t index) {
  return index < texts.size() ? texts[index].c_str() : nullptr;
}

const char *
sigmoid_attn_function_argument_type(const SigmoidAttnFunction *function,
                                    size_t index) {
  return function ? getText(function->argumentTypes, index) : nullptr;
}

const char *
sigmoid_attn_function_result_type(const SigmoidAttnFunction *function,
                                  size_t index) {
  return function ? getText(function->resultTypes, index) : nullptr;
}

/// The array as C++ has it; refuses a rank without sizes.
static Result<ArrayView> convert(const SigmoidAttnArray &array) {
  if (array.rank < 0)
    return Status::invalidArgument("expected a rank of at least 0, got " +
                                   std::to_string(array.rank));
  if (array.rank > 0 && !array.sizes)
    return Status::invalidArgument("expected sizes, got null");
  ArrayView view(array.data, static_cast<ElementType>(array.element_type),
                 std::vector<int64_t>(array.sizes, array.sizes + array.rank));
  if (array.strides)
    view.strides.assign(array.strides, array.strides + array.rank);
  return view;
}

int sigmoid_attn_function_call(const SigmoidAttnFunction *function,
                               const SigmoidAttnArray *arguments, size_t count,
                               SigmoidAttnResults **results) {
  if (!function)
    return reportNull("function");
  if (!arguments && count != 0)
    return reportNull("arguments");
  if (!results)
    return reportNull("results");
  std::vector<ArrayView> views;
  for (size_t i = 0; i < count; ++i) {
    Result<ArrayView> view = convert(arguments[i]);
    if (!view.ok())
      return report(view.status().withContext("argument " + std::to_string(i)));
    views.push_back(std::move(*view));
  }
  Result<std::vector<Array>> arrays = function->function(views);
  if (!arrays.ok())
    return report(arrays.status());
  *results = new SigmoidAttnResults{std::move(*arrays)};
  return SigmoidAttnSuccess;
}

size_t sigmoid_attn_results_count(const SigmoidAttnResults *results) {
  return results ? results->arrays.size() : 0;
}

int sigmoid_attn_results_get(const SigmoidAttnResults *results, size_t index,
                             SigmoidAttnArray *array) {
  if (!results)
    return reportNull("results");
  if (!array)
    return reportNull("array");
  if (index >= results->arrays.size())
    return report(Status::invalidArgument(
        "expected an index below " + std::to_string(results->arrays.size()) +
        ", got " + std::to_string(index)));
  const Array &result = results->arrays[index];
  *array = {static_cast<int32_t>(result.elementType()),
            static_cast<int32_t>(result.shape().size()), result.data(),
            result.shape().data(), nullptr};
  return SigmoidAttnSuccess;
}

void sigmoid_attn_results_release(SigmoidAttnResults *results) {
  delete results;
}
