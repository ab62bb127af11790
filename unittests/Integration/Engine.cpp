//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compilation, arguments and the checks around a call.
//
//===----------------------------------------------------------------------===//

#include "Engine.h"

#include <cstdlib>

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

static std::unique_ptr<Engine> &instance() {
  static std::unique_ptr<Engine> engine;
  return engine;
}

Engine::Engine(Target target)
    : wanted(target), compiler([&] {
        CompilerOptions options;
        options.target = target;
        return options;
      }()) {}

Engine &Engine::get() { return *instance(); }

Status Engine::start(const std::string &target) {
  Result<Target> parsed = parseTarget(target);
  if (!parsed.ok())
    return parsed.status();
  instance().reset(new Engine(*parsed));
  return Status::success();
}

std::string Engine::whyUnsupported(const Problem &problem) const {
  if (wanted != Target::SM90)
    return "";
  if (problem.type == ElementType::F32)
    return "f32 on the GPU";
  if (problem.backward)
    return "the gradient on the GPU";
  if (problem.resultType() != problem.type)
    return "results of another type on the GPU";
  if (problem.headDim % 8 || problem.valueHeadDim % 8)
    return "a head dim that is no multiple of 8 on the GPU";
  if (problem.headDim > 256 || problem.valueHeadDim > 256)
    return "a head dim over 256 on the GPU";
  if (problem.dynamicHeadDim)
    return "a head dim unknown to the compiler on the GPU";
  if (problem.layout == Layout::Unaligned)
    return "rows off 16 bytes on the GPU";
  return "";
}

Result<CompiledFunction> Engine::compile(const Problem &problem) {
  std::string source = buildModule(problem);
  auto found = functions.find(source);
  if (found != functions.end())
    return found->second;
  Result<CompiledFunction> function = compiler.compileSource(source, "run");
  if (!function.ok())
    return function.status();
  functions.emplace(source, *function);
  return function;
}

namespace {

/// The arguments of one call after the arrays: scalars, and the array that the
/// score region reads. Views point into this object.
class ExtraArguments {
public:
  ExtraArguments(const Problem &problem, const Inputs &inputs)
      : scale(problem.scale.value_or(0)), bias(problem.bias),
        extra(inputs.extra.begin(), inputs.extra.end()),
        origin(problem.origin.value_or(std::vector<int64_t>())) {
    if (problem.scale)
      views.emplace_back(&scale, ElementType::F32, std::vector<int64_t>());
    views.emplace_back(&bias, ElementType::F32, std::vector<int64_t>());
    if (!inputs.extraShape.empty())
      views.emplace_back(extra.data(), ElementType::F32, inputs.extraShape);
    for (int64_t &value : origin)
      views.emplace_back(&value, ElementType::I64, std::vector<int64_t>());
  }
  ExtraArguments(const ExtraArguments &) = delete;

  void appendTo(std::vector<ArrayView> &arguments) const {
    arguments.insert(arguments.end(), views.begin(), views.end());
  }

private:
  float scale, bias;
  std::vector<float> extra;
  std::vector<int64_t> origin;
  std::vector<ArrayView> views;
};

} // namespace

static std::vector<GuardedArray> makeInputArrays(const Problem &problem,
                                                 const Inputs &inputs) {
  std::vector<GuardedArray> arrays;
  auto add = [&](const std::vector<int64_t> &shape, Role role,
                 const std::vector<double> &values) {
    arrays.emplace_back(problem.type, shape, problem.layout, role);
    arrays.back().set(values);
  };
  add(problem.queryShape(), Role::Query, inputs.query);
  add(problem.keyShape(), Role::Key, inputs.key);
  add(problem.valueShape(), Role::Key, inputs.value);
  if (problem.backward)
    add(problem.outputShape(), Role::Query, inputs.outputGradient);
  return arrays;
}

static std::vector<std::vector<int64_t>>
getResultShapes(const Problem &problem) {
  if (problem.backward)
    return {problem.queryShape(), problem.keyShape(), problem.valueShape()};
  return {problem.outputShape()};
}

Result<Outputs> Engine::run(const Problem &problem, const Inputs &inputs) {
  Result<CompiledFunction> function = compile(problem);
  if (!function.ok())
    return function.status();
  return problem.form == Form::Memref
             ? runOnBuffers(problem, inputs, *function)
             : runOnTensors(problem, inputs, *function);
}

/// Calls with `arguments` and then the problem's extra ones; the arrays of the
/// inputs must be as they were afterwards.
static Result<std::vector<Array>>
call(const CompiledFunction &function, std::vector<ArrayView> arguments,
     const Problem &problem, const Inputs &inputs,
     const std::vector<GuardedArray> &arrays) {
  std::vector<GuardedArray> before = arrays;
  ExtraArguments extra(problem, inputs);
  extra.appendTo(arguments);
  Result<std::vector<Array>> results = function(arguments);
  if (!results.ok())
    return results;
  for (size_t index = 0; index < arrays.size(); ++index)
    if (!arrays[index].isIdentical(before[index]))
      return Status::runtimeError("input " + std::to_string(index) +
                                  " was written to");
  return results;
}

Result<Outputs> Engine::runOnBuffers(const Problem &problem,
                                     const Inputs &inputs,
                                     const CompiledFunction &function) {
  std::vector<GuardedArray> arrays = makeInputArrays(problem, inputs);
  std::vector<GuardedArray> results;
  for (const std::vector<int64_t> &shape : getResultShapes(problem))
    results.emplace_back(problem.resultType(), shape, problem.layout,
                         Role::Result);
  std::vector<ArrayView> arguments;
  for (GuardedArray &array : arrays)
    arguments.push_back(array.view());
  for (GuardedArray &result : results)
    arguments.push_back(result.view());
  Result<std::vector<Array>> called =
      call(function, arguments, problem, inputs, arrays);
  if (!called.ok())
    return called.status();
  Outputs outputs;
  for (GuardedArray &result : results) {
    if (!result.isGuardIntact())
      return Status::runtimeError("something was written beside result " +
                                  std::to_string(outputs.size()));
    outputs.push_back(result.get());
  }
  return outputs;
}

Result<Outputs> Engine::runOnTensors(const Problem &problem,
                                     const Inputs &inputs,
                                     const CompiledFunction &function) {
  std::vector<GuardedArray> arrays = makeInputArrays(problem, inputs);
  std::vector<ArrayView> arguments;
  for (GuardedArray &array : arrays)
    arguments.push_back(array.view());
  Result<std::vector<Array>> called =
      call(function, arguments, problem, inputs, arrays);
  if (!called.ok())
    return called.status();
  Outputs outputs;
  for (const Array &result : *called) {
    std::vector<double> values(result.numElements());
    const char *data = static_cast<const char *>(result.data());
    size_t size = getElementSize(result.elementType());
    for (size_t index = 0; index < values.size(); ++index)
      values[index] = loadNumber(data + index * size, result.elementType());
    outputs.push_back(std::move(values));
  }
  return outputs;
}
