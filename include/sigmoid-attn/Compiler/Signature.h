//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a compiled function takes and returns, and the check of a call's
// arguments against it.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_COMPILER_SIGNATURE_H
#define SIGMOID_ATTN_COMPILER_SIGNATURE_H

#include "sigmoid-attn/Support/Array.h"

namespace sigmoid_attn {

/// A size or stride that only a call knows.
constexpr int64_t kDynamic = -1;

/// The type of an argument or result.
struct ValueType {
  enum class Kind : int32_t {
    /// Passed by value; an ArrayView of rank 0.
    Scalar = 0,
    /// Read only. Its last stride must be 1.
    Tensor = 1,
    /// Its memory may be read and written.
    Memref = 2,
  };

  Kind kind = Kind::Tensor;
  ElementType elementType = ElementType::F32;

  /// kDynamic where any size is accepted.
  std::vector<int64_t> shape;

  /// Memrefs only: the strides that the layout fixes, or kDynamic.
  std::vector<int64_t> strides;

  /// Memrefs only: the elements from the base pointer to the first one that
  /// the layout fixes. The callee gets a base pointer that much lower.
  int64_t offset = 0;

  /// Memrefs only: whether the function may write to it.
  bool written = false;
};

/// A relation between sizes that the types cannot say. It must hold, or the
/// code would read past an array's end.
struct SizeCondition {
  enum class Kind : int32_t { Equal = 0, MultipleOf = 1, DivisorOf = 2 };

  Kind kind = Kind::Equal;
  int64_t argument = 0;
  int64_t dim = 0;

  /// The argument that it is compared with; kDynamic compares with `value`.
  int64_t otherArgument = kDynamic;
  int64_t otherDim = 0;
  int64_t value = 0;
};

/// An index with which the function reads a table. Its bounds are expressions
/// of docs/KernelFile.md over `argument_N.size.D`, and `argument_N` for
/// integers; an empty one is not known, or holds for every call.
struct IndexCondition {
  /// The table, or kDynamic for one that is no argument and has `size`.
  int64_t argument = kDynamic;
  int64_t dim = 0;
  int64_t size = 0;

  std::string least;
  /// One more than the largest.
  std::string end;
};

/// The type of a function, as its callers see it.
struct FunctionSignature {
  std::string name;
  std::vector<ValueType> arguments;
  std::vector<ValueType> results;
  std::vector<SizeCondition> conditions;
  std::vector<IndexCondition> indices;
};

/// The type in MLIR's notation: `tensor<1x?x64xf32>`.
std::string formatType(const ValueType &type);

/// Refuses a call whose arguments the function cannot take: their number, then
/// of each argument the element type, rank, sizes, strides and pointer, then
/// sizes that must agree between arguments, then tables that are too small,
/// then memory that is written and passed twice.
Status checkArguments(const FunctionSignature &signature,
                      const std::vector<ArrayView> &arguments);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_COMPILER_SIGNATURE_H
