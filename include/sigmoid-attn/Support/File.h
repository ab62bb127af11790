//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whole files, read and written without surprises.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_SUPPORT_FILE_H
#define SIGMOID_ATTN_SUPPORT_FILE_H

#include "sigmoid-attn/Support/Status.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sigmoid_attn {

/// The bytes of a regular file.
Result<std::string> readFile(const std::string &path);

/// Writes a file so that others, even in another process, see the old content
/// or the whole new one, never a part: into a temporary file beside it that is
/// then renamed. Leaves nothing behind if it fails.
Status writeFileAtomically(const std::string &path, std::string_view content);

/// Writes several files, given as path and content, in the same way: no file is
/// replaced before the content of all of them is on the disk.
Status writeFilesAtomically(
    const std::vector<std::pair<std::string, std::string>> &files);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_SUPPORT_FILE_H
