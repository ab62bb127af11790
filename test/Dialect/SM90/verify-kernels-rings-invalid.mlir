// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file -verify-diagnostics

// Rings that are taken, filled or released in a way that hangs or overwrites.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @arrivals(%m: !map, %n: i32) {
  // expected-error @+1 {{counts arrivals of 2 readers, but 1 consumers release its slots}}
  %r = sm90.alloc_ring readers(2) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @wait_out_of_turn(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
    %s1 = sm90.advance %s : !cursor
    %t1 = sm90.reserve %r[%s1] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t1 signals %r[%s1] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %s1 = sm90.advance %s : !cursor
    // expected-error @+1 {{'sm90.wait' op is out of turn: expected the cursor right after the last slot that was taken}}
    %k = sm90.wait %r[%s1] : !ring -> !tile
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @release_out_of_turn(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
    %s1 = sm90.advance %s : !cursor
    %t1 = sm90.reserve %r[%s1] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t1 signals %r[%s1] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %s1 = sm90.advance %s : !cursor
    %k1 = sm90.wait %r[%s1] : !ring -> !tile
    // expected-error @+1 {{'sm90.release' op is out of turn: expected the cursor right after the last slot that was released}}
    sm90.release %r[%s1] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @release_before_wait(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    // expected-error @+1 {{gives back a slot that was not waited for}}
    sm90.release %r[%s] : !ring
    %k = sm90.wait %r[%s] : !ring -> !tile
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @holds_too_many(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
    %s1 = sm90.advance %s : !cursor
    %t1 = sm90.reserve %r[%s1] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t1 signals %r[%s1] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %s1 = sm90.advance %s : !cursor
    %k1 = sm90.wait %r[%s1] : !ring -> !tile
    %s2 = sm90.advance %s1 : !cursor
    // expected-error @+1 {{waits for 3 slots of a ring of 2 before one is released: the writer never fills the last}}
    %k2 = sm90.wait %r[%s2] : !ring -> !tile
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
sm90.kernel @nothing_loaded() {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    // expected-error @+1 {{arms a barrier for 8192 bytes, but copies bring 0}}
    %t = sm90.reserve %r[%s] : !ring -> !tile
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @loaded_twice(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    // expected-error @+1 {{arms a barrier for 8192 bytes, but copies bring 16384}}
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @signals_another_slot(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    %s1 = sm90.advance %s : !cursor
    // expected-error @+1 {{signals a slot that is not the one reserved last}}
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s1] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @copies_to_another_slot(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
    %s1 = sm90.advance %s : !cursor
    %t1 = sm90.reserve %r[%s1] : !ring -> !tile
    // expected-error @+1 {{copies to a tile of another slot than the one it signals}}
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s1] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
sm90.kernel @never_sent() {
  %r = sm90.alloc_ring readers(1) per warp : !sm90.ring<2, i32>
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    // expected-error @+1 {{takes a slot for a message that is never sent}}
    sm90.reserve %r[%s] : !sm90.ring<2, i32>
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !sm90.ring<2, i32> -> i32
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
sm90.kernel @sent_twice() {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !sm90.ring<2, i32>
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    sm90.reserve %r[%s] : !sm90.ring<2, i32>
    sm90.send %c0 to %r[%s] : !sm90.ring<2, i32>
    // expected-error @+1 {{fills a slot that is not the one reserved last}}
    sm90.send %c0 to %r[%s] : !sm90.ring<2, i32>
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !sm90.ring<2, i32> -> i32
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
sm90.kernel @producer_waits() {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    // expected-error @+1 {{'sm90.wait' op is for consumers, but the producer runs it}}
    %k = sm90.wait %r[%s] : !ring -> !tile
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
sm90.kernel @consumer_reserves() {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    // expected-error @+1 {{'sm90.reserve' op is for the producer, but consumers run it}}
    %t = sm90.reserve %r[%s] : !ring -> !tile
  }
  sm90.return
}
