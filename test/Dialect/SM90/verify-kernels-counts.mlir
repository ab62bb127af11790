// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file | FileCheck %s

// The producer fills as many slots as consumers take, by sums that differ in
// their parts.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// The consumer's first step stands apart, behind a branch on whether there is any,
// and its last steps are drained.
// CHECK-LABEL: sm90.kernel @parts
sm90.kernel @parts(%m: !map, %n: i32, %end: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %seen = arith.minsi %end, %n : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %c2 = sm90.advance %c : !cursor
      scf.yield %c2 : !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %any = arith.cmpi sgt, %seen, %c0 : i32
    %a = scf.if %any -> (!cursor) {
      %k = sm90.wait %r[%s] : !ring -> !tile
      sm90.release %r[%s] : !ring
      %second = sm90.advance %s : !cursor
      %e = scf.for %i = %c1 to %seen step %c1 iter_args(%c = %second) -> (!cursor) : i32 {
        %k2 = sm90.wait %r[%c] : !ring -> !tile
        sm90.release %r[%c] : !ring
        %c2 = sm90.advance %c : !cursor
        scf.yield %c2 : !cursor
      }
      scf.yield %e : !cursor
    } else {
      scf.yield %s : !cursor
    }
    %b = scf.for %i = %seen to %n step %c1 iter_args(%c = %a) -> (!cursor) : i32 {
      %k = sm90.wait %r[%c] : !ring -> !tile
      sm90.release %r[%c] : !ring
      %c2 = sm90.advance %c : !cursor
      scf.yield %c2 : !cursor
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// In a loop over tiles, whose bounds come from an op with two results.
// CHECK-LABEL: sm90.kernel @tiles
sm90.kernel @tiles(%m: !map, %tiles: i32, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %e = scf.for %i = %c0 to %tiles step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %low, %high = arith.mului_extended %i, %n : i32
      %d = scf.for %j = %c0 to %high step %c1 iter_args(%x = %c) -> (!cursor) : i32 {
        %t = sm90.reserve %r[%x] : !ring -> !tile
        sm90.tma_load %m[%c0, %c0] to %t signals %r[%x] : !map, !tile, !ring
        %x2 = sm90.advance %x : !cursor
        scf.yield %x2 : !cursor
      }
      scf.yield %d : !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %e = scf.for %i = %c0 to %tiles step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %low, %high = arith.mului_extended %i, %n : i32
      %half = arith.shrui %high, %c1 : i32
      %d = scf.for %j = %c0 to %half step %c1 iter_args(%x = %c) -> (!cursor) : i32 {
        %k = sm90.wait %r[%x] : !ring -> !tile
        sm90.release %r[%x] : !ring
        %x2 = sm90.advance %x : !cursor
        scf.yield %x2 : !cursor
      }
      %f = scf.for %j = %half to %high step %c1 iter_args(%x = %d) -> (!cursor) : i32 {
        %k = sm90.wait %r[%x] : !ring -> !tile
        sm90.release %r[%x] : !ring
        %x2 = sm90.advance %x : !cursor
        scf.yield %x2 : !cursor
      }
      scf.yield %f : !cursor
    }
  }
  sm90.return
}
