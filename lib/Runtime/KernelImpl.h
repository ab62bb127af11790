//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The inside of a Kernel: the recipe made ready for launches, and the code
/// loaded into contexts.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_RUNTIME_KERNELIMPL_H
#define SIGMOID_ATTN_LIB_RUNTIME_KERNELIMPL_H

#include "ArgumentBinding.h"
#include "Condition.h"
#include "Context.h"
#include "LaunchPlan.h"
#include "TensorMap.h"
#include "sigmoid-attn/Runtime/Kernel.h"

#include <memory>
#include <shared_mutex>

namespace sigmoid_attn {

/// A parameter with its names resolved. The pointers of these structs point
/// into the kernel's recipe.
struct CompiledParameter {
  const RecipeParameter *recipe;
  /// TensorMap, Pointer: the argument's place.
  int argument = -1;
  /// Value.
  std::optional<Expression> value;
};

struct CompiledLaunch {
  const RecipeLaunch *recipe;
  std::vector<Expression> grid;
  std::vector<CompiledParameter> parameters;
};

struct CompiledVariant {
  const RecipeVariant *recipe;
  std::vector<BoundCondition> when;
  std::vector<CompiledLaunch> launches;
};

/// The code in one context.
struct LoadedCode {
  unsigned long long contextId = 0;
  cuda::CUcontext context = nullptr;
  cuda::CUmodule module = nullptr;
  /// By variant and launch.
  std::vector<std::vector<cuda::CUfunction>> functions;
  TensorMapCache tensorMaps;
};

class Kernel::Impl {
public:
  Impl(Recipe function, KernelFile code)
      : entry(std::move(function)), file(std::move(code)), binder(entry) {}
  ~Impl();

  /// Parses every expression of the recipe.
  Status compile();

  Status check(const Argument *arguments, size_t count, Binding &binding) const;
  Result<size_t> selectVariant(const Binding &binding) const;
  Status launch(const Argument *arguments, size_t count, StreamHandle stream);

  /// The code in the current context, loaded if it is not yet.
  Result<LoadedCode *> getCode(const cuda::Driver &driver,
                               const ContextState &context);

  const Recipe &recipe() const { return entry; }
  void setSMCount(Binding &binding, int count) const;

private:
  /// What a plan is made from.
  struct Call {
    const cuda::Driver &driver;
    LoadedCode &code;
    const Binding &binding;
    const Argument *arguments;
    /// An address for maps of empty tensors.
    void *substitute;
  };

  Status compileLaunch(const RecipeLaunch &recipe, CompiledLaunch &out);

  /// Makes the plan of a call; a null plan if there is nothing to do.
  Result<std::shared_ptr<LaunchPlan>>
  makePlan(const Argument *arguments, size_t count, cuda::CUstream stream);
  Status planLaunch(const Call &call, const CompiledLaunch &launch,
                    PlannedLaunch &planned) const;
  Status computeGrid(const Call &call, const CompiledLaunch &launch,
                     unsigned *grid) const;
  Status pack(const Call &call, const CompiledParameter &parameter,
              PlannedLaunch &planned) const;
  Status packValue(const Call &call, const CompiledParameter &parameter,
                   PackedParameters &packed) const;

  /// Queues the plan's launches.
  Status run(const cuda::Driver &driver, const LaunchPlan &plan,
             cuda::CUstream stream, const Argument *arguments) const;
  /// A failure of the launch `place` of a variant, with all that helps.
  Status describeFailure(const Status &failure, size_t variant, size_t place,
                         const Argument *arguments) const;

  Status loadModule(const cuda::Driver &driver, LoadedCode &code) const;
  Status loadFunctions(const cuda::Driver &driver, LoadedCode &code) const;

  /// The function that is launched.
  const Recipe entry;
  /// Its code.
  const KernelFile file;
  ArgumentBinder binder;
  std::vector<BoundCondition> checks;
  std::vector<CompiledVariant> variants;

  std::shared_mutex mutex;
  std::vector<std::unique_ptr<LoadedCode>> loaded;
  LaunchPlanCache plans;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_RUNTIME_KERNELIMPL_H
