// RUN: sigmoid-attn-opt %s -split-input-file -sm90-pipeline-tile-loop -canonicalize -cse | FileCheck %s

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<3, !tile>
!q_ring = !sm90.ring<2, !q>
!cursor = !sm90.cursor<3>
!q_cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!ps = !sm90.pending<64x32xf32>

// The first tile's scores come before the loop. The next tile's are issued before
// this one's output is stored, and awaited behind; the slots that they were read
// from are taken by the next iteration, which need not wait for the keys again. A tile that is not there, or sees no keys,
// has none.
// CHECK-LABEL: sm90.kernel @static(
// CHECK-SAME: %[[TILES:.*]]: i32, %[[GRID:.*]]: i32, %[[N:.*]]: i32)
// CHECK: %[[K:.*]] = sm90.alloc_ring
// CHECK: %[[Q:.*]] = sm90.alloc_ring
// CHECK: %[[FIRST:.*]] = scf.if
// CHECK: sm90.wait %[[Q]][%[[QS:.*]]] peek
// CHECK: sm90.wait %[[K]][%[[KS:.*]]] peek
// CHECK: sm90.wgmma
// CHECK: sm90.await
// CHECK: } else {
// CHECK-NEXT: scf.yield %[[ZEROS:.*]] : !sm90.fragment
// CHECK: scf.for %[[T:.*]] = %c0_i32 to %[[TILES]] step %[[GRID]] iter_args(%[[QC:.*]] = %[[QS]], %[[KC:.*]] = %[[KS]], %[[S:.*]] = %[[FIRST]])
// CHECK: %[[A:.*]] = sm90.wait %[[Q]][%[[QC]]] :
// CHECK: %[[O:.*]]:2 = scf.if
// CHECK-NEXT: sm90.wait %[[K]][%[[KC]]] ready(%true) :
// CHECK-NEXT: sm90.release %[[K]][%[[KC]]]
// CHECK-NEXT: %[[W:.*]] = sm90.map %[[S]]
// CHECK: %[[KN:.*]] = sm90.advance %[[KC]]
// CHECK-NEXT: scf.yield %[[W]], %[[KN]]
// CHECK: %[[QN:.*]] = sm90.advance %[[QC]]
// CHECK: %[[NEXT:.*]] = arith.addi %[[T]], %[[GRID]]
// CHECK: %[[MORE:.*]] = arith.cmpi slt, %[[NEXT]], %[[TILES]]
// CHECK: %[[LEFT:.*]] = arith.subi %[[N]], %[[NEXT]]
// CHECK: %[[ANY:.*]] = arith.cmpi sgt, %[[LEFT]], %c0_i32
// CHECK: %[[BOTH:.*]] = arith.andi %[[MORE]], %[[ANY]]
// CHECK: %[[SN:.*]] = scf.if %[[BOTH]]
// CHECK-NEXT: %[[AN:.*]] = sm90.wait %[[Q]][%[[QN]]] peek
// CHECK-NEXT: %[[B:.*]] = sm90.wait %[[K]][%[[O]]#1] peek
// CHECK-NEXT: %[[P:.*]] = sm90.wgmma %[[AN]], %[[B]] transpose_b
// CHECK-NEXT: sm90.commit
// CHECK-NEXT: %[[R:.*]] = sm90.convert %[[O]]#0
// CHECK-NEXT: sm90.store_matrix %[[R]] to %[[A]]
// CHECK-NEXT: sm90.release %[[Q]][%[[QC]]]
// CHECK-NEXT: sm90.await %[[P]]
// CHECK: } else {
// CHECK-NEXT: %[[R:.*]] = sm90.convert %[[O]]#0
// CHECK-NEXT: sm90.store_matrix %[[R]] to %[[A]]
// CHECK-NEXT: sm90.release %[[Q]][%[[QC]]]
// CHECK-NEXT: scf.yield %[[ZEROS]]
// CHECK: scf.yield %[[QN]], %[[O]]#1, %[[SN]]
sm90.kernel @static(%tiles: i32, %grid: i32, %keys: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q_ring = sm90.alloc_ring readers(1) per warpgroup : !q_ring
  %c0 = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %k_start = sm90.start : !cursor
    %q_start = sm90.start : !q_cursor
    %zeros = sm90.splat %zero : !s
    scf.for %t = %c0 to %tiles step %grid iter_args(%qc = %q_start, %kc = %k_start) -> (!q_cursor, !cursor) : i32 {
      %a = sm90.wait %q_ring[%qc] : !q_ring -> !q
      %n = arith.subi %keys, %t : i32
      %any = arith.cmpi sgt, %n, %c0 : i32
      %o, %kn = scf.if %any -> (!s, !cursor) {
        %k = sm90.wait %k_ring[%kc] : !ring -> !tile
        %p = sm90.wgmma %a, %k transpose_b : !q, !tile -> !ps
        sm90.commit
        %s = sm90.await %p : !ps
        sm90.release %k_ring[%kc] : !ring
        %w = sm90.map %s : (!s) -> !s {
        ^bb0(%x: f32):
          %y = math.tanh %x : f32
          sm90.yield %y : f32
        }
        %next = sm90.advance %kc : !cursor
        scf.yield %w, %next : !s, !cursor
      } else {
        scf.yield %zeros, %kc : !s, !cursor
      }
      %r = sm90.convert %o : !s to !sm90.fragment<64x32xbf16>
      sm90.store_matrix %r to %a : !sm90.fragment<64x32xbf16>, !q
      sm90.release %q_ring[%qc] : !q_ring
      %qn = sm90.advance %qc : !q_cursor
      scf.yield %qn, %kn : !q_cursor, !cursor
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<3, !tile>
!q_ring = !sm90.ring<2, !q>
!cursor = !sm90.cursor<3>
!q_cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!ps = !sm90.pending<64x32xf32>

// The same where a condition, not a bound, ends the loop.
// CHECK-LABEL: sm90.kernel @dynamic(
// CHECK-SAME: %[[TILES:.*]]: i32, %[[GRID:.*]]: i32,
// CHECK: %[[FIRST:.*]] = scf.if
// CHECK: scf.while (%{{.*}} = %c0_i32, %{{.*}}, %{{.*}}, %[[PASSED:.*]] = %[[FIRST]])
// CHECK: scf.condition(%{{.*}}) %{{.*}}, %{{.*}}, %{{.*}}, %[[PASSED]]
// CHECK: ^bb0(%[[T:.*]]: i32, %{{.*}}, %{{.*}}, %[[S:.*]]: !sm90.fragment<64x32xf32>)
// CHECK: sm90.map %[[S]]
// CHECK: %[[NEXT:.*]] = arith.addi %[[T]], %[[GRID]]
// CHECK: arith.cmpi slt, %[[NEXT]], %[[TILES]]
// CHECK: %[[SN:.*]] = scf.if
// CHECK: peek
// CHECK: sm90.store_matrix
// CHECK: sm90.await
// CHECK: scf.yield %[[NEXT]], %{{.*}}, %{{.*}}, %[[SN]]
sm90.kernel @dynamic(%tiles: i32, %grid: i32, %keys: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q_ring = sm90.alloc_ring readers(1) per warpgroup : !q_ring
  %c0 = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %k_start = sm90.start : !cursor
    %q_start = sm90.start : !q_cursor
    %zeros = sm90.splat %zero : !s
    scf.while (%t = %c0, %qc = %q_start, %kc = %k_start) : (i32, !q_cursor, !cursor) -> (i32, !q_cursor, !cursor) {
      %more = arith.cmpi slt, %t, %tiles : i32
      scf.condition(%more) %t, %qc, %kc : i32, !q_cursor, !cursor
    } do {
    ^bb0(%t: i32, %qc: !q_cursor, %kc: !cursor):
      %a = sm90.wait %q_ring[%qc] : !q_ring -> !q
      %n = arith.subi %keys, %t : i32
      %any = arith.cmpi sgt, %n, %c0 : i32
      %o, %kn = scf.if %any -> (!s, !cursor) {
        %k = sm90.wait %k_ring[%kc] : !ring -> !tile
        %p = sm90.wgmma %a, %k transpose_b : !q, !tile -> !ps
        sm90.commit
        %s = sm90.await %p : !ps
        sm90.release %k_ring[%kc] : !ring
        %w = sm90.map %s : (!s) -> !s {
        ^bb0(%x: f32):
          %y = math.tanh %x : f32
          sm90.yield %y : f32
        }
        %next = sm90.advance %kc : !cursor
        scf.yield %w, %next : !s, !cursor
      } else {
        scf.yield %zeros, %kc : !s, !cursor
      }
      %r = sm90.convert %o : !s to !sm90.fragment<64x32xbf16>
      sm90.store_matrix %r to %a : !sm90.fragment<64x32xbf16>, !q
      sm90.release %q_ring[%qc] : !q_ring
      %qn = sm90.advance %qc : !q_cursor
      %tn = arith.addi %t, %grid : i32
      scf.yield %tn, %qn, %kn : i32, !q_cursor, !cursor
    }
  }
  sm90.return
}
