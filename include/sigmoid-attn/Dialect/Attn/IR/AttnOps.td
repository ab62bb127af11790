//===- AttnOps.td - attn dialect operations ----------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNOPS_TD
#define SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNOPS_TD

include "sigmoid-attn/Dialect/Attn/IR/AttnAttrs.td"
include "sigmoid-attn/Dialect/Attn/IR/AttnInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Dialect/Linalg/IR/LinalgInterfaces.td"
include "mlir/IR/CommonTypeConstraints.td"
include "mlir/IR/OpAsmInterface.td"

class Attn_Op<string mnemonic, list<Trait> traits = []>
    : Op<Attn_Dialect, mnemonic, traits>;

/// An op of the attention family: what both directions have in common.
class Attn_AttentionOp<string mnemonic, list<Trait> traits = []>
    : Attn_Op<mnemonic, !listconcat(traits, [
        AttrSizedOperandSegments, SingleBlock, Attn_AttentionOpInterface,
        RecursiveMemoryEffects,
        DeclareOpInterfaceMethods<AggregatedOpInterface,
                                  ["decomposeOperation"]>,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        DeclareOpInterfaceMethods<ConditionallySpeculatable>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                                  ["reifyResultShapes"]>,
        DeclareOpInterfaceMethods<OpAsmOpInterface,
                                  ["getAsmBlockArgumentNames"]>])> {
  /// Methods of AttentionOpInterface that ODS does not generate.
  code inputsAndOutputs = [{
    ::mlir::Operation::operand_range getInputs();
    ::mlir::Operation::operand_range getOutputBuffers();
    static ::llvm::ArrayRef<::mlir::attn::OutputShape> getOutputShapes();
  }];
}

/// A 4-D tensor or memref, batch x heads x length x head dim.
def Attn_Shaped : AnyTypeOf<[
  4DTensorOf<[BF16, F16, F32]>,
  MemRefRankOf<[BF16, F16, F32], [4]>
], "4-D tensor or memref of bf16, f16 or f32 values">;
def Attn_Tensor : 4DTensorOf<[BF16, F16, F32]>;
def Attn_MemRef : MemRefRankOf<[BF16, F16, F32], [4]>;

def Attn_SigmoidAttentionOp : Attn_AttentionOp<"sigmoid_attention"> {
  let summary = "sigmoid attention of queries over keys and values";
  let description = [{
    Computes, in f32, for each batch `b`, head `h` and query `i`

    ```
    S[b,h,i,j] = scale * sum_d query[b,h,i,d] * key[b,g,j,d] + bias
    P[b,h,i,j] = sigmoid(score(S[b,h,i,j], b, h, i, j)), 0 where masked
    O[b,h,i,:] = sum_j P[b,h,i,j] * value[b,g,j,:]
    ```

    with `g = h / (query heads / key heads)`.

    On tensors the operation is a value. On memrefs it has no result and
    overwrites `outs`.
  }];
  let arguments = (ins
    Attn_Shaped:$query,
    Attn_Shaped:$key,
    Attn_Shaped:$value,
    Optional<Attn_MemRef>:$output,
    Optional<F32>:$scale,
    Optional<F32>:$bias,
    Variadic<Index>:$origin,
    OptionalAttr<Attn_MaskAttr>:$mask,
    OptionalAttr<Attn_ScheduleAttr>:$schedule);
  let results = (outs Optional<Attn_Tensor>:$result);
  let regions = (region MaxSizedRegion<1>:$score);
  let assemblyFormat = [{
    $query `,` $key `,` $value
    (`outs` `(` $output^ `:` type($output) `)`)?
    (`scale` `(` $scale^ `)`)? (`bias` `(` $bias^ `)`)?
    (`mask` `` $mask^)? (`origin` `(` $origin^ `)`)?
    (custom<ScoreRegion>($score)^)? attr-dict
    `:` `(` type($query) `,` type($key) `,` type($value) `)`
    (`->` type($result)^)?
  }];
  let extraClassDeclaration = inputsAndOutputs;
  let extraClassDefinition = [{
    ::mlir::Operation::operand_range $cppClass::getInputs() {
      return (*this)->getOperands().take_front(3);
    }
    ::mlir::Operation::operand_range $cppClass::getOutputBuffers() {
      return getODSOperands(3);
    }
  }];
}

def Attn_SigmoidAttentionBackwardOp :
    Attn_AttentionOp<"sigmoid_attention_backward", [AttrSizedResultSegments]> {
  let summary = "gradient of sigmoid attention";
  let description = [{
    With `S` and `P` as in `attn.sigmoid_attention` and `R = score(S, ...)`:

    ```
    dP = output_gradient V^T
    dS = dP * P * (1 - P) * dR/dS, 0 where masked
    dQ = scale * dS K,  dK = scale * dS^T Q,  dV = P^T output_gradient
    ```

    Key and value gradients are summed over the query heads that share them.
  }];
  let arguments = (ins
    Attn_Shaped:$query,
    Attn_Shaped:$key,
    Attn_Shaped:$value,
    Attn_Shaped:$output_gradient,
    Variadic<Attn_MemRef>:$outputs,
    Optional<F32>:$scale,
    Optional<F32>:$bias,
    Variadic<Index>:$origin,
    OptionalAttr<Attn_MaskAttr>:$mask,
    OptionalAttr<Attn_ScheduleAttr>:$schedule);
  let results = (outs Optional<Attn_Tensor>:$query_gradient,
                      Optional<Attn_Tensor>:$key_gradient,
                      Optional<Attn_Tensor>:$value_gradient);
  let regions = (region MaxSizedRegion<1>:$score);
  let assemblyFormat = [{
    $query `,` $key `,` $value `,` $output_gradient
    (`outs` `(` $outputs^ `:` type($outputs) `)`)?
    (`scale` `(` $scale^ `)`)? (`bias` `(` $bias^ `)`)?
    (`mask` `` $mask^)? (`origin` `(` $origin^ `)`)?
    (custom<ScoreRegion>($score)^)? attr-dict
    `:` `(` type($query) `,` type($key) `,` type($value) `,`
            type($output_gradient) `)`
    (`->` `(` type($query_gradient)^ `,` type($key_gradient) `,`
              type($value_gradient) `)`)?
  }];
  let extraClassDeclaration = inputsAndOutputs;
  let extraClassDefinition = [{
    ::mlir::Operation::operand_range $cppClass::getInputs() {
      return (*this)->getOperands().take_front(4);
    }
    ::mlir::Operation::operand_range $cppClass::getOutputBuffers() {
      return getODSOperands(4);
    }
  }];
  let hasRegionVerifier = 1;
}

def Attn_YieldOp : Attn_Op<"yield", [Pure, Terminator, ReturnLike,
    ParentOneOf<["SigmoidAttentionOp", "SigmoidAttentionBackwardOp"]>]> {
  let summary = "the score that a score region computes";
  let arguments = (ins F32:$score);
  let assemblyFormat = "$score attr-dict `:` type($score)";
}

#endif // SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNOPS_TD
