//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// What callers pass to a kernel: tensors in device memory and scalars.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_RUNTIME_ARGUMENT_H
#define SIGMOID_ATTN_RUNTIME_ARGUMENT_H

#include "sigmoid-attn/Support/Array.h"

#include <cstdint>

namespace sigmoid_attn {

/// One argument. The layout is part of the C API (SigmoidAttnArgument).
struct Argument {
  enum class Kind : int32_t { Tensor = 0, Real = 1, Integer = 2 };

  Kind kind = Kind::Tensor;
  /// Tensors only, as everything down to `strides`.
  ElementType elementType = ElementType::F32;
  int32_t rank = 0;
  int32_t reserved = 0;
  /// The device address of the first element.
  void *data = nullptr;
  /// `rank` sizes, and as many strides in elements; read during the call only.
  /// Null is allowed at rank 0.
  const int64_t *sizes = nullptr;
  const int64_t *strides = nullptr;
  /// Real only: the value of a scalar of floating type.
  double real = 0;
  /// Integer only.
  int64_t integer = 0;

  static Argument tensor(void *data, ElementType elementType, int32_t rank,
                         const int64_t *sizes, const int64_t *strides) {
    Argument argument;
    argument.elementType = elementType;
    argument.rank = rank;
    argument.data = data;
    argument.sizes = sizes;
    argument.strides = strides;
    return argument;
  }
  static Argument scalar(double value) {
    Argument argument;
    argument.kind = Kind::Real;
    argument.real = value;
    return argument;
  }
  static Argument scalar(int64_t value) {
    Argument argument;
    argument.kind = Kind::Integer;
    argument.integer = value;
    return argument;
  }
};

/// `1x16x4096x64xbf16` for a tensor, the value for a scalar.
std::string formatArgument(const Argument &argument);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_RUNTIME_ARGUMENT_H
