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
