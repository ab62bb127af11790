// RUN: sigmoid-attn-opt %s -sm90-pipeline-key-loop -canonicalize -cse | FileCheck %s

// Turns, and what keeps weights in their place, in chunked loops.

!tile = !sm90.tile<64x64xbf16>
!q = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x64xf32>
!p = !sm90.fragment<64x64xbf16>

// Of three warpgroups the next one begins after 16 of 64 keys: a third of them and
// an eighth of that, rounded down.
// CHECK-LABEL: sm90.kernel @three_turns(
// CHECK: ^bb0(%[[WARPGROUP:.*]]: i32):
// CHECK-DAG: %[[MINE:.*]] = arith.addi %[[WARPGROUP]], %c8_i32
// CHECK-DAG: %[[LAST:.*]] = arith.cmpi eq, %[[WARPGROUP]], %c2_i32
// CHECK: %[[NEXT:.*]] = arith.select %[[LAST]], %c8_i32
// CHECK: scf.for
// CHECK: sm90.wait
// CHECK: nvvm.barrier id = %[[MINE]] number_of_threads = %c256_i32
// CHECK-NEXT: nvvm.pmevent id = 0
// CHECK: sm90.map
// CHECK: sm90.wgmma
// CHECK-NEXT: nvvm.barrier.arrive id = %[[NEXT]] number_of_threads = %c256_i32
// CHECK-COUNT-3: sm90.map
// CHECK-NOT: nvvm.barrier
// CHECK: sm90.await
// The last step, behind the loop.
// CHECK: nvvm.barrier id = %[[MINE]]
// CHECK: nvvm.barrier.arrive id = %[[NEXT]]
sm90.kernel @three_turns(%n: i32) {
  %k_ring = sm90.alloc_ring readers(3) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(3) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(3) registers(160) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !sm90.pending<64x64xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x64xf32>
      sm90.release %k_ring[%kc] : !ring
      %w = sm90.map %s : (!s) -> !s {
      ^bb0(%x: f32):
        %y = math.tanh %x : f32
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
    } {sm90.overlap = #sm90.overlap<chunked, turns>}
  }
  sm90.return
}

// One has nobody before or behind it, and passes on after the last of its keys.
// CHECK-LABEL: sm90.kernel @one_turn(
// CHECK: scf.for
// CHECK: nvvm.barrier id
// CHECK-COUNT-4: sm90.map
// CHECK: sm90.wgmma
// CHECK-NEXT: nvvm.barrier.arrive
sm90.kernel @one_turn(%n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(160) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !sm90.pending<64x64xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x64xf32>
      sm90.release %k_ring[%kc] : !ring
      %w = sm90.map %s : (!s) -> !s {
      ^bb0(%x: f32):
        %y = math.tanh %x : f32
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
    } {sm90.overlap = #sm90.overlap<chunked, turns>}
  }
  sm90.return
}

// Many warpgroups: a fence, but no turns.
// CHECK-LABEL: sm90.kernel @many(
// CHECK-NOT: nvvm.barrier
// CHECK: scf.for
// CHECK: sm90.wait
// CHECK: nvvm.pmevent id = 0
// CHECK: sm90.map
sm90.kernel @many(%n: i32) {
  %k_ring = sm90.alloc_ring readers(3) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(3) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(3) registers(160) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !sm90.pending<64x64xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x64xf32>
      sm90.release %k_ring[%kc] : !ring
      %w = sm90.map %s : (!s) -> !s {
      ^bb0(%x: f32):
        %y = math.tanh %x : f32
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
  }
  sm90.return
}

// Few: what ptxas moves up gains.
// CHECK-LABEL: sm90.kernel @few(
// CHECK-NOT: nvvm.pmevent
// CHECK: sm90.return
sm90.kernel @few(%n: i32) {
  %k_ring = sm90.alloc_ring readers(2) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(2) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(2) registers(160) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !sm90.pending<64x64xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x64xf32>
      sm90.release %k_ring[%kc] : !ring
      %w = sm90.map %s : (!s) -> !s {
      ^bb0(%x: f32):
        %y = math.tanh %x : f32
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
  }
  sm90.return
}
