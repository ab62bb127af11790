//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestRecipe.h"

#include <functional>

#include <gtest/gtest.h>

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

/// `text` with the first `from` replaced by `to`.
static std::string replaced(std::string text, const std::string &from,
                            const std::string &to) {
  size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return place == std::string::npos ? text
                                    : text.replace(place, from.size(), to);
}

/// What verifyRecipe says about the forward recipe after `change`.
static std::string problemAfter(const std::function<void(Recipe &)> &change) {
  Recipe recipe = makeForwardRecipe();
  change(recipe);
  return verifyRecipe(recipe).message();
}

static RecipeParameter &parameter(Recipe &recipe, int place) {
  return recipe.variants[0].launches[0].parameters[place];
}

TEST(RecipeTest, textRoundTrips) {
  Recipe made = makeForwardRecipe();
  made.checks.push_back({"key.size.2 - query.size.2", 0, {}, "key"});
  std::string text = printRecipe(made);
  Result<Recipe> recipe = parseRecipe(text);
  ASSERT_TRUE(recipe.ok()) << recipe.message();
  EXPECT_EQ(printRecipe(*recipe), text);
  EXPECT_EQ(recipe->checks[0].argument, "");
  EXPECT_EQ(recipe->checks[1].argument, "key");
  EXPECT_EQ(recipe->arguments[3].name, "bias");
  EXPECT_FALSE(recipe->arguments[3].isTensor);
  EXPECT_EQ(recipe->variants[0].when[0].min, -9);
  EXPECT_EQ(recipe->variants[0].launches[0].parameters[1].box[1], 96);
  EXPECT_EQ(recipe->info[0].second, "128x96 \"two\" consumers");
}

TEST(RecipeTest, damagedTextIsRefused) {
  std::string text = printRecipe(makeForwardRecipe());
  EXPECT_EQ(
      parseRecipe(replaced(text, "\"version\": 1", "\"version\": 2")).message(),
      "recipe: expected version 1, got 2; compile the kernel again with "
      "this release of sigmoid-attn");
  EXPECT_EQ(parseRecipe(replaced(text, "\"threads\"", "\"thread\"")).message(),
            "recipe: \"variants\": [0]: \"launches\": [0]: unknown field "
            "\"thread\"");
  EXPECT_EQ(parseRecipe(replaced(text, "384", "\"384\"")).message(),
            "recipe: \"variants\": [0]: \"launches\": [0]: \"threads\": "
            "expected a number, got a string");
  EXPECT_EQ(parseRecipe(replaced(text, "384", "384.5")).message(),
            "recipe: \"variants\": [0]: \"launches\": [0]: \"threads\": "
            "expected an integer, got 384.5");
  EXPECT_EQ(parseRecipe(replaced(text, "\"counter\"", "\"clock\"")).message(),
            "recipe: \"variants\": [0]: \"launches\": [0]: \"parameters\": "
            "[7]: expected the kind tensor_map, pointer, value or counter, got "
            "\"clock\"");
  EXPECT_EQ(parseRecipe(text.substr(0, text.size() / 2)).status().code(),
            ErrorCode::InvalidArgument);
  EXPECT_EQ(parseRecipe("{\"version\": 1").message(),
            "recipe: json:1:14: expected ',' or '}'");
  EXPECT_EQ(parseRecipe("{\"version\": 1}").message(),
            "recipe: missing field \"name\"");
}

