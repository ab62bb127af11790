//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels before any device is looked at: the recipe's expressions parsed, a
// call's arguments checked, the variant chosen.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Runtime/Kernel.h"

#include "KernelImpl.h"

#include <algorithm>

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;

Kernel::Kernel(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Kernel::~Kernel() = default;

const Recipe &Kernel::recipe() const { return impl->recipe(); }

Result<std::shared_ptr<Kernel>> Kernel::create(KernelFile file,
                                               const std::string &function) {
  Status status = verifyKernelFile(file);
  if (!status.ok())
    return status;
  Result<const Recipe *> entry = findFunction(file, function);
  if (!entry.ok())
    return entry.status();
  status = verifyRecipe(**entry);
  if (!status.ok())
    return status;
  Recipe recipe = **entry;
  auto impl = std::make_unique<Impl>(std::move(recipe), std::move(file));
  status = impl->compile();
  if (!status.ok())
    return status;
  return std::shared_ptr<Kernel>(new Kernel(std::move(impl)));
}

Result<std::shared_ptr<Kernel>> Kernel::load(const std::string &path,
                                             const std::string &function) {
  Result<KernelFile> file = readKernelFile(path);
  if (!file.ok())
    return file.status();
  Result<std::shared_ptr<Kernel>> kernel = create(std::move(*file), function);
  if (!kernel.ok())
    return kernel.status().withContext("'" + path + "'");
  return kernel;
}

Status Kernel::prepare(int device) {
  Result<const Driver *> driver = Driver::get();
  if (!driver.ok())
    return driver.status();
  Result<CUcontext> context = getPrimaryContext(**driver, device);
  if (!context.ok())
    return context.status();
  CurrentContext current(**driver, *context);
  if (!current.status().ok())
    return current.status();
  Result<ContextState *> state = getContextState(**driver, *context);
  if (!state.ok())
    return state.status();
  return impl->getCode(**driver, **state).status();
}

Status Kernel::check(const Argument *arguments, size_t count) const {
  Binding binding;
  return impl->check(arguments, count, binding);
}

Status Kernel::launch(const Argument *arguments, size_t count,
                      StreamHandle stream) {
  return impl->launch(arguments, count, stream);
}

Result<std::string> Kernel::selectVariant(const Argument *arguments,
                                          size_t count, int smCount) const {
  Binding binding;
  Status status = impl->check(arguments, count, binding);
  if (!status.ok())
    return status;
  impl->setSMCount(binding, smCount);
  Result<size_t> variant = impl->selectVariant(binding);
  if (!variant.ok())
    return variant.status();
  return recipe().variants[*variant].name;
}

//===----------------------------------------------------------------------===//
// Impl
//===----------------------------------------------------------------------===//

static Status compileConditions(const std::vector<RecipeCondition> &conditions,
                                const RecipeVariables &variables,
                                std::vector<BoundCondition> &out) {
  for (const RecipeCondition &condition : conditions) {
    Result<BoundCondition> bound =
        BoundCondition::create(condition, variables.list);
    if (!bound.ok())
      return bound.status();
    out.push_back(std::move(*bound));
  }
  return Status::success();
}

Status Kernel::Impl::compileLaunch(const RecipeLaunch &recipe,
                                   CompiledLaunch &out) {
  using Kind = RecipeParameter::Kind;
  const std::vector<Variable> &variables = binder.layout().list;
  out.recipe = &recipe;
  for (const std::string &size : recipe.grid) {
    Result<Expression> value =
        Expression::parse(size, Expression::Arithmetic::Integer, variables);
    if (!value.ok())
      return value.status();
    out.grid.push_back(std::move(*value));
  }
  size_t bytes = 0;
  for (const RecipeParameter &parameter : recipe.parameters) {
    CompiledParameter compiled{&parameter, -1, std::nullopt};
    bytes += parameter.kind == Kind::TensorMap ? 2 * sizeof(CUtensorMap) : 8;
    if (parameter.kind == Kind::TensorMap || parameter.kind == Kind::Pointer)
      compiled.argument = findArgument(entry, parameter.tensor);
    if (parameter.kind == Kind::Value) {
      bool isReal = parameter.type == ElementType::F32 ||
                    parameter.type == ElementType::F64;
      Result<Expression> value =
          Expression::parse(parameter.value,
                            isReal ? Expression::Arithmetic::Real
                                   : Expression::Arithmetic::Integer,
                            variables);
      if (!value.ok())
        return value.status();
      compiled.value = std::move(*value);
    }
    out.parameters.push_back(std::move(compiled));
  }
  if (bytes > kMaxParameterBytes)
    return Status::invalidArgument(entry.name + ": kernel " + recipe.kernel +
                                   ": expected at most 4096 bytes of "
                                   "parameters, got about " +
                                   std::to_string(bytes));
  return Status::success();
}

Status Kernel::Impl::compile() {
  const RecipeVariables &variables = binder.layout();
  if (variables.list.size() > kMaxVariables)
    return Status::invalidArgument(entry.name + ": expected at most " +
                                   std::to_string(kMaxVariables) +
                                   " sizes, strides and scalars, got " +
                                   std::to_string(variables.list.size()));
  Status status = compileConditions(entry.checks, variables, checks);
  for (const RecipeVariant &variant : entry.variants) {
    variants.push_back({&variant, {}, {}});
    if (status.ok())
      status = compileConditions(variant.when, variables, variants.back().when);
    for (const RecipeLaunch &launch : variant.launches) {
      variants.back().launches.emplace_back();
      if (status.ok())
        status = compileLaunch(launch, variants.back().launches.back());
    }
  }
  return status;
}

Status Kernel::Impl::check(const Argument *arguments, size_t count,
                           Binding &binding) const {
  Status status = binder.bind(arguments, count, binding);
  if (!status.ok())
    return status;
  for (const BoundCondition &condition : checks) {
    status = condition.check(binder.layout().list, binding.values);
    if (!status.ok())
      return status.withContext(entry.name);
  }
  return Status::success();
}

void Kernel::Impl::setSMCount(Binding &binding, int count) const {
  binding.values[binder.layout().smCount] = {count, static_cast<double>(count)};
}

Result<size_t> Kernel::Impl::selectVariant(const Binding &binding) const {
  for (size_t i = 0; i < variants.size(); ++i) {
    bool holds = true;
    for (const BoundCondition &condition : variants[i].when)
      holds = holds && condition.holds(binding.values);
    if (holds)
      return i;
  }
  // Say what the last one misses: it is the most general by custom.
  Status status;
  for (const BoundCondition &condition : variants.back().when)
    if (status.ok())
      status = condition.check(binder.layout().list, binding.values);
  return status.withContext(
      entry.name +
      ": no variant takes these arguments: " + variants.back().recipe->name);
}
