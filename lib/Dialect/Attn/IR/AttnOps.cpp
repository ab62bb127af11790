//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Assembly of the attn operations.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::attn;

//===----------------------------------------------------------------------===//
// Assembly
//===----------------------------------------------------------------------===//

/// Parses `score(%s, %b, %h, %i, %j) { ... }`, or nothing. The argument types
/// are fixed (f32, then four indices), so the assembly leaves them out.
static OptionalParseResult parseScoreRegion(OpAsmParser &parser,
                                            Region &region) {
  if (failed(parser.parseOptionalKeyword("score")))
    return std::nullopt;
  SmallVector<OpAsmParser::Argument> arguments;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren))
    return failure();
  if (arguments.size() != 5)
    return parser.emitError(loc) << "expected 5 score arguments (score, batch, "
                                    "head, query, key), got "
                                 << arguments.size();
  Builder &builder = parser.getBuilder();
  for (auto [position, argument] : llvm::enumerate(arguments))
    argument.type =
        position == 0 ? Type(builder.getF32Type()) : builder.getIndexType();
  return parser.parseRegion(region, arguments);
}

static void printScoreRegion(OpAsmPrinter &printer, Operation *,
                             Region &region) {
  printer << "score(";
  llvm::interleaveComma(region.getArguments(), printer);
  printer << ") ";
  printer.printRegion(region, /*printEntryBlockArgs=*/false);
}

#define GET_OP_CLASSES
#include "sigmoid-attn/Dialect/Attn/IR/AttnOps.cpp.inc"
