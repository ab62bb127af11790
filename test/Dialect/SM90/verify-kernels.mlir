// Correct kernels pass as they are.
//
// RUN: sigmoid-attn-opt %s --sm90-verify-kernels | FileCheck %s
// RUN: sigmoid-attn-opt %S/forward.mlir --sm90-verify-kernels | FileCheck %S/forward.mlir
// RUN: sigmoid-attn-opt %S/forward-chunked.mlir --sm90-verify-kernels | FileCheck %S/forward-chunked.mlir

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>

// A branch may take a slot if it yields the cursor that is then at the ring.
// CHECK-LABEL: sm90.kernel @branch_yields_cursor
sm90.kernel @branch_yields_cursor(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  %some = arith.cmpi sgt, %n, %c0 : i32
  sm90.warp_specialize producer registers(24) {
    %e = scf.if %some -> !cursor {
      %t = sm90.reserve %r[%s] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
      %n1 = sm90.advance %s : !cursor
      scf.yield %n1 : !cursor
    } else {
      scf.yield %s : !cursor
    }
    %t = sm90.reserve %r[%e] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%e] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %e = scf.if %some -> !cursor {
      %k = sm90.wait %r[%s] : !ring -> !tile
      sm90.release %r[%s] : !ring
      %n1 = sm90.advance %s : !cursor
      scf.yield %n1 : !cursor
    } else {
      scf.yield %s : !cursor
    }
    %k = sm90.wait %r[%e] : !ring -> !tile
    sm90.release %r[%e] : !ring
  }
  sm90.return
}

