//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CallGuard.h"

#include <csetjmp>
#include <cstdlib>

using namespace sigmoid_attn;

// Of the OpenMP runtime, which has no C++ header here.
extern "C" int omp_in_parallel(void);

namespace {
/// Where to go back to, and why.
struct Guard {
  std::jmp_buf target;
  size_t failedSize = 0;
};
} // namespace

// The guard of the call that this thread is in.
static thread_local Guard *current = nullptr;

/// A parallel loop must not be left by a jump.
static bool canLeave() { return current && !omp_in_parallel(); }

void *sigmoid_attn::guardedMalloc(size_t size) {
  void *memory = std::malloc(size);
  if (memory || size == 0 || !canLeave())
    return memory;
  current->failedSize = size;
  std::longjmp(current->target, 1);
}

void sigmoid_attn::guardedAbort() {
  if (!canLeave())
    std::abort();
  current->failedSize = 0;
  std::longjmp(current->target, 1);
}

Status sigmoid_attn::runGuarded(void (*function)(void **), void **slots) {
  Guard guard;
  current = &guard;
  // The frames in between are of compiled code and have nothing to destroy.
  bool hasFailed = setjmp(guard.target) != 0;
  if (!hasFailed)
    function(slots);
  current = nullptr;
  if (!hasFailed)
    return Status::success();
  if (guard.failedSize == 0)
    return Status::runtimeError("an assertion of the function failed");
  return Status::runtimeError("cannot allocate " +
                              std::to_string(guard.failedSize) + " bytes");
}
