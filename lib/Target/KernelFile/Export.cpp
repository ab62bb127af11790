//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Target/KernelFile/Export.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
using namespace sigmoid_attn;

static Status invalid(const Twine &message) {
  return Status::invalidArgument(message.str());
}

/// Adds an object's code to `file`.
static Status addObject(gpu::ObjectAttr object, KernelFile &file) {
  StringRef code = object.getObject().getValue();
  switch (object.getFormat()) {
  case gpu::CompilationTarget::Assembly:
    // Upstream's PTX ends with a null for the driver's sake.
    file.ptx = code.rtrim('\0').str();
    return Status::success();
  case gpu::CompilationTarget::Binary:
  case gpu::CompilationTarget::Fatbin:
    file.cubin = code.str();
    return Status::success();
  case gpu::CompilationTarget::Offload:
    break;
  }
  return invalid("expected objects of assembly, binary or fatbin format in the "
                 "gpu.binary, got offload");
}

/// The module's recipes, one a function.
static Result<std::vector<Recipe>> getRecipes(ModuleOp module) {
  SmallVector<Attribute> texts;
  Attribute attribute = module->getAttr(attn::kRecipeAttrName);
  if (auto array = dyn_cast_or_null<ArrayAttr>(attribute))
    texts.append(array.begin(), array.end());
  else
    texts.push_back(attribute);
  std::vector<Recipe> recipes;
  for (Attribute text : texts) {
    if (!isa_and_nonnull<StringAttr>(text))
      return invalid("expected a module with the attribute " +
                     Twine(attn::kRecipeAttrName) +
                     ", as --attn-lower-to-nvvm-pipeline leaves it");
    Result<Recipe> recipe = parseRecipe(cast<StringAttr>(text).str());
    if (!recipe.ok())
      return recipe.status();
    recipes.push_back(std::move(*recipe));
  }
  return recipes;
}

Result<KernelFile> attn::exportKernelFile(ModuleOp module) {
  Result<std::vector<Recipe>> recipes = getRecipes(module);
  if (!recipes.ok())
    return recipes.status();
  KernelFile file;
  file.recipes = std::move(*recipes);

  auto binaries = llvm::to_vector(module.getOps<gpu::BinaryOp>());
  if (binaries.size() != 1)
    return invalid("expected one gpu.binary in the module, got " +
                   Twine(binaries.size()));
  for (Attribute attribute : binaries.front().getObjects()) {
    Status status = addObject(cast<gpu::ObjectAttr>(attribute), file);
    if (!status.ok())
      return status;
  }
  if (file.ptx.empty() && file.cubin.empty())
    return invalid("expected code in the gpu.binary, got none");
  Status status = verifyKernelFile(file);
  if (!status.ok())
    return status;
  return file;
}
