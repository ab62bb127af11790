//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registration of the attn dialect, and its attributes.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::attn;

#include "sigmoid-attn/Dialect/Attn/IR/AttnDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "sigmoid-attn/Dialect/Attn/IR/AttnAttrs.cpp.inc"

void AttnDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "sigmoid-attn/Dialect/Attn/IR/AttnAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "sigmoid-attn/Dialect/Attn/IR/AttnOps.cpp.inc"
      >();
  detail::attachBufferization(*getContext());
  detail::attachTiling(*getContext());
}

MaskAttr MaskAttr::getCausal(MLIRContext *context) {
  return MaskAttr::get(context, std::nullopt, 0);
}

LogicalResult MaskAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               std::optional<int64_t> left,
                               std::optional<int64_t> right) {
  // A position plus a bound must not overflow.
  constexpr int64_t kLimit = int64_t(1) << 62;
  for (auto [side, bound] : {std::pair("left", left), {"right", right}})
    if (bound && (*bound < 0 || *bound >= kLimit))
      return emitError() << "expected a " << side << " bound in [0, " << kLimit
                         << "), got " << *bound;
  return success();
}

/// Parses `*` or a number.
static ParseResult parseBound(AsmParser &parser,
                              std::optional<int64_t> &bound) {
  if (succeeded(parser.parseOptionalStar()))
    return success();
  int64_t value = 0;
  if (parser.parseInteger(value))
    return failure();
  bound = value;
  return success();
}

Attribute MaskAttr::parse(AsmParser &parser, Type) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeyword(&keyword))
    return {};
  std::optional<int64_t> left, right;
  if (keyword == "causal") {
    right = 0;
  } else if (keyword == "window") {
    if (parseBound(parser, left) || parser.parseComma() ||
        parseBound(parser, right))
      return {};
  } else {
    parser.emitError(loc) << "expected 'causal' or 'window', got '" << keyword
                          << "'";
    return {};
  }
  if (parser.parseGreater())
    return {};
  return MaskAttr::getChecked([&] { return parser.emitError(loc); },
                              parser.getContext(), left, right);
}

void MaskAttr::print(AsmPrinter &printer) const {
  if (isCausal()) {
    printer << "<causal>";
    return;
  }
  auto printBound = [&](std::optional<int64_t> bound) {
    if (bound)
      printer << *bound;
    else
      printer << '*';
  };
  printer << "<window ";
  printBound(getLeft());
  printer << ", ";
  printBound(getRight());
  printer << ">";
}
