//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sm90 types: syntax and verification.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::sm90;

#define GET_TYPEDEF_CLASSES
#include "sigmoid-attn/Dialect/SM90/IR/SM90Types.cpp.inc"

void SM90Dialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "sigmoid-attn/Dialect/SM90/IR/SM90Types.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

/// Parses `ROWSxCOLSxTYPE`.
static ParseResult parseMatrix(AsmParser &parser, int64_t &rows, int64_t &cols,
                               Type &elementType) {
  SmallVector<int64_t> shape;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseDimensionList(shape, /*allowDynamic=*/false))
    return failure();
  if (shape.size() != 2)
    return parser.emitError(loc) << "expected 2 sizes, got " << shape.size();
  rows = shape[0];
  cols = shape[1];
  return parser.parseType(elementType);
}

Type TileType::parse(AsmParser &parser) {
  int64_t rows, cols;
  Type elementType;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parseMatrix(parser, rows, cols, elementType))
    return {};
  int64_t boxRows = rows;
  if (succeeded(parser.parseOptionalComma()) &&
      (parser.parseKeyword("box_rows") || parser.parseEqual() ||
       parser.parseInteger(boxRows)))
    return {};
  if (parser.parseGreater())
    return {};
  return TileType::getChecked([&] { return parser.emitError(loc); },
                              parser.getContext(), rows, cols, elementType,
                              boxRows);
}

void TileType::print(AsmPrinter &printer) const {
  printer << '<' << getRows() << 'x' << getCols() << 'x' << getElementType();
  if (isSlice())
    printer << ", box_rows = " << getBoxRows();
  printer << '>';
}

/// Parses the parameters of a fragment or pending type.
template <typename TypeT> static Type parseFragment(AsmParser &parser) {
  int64_t rows, cols;
  Type elementType;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parseMatrix(parser, rows, cols, elementType) ||
      parser.parseGreater())
    return {};
  return TypeT::getChecked([&] { return parser.emitError(loc); },
                           parser.getContext(), rows, cols, elementType);
}

Type FragmentType::parse(AsmParser &parser) {
  return parseFragment<FragmentType>(parser);
}

void FragmentType::print(AsmPrinter &printer) const {
  printer << '<' << getRows() << 'x' << getCols() << 'x' << getElementType()
          << '>';
}

Type PendingType::parse(AsmParser &parser) {
  return parseFragment<PendingType>(parser);
}

void PendingType::print(AsmPrinter &printer) const {
  printer << '<' << getRows() << 'x' << getCols() << 'x' << getElementType()
          << '>';
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

LogicalResult TileType::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t rows, int64_t cols, Type elementType,
                               int64_t boxRows) {
  if (!elementType.isBF16() && !elementType.isF16())
    return emitError() << "expected a tile of bf16 or f16, got " << elementType;
  if (rows <= 0 || rows % 8 != 0)
    return emitError() << "expected rows to be a positive multiple of 8, got "
                       << rows;
  if (cols <= 0 || cols % 8 != 0)
    return emitError()
           << "expected columns to be a positive multiple of 8, got " << cols;
  if (boxRows < rows || boxRows % 8 != 0)
    return emitError()
           << "expected box_rows to be a multiple of 8 and at least the "
           << rows << " rows, got " << boxRows;
  return success();
}

LogicalResult RingType::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t stages, ArrayRef<Type> payload) {
  if (stages <= 0)
    return emitError() << "expected at least 1 stage, got " << stages;
  if (payload.empty())
    return emitError() << "expected a ring to hold tiles or an i32";
  if (payload.size() == 1 && payload[0].isInteger(32))
    return success();
  for (Type type : payload) {
    auto tile = dyn_cast<TileType>(type);
    if (!tile)
      return emitError() << "expected a ring to hold tiles or one i32, got "
                         << type;
    if (tile.isSlice())
      return emitError()
             << "expected a ring to hold whole tiles, got the slice " << type;
  }
  return success();
}

bool RingType::isMessage() const { return getPayload()[0].isInteger(32); }

int64_t RingType::getStageBytes() const {
  int64_t bytes = 0;
  for (Type type : getPayload())
    if (auto tile = dyn_cast<TileType>(type))
      bytes += tile.getSizeInBytes();
  return bytes;
}

LogicalResult CursorType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t stages) {
  if (stages <= 0)
    return emitError() << "expected at least 1 stage, got " << stages;
  return success();
}

/// What fragments and pending fragments have in common.
static LogicalResult
verifyFragment(function_ref<InFlightDiagnostic()> emitError, int64_t rows,
               int64_t cols) {
  if (rows != FragmentType::kRows)
    return emitError() << "expected 64 rows, one warpgroup's share, got "
                       << rows;
  if (cols <= 0 || cols % 8 != 0)
    return emitError()
           << "expected columns to be a positive multiple of 8, got " << cols;
  return success();
}

LogicalResult FragmentType::verify(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t rows, int64_t cols,
                                   Type elementType) {
  if (!elementType.isF32() && !elementType.isBF16() && !elementType.isF16())
    return emitError() << "expected a fragment of f32, bf16 or f16, got "
                       << elementType;
  return verifyFragment(emitError, rows, cols);
}

LogicalResult PendingType::verify(function_ref<InFlightDiagnostic()> emitError,
                                  int64_t rows, int64_t cols,
                                  Type elementType) {
  if (!elementType.isF32())
    return emitError() << "expected a product to accumulate in f32, got "
                       << elementType;
  return verifyFragment(emitError, rows, cols);
}
