// RUN: sigmoid-attn-opt %s -split-input-file -sm90-skip-hidden-keys | FileCheck %s

// Conditions that are no range of the steps that a loop takes, and waits that need
// the step.

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!ps = !sm90.pending<64x32xf32>

// One bound of two would be lost.
// CHECK-LABEL: sm90.kernel @two_begins(
// CHECK-COUNT-1: scf.for
// CHECK-NOT: scf.for
// CHECK: scf.if
sm90.kernel @two_begins(%n: i32, %begin: i32, %end: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !ps
      sm90.commit
      %s = sm90.await %ps : !ps
      sm90.release %k_ring[%kc] : !ring
      %from = arith.cmpi sge, %j, %begin : i32
      %to = arith.cmpi sge, %j, %end : i32
      %seen = arith.andi %from, %to : i1
      %w = scf.if %seen -> (!s) {
        %m = sm90.map %s : (!s) -> !s {
        ^bb0(%x: f32):
          %y = math.tanh %x : f32
          sm90.yield %y : f32
        }
        scf.yield %m : !s
      } else {
        %none = sm90.splat %zero : !s
        scf.yield %none : !s
      }
      %p = sm90.convert %w : !s to !sm90.fragment<64x32xbf16>
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !sm90.fragment<64x32xbf16>, !tile, !s -> !ps
      sm90.commit
      %on = sm90.await %po keep(%p : !sm90.fragment<64x32xbf16>) : !ps
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<chunked>}
    sm90.release %k_ring[%r#1] : !ring
    sm90.release %v_ring[%r#2] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!ps = !sm90.pending<64x32xf32>

// A loop that starts at a bound would take other steps.
// CHECK-LABEL: sm90.kernel @steps_of_two(
// CHECK-COUNT-1: scf.for
// CHECK-NOT: scf.for
// CHECK: scf.if
sm90.kernel @steps_of_two(%n: i32, %begin: i32, %end: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 2 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !ps
      sm90.commit
      %s = sm90.await %ps : !ps
      sm90.release %k_ring[%kc] : !ring
      %from = arith.cmpi sge, %j, %begin : i32
      %to = arith.cmpi slt, %j, %end : i32
      %seen = arith.andi %from, %to : i1
      %w = scf.if %seen -> (!s) {
        %m = sm90.map %s : (!s) -> !s {
        ^bb0(%x: f32):
          %y = math.tanh %x : f32
          sm90.yield %y : f32
        }
        scf.yield %m : !s
      } else {
        %none = sm90.splat %zero : !s
        scf.yield %none : !s
      }
      %p = sm90.convert %w : !s to !sm90.fragment<64x32xbf16>
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !sm90.fragment<64x32xbf16>, !tile, !s -> !ps
      sm90.commit
      %on = sm90.await %po keep(%p : !sm90.fragment<64x32xbf16>) : !ps
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<chunked>}
    sm90.release %k_ring[%r#1] : !ring
    sm90.release %v_ring[%r#2] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!ps = !sm90.pending<64x32xf32>

// Bounds are compared as signed numbers.
// CHECK-LABEL: sm90.kernel @unsigned_steps(
// CHECK-COUNT-1: scf.for
// CHECK-NOT: scf.for
// CHECK: scf.if
sm90.kernel @unsigned_steps(%n: i32, %begin: i32, %end: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for unsigned %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !ps
      sm90.commit
      %s = sm90.await %ps : !ps
      sm90.release %k_ring[%kc] : !ring
      %from = arith.cmpi sge, %j, %begin : i32
      %to = arith.cmpi slt, %j, %end : i32
      %seen = arith.andi %from, %to : i1
      %w = scf.if %seen -> (!s) {
        %m = sm90.map %s : (!s) -> !s {
        ^bb0(%x: f32):
          %y = math.tanh %x : f32
          sm90.yield %y : f32
        }
        scf.yield %m : !s
      } else {
        %none = sm90.splat %zero : !s
        scf.yield %none : !s
      }
      %p = sm90.convert %w : !s to !sm90.fragment<64x32xbf16>
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !sm90.fragment<64x32xbf16>, !tile, !s -> !ps
      sm90.commit
      %on = sm90.await %po keep(%p : !sm90.fragment<64x32xbf16>) : !ps
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<chunked>}
    sm90.release %k_ring[%r#1] : !ring
    sm90.release %v_ring[%r#2] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!ps = !sm90.pending<64x32xf32>

// What a wait needs is computed from the step.
// CHECK-LABEL: sm90.kernel @computed_ready(
// CHECK-COUNT-1: scf.for
// CHECK-NOT: scf.for
// CHECK: scf.if
sm90.kernel @computed_ready(%n: i32, %begin: i32, %end: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %ready = arith.cmpi sge, %j, %begin : i32
      %k = sm90.wait %k_ring[%kc] ready(%ready) : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !ps
      sm90.commit
      %s = sm90.await %ps : !ps
      sm90.release %k_ring[%kc] : !ring
      %from = arith.cmpi sge, %j, %begin : i32
      %to = arith.cmpi slt, %j, %end : i32
      %seen = arith.andi %from, %to : i1
      %w = scf.if %seen -> (!s) {
        %m = sm90.map %s : (!s) -> !s {
        ^bb0(%x: f32):
          %y = math.tanh %x : f32
          sm90.yield %y : f32
        }
        scf.yield %m : !s
      } else {
        %none = sm90.splat %zero : !s
        scf.yield %none : !s
      }
      %p = sm90.convert %w : !s to !sm90.fragment<64x32xbf16>
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !sm90.fragment<64x32xbf16>, !tile, !s -> !ps
      sm90.commit
      %on = sm90.await %po keep(%p : !sm90.fragment<64x32xbf16>) : !ps
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<chunked>}
    sm90.release %k_ring[%r#1] : !ring
    sm90.release %v_ring[%r#2] : !ring
  }
  sm90.return
}
