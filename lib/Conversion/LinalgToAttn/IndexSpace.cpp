//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mixed-radix indices: splitting them on demand, and their sizes.
//
//===----------------------------------------------------------------------===//

#include "IndexSpace.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

using namespace mlir;
using namespace mlir::attn::raise;

Axis IndexSpace::add(Info info) {
  axes.push_back(std::move(info));
  return axes.size() - 1;
}

AxisList IndexSpace::addDim(int64_t size, ArrayRef<Source> sources) {
  if (size == 1)
    return {};
  return {add({size, SmallVector<Source, 2>(sources), 1, {}})};
}

AxisList IndexSpace::resolve(ArrayRef<Axis> list) const {
  AxisList resolved;
  for (Axis axis : list) {
    if (axes[axis].parts.empty())
      resolved.push_back(axis);
    else
      llvm::append_range(resolved, resolve(axes[axis].parts));
  }
  return resolved;
}

SmallVector<AxisList> IndexSpace::resolveAll(ArrayRef<AxisList> indices) const {
  return llvm::map_to_vector(
      indices, [&](const AxisList &list) { return resolve(list); });
}

int64_t IndexSpace::getSize(ArrayRef<Axis> list) const {
  int64_t product = 1;
  for (Axis axis : list) {
    if (ShapedType::isDynamic(getSize(axis)))
      return ShapedType::kDynamic;
    product *= getSize(axis);
  }
  return product;
}

//===----------------------------------------------------------------------===//
// Splitting
//===----------------------------------------------------------------------===//

FailureOr<AxisList> IndexSpace::splitInner(Axis axis, int64_t inner) {
  int64_t size = getSize(axis);
  bool dynamic = ShapedType::isDynamic(size);
  if (inner == 0 || (!dynamic && size % inner != 0))
    return failure();
  Axis outerAxis = add({dynamic ? size : size / inner,
                        axes[axis].sources,
                        axes[axis].divisor * inner,
                        {}});
  Axis innerAxis = add({inner, {}, 1, {}});
  axes[axis].parts = {outerAxis, innerAxis};
  ++numSplits;
  return axes[axis].parts;
}

FailureOr<AxisList> IndexSpace::splitOuter(Axis axis, int64_t outer) {
  int64_t size = getSize(axis);
  // What is left of a dynamic size is dynamic: nothing says what it is.
  if (outer == 0 || ShapedType::isDynamic(size) || size % outer != 0)
    return failure();
  return splitInner(axis, size / outer);
}

/// Takes axes of product `size` from the less significant end.
FailureOr<AxisList> IndexSpace::takeBack(AxisList &from, int64_t size) {
  AxisList taken;
  while (size != 1) {
    if (from.empty())
      return failure();
    Axis last = from.back();
    int64_t have = getSize(last);
    if (!ShapedType::isDynamic(have) && have != 0 && size % have == 0) {
      from.pop_back();
      taken.insert(taken.begin(), last);
      size /= have;
      continue;
    }
    FailureOr<AxisList> parts = splitInner(last, size);
    if (failed(parts))
      return failure();
    from.back() = (*parts)[0];
    taken.insert(taken.begin(), (*parts)[1]);
    break;
  }
  return taken;
}

/// Takes axes of product `size` from the more significant end.
FailureOr<AxisList> IndexSpace::takeFront(AxisList &from, int64_t size) {
  AxisList taken;
  while (size != 1) {
    if (from.empty())
      return failure();
    Axis first = from.front();
    int64_t have = getSize(first);
    if (!ShapedType::isDynamic(have) && have != 0 && size % have == 0) {
      from.erase(from.begin());
      taken.push_back(first);
      size /= have;
      continue;
    }
    FailureOr<AxisList> parts = splitOuter(first, size);
    if (failed(parts))
      return failure();
    taken.push_back((*parts)[0]);
    from.front() = (*parts)[1];
    break;
  }
  return taken;
}

