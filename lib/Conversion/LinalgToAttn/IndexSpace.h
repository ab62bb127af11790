//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Indices of tensors, as digits that no reshape splits any further.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_INDEXSPACE_H
#define SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_INDEXSPACE_H

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

namespace mlir::attn::raise {

/// An index variable: the id of one in an IndexSpace.
using Axis = unsigned;

/// An index written in mixed radix: axes from the most to the least
/// significant. The empty list is the index 0, that of a dim of size 1.
using AxisList = SmallVector<Axis, 2>;

/// The index variables of one attempt to match attention, and their sizes.
///
/// Exporters collapse batch and heads into one dim and expand them again. So
/// the variables are found on the way: an axis that turns out to be made of
/// two is split, and `resolve` replaces it by its parts wherever it stood.
class IndexSpace {
public:
  /// Where a size can be read: a dim of a tensor.
  struct Source {
    Value tensor;
    int64_t dim;
  };

  /// Adds an index of range `size`. Each of `sources` has that size; a dynamic
  /// one is read from the first of them.
  AxisList addDim(int64_t size, ArrayRef<Source> sources);

  /// Replaces every axis that was split by its parts.
  AxisList resolve(ArrayRef<Axis> axes) const;
  SmallVector<AxisList> resolveAll(ArrayRef<AxisList> indices) const;

  /// Cuts an index into those of the dims that were collapsed into its dim.
  /// Fails where the sizes do not tell how.
  FailureOr<SmallVector<AxisList>> split(ArrayRef<Axis> axes,
                                         ArrayRef<int64_t> sizes);

  /// The size of an axis, or of the dim that `axes` index; may be dynamic.
  int64_t getSize(Axis axis) const { return axes[axis].size; }
  int64_t getSize(ArrayRef<Axis> list) const;

  /// The sizes as values before the builder's position.
  OpFoldResult buildSize(OpBuilder &builder, Location loc, Axis axis) const;
  OpFoldResult buildSize(OpBuilder &builder, Location loc,
                         ArrayRef<Axis> list) const;

  /// The dims that are as long as `axis`: none for a part of a dim.
  ArrayRef<Source> getSources(Axis axis) const {
    return axes[axis].divisor == 1 ? axes[axis].sources : ArrayRef<Source>();
  }

  /// Grows with each split: what was read before then is to be read again.
  unsigned getNumSplits() const { return numSplits; }

private:
  struct Info {
    int64_t size;
    SmallVector<Source, 2> sources;
    /// The size is that of the sources divided by this.
    int64_t divisor;
    AxisList parts;
  };

  /// Splits `axis` so that its less significant part has size `inner`, or its
  /// more significant part size `outer`.
  FailureOr<AxisList> splitInner(Axis axis, int64_t inner);
  FailureOr<AxisList> splitOuter(Axis axis, int64_t outer);
  FailureOr<AxisList> takeBack(AxisList &from, int64_t size);
  FailureOr<AxisList> takeFront(AxisList &from, int64_t size);
  Axis add(Info info);

  SmallVector<Info> axes;
  unsigned numSplits = 0;
};

/// The size of a dim, read as far up as it comes from: what lies between may be
/// about to go away.
OpFoldResult buildDim(OpBuilder &builder, Location loc, Value tensor,
                      int64_t dim);

} // namespace mlir::attn::raise

#endif // SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_INDEXSPACE_H
