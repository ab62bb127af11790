//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The formula of docs/Spec.md in float64, one score at a time.
//
//===----------------------------------------------------------------------===//

#include "Reference.h"

#include <cmath>
#include <limits>
#include <random>

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

namespace {

/// A binary floating-point format.
struct Format {
  /// Bits of the significand, the hidden one included.
  int precision;
  int minExponent;
  double largest;
};

} // namespace

static Format getFormat(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return {11, -14, 65504.0};
  case ElementType::BF16:
    return {8, -126, 0x1.FEp127};
  default:
    return {24, -126, std::numeric_limits<float>::max()};
  }
}

double test::unitRoundoff(ElementType type) {
  return std::ldexp(1.0, -getFormat(type).precision);
}

double test::roundTo(double value, ElementType type) {
  if (!std::isfinite(value) || value == 0)
    return value;
  Format format = getFormat(type);
  int exponent = std::max(std::ilogb(value), format.minExponent);
  double quantum = std::ldexp(1.0, exponent - format.precision + 1);
  double rounded = std::nearbyint(value / quantum) * quantum;
  if (std::abs(rounded) > format.largest)
    return std::copysign(std::numeric_limits<double>::infinity(), value);
  return rounded;
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

static int64_t count(const std::vector<int64_t> &shape) {
  return countElements(shape).value_or(0);
}

static std::vector<int64_t> getExtraShape(const Problem &problem) {
  switch (problem.score) {
  case Score::PerHead:
  case Score::Alibi:
    return {problem.heads + problem.originOf(1)};
  case Score::PerScore:
    return {problem.heads + problem.originOf(1),
            problem.queryLength + problem.originOf(2),
            problem.keyLength + problem.originOf(3)};
  case Score::None:
  case Score::SoftCap:
    return {};
  }
  return {};
}

Inputs test::makeInputs(const Problem &problem, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  auto fill = [&](int64_t size, ElementType type) {
    std::vector<double> values(size);
    for (double &value : values)
      value = roundTo(normal(engine), type);
    return values;
  };
  Inputs inputs;
  inputs.query = fill(count(problem.queryShape()), problem.type);
  inputs.key = fill(count(problem.keyShape()), problem.type);
  inputs.value = fill(count(problem.valueShape()), problem.type);
  if (problem.content == Content::UnitValues)
    inputs.value.assign(inputs.value.size(), 1.0);
  if (problem.backward)
    inputs.outputGradient = fill(count(problem.outputShape()), problem.type);
  inputs.extraShape = getExtraShape(problem);
  if (!inputs.extraShape.empty())
    inputs.extra = fill(count(inputs.extraShape), ElementType::F32);
  if (problem.layout == Layout::SharedKeys) {
    // All batches read the first one's keys and values.
    auto share = [&](std::vector<double> &values) {
      size_t one = problem.batch ? values.size() / problem.batch : 0;
      for (size_t index = one; index < values.size(); ++index)
        values[index] = values[index - one];
    };
    share(inputs.key);
    share(inputs.value);
  }
  return inputs;
}

//===----------------------------------------------------------------------===//
// Formula
//===----------------------------------------------------------------------===//

namespace {

/// A score after the region, and its derivative by the score before it.
struct Scored {
  double value, derivative;
};

/// The loops over one problem.
class Evaluation {
public:
  Evaluation(const Problem &problem, const Inputs &inputs)
      : problem(problem), inputs(inputs),
        scale(problem.scale ? double(*problem.scale)
                            : 1.0 / std::sqrt(double(problem.headDim))) {}

  std::vector<Expected> run();

private:
  void addForward(const double *p, const double *pRounded, int64_t head,
                  int64_t i, Expected &output) const;
  void addBackward(int64_t head, int64_t i, std::vector<Expected> &results);
  Scored applyScore(double s, int64_t head, int64_t i, int64_t j) const;
  void computeWeights(int64_t head, int64_t i);

  // `head` counts over all batches: batch * heads + head.
  const double *queryRow(int64_t head, int64_t i) const {
    return &inputs.query[(head * problem.queryLength + i) * problem.headDim];
  }
  int64_t keyHead(int64_t head) const {
    return head / (problem.heads / problem.keyHeads);
  }

  const Problem &problem;
  const Inputs &inputs;
  double scale;

  // Of one row of scores; zero where masked.
  std::vector<double> weights, roundedWeights, derivatives;
};

} // namespace

Scored Evaluation::applyScore(double s, int64_t head, int64_t i,
                              int64_t j) const {
  int64_t h = head % problem.heads + problem.originOf(1);
  i += problem.originOf(2);
  j += problem.originOf(3);
  switch (problem.score) {
  case Score::None:
    return {s, 1};
  case Score::PerHead:
    return {s + inputs.extra[h], 1};
  case Score::PerScore: {
    int64_t row = h * inputs.extraShape[1] + i;
    return {s + inputs.extra[row * inputs.extraShape[2] + j], 1};
  }
  case Score::Alibi: {
    int64_t away = i + problem.keyLength - problem.queryLength - j;
    return {s - inputs.extra[h] * std::abs(double(away)), 1};
  }
  case Score::SoftCap: {
    double tanh = std::tanh(s / 4);
    return {4 * tanh, 1 - tanh * tanh};
  }
  }
  return {s, 1};
}

void Evaluation::computeWeights(int64_t head, int64_t i) {
  int64_t size = problem.keyLength;
  weights.assign(size, 0);
  roundedWeights.assign(size, 0);
  derivatives.assign(size, 0);
  const double *query = queryRow(head, i);
  const double *key =
      inputs.key.data() + keyHead(head) * size * problem.headDim;
  for (int64_t j = 0; j < size; ++j, key += problem.headDim) {
    if (!problem.isVisible(i, j))
      continue;
    double dot = 0;
    for (int64_t d = 0; d < problem.headDim; ++d)
      dot += query[d] * key[d];
    Scored scored = applyScore(scale * dot + problem.bias, head, i, j);
    weights[j] = 1 / (1 + std::exp(-scored.value));
    roundedWeights[j] = roundTo(weights[j], problem.type);
    derivatives[j] = weights[j] * (1 - weights[j]) * scored.derivative;
  }
}

/// target += factor * row, in its three readings.
static void addRow(Expected &target, int64_t offset, const double *row,
                   int64_t size, double factor, double rounded,
                   double magnitude) {
  for (int64_t d = 0; d < size; ++d) {
    target.exact[offset + d] += factor * row[d];
    target.rounded[offset + d] += rounded * row[d];
    target.magnitude[offset + d] += std::abs(magnitude * row[d]);
  }
}

void Evaluation::addForward(const double *p, const double *pRounded,
                            int64_t head, int64_t i, Expected &output) const {
  int64_t size = problem.valueHeadDim;
  const double *value =
      inputs.value.data() + keyHead(head) * problem.keyLength * size;
  int64_t offset = (head * problem.queryLength + i) * size;
  for (int64_t j = 0; j < problem.keyLength; ++j, value += size)
    if (p[j] != 0)
      addRow(output, offset, value, size, p[j], pRounded[j], p[j]);
}

void Evaluation::addBackward(int64_t head, int64_t i,
                             std::vector<Expected> &results) {
  int64_t headDim = problem.headDim, valueDim = problem.valueHeadDim;
  int64_t firstKey = keyHead(head) * problem.keyLength;
  int64_t queryOffset = (head * problem.queryLength + i) * headDim;
  const double *gradient =
      &inputs.outputGradient[(head * problem.queryLength + i) * valueDim];
  for (int64_t j = 0; j < problem.keyLength; ++j) {
    if (!problem.isVisible(i, j))
      continue;
    const double *key = inputs.key.data() + (firstKey + j) * headDim;
    const double *value = inputs.value.data() + (firstKey + j) * valueDim;
    double dP = 0, magnitude = 0;
    for (int64_t d = 0; d < valueDim; ++d) {
      dP += gradient[d] * value[d];
      magnitude += std::abs(gradient[d] * value[d]);
    }
    double dS = dP * derivatives[j];
    double dSRounded = scale * roundTo(dS, problem.type);
    // A difference in dP by its rounding, relative to its terms.
    double dSMagnitude = scale * magnitude * derivatives[j];
    dS *= scale;
    addRow(results[0], queryOffset, key, headDim, dS, dSRounded, dSMagnitude);
    addRow(results[1], (firstKey + j) * headDim, queryRow(head, i), headDim, dS,
           dSRounded, dSMagnitude);
    addRow(results[2], (firstKey + j) * valueDim, gradient, valueDim,
           weights[j], roundedWeights[j], weights[j]);
  }
}

std::vector<Expected> Evaluation::run() {
  std::vector<std::vector<int64_t>> shapes = {problem.outputShape()};
  if (problem.backward)
    shapes = {problem.queryShape(), problem.keyShape(), problem.valueShape()};
  std::vector<Expected> results;
  for (const std::vector<int64_t> &shape : shapes) {
    std::vector<double> zeros(count(shape));
    results.push_back({zeros, zeros, zeros});
  }
  for (int64_t head = 0; head < problem.batch * problem.heads; ++head)
    for (int64_t i = 0; i < problem.queryLength; ++i) {
      computeWeights(head, i);
      if (problem.backward)
        addBackward(head, i, results);
      else
        addForward(weights.data(), roundedWeights.data(), head, i, results[0]);
    }
  for (Expected &result : results)
    for (double &value : result.rounded)
      value = roundTo(value, problem.resultType());
  return results;
}

std::vector<Expected> test::computeReference(const Problem &problem,
                                             const Inputs &inputs) {
  return Evaluation(problem, inputs).run();
}
