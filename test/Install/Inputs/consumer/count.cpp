//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program that has the runtime's libraries and no LLVM.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Support/Array.h"

#include <cstdio>

int main() {
  std::printf("%s\n", sigmoid_attn::formatShape({1, 2, -1, 64}).c_str());
  return 0;
}
