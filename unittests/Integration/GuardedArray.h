//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Arrays in memory that shows every byte written or read beside them.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_UNITTESTS_INTEGRATION_GUARDEDARRAY_H
#define SIGMOID_ATTN_UNITTESTS_INTEGRATION_GUARDEDARRAY_H

#include "Problem.h"

namespace sigmoid_attn::test {

/// Which of a problem's arrays this is; SharedKeys treats keys its own way.
enum class Role { Query, Key, Result };

/// A 4-D array in one of the layouts, between guard bands. Everything that is
/// not an element, and every element before it is set, is NaN of one bit
/// pattern: code that reads there computes NaN, and writing there is found.
class GuardedArray {
public:
  GuardedArray(ElementType type, std::vector<int64_t> shape, Layout layout,
               Role role);

  /// Stores dense row-major values, which must be numbers of the type.
  void set(const std::vector<double> &values);

  /// The elements, dense and row-major.
  std::vector<double> get() const;

  ArrayView view();

  /// Whether all but the elements is as it was made.
  bool isGuardIntact() const;

  /// Whether all elements and the rest are as they were in `other`.
  bool isIdentical(const GuardedArray &other) const {
    return bytes == other.bytes;
  }

private:
  /// Calls back with the element's number and place, row-major.
  template <typename Callback> void forEachElement(Callback callback) const;

  ElementType type;
  std::vector<int64_t> shape, strides;
  int64_t firstElement = 0;
  std::vector<unsigned char> bytes;
};

/// Reads or writes one number in memory of the type.
double loadNumber(const void *source, ElementType type);
void storeNumber(double value, void *target, ElementType type);

} // namespace sigmoid_attn::test

#endif // SIGMOID_ATTN_UNITTESTS_INTEGRATION_GUARDEDARRAY_H
