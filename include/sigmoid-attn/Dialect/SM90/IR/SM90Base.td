//===- SM90Base.td - what the sm90 op files share ----------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_IR_SM90BASE_TD
#define SIGMOID_ATTN_DIALECT_SM90_IR_SM90BASE_TD

include "sigmoid-attn/Dialect/SM90/IR/SM90Enums.td"
include "sigmoid-attn/Dialect/SM90/IR/SM90Types.td"
include "mlir/Dialect/NVGPU/IR/NVGPUTypes.td"
include "mlir/IR/CommonTypeConstraints.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class SM90_Op<string mnemonic, list<Trait> traits = []>
    : Op<SM90_Dialect, mnemonic, traits>;

def SM90_TileOrMessage : AnyTypeOf<[SM90_TileType, I32]>;
def SM90_FragmentOrPending : AnyTypeOf<[SM90_FragmentType, SM90_PendingType]>;

#endif // SIGMOID_ATTN_DIALECT_SM90_IR_SM90BASE_TD
