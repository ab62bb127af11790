// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file -verify-diagnostics

// Loops of few rounds that do not add up.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @middle_twice(%m: !map, %begin: i32, %end: i32, %n: i32) {
  // expected-error @+1 {{expected producer and consumers to handle the same number of slots, whatever the sizes}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c2 = arith.constant 2 : i32
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      // expected-note @+1 {{filled here}}
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %next = sm90.advance %c : !cursor
      scf.yield %next : !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %e:4 = scf.for %round = %c0 to %c2 step %c1 iter_args(%from = %c0, %to = %begin, %last = %end, %c = %s) -> (i32, i32, i32, !cursor) : i32 {
      %a = scf.for %i = %from to %to step %c1 iter_args(%x = %c) -> (!cursor) : i32 {
        // expected-note @+1 {{taken here}}
        %k = sm90.wait %r[%x] : !ring -> !tile
        sm90.release %r[%x] : !ring
        %x2 = sm90.advance %x : !cursor
        scf.yield %x2 : !cursor
      }
      %b = scf.for %i = %begin to %last step %c1 iter_args(%x = %a) -> (!cursor) : i32 {
        %k = sm90.wait %r[%x] : !ring -> !tile
        sm90.release %r[%x] : !ring
        %x2 = sm90.advance %x : !cursor
        scf.yield %x2 : !cursor
      }
      scf.yield %end, %n, %end, %b : i32, i32, i32, !cursor
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @first_left_out(%m: !map, %begin: i32, %end: i32, %n: i32) {
  // expected-error @+1 {{is filled 1 slots more than consumers take}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c2 = arith.constant 2 : i32
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      // expected-note @+1 {{filled here}}
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %next = sm90.advance %c : !cursor
      scf.yield %next : !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %e:4 = scf.for %round = %c0 to %c2 step %c1 iter_args(%from = %c1, %to = %begin, %last = %end, %c = %s) -> (i32, i32, i32, !cursor) : i32 {
      %a = scf.for %i = %from to %to step %c1 iter_args(%x = %c) -> (!cursor) : i32 {
        // expected-note @+1 {{taken here}}
        %k = sm90.wait %r[%x] : !ring -> !tile
        sm90.release %r[%x] : !ring
        %x2 = sm90.advance %x : !cursor
        scf.yield %x2 : !cursor
      }
      %b = scf.for %i = %begin to %last step %c1 iter_args(%x = %a) -> (!cursor) : i32 {
        %k = sm90.wait %r[%x] : !ring -> !tile
        sm90.release %r[%x] : !ring
        %x2 = sm90.advance %x : !cursor
        scf.yield %x2 : !cursor
      }
      scf.yield %end, %n, %begin, %b : i32, i32, i32, !cursor
    }
  }
  sm90.return
}
