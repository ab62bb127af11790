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
    ::llvm::ArrayRef<::mlir::attn::OutputShape> getOutputShapes();
  }];
}

def Attn_Tensor : 4DTensorOf<[BF16, F16, F32]>;
def Attn_MemRef : MemRefRankOf<[BF16, F16, F32], [4]>;
def Attn_Shaped : AnyTypeOf<[Attn_Tensor, Attn_MemRef],
    "4-D tensor or memref of bf16, f16 or f32 values">;

/// Operands of both ops, each with its sentence.
def Attn_Query : Arg<Attn_Shaped,
    "batch x query heads x query length x head dim; a memref is read">;
def Attn_Key : Arg<Attn_Shaped,
    "batch x key heads x key length x head dim; a memref is read">;
def Attn_Value : Arg<Attn_Shaped,
    "batch x key heads x key length x value head dim; a memref is read">;
def Attn_Scale : Arg<Optional<F32>,
    "factor of the dot products, 1/sqrt(head dim) by default">;
def Attn_Bias : Arg<Optional<F32>,
    "summand of the scaled dot products, 0 by default">;
def Attn_Origin : Arg<Variadic<Index>,
    "batch, head, query and key of the first element in the problem that this "
    "op is a tile of, and that problem's key length minus its query length">;
def Attn_Mask : Arg<OptionalAttr<Attn_MaskAttr>,
    "band of visible scores, everything by default">;
def Attn_Schedule : Arg<OptionalAttr<Attn_ScheduleAttr>,
    "how a GPU kernel computes the op, chosen by attn-select-schedule by "
    "default">;

