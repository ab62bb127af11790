//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the libraries have to tell besides results and errors: a cache entry
// that was damaged, a kernel that was compiled. Silent unless the environment
// variable SIGMOID_ATTN_LOG is set: `1` or `stderr` writes to standard error,
// anything else is the name of a file to append to.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_SUPPORT_LOG_H
#define SIGMOID_ATTN_SUPPORT_LOG_H

#include <string>

namespace sigmoid_attn {

/// Whether SIGMOID_ATTN_LOG asks for messages; to be asked before building a
/// costly one.
bool isLogEnabled();

/// Writes `sigmoid-attn: MESSAGE` as one line, from any thread.
void log(const std::string &message);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_SUPPORT_LOG_H
