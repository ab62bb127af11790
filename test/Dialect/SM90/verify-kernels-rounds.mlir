// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file | FileCheck %s

// Loops in a loop of two rounds, as sm90-split-masked-keys makes them.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// The rounds together take as many slots as the producer fills, cursors keep their
// distance through them, and a ring that they do not use stays where it was.
// CHECK-LABEL: sm90.kernel @rounds
sm90.kernel @rounds(%m: !map, %begin: i32, %end: i32, %n: i32) {
  %q = sm90.alloc_ring readers(1) per warp : !ring
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c2 = arith.constant 2 : i32
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %u = sm90.reserve %q[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %u signals %q[%s] : !map, !tile, !ring
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %next = sm90.advance %c : !cursor
      scf.yield %next : !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %u = sm90.wait %q[%s] : !ring -> !tile
    %second = sm90.advance %s : !cursor
    %e:5 = scf.for %round = %c0 to %c2 step %c1 iter_args(%from = %c0, %to = %begin, %last = %end, %c = %s, %d = %second) -> (i32, i32, i32, !cursor, !cursor) : i32 {
      %a:2 = scf.for %i = %from to %to step %c1 iter_args(%x = %c, %y = %d) -> (!cursor, !cursor) : i32 {
        %k = sm90.wait %r[%x] : !ring -> !tile
        sm90.release %r[%x] : !ring
        %x2 = sm90.advance %x : !cursor
        %y2 = sm90.advance %y : !cursor
        scf.yield %x2, %y2 : !cursor, !cursor
      }
      %b:2 = scf.for %i = %begin to %last step %c1 iter_args(%x = %a#0, %y = %a#1) -> (!cursor, !cursor) : i32 {
        %k = sm90.wait %r[%x] : !ring -> !tile
        sm90.release %r[%x] : !ring
        %y2 = sm90.advance %y : !cursor
        scf.yield %y, %y2 : !cursor, !cursor
      }
      scf.yield %end, %n, %begin, %b#0, %b#1 : i32, i32, i32, !cursor, !cursor
    }
    sm90.release %q[%s] : !ring
  }
  sm90.return
}
