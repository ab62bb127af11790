//===- SM90OpsFragment.td - wgmma and work on fragments ----*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_IR_SM90OPSFRAGMENT_TD
#define SIGMOID_ATTN_DIALECT_SM90_IR_SM90OPSFRAGMENT_TD

include "sigmoid-attn/Dialect/SM90/IR/SM90Base.td"
include "mlir/Dialect/LLVMIR/LLVMOpBase.td"

//===----------------------------------------------------------------------===//
// Asynchronous products
//===----------------------------------------------------------------------===//

def SM90_WgmmaOp : SM90_Op<"wgmma"> {
  let summary = "an asynchronous matrix product of one warpgroup";
  let description = [{
    `result = init + a * b` with f32 accumulation, without `init` just `a * b`.
    `a` is a 64 x K fragment in registers or a 64 x K tile (K x 64 with
    `transpose_a`), `b` a K x N tile (N x K with `transpose_b`). The result is
    pending until an `sm90.await`.

    In memory, `b` without `transpose_b` is MN-major and with it K-major; `a`
    without `transpose_a` is K-major. So `Q K^T` is `%q, %k transpose_b` and
    `P V` is `%p, %v`, both with tiles as TMA loads them.

    Constraints: K a multiple of 16; N a multiple of 8, at most 256; `a` and `b`
    of the same 16-bit type.

    ```mlir
    %s = sm90.wgmma %q, %k transpose_b
        : !sm90.tile<64x128xbf16, box_rows = 128>, !sm90.tile<128x128xbf16>
        -> !sm90.pending<64x128xf32>
    %o1 = sm90.wgmma %p, %v into %o : !sm90.fragment<64x128xbf16>,
        !sm90.tile<128x128xbf16>, !sm90.fragment<64x128xf32>
        -> !sm90.pending<64x128xf32>
    ```

    Lowers to `wgmma.fence` and K/16 `wgmma.mma_async`; without `init`, the
    first is in the write-only form (false scale-d), so that the registers need
    not be cleared or live before.
  }];
  let arguments = (ins
    AnyTypeOf<[SM90_TileType, SM90_FragmentType]>:$a, SM90_TileType:$b,
    Optional<SM90_FragmentOrPending>:$init,
    UnitAttr:$transpose_a, UnitAttr:$transpose_b);
  let results = (outs SM90_PendingType:$result);
  let assemblyFormat = [{
    $a (`transpose_a` $transpose_a^)? `,` $b (`transpose_b` $transpose_b^)?
    (`into` $init^)? attr-dict
    `:` qualified(type($a)) `,` qualified(type($b))
    (`,` qualified(type($init))^)? `->` qualified(type($result))
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Contraction length of one instruction.
    static constexpr int64_t kStepK = 16;
    /// Whether the A operand comes from registers.
    bool isRegisterA() { return isa<FragmentType>(getA().getType()); }
    /// Length of the contraction.
    int64_t getContraction();
  }];
}

def SM90_CommitOp : SM90_Op<"commit"> {
  let summary = "close a group of products";
  let description = [{
    The products issued since the last commit become a group, which
    `sm90.await` waits for as a whole.
  }];
  let assemblyFormat = "attr-dict";
}

