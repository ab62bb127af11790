//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Indices that are linear in axes and values, and comparisons of them.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_LINEARINDEX_H
#define SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_LINEARINDEX_H

#include "ScalarExpr.h"

#include "llvm/ADT/MapVector.h"

namespace mlir::attn::raise {

/// constant + sum of factor * axis + sum of factor * value.
struct LinearIndex {
  int64_t constant = 0;
  llvm::SmallMapVector<Axis, int64_t, 4> axes;
  llvm::SmallMapVector<Value, int64_t, 2> values;

  void add(const LinearIndex &other, int64_t factor);
  bool isConstant() const;
};

/// Adds factor * a mixed-radix index. False where a stride is dynamic or huge.
bool addIndex(LinearIndex &linear, ArrayRef<Axis> axes, const IndexSpace &space,
              int64_t factor);

/// A comparison of indices: that `difference` is at least 0, or equal to it.
struct IndexTest {
  LinearIndex difference;
  bool equal = false;
};

/// The test that `comparison` makes, or its opposite unless it `holds`. Index
/// arithmetic in floats counts as well. Nothing if it compares anything else.
std::optional<IndexTest> matchIndexTest(const Expr *comparison, bool holds,
                                        const IndexSpace &space);

} // namespace mlir::attn::raise

#endif // SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_LINEARINDEX_H
