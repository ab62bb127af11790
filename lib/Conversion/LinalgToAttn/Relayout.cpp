//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Changes of layout between tensors over the same axes.
//
//===----------------------------------------------------------------------===//

#include "AttentionBuilder.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn::raise;

namespace {
/// Builds the steps of one change of layout.
struct Relayout {
  OpBuilder &builder;
  Location loc;
  const IndexSpace &space;
  Type elementType;

  RankedTensorType getType(ArrayRef<AxisList> indices) const {
    auto shape = llvm::map_to_vector(
        indices, [&](const AxisList &list) { return space.getSize(list); });
    return RankedTensorType::get(shape, elementType);
  }
  SmallVector<OpFoldResult> buildSizes(ArrayRef<AxisList> indices) const {
    return llvm::map_to_vector(indices, [&](const AxisList &list) {
      return space.buildSize(builder, loc, list);
    });
  }
  Value buildEmpty(ArrayRef<AxisList> indices) const {
    return tensor::EmptyOp::create(builder, loc, buildSizes(indices),
                                   elementType);
  }

  Value reshape(Value tensor, ArrayRef<AxisList> from,
                ArrayRef<AxisList> to) const;
  Value transpose(Value tensor, SmallVector<AxisList> &from,
                  ArrayRef<AxisList> to) const;
  Value broadcast(Value tensor, ArrayRef<AxisList> from,
                  ArrayRef<AxisList> to) const;
};
} // namespace

/// The axes of `indices`, each as a dim of its own.
static SmallVector<AxisList> flatten(ArrayRef<AxisList> indices) {
  SmallVector<AxisList> axes;
  for (const AxisList &list : indices)
    for (Axis axis : list)
      axes.push_back({axis});
  return axes;
}

/// For each dim of `coarse`, those of `fine` that it consists of; a dim without
/// axes goes to its neighbour. All to none if either has no dims.
static SmallVector<ReassociationIndices>
getReassociation(ArrayRef<AxisList> fine, ArrayRef<AxisList> coarse) {
  SmallVector<ReassociationIndices> groups(coarse.size());
  if (coarse.empty())
    return groups;
  size_t next = 0;
  for (auto [list, group] : llvm::zip_equal(coarse, groups)) {
    size_t left = list.size();
    while (next < fine.size() && left >= fine[next].size() &&
           (left > 0 || fine[next].empty())) {
      // Unit dims at a border stay with the dims before them.
      left -= fine[next].size();
      group.push_back(next++);
    }
  }
  return groups;
}

/// Reshapes without changing the order of axes: to one dim an axis, then to
/// the dims of `to`.
Value Relayout::reshape(Value tensor, ArrayRef<AxisList> from,
                        ArrayRef<AxisList> to) const {
  SmallVector<AxisList> axes = flatten(from);
  if (from == to)
    return tensor;
  // Split dims of several axes, keeping unit dims.
  SmallVector<AxisList> split;
  SmallVector<ReassociationIndices> groups;
  for (const AxisList &list : from) {
    ReassociationIndices &group = groups.emplace_back();
    for (Axis axis : list) {
      group.push_back(split.size());
      split.push_back({axis});
    }
    if (list.empty()) {
      group.push_back(split.size());
      split.push_back({});
    }
  }
  if (ArrayRef(split) != from)
    tensor = tensor::ExpandShapeOp::create(builder, loc, getType(split), tensor,
                                           groups, buildSizes(split));
  if (ArrayRef(split) == to)
    return tensor;
  // Drop unit dims.
  if (split.size() != axes.size())
    tensor = tensor::CollapseShapeOp::create(
        builder, loc, getType(axes), tensor, getReassociation(split, axes));
  // Join axes.
  SmallVector<AxisList> joined;
  for (const AxisList &list : to)
    if (!list.empty())
      joined.push_back(list);
  if (joined != axes)
    tensor = tensor::CollapseShapeOp::create(
        builder, loc, getType(joined), tensor, getReassociation(axes, joined));
  // Add unit dims.
  if (ArrayRef(joined) != to)
    tensor = tensor::ExpandShapeOp::create(builder, loc, getType(to), tensor,
                                           getReassociation(to, joined),
                                           buildSizes(to));
  return tensor;
}

/// Transposes a tensor of one dim an axis to the order of `to`.
Value Relayout::transpose(Value tensor, SmallVector<AxisList> &from,
                          ArrayRef<AxisList> to) const {
  SmallVector<int64_t> permutation;
  SmallVector<AxisList> permuted;
  for (const AxisList &list : to) {
    auto *position = llvm::find(from, list);
    if (position == from.end())
      continue;
    permutation.push_back(position - from.begin());
    permuted.push_back(list);
  }
  if (llvm::is_sorted(permutation))
    return tensor;
  from = permuted;
  return linalg::TransposeOp::create(builder, loc, tensor, buildEmpty(from),
                                     permutation)
      ->getResult(0);
}

/// Broadcasts a tensor of one dim an axis over the axes of `to` it lacks.
Value Relayout::broadcast(Value tensor, ArrayRef<AxisList> from,
                          ArrayRef<AxisList> to) const {
  SmallVector<int64_t> added;
  for (auto [position, list] : llvm::enumerate(to))
    if (!llvm::is_contained(from, list))
      added.push_back(position);
  if (added.empty())
    return tensor;
  return linalg::BroadcastOp::create(builder, loc, tensor, buildEmpty(to),
                                     added)
      ->getResult(0);
}

/// Gives a tensor the static sizes that its indices know, or takes them away.
static Value buildCast(OpBuilder &builder, Location loc, Value tensor,
                       RankedTensorType type) {
  if (tensor.getType() == type)
    return tensor;
  return tensor::CastOp::create(builder, loc, type, tensor);
}

Value attn::raise::buildRelayout(OpBuilder &builder, Location loc,
                                 const IndexSpace &space, Value tensor,
                                 ArrayRef<AxisList> from,
                                 ArrayRef<AxisList> to) {
  Relayout layout{builder, loc, space, getElementTypeOrSelf(tensor.getType())};
  tensor = buildCast(builder, loc, tensor, layout.getType(from));
  SmallVector<AxisList> source = flatten(from), target = flatten(to);
  if (source == target)
    return layout.reshape(tensor, from, to);
  tensor = layout.reshape(tensor, from, source);
  tensor = layout.transpose(tensor, source, target);
  tensor = layout.broadcast(tensor, source, target);
  return layout.reshape(tensor, target, to);
}

Value attn::raise::buildElementCast(OpBuilder &builder, Location loc,
                                    Value tensor, Type elementType) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getElementType() == elementType)
    return tensor;
  Value empty = tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, tensor), elementType);
  AffineMap map = builder.getMultiDimIdentityMap(type.getRank());
  SmallVector<utils::IteratorType> loops(type.getRank(),
                                         utils::IteratorType::parallel);
  bool widens =
      type.getElementTypeBitWidth() < elementType.getIntOrFloatBitWidth();
  auto body = [&](OpBuilder &nested, Location loc, ValueRange arguments) {
    Value cast =
        widens ? arith::ExtFOp::create(nested, loc, elementType, arguments[0])
                     .getResult()
               : arith::TruncFOp::create(nested, loc, elementType, arguments[0])
                     .getResult();
    linalg::YieldOp::create(nested, loc, cast);
  };
  return linalg::GenericOp::create(builder, loc, empty.getType(), tensor, empty,
                                   ArrayRef<AffineMap>{map, map}, loops, body)
      .getResult(0);
}
