//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products, work on fragments and stores: verification.
//
//===----------------------------------------------------------------------===//

#include "ColumnRange.h"

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::sm90;

#define GET_OP_CLASSES
#include "sigmoid-attn/Dialect/SM90/IR/SM90Ops.cpp.inc"

//===----------------------------------------------------------------------===//
// WgmmaOp and AwaitOp
//===----------------------------------------------------------------------===//

int64_t WgmmaOp::getContraction() {
  TileType b = getB().getType();
  return getTransposeB() ? b.getCols() : b.getRows();
}

/// Rows, columns and element type of a tile or fragment.
static std::tuple<int64_t, int64_t, Type> getMatrix(Type type) {
  if (auto tile = dyn_cast<TileType>(type))
    return {tile.getRows(), tile.getCols(), tile.getElementType()};
  auto fragment = cast<FragmentType>(type);
  return {fragment.getRows(), fragment.getCols(), fragment.getElementType()};
}

LogicalResult WgmmaOp::verify() {
  if (isRegisterA() && getTransposeA())
    return emitOpError("expected transpose_a only on a tile");
  auto [m, k, elementType] = getMatrix(getA().getType());
  if (getTransposeA())
    std::swap(m, k);
  auto [bk, n, bElementType] = getMatrix(getB().getType());
  if (getTransposeB())
    std::swap(bk, n);
  if (elementType != bElementType)
    return emitOpError("expected a and b of the same type, got ")
           << elementType << " and " << bElementType;
  if (m != FragmentType::kRows)
    return emitOpError("expected 64 rows of a, got ") << m;
  if (k != bk)
    return emitOpError("expected contractions of the same length, got ")
           << k << " in a and " << bk << " in b";
  if (k % kStepK != 0)
    return emitOpError("expected a contraction that is a multiple of 16, got ")
           << k;
  if (n > 256)
    return emitOpError("expected at most 256 columns of b, got ") << n;
  PendingType result = getResult().getType();
  if (result.getCols() != n)
    return emitOpError("expected a result of ")
           << n << " columns, got " << result.getCols();
  if (!getInit())
    return success();
  FragmentType init = isa<PendingType>(getInit().getType())
                          ? cast<PendingType>(getInit().getType()).getFragment()
                          : cast<FragmentType>(getInit().getType());
  if (init != result.getFragment())
    return emitOpError("expected to accumulate on ")
           << result.getFragment() << ", got " << init;
  return success();
}

LogicalResult AwaitOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, ValueRange operands,
    DictionaryAttr attributes, OpaqueProperties properties, RegionRange regions,
    SmallVectorImpl<Type> &results) {
  Adaptor adaptor(operands, attributes, properties, regions);
  for (Value pending : adaptor.getPending())
    results.push_back(cast<PendingType>(pending.getType()).getFragment());
  return success();
}

LogicalResult AwaitOp::verify() {
  if (getPending().empty())
    return emitOpError("expected at least 1 pending fragment");
  if (getInFlight() > 7)
    return emitOpError("expected at most 7 groups in flight, got ")
           << getInFlight();
  return success();
}

//===----------------------------------------------------------------------===//
// MapOp and FoldOp
//===----------------------------------------------------------------------===//

bool MapOp::isPaired() {
  return isa<VectorType>(getBody().getArgument(0).getType());
}

bool MapOp::hasIndices() {
  return getBody().getNumArguments() > getInputs().size();
}

BlockArgument MapOp::getColumn() {
  return getBody().getArgument(getInputs().size() + 1);
}

BlockArgument MapOp::getColumnOffset() {
  unsigned number = getInputs().size() + 2;
  return number < getBody().getNumArguments() ? getBody().getArgument(number)
                                              : BlockArgument();
}

/// Whether the type stands for an element of the fragment, or a pair of them.
static LogicalResult verifyElement(Operation *op, Type type,
                                   FragmentType fragment, bool paired,
                                   StringRef what) {
  Type element = fragment.getElementType();
  Type expected = paired ? Type(VectorType::get({2}, element)) : element;
  if (type != expected)
    return op->emitOpError("expected ")
           << what << " to be " << expected << ", got " << type;
  return success();
}

/// Checks the region of a map or fold: elements of `fragments` from argument
/// `first` on, then perhaps a row and a column, and the column's offset.
static LogicalResult verifyElementRegion(Operation *op, Region &body,
                                         unsigned first, TypeRange fragments,
                                         bool paired) {
  unsigned numArguments = first + fragments.size();
  unsigned numIndices = body.getNumArguments() - numArguments;
  if (numIndices != 0 && numIndices != 2 && numIndices != 3)
    return op->emitOpError("expected a region of ")
           << numArguments
           << " arguments, or 2 or 3 more for row, column and offset, got "
           << body.getNumArguments();
  for (auto [index, type] : llvm::enumerate(fragments)) {
    auto fragment = cast<FragmentType>(type);
    if (!paired && !fragment.getElementType().isF32())
      return op->emitOpError("expected elements of ")
             << fragment << " in pairs";
    if (failed(verifyElement(op, body.getArgument(first + index).getType(),
                             fragment, paired, "the region's argument")))
      return failure();
  }
  for (BlockArgument index : body.getArguments().drop_front(numArguments))
    if (!index.getType().isInteger(32))
      return op->emitOpError("expected row, column and offset to be i32, got ")
             << index.getType();
  return success();
}

