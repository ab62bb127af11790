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
#include "Context.h"
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

/// The bytes of all parameters that a kernel may have (PTX ISA, before the
/// larger limit of 8.1), and of the pieces that they are made of.
constexpr size_t kMaxParameterBytes = 4096;
constexpr size_t kMaxParameterCount = 128;

/// One launch's parameters, laid out for the driver.
struct PackedParameters {
  alignas(64) unsigned char bytes[kMaxParameterBytes];
  void *pointers[kMaxParameterCount];
  size_t used = 0;
  size_t count = 0;

  /// Room for the next parameter; the recipe was checked to fit.
  void *add(size_t size, size_t alignment) {
    used = (used + alignment - 1) / alignment * alignment;
    void *place = bytes + used;
    used += size;
    pointers[count++] = place;
    return place;
  }
};

class Kernel::Impl {
public:
  explicit Impl(KernelFile content)
      : file(std::move(content)), binder(file.recipe) {}
  ~Impl();

  /// Parses every expression of the recipe.
  Status compile();

  Status check(const Argument *arguments, size_t count, Binding &binding) const;
  Result<size_t> selectVariant(const Binding &binding) const;
  Status launch(const Argument *arguments, size_t count, StreamHandle stream);

  /// The code in the current context, loaded if it is not yet.
  Result<LoadedCode *> getCode(const cuda::Driver &driver,
                               const ContextState &context);

  const Recipe &recipe() const { return file.recipe; }
  void setSMCount(Binding &binding, int count) const;

private:
  /// What the launches of one call share.
  struct Call {
    const cuda::Driver &driver;
    ContextState &context;
    LoadedCode &code;
    const Binding &binding;
    const Argument *arguments;
    cuda::CUstream stream;
    /// An address for maps of empty tensors.
    void *substitute;
  };

  Status compileLaunch(const RecipeLaunch &recipe, CompiledLaunch &out);
  Status launchVariant(const Call &call, size_t variant);
  Status launchOne(const Call &call, const CompiledLaunch &launch,
                   cuda::CUfunction function, bool isRehearsal);
  Status computeGrid(const Call &call, const CompiledLaunch &launch,
                     unsigned *grid) const;
  Status pack(const Call &call, const CompiledParameter &parameter,
              PackedParameters &packed, bool isRehearsal) const;
  Status packValue(const Call &call, const CompiledParameter &parameter,
                   PackedParameters &packed) const;
  std::string describe(const Argument *arguments) const;

  Status loadModule(const cuda::Driver &driver, LoadedCode &code) const;
  Status loadFunctions(const cuda::Driver &driver, LoadedCode &code) const;

  KernelFile file;
  ArgumentBinder binder;
  std::vector<BoundCondition> checks;
  std::vector<CompiledVariant> variants;

  std::shared_mutex mutex;
  std::vector<std::unique_ptr<LoadedCode>> loaded;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_RUNTIME_KERNELIMPL_H
