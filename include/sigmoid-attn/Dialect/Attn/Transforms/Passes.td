//===- Passes.td - passes on the attn dialect --------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_PASSES_TD
#define SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def SelectSchedulePass : Pass<"attn-select-schedule"> {
  let summary = "Choose how an sm_90a kernel computes each attention";
  let description = [{
    Puts a `#attn.schedule` on every `attn.sigmoid_attention` that has none,
    chosen from head dims, mask and form of the sigmoid, and checks those that
    are there: shared memory against 227 KiB, registers against the file and
    against what ptxas needs beside the fragments. What cannot fit is refused
    with the arithmetic.

    With `sigmoid = auto` both forms may be compiled. Where another schedule is
    better for the exact one, it goes into a discardable attribute,
    `attn.exact_schedule`, that the conversion to `sm90` reads. Where another one
    is better for 8192 queries and more (head dims up to 64, no mask, not `exact`
    whatever the bias), that is `attn.long_schedule`. A schedule written by hand, or with an
    option that fixes a part of it, serves both forms and all lengths.

    Each option fixes one parameter of the schedules that the pass makes; 0 or
    an empty string, or -1 where 0 is a choice, leaves it to the pass. Elements
    other than bf16 and f16, and head dims that are dynamic, above 256 or no
    multiple of 8, are refused.

    ```mlir
    %o = attn.sigmoid_attention %q, %k, %v : (...) -> tensor<1x8x?x64xbf16>
    ```
    becomes
    ```mlir
    %o = attn.sigmoid_attention %q, %k, %v schedule<
        query_tile = 256, key_tile = 64, query_stages = 2, key_stages = 6,
        value_stages = 6, consumers = 4, producer_registers = 32,
        consumer_registers = 112, loop = chunked>
      : (...) -> tensor<1x8x?x64xbf16>
    ```
  }];
  let options = [
    Option<"keyTile", "key-tile", "int64_t", "0", "Keys of a tile">,
    Option<"queryStages", "query-stages", "int64_t", "0",
           "Query tiles in shared memory">,
    Option<"keyStages", "key-stages", "int64_t", "0",
           "Key tiles in shared memory">,
    Option<"valueStages", "value-stages", "int64_t", "0",
           "Value tiles in shared memory">,
    Option<"consumers", "consumers", "int64_t", "0", "Consumer warpgroups">,
    Option<"producerRegisters", "producer-registers", "int64_t", "0",
           "Registers of a producer thread">,
    Option<"consumerRegisters", "consumer-registers", "int64_t", "0",
           "Registers of a consumer thread">,
    Option<"loop", "loop", "std::string", "\"\"", "pipelined or chunked">,
    Option<"pingPong", "ping-pong", "std::string", "\"\"", "true or false">,
    Option<"cluster", "cluster", "int64_t", "0",
           "Blocks that share tiles of keys and values">,
    Option<"outputColumns", "output-columns", "int64_t", "-1",
           "Columns of the tile of its own that the output leaves through; 0 for "
           "none, -1 leaves it to the pass">,
    Option<"grid", "grid", "std::string", "\"\"", "static or dynamic">,
    Option<"sigmoid", "sigmoid", "std::string", "\"\"", "fast, exact or auto">
  ];
}

