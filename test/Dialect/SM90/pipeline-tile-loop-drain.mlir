// RUN: sigmoid-attn-opt %s -sm90-pipeline-tile-loop -canonicalize -cse | FileCheck %s

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<3, !tile>
!q_ring = !sm90.ring<2, !q>
!m_ring = !sm90.ring<2, i32>
!cursor = !sm90.cursor<3>
!q_cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!ps = !sm90.pending<64x32xf32>

// What leads to the next tile keeps its order: the message with the next tile's
// number may come behind loads that wait for the slots drained here. What a loop's
// body takes from above comes along.
// CHECK-LABEL: sm90.kernel @drain(
// CHECK: %[[K:.*]] = sm90.alloc_ring readers(1) per warpgroup : !sm90.ring<3
// CHECK: %[[M:.*]] = sm90.alloc_ring readers(1) per warp : !sm90.ring<2, i32>
// CHECK: scf.while
// CHECK: sm90.map
// CHECK: %[[ID:.*]] = arith.addi
// CHECK-NEXT: scf.for
// CHECK-NEXT: sm90.wait %[[K]]
// CHECK-NEXT: nvvm.barrier id = %[[ID]]
// CHECK-NEXT: sm90.release %[[K]]
// CHECK: sm90.wait %[[M]]
// CHECK: sm90.wait %[[K]]{{.*}} peek
// CHECK: sm90.store_matrix
sm90.kernel @drain(%tiles: i32, %keys: i32, %hidden: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q_ring = sm90.alloc_ring readers(1) per warpgroup : !q_ring
  %m_ring = sm90.alloc_ring readers(1) per warp : !m_ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c128 = arith.constant 128 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %k_start = sm90.start : !cursor
    %q_start = sm90.start : !q_cursor
    %zeros = sm90.splat %zero : !s
    %r:4 = scf.while (%t = %c0, %qc = %q_start, %kc = %k_start, %mc = %q_start) : (i32, !q_cursor, !cursor, !q_cursor) -> (i32, !q_cursor, !cursor, !q_cursor) {
      %more = arith.cmpi slt, %t, %tiles : i32
      scf.condition(%more) %t, %qc, %kc, %mc : i32, !q_cursor, !cursor, !q_cursor
    } do {
    ^bb0(%t: i32, %qc: !q_cursor, %kc: !cursor, %mc: !q_cursor):
      %a = sm90.wait %q_ring[%qc] : !q_ring -> !q
      %any = arith.cmpi sgt, %keys, %t : i32
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
      %id = arith.addi %t, %c1 : i32
      %kd = scf.for %j = %c0 to %hidden step %c1 iter_args(%c = %kn) -> (!cursor) : i32 {
        %unread = sm90.wait %k_ring[%c] : !ring -> !tile
        nvvm.barrier id = %id number_of_threads = %c128
        sm90.release %k_ring[%c] : !ring
        %n = sm90.advance %c : !cursor
        scf.yield %n : !cursor
      }
      %r = sm90.convert %o : !s to !sm90.fragment<64x32xbf16>
      sm90.store_matrix %r to %a : !sm90.fragment<64x32xbf16>, !q
      sm90.release %q_ring[%qc] : !q_ring
      %qn = sm90.advance %qc : !q_cursor
      %tn = sm90.wait %m_ring[%mc] : !m_ring -> i32
      sm90.release %m_ring[%mc] : !m_ring
      %mn = sm90.advance %mc : !q_cursor
      scf.yield %tn, %qn, %kd, %mn : i32, !q_cursor, !cursor, !q_cursor
    }
  }
  sm90.return
}