LogicalResult MapOp::verifyRegions() {
  if (getInputs().empty() || getResults().empty())
    return emitOpError("expected at least 1 input and 1 result");
  Operation *yield = getBody().front().getTerminator();
  if (!isa<YieldOp>(yield))
    return emitOpError("expected its region to end in sm90.yield");
  if (getBody().getNumArguments() == 0)
    return emitOpError("expected an argument for each input, got none");
  int64_t cols = cast<FragmentType>(getInputs()[0].getType()).getCols();
  SmallVector<Type> fragments(getInputs().getTypes());
  llvm::append_range(fragments, getResultTypes());
  for (Type type : fragments)
    if (cast<FragmentType>(type).getCols() != cols)
      return emitOpError("expected fragments of ")
             << cols << " columns, got " << type;
  if (failed(verifyElementRegion(*this, getBody(), 0, getInputs().getTypes(),
                                 isPaired())))
    return failure();
  if (yield->getNumOperands() != getNumResults())
    return emitOpError("expected its region to yield ")
           << getNumResults() << " values, got " << yield->getNumOperands();
  for (auto [value, result] :
       llvm::zip_equal(yield->getOperandTypes(), getResultTypes())) {
    auto fragment = cast<FragmentType>(result);
    if (!isPaired() && !fragment.getElementType().isF32())
      return emitOpError("expected elements of ") << fragment << " in pairs";
    if (failed(verifyElement(*this, value, fragment, isPaired(),
                             "the yielded value")))
      return failure();
  }
  return success();
}

LogicalResult FoldOp::verifyRegions() {
  Operation *yield = getBody().front().getTerminator();
  if (!isa<YieldOp>(yield) || yield->getNumOperands() != 1 ||
      yield->getOperand(0).getType() != getInit().getType())
    return emitOpError("expected its region to yield one ")
           << getInit().getType();
  if (getBody().getNumArguments() < 2 ||
      getBody().getArgument(0).getType() != getInit().getType())
    return emitOpError("expected a region of ")
           << getInit().getType() << " and the element";
  bool paired = isa<VectorType>(getBody().getArgument(1).getType());
  return verifyElementRegion(*this, getBody(), 1, getInput().getType(), paired);
}

//===----------------------------------------------------------------------===//
// Whole fragments
//===----------------------------------------------------------------------===//

LogicalResult SplatOp::verify() {
  if (!getResult().getType().getElementType().isF32())
    return emitOpError("expected an f32 fragment, got ")
           << getResult().getType();
  return success();
}

LogicalResult ConvertOp::verify() {
  FragmentType source = getSource().getType(), result = getResult().getType();
  if (!source.getElementType().isF32() || result.getElementType().isF32())
    return emitOpError("expected to round f32 to bf16 or f16, got ")
           << source.getElementType() << " and " << result.getElementType();
  if (source.getCols() != result.getCols())
    return emitOpError("expected ")
           << source.getCols() << " columns, got " << result.getCols();
  return success();
}

LogicalResult ExtractOp::verify() {
  FragmentType source = getSource().getType(), result = getResult().getType();
  if (source.getElementType() != result.getElementType())
    return emitOpError("expected element type ")
           << source.getElementType() << ", got " << result.getElementType();
  return verifyColumns(*this, getCol(), result.getCols(), source.getCols());
}

LogicalResult ConcatOp::verify() {
  int64_t cols = 0;
  for (Value source : getSources()) {
    auto type = cast<FragmentType>(source.getType());
    if (type.getElementType() != getResult().getType().getElementType())
      return emitOpError("expected element type ")
             << getResult().getType().getElementType() << ", got "
             << type.getElementType();
    cols += type.getCols();
  }
  if (cols != getResult().getType().getCols())
    return emitOpError("expected a result of ")
           << cols << " columns, got " << getResult().getType().getCols();
  return success();
}

LogicalResult StoreMatrixOp::verify() {
  FragmentType source = getSource().getType();
  TileType tile = getTile().getType();
  if (source.getElementType() != tile.getElementType())
    return emitOpError("expected a fragment of ")
           << tile.getElementType() << ", got " << source.getElementType();
  if (source.getRows() != tile.getRows() || source.getCols() != tile.getCols())
    return emitOpError("expected a tile of ")
           << source.getRows() << "x" << source.getCols() << ", got "
           << tile.getRows() << "x" << tile.getCols();
  return success();
}
