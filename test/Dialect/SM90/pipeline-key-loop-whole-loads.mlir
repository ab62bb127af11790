// RUN: sigmoid-attn-opt %s -sm90-pipeline-key-loop -canonicalize -cse -sm90-verify-kernels | FileCheck %s

// Chunked loops whose last step stands apart, since the producer cannot be made to
// load one more tile of keys.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x64xf32>
!p = !sm90.fragment<64x64xbf16>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>

// The loops have as many steps, but that takes more than to compare bounds.
// CHECK-LABEL: sm90.kernel @other_bounds(
// CHECK-NOT: scf.if
// CHECK: consumers(1)
// CHECK-COUNT-8: sm90.wgmma {{.*}} into
sm90.kernel @other_bounds(%map: !map, %m: i32, %n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %zero = arith.constant 0.0 : f32
  %n1 = arith.addi %n, %c1 : i32
  sm90.warp_specialize producer registers(24) {
    %start = sm90.start : !cursor
    %end:2 = scf.for %t = %c0 to %m step %c1 iter_args(%kt = %start, %vt = %start) -> (!cursor, !cursor) : i32 {
      %r:2 = scf.for %j = %c1 to %n1 step %c1 iter_args(%kc = %kt, %vc = %vt) -> (!cursor, !cursor) : i32 {
        %row = arith.muli %j, %c64 : i32
        %k = sm90.reserve %k_ring[%kc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %k signals %k_ring[%kc] : !map, !tile, !ring
        %kn = sm90.advance %kc : !cursor
        %v = sm90.reserve %v_ring[%vc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %v signals %v_ring[%vc] : !map, !tile, !ring
        %vn = sm90.advance %vc : !cursor
        scf.yield %kn, %vn : !cursor, !cursor
      }
      scf.yield %r#0, %r#1 : !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %end:2 = scf.for %t = %c0 to %m step %c1 iter_args(%kt = %start, %vt = %start) -> (!cursor, !cursor) : i32 {
      %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %kt, %vc = %vt) -> (!s, !cursor, !cursor) : i32 {
        %k = sm90.wait %k_ring[%kc] : !ring -> !tile
        %ps = sm90.wgmma %q, %k transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
        sm90.commit
        %s = sm90.await %ps : !sm90.pending<64x64xf32>
        sm90.release %k_ring[%kc] : !ring
        %f = sm90.fold %s init(%zero) : !s, f32 {
        ^bb0(%a: f32, %x: f32):
          %y = arith.maximumf %a, %x : f32
          sm90.yield %y : f32
        }
        %w = sm90.map %s : (!s) -> !s {
        ^bb0(%x: f32):
          %y = arith.mulf %x, %f : f32
          sm90.yield %y : f32
        }
        %p = sm90.convert %w : !s to !p
        %v = sm90.wait %v_ring[%vc] : !ring -> !tile
        %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x64xf32>
        sm90.commit
        %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x64xf32>
        sm90.release %v_ring[%vc] : !ring
        %kn = sm90.advance %kc : !cursor
        %vn = sm90.advance %vc : !cursor
        scf.yield %on, %kn, %vn : !s, !cursor, !cursor
      } {sm90.overlap = #sm90.overlap<chunked>}
      scf.yield %r#1, %r#2 : !cursor, !cursor
    }
  }
  sm90.return
}

// Something else takes keys, too.
// CHECK-LABEL: sm90.kernel @elsewhere(
// CHECK-NOT: scf.if
// CHECK: consumers(1)
// CHECK-COUNT-8: sm90.wgmma {{.*}} into
sm90.kernel @elsewhere(%map: !map, %m: i32, %n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
    %start = sm90.start : !cursor
    %end:2 = scf.for %t = %c0 to %m step %c1 iter_args(%kt = %start, %vt = %start) -> (!cursor, !cursor) : i32 {
      %r:2 = scf.for %j = %c0 to %n step %c1 iter_args(%kc = %kt, %vc = %vt) -> (!cursor, !cursor) : i32 {
        %row = arith.muli %j, %c64 : i32
        %k = sm90.reserve %k_ring[%kc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %k signals %k_ring[%kc] : !map, !tile, !ring
        %kn = sm90.advance %kc : !cursor
        %v = sm90.reserve %v_ring[%vc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %v signals %v_ring[%vc] : !map, !tile, !ring
        %vn = sm90.advance %vc : !cursor
        scf.yield %kn, %vn : !cursor, !cursor
      }
      %row = arith.muli %t, %c64 : i32
      %k = sm90.reserve %k_ring[%r#0] : !ring -> !tile
      sm90.tma_load %map[%row, %c0] to %k signals %k_ring[%r#0] : !map, !tile, !ring
      %kn = sm90.advance %r#0 : !cursor
      scf.yield %kn, %r#1 : !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %end:2 = scf.for %t = %c0 to %m step %c1 iter_args(%kt = %start, %vt = %start) -> (!cursor, !cursor) : i32 {
      %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %kt, %vc = %vt) -> (!s, !cursor, !cursor) : i32 {
        %k = sm90.wait %k_ring[%kc] : !ring -> !tile
        %ps = sm90.wgmma %q, %k transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
        sm90.commit
        %s = sm90.await %ps : !sm90.pending<64x64xf32>
        sm90.release %k_ring[%kc] : !ring
        %f = sm90.fold %s init(%zero) : !s, f32 {
        ^bb0(%a: f32, %x: f32):
          %y = arith.maximumf %a, %x : f32
          sm90.yield %y : f32
        }
        %w = sm90.map %s : (!s) -> !s {
        ^bb0(%x: f32):
          %y = arith.mulf %x, %f : f32
          sm90.yield %y : f32
        }
        %p = sm90.convert %w : !s to !p
        %v = sm90.wait %v_ring[%vc] : !ring -> !tile
        %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x64xf32>
        sm90.commit
        %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x64xf32>
        sm90.release %v_ring[%vc] : !ring
        %kn = sm90.advance %kc : !cursor
        %vn = sm90.advance %vc : !cursor
        scf.yield %on, %kn, %vn : !s, !cursor, !cursor
      } {sm90.overlap = #sm90.overlap<chunked>}
      %k = sm90.wait %k_ring[%r#1] : !ring -> !tile
      %ps = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x64xf32>
      sm90.release %k_ring[%r#1] : !ring
      %kn = sm90.advance %r#1 : !cursor
      scf.yield %kn, %r#2 : !cursor, !cursor
    }
  }
  sm90.return
}

// Where keys lie is read from memory, which may change.
// CHECK-LABEL: sm90.kernel @from_memory(
// CHECK-NOT: scf.if
// CHECK: consumers(1)
// CHECK-COUNT-8: sm90.wgmma {{.*}} into
sm90.kernel @from_memory(%map: !map, %m: i32, %n: i32, %memory: !llvm.ptr) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
    %start = sm90.start : !cursor
    %end:2 = scf.for %t = %c0 to %m step %c1 iter_args(%kt = %start, %vt = %start) -> (!cursor, !cursor) : i32 {
      %r:2 = scf.for %j = %c0 to %n step %c1 iter_args(%kc = %kt, %vc = %vt) -> (!cursor, !cursor) : i32 {
        %row = llvm.load volatile %memory : !llvm.ptr -> i32
        %k = sm90.reserve %k_ring[%kc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %k signals %k_ring[%kc] : !map, !tile, !ring
        %kn = sm90.advance %kc : !cursor
        %v = sm90.reserve %v_ring[%vc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %v signals %v_ring[%vc] : !map, !tile, !ring
        %vn = sm90.advance %vc : !cursor
        scf.yield %kn, %vn : !cursor, !cursor
      }
      scf.yield %r#0, %r#1 : !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %end:2 = scf.for %t = %c0 to %m step %c1 iter_args(%kt = %start, %vt = %start) -> (!cursor, !cursor) : i32 {
      %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %kt, %vc = %vt) -> (!s, !cursor, !cursor) : i32 {
        %k = sm90.wait %k_ring[%kc] : !ring -> !tile
        %ps = sm90.wgmma %q, %k transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
        sm90.commit
        %s = sm90.await %ps : !sm90.pending<64x64xf32>
        sm90.release %k_ring[%kc] : !ring
        %f = sm90.fold %s init(%zero) : !s, f32 {
        ^bb0(%a: f32, %x: f32):
          %y = arith.maximumf %a, %x : f32
          sm90.yield %y : f32
        }
        %w = sm90.map %s : (!s) -> !s {
        ^bb0(%x: f32):
          %y = arith.mulf %x, %f : f32
          sm90.yield %y : f32
        }
        %p = sm90.convert %w : !s to !p
        %v = sm90.wait %v_ring[%vc] : !ring -> !tile
        %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x64xf32>
        sm90.commit
        %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x64xf32>
        sm90.release %v_ring[%vc] : !ring
        %kn = sm90.advance %kc : !cursor
        %vn = sm90.advance %vc : !cursor
        scf.yield %on, %kn, %vn : !s, !cursor, !cursor
      } {sm90.overlap = #sm90.overlap<chunked>}
      scf.yield %r#1, %r#2 : !cursor, !cursor
    }
  }
  sm90.return
}

// It is computed in a way that a step behind the last may not allow.
// CHECK-LABEL: sm90.kernel @by_division(
// CHECK-NOT: scf.if
// CHECK: consumers(1)
// CHECK-COUNT-8: sm90.wgmma {{.*}} into
sm90.kernel @by_division(%map: !map, %m: i32, %n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
    %start = sm90.start : !cursor
    %end:2 = scf.for %t = %c0 to %m step %c1 iter_args(%kt = %start, %vt = %start) -> (!cursor, !cursor) : i32 {
      %r:2 = scf.for %j = %c0 to %n step %c1 iter_args(%kc = %kt, %vc = %vt) -> (!cursor, !cursor) : i32 {
        %left = arith.subi %n, %j : i32
        %row = arith.divsi %c64, %left : i32
        %k = sm90.reserve %k_ring[%kc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %k signals %k_ring[%kc] : !map, !tile, !ring
        %kn = sm90.advance %kc : !cursor
        %v = sm90.reserve %v_ring[%vc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %v signals %v_ring[%vc] : !map, !tile, !ring
        %vn = sm90.advance %vc : !cursor
        scf.yield %kn, %vn : !cursor, !cursor
      }
      scf.yield %r#0, %r#1 : !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %end:2 = scf.for %t = %c0 to %m step %c1 iter_args(%kt = %start, %vt = %start) -> (!cursor, !cursor) : i32 {
      %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %kt, %vc = %vt) -> (!s, !cursor, !cursor) : i32 {
        %k = sm90.wait %k_ring[%kc] : !ring -> !tile
        %ps = sm90.wgmma %q, %k transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
        sm90.commit
        %s = sm90.await %ps : !sm90.pending<64x64xf32>
        sm90.release %k_ring[%kc] : !ring
        %f = sm90.fold %s init(%zero) : !s, f32 {
        ^bb0(%a: f32, %x: f32):
          %y = arith.maximumf %a, %x : f32
          sm90.yield %y : f32
        }
        %w = sm90.map %s : (!s) -> !s {
        ^bb0(%x: f32):
          %y = arith.mulf %x, %f : f32
          sm90.yield %y : f32
        }
        %p = sm90.convert %w : !s to !p
        %v = sm90.wait %v_ring[%vc] : !ring -> !tile
        %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x64xf32>
        sm90.commit
        %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x64xf32>
        sm90.release %v_ring[%vc] : !ring
        %kn = sm90.advance %kc : !cursor
        %vn = sm90.advance %vc : !cursor
        scf.yield %on, %kn, %vn : !s, !cursor, !cursor
      } {sm90.overlap = #sm90.overlap<chunked>}
      scf.yield %r#1, %r#2 : !cursor, !cursor
    }
  }
  sm90.return
}
