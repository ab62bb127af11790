// RUN: sigmoid-attn-opt %s -split-input-file -sm90-pipeline-tile-loop | FileCheck %s

// Loops over tiles that stay as they are.

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!q_ring = !sm90.ring<2, !q>
!cursor = !sm90.cursor<2>
!q_cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!ps = !sm90.pending<64x32xf32>

// With two stages of keys, one for all loads would be left.
// CHECK-LABEL: sm90.kernel @two_key_stages(
// CHECK-NOT: peek
sm90.kernel @two_key_stages(%tiles: i32, %grid: i32, %keys: i32) {
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
!q_ring = !sm90.ring<1, !q>
!cursor = !sm90.cursor<3>
!q_cursor = !sm90.cursor<1>
!s = !sm90.fragment<64x32xf32>
!ps = !sm90.pending<64x32xf32>

// The next tile's queries have no slot.
// CHECK-LABEL: sm90.kernel @one_query_stage(
// CHECK-NOT: peek
sm90.kernel @one_query_stage(%tiles: i32, %grid: i32, %keys: i32) {
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

// Scores and output need 32 registers a thread, and 52 are kept for others.
// CHECK-LABEL: sm90.kernel @few_registers(
// CHECK-NOT: peek
sm90.kernel @few_registers(%tiles: i32, %grid: i32, %keys: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q_ring = sm90.alloc_ring readers(1) per warpgroup : !q_ring
  %c0 = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(80) {
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