// A loop begins on one way only, behind what a slot gets.
// CHECK-LABEL: sm90.kernel @loop_in_branch
sm90.kernel @loop_in_branch(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  %some = arith.cmpi sgt, %n, %c0 : i32
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
    scf.if %some {
      scf.for %i = %c0 to %n step %c1 : i32 {
      }
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// A product may stay in flight from one iteration to the next.
// CHECK-LABEL: sm90.kernel @in_flight_over_iterations
sm90.kernel @in_flight_over_iterations(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %p0 = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !pending
    sm90.commit
    %p = scf.for %i = %c0 to %n step %c1 iter_args(%p = %p0) -> (!pending) : i32 {
      %q = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !pending
      sm90.commit
      %a = sm90.await %p in_flight(1) : !pending
      scf.yield %q : !pending
    }
    %a = sm90.await %p : !pending
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// Two cursors of one ring, one slot apart: a slot is released an iteration after
// it was taken.
// CHECK-LABEL: sm90.kernel @released_late
sm90.kernel @released_late(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %cn = sm90.advance %c : !cursor
      scf.yield %cn : !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k0 = sm90.wait %r[%s] : !ring -> !tile
    %s1 = sm90.advance %s : !cursor
    %e:2 = scf.for %i = %c1 to %n step %c1 iter_args(%old = %s, %new = %s1) -> (!cursor, !cursor) : i32 {
      %k = sm90.wait %r[%new] : !ring -> !tile
      sm90.release %r[%old] : !ring
      %next = sm90.advance %new : !cursor
      scf.yield %new, %next : !cursor, !cursor
    }
    sm90.release %r[%e#0] : !ring
  }
  sm90.return
}

// A slot that was peeked at is taken once.
// CHECK-LABEL: sm90.kernel @peek
// CHECK: sm90.wait %{{.*}}[%{{.*}}] peek : !sm90.ring<2, !sm90.tile<64x64xbf16>>
sm90.kernel @peek(%m: !map) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %early = sm90.wait %r[%s] peek : !ring -> !tile
    %p = sm90.wgmma %early, %early transpose_b : !tile, !tile -> !pending
    sm90.commit
    %f = sm90.await %p : !pending
    %k = sm90.wait %r[%s] : !ring -> !tile
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// One thread releases for its warpgroup what all its warps have seen full: they
// met at a barrier, or issued a product together.
// CHECK-LABEL: sm90.kernel @together
sm90.kernel @together(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %threads = arith.constant 128 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %cn = sm90.advance %c : !cursor
      scf.yield %cn : !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %id = arith.addi %wg, %c1 : i32
    %true = arith.constant true
    %unread = sm90.wait %r[%s] : !ring -> !tile
    nvvm.barrier id = %id number_of_threads = %threads
    sm90.release %r[%s] : !ring
    %s1 = sm90.advance %s : !cursor
    %early = sm90.wait %r[%s1] peek : !ring -> !tile
    %p = sm90.wgmma %early, %early transpose_b : !tile, !tile -> !pending
    sm90.commit
    %f = sm90.await %p : !pending
    %k = sm90.wait %r[%s1] ready(%true) : !ring -> !tile
    sm90.release %r[%s1] : !ring
    %s2 = sm90.advance %s1 : !cursor
    %c2 = arith.constant 2 : i32
    %e = scf.for %i = %c2 to %n step %c1 iter_args(%c = %s2) -> (!cursor) : i32 {
      %l = sm90.wait %r[%c] : !ring -> !tile
      %q = sm90.wgmma %l, %l transpose_b : !tile, !tile -> !pending
      sm90.commit
      %g = sm90.await %q : !pending
      sm90.release %r[%c] : !ring
      %cn = sm90.advance %c : !cursor
      scf.yield %cn : !cursor
    }
  }
  sm90.return
}

// All consumers meet, under one number.
// CHECK-LABEL: sm90.kernel @all_consumers
sm90.kernel @all_consumers(%m: !map) {
  %r = sm90.alloc_ring readers(2) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %threads = arith.constant 256 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(2) registers(168) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    nvvm.barrier id = %c1 number_of_threads = %threads
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// Each iteration peeks at the slot that the next one takes, under the condition
// under which it takes it.
// CHECK-LABEL: sm90.kernel @peeks_ahead
sm90.kernel @peeks_ahead(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %true = arith.constant true
  %s = sm90.start : !cursor
  %z = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %cn = sm90.advance %c : !cursor
      scf.yield %cn : !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %any = arith.cmpi slt, %c0, %n : i32
    scf.if %any {
      %early = sm90.wait %r[%s] peek : !ring -> !tile
      %p = sm90.wgmma %early, %early transpose_b : !tile, !tile -> !pending
      sm90.commit
      %f = sm90.await %p : !pending
    }
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %k = sm90.wait %r[%c] ready(%true) : !ring -> !tile
      sm90.release %r[%c] : !ring
      %cn = sm90.advance %c : !cursor
      %next = arith.addi %i, %c1 : i32
      %more = arith.cmpi slt, %next, %n : i32
      scf.if %more {
        %early = sm90.wait %r[%cn] peek : !ring -> !tile
        %p = sm90.wgmma %early, %early transpose_b : !tile, !tile -> !pending
        sm90.commit
        %f = sm90.await %p : !pending
      }
      scf.yield %cn : !cursor
    }
  }
  sm90.return
}

// Copies out of a tile of no ring take turns with its parts.
// CHECK-LABEL: sm90.kernel @parts_in_turn
sm90.kernel @parts_in_turn(%m: !map, %n: i32) {
  %t = sm90.alloc_tile : !sm90.tile<64x128xbf16>
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %z = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %c128 = arith.constant 128 : i32
    %b = arith.addi %wg, %c1 : i32
    %f = sm90.splat %z : !acc
    %x = sm90.convert %f : !acc to !sm90.fragment<64x64xbf16>
    %left = sm90.slice %t[%c0, 0] : !sm90.tile<64x128xbf16> to !tile
    %right = sm90.slice %t[%c0, 64] : !sm90.tile<64x128xbf16> to !tile
    %l = sm90.leader
    scf.for %i = %c0 to %n step %c1 : i32 {
      nvvm.barrier id = %b number_of_threads = %c128
      sm90.store_matrix %x to %left : !sm90.fragment<64x64xbf16>, !tile
      nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
      nvvm.barrier id = %b number_of_threads = %c128
      scf.if %l {
        sm90.tma_store %left to %m[%c0, %c0] : !tile, !map
        nvvm.cp.async.bulk.commit.group
        nvvm.cp.async.bulk.wait_group 1 {read}
      }
      nvvm.barrier id = %b number_of_threads = %c128
      sm90.store_matrix %x to %right : !sm90.fragment<64x64xbf16>, !tile
      nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
      nvvm.barrier id = %b number_of_threads = %c128
      scf.if %l {
        sm90.tma_store %right to %m[%c0, %c0] : !tile, !map
        nvvm.cp.async.bulk.commit.group
        nvvm.cp.async.bulk.wait_group 1 {read}
      }
    }
    nvvm.cp.async.bulk.wait_group 0 {read}
  }
  sm90.return
}
