//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Refuses reads past the ends of tables.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h"
#include "sigmoid-attn/Dialect/Attn/Transforms/TableReads.h"

namespace mlir::attn {
#define GEN_PASS_DEF_VERIFYTABLEREADSPASS
#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

namespace {
struct VerifyTableReadsPass
    : attn::impl::VerifyTableReadsPassBase<VerifyTableReadsPass> {
  void runOnOperation() override {
    bool isBroken = false;
    getOperation()->walk([&](attn::AttentionOpInterface op) {
      isBroken |= failed(attn::verifyTableReads(op));
    });
    if (isBroken)
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
