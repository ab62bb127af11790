//===- Passes.td - conversion passes -----------------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_CONVERSION_PASSES_TD
#define SIGMOID_ATTN_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertAttnToSM90Pass : Pass<"convert-attn-to-sm90", "::mlir::ModuleOp"> {
  let summary = "Turn functions with attention into kernels and their recipes";
  let description = [{
    Replaces each function whose body is one `attn.sigmoid_attention` on buffers
    with a schedule (and scalar arithmetic for its scale and bias) by an
    `sm90.kernel` in one `gpu.module`, and puts the recipe that launches the
    kernel on the module, as text in `sigmoid_attn.recipe` (docs/KernelFile.md);
    an array of texts where there are several functions. A recipe's arguments are
    the function's arguments and then its results.

    One kernel serves all batch sizes, head counts, lengths and strides. A tile
    of queries is a number; blocks take numbers until there are none left. The
    kernel is written as one thread of control in the consumer region, in
    program order and without overlap: load a tile, wait for it, multiply, wait
    for the product, give the tile back. `sm90-pipeline-key-loop` and
    `sm90-specialize-warps` do the rest.

    * Head dims are padded to 64 columns in shared memory alone: copies fill
      with zeros and do not store them. So are rows past the lengths.
    * Keys that no row of a tile sees are not loaded. Where a mask or score
      region makes some tiles partial, the weights of the others do no masking:
      an `scf.if` on the tile's number chooses.
    * The score region becomes part of the map over the fragment of scores.
      Tensors that it loads from become pointers with the caller's strides,
      constants globals of the `gpu.module`.
    * With an `origin`, the band is shifted and the score region sees positions in
      the whole problem, whose tile (up to 2^29 queries and keys) is computed.
    * A scale or bias that is read from a tensor, as exporters write it with
      `tensor.extract %t[]`, is read by the kernel, from device memory.
    * With `sigmoid = auto` in the schedule and a bias that the caller passes,
      there are two kernels, and the recipe chooses by the bias. The exact one
      is made by `attn.exact_schedule` if the attention has that attribute.
    * With `attn.long_schedule` there is another kernel of the fast form, and in
      bf16 of the exact one where its bias is below -8, which the recipe takes from
      8192 queries on. Where the query's type tells their number, only one of both
      is made.

    Refused: elements other than bf16 and f16, an output of another type than the
    inputs, the gradient, a second attention in a function, whatever else the
    function does, and a `gpu.module` or `gpu.binary` of others in the module.
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect",
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::math::MathDialect", "::mlir::nvgpu::NVGPUDialect",
    "::mlir::scf::SCFDialect", "::mlir::sm90::SM90Dialect"
  ];
}

def ConvertSM90ToNVVMPass : Pass<"convert-sm90-to-nvvm"> {
  let summary = "Convert sm90 kernels to nvvm and llvm";
  let description = [{
    Turns each `sm90.kernel` into an `llvm.func` with `nvvm.kernel`. Control
    flow stays `scf`, scalar code `arith` and `math`: their own conversions
    follow. Numbers do not change, but that `sm90.from_odds` becomes an approximate
    reciprocal.

    - A fragment becomes one value for each register that a thread holds, also
      through loops and branches; a map one copy of its body for each.
    - A product becomes `wgmma.mma_async` in inline assembly, a step of 16 each.
      Its accumulators are results tied to inputs, the first step of a product
      that accumulates on nothing only writes them, and empty assembly keeps
      other code from moving across a fence or a wait.
    - A ring becomes mbarriers, a tile its address. Addresses are constants plus
      the stage times a constant: dynamic shared memory starts at 1024, which
      the kernel checks (and traps) when it starts.
    - Roles become branches on the warpgroup's number, behind `setmaxnreg`.

    Shared memory must have been planned (`sm90-plan-shared-memory`), and the
    kernel must call no function of a library: `attn-approximate-math` replaces
    what it can, the rest is refused.

    ```mlir
    %p = sm90.map %s : (!sm90.fragment<64x8xf32>) -> !sm90.fragment<64x8xf32> {
    ^bb0(%x: f32):
      %y = arith.mulf %x, %scale : f32
      sm90.yield %y : f32
    }
    ```
    becomes
    ```mlir
    %p0 = arith.mulf %s0, %scale : f32
    %p1 = arith.mulf %s1, %scale : f32
    %p2 = arith.mulf %s2, %scale : f32
    %p3 = arith.mulf %s3, %scale : f32
    ```
  }];
  let options = [
    Option<"keepOperands", "keep-operands", "bool", "false",
           "Whether the register operands that sm90.await keeps are used after "
           "the wait, by a store that no thread executes: ptxas 12.8 to 13.2 "
           "can otherwise reuse them while products read them">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"
  ];
}

def RaiseToAttentionPass : Pass<"raise-to-attention", "::mlir::func::FuncOp"> {
  let summary = "Raise unfused sigmoid attention in linalg or tosa to attn";
  let description = [{
    Finds `sigmoid(scale * Q K^T + bias) V` that a framework wrote as single
    operations, and replaces it by one `attn.sigmoid_attention`. A function
    that holds tosa operations goes through upstream's tosa to linalg passes
    first.

    From every contraction backwards, what computes one of its inputs is read
    as one scalar expression of another contraction's result, through any
    elementwise operations, reshapes, transposes and broadcasts. Found are:

    - contractions as named operations or generics, on 4-D tensors or with batch
      and heads collapsed, operands and results in any order of dims;
    - sigmoids as 1 / (1 + exp(-x)) or exp(x) / (1 + exp(x)), by tanh, by choices
      between two of these, and `tosa.sigmoid`;
    - scales on the scores, the queries, the keys, or several of them; biases
      that are one number; everything else that is added or applied to a score
      (bias tensors, ALiBi, padding masks, soft caps) as a score region;
    - causal and window masks, by a choice, a product, or the addition of a
      number of -9999 or less, from indices or from constants;
    - grouped heads: keys and values that are broadcast over query heads, or
      query heads that are folded into another dim;
    - casts between float types anywhere between the contractions.

    Numerics: only the rounding of intermediates changes. They are in f32, and
    scores that a mask hides contribute exactly 0.

    A candidate that is nearly attention is left alone with a remark that says
    what is in the way. The layers of a perceptron with a sigmoid, whose weights
    are constants, are not candidates.

    Before:
    ```mlir
    %s = linalg.batch_matmul ins(%q, %k_transposed : ...) outs(%zeros : ...)
    %p = linalg.generic ... ins(%s) { 1 / (1 + exp(-x)) }
    %o = linalg.batch_matmul ins(%p, %v : ...) outs(%zeros : ...)
    ```
    After:
    ```mlir
    %o4 = attn.sigmoid_attention %q4, %k4, %v4 scale(%one) : (...) -> ...
    %o = tensor.collapse_shape %o4 [[0, 1], [2], [3]] : ...
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::attn::AttnDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::index::IndexDialect",
    "::mlir::tensor::TensorDialect", "::mlir::tosa::TosaDialect"];
  let statistics = [
    Statistic<"numRaised", "num-raised", "Attention operations raised">
  ];
}

#endif // SIGMOID_ATTN_CONVERSION_PASSES_TD
