//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each family varies what it is about and keeps the rest small: the compiler
// is asked for few modules, and the reference for few scores.
//
//===----------------------------------------------------------------------===//

#include "Cases.h"

#include <cmath>

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

static constexpr ElementType kTypes[] = {ElementType::F32, ElementType::BF16,
                                         ElementType::F16};

/// A problem of one batch with two heads of 64.
static Problem makeProblem(bool backward, ElementType type, int64_t queries,
                           int64_t keys) {
  Problem problem;
  problem.backward = backward;
  problem.type = type;
  problem.heads = problem.keyHeads = 2;
  problem.queryLength = queries;
  problem.keyLength = keys;
  problem.headDim = problem.valueHeadDim = 64;
  return problem;
}

std::vector<Problem> test::makeLengthCases(bool backward) {
  const std::pair<int64_t, int64_t> lengths[] = {
      {0, 5},    {5, 0},     {1, 1},     {1, 257},   {257, 1},   {2, 3},
      {7, 31},   {31, 32},   {33, 31},   {63, 64},   {64, 64},   {65, 63},
      {64, 65},  {97, 53},   {127, 128}, {128, 128}, {129, 127}, {128, 129},
      {131, 67}, {191, 193}, {13, 509},  {251, 17}};
  std::vector<Problem> problems;
  for (ElementType type : kTypes)
    for (bool causal : {false, true})
      for (auto [queries, keys] : lengths) {
        // The gradient costs more: every other pair of the narrow types.
        if (backward && type != ElementType::F32 && (queries + keys) % 2)
          continue;
        Problem problem = makeProblem(backward, type, queries, keys);
        problem.causal = causal;
        problems.push_back(problem);
      }
  return problems;
}

std::vector<Problem> test::makeHeadCases(bool backward) {
  const std::pair<int64_t, int64_t> heads[] = {{1, 1}, {3, 3}, {2, 1}, {4, 2},
                                               {6, 2}, {8, 1}, {5, 1}};
  std::vector<Problem> problems;
  for (ElementType type : kTypes)
    for (auto [queryHeads, keyHeads] : heads)
      for (int64_t batch : {1, 3}) {
        Problem problem = makeProblem(backward, type, 37, 43);
        problem.batch = batch;
        problem.heads = queryHeads;
        problem.keyHeads = keyHeads;
        problem.causal = batch == 3;
        problems.push_back(problem);
      }
  // No batch at all.
  problems.push_back(makeProblem(backward, ElementType::F32, 5, 7));
  problems.back().batch = 0;
  return problems;
}

std::vector<Problem> test::makeHeadDimCases(bool backward) {
  const std::pair<int64_t, int64_t> dims[] = {
      {1, 1},   {3, 3},     {8, 8},   {40, 40}, {80, 80},  {128, 128},
      {64, 32}, {256, 256}, {16, 96}, {7, 64},  {192, 128}};
  std::vector<Problem> problems;
  for (auto [headDim, valueHeadDim] : dims)
    for (ElementType type : kTypes) {
      // Each pair is a module of its own: the narrow types take turns.
      bool isEven = (headDim + valueHeadDim) / 8 % 2 == 0;
      if (type != ElementType::F32 && (type == ElementType::BF16) != isEven)
        continue;
      Problem problem = makeProblem(backward, type, 35, 61);
      problem.headDim = headDim;
      problem.valueHeadDim = valueHeadDim;
      problem.causal = headDim == 128;
      problems.push_back(problem);
    }
  for (ElementType type : kTypes)
    for (int64_t headDim : {5, 24, 64}) {
      Problem problem = makeProblem(backward, type, 19, 41);
      problem.headDim = headDim;
      problem.valueHeadDim = headDim + 3;
      problem.dynamicHeadDim = true;
      problems.push_back(problem);
    }
  return problems;
}

std::vector<Problem> test::makeMaskCases(bool backward) {
  using Bound = std::optional<int64_t>;
  const std::pair<Bound, Bound> windows[] = {
      {0, 0},  {3, std::nullopt}, {std::nullopt, 5}, {16, 16},
      {64, 0}, {0, 64},           {1000, 1000}};
  const std::pair<int64_t, int64_t> lengths[] = {
      {66, 66}, {130, 70}, {29, 157}};
  std::vector<Problem> problems;
  for (ElementType type : {ElementType::F32, ElementType::BF16})
    for (auto [left, right] : windows)
      for (auto [queries, keys] : lengths) {
        if (backward && type == ElementType::BF16 && left != 16)
          continue;
        Problem problem = makeProblem(backward, type, queries, keys);
        problem.left = left;
        problem.right = right;
        problems.push_back(problem);
      }
  return problems;
}

