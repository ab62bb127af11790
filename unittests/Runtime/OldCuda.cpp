//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A stand-in for the libcuda of an old driver: it starts, but lacks what the
// runtime needs.
//
//===----------------------------------------------------------------------===//

#include <cstdlib>

extern "C" {
int cuInit(unsigned) { return 0; }
int cuDriverGetVersion(int *version) {
  // 11.4, or with an argument from the tests one new enough to pass for.
  const char *wanted = std::getenv("SIGMOID_ATTN_TEST_DRIVER_VERSION");
  *version = wanted ? std::atoi(wanted) : 11040;
  return 0;
}
int cuGetErrorName(int, const char **) { return 1; }
int cuGetErrorString(int, const char **) { return 1; }
}
