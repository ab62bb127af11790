//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One attention operation described in C++, for callers without MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_COMPILER_SIGMOIDATTENTIONSPEC_H
#define SIGMOID_ATTN_COMPILER_SIGMOIDATTENTIONSPEC_H

#include "sigmoid-attn/Compiler/Signature.h"

namespace sigmoid_attn {

/// Describes a function of one `attn.sigmoid_attention`, or of its gradient.
///
/// The function is called `sigmoid_attention` or `sigmoid_attention_backward`
/// and takes query, key, value, for the gradient the output's gradient, then
/// whichever of scale and bias are arguments. It returns the output, or the
/// gradients of query, key and value. Batch, head and length sizes are dynamic.
struct SigmoidAttentionSpec {
  /// How scores are shifted before the sigmoid.
  enum class Bias {
    /// Not at all.
    None,
    /// By one f32 argument.
    Scalar,
    /// By an f32 array with one value for each query head.
    PerHead,
    /// By an f32 array of query heads x query length x key length.
    PerScore,
  };

  /// Of query, key and value: F16, BF16 or F32.
  ElementType elementType = ElementType::F32;

  /// Of query and key, and of value if valueHeadDim is 0.
  int64_t headDim = 64;
  int64_t valueHeadDim = 0;

  /// Whether the scale is an f32 argument; otherwise it is 1 / sqrt(headDim).
  bool hasScale = false;
  Bias bias = Bias::None;

  /// Query i sees key j where `i + s - left <= j <= i + s + right`, with
  /// `s = key length - query length`. `causal` is right = 0.
  bool causal = false;
  std::optional<int64_t> windowLeft;
  std::optional<int64_t> windowRight;

  bool backward = false;
};

/// The description as a module in MLIR text; refuses one that says nonsense.
Result<std::string> buildSource(const SigmoidAttentionSpec &spec);

/// What the description says of sizes beyond the module: a bias array has the
/// sizes of the scores.
std::vector<SizeCondition> getConditions(const SigmoidAttentionSpec &spec);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_COMPILER_SIGMOIDATTENTIONSPEC_H