FailureOr<SmallVector<AxisList>> IndexSpace::split(ArrayRef<Axis> list,
                                                   ArrayRef<int64_t> sizes) {
  AxisList rest = resolve(list);
  SmallVector<AxisList> result(sizes.size());
  size_t begin = 0, end = sizes.size();
  for (; end > 1 && !ShapedType::isDynamic(sizes[end - 1]); --end) {
    FailureOr<AxisList> taken = takeBack(rest, sizes[end - 1]);
    if (failed(taken))
      return failure();
    result[end - 1] = *taken;
  }
  for (; begin + 1 < end && !ShapedType::isDynamic(sizes[begin]); ++begin) {
    FailureOr<AxisList> taken = takeFront(rest, sizes[begin]);
    if (failed(taken))
      return failure();
    result[begin] = *taken;
  }
  // Two dynamic sizes: nothing says where one ends and the other begins.
  if (begin + 1 != end)
    return failure();
  int64_t left = getSize(rest);
  if (!ShapedType::isDynamic(left) && !ShapedType::isDynamic(sizes[begin]) &&
      left != sizes[begin])
    return failure();
  result[begin] = rest;
  return result;
}

//===----------------------------------------------------------------------===//
// Sizes as values
//===----------------------------------------------------------------------===//

OpFoldResult attn::raise::buildDim(OpBuilder &builder, Location loc,
                                   Value tensor, int64_t dim) {
  while (Operation *op = tensor.getDefiningOp()) {
    if (auto destination = dyn_cast<DestinationStyleOpInterface>(op)) {
      tensor = destination.getTiedOpOperand(cast<OpResult>(tensor))->get();
      continue;
    }
    auto empty = dyn_cast<tensor::EmptyOp>(op);
    if (!empty)
      break;
    OpFoldResult size = empty.getMixedSizes()[dim];
    auto value = dyn_cast<Value>(size);
    auto source = value ? value.getDefiningOp<tensor::DimOp>() : nullptr;
    std::optional<int64_t> index =
        source ? source.getConstantIndex() : std::nullopt;
    if (!index)
      return size;
    tensor = source.getSource();
    dim = *index;
  }
  return tensor::DimOp::create(builder, loc, tensor, dim).getResult();
}

OpFoldResult IndexSpace::buildSize(OpBuilder &builder, Location loc,
                                   Axis axis) const {
  int64_t size = getSize(axis);
  if (!ShapedType::isDynamic(size))
    return builder.getIndexAttr(size);
  const Info &info = axes[axis];
  OpFoldResult whole = buildDim(builder, loc, info.sources.front().tensor,
                                info.sources.front().dim);
  if (info.divisor == 1)
    return whole;
  if (std::optional<int64_t> constant = getConstantIntValue(whole))
    return builder.getIndexAttr(*constant / info.divisor);
  Value divisor = arith::ConstantIndexOp::create(builder, loc, info.divisor);
  return arith::DivUIOp::create(builder, loc, cast<Value>(whole), divisor)
      .getResult();
}

OpFoldResult IndexSpace::buildSize(OpBuilder &builder, Location loc,
                                   ArrayRef<Axis> list) const {
  OpFoldResult product = builder.getIndexAttr(1);
  for (Axis axis : list) {
    OpFoldResult size = buildSize(builder, loc, axis);
    if (isConstantIntValue(product, 1)) {
      product = size;
      continue;
    }
    if (isConstantIntValue(size, 1))
      continue;
    std::optional<int64_t> lhs = getConstantIntValue(product);
    std::optional<int64_t> rhs = getConstantIntValue(size);
    if (lhs && rhs) {
      product = builder.getIndexAttr(*lhs * *rhs);
      continue;
    }
    product = arith::MulIOp::create(
                  builder, loc,
                  getValueOrCreateConstantIndexOp(builder, loc, product),
                  getValueOrCreateConstantIndexOp(builder, loc, size))
                  .getResult();
  }
  return product;
}
