// RUN: sigmoid-attn-opt %s -split-input-file -sm90-skip-hidden-keys -canonicalize -cse | FileCheck %s

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!ps = !sm90.pending<64x32xf32>

// The loop keeps the steps that give weights. In those before and behind, slots
// are waited for and given back once all of the warpgroup has seen them full.
// CHECK-LABEL: sm90.kernel @both(
// CHECK-SAME: %[[N:[^:]*]]: i32, %[[BEGIN:[^:]*]]: i32, %[[END:[^:]*]]: i32)
// CHECK: %[[K:.*]] = sm90.alloc_ring
// CHECK: %[[V:.*]] = sm90.alloc_ring
// CHECK: %[[START:.*]] = sm90.start
// CHECK: %[[FROM:.*]] = arith.minsi %{{.*}}, %[[N]]
// CHECK: %[[TO:.*]] = arith.minsi %{{.*}}, %[[N]]
// CHECK: %[[BEFORE:.*]]:2 = scf.for %{{.*}} = %c0_i32 to %[[FROM]] step %c1_i32 iter_args(%[[KC:.*]] = %[[START]], %[[VC:.*]] = %[[START]])
// CHECK-NEXT: sm90.wait %[[K]][%[[KC]]]
// CHECK-NEXT: sm90.wait %[[V]][%[[VC]]]
// CHECK: nvvm.barrier id = %{{.*}} number_of_threads = %c128_i32
// CHECK-NEXT: sm90.release %[[K]][%[[KC]]]
// CHECK-NEXT: sm90.release %[[V]][%[[VC]]]
// CHECK-NEXT: %[[KN:.*]] = sm90.advance %[[KC]]
// CHECK-NEXT: %[[VN:.*]] = sm90.advance %[[VC]]
// CHECK-NEXT: scf.yield %[[KN]], %[[VN]]
// CHECK: %[[SEEN:.*]]:3 = scf.for %{{.*}} = %[[FROM]] to %[[TO]] step %c1_i32 iter_args(%{{.*}} = %{{.*}}, %{{.*}} = %[[BEFORE]]#0, %{{.*}} = %[[BEFORE]]#1)
// CHECK-NOT: scf.if
// CHECK: sm90.map
// CHECK-NOT: scf.if
// CHECK: sm90.overlap = #sm90.overlap<chunked>
// CHECK: %[[BEHIND:.*]]:2 = scf.for %{{.*}} = %[[TO]] to %[[N]] step %c1_i32 iter_args(%{{.*}} = %[[SEEN]]#1, %{{.*}} = %[[SEEN]]#2)
// CHECK-NEXT: sm90.wait %[[K]]
// CHECK-NEXT: sm90.wait %[[V]]
// CHECK: nvvm.barrier
// CHECK: sm90.release %[[K]][%[[BEHIND]]#0]
// CHECK: sm90.release %[[V]][%[[BEHIND]]#1]
sm90.kernel @both(%n: i32, %begin: i32, %end: i32) {
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
