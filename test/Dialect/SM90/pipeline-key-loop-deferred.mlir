// RUN: sigmoid-attn-opt %s -split-input-file -sm90-pipeline-key-loop -canonicalize -cse | FileCheck %s

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!p = !sm90.fragment<64x32xbf16>

// Where a branch decides about all of a step's weights, it waits, with what
// follows, until the next step's scores are issued. The loop carries what it
// needs: the fragment and the decision.
// CHECK-LABEL: sm90.kernel @deferred(
// CHECK: %[[K:.*]] = sm90.alloc_ring
// CHECK: %[[V:.*]] = sm90.alloc_ring
// CHECK: sm90.map
// CHECK: sm90.fold
// CHECK: nvvm.vote.sync
// CHECK: scf.for %{{.*}} iter_args(%[[O:.*]] = %{{.*}}, %[[KC:.*]] = %{{.*}}, %[[VC:.*]] = %{{.*}}, %[[KR:.*]] = %{{.*}}, %[[VR:.*]] = %{{.*}}, %[[E:.*]] = %{{.*}}, %[[C:.*]] = %{{.*}})
// CHECK-NEXT: %[[KEYS:.*]] = sm90.wait %[[K]][%[[KC]]] ready(%[[KR]])
// CHECK-NEXT: %[[PS:.*]] = sm90.wgmma %{{.*}}, %[[KEYS]] transpose_b
// CHECK-NEXT: sm90.commit
// CHECK-NEXT: %[[W:.*]] = scf.if %[[C]]
// CHECK: sm90.map %[[E]]
// CHECK: } else {
// CHECK: sm90.map %[[E]]
// CHECK: %[[P:.*]] = sm90.convert %[[W]]
// CHECK-NEXT: %[[VALUES:.*]] = sm90.wait %[[V]][%[[VC]]] ready(%[[VR]])
// CHECK-NEXT: %[[PO:.*]] = sm90.wgmma %[[P]], %[[VALUES]] into %[[O]]
// CHECK-NEXT: sm90.commit
// CHECK-NEXT: %[[S:.*]] = sm90.await %[[PS]] in_flight(1)
// CHECK-NEXT: sm90.release %[[K]][%[[KC]]]
// CHECK: %[[NE:.*]] = sm90.map %[[S]]
// CHECK: sm90.fold %[[NE]]
// CHECK: %[[NC:.*]] = nvvm.vote.sync
// CHECK-NEXT: %[[PIN:.*]] = sm90.pin %[[NE]]
// CHECK-NEXT: nvvm.pmevent id = 0
// CHECK-NEXT: %[[SUM:.*]] = sm90.await %[[PO]] keep(%[[P]]
// CHECK-NEXT: sm90.release %[[V]][%[[VC]]]
// CHECK-NEXT: scf.yield %[[SUM]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[PIN]], %[[NC]]
// CHECK: scf.if
// CHECK: sm90.convert
// CHECK: sm90.wait %[[V]]
// CHECK: sm90.wgmma
// CHECK: sm90.await
// CHECK: sm90.release %[[V]]
sm90.kernel @deferred(%n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %lanes = arith.constant -1 : i32
  %zero = arith.constant 0.0 : f32
  %most = arith.constant 0.03125 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !sm90.pending<64x32xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x32xf32>
      sm90.release %k_ring[%kc] : !ring
      %e = sm90.map %s : (!s) -> !s {
      ^bb0(%x: f32):
        %y = math.exp2 %x : f32
        sm90.yield %y : f32
      }
      %largest = sm90.fold %e init(%zero) : !s, f32 {
      ^bb0(%a: f32, %x: f32):
        %y = arith.maximumf %a, %x : f32
        sm90.yield %y : f32
      }
      %small = arith.cmpf ole, %largest, %most : f32
      %all = nvvm.vote.sync all %lanes, %small -> i1
      %w = scf.if %all -> (!s) {
        %a = sm90.map %e : (!s) -> !s {
        ^bb0(%x: f32):
          %y = arith.mulf %x, %x : f32
          sm90.yield %y : f32
        }
        scf.yield %a : !s
      } else {
        %a = sm90.map %e : (!s) -> !s {
        ^bb0(%x: f32):
          %y = arith.divf %x, %most : f32
          sm90.yield %y : f32
        }
        scf.yield %a : !s
      }
      %p = sm90.convert %w : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x32xf32>
      sm90.commit
      %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x32xf32>
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<pipelined>}
  }
  sm90.return
}

// -----

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!p = !sm90.fragment<64x32xbf16>

// Without the registers for the scores of two steps nothing is deferred: the
// branch stands before the last product's wait.
// CHECK-LABEL: sm90.kernel @too_few_registers(
// CHECK: scf.for
// CHECK: sm90.wgmma
// CHECK: sm90.wgmma
// CHECK: sm90.await %{{.*}} in_flight(1)
// CHECK: nvvm.vote.sync
// CHECK: scf.if
// CHECK: sm90.pin
// CHECK-NEXT: sm90.await
// CHECK-NOT: nvvm.pmevent
sm90.kernel @too_few_registers(%n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %lanes = arith.constant -1 : i32
  %zero = arith.constant 0.0 : f32
  %most = arith.constant 0.03125 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(64) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !sm90.pending<64x32xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x32xf32>
      sm90.release %k_ring[%kc] : !ring
      %e = sm90.map %s : (!s) -> !s {
      ^bb0(%x: f32):
        %y = math.exp2 %x : f32
        sm90.yield %y : f32
      }
      %largest = sm90.fold %e init(%zero) : !s, f32 {
      ^bb0(%a: f32, %x: f32):
        %y = arith.maximumf %a, %x : f32
        sm90.yield %y : f32
      }
      %small = arith.cmpf ole, %largest, %most : f32
      %all = nvvm.vote.sync all %lanes, %small -> i1
      %w = scf.if %all -> (!s) {
        %a = sm90.map %e : (!s) -> !s {
        ^bb0(%x: f32):
          %y = arith.mulf %x, %x : f32
          sm90.yield %y : f32
        }
        scf.yield %a : !s
      } else {
        %a = sm90.map %e : (!s) -> !s {
        ^bb0(%x: f32):
          %y = arith.divf %x, %most : f32
          sm90.yield %y : f32
        }
        scf.yield %a : !s
      }
      %p = sm90.convert %w : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x32xf32>
      sm90.commit
      %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x32xf32>
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<pipelined>}
  }
  sm90.return
}
