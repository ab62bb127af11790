//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One call through MLIR's C interface: descriptors for the arguments, room for
// the results. Private to the compiler library.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_COMPILER_MEMREFCALL_H
#define SIGMOID_ATTN_LIB_COMPILER_MEMREFCALL_H

#include "sigmoid-attn/Compiler/Signature.h"

namespace sigmoid_attn {

/// The memory that a call's arguments and results are passed in.
class MemrefCall {
public:
  /// The arguments must be valid for the signature, and their data must stay
  /// where it is until the call is over.
  MemrefCall(const FunctionSignature &signature,
             const std::vector<ArrayView> &arguments);

  /// The list that the entry function takes.
  void **getSlots() { return slots.data(); }

  /// After the call: its results, which took over the memory that the function
  /// allocated.
  Result<std::vector<Array>> takeResults();

private:
  /// A memref descriptor: allocated and aligned pointer, offset, sizes and
  /// strides, each 8 bytes.
  using Descriptor = std::vector<int64_t>;

  void layOutResults();
  Result<Array> takeMemref(const ValueType &type, const char *memory);

  const FunctionSignature &signature;
  const std::vector<ArrayView> &arguments;
  std::vector<Descriptor> descriptors;

  /// The results as the C interface returns them: a structure of all of them,
  /// here with the offset of each.
  std::vector<int64_t> resultMemory;
  std::vector<size_t> resultOffsets;

  /// The memory that came back as results.
  std::vector<void *> taken;

  std::vector<void *> slots;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_COMPILER_MEMREFCALL_H
