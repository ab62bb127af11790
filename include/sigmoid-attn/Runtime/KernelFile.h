//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Kernel files: device code and the launch recipes of its functions in one
/// checksummed file that the runtime loads without the compiler.
/// docs/KernelFile.md has the format.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_RUNTIME_KERNELFILE_H
#define SIGMOID_ATTN_RUNTIME_KERNELFILE_H

#include "sigmoid-attn/Runtime/Recipe.h"

#include <string>
#include <string_view>

namespace sigmoid_attn {

/// What a kernel file holds.
struct KernelFile {
  /// One a function, of distinct names.
  std::vector<Recipe> recipes;
  /// PTX text, for the driver's own compiler; may be empty if there is a cubin.
  std::string ptx;
  /// Machine code for the recipe's chip (a cubin, or a fatbin with one); taken
  /// before the PTX if it is there.
  std::string cubin;
};

/// The recipe of a file's function of this name; of its only one if the name is
/// empty.
Result<const Recipe *> findFunction(const KernelFile &file,
                                    const std::string &name);

/// Refuses a file without recipes or code, or two functions of one name.
Status verifyKernelFile(const KernelFile &file);

/// The file's bytes.
std::string serializeKernelFile(const KernelFile &file);

/// Reads what serializeKernelFile makes. Refuses other versions, damaged bytes
/// and recipes that do not verify.
Result<KernelFile> parseKernelFile(std::string_view bytes);

/// Reads a kernel file from disk; messages name the path.
Result<KernelFile> readKernelFile(const std::string &path);

/// Writes a kernel file, whole or not at all.
Status writeKernelFile(const std::string &path, const KernelFile &file);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_RUNTIME_KERNELFILE_H
