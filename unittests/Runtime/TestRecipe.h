//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// A forward recipe that tests start from.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_UNITTESTS_RUNTIME_TESTRECIPE_H
#define SIGMOID_ATTN_UNITTESTS_RUNTIME_TESTRECIPE_H

#include "sigmoid-attn/Runtime/Recipe.h"

namespace sigmoid_attn::test {

/// A bf16 tensor argument, batch x `heads` x `length` x 64.
inline RecipeArgument makeTensor(std::string name, std::string heads,
                                 std::string length,
                                 Access access = Access::Read) {
  RecipeArgument argument;
  argument.name = std::move(name);
  argument.type = ElementType::BF16;
  argument.access = access;
  argument.shape = {"batch", std::move(heads), std::move(length), "64"};
  return argument;
}

/// Query, key, value, bias and output, with a `fast` variant for bias >= -9 and
/// an `exact` one, each with a dynamic persistent grid.
inline Recipe makeForwardRecipe() {
  Recipe recipe;
  recipe.name = "sigmoid_attention";
  recipe.chip = "sm_90a";
  RecipeArgument bias;
  bias.name = "bias";
  bias.type = ElementType::F32;
  bias.isTensor = false;
  recipe.arguments = {
      makeTensor("query", "query_heads", "query_length"),
      makeTensor("key", "key_heads", "key_length"),
      makeTensor("value", "key_heads", "key_length"), bias,
      makeTensor("output", "query_heads", "query_length", Access::Write)};
  recipe.checks = {{"query_heads % key_heads", 0, 0}};
  RecipeLaunch launch;
  launch.kernel = "attention_fast";
  launch.threads = 384;
  launch.sharedMemory = 100000;
  launch.grid[0] =
      "min(sm_count, ceildiv(query_length, 128) * query_heads * batch)";
  launch.parameters = {
      RecipeParameter::tensorMap("query", {3, 2, 1, 0}, {64, 128, 1, 1}),
      RecipeParameter::tensorMap("key", {3, 2, 1, 0}, {64, 96, 1, 1}),
      RecipeParameter::tensorMap("value", {3, 2, 1, 0}, {64, 96, 1, 1}),
      RecipeParameter::pointer("output"),
      RecipeParameter::byValue(ElementType::I64, "output.stride.2"),
      RecipeParameter::byValue(ElementType::I32, "key_length"),
      RecipeParameter::byValue(ElementType::F32, "bias * 0.5"),
      RecipeParameter::counter()};
  RecipeVariant fast{"fast", {{"bias", -9, std::nullopt}}, {launch}};
  launch.kernel = "attention_exact";
  RecipeVariant exact{"exact", {}, {launch}};
  recipe.variants = {fast, exact};
  recipe.info = {{"schedule", "128x96 \"two\" consumers"}};
  return recipe;
}

} // namespace sigmoid_attn::test

#endif // SIGMOID_ATTN_UNITTESTS_RUNTIME_TESTRECIPE_H
