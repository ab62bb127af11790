// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file -verify-diagnostics

// Slots that are peeked at where that hangs, or taken for granted.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<1, !tile>
!cursor = !sm90.cursor<1>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @peek_has_no_slot(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %s1 = sm90.advance %s : !cursor
    // expected-error @+1 {{waits for 2 slots of a ring of 1 before one is released: the writer never fills the last}}
    %next = sm90.wait %r[%s1] peek : !ring -> !tile
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @peek_does_not_take(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] peek : !ring -> !tile
    // expected-error @+1 {{gives back a slot that was not waited for}}
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<3, !tile>
!cursor = !sm90.cursor<3>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// Nobody has looked.
sm90.kernel @never_peeked(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %true = arith.constant true
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
    // expected-error @+1 {{takes a slot for full that nothing before it peeked at}}
    %k = sm90.wait %r[%s] ready(%true) : !ring -> !tile
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<3, !tile>
!cursor = !sm90.cursor<3>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// Another slot was looked at.
sm90.kernel @peeked_at_another(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %true = arith.constant true
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
    %early = sm90.wait %r[%s] peek : !ring -> !tile
    %p = sm90.wgmma %early, %early transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
    sm90.commit
    %f = sm90.await %p : !sm90.pending<64x64xf32>
    %k = sm90.wait %r[%s] ready(%true) : !ring -> !tile
    sm90.release %r[%s] : !ring
    %s1 = sm90.advance %s : !cursor
    // expected-error @+1 {{takes a slot for full that nothing before it peeked at}}
    %next = sm90.wait %r[%s1] ready(%true) : !ring -> !tile
    sm90.release %r[%s1] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<3, !tile>
!cursor = !sm90.cursor<3>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// The first iteration's slot was looked at, the next one's was not.
sm90.kernel @peeked_at_once(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %true = arith.constant true
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
    %early = sm90.wait %r[%s] peek : !ring -> !tile
    %p = sm90.wgmma %early, %early transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
    sm90.commit
    %f = sm90.await %p : !sm90.pending<64x64xf32>
    // expected-error @+1 {{takes a slot for full in each iteration that the iteration before did not peek at}}
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %k = sm90.wait %r[%c] ready(%true) : !ring -> !tile
      sm90.release %r[%c] : !ring
      %cn = sm90.advance %c : !cursor
      scf.yield %cn : !cursor
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<3, !tile>
!cursor = !sm90.cursor<3>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// So in a loop over tiles that are drawn.
sm90.kernel @peeked_at_once_while(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %true = arith.constant true
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
    %early = sm90.wait %r[%s] peek : !ring -> !tile
    %p = sm90.wgmma %early, %early transpose_b : !tile, !tile -> !sm90.pending<64x64xf32>
    sm90.commit
    %f = sm90.await %p : !sm90.pending<64x64xf32>
    // expected-error @+1 {{takes a slot for full in each iteration that the iteration before did not peek at}}
    %e = scf.while (%c = %s) : (!cursor) -> !cursor {
      %more = arith.cmpi slt, %c0, %n : i32
      scf.condition(%more) %c : !cursor
    } do {
    ^bb0(%c: !cursor):
      %k = sm90.wait %r[%c] ready(%true) : !ring -> !tile
      sm90.release %r[%c] : !ring
      %cn = sm90.advance %c : !cursor
      scf.yield %cn : !cursor
    }
  }
  sm90.return
}
