//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RecipeVariables.h"
#include "sigmoid-attn/Runtime/Recipe.h"

#include <algorithm>
#include <cctype>
#include <set>

using namespace sigmoid_attn;

/// Limits of sm_90 (CUDA C++ Programming Guide, "Compute Capabilities", and the
/// driver's documentation of cuTensorMapEncodeTiled).
static constexpr int kMaxThreads = 1024;
static constexpr int64_t kMaxSharedMemory = 227 * 1024;
static constexpr int kMaxClusterBlocks = 16;
static constexpr size_t kMaxTensorMapRank = 5;
static constexpr int64_t kMaxBox = 256;
static constexpr int64_t kTensorMapAlignment = 16;
static constexpr size_t kMaxRank = 8;
static constexpr int64_t kMaxAlignment = 1024;
static constexpr size_t kMaxParameters = 128;

static Status invalid(std::string message) {
  return Status::invalidArgument(std::move(message));
}

static bool isOneOf(int value, std::initializer_list<int> values) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

static bool isIdentifier(const std::string &text) {
  if (text.empty() || isdigit(static_cast<unsigned char>(text[0])))
    return false;
  for (char c : text)
    if (!isalnum(static_cast<unsigned char>(c)) && c != '_')
      return false;
  return text != "min" && text != "max" && text != "ceildiv" &&
         text != "sm_count";
}

/// Whether callers and kernels can pass a single value of this type.
static bool isScalarType(ElementType type) {
  return type == ElementType::F32 || type == ElementType::F64 ||
         type == ElementType::I32 || type == ElementType::I64;
}

static Status verifyArgument(const RecipeArgument &argument) {
  if (!isIdentifier(argument.name))
    return invalid("expected a name for the argument, got \"" + argument.name +
                   "\"");
  if (!argument.isTensor)
    return isScalarType(argument.type)
               ? Status::success()
               : invalid("expected a scalar of f32, f64, i32 or i64, got " +
                         std::string(getElementTypeName(argument.type)));
  if (argument.shape.size() > kMaxRank)
    return invalid("expected at most 8 dimensions, got " +
                   std::to_string(argument.shape.size()));
  for (const std::string &size : argument.shape)
    if (!parseSize(size) && !isIdentifier(size))
      return invalid("expected a size or a name in the shape, got \"" + size +
                     "\"");
  int64_t alignment = argument.alignment;
  if (alignment < 1 || alignment > kMaxAlignment ||
      (alignment & (alignment - 1)))
    return invalid("expected an alignment of a power of two up to 1024, got " +
                   std::to_string(alignment));
  return Status::success();
}

static Status verifyTensorMap(const RecipeParameter &parameter,
                              const RecipeArgument &tensor) {
  size_t rank = tensor.shape.size();
  const std::vector<int> &dimensions = parameter.dimensions;
  std::set<int> distinct(dimensions.begin(), dimensions.end());
  bool isPermutation = rank > 0 && dimensions.size() == rank &&
                       distinct.size() == rank && *distinct.begin() == 0 &&
                       *distinct.rbegin() == static_cast<int>(rank) - 1;
  if (rank > kMaxTensorMapRank || !isPermutation ||
      dimensions[0] != static_cast<int>(rank) - 1)
    return invalid("expected the tensor's dimensions, 1 to 5, innermost first");
  if (parameter.box.size() != rank)
    return invalid("expected a box of " + std::to_string(rank) +
                   " sizes, got " + std::to_string(parameter.box.size()));
  for (int64_t size : parameter.box)
    if (size < 1 || size > kMaxBox)
      return invalid("expected box sizes from 1 to 256, got " +
                     std::to_string(size));
  int64_t rowBytes =
      parameter.box[0] * static_cast<int64_t>(getElementSize(tensor.type));
  if (rowBytes % kTensorMapAlignment)
    return invalid("expected box rows of a multiple of 16 bytes, got " +
                   std::to_string(rowBytes));
  if (!isOneOf(parameter.swizzle, {0, 32, 64, 128}))
    return invalid("expected a swizzle of 0, 32, 64 or 128 bytes, got " +
                   std::to_string(parameter.swizzle));
  if (parameter.swizzle && rowBytes > parameter.swizzle)
    return invalid("expected box rows of at most the swizzle's " +
                   std::to_string(parameter.swizzle) + " bytes, got " +
                   std::to_string(rowBytes));
  if (!isOneOf(parameter.l2Promotion, {0, 64, 128, 256}))
    return invalid("expected an L2 promotion of 0, 64, 128 or 256 bytes, got " +
                   std::to_string(parameter.l2Promotion));
  if (tensor.alignment % kTensorMapAlignment)
    return invalid(
        "expected a tensor aligned to 16 bytes, got an alignment of " +
        std::to_string(tensor.alignment));
  return Status::success();
}

