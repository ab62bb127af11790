//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A problem of the generated suite: one call of sigmoid attention or of its
/// gradient, described by numbers alone.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_UNITTESTS_INTEGRATION_PROBLEM_H
#define SIGMOID_ATTN_UNITTESTS_INTEGRATION_PROBLEM_H

#include "sigmoid-attn/Support/Array.h"

#include <optional>
#include <string>
#include <vector>

namespace sigmoid_attn::test {

/// What the score region does to the score `s` of query i and key j.
enum class Score {
  /// Nothing: there is no region.
  None,
  /// s + array[head]
  PerHead,
  /// s + array[head, i, j]
  PerScore,
  /// s - array[head] * |i + Lk - Lq - j|
  Alibi,
  /// 4 * tanh(s / 4)
  SoftCap,
};

/// How arrays lie in memory. The head dimension is always contiguous.
enum class Layout {
  /// batch, head, length, dense.
  HeadMajor,
  /// batch, length, head, dense.
  LengthMajor,
  /// Head-major with eight elements between rows and more between heads.
  Padded,
  /// Head-major with an odd row stride from an odd offset.
  Unaligned,
  /// One key and value for all batches (stride 0).
  SharedKeys,
};

/// Whether functions take buffers to write to or return what they compute.
enum class Form { Memref, Tensor };

/// What the arrays hold.
enum class Content {
  /// Independent standard normal numbers.
  Normal,
  /// The same, but every value is 1: outputs are sums of weights.
  UnitValues,
};

struct Problem {
  ElementType type = ElementType::F32;
  int64_t batch = 1, heads = 1, keyHeads = 1;
  int64_t queryLength = 1, keyLength = 1;
  int64_t headDim = 8, valueHeadDim = 8;

  bool causal = false;
  std::optional<int64_t> left, right;
  Score score = Score::None;

  /// Absent: the operation's own default, 1 / sqrt(headDim).
  std::optional<float> scale;
  float bias = 0;
  /// Whether scale and bias are arrays of rank 0, not scalars.
  bool scalarArrays = false;

  bool backward = false;
  Form form = Form::Memref;
  Layout layout = Layout::HeadMajor;
  Content content = Content::Normal;

  /// Whether results are f32 although the inputs are narrower.
  bool wideResult = false;

  /// Whether the head dims are `?` in the module.
  bool dynamicHeadDim = false;

  /// Which part of a larger problem this is; see the op's `origin` clause.
  std::optional<std::vector<int64_t>> origin;

  ElementType resultType() const {
    return wideResult ? ElementType::F32 : type;
  }
  std::vector<int64_t> queryShape() const {
    return {batch, heads, queryLength, headDim};
  }
  std::vector<int64_t> keyShape() const {
    return {batch, keyHeads, keyLength, headDim};
  }
  std::vector<int64_t> valueShape() const {
    return {batch, keyHeads, keyLength, valueHeadDim};
  }
  std::vector<int64_t> outputShape() const {
    return {batch, heads, queryLength, valueHeadDim};
  }

  /// Whether query i sees key j. With an origin, both are indices into this
  /// part.
  bool isVisible(int64_t i, int64_t j) const;
  bool isMasked() const { return causal || left || right; }

  /// One of the origin's numbers, 0 without one.
  int64_t originOf(int number) const { return origin ? (*origin)[number] : 0; }
};

/// A name of letters, digits and underscores that tells the problem.
std::string getName(const Problem &problem);

/// The function `run` that solves the problem, in MLIR. Problems that differ
/// only in sizes, strides and contents have the same text.
std::string buildModule(const Problem &problem);

} // namespace sigmoid_attn::test

#endif // SIGMOID_ATTN_UNITTESTS_INTEGRATION_PROBLEM_H
