//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// What every function of the stand-in for libcuda begins with.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_UNITTESTS_RUNTIME_MOCKCUDACALL_H
#define SIGMOID_ATTN_UNITTESTS_RUNTIME_MOCKCUDACALL_H

#include "MockCuda.h"

namespace sigmoid_attn::test {

/// Counts a call, and returns the result it is to have.
cuda::CUresult enter(const char *name);

/// The context that is current in this thread, or null.
cuda::CUcontext getCurrentContext();

} // namespace sigmoid_attn::test

/// Locks the machine, as `machine`, and counts the call; returns if it is to
/// fail.
#define ENTER(name)                                                            \
  MockCuda &machine = getMockCuda();                                           \
  std::lock_guard<std::mutex> lock(machine.mutex);                             \
  (void)machine;                                                               \
  if (CUresult result = enter(name))                                           \
    return result;

#endif // SIGMOID_ATTN_UNITTESTS_RUNTIME_MOCKCUDACALL_H
