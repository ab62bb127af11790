//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Central differences.
//
//===----------------------------------------------------------------------===//

#include "Finite.h"

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

std::vector<Problem> test::makeSmallGradientCases() {
  std::vector<Problem> problems;
  for (Score score : {Score::None, Score::PerHead, Score::PerScore,
                      Score::Alibi, Score::SoftCap})
    for (int mask : {0, 1, 2}) {
      Problem problem;
      problem.backward = true;
      problem.heads = 4;
      problem.keyHeads = mask == 1 ? 2 : 4;
      problem.queryLength = 5;
      problem.keyLength = 7;
      problem.headDim = 4;
      problem.valueHeadDim = 3;
      problem.score = score;
      problem.bias = -0.5;
      problem.causal = mask == 1;
      if (mask == 2)
        problem.left = problem.right = 2;
      problems.push_back(problem);
    }
  return problems;
}

/// `sum(output * outputGradient)`.
static double computeLoss(const Problem &problem, const Inputs &inputs) {
  Problem forward = problem;
  forward.backward = false;
  std::vector<double> output = computeReference(forward, inputs)[0].exact;
  double loss = 0;
  for (size_t index = 0; index < output.size(); ++index)
    loss += output[index] * inputs.outputGradient[index];
  return loss;
}

std::vector<double> test::differentiate(const Problem &problem,
                                        const Inputs &inputs, size_t argument) {
  // The error of a central difference is of order step^2, and rounding adds
  // 1e-16 / step.
  const double step = 1e-5;
  Inputs moved = inputs;
  std::vector<double> *arrays[] = {&moved.query, &moved.key, &moved.value};
  std::vector<double> &array = *arrays[argument], derivatives;
  for (double &value : array) {
    double middle = value;
    value = middle + step;
    double above = computeLoss(problem, moved);
    value = middle - step;
    double below = computeLoss(problem, moved);
    value = middle;
    derivatives.push_back((above - below) / (2 * step));
  }
  return derivatives;
}
