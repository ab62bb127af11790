//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes this program's runtime load the mock driver.
//
//===----------------------------------------------------------------------===//

#include "MockCuda.h"

#include <cstdlib>

#include <dlfcn.h>

/// The path of the mock driver, which the program is linked with: it is found
/// also where both were moved, as a bundle moves them.
static std::string getMockPath() {
  Dl_info info = {};
  dladdr(reinterpret_cast<void *>(&sigmoid_attn::test::getMockCuda), &info);
  return info.dli_fname ? info.dli_fname : "";
}

static const int kUsesMockCuda =
    setenv("SIGMOID_ATTN_LIBCUDA", getMockPath().c_str(), /*overwrite=*/1);
