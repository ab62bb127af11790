//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Assembly of the sm90 attributes.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::sm90;

#define GET_ATTRDEF_CLASSES
#include "sigmoid-attn/Dialect/SM90/IR/SM90Attrs.cpp.inc"

void SM90Dialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "sigmoid-attn/Dialect/SM90/IR/SM90Attrs.cpp.inc"
      >();
}

Attribute OverlapAttr::parse(AsmParser &parser, Type) {
  FailureOr<OverlapForm> form = failure();
  bool turns = false;
  if (parser.parseLess() ||
      failed(form = FieldParser<OverlapForm>::parse(parser)))
    return {};
  if (succeeded(parser.parseOptionalComma())) {
    if (parser.parseKeyword("turns"))
      return {};
    turns = true;
  }
  if (parser.parseGreater())
    return {};
  return get(parser.getContext(), *form, turns);
}

void OverlapAttr::print(AsmPrinter &printer) const {
  printer << '<' << stringifyOverlapForm(getForm());
  if (getTurns())
    printer << ", turns";
  printer << '>';
}
