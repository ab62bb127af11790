//===- SM90OpsScalar.td - scalar work in maps --------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_IR_SM90OPSSCALAR_TD
#define SIGMOID_ATTN_DIALECT_SM90_IR_SM90OPSSCALAR_TD

include "sigmoid-attn/Dialect/SM90/IR/SM90Base.td"

def SM90_SigmoidOp : SM90_Op<"sigmoid", [Pure, SameOperandsAndResultType]> {
  let summary = "the logistic function of one score";
  let description = [{
    `1 / (1 + exp(-x))` in the instructions that `form` names; -inf gives
    exactly 0.

    * `fast`: one tanh. The error of the result is about 5e-7, absolute, which is
      less than the rounding of a weight down to a score of about -8 in bf16.
    * `exact`: one exponential, and a reciprocal or, where weights are small, a
      short series. The relative error is below 2.5e-4 in bf16 and 6.2e-5 in f16
      for every weight, which is under their rounding.

    `sm90-expand-sigmoid` replaces it; it has no other lowering.

    ```mlir
    %p = sm90.sigmoid fast %x : f32
    ```
  }];
  let arguments = (ins SM90_SigmoidFormAttr:$form, F32:$operand);
  let results = (outs F32:$result);
  let assemblyFormat = "$form $operand attr-dict `:` type($operand)";
}

def SM90_PairOfF32 : Type<
    CPred<"$_self == ::mlir::VectorType::get("
          "{2}, ::mlir::Float32Type::get($_self.getContext()))">,
    "vector<2xf32>", "::mlir::VectorType">;

def SM90_FromOddsOp : SM90_Op<"from_odds",
    [Pure, SameOperandsAndResultType]> {
  let summary = "the probability that odds stand for: e / (1 + e)";
  let description = [{
    The sigmoid of a score whose exponential `e` is the operand. Infinite odds
    give 1. A pair shares a reciprocal, so that a NaN in either gives two; its
    elements are weights of one row. The relative error is below 3e-7.

    ```mlir
    %p = sm90.from_odds %e : vector<2xf32>
    ```
  }];
  let arguments = (ins
    AnyTypeOf<[F32, SM90_PairOfF32]>:$odds);
  let results = (outs
    AnyTypeOf<[F32, SM90_PairOfF32]>:$result);
  let assemblyFormat = "$odds attr-dict `:` type($odds)";
}

#endif // SIGMOID_ATTN_DIALECT_SM90_IR_SM90OPSSCALAR_TD