TEST(RecipeTest, textOfOtherShapeIsRefused) {
  std::string text = printRecipe(makeForwardRecipe());
  auto problemWith = [&](const std::string &from, const std::string &to) {
    return parseRecipe(replaced(text, from, to)).message();
  };
  EXPECT_EQ(parseRecipe("[]").message(),
            "recipe: expected version 1, got none; compile the kernel again "
            "with this release of sigmoid-attn");
  EXPECT_EQ(parseRecipe("{\"version\": 1, \"arguments\": [5]}").message(),
            "recipe: \"arguments\": [0]: expected an object, got a number");
  EXPECT_EQ(parseRecipe("{\"version\": 1, \"checks\": 5}").message(),
            "recipe: \"checks\": expected an array, got a number");
  EXPECT_EQ(
      problemWith("\"name\": \"query\"", "\"name\": null"),
      "recipe: \"arguments\": [0]: \"name\": expected a string, got null");
  EXPECT_EQ(problemWith("\"tensor\": false", "\"tensor\": 0"),
            "recipe: \"arguments\": [3]: \"tensor\": expected a boolean, got a "
            "number");
  EXPECT_EQ(
      problemWith("\"bf16\"", "\"bf17\""),
      "recipe: \"arguments\": [0]: \"type\": expected an element type, got "
      "\"bf17\"");
  EXPECT_EQ(problemWith("\"read\"", "\"look\""),
            "recipe: \"arguments\": [0]: \"access\": expected \"read\" or "
            "\"write\", got \"look\"");
  EXPECT_EQ(problemWith("\"cluster\": [1, ", "\"cluster\": ["),
            "recipe: \"variants\": [0]: \"launches\": [0]: \"cluster\": "
            "expected 3 elements, got 2");
  EXPECT_EQ(problemWith("[\"schedule\", ", "["),
            "recipe: \"info\": [0]: expected 2 elements, got 1");
}

TEST(RecipeTest, everyPrefixIsRefused) {
  std::string text = printRecipe(makeForwardRecipe());
  for (size_t size = 0; size + 2 < text.size(); size += 7)
    EXPECT_FALSE(parseRecipe(text.substr(0, size)).ok()) << size;
}

TEST(RecipeTest, argumentsAreVerified) {
  EXPECT_EQ(problemAfter([](Recipe &r) { r.chip = ""; }),
            "recipe: expected a name and a chip");
  EXPECT_EQ(problemAfter([](Recipe &r) { r.arguments[1].name = "2nd"; }),
            "recipe sigmoid_attention: argument 2nd: expected a name for the "
            "argument, got \"2nd\"");
  EXPECT_EQ(
      problemAfter([](Recipe &r) { r.arguments[1].shape.resize(9, "1"); }),
      "recipe sigmoid_attention: argument key: expected at most 8 "
      "dimensions, got 9");
  EXPECT_EQ(problemAfter([](Recipe &r) { r.arguments[1].name = "query"; }),
            "recipe sigmoid_attention: two arguments are called \"query\"");
  EXPECT_EQ(problemAfter([](Recipe &r) { r.arguments[1].shape[2] = "bias"; }),
            "recipe sigmoid_attention: \"bias\" names an argument and a size");
  EXPECT_EQ(problemAfter([](Recipe &r) { r.arguments[0].shape[3] = "-3"; }),
            "recipe sigmoid_attention: argument query: expected a size or a "
            "name in the shape, got \"-3\"");
  EXPECT_EQ(problemAfter([](Recipe &r) { r.arguments[0].alignment = 24; }),
            "recipe sigmoid_attention: argument query: expected an alignment "
            "of a power of two up to 1024, got 24");
  EXPECT_EQ(
      problemAfter([](Recipe &r) { r.arguments[3].type = ElementType::F16; }),
      "recipe sigmoid_attention: argument bias: expected a scalar of "
      "f32, f64, i32 or i64, got f16");
  EXPECT_EQ(
      problemAfter([](Recipe &r) { r.arguments.back().access = Access::Read; }),
      "recipe sigmoid_attention: expected a written tensor among the "
      "arguments");
}

