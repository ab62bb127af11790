//===- SM90Ops.td - every sm90 operation -------------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_IR_SM90OPS_TD
#define SIGMOID_ATTN_DIALECT_SM90_IR_SM90OPS_TD

include "sigmoid-attn/Dialect/SM90/IR/SM90Attrs.td"
include "sigmoid-attn/Dialect/SM90/IR/SM90OpsKernel.td"
include "sigmoid-attn/Dialect/SM90/IR/SM90OpsFragment.td"
include "sigmoid-attn/Dialect/SM90/IR/SM90OpsScalar.td"

#endif // SIGMOID_ATTN_DIALECT_SM90_IR_SM90OPS_TD
