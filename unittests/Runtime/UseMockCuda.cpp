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

#include <cstdlib>

static const int kUsesMockCuda =
    setenv("SIGMOID_ATTN_LIBCUDA", SIGMOID_ATTN_MOCK_CUDA, /*overwrite=*/1);