static Status verifyParameter(const RecipeParameter &parameter,
                              const Recipe &recipe,
                              const RecipeVariables &variables) {
  switch (parameter.kind) {
  case RecipeParameter::Kind::TensorMap:
  case RecipeParameter::Kind::Pointer: {
    int place = findArgument(recipe, parameter.tensor);
    if (place < 0 || !recipe.arguments[place].isTensor)
      return invalid("expected a tensor argument, got \"" + parameter.tensor +
                     "\"");
    return parameter.kind == RecipeParameter::Kind::Pointer
               ? Status::success()
               : verifyTensorMap(parameter, recipe.arguments[place]);
  }
  case RecipeParameter::Kind::Value: {
    if (!isScalarType(parameter.type))
      return invalid("expected a value of f32, f64, i32 or i64, got " +
                     std::string(getElementTypeName(parameter.type)));
    bool isReal = parameter.type == ElementType::F32 ||
                  parameter.type == ElementType::F64;
    return Expression::parse(parameter.value,
                             isReal ? Expression::Arithmetic::Real
                                    : Expression::Arithmetic::Integer,
                             variables.list)
        .status();
  }
  case RecipeParameter::Kind::Counter:
    break;
  }
  return Status::success();
}

static Status verifyLaunch(const RecipeLaunch &launch, const Recipe &recipe,
                           const RecipeVariables &variables) {
  if (launch.kernel.empty())
    return invalid("expected a kernel's name, got none");
  if (launch.threads < 1 || launch.threads > kMaxThreads)
    return invalid("expected 1 to 1024 threads, got " +
                   std::to_string(launch.threads));
  if (launch.sharedMemory < 0 || launch.sharedMemory > kMaxSharedMemory)
    return invalid("expected at most 232448 bytes of shared memory, got " +
                   std::to_string(launch.sharedMemory));
  int64_t blocks = 1;
  for (int size : launch.cluster) {
    blocks *= std::clamp(size, 0, kMaxClusterBlocks + 1);
    if (size < 1 || blocks > kMaxClusterBlocks)
      return invalid("expected a cluster of 1 to 16 blocks");
  }
  for (const std::string &size : launch.grid) {
    Status status =
        Expression::parse(size, Expression::Arithmetic::Integer, variables.list)
            .status();
    if (!status.ok())
      return status.withContext("grid");
  }
  if (launch.parameters.size() > kMaxParameters)
    return invalid("expected at most 128 parameters, got " +
                   std::to_string(launch.parameters.size()));
  int counters = 0;
  for (const RecipeParameter &parameter : launch.parameters)
    counters += parameter.kind == RecipeParameter::Kind::Counter;
  if (counters > 1)
    return invalid("expected at most one counter, got " +
                   std::to_string(counters));
  for (size_t i = 0; i < launch.parameters.size(); ++i) {
    Status status = verifyParameter(launch.parameters[i], recipe, variables);
    if (!status.ok())
      return status.withContext("parameter " + std::to_string(i));
  }
  return Status::success();
}

static Status verifyConditions(const std::vector<RecipeCondition> &conditions,
                               const Recipe &recipe,
                               const RecipeVariables &variables) {
  for (const RecipeCondition &condition : conditions) {
    if (!condition.min && !condition.max)
      return invalid("expected a bound for \"" + condition.value + "\"");
    const std::string &name = condition.argument;
    if (!name.empty() && findArgument(recipe, name) < 0)
      return invalid("expected an argument, got \"" + name + "\"");
    Status status =
        Expression::parse(condition.value, Expression::Arithmetic::Real,
                          variables.list)
            .status();
    if (!status.ok())
      return status;
  }
  return Status::success();
}

static Status verifyVariant(const RecipeVariant &variant, const Recipe &recipe,
                            const RecipeVariables &variables) {
  if (variant.name.empty())
    return invalid("expected a name for the variant, got none");
  if (variant.launches.empty())
    return invalid("expected a launch, got none");
  Status status = verifyConditions(variant.when, recipe, variables);
  for (size_t i = 0; status.ok() && i < variant.launches.size(); ++i)
    status = verifyLaunch(variant.launches[i], recipe, variables)
                 .withContext("kernel " + variant.launches[i].kernel);
  return status;
}

/// Names must be one thing each: an argument, or a size.
static Status verifyNames(const Recipe &recipe) {
  std::set<std::string> names;
  bool writes = false;
  for (const RecipeArgument &argument : recipe.arguments) {
    if (!names.insert(argument.name).second)
      return invalid("two arguments are called \"" + argument.name + "\"");
    writes |= argument.isTensor && argument.access == Access::Write;
  }
  for (const RecipeArgument &argument : recipe.arguments)
    for (const std::string &size : argument.shape)
      if (names.count(size))
        return invalid("\"" + size + "\" names an argument and a size");
  return writes ? Status::success()
                : invalid("expected a written tensor among the arguments");
}

Status sigmoid_attn::verifyRecipe(const Recipe &recipe) {
  std::string context = "recipe " + recipe.name;
  if (recipe.name.empty() || recipe.chip.empty())
    return invalid("recipe: expected a name and a chip");
  for (const RecipeArgument &argument : recipe.arguments) {
    Status status = verifyArgument(argument);
    if (!status.ok())
      return status.withContext(context + ": argument " + argument.name);
  }
  Status status = verifyNames(recipe);
  if (!status.ok())
    return status.withContext(context);
  RecipeVariables variables(recipe);
  status = verifyConditions(recipe.checks, recipe, variables);
  if (!status.ok())
    return status.withContext(context + ": checks");
  if (recipe.variants.empty())
    return invalid(context + ": expected a variant, got none");
  std::set<std::string> names;
  for (const RecipeVariant &variant : recipe.variants) {
    status = verifyVariant(variant, recipe, variables);
    if (status.ok() && !names.insert(variant.name).second)
      status = invalid("another variant has the same name");
    if (!status.ok())
      return status.withContext(context + ": variant " + variant.name);
  }
  return Status::success();
}
