//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled code on disk, one file for each key.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_COMPILER_DISKCACHE_H
#define SIGMOID_ATTN_COMPILER_DISKCACHE_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sigmoid_attn {

/// The hash, in hexadecimal, of a sequence of strings.
std::string hashContent(const std::vector<std::string_view> &parts);

/// Identifies the code of the compiler itself, so that entries of another build
/// are not used.
std::string getCompilerBuildId();

/// A folder of entries that several processes may use at once. An entry is
/// written as a whole or not at all, and carries its key and a checksum; one
/// that is damaged or foreign is logged and counts as missing. Entries not used
/// for a week, and the oldest ones beyond a gigabyte, are removed.
class DiskCache {
public:
  /// An empty `directory` keeps nothing.
  explicit DiskCache(std::string directory) : directory(std::move(directory)) {}

  /// The content stored under `key`, a hash, if there is any.
  std::optional<std::string> load(const std::string &key) const;

  /// Stores `content` under `key`. A failure is logged; the caller does not
  /// depend on the entry.
  void store(const std::string &key, std::string_view content) const;

  /// The file of a key's entry.
  std::string getPath(const std::string &key) const;

private:
  std::string directory;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_COMPILER_DISKCACHE_H