TEST(RecipeTest, tensorMapsAreVerified) {
  const std::string prefix = "recipe sigmoid_attention: variant fast: kernel "
                             "attention_fast: parameter 0: expected ";
  EXPECT_EQ(problemAfter([](Recipe &r) { parameter(r, 0).tensor = "bias"; }),
            prefix + "a tensor argument, got \"bias\"");
  EXPECT_EQ(problemAfter(
                [](Recipe &r) { parameter(r, 0).dimensions = {2, 3, 1, 0}; }),
            prefix + "the tensor's dimensions, 1 to 5, innermost first");
  EXPECT_EQ(problemAfter([](Recipe &r) {
              r.arguments[0].shape.clear();
              parameter(r, 0).dimensions.clear();
              parameter(r, 0).box.clear();
            }),
            prefix + "the tensor's dimensions, 1 to 5, innermost first");
  EXPECT_EQ(problemAfter([](Recipe &r) { parameter(r, 0).box.pop_back(); }),
            prefix + "a box of 4 sizes, got 3");
  EXPECT_EQ(problemAfter([](Recipe &r) { parameter(r, 0).box[1] = 257; }),
            prefix + "box sizes from 1 to 256, got 257");
  EXPECT_EQ(problemAfter([](Recipe &r) { parameter(r, 0).box[0] = 60; }),
            prefix + "box rows of a multiple of 16 bytes, got 120");
  EXPECT_EQ(problemAfter([](Recipe &r) { parameter(r, 0).box[0] = 128; }),
            prefix + "box rows of at most the swizzle's 128 bytes, got 256");
  EXPECT_EQ(problemAfter([](Recipe &r) { parameter(r, 0).swizzle = 48; }),
            prefix + "a swizzle of 0, 32, 64 or 128 bytes, got 48");
  EXPECT_EQ(problemAfter([](Recipe &r) { parameter(r, 0).l2Promotion = 512; }),
            prefix + "an L2 promotion of 0, 64, 128 or 256 bytes, got 512");
  EXPECT_EQ(problemAfter([](Recipe &r) { r.arguments[0].alignment = 8; }),
            prefix + "a tensor aligned to 16 bytes, got an alignment of 8");
}

TEST(RecipeTest, launchesAreVerified) {
  const std::string prefix =
      "recipe sigmoid_attention: variant fast: kernel attention_fast: ";
  auto launch = [](Recipe &r) -> RecipeLaunch & {
    return r.variants[0].launches[0];
  };
  EXPECT_EQ(problemAfter([&](Recipe &r) { launch(r).kernel = ""; }),
            "recipe sigmoid_attention: variant fast: kernel : expected a "
            "kernel's name, got none");
  EXPECT_EQ(problemAfter(
                [&](Recipe &r) { parameter(r, 6).type = ElementType::BF16; }),
            prefix + "parameter 6: expected a value of f32, f64, i32 or i64, "
                     "got bf16");
  EXPECT_EQ(problemAfter([&](Recipe &r) {
              launch(r).parameters.assign(129, parameter(r, 5));
            }),
            prefix + "expected at most 128 parameters, got 129");
  EXPECT_EQ(problemAfter([&](Recipe &r) { r.variants[0].name = ""; }),
            "recipe sigmoid_attention: variant : expected a name for the "
            "variant, got none");
  EXPECT_EQ(problemAfter([&](Recipe &r) { r.variants[1].launches.clear(); }),
            "recipe sigmoid_attention: variant exact: expected a launch, got "
            "none");
  EXPECT_EQ(problemAfter([&](Recipe &r) { launch(r).threads = 2048; }),
            prefix + "expected 1 to 1024 threads, got 2048");
  EXPECT_EQ(problemAfter([&](Recipe &r) { launch(r).sharedMemory = 232449; }),
            prefix +
                "expected at most 232448 bytes of shared memory, got 232449");
  EXPECT_EQ(problemAfter([&](Recipe &r) { launch(r).cluster[0] = 32; }),
            prefix + "expected a cluster of 1 to 16 blocks");
  EXPECT_EQ(problemAfter([&](Recipe &r) { launch(r).grid[1] = "bias"; }),
            prefix +
                "grid: expression \"bias\": expected an integer, got 'bias'");
  EXPECT_EQ(problemAfter([&](Recipe &r) {
              launch(r).parameters.push_back(RecipeParameter::counter());
            }),
            prefix + "expected at most one counter, got 2");
  EXPECT_EQ(problemAfter([&](Recipe &r) { r.variants[1].name = "fast"; }),
            "recipe sigmoid_attention: variant fast: another variant has the "
            "same name");
  EXPECT_EQ(problemAfter([&](Recipe &r) { r.variants.clear(); }),
            "recipe sigmoid_attention: expected a variant, got none");
  EXPECT_EQ(
      problemAfter([&](Recipe &r) { r.checks[0].min = r.checks[0].max = {}; }),
      "recipe sigmoid_attention: checks: expected a bound for "
      "\"query_heads % key_heads\"");
  EXPECT_EQ(problemAfter([&](Recipe &r) { r.checks[0].argument = "table"; }),
            "recipe sigmoid_attention: checks: expected an argument, got "
            "\"table\"");
}
