//===- AttnDialect.td - attn dialect definition ------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNDIALECT_TD
#define SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNDIALECT_TD

include "mlir/IR/OpBase.td"

def Attn_Dialect : Dialect {
  let name = "attn";
  let cppNamespace = "::mlir::attn";
  let summary = "Attention whose weights are a sigmoid, as one operation";
  let description = [{
    The `attn` dialect says what sigmoid attention computes, and nothing about
    how: `O = sigmoid(scale * Q K^T + bias) V`, its masks, its score region, and
    its gradient. It works on tensors, where an operation is a value, and on
    memrefs, where it writes to the buffer named by `outs`.

    Sigmoid attention is from "Theory, Analysis, and Best Practices for Sigmoid
    Self-Attention" (arXiv 2409.04431).
  }];
  let hasCanonicalizer = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::tensor::TensorDialect"];
}

#endif // SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNDIALECT_TD