def DecomposePass : Pass<"attn-decompose"> {
  let summary = "Decompose attention on tensors into linalg operations";
  let description = [{
    Replaces each attention operation on tensors by what its
    `decomposeOperation` (linalg's AggregatedOpInterface) builds: contractions,
    and an elementwise operation between them. The scores are materialized, so
    that on its own this is the unfused computation; every intermediate is f32.

    Before:
    ```mlir
    %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x8x4xf32>, ...) -> tensor<1x2x8x4xf32>
    ```
    After:
    ```mlir
    %s = linalg.generic ... ins(%q, %k) // dot products
    %p = linalg.generic ... ins(%s)     // weights
    %o = linalg.generic ... ins(%p, %v) // weighted sums
    ```

    Operations on memrefs are left alone.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"];
}

def FuseElementwisePass : Pass<"attn-fuse-elementwise"> {
  let summary = "Fuse elementwise operations on tensors";
  let description = [{
    Upstream's elementwise fusion, for elementwise linalg operations by name or
    generic, where it computes nothing twice: a producer goes into its only
    consumer if that visits each of its elements once. Broadcasts and casts go
    into every elementwise consumer. Nothing goes into a product.

    Before:
    ```mlir
    %a = linalg.generic ... ins(%x) { arith.negf }
    %b = linalg.generic ... ins(%a) { math.exp }
    ```
    After:
    ```mlir
    %b = linalg.generic ... ins(%x) { arith.negf math.exp }
    ```
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def BufferizePass : Pass<"attn-bufferize", "::mlir::ModuleOp"> {
  let summary = "Bufferize a module for calls from outside";
  let description = [{
    Upstream's one-shot bufferization across function boundaries, with the
    function signatures that the project's callers rely on:

    - a tensor argument becomes a memref whose innermost stride is 1 and whose
      other strides and offset are dynamic, so that it takes views as they are;
      it is only read;
    - a tensor result becomes a memref in row-major layout, which aliases
      nothing and belongs to the caller.

    Before:
    ```mlir
    func.func @f(%a: tensor<4x?xf32>) -> tensor<4x?xf32>
    ```
    After:
    ```mlir
    func.func @f(%a: memref<4x?xf32, strided<[?, 1], offset: ?>>) -> memref<4x?xf32>
    ```
  }];
  let dependentDialects = [
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::memref::MemRefDialect"];
}

def TileAttentionPass : Pass<"attn-tile-attention"> {
  let summary = "Tile attention into parallel loops";
  let description = [{
    Tiles each attention operation, on tensors or memrefs, over batch, heads
    and queries through its TilingInterface: the loops are one `scf.forall`, and
    the tile's `origin` says where it lies.

    A gradient is split in two before: `wrt<query>` is tiled over queries,
    `wrt<key_value>` over keys and key heads, so that no two tiles add to the
    same sum.

    Before:
    ```mlir
    attn.sigmoid_attention %q, %k, %v outs(%o : memref<1x2x?x64xf32>) mask<causal> : (...)
    ```
    After:
    ```mlir
    scf.forall (%b, %h, %n) = (0, 0, 0) to (1, 2, %queries) step (1, 1, 64) {
      %i = ... // of %n
      %q_tile = memref.subview %q[%b, %h, %i, 0] [1, 1, %size, 64] [1, 1, 1, 1] : ...
      ...
      attn.sigmoid_attention %q_tile, %k_tile, %v_tile outs(%o_tile : ...)
        mask<causal> origin(%b, %h, %i, %c0, %diagonal) : (...)
    }
    ```

    With a mask, tiles are taken alternately from both ends, since those at one
    end have less to do, and threads get consecutive iterations.

    A tile size of 0 leaves a dimension whole. Operations inside parallel loops
    are left alone.
  }];
  let options = [
    Option<"batchTile", "batch-tile", "int64_t", "1", "Batch entries of a tile">,
    Option<"headTile", "head-tile", "int64_t", "1",
           "Query heads of a tile, or key heads for wrt<key_value>">,
    Option<"queryTile", "query-tile", "int64_t", "64", "Queries of a tile">,
    Option<"keyTile", "key-tile", "int64_t", "64",
           "Keys of a tile for wrt<key_value>">
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::scf::SCFDialect"];
}

def FuseAttentionPass : Pass<"attn-fuse-attention"> {
  let summary = "Lower attention on buffers to fused loops over tiles";
  let description = [{
    Replaces each attention operation on memrefs by loops over tiles of queries
    and keys. Per tile, linalg operations on small buffers compute the dot
    products, turn them into weights in place, and add the weighted sums up, so
    that scores never exist for more than one tile. Tiles outside the mask's
    band are not visited; only tiles that the band's edge crosses are masked.

    The gradient becomes two programs, one over tiles of queries for the query
    gradient and one over tiles of keys for the others: each computes the
    weights anew, and no two tiles add to the same sum.

    The loops over batch, heads and tiles of queries (or keys) are `scf.forall`,
    unless the operation is in a parallel loop already. All sums are f32: over
    64 terms each, then over those.

    Before:
    ```mlir
    attn.sigmoid_attention %q, %k, %v outs(%o : memref<1x2x?x64xf32>) : (...)
    ```
    After:
    ```mlir
    scf.forall (%b, %h, %i) = (0, 0, 0) to (1, 2, %queries) step (1, 1, 64) {
      linalg.generic ... ins(%q_tile) outs(%packed)   // depth x queries
      scf.for %j = %c0 to %keys step %c64 {
        linalg.generic ... ins(%k_tile, %packed) outs(%p) // dot products
        linalg.generic ... outs(%p)                       // weights
        linalg.generic ... ins(%v_tile, %p) outs(%sum)    // depth x queries
      }
      linalg.generic ... ins(%sum) outs(%o_tile)
    }
    ```
    Operations on tensors are left alone.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def ParallelizeLinalgPass : Pass<"attn-parallelize-linalg"> {
  let summary = "Tile linalg operations on buffers into parallel loops";
  let description = [{
    Tiles each linalg operation on memrefs that is not in a parallel loop into a
    `scf.forall`: products over rows and lanes (see
    `attn-vectorize-contractions`), other operations over all parallel loops but
    the innermost. Operations of few iterations stay sequential.

    A tile of a product copies the factor that is read along lanes to a buffer
    of depth x lanes in f32, 512 x 64 at most, whatever its layout and type were:
    then `attn-vectorize-contractions` applies to it.

    Copies of memrefs count as elementwise operations.

    Before:
    ```mlir
    linalg.generic {... (i, j, k) ...} ins(%a, %b : ...) outs(%c : memref<1024x1024xf32>) // a[i, k] * b[j, k]
    ```
    After:
    ```mlir
    scf.forall (%i, %j) = (0, 0) to (1024, 1024) step (128, 64) {
      %panel = memref.alloc() : memref<512x64xf32>
      scf.for %k = ... step %c512 {
        linalg.generic ... ins(%b_tile) outs(%panel)
        linalg.generic ... ins(%a_tile, %panel) outs(%c_tile)
      }
      memref.dealloc %panel
    }
    ```
    Sums over more than 512 terms are sums of such sums.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"];
}

def VectorizeContractionsPass : Pass<"attn-vectorize-contractions"> {
  let summary = "Lower products of buffers to blocks of vector registers";
  let description = [{
    Replaces linalg operations on memrefs whose body is
    `result + first * second` in f32 (matrix products, and contractions in
    general) by loops. The innermost ones run over the depth of the product with
    a block of accumulators, rows x vectors, in registers: per step, each vector
    of one factor is multiplied by each scalar of the other.

    One factor and the result must be contiguous along a loop that the other
    factor does not depend on: the lanes. Any layout and any strides do for the
    other factor. Factors narrower than f32 are extended as they are loaded.
    A preceding fill of the result with 0 becomes part of the product.

    Before:
    ```mlir
    linalg.matmul ins(%a, %b : memref<64x?xf32>, memref<?x64xf32>) outs(%c : memref<64x64xf32>)
    ```
    After:
    ```mlir
    scf.for %lane = %c0 to %c64 step %c32 {
      scf.for %row = %c0 to %c64 step %c8 {
        %sums:16 = scf.for %k = ... iter_args(...) -> (vector<16xf32>, ...) {
          %b0 = vector.load %b[%k, %lane] : memref<?x64xf32>, vector<16xf32>
          %a0 = memref.load %a[%row, %k] : memref<64x?xf32>
          ...
          %sum0 = vector.fma ...
        }
        ...
      }
    }
    ```
    Sums run in order of depth, with fused multiply-adds, and are added to the
    result at the end.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "0",
           "Bits of a vector register: 128, 256 or 512; 0 for this machine's">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def VectorizeElementwisePass : Pass<"attn-vectorize-elementwise"> {
  let summary = "Lower elementwise operations on buffers to loops over vectors";
  let description = [{
    Replaces each `linalg.generic` on memrefs whose loops are all parallel, and
    whose results are contiguous along the last one, by loops that compute a
    vector of elements at a time, and a loop over single elements for the rest.

    Operations of the body that work on vectors (arith, math) do so. Values that
    do not change along the last loop stay scalars. Anything else, such as a
    load at computed indices, is done for one lane after the other.

    Operations that combine such values along a last loop (sums, products,
    maxima, minima) combine vectors, then the vector's lanes: sums are
    reassociated.

    Before:
    ```mlir
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%a : memref<?xf32>) outs(%b : memref<?xf32>) {
    ^bb0(%x: f32, %y: f32):
      %z = arith.negf %x : f32
      linalg.yield %z : f32
    }
    ```
    After:
    ```mlir
    scf.for %i = %c0 to %vectors_end step %c16 {
      %x = vector.load %a[%i] : memref<?xf32>, vector<16xf32>
      %z = arith.negf %x : vector<16xf32>
      vector.store %z, %b[%i] : memref<?xf32>, vector<16xf32>
    }
    scf.for %i = %vectors_end to %n step %c1 { ... }
    ```
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "0",
           "Bits of a vector register: 128, 256 or 512; 0 for this machine's">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def ApproximateMathPass : Pass<"attn-approximate-math"> {
  let summary = "Replace math functions by polynomials";
  let description = [{
    Upstream's polynomial approximations, on scalars and vectors, of those math
    functions for which they are as good as libm: acos, asin, erf, erfc, exp,
    expm1, log, log1p, log2 and tanh in f32, with relative errors below 4e-7,
    exact at infinities, NaN at NaN. f16 and bf16 go through f32. Powers with
    small constant exponents become products and roots, clamps a minimum and a
    maximum. All other functions are left to libm.

    Before:
    ```mlir
    %y = math.exp %x : vector<16xf32>
    ```
    After: about twenty arith operations, of which six are `math.fma`.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::vector::VectorDialect"];
}

def GuardDivisionsPass : Pass<"attn-guard-divisions"> {
  let summary = "Keep integer divisions from stopping the process";
  let description = [{
    Integer division by 0, and that of the smallest number by -1, are undefined,
    and end the process on most CPUs. Divisors that are no constants are replaced
    by 1 in these cases, so that there is some result. Divisions of arith, index
    and llvm, once arith's rounding ones are expanded.

    Before:
    ```mlir
    %q = arith.divui %a, %b : i32
    ```
    After:
    ```mlir
    %undefined = arith.cmpi eq, %b, %c0 : i32
    %divisor = arith.select %undefined, %c1, %b : i32
    %q = arith.divui %a, %divisor : i32
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def VerifyTableReadsPass : Pass<"attn-verify-table-reads"> {
  let summary = "Refuse score regions that read past the ends of tables";
  let description = [{
    An error on each `tensor.extract` and `memref.load` of a score region whose
    bounded index (docs/Spec.md) leaves the table, as far as static sizes show
    it. Sizes that only a call knows are checked by the call: the compiler makes
    conditions of them, and the conversion to `sm90` the recipe's `checks`.

    Refused, because there are 9 heads:
    ```mlir
    %o = attn.sigmoid_attention %q, %k, %v score(%s, %batch, %head, %i, %j) {
      %slope = tensor.extract %slopes[%head] : tensor<8xf32>
      ...
    } : (tensor<1x9x?x64xf32>, ...) -> tensor<1x9x?x64xf32>
    ```
  }];
}

#endif // SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_PASSES_TD
