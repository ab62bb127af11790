//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The launch recipe: everything the runtime has to know about compiled device
/// code to check a caller's arguments and to launch it. It is data, made by the
/// compiler and read by the runtime; docs/KernelFile.md describes its text.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_RUNTIME_RECIPE_H
#define SIGMOID_ATTN_RUNTIME_RECIPE_H

#include "sigmoid-attn/Support/Array.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sigmoid_attn {

/// The version of the recipe's text that this library writes and reads.
constexpr int kRecipeVersion = 1;

/// What the kernels do with a tensor.
enum class Access { Read, Write };

/// One argument of the compiled function, in the order in which callers pass
/// them; results of the function are written tensors.
struct RecipeArgument {
  /// Names the argument in messages and expressions.
  std::string name;
  ElementType type = ElementType::F32;
  /// False for a scalar passed by value; then nothing below counts.
  bool isTensor = true;
  Access access = Access::Read;
  /// One text a dimension: an integer, the size that is expected, or a name.
  /// A name's first use binds it, later uses must find the same size. Nothing
  /// for a tensor of one element.
  std::vector<std::string> shape;
  /// The address and every stride (in bytes) but the last dimension's must be
  /// multiples of this many bytes, a power of two. Tensor maps need 16.
  int64_t alignment = 16;
};

/// An expression that has to lie within bounds.
struct RecipeCondition {
  std::string value;
  std::optional<double> min;
  std::optional<double> max;
  /// The argument that is at fault if it does not, for the message; empty if
  /// the expression says enough.
  std::string argument = {};
};

/// One parameter of a kernel, in the order of its signature.
struct RecipeParameter {
  enum class Kind {
    /// A 128-byte CUtensorMap by value, 64-byte aligned, over `tensor`.
    TensorMap,
    /// The address of `tensor`'s first element.
    Pointer,
    /// The value of the expression `value`, as a `type`.
    Value,
    /// The address of 32 zeroed 32-bit words in device memory that no other
    /// running launch has. The kernel must leave them zero.
    Counter,
  };
  Kind kind = Kind::Value;

  /// TensorMap, Pointer: the argument's name.
  std::string tensor;

  /// TensorMap: the tensor's dimensions, innermost first; the first must be the
  /// tensor's last dimension.
  std::vector<int> dimensions;
  /// TensorMap: the box that one copy moves, in elements, innermost first.
  std::vector<int64_t> box;
  /// TensorMap: bytes of the shared-memory swizzle: 0, 32, 64 or 128.
  int swizzle = 128;
  /// TensorMap: bytes of the L2 promotion: 0, 64, 128 or 256.
  int l2Promotion = 256;

  /// Value.
  ElementType type = ElementType::I32;
  std::string value;

  static RecipeParameter tensorMap(std::string tensor,
                                   std::vector<int> dimensions,
                                   std::vector<int64_t> box, int swizzle = 128,
                                   int l2Promotion = 256);
  static RecipeParameter pointer(std::string tensor);
  static RecipeParameter byValue(ElementType type, std::string value);
  static RecipeParameter counter();
};

/// One kernel launch.
struct RecipeLaunch {
  /// The kernel's symbol in the code.
  std::string kernel;
  int threads = 0;
  /// Bytes of dynamic shared memory a block.
  int64_t sharedMemory = 0;
  std::array<int, 3> cluster = {1, 1, 1};
  /// Blocks, as expressions; persistent kernels use `sm_count`.
  std::array<std::string, 3> grid = {"1", "1", "1"};
  std::vector<RecipeParameter> parameters;
};

/// One way to compute the function: launches in stream order.
struct RecipeVariant {
  /// Names the variant in messages, logs and benchmarks.
  std::string name;
  /// All must hold for the variant to be taken; none means always.
  std::vector<RecipeCondition> when;
  std::vector<RecipeLaunch> launches;
};

/// See the file comment.
struct Recipe {
  /// Names the function in messages.
  std::string name;
  /// The chip the code is for, such as `sm_90a`.
  std::string chip;
  std::vector<RecipeArgument> arguments;
  /// What callers' sizes and scalars must fulfil beyond the shapes.
  std::vector<RecipeCondition> checks;
  /// The first whose conditions hold is launched.
  std::vector<RecipeVariant> variants;
  /// Facts for people and tools (schedule, mask, sigmoid form); the runtime
  /// only carries them.
  std::vector<std::pair<std::string, std::string>> info;
};

/// Checks that the recipe makes sense by itself: names resolve, expressions
/// parse, boxes, swizzles and launch sizes are within the hardware's limits.
Status verifyRecipe(const Recipe &recipe);

/// The recipe's text, as in docs/KernelFile.md.
std::string printRecipe(const Recipe &recipe);

/// Reads what printRecipe writes, and verifies it. Unknown fields and versions
/// are refused.
Result<Recipe> parseRecipe(const std::string &text);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_RUNTIME_RECIPE_H
