// RUN: sigmoid-attn-opt %s -sm90-pipeline-key-loop -canonicalize -cse -sm90-verify-kernels | FileCheck %s

// Chunked loops whose last step stands apart, since another ring then waits,
// or is at another slot than before.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x64xf32>
!p = !sm90.fragment<64x64xbf16>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>

// Values of the first step come behind all keys, of which one more would wait for it.
// CHECK-LABEL: sm90.kernel @values_behind(
// CHECK-NOT: scf.if
// CHECK: consumers(1)
// CHECK-COUNT-8: sm90.wgmma {{.*}} into
sm90.kernel @values_behind(%map: !map, %m: i32, %n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %zero = arith.constant 0.0 : f32
  %c2 = arith.constant 2 : i32
  sm90.warp_specialize producer registers(24) {
    %start = sm90.start : !cursor
    %end:2 = scf.for %t = %c0 to %m step %c1 iter_args(%kt = %start, %vt = %start) -> (!cursor, !cursor) : i32 {
      %ks = scf.for %j = %c0 to %c2 step %c1 iter_args(%kc = %kt) -> (!cursor) : i32 {
        %row = arith.muli %j, %c64 : i32
        %k = sm90.reserve %k_ring[%kc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %k signals %k_ring[%kc] : !map, !tile, !ring
        %kn = sm90.advance %kc : !cursor
        scf.yield %kn : !cursor
      }
      %vs = scf.for %j = %c0 to %c2 step %c1 iter_args(%vc = %vt) -> (!cursor) : i32 {
        %row = arith.muli %j, %c64 : i32
        %v = sm90.reserve %v_ring[%vc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %v signals %v_ring[%vc] : !map, !tile, !ring
        %vn = sm90.advance %vc : !cursor
        scf.yield %vn : !cursor
      }
      scf.yield %ks, %vs : !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %end:2 = scf.for %t = %c0 to %m step %c1 iter_args(%kt = %start, %vt = %start) -> (!cursor, !cursor) : i32 {
      %r:3 = scf.for %j = %c0 to %c2 step %c1 iter_args(%o = %o0, %kc = %kt, %vc = %vt) -> (!s, !cursor, !cursor) : i32 {
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

// Queries do.
// CHECK-LABEL: sm90.kernel @queries_behind(
// CHECK-NOT: scf.if
// CHECK: consumers(1)
// CHECK-COUNT-8: sm90.wgmma {{.*}} into
sm90.kernel @queries_behind(%map: !map, %m: i32, %n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q_ring = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %zero = arith.constant 0.0 : f32
  %c2 = arith.constant 2 : i32
  sm90.warp_specialize producer registers(24) {
    %start = sm90.start : !cursor
    %end:3 = scf.for %t = %c0 to %m step %c1 iter_args(%qt = %start, %kt = %start, %vt = %start) -> (!cursor, !cursor, !cursor) : i32 {
      %r:2 = scf.for %j = %c0 to %c2 step %c1 iter_args(%kc = %kt, %vc = %vt) -> (!cursor, !cursor) : i32 {
        %row = arith.muli %j, %c64 : i32
        %k = sm90.reserve %k_ring[%kc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %k signals %k_ring[%kc] : !map, !tile, !ring
        %kn = sm90.advance %kc : !cursor
        %v = sm90.reserve %v_ring[%vc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %v signals %v_ring[%vc] : !map, !tile, !ring
        %vn = sm90.advance %vc : !cursor
        scf.yield %kn, %vn : !cursor, !cursor
      }
      %w = sm90.reserve %q_ring[%qt] : !ring -> !tile
      sm90.tma_load %map[%t, %c0] to %w signals %q_ring[%qt] : !map, !tile, !ring
      %qn = sm90.advance %qt : !cursor
      scf.yield %qn, %r#0, %r#1 : !cursor, !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %end:3 = scf.for %t = %c0 to %m step %c1 iter_args(%qt = %start, %kt = %start, %vt = %start) -> (!cursor, !cursor, !cursor) : i32 {
      %q = sm90.wait %q_ring[%qt] : !ring -> !tile
      %r:3 = scf.for %j = %c0 to %c2 step %c1 iter_args(%o = %o0, %kc = %kt, %vc = %vt) -> (!s, !cursor, !cursor) : i32 {
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
      sm90.release %q_ring[%qt] : !ring
      %qn = sm90.advance %qt : !cursor
      scf.yield %qn, %r#1, %r#2 : !cursor, !cursor, !cursor
    }
  }
  sm90.return
}

// Values are at the cursor of the keys, which go up alike.
// CHECK-LABEL: sm90.kernel @one_cursor(
// CHECK-NOT: scf.if
// CHECK: consumers(1)
// CHECK-COUNT-8: sm90.wgmma {{.*}} into
sm90.kernel @one_cursor(%map: !map, %m: i32, %n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
    %start = sm90.start : !cursor
    %end = scf.for %t = %c0 to %m step %c1 iter_args(%kt = %start) -> (!cursor) : i32 {
      %r = scf.for %j = %c0 to %n step %c1 iter_args(%kc = %kt) -> (!cursor) : i32 {
        %row = arith.muli %j, %c64 : i32
        %k = sm90.reserve %k_ring[%kc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %k signals %k_ring[%kc] : !map, !tile, !ring
        %kn = sm90.advance %kc : !cursor
        %v = sm90.reserve %v_ring[%kc] : !ring -> !tile
        sm90.tma_load %map[%row, %c0] to %v signals %v_ring[%kc] : !map, !tile, !ring
        scf.yield %kn : !cursor
      }
      scf.yield %r : !cursor
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

// The next tile begins both at the cursor of the keys.
// CHECK-LABEL: sm90.kernel @one_result(
// CHECK-NOT: scf.if
// CHECK: consumers(1)
// CHECK-COUNT-8: sm90.wgmma {{.*}} into
sm90.kernel @one_result(%map: !map, %m: i32, %n: i32) {
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
      scf.yield %r#0, %r#0 : !cursor, !cursor
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
