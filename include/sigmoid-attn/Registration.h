//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// One place that knows every dialect, interface and pass of the project. Each
/// tool and library calls these, so that none of them lags behind.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_REGISTRATION_H
#define SIGMOID_ATTN_REGISTRATION_H

namespace mlir {
class DialectRegistry;

namespace attn {

/// Adds the project's dialects and the interface implementations that other
/// dialects need to be lowered with them.
void registerSigmoidAttnDialects(DialectRegistry &registry);

/// Registers the project's passes and pipelines with the pass registry.
void registerSigmoidAttnPasses();

} // namespace attn
} // namespace mlir

#endif // SIGMOID_ATTN_REGISTRATION_H
