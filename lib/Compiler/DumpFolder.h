//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where SIGMOID_ATTN_DUMP puts what a compilation goes through. Private to the
// compiler library.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_COMPILER_DUMPFOLDER_H
#define SIGMOID_ATTN_LIB_COMPILER_DUMPFOLDER_H

#include <string>
#include <string_view>

namespace sigmoid_attn {

/// A folder for one compilation's files, or none. A dump that fails is logged
/// and does not fail the compilation.
class DumpFolder {
public:
  /// Dumps nothing.
  DumpFolder() = default;

  /// Dumps into `ROOT/NAME`, which is made; into nothing if `root` is empty.
  DumpFolder(const std::string &root, const std::string &name);

  bool isEnabled() const { return !folder.empty(); }

  /// The path of a file in the folder.
  std::string getPath(const std::string &file) const {
    return folder + "/" + file;
  }

  /// Writes a file into the folder.
  void write(const std::string &file, std::string_view content) const;

private:
  std::string folder;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_COMPILER_DUMPFOLDER_H
