//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Compiled kernels, loaded and launched.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_RUNTIME_KERNEL_H
#define SIGMOID_ATTN_RUNTIME_KERNEL_H

#include "sigmoid-attn/Runtime/Argument.h"
#include "sigmoid-attn/Runtime/KernelFile.h"

#include <memory>

namespace sigmoid_attn {

/// A CUstream or cudaStream_t; null is the default stream.
using StreamHandle = void *;

/// A compiled function ready to be launched on any device that its code is for.
/// All members may be called from several threads at once. It must outlive the
/// graphs that captured its launches.
class Kernel {
public:
  /// Takes a function of a kernel file's content: the one of this name, or the
  /// only one. Needs no GPU: code is loaded by the first launch in a context, or
  /// by prepare().
  static Result<std::shared_ptr<Kernel>>
  create(KernelFile file, const std::string &function = "");

  /// Reads a kernel file and takes a function of it.
  static Result<std::shared_ptr<Kernel>> load(const std::string &path,
                                              const std::string &function = "");

  ~Kernel();

  const Recipe &recipe() const;

  /// Loads the code into the primary context of `device`, so that no launch has
  /// to.
  Status prepare(int device);

  /// Checks the arguments without looking at the device: number, kinds, types,
  /// shapes, strides, alignment, the recipe's checks.
  Status check(const Argument *arguments, size_t count) const;

  /// Checks the arguments and launches on `stream`, which may be capturing a
  /// graph. Returns when the work is queued; nothing is allocated or waited for
  /// once the code is loaded. If it fails, nothing was launched.
  Status launch(const Argument *arguments, size_t count, StreamHandle stream);

  /// The name of the variant that launch() would take for the arguments on a
  /// device of `smCount` multiprocessors.
  Result<std::string> selectVariant(const Argument *arguments, size_t count,
                                    int smCount) const;

private:
  class Impl;
  explicit Kernel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_RUNTIME_KERNEL_H
