//===- SM90OpsKernel.td - kernel, roles, rings and copies --*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_IR_SM90OPSKERNEL_TD
#define SIGMOID_ATTN_DIALECT_SM90_IR_SM90OPSKERNEL_TD

include "sigmoid-attn/Dialect/SM90/IR/SM90Base.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"

//===----------------------------------------------------------------------===//
// Kernel and roles
//===----------------------------------------------------------------------===//

def SM90_KernelOp : SM90_Op<"kernel", [
    FunctionOpInterface, IsolatedFromAbove, SingleBlock]> {
  let summary = "a kernel of one producer and some consumer warpgroups";
  let description = [{
    The code of one thread block. The body is a prologue that every thread runs
    (allocations of shared memory, uniform values), one `sm90.warp_specialize`,
    and `sm90.return`. Arguments are scalars, `!llvm.ptr` and tensor maps
    (`!nvgpu.tensormap.descriptor`), which are passed by value in the parameter
    space. The name is one that PTX can write, which has fewer than MLIR: letters,
    digits, `_` and `$`, no digit first.

    `shared_memory` is the number of bytes of dynamic shared memory, set by
    `sm90-plan-shared-memory`.

    `cluster` is the number of neighbouring blocks, along x, that run side by
    side and reach each other's shared memory: 1, 2, 4 or 8. They share what is
    in rings that say so (`sm90.alloc_ring`). All of them run the same program,
    and tell themselves apart by `nvvm.read.ptx.sreg.cluster.ctarank`.

    ```mlir
    sm90.kernel @fwd(%map: !map, %scale: f32) attributes {cluster = 2 : i32} {
      ...
      sm90.return
    }
    ```

    Lowers to an `llvm.func` with `nvvm.kernel`, `nvvm.reqntid`,
    `nvvm.minctasm = 1` (without which ptxas ignores register budgets), and
    `nvvm.cluster_dim` where there is more than one block in a cluster.
  }];
  let arguments = (ins
    SymbolNameAttr:$sym_name,
    TypeAttrOf<FunctionType>:$function_type,
    OptionalAttr<DictArrayAttr>:$arg_attrs,
    OptionalAttr<DictArrayAttr>:$res_attrs,
    OptionalAttr<I64Attr>:$shared_memory,
    DefaultValuedOptionalAttr<I32Attr, "1">:$cluster);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// FunctionOpInterface: the types of the arguments.
    ArrayRef<Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    /// FunctionOpInterface: a kernel has no results.
    ArrayRef<Type> getResultTypes() { return getFunctionType().getResults(); }
    /// FunctionOpInterface: the body is always there.
    Region *getCallableRegion() { return &getBody(); }
    /// The operation that splits the block into roles.
    WarpSpecializeOp getRoles();
  }];
}

def SM90_ReturnOp : SM90_Op<"return", [
    Pure, Terminator, HasParent<"KernelOp">]> {
  let summary = "the end of a kernel";
  let assemblyFormat = "attr-dict";
}

def SM90_WarpSpecializeOp : SM90_Op<"warp_specialize", [
    SingleBlockImplicitTerminator<"YieldOp">,
    HasParent<"KernelOp">, RecursiveMemoryEffects]> {
  let summary = "split the block into a producer and consumer warpgroups";
  let description = [{
    Warpgroup 0 lowers its register budget to `producer_registers` (setmaxnreg);
    one elected thread of it runs the producer region. Warpgroups 1 to
    `consumers` take `consumer_registers` and run the consumer region with their
    number from 0 as its argument, 128 threads each. Before that, one thread
    initialises the barriers of every ring and the block synchronises. Where
    rings are shared in a cluster, its blocks synchronise instead, and once more
    at the end: none is gone while another still writes to its shared memory.

    Values from above are visible in both regions.

    Constraints: budgets are multiples of 8 from 24 to 240, and all of them fit
    what the block is given at launch, `65536 / threads` registers a thread
    rounded down to a multiple of 8 (an increase beyond it hangs).

    ```mlir
    sm90.warp_specialize producer registers(24) {
      ...
    } consumers(2) registers(240) {
    ^bb0(%warpgroup: i32):
      ...
    }
    ```
  }];
  let arguments = (ins
    I32Attr:$producer_registers, I32Attr:$num_consumers,
    I32Attr:$consumer_registers);
  let regions = (region SizedRegion<1>:$producer, SizedRegion<1>:$consumer);
  let assemblyFormat = [{
    `producer` `registers` `(` $producer_registers `)` $producer
    `consumers` `(` $num_consumers `)` `registers` `(` $consumer_registers `)`
    $consumer attr-dict
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// Threads of a warpgroup.
    static constexpr int64_t kWarpgroupThreads = 128;
    /// Threads of the block.
    int64_t getNumThreads() {
      return (1 + getNumConsumers()) * kWarpgroupThreads;
    }
    /// Registers a thread is given at launch.
    int64_t getLaunchRegisters() {
      return 65536 / getNumThreads() / 8 * 8;
    }
    /// The number of the consumer warpgroup that runs the region.
    BlockArgument getWarpgroup() { return getConsumer().getArgument(0); }
  }];
}

