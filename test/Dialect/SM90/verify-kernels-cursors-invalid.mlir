// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file -verify-diagnostics

// Cursors that go through loops beside what the rings do.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<4, !tile>
!cursor = !sm90.cursor<4>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// Round and round a loop that starts where the ring was at first.
sm90.kernel @for_of_while(%m: !map, %n: i32, %rounds: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    // expected-error @+1 {{fills slots of a ring without carrying a cursor that is at the ring's next slot when an iteration ends}}
    scf.for %round = %c0 to %rounds step %c1 : i32 {
      %e:2 = scf.while (%i = %c0, %c = %s) : (i32, !cursor) -> (i32, !cursor) {
        %more = arith.cmpi slt, %i, %n : i32
        scf.condition(%more) %i, %c : i32, !cursor
      } do {
      ^bb0(%i: i32, %c: !cursor):
        %t = sm90.reserve %r[%c] : !ring -> !tile
        sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
        %next = sm90.advance %c : !cursor
        %i1 = arith.addi %i, %c1 : i32
        scf.yield %i1, %next : i32, !cursor
      }
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<4, !tile>
!cursor = !sm90.cursor<4>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// A while loop that moved the ring leaves it behind the start.
sm90.kernel @start_after_while(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %e:2 = scf.while (%i = %c0, %c = %s) : (i32, !cursor) -> (i32, !cursor) {
      %more = arith.cmpi slt, %i, %n : i32
      scf.condition(%more) %i, %c : i32, !cursor
    } do {
    ^bb0(%i: i32, %c: !cursor):
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %next = sm90.advance %c : !cursor
      %i1 = arith.addi %i, %c1 : i32
      scf.yield %i1, %next : i32, !cursor
    }
    // expected-error @+1 {{is out of turn: expected the cursor right after the last slot that was taken}}
    %t = sm90.reserve %r[%s] : !ring -> !tile
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<4, !tile>
!cursor = !sm90.cursor<4>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// A cursor moves through a loop that leaves the ring where it is.
sm90.kernel @cursor_alone(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %next = sm90.advance %c : !cursor
      scf.yield %next : !cursor
    }
    // expected-error @+1 {{is out of turn: expected the cursor right after the last slot that was taken}}
    %t = sm90.reserve %r[%e] : !ring -> !tile
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<4, !tile>
!cursor = !sm90.cursor<4>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// The same around another loop, with a cursor that is where the ring is for one
// iteration.
sm90.kernel @cursors_around_loop(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
    %s1 = sm90.advance %s : !cursor
    %e:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %s, %b = %s1) -> (!cursor, !cursor) : i32 {
      %x = scf.for %j = %c0 to %n step %c1 iter_args(%z = %a) -> (!cursor) : i32 {
        scf.yield %z : !cursor
      }
      %a1 = sm90.advance %a : !cursor
      %b1 = sm90.advance %b : !cursor
      scf.yield %a1, %b1 : !cursor, !cursor
    }
    // expected-error @+1 {{is out of turn: expected the cursor right after the last slot that was taken}}
    %u = sm90.reserve %r[%e#0] : !ring -> !tile
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// Messages of few rounds are not each the last one.
sm90.kernel @messages(%m: !map) {
  // expected-error @+1 {{expected producer and consumers to handle the same number of slots, whatever the sizes}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %message = sm90.alloc_ring readers(1) per warp : !sm90.ring<2, i32>
  %c2 = arith.constant 2 : i32
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %e:2 = scf.for %i = %c0 to %c2 step %c1 iter_args(%c = %s, %mc = %s) -> (!cursor, !cursor) : i32 {
      sm90.reserve %message[%mc] : !sm90.ring<2, i32>
      %sent = sm90.send %i to %message[%mc] : !sm90.ring<2, i32>
      %mn = sm90.advance %mc : !cursor
      // expected-note @+1 {{filled here}}
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %next = sm90.advance %c : !cursor
      scf.yield %next, %mn : !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %e:2 = scf.for %i = %c0 to %c2 step %c1 iter_args(%c = %s, %mc = %s) -> (!cursor, !cursor) : i32 {
      %got = sm90.wait %message[%mc] : !sm90.ring<2, i32> -> i32
      sm90.release %message[%mc] : !sm90.ring<2, i32>
      %mn = sm90.advance %mc : !cursor
      %b = scf.for %j = %c0 to %got step %c1 iter_args(%x = %c) -> (!cursor) : i32 {
        // expected-note @+1 {{taken here}}
        %k = sm90.wait %r[%x] : !ring -> !tile
        sm90.release %r[%x] : !ring
        %x2 = sm90.advance %x : !cursor
        scf.yield %x2 : !cursor
      }
      scf.yield %b, %mn : !cursor, !cursor
    }
  }
  sm90.return
}
