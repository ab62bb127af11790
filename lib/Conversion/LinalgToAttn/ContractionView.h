//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// A linalg operation seen as a sum of products.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_CONTRACTIONVIEW_H
#define SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_CONTRACTIONVIEW_H

#include "IndexSpace.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::attn::raise {

/// A contraction of two float tensors, whatever operation spells it: the index
/// of each loop, and which operands it runs over.
class ContractionView {
public:
  /// Nothing if `op` is not a contraction of float tensors.
  static std::optional<ContractionView> get(Operation *op);

  linalg::LinalgOp getOp() const { return op; }
  Value getInput(unsigned side) const {
    return op.getDpsInputOperand(side)->get();
  }
  Value getInit() const { return op.getDpsInitOperand(0)->get(); }
  Value getResult() const { return op->getResult(0); }

  /// Gives each loop a new index of `space`, whose size is not read from input
  /// `unsized` if anything else has it.
  void addLoops(IndexSpace &space, unsigned unsized);
  /// Gives the loops of the result the indices of one of its elements, and the
  /// loops that are summed over new ones unless they have them.
  void setLoops(IndexSpace &space, ArrayRef<AxisList> resultIndices);

  /// The indices at which the loops see an input or the result.
  SmallVector<AxisList> getInputIndices(const IndexSpace &space,
                                        unsigned side) const;
  SmallVector<AxisList> getResultIndices(const IndexSpace &space) const;

  /// The axes of the loops that both inputs share, that only input `side` has,
  /// and that are summed over.
  AxisList getBatch(const IndexSpace &space) const;
  AxisList getFree(const IndexSpace &space, unsigned side) const;
  AxisList getSummed(const IndexSpace &space) const;

private:
  ContractionView(linalg::LinalgOp op, linalg::ContractionDimensions dims)
      : op(op), dims(std::move(dims)) {}
  AffineMap getMap(OpOperand *operand) const {
    return op.getMatchingIndexingMap(operand);
  }
  AxisList addLoop(IndexSpace &space, unsigned loop, unsigned unsized) const;
  AxisList collect(const IndexSpace &space, ArrayRef<unsigned> of) const;

  mutable linalg::LinalgOp op;
  linalg::ContractionDimensions dims;
  SmallVector<AxisList> loops;
};

} // namespace mlir::attn::raise

#endif // SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_CONTRACTIONVIEW_H
