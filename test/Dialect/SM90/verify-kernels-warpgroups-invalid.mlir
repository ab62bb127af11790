// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file -verify-diagnostics

// Slots that one thread releases for a warpgroup, of which a warp may still wait.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// The thread that releases for its warpgroup may be ahead of the other warps.
sm90.kernel @unread(%m: !map) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    // expected-error @+1 {{gives back a slot that not all warps of the warpgroup may have seen full: expected a product issued behind the wait to be awaited, or a barrier of the warpgroup}}
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// The product was issued before the second wait.
sm90.kernel @product_before(%m: !map) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %e = scf.for %i = %c0 to %c2 step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %n = sm90.advance %c : !cursor
      scf.yield %n : !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
    sm90.commit
    %s2 = sm90.advance %s : !cursor
    %k2 = sm90.wait %r[%s2] : !ring -> !tile
    %f = sm90.await %p : !sm90.pending<64x64xf32>
    sm90.release %r[%s] : !ring
    // expected-error @+1 {{gives back a slot that not all warps of the warpgroup may have seen full}}
    sm90.release %r[%s2] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// The loop with the product may have no iteration, or the branch is not taken.
sm90.kernel @maybe_no_product(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    scf.for %i = %c0 to %n step %c1 : i32 {
      %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
      sm90.commit
      %f = sm90.await %p : !sm90.pending<64x64xf32>
    }
    %any = arith.cmpi sgt, %n, %c0 : i32
    scf.if %any {
      %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
      sm90.commit
      %f = sm90.await %p : !sm90.pending<64x64xf32>
    }
    // expected-error @+1 {{gives back a slot that not all warps of the warpgroup may have seen full}}
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// The next iteration would release it.
sm90.kernel @held_by_the_loop(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
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
    %one = arith.addi %wg, %c1 : i32
    %threads = arith.constant 128 : i32
    %k0 = sm90.wait %r[%s] : !ring -> !tile
    nvvm.barrier id = %one number_of_threads = %threads
    %s1 = sm90.advance %s : !cursor
    // expected-error @+1 {{ends an iteration with a slot that not all warps of the warpgroup may have seen full}}
    %e:2 = scf.for %i = %c1 to %n step %c1 iter_args(%old = %s, %new = %s1) -> (!cursor, !cursor) : i32 {
      sm90.release %r[%old] : !ring
      %k = sm90.wait %r[%new] : !ring -> !tile
      %next = sm90.advance %new : !cursor
      scf.yield %new, %next : !cursor, !cursor
    }
    sm90.release %r[%e#0] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// A loop hands the cursor on under another name.
sm90.kernel @other_name(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      scf.yield %c : !cursor
    }
    // expected-error @+1 {{gives back a slot that not all warps of the warpgroup may have seen full}}
    sm90.release %r[%e] : !ring
  }
  sm90.return
}