def Attn_SigmoidAttentionOp : Attn_AttentionOp<"sigmoid_attention"> {
  let summary = "sigmoid attention of queries over keys and values";
  let description = [{
    Computes, in f32, for each batch `b`, head `h` and query `i`

    ```
    S[b,h,i,j] = scale * sum_d query[b,h,i,d] * key[b,g,j,d] + bias
    P[b,h,i,j] = sigmoid(score(S[b,h,i,j], b, h, i, j)), and 0 where masked
    O[b,h,i,:] = sum_j P[b,h,i,j] * value[b,g,j,:]
    ```

    where `g = h / (query heads / key heads)`: consecutive query heads share a
    key head. The sum over `j` is rounded to the result's element type once.

    The operation has two forms. On tensors it is a value: it has one result and
    no `outs`. On memrefs it has no result and overwrites the buffer `outs`,
    which must not overlap the inputs.

    Clauses, each of which may be absent, in this order:

    * `scale(%f32)` and `bias(%f32)`.
    * `mask<causal>` or `mask<window left, right>`: query `i` sees the keys `j`
      with `i + s - left <= j <= i + s + right`, where `s` is the key length
      minus the query length. A masked score contributes exactly 0.
    * `origin(%batch, %head, %query, %key, %diagonal)`: the position of the op's
      first element in a larger problem, and that problem's `s`. The mask and
      the score region see positions in the larger problem. Tiling sets it.
    * `score(%score, %batch, %head, %query, %key) { ... attn.yield %new : f32 }`:
      scalar code that every score goes through before the sigmoid. It may use
      scalars, tensors and memrefs from above. It may read memory, and change
      none. How often and in which order it runs is not defined.
    * `schedule<...>`: how a GPU kernel computes the op, see `#attn.schedule`.

    Constraints:

    * (C1) All inputs are tensors, there is one result and no `outs`; or all
      are memrefs, there is no result and one buffer in `outs`.
    * (C2) Inputs have the same element type: bf16, f16 or f32.
    * (C3) Inputs have the same batch size.
    * (C4) `key` and `value` have the same head count and the same length.
    * (C5) `query` and `key` have the same head dim, at least 1.
    * (C6) The head count of `query` is a multiple of that of `key`.
    * (C7) The output is batch x query heads x query length x value head dim.
    * (C8) The output's element type is that of the inputs or f32.
    * (C9) The layout of a memref is strided, its innermost stride is 1 if it is
      static.
    * (C10) `origin` has five operands or none.
    * (C11) The score region takes (f32, index, index, index, index), ends with
      `attn.yield`, and holds no attention operation.
    * (C12) The score region has no effects other than reads of memory from
      outside of it, and no operation of unknown effects.

    C3 to C7 hold where sizes are static; dynamic sizes must fulfil them when
    the op is executed.

    Example: grouped heads, ALiBi slopes, causal.

    ```mlir
    func.func @alibi(%q: tensor<1x8x?x64xbf16>, %k: tensor<1x2x?x64xbf16>,
                     %v: tensor<1x2x?x64xbf16>, %slopes: tensor<8xf32>,
                     %bias: f32) -> tensor<1x8x?x64xbf16> {
      %o = attn.sigmoid_attention %q, %k, %v bias(%bias) mask<causal>
          score(%score, %batch, %head, %query, %key) {
        %slope = tensor.extract %slopes[%head] : tensor<8xf32>
        %distance = arith.subi %key, %query : index
        %integer = arith.index_cast %distance : index to i32
        %float = arith.sitofp %integer : i32 to f32
        %penalty = arith.mulf %slope, %float : f32
        %new = arith.addf %score, %penalty : f32
        attn.yield %new : f32
      } : (tensor<1x8x?x64xbf16>, tensor<1x2x?x64xbf16>, tensor<1x2x?x64xbf16>) -> tensor<1x8x?x64xbf16>
      return %o : tensor<1x8x?x64xbf16>
    }
    ```

    Example: on buffers.

    ```mlir
    func.func @buffers(%q: memref<1x8x?x64xf16>, %o: memref<1x8x?x64xf16>) {
      attn.sigmoid_attention %q, %q, %q outs(%o : memref<1x8x?x64xf16>) mask<window 128, 0> : (memref<1x8x?x64xf16>, memref<1x8x?x64xf16>, memref<1x8x?x64xf16>)
      return
    }
    ```

    Lowering: `attn-decompose` turns it into two `linalg` contractions with an
    elementwise operation between them. For CPUs, `attn-tile-attention` and
    `attn-fuse-attention` make loops over tiles of it; see
    `attn-lower-to-cpu-pipeline`. For sm_90a, `attn-select-schedule` and the
    conversion to the `sm90` dialect make one kernel of it; see
    `attn-lower-to-nvvm-pipeline`.
  }];
  let arguments = (ins
    Attn_Query:$query,
    Attn_Key:$key,
    Attn_Value:$value,
    Arg<Optional<Attn_MemRef>,
        "batch x query heads x query length x value head dim; is overwritten"
       >:$output,
    Attn_Scale:$scale,
    Attn_Bias:$bias,
    Attn_Origin:$origin,
    Attn_Mask:$mask,
    Attn_Schedule:$schedule);
  let results = (outs Res<Optional<Attn_Tensor>,
      "batch x query heads x query length x value head dim">:$result);
  let regions = (region MaxSizedRegion<1>:$score);
  let assemblyFormat = [{
    $query `,` $key `,` $value
    (`outs` `(` $output^ `:` type($output) `)`)?
    (`scale` `(` $scale^ `)`)? (`bias` `(` $bias^ `)`)?
    (`mask` `` $mask^)? (`origin` `(` $origin^ `)`)?
    (custom<ScoreRegion>($score)^)? (`schedule` `` $schedule^)? attr-dict
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
    Attn_AttentionOp<"sigmoid_attention_backward"> {
  let summary = "gradient of sigmoid attention";
  let description = [{
    The gradients of `sum(O * output_gradient)` by query, key and value, where
    `O` is what `attn.sigmoid_attention` computes. With `S`, `P` and `g` as
    there, and `R = score(S, b, h, i, j)`:

    ```
    dP[b,h,i,j] = sum_d output_gradient[b,h,i,d] * value[b,g,j,d]
    dS[b,h,i,j] = dP * P * (1 - P) * dR/dS, and 0 where masked
    dQ[b,h,i,:] = scale * sum_j dS[b,h,i,j] * key[b,g,j,:]
    dK[b,g,j,:] = scale * sum_{h of g} sum_i dS[b,h,i,j] * query[b,h,i,:]
    dV[b,g,j,:] =         sum_{h of g} sum_i P[b,h,i,j] * output_gradient[b,h,i,:]
    ```

    `P` is computed again from query and key: nothing of the forward op is kept.
    Values that the score region captures get no gradient.

    Forms and clauses are those of `attn.sigmoid_attention`; the results on
    tensors, and the buffers of `outs` on memrefs, are the gradients of query,
    key and value in this order. With `wrt<query>` it is the first alone, with
    `wrt<key_value>` the other two: each can be computed in tiles of queries or
    of keys that add nothing to each other.

    Constraints: C1 to C12 of `attn.sigmoid_attention`, where the inputs include
    `output_gradient` and the outputs are the gradients, each of the shape of
    its input. Besides:

    * (C13) `output_gradient` is batch x query heads x query length x value head
      dim.
    * (C14) Every operation of the score region that depends on the score has a
      known derivative: arith's float arithmetic, conversions, comparisons,
      minima, maxima and select; math's exp, exp2, expm1, log, log2, log1p,
      tanh, erf, sqrt, rsqrt, powf, sin, cos, atan, absf, fma, and roundings
      (whose derivative is 0).

    Example:

    ```mlir
    func.func @gradient(%q: tensor<1x8x?x64xf32>, %k: tensor<1x2x?x64xf32>,
                        %v: tensor<1x2x?x64xf32>, %do: tensor<1x8x?x64xf32>)
        -> (tensor<1x8x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>) {
      %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do mask<causal>
          : (tensor<1x8x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x8x?x64xf32>)
          -> (tensor<1x8x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>)
      return %dq, %dk, %dv : tensor<1x8x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>
    }
    ```

    Lowering: as for `attn.sigmoid_attention`, in five contractions; on CPUs in
    seven, the scores being computed for `wrt<query>` and again for
    `wrt<key_value>`.
  }];
  let arguments = (ins
    Attn_Query:$query,
    Attn_Key:$key,
    Attn_Value:$value,
    Arg<Attn_Shaped, "gradient of the output, of the output's shape; a memref "
                     "is read">:$output_gradient,
    Arg<Variadic<Attn_MemRef>, "gradients of query, key and value, each of the "
                               "shape of its input; are overwritten">:$outputs,
    Attn_Scale:$scale,
    Attn_Bias:$bias,
    Attn_Origin:$origin,
    Arg<OptionalAttr<Attn_GradientInputsAttr>,
        "which gradients to compute, all three by default">:$wrt,
    Attn_Mask:$mask,
    Attn_Schedule:$schedule);
  let results = (outs Res<Variadic<Attn_Tensor>,
      "gradients of query, key and value, each of the shape of its input"
    >:$gradients);
  let regions = (region MaxSizedRegion<1>:$score);
  let assemblyFormat = [{
    $query `,` $key `,` $value `,` $output_gradient
    (`wrt` `` $wrt^)? (`outs` `(` $outputs^ `:` type($outputs) `)`)?
    (`scale` `(` $scale^ `)`)? (`bias` `(` $bias^ `)`)?
    (`mask` `` $mask^)? (`origin` `(` $origin^ `)`)?
    (custom<ScoreRegion>($score)^)? (`schedule` `` $schedule^)? attr-dict
    `:` `(` type($query) `,` type($key) `,` type($value) `,`
            type($output_gradient) `)`
    (`->` `(` type($gradients)^ `)`)?
  }];
  let extraClassDeclaration = inputsAndOutputs # [{
    bool hasQueryGradient() { return getWrt() != GradientInputs::KeyAndValue; }
    bool hasKeyAndValueGradients() { return getWrt() != GradientInputs::Query; }
    /// Those of `outputs`, one for each of the three gradients or none, that
    /// are of the part `wrt`.
    template <typename Range>
    static Range getPartOf(Range outputs, GradientInputs wrt) {
      if (outputs.empty())
        return outputs;
      return wrt == GradientInputs::Query ? outputs.take_front(1)
                                          : outputs.drop_front(1);
    }
    /// A copy of this op, which computes all gradients, that computes only
    /// those of `wrt`.
    SigmoidAttentionBackwardOp createPart(::mlir::OpBuilder &builder,
                                          GradientInputs wrt);
  }];
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
  let description = [{
    Ends the score region of an attention operation with the score that the
    sigmoid is applied to.

    ```mlir
    func.func @soft_cap(%q: tensor<1x1x8x4xf32>, %cap: f32) -> tensor<1x1x8x4xf32> {
      %o = attn.sigmoid_attention %q, %q, %q score(%score, %batch, %head, %query, %key) {
        %ratio = arith.divf %score, %cap : f32
        %soft = math.tanh %ratio : f32
        %new = arith.mulf %soft, %cap : f32
        attn.yield %new : f32
      } : (tensor<1x1x8x4xf32>, tensor<1x1x8x4xf32>, tensor<1x1x8x4xf32>) -> tensor<1x1x8x4xf32>
      return %o : tensor<1x1x8x4xf32>
    }
    ```

    It has no lowering of its own: whatever lowers the operation around it
    clones the region and takes the operand.
  }];
  let arguments = (ins Arg<F32, "the score to use instead">:$score);
  let assemblyFormat = "$score attr-dict `:` type($score)";
}

#endif // SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNOPS_TD
