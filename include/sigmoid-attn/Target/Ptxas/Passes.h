//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Passes that assemble GPU binaries.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_TARGET_PTXAS_PASSES_H
#define SIGMOID_ATTN_TARGET_PTXAS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::sm90 {

#define GEN_PASS_DECL
#include "sigmoid-attn/Target/Ptxas/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "sigmoid-attn/Target/Ptxas/Passes.h.inc"

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_TARGET_PTXAS_PASSES_H
