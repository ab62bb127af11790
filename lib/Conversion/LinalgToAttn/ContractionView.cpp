//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Contractions, by their loops.
//
//===----------------------------------------------------------------------===//

#include "ContractionView.h"

using namespace mlir;
using namespace mlir::attn::raise;

std::optional<ContractionView> ContractionView::get(Operation *operation) {
  auto op = dyn_cast<linalg::LinalgOp>(operation);
  if (!op || !op.hasPureTensorSemantics() || op.getNumDpsInputs() != 2 ||
      op.getNumDpsInits() != 1 || !linalg::isaContractionOpInterface(op))
    return std::nullopt;
  for (Value operand : op->getOperands())
    if (!isa<FloatType>(getElementTypeOrSelf(operand.getType())))
      return std::nullopt;
  FailureOr<linalg::ContractionDimensions> dims =
      linalg::inferContractionDims(op);
  if (failed(dims) ||
      dims->batch.size() + dims->m.size() + dims->n.size() + dims->k.size() !=
          op.getNumLoops())
    return std::nullopt;
  return ContractionView(op, *dims);
}

/// Adds the index of one loop, with the dims of operands that it runs over.
AxisList ContractionView::addLoop(IndexSpace &space, unsigned loop,
                                  unsigned unsized) const {
  AffineExpr dim = getAffineDimExpr(loop, op->getContext());
  OpOperand *order[] = {op.getDpsInitOperand(0),
                        op.getDpsInputOperand(1 - unsized),
                        op.getDpsInputOperand(unsized)};
  SmallVector<IndexSpace::Source, 2> sources;
  for (OpOperand *operand : order)
    if (std::optional<unsigned> position =
            getMap(operand).getResultPosition(dim))
      sources.push_back({operand->get(), *position});
  return space.addDim(op.getStaticLoopRanges()[loop], sources);
}

void ContractionView::addLoops(IndexSpace &space, unsigned unsized) {
  loops.clear();
  for (unsigned loop = 0, e = op.getNumLoops(); loop < e; ++loop)
    loops.push_back(addLoop(space, loop, unsized));
}

void ContractionView::setLoops(IndexSpace &space,
                               ArrayRef<AxisList> resultIndices) {
  loops.resize(op.getNumLoops());
  AffineMap map = getMap(op.getDpsInitOperand(0));
  for (auto [expr, list] : llvm::zip_equal(map.getResults(), resultIndices))
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      loops[dim.getPosition()] = list;
  for (unsigned loop : dims.k)
    if (loops[loop].empty())
      loops[loop] = addLoop(space, loop, /*unsized=*/0);
}

/// The indices of a map's results, constants being 0.
static SmallVector<AxisList> getIndices(const IndexSpace &space, AffineMap map,
                                        ArrayRef<AxisList> loops) {
  return llvm::map_to_vector(map.getResults(), [&](AffineExpr expr) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    return dim ? space.resolve(loops[dim.getPosition()]) : AxisList();
  });
}

SmallVector<AxisList> ContractionView::getInputIndices(const IndexSpace &space,
                                                       unsigned side) const {
  return getIndices(space, getMap(op.getDpsInputOperand(side)), loops);
}

SmallVector<AxisList>
ContractionView::getResultIndices(const IndexSpace &space) const {
  return getIndices(space, getMap(op.getDpsInitOperand(0)), loops);
}

AxisList ContractionView::collect(const IndexSpace &space,
                                  ArrayRef<unsigned> of) const {
  AxisList axes;
  for (unsigned loop : of)
    llvm::append_range(axes, space.resolve(loops[loop]));
  return axes;
}

AxisList ContractionView::getBatch(const IndexSpace &space) const {
  return collect(space, dims.batch);
}
AxisList ContractionView::getFree(const IndexSpace &space,
                                  unsigned side) const {
  return collect(space, side == 0 ? dims.m : dims.n);
}
AxisList ContractionView::getSummed(const IndexSpace &space) const {
  return collect(space, dims.k);
}
