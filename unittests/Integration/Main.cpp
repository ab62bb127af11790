//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The generated suite: the compiler's code against float64.
//
//   SigmoidAttnIntegrationTests [--target=cpu|sm_90a|auto] [gtest options]
//
//===----------------------------------------------------------------------===//

#include "Engine.h"

#include "gtest/gtest.h"

#include <iostream>

int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  std::string target = "cpu";
  for (int index = 1; index < argc; ++index) {
    std::string argument = argv[index], flag = "--target=";
    if (argument.rfind(flag, 0) != 0) {
      std::cerr << "unknown argument '" << argument << "'\n";
      return 1;
    }
    target = argument.substr(flag.size());
  }
  sigmoid_attn::Status status = sigmoid_attn::test::Engine::start(target);
  if (!status.ok()) {
    std::cerr << status.message() << "\n";
    return 1;
  }
  return RUN_ALL_TESTS();
}
