// RUN: sigmoid-attn-opt %s -sm90-pipeline-key-loop -canonicalize -cse | FileCheck %s

// Chunked loops whose last step stands apart, since the producer cannot be made to
// load one more tile of keys.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x64xf32>
!p = !sm90.fragment<64x64xbf16>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>

// Keys that something else takes, too, are not counted by steps.
// CHECK-LABEL: sm90.kernel @elsewhere(
// CHECK-NOT: scf.if
// CHECK: consumers(1)
// CHECK: scf.for
// CHECK: transpose_b
// CHECK: scf.yield
// CHECK-COUNT-4: sm90.wgmma {{.*}} into
sm90.kernel @elsewhere(%map: !map, %n: i32, %memory: !llvm.ptr) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
    %start = sm90.start : !cursor
    %r:2 = scf.for %j = %c0 to %n step %c1 iter_args(%kc = %start, %vc = %start) -> (!cursor, !cursor) : i32 {
      %row = arith.muli %j, %c64 : i32
      %k = sm90.reserve %k_ring[%kc] : !ring -> !tile
      sm90.tma_load %map[%row, %c0] to %k signals %k_ring[%kc] : !map, !tile, !ring
      %v = sm90.reserve %v_ring[%vc] : !ring -> !tile
      sm90.tma_load %map[%row, %c0] to %v signals %v_ring[%vc] : !map, !tile, !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %kn, %vn : !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x64xf32>
      sm90.release %k_ring[%kc] : !ring
      %p = sm90.convert %s : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x64xf32>
      sm90.commit
      %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x64xf32>
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<chunked>}
    %more = sm90.wait %k_ring[%r#1] : !ring -> !tile
    sm90.release %k_ring[%r#1] : !ring
  }
  sm90.return
}

// Nor those of which a step loads two tiles,
// CHECK-LABEL: sm90.kernel @twice(
// CHECK-NOT: scf.if
// CHECK: consumers(1)
// CHECK: scf.for
// CHECK: transpose_b
// CHECK: scf.yield
// CHECK-COUNT-4: sm90.wgmma {{.*}} into
sm90.kernel @twice(%map: !map, %n: i32, %memory: !llvm.ptr) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
    %start = sm90.start : !cursor
    %r:2 = scf.for %j = %c0 to %n step %c1 iter_args(%kc = %start, %vc = %start) -> (!cursor, !cursor) : i32 {
      %row = arith.muli %j, %c64 : i32
      %k = sm90.reserve %k_ring[%kc] : !ring -> !tile
      sm90.tma_load %map[%row, %c0] to %k signals %k_ring[%kc] : !map, !tile, !ring
      %k1 = sm90.advance %kc : !cursor
      %k2 = sm90.reserve %k_ring[%k1] : !ring -> !tile
      %v = sm90.reserve %v_ring[%vc] : !ring -> !tile
      sm90.tma_load %map[%row, %c0] to %v signals %v_ring[%vc] : !map, !tile, !ring
      %kn = sm90.advance %k1 : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %kn, %vn : !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x64xf32>
      sm90.release %k_ring[%kc] : !ring
      %p = sm90.convert %s : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x64xf32>
      sm90.commit
      %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x64xf32>
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<chunked>}
  }
  sm90.return
}

// those of steps by twos,
// CHECK-LABEL: sm90.kernel @by_twos(
// CHECK-NOT: scf.if
// CHECK: consumers(1)
// CHECK: scf.for
// CHECK: transpose_b
// CHECK: scf.yield
// CHECK-COUNT-4: sm90.wgmma {{.*}} into
sm90.kernel @by_twos(%map: !map, %n: i32, %memory: !llvm.ptr) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
    %start = sm90.start : !cursor
    %c2 = arith.constant 2 : i32
    %r:2 = scf.for %j = %c0 to %n step %c2 iter_args(%kc = %start, %vc = %start) -> (!cursor, !cursor) : i32 {
      %row = arith.muli %j, %c64 : i32
      %k = sm90.reserve %k_ring[%kc] : !ring -> !tile
      sm90.tma_load %map[%row, %c0] to %k signals %k_ring[%kc] : !map, !tile, !ring
      %v = sm90.reserve %v_ring[%vc] : !ring -> !tile
      sm90.tma_load %map[%row, %c0] to %v signals %v_ring[%vc] : !map, !tile, !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %kn, %vn : !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x64xf32>
      sm90.release %k_ring[%kc] : !ring
      %p = sm90.convert %s : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x64xf32>
      sm90.commit
      %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x64xf32>
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<chunked>}
  }
  sm90.return
}

// those in a slot that the loop does not go on from,
// CHECK-LABEL: sm90.kernel @same_slot(
// CHECK-NOT: scf.if
// CHECK: consumers(1)
// CHECK: scf.for
// CHECK: transpose_b
// CHECK: scf.yield
// CHECK-COUNT-4: sm90.wgmma {{.*}} into
sm90.kernel @same_slot(%map: !map, %n: i32, %memory: !llvm.ptr) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
    %start = sm90.start : !cursor
    %r:2 = scf.for %j = %c0 to %n step %c1 iter_args(%kc = %start, %vc = %start) -> (!cursor, !cursor) : i32 {
      %row = arith.muli %j, %c64 : i32
      %k = sm90.reserve %k_ring[%kc] : !ring -> !tile
      sm90.tma_load %map[%row, %c0] to %k signals %k_ring[%kc] : !map, !tile, !ring
      %v = sm90.reserve %v_ring[%vc] : !ring -> !tile
      sm90.tma_load %map[%row, %c0] to %v signals %v_ring[%vc] : !map, !tile, !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %kc, %vn : !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x64xf32>
      sm90.release %k_ring[%kc] : !ring
      %p = sm90.convert %s : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x64xf32>
      sm90.commit
      %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x64xf32>
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<chunked>}
  }
  sm90.return
}

// and those whose place is read from memory.
// CHECK-LABEL: sm90.kernel @from_memory(
// CHECK-NOT: scf.if
// CHECK: consumers(1)
// CHECK: scf.for
// CHECK: transpose_b
// CHECK: scf.yield
// CHECK-COUNT-4: sm90.wgmma {{.*}} into
sm90.kernel @from_memory(%map: !map, %n: i32, %memory: !llvm.ptr) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
    %start = sm90.start : !cursor
    %r:2 = scf.for %j = %c0 to %n step %c1 iter_args(%kc = %start, %vc = %start) -> (!cursor, !cursor) : i32 {
      %row = llvm.load volatile %memory : !llvm.ptr -> i32
      %k = sm90.reserve %k_ring[%kc] : !ring -> !tile
      sm90.tma_load %map[%row, %c0] to %k signals %k_ring[%kc] : !map, !tile, !ring
      %v = sm90.reserve %v_ring[%vc] : !ring -> !tile
      sm90.tma_load %map[%row, %c0] to %v signals %v_ring[%vc] : !map, !tile, !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %kn, %vn : !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x64xf32>
      sm90.release %k_ring[%kc] : !ring
      %p = sm90.convert %s : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x64xf32>
      sm90.commit
      %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x64xf32>
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<chunked>}
  }
  sm90.return
}