/// Biases and scales as arguments: one module for each type.
static void addRuntimeScalars(bool backward, std::vector<Problem> &problems) {
  for (ElementType type : kTypes)
    for (auto [scale, bias] : {std::pair(0.125f, 0.0f),
                               {0.125f, -4.6f},
                               {0.3f, -6.0f},
                               {-0.2f, 1.5f},
                               {1.0f, -9.0f},
                               {0.125f, 6.0f}}) {
      Problem problem = makeProblem(backward, type, 67, 101);
      problem.scale = scale;
      problem.bias = bias;
      problems.push_back(problem);
    }
  for (ElementType type : kTypes)
    for (Form form : {Form::Memref, Form::Tensor})
      for (float bias : {-9.0f, 1.5f}) {
        Problem problem = makeProblem(backward, type, 35, 90);
        problem.scale = 0.25f;
        problem.bias = bias;
        problem.form = form;
        problem.scalarArrays = true;
        problems.push_back(problem);
      }
}

std::vector<Problem> test::makeScoreCases(bool backward) {
  std::vector<Problem> problems;
  addRuntimeScalars(backward, problems);
  for (ElementType type : kTypes)
    for (Score score :
         {Score::PerHead, Score::PerScore, Score::Alibi, Score::SoftCap})
      for (bool causal : {false, true}) {
        if (causal && type == ElementType::F16)
          continue;
        Problem problem = makeProblem(backward, type, 53, 83);
        problem.heads = 4;
        problem.bias = -2;
        problem.score = score;
        problem.causal = causal;
        problems.push_back(problem);
      }
  return problems;
}

std::vector<Problem> test::makeLayoutCases(bool backward) {
  std::vector<Problem> problems;
  auto add = [&](ElementType type, bool causal, Layout layout, Form form) {
    Problem problem = makeProblem(backward, type, 65, 97);
    problem.batch = 2;
    problem.heads = 4;
    problem.causal = causal;
    problem.layout = layout;
    problem.form = form;
    problems.push_back(problem);
  };
  for (ElementType type : kTypes)
    for (Form form : {Form::Memref, Form::Tensor})
      for (Layout layout :
           {Layout::HeadMajor, Layout::LengthMajor, Layout::Padded,
            Layout::Unaligned, Layout::SharedKeys})
        add(type, layout != Layout::Padded, layout, form);
  if (backward)
    return problems;
  for (ElementType type : {ElementType::BF16, ElementType::F16})
    for (Form form : {Form::Memref, Form::Tensor}) {
      add(type, false, Layout::HeadMajor, form);
      problems.back().wideResult = true;
    }
  return problems;
}

std::vector<Problem> test::makeTileCases(bool backward) {
  // Where the tile lies, and so the band: through it, on a corner, before or
  // behind all keys, and further away than 32 bits reach.
  const std::vector<int64_t> origins[] = {{0, 0, 0, 0, 0},
                                          {1, 2, 40, 30, 10},
                                          {0, 1, 0, 100, 70},
                                          {2, 0, 200, 0, 0},
                                          {0, 0, 0, 200, 0},
                                          {0, 0, 7, 7, int64_t(1) << 40},
                                          {0, 0, 7, 7, -(int64_t(1) << 40)}};
  std::vector<Problem> problems;
  auto add = [&](ElementType type, const std::vector<int64_t> &origin) {
    problems.push_back(makeProblem(backward, type, 70, 101));
    problems.back().bias = -1;
    problems.back().origin = origin;
    return &problems.back();
  };
  for (ElementType type : {ElementType::F32, ElementType::BF16}) {
    for (const std::vector<int64_t> &origin : origins) {
      add(type, origin)->causal = true;
      add(type, origin)->left = 20;
      Problem *window = add(type, origin);
      window->left = 33;
      window->right = 9;
    }
    for (Score score : {Score::PerHead, Score::PerScore, Score::Alibi})
      for (bool causal : {false, true}) {
        // Distances small enough that not all weights are 0 or 1, where the
        // gradient is nothing but rounding.
        Problem *problem = add(type, {1, 2, 40, 61, 50});
        problem->score = score;
        problem->causal = causal;
      }
  }
  return problems;
}

std::vector<Problem> test::makeLongCases(bool backward) {
  std::vector<Problem> problems;
  auto add = [&](ElementType type, int64_t queries, int64_t keys,
                 int64_t headDim) {
    for (float bias : {0.0f, -std::log(float(keys))}) {
      Problem problem = makeProblem(backward, type, queries, keys);
      problem.heads = problem.keyHeads = 1;
      problem.headDim = problem.valueHeadDim = headDim;
      problem.bias = bias;
      problems.push_back(problem);
    }
  };
  if (!backward)
    for (ElementType type : kTypes)
      add(type, 3, 131072, 64);
  for (ElementType type : {ElementType::F32, ElementType::BF16}) {
    add(type, backward ? 5 : 64, 131072, 16);
    // The key's and the value's gradients are sums over queries.
    if (backward)
      add(type, 131072, 5, 16);
  }
  return problems;
}