def SM90_AwaitOp : SM90_Op<"await", [AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "wait for products, and take their results";
  let description = [{
    Waits until at most `in_flight` of the last committed groups are incomplete.
    The `pending` values must all belong to groups that are then complete; they
    become fragments, and must not be used as pending any more.

    `keep` names the register operands of the products that are then complete.
    Some versions of ptxas reuse them too early; the lowering can use them once
    more after the wait (`convert-sm90-to-nvvm{keep-operands}`).

    ```mlir
    %s = sm90.await %ps in_flight(1) : !sm90.pending<64x128xf32>
    %o = sm90.await %po keep(%p : !sm90.fragment<64x128xbf16>)
        : !sm90.pending<64x128xf32>
    ```
  }];
  let arguments = (ins
    Variadic<SM90_PendingType>:$pending, Variadic<SM90_FragmentType>:$keep,
    DefaultValuedAttr<I64Attr, "0">:$in_flight);
  let results = (outs Variadic<SM90_FragmentType>:$fragments);
  let assemblyFormat = [{
    $pending (`in_flight` `(` $in_flight^ `)`)?
    (`keep` `(` $keep^ `:` qualified(type($keep)) `)`)? attr-dict
    `:` qualified(type($pending))
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Elementwise work
//===----------------------------------------------------------------------===//

def SM90_MapOp : SM90_Op<"map", [SingleBlock, RecursiveMemoryEffects]> {
  let summary = "apply scalar code to each element of fragments";
  let description = [{
    The region runs once for each element that the thread holds. Its arguments
    are the element of each input and, if two more `i32` are there, the
    element's row and column in the fragment. A third one is the column's
    distance from the thread's first column, which is a constant for each
    element. It yields the element of each result.

    Where an input's or result's element stands as `vector<2xT>`, the region
    works on a pair of neighbouring columns (`column` is the first one). All of
    a map's elements stand in the same way; 16-bit types only in pairs.

    ```mlir
    %p = sm90.map %s : (!sm90.fragment<64x128xf32>)
        -> !sm90.fragment<64x128xf32> {
    ^bb0(%x: f32, %row: i32, %col: i32):
      %t = math.tanh %x fastmath<afn> : f32
      sm90.yield %t : f32
    }
    ```
  }];
  let arguments = (ins Variadic<SM90_FragmentType>:$inputs);
  let results = (outs Variadic<SM90_FragmentType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $inputs attr-dict `:` functional-type($inputs, $results) $body
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// Whether the region works on pairs of columns.
    bool isPaired();
    /// Whether the region takes the row and column.
    bool hasIndices();
    /// The region's column, if it takes indices.
    BlockArgument getColumn();
    /// The column's distance from the thread's first one; null if the region
    /// does not take it.
    BlockArgument getColumnOffset();
  }];
}

def SM90_FoldOp : SM90_Op<"fold", [SingleBlock, RecursiveMemoryEffects,
    AllTypesMatch<["init", "result"]>]> {
  let summary = "combine the elements of a fragment that a thread holds";
  let description = [{
    The region takes the value so far and an element (or a pair of them, as in
    `sm90.map`) and yields the next value. Each thread gets its own result; a
    vote or shuffle (`nvvm.vote.sync`) combines threads.

    ```mlir
    %m = sm90.fold %e init(%zero) : !sm90.fragment<64x16xf32>, f32 {
    ^bb0(%so_far: f32, %x: f32):
      %n = arith.maximumf %so_far, %x : f32
      sm90.yield %n : f32
    }
    ```
  }];
  let arguments = (ins SM90_FragmentType:$input, AnyType:$init);
  let results = (outs AnyType:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $input `init` `(` $init `)` attr-dict
    `:` qualified(type($input)) `,` type($init) $body
  }];
  let hasRegionVerifier = 1;
}

def SM90_SplatOp : SM90_Op<"splat", [Pure]> {
  let summary = "a fragment of equal elements";
  let arguments = (ins F32:$value);
  let results = (outs SM90_FragmentType:$result);
  let assemblyFormat = "$value attr-dict `:` qualified(type($result))";
  let hasVerifier = 1;
}

def SM90_ConvertOp : SM90_Op<"convert", [Pure]> {
  let summary = "round an f32 fragment to a 16-bit type";
  let description = [{
    Round to nearest even, two columns into one register. The result is in the
    layout of wgmma's A operand without any exchange between threads.
  }];
  let arguments = (ins SM90_FragmentType:$source);
  let results = (outs SM90_FragmentType:$result);
  let assemblyFormat = [{
    $source attr-dict `:` qualified(type($source)) `to` qualified(type($result))
  }];
  let hasVerifier = 1;
}

def SM90_ExtractOp : SM90_Op<"extract", [Pure]> {
  let summary = "some columns of a fragment";
  let description = [{
    Columns from `col` on, `col` a multiple of 8. No data moves.

    ```mlir
    %c = sm90.extract %s[16] : !sm90.fragment<64x128xf32>
        to !sm90.fragment<64x16xf32>
    ```
  }];
  let arguments = (ins SM90_FragmentType:$source, I64Attr:$col);
  let results = (outs SM90_FragmentType:$result);
  let assemblyFormat = [{
    $source `[` $col `]` attr-dict
    `:` qualified(type($source)) `to` qualified(type($result))
  }];
  let hasVerifier = 1;
}

def SM90_ConcatOp : SM90_Op<"concat", [Pure]> {
  let summary = "fragments side by side";
  let arguments = (ins Variadic<SM90_FragmentType>:$sources);
  let results = (outs SM90_FragmentType:$result);
  let assemblyFormat = [{
    $sources attr-dict
    `:` qualified(type($sources)) `to` qualified(type($result))
  }];
  let hasVerifier = 1;
}

def SM90_PinOp : SM90_Op<"pin", [AllTypesMatch<["source", "result"]>]> {
  let summary = "compute a fragment here, not later";
  let description = [{
    The same values, behind an empty side-effecting inline assembly that the
    compiler's later stages can neither drop nor move others across. It puts
    the work that computes the fragment before what follows (a wait, say).
  }];
  let arguments = (ins SM90_FragmentType:$source);
  let results = (outs SM90_FragmentType:$result);
  let assemblyFormat = "$source attr-dict `:` qualified(type($source))";
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

def SM90_StoreMatrixOp : SM90_Op<"store_matrix"> {
  let summary = "write a 16-bit fragment to shared memory";
  let description = [{
    Writes the warpgroup's fragment to a tile of the same size, in the swizzle,
    by `stmatrix`. Each warp writes 16 rows. Before an `sm90.tma_store` of the
    tile, `nvvm.fence.proxy` and a barrier of the warpgroup must follow.
  }];
  let arguments = (ins SM90_FragmentType:$source, SM90_TileType:$tile);
  let assemblyFormat = [{
    $source `to` $tile attr-dict
    `:` qualified(type($source)) `,` qualified(type($tile))
  }];
  let hasVerifier = 1;
}

def SM90_StoreGlobalOp : SM90_Op<"store_global"> {
  let summary = "write a fragment to global memory";
  let description = [{
    Element (r, c) goes to `base + r * row_stride + c` (in elements) if
    `r < rows` and `c < cols`; nothing else is written. `cols` and `row_stride`
    are multiples of 2, because a thread writes pairs of columns.

    ```mlir
    sm90.store_global %o to %base stride(%ld) rows(%m) cols(%n)
        : !sm90.fragment<64x128xbf16>
    ```
  }];
  let arguments = (ins SM90_FragmentType:$source, LLVM_PointerInAddressSpace<1>:$base,
                       I64:$row_stride, I32:$rows, I32:$cols);
  let assemblyFormat = [{
    $source `to` $base `stride` `(` $row_stride `)` `rows` `(` $rows `)`
    `cols` `(` $cols `)` attr-dict `:` qualified(type($source))
  }];
}

#endif // SIGMOID_ATTN_DIALECT_SM90_IR_SM90OPSFRAGMENT_TD
