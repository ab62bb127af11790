//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled code asks the C library for memory without looking at the answer,
// and ends the process where an assertion of the IR fails. Under this guard
// both become errors of the call. Private to the compiler library.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_COMPILER_CALLGUARD_H
#define SIGMOID_ATTN_LIB_COMPILER_CALLGUARD_H

#include "sigmoid-attn/Support/Status.h"

#include <cstddef>

namespace sigmoid_attn {

/// What compiled code gets for `malloc` and for `abort`. Out of runGuarded, and
/// on the worker threads of a parallel loop, they are the C library's.
void *guardedMalloc(size_t size);
[[noreturn]] void guardedAbort();

/// Calls `function` on `slots`. If it runs out of memory or aborts, the call is
/// left at that point: its other allocations are lost, and it may have written
/// to its arguments.
Status runGuarded(void (*function)(void **), void **slots);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_COMPILER_CALLGUARD_H