def SM90_YieldOp : SM90_Op<"yield", [Pure, Terminator, ReturnLike,
    ParentOneOf<["WarpSpecializeOp", "MapOp", "FoldOp"]>]> {
  let summary = "the end of a region, and the values it gives";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ValueRange()); }]>];
}

def SM90_LeaderOp : SM90_Op<"leader", [Pure]> {
  let summary = "true in one thread of the warpgroup";
  let description = [{
    True in the first thread of the consumer warpgroup that runs it: always the
    same thread, so that it may commit and wait for the bulk stores it issued.
  }];
  let results = (outs I1:$result);
  let assemblyFormat = "attr-dict";
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

def SM90_AllocTileOp : SM90_Op<"alloc_tile", [HasParent<"KernelOp">]> {
  let summary = "a tile of shared memory that no ring owns";
  let description = [{
    `offset` is where the tile starts, in bytes from the start of dynamic shared
    memory; `sm90-plan-shared-memory` sets it.
  }];
  let arguments = (ins OptionalAttr<I64Attr>:$offset);
  let results = (outs SM90_TileType:$tile);
  let assemblyFormat = "(`at` `(` $offset^ `)`)? attr-dict `:` qualified(type($tile))";
  let hasVerifier = 1;
}

def SM90_AllocRingOp : SM90_Op<"alloc_ring", [HasParent<"KernelOp">]> {
  let summary = "a ring of shared memory tiles with its barriers";
  let description = [{
    `readers` warpgroups of a block release each slot, once per warp or once per
    warpgroup, so an empty barrier counts `4 * readers` or `readers` arrivals. A full
    barrier counts one arrival and the bytes that the copies bring.

    `offset` is where the slots start (each tile a multiple of 1024 bytes) and
    `barriers` where the `stages` full and then the `stages` empty barriers
    start, in bytes from the start of dynamic shared memory;
    `sm90-plan-shared-memory` sets them.

    A message ring (`i32`) is released per warp, because the threads of a warp
    read it by ordinary loads.

    `cluster(N)` shares the ring among the N blocks of a cluster, all of those
    that the kernel has. Each block has the slots and the barriers, at the same
    addresses, and the same goes into all of them: each block loads one N-th of
    the rows of every tile, and hands it to all. So a slot is written when it is
    free in every block, and its empty barrier counts the arrivals of the
    readers of all blocks. All blocks must take the same slots, for the same
    tiles. A message is the first block's, which sends it to all: its empty
    barrier also counts one arrival for each other block's writer.

    ```mlir
    %k = sm90.alloc_ring readers(2) per warpgroup cluster(2)
        : !sm90.ring<4, !sm90.tile<64x128xbf16>>
    ```
  }];
  let arguments = (ins
    I32Attr:$readers, SM90_ScopeAttr:$scope,
    DefaultValuedOptionalAttr<I32Attr, "1">:$cluster,
    OptionalAttr<I64Attr>:$offset, OptionalAttr<I64Attr>:$barriers);
  let results = (outs SM90_RingType:$ring);
  let assemblyFormat = [{
    `readers` `(` $readers `)` `per` $scope
    (`cluster` `(` $cluster^ `)`)?
    (`at` `(` $offset^ `,` `barriers` $barriers `)`)? attr-dict
    `:` qualified(type($ring))
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Warps of a warpgroup.
    static constexpr int64_t kWarpgroupWarps = 4;
    /// Whether the blocks of a cluster share the ring.
    bool isShared() { return getCluster() > 1; }
    /// Arrivals that complete a phase of an empty barrier.
    int64_t getEmptyArrivals() {
      int64_t ofBlock = getScope() == Scope::Warp
                            ? getReaders() * kWarpgroupWarps
                            : getReaders();
      // The other blocks' writers read a message too.
      int64_t others = getRing().getType().isMessage() ? getCluster() - 1 : 0;
      return getCluster() * ofBlock + others;
    }
  }];
}

def SM90_SliceOp : SM90_Op<"slice", [Pure]> {
  let summary = "a rectangle of a tile";
  let description = [{
    Rows from `row` on and columns from `col` on. `row` must be a multiple of 8,
    the height of a swizzle atom; `col` a multiple of 8. No data moves.

    ```mlir
    %mine = sm90.slice %q[%row, 0] : !sm90.tile<128x128xbf16>
        to !sm90.tile<64x128xbf16, box_rows = 128>
    ```
  }];
  let arguments = (ins SM90_TileType:$source, I32:$row, I64Attr:$col);
  let results = (outs SM90_TileType:$result);
  let assemblyFormat = [{
    $source `[` $row `,` $col `]` attr-dict
    `:` qualified(type($source)) `to` qualified(type($result))
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Rings
//===----------------------------------------------------------------------===//

def SM90_StartOp : SM90_Op<"start", [Pure]> {
  let summary = "the position where every ring starts";
  let description = "Stage 0, first phase; the same for the writer and readers.";
  let results = (outs SM90_CursorType:$cursor);
  let assemblyFormat = "attr-dict `:` qualified(type($cursor))";
}

def SM90_AdvanceOp : SM90_Op<"advance", [Pure,
    AllTypesMatch<["cursor", "result"]>]> {
  let summary = "the next position: the next stage, or the first of the next phase";
  let arguments = (ins SM90_CursorType:$cursor);
  let results = (outs SM90_CursorType:$result);
  let assemblyFormat = "$cursor attr-dict `:` qualified(type($cursor))";
}

/// An operation on a slot of a ring. The ring is named where it is allocated, not
/// carried; the cursor's type follows from the ring's.
class SM90_RingOp<string mnemonic, list<Trait> traits = []>
    : SM90_Op<mnemonic, traits # [
        PredOpTrait<"the ring is a result of sm90.alloc_ring",
                    CPred<"$ring.getDefiningOp<AllocRingOp>()">>,
        TypesMatchWith<"the cursor has as many stages as the ring",
                       "ring", "cursor",
                       "CursorType::get($_ctxt, "
                       "cast<RingType>($_self).getStages())">]>;

def SM90_ReserveOp : SM90_RingOp<"reserve"> {
  let hasVerifier = 1;
  let summary = "wait until a slot is empty, and take it for writing";
  let description = [{
    For the writer. Waits until every reader has released the slot (the first
    pass over the ring does not wait), then arms the full barrier with one
    arrival and the bytes of the slot's tiles, which `sm90.tma_load`s must bring.
    A slot that is a message has no tiles; `sm90.send` fills it.

    ```mlir
    %k = sm90.reserve %ring[%c] : !ring -> !sm90.tile<128x128xbf16>
    ```
  }];
  let arguments = (ins SM90_RingType:$ring, SM90_CursorType:$cursor);
  let results = (outs Variadic<SM90_TileType>:$tiles);
  let assemblyFormat = [{
    $ring `[` $cursor `]` attr-dict `:` qualified(type($ring))
    (`->` qualified(type($tiles))^)?
  }];
}

def SM90_SendOp : SM90_RingOp<"send"> {
  let hasVerifier = 1;
  let summary = "fill a reserved slot with a message";
  let description = [{
    Gives what the readers receive, so that the writer can go on with it. That
    is `value`, and in a ring that a cluster shares the first block's `value`,
    for which the other blocks' writers wait.

    ```mlir
    %next = sm90.send %ticket to %ring[%c] : !sm90.ring<2, i32>
    ```
  }];
  let arguments = (ins SM90_RingType:$ring, SM90_CursorType:$cursor, I32:$value);
  let results = (outs I32:$message);
  let assemblyFormat = [{
    $value `to` $ring `[` $cursor `]` attr-dict `:` qualified(type($ring))
  }];
}

def SM90_TryWaitOp : SM90_RingOp<"try_wait"> {
  let summary = "ask whether a slot is full, without waiting for it";
  let description = [{
    Issued early, its latency hides behind other work; the answer goes to
    `sm90.wait`, which then need not ask again.

    With `suspend`, the thread may sleep until the slot is full, or until the
    machine's time limit of some microseconds has passed: for slots that are
    sure to be filled.

    ```mlir
    %r = sm90.try_wait %ring[%c] : !ring
    %s = sm90.try_wait %ring[%c] suspend : !ring
    ```
  }];
  let arguments = (ins SM90_RingType:$ring, SM90_CursorType:$cursor,
                       UnitAttr:$suspend);
  let results = (outs I1:$ready);
  let assemblyFormat = [{
    $ring `[` $cursor `]` (`suspend` $suspend^)? attr-dict
    `:` qualified(type($ring))
  }];
}

def SM90_WaitOp : SM90_RingOp<"wait"> {
  let hasVerifier = 1;
  let summary = "wait until a slot is full, and take it for reading";
  let description = [{
    For readers, all threads of a warpgroup. Gives the slot's tiles or message.
    With `ready`, waits only where that is false. With `peek`, the slot is not
    taken: its tiles may be read, and a later wait at the same cursor takes it.

    ```mlir
    %k = sm90.wait %ring[%c] ready(%r) : !ring -> !sm90.tile<128x128xbf16>
    ```
  }];
  let arguments = (ins SM90_RingType:$ring, SM90_CursorType:$cursor,
                       Optional<I1>:$ready,
                       UnitAttr:$peek);
  let results = (outs Variadic<SM90_TileOrMessage>:$payload);
  let assemblyFormat = [{
    $ring `[` $cursor `]` (`ready` `(` $ready^ `)`)? (`peek` $peek^)?
    attr-dict
    `:` qualified(type($ring)) `->` qualified(type($payload))
  }];
}

def SM90_ReleaseOp : SM90_RingOp<"release"> {
  let summary = "give a slot back to the writer";
  let description = [{
    For readers: one arrival at the empty barrier per warp or per warpgroup, as
    the ring says; the thread that `sm90.leader` names is the one that arrives
    for a warpgroup. The slot of a shared ring is given back to every block of
    the cluster, since all of them write into it: as many threads of the warp, or
    of the warpgroup's first, arrive at one block's barrier each. Its messages
    are given back to the first block only. Every read of the slot must be complete: a wgmma that reads
    it awaited, a bulk store from it waited for.
  }];
  let arguments = (ins SM90_RingType:$ring, SM90_CursorType:$cursor);
  let assemblyFormat = "$ring `[` $cursor `]` attr-dict `:` qualified(type($ring))";
}

//===----------------------------------------------------------------------===//
// Copies between global and shared memory
//===----------------------------------------------------------------------===//

def SM90_TmaLoadOp : SM90_RingOp<"tma_load"> {
  let hasVerifier = 1;
  let summary = "copy a tile from global memory into a reserved slot";
  let description = [{
    Coordinates are in elements, outermost dimension first, as in the map's
    memref of a box (`nvvm` has them the other way round). The box's last two
    sizes are rows and 64 columns, the others 1; the tile is as many boxes as it
    needs. Elements out of bounds are filled with 0. The bytes count towards the
    slot's full barrier.

    Into a ring that a cluster shares, each block copies its share of the rows
    (the first block the first rows) to the same slot of every block, and the
    box has that many rows. The coordinates are those of the whole tile, and the
    same in all blocks. The bytes count towards the slot's full barrier of each,
    which gets all shares.

    ```mlir
    sm90.tma_load %map[%b, %h, %row, %c0] to %k signals %ring[%c]
        : !map, !sm90.tile<128x128xbf16>, !ring
    ```
  }];
  let arguments = (ins
    NVGPU_TensorMapDescriptor:$map, Variadic<I32>:$coordinates,
    SM90_TileType:$tile, SM90_RingType:$ring, SM90_CursorType:$cursor,
    OptionalAttr<I64Attr>:$cache_policy);
  let assemblyFormat = [{
    $map `[` $coordinates `]` `to` $tile `signals` $ring `[` $cursor `]`
    (`cache_policy` `(` $cache_policy^ `)`)? attr-dict
    `:` qualified(type($map)) `,` qualified(type($tile)) `,` qualified(type($ring))
  }];
}

def SM90_TmaStoreOp : SM90_Op<"tma_store"> {
  let hasVerifier = 1;
  let summary = "copy a tile from shared to global memory";
  let description = [{
    Run by one thread (`sm90.leader`), after the writes to the tile are made
    visible to the async proxy (`nvvm.fence.proxy` and a barrier of the
    writers). Elements out of bounds are not written. The copy belongs to the
    thread's next `nvvm.cp.async.bulk.commit.group`.
  }];
  let arguments = (ins
    SM90_TileType:$tile, NVGPU_TensorMapDescriptor:$map,
    Variadic<I32>:$coordinates);
  let assemblyFormat = [{
    $tile `to` $map `[` $coordinates `]` attr-dict
    `:` qualified(type($tile)) `,` qualified(type($map))
  }];
}

#endif // SIGMOID_ATTN_DIALECT_SM90_IR_SM90OPSKERNEL_TD
