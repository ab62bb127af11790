// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file -verify-diagnostics

// Loops over tiles that the roles leave at different times.

!message = !sm90.ring<1, i32>
!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<1, !tile>
!cursor = !sm90.cursor<1>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @other_condition(%m: !map, %counter: !llvm.ptr, %n: i32, %n2: i32) {
  // expected-error @+1 {{expected producer and consumers to handle the same number of slots, whatever the sizes}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %message = sm90.alloc_ring readers(1) per warp : !message
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %e:3 = scf.while (%tile = %c0, %c = %s, %mc = %s) : (i32, !cursor, !cursor) -> (i32, !cursor, !cursor) {
      %more = arith.cmpi slt, %tile, %n : i32
      scf.condition(%more) %tile, %c, %mc : i32, !cursor, !cursor
    } do {
    ^bb0(%tile: i32, %c: !cursor, %mc: !cursor):
      // expected-note @+1 {{filled here}}
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%tile, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %ticket = llvm.atomicrmw uinc_wrap %counter, %n monotonic : !llvm.ptr, i32
      sm90.reserve %message[%mc] : !message
      %next = sm90.send %ticket to %message[%mc] : !message
      %cn = sm90.advance %c : !cursor
      %mn = sm90.advance %mc : !cursor
      scf.yield %next, %cn, %mn : i32, !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %e:3 = scf.while (%tile = %c0, %c = %s, %mc = %s) : (i32, !cursor, !cursor) -> (i32, !cursor, !cursor) {
      %more = arith.cmpi slt, %tile, %n2 : i32
      scf.condition(%more) %tile, %c, %mc : i32, !cursor, !cursor
    } do {
    ^bb0(%tile: i32, %c: !cursor, %mc: !cursor):
      // expected-note @+1 {{taken here}}
      %k = sm90.wait %r[%c] : !ring -> !tile
      sm90.release %r[%c] : !ring
      %next = sm90.wait %message[%mc] : !message -> i32
      sm90.release %message[%mc] : !message
      %cn = sm90.advance %c : !cursor
      %mn = sm90.advance %mc : !cursor
      scf.yield %next, %cn, %mn : i32, !cursor, !cursor
    }
  }
  sm90.return
}

// -----

!message = !sm90.ring<1, i32>
!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<1, !tile>
!cursor = !sm90.cursor<1>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// The consumer goes on with a number that is not the one it was sent.
sm90.kernel @other_tile(%m: !map, %counter: !llvm.ptr, %n: i32) {
  // expected-error @+1 {{expected producer and consumers to handle the same number of slots, whatever the sizes}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %message = sm90.alloc_ring readers(1) per warp : !message
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %e:3 = scf.while (%tile = %c0, %c = %s, %mc = %s) : (i32, !cursor, !cursor) -> (i32, !cursor, !cursor) {
      %more = arith.cmpi slt, %tile, %n : i32
      scf.condition(%more) %tile, %c, %mc : i32, !cursor, !cursor
    } do {
    ^bb0(%tile: i32, %c: !cursor, %mc: !cursor):
      // expected-note @+1 {{filled here}}
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%tile, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %ticket = llvm.atomicrmw uinc_wrap %counter, %n monotonic : !llvm.ptr, i32
      sm90.reserve %message[%mc] : !message
      %next = sm90.send %ticket to %message[%mc] : !message
      %cn = sm90.advance %c : !cursor
      %mn = sm90.advance %mc : !cursor
      scf.yield %next, %cn, %mn : i32, !cursor, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %e:3 = scf.while (%tile = %c0, %c = %s, %mc = %s) : (i32, !cursor, !cursor) -> (i32, !cursor, !cursor) {
      %more = arith.cmpi slt, %tile, %n : i32
      scf.condition(%more) %tile, %c, %mc : i32, !cursor, !cursor
    } do {
    ^bb0(%tile: i32, %c: !cursor, %mc: !cursor):
      // expected-note @+1 {{taken here}}
      %k = sm90.wait %r[%c] : !ring -> !tile
      sm90.release %r[%c] : !ring
      %next = sm90.wait %message[%mc] : !message -> i32
      sm90.release %message[%mc] : !message
      %cn = sm90.advance %c : !cursor
      %mn = sm90.advance %mc : !cursor
      scf.yield %c0, %cn, %mn : i32, !cursor, !cursor
    }
  }
  sm90.return
}
