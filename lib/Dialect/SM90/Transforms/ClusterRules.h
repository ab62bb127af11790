//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The rules of rings that the blocks of a cluster share.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_CLUSTERRULES_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_CLUSTERRULES_H

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

namespace mlir::sm90 {

/// Reports where the producers of a cluster's blocks, which run one program,
/// may fill different slots of a shared ring, or fill a slot with shares of
/// different tiles.
LogicalResult verifySharedRings(KernelOp kernel);

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_CLUSTERRULES_H
