// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file -verify-diagnostics

// Loops and branches after which the roles no longer agree.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @loop_without_cursor(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    // expected-error @+1 {{'scf.for' op takes slots of a ring without carrying a cursor that is at the ring's next slot when an iteration ends}}
    scf.for %i = %c0 to %n step %c1 : i32 {
      %k = sm90.wait %r[%s] : !ring -> !tile
      sm90.release %r[%s] : !ring
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @cursor_not_advanced(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    // expected-error @+1 {{'scf.for' op fills slots of a ring without carrying a cursor that is at the ring's next slot when an iteration ends}}
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      scf.yield %c : !cursor
    }
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
sm90.kernel @slot_never_released(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    // expected-error @+1 {{'scf.for' op releases slots of a ring without carrying a cursor that is at the ring's next slot when an iteration ends}}
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %k = sm90.wait %r[%c] : !ring -> !tile
      sm90.release %r[%c] : !ring
      %c2 = sm90.advance %c : !cursor
      %k2 = sm90.wait %r[%c2] : !ring -> !tile
      %c3 = sm90.advance %c2 : !cursor
      scf.yield %c3 : !cursor
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @branches_part(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %b = arith.cmpi eq, %n, %c0 : i32
    // expected-error @+1 {{'scf.if' op has branches that leave a ring at different slots, and yields no cursor that is there}}
    scf.if %b {
      %k = sm90.wait %r[%s] : !ring -> !tile
      sm90.release %r[%s] : !ring
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @branches_load(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %b = arith.cmpi eq, %n, %c0 : i32
    %t = sm90.reserve %r[%s] : !ring -> !tile
    // expected-error @+1 {{'scf.if' op has branches that load 8192 and 0 bytes into a slot}}
    scf.if %b {
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
    }
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
sm90.kernel @branch_with_loop_loads(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %b = arith.cmpi eq, %n, %c0 : i32
    // expected-error @+1 {{'sm90.reserve' op arms a barrier for 8192 bytes, but copies bring 0}}
    %t = sm90.reserve %r[%s] : !ring -> !tile
    scf.if %b {
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
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

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
sm90.kernel @unknown_control_flow() {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    // expected-error @+1 {{'scf.execute_region' op is no control flow that the kernel checker knows}}
    scf.execute_region {
      scf.yield
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
sm90.kernel @never_filled() {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    // expected-error @+1 {{waits for a ring that the producer never fills}}
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
sm90.kernel @never_read(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    // expected-error @+1 {{fills a ring that no consumer reads}}
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
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
sm90.kernel @counts_differ(%m: !map, %n: i32) {
  // expected-error @+1 {{is filled 1 slots more than consumers take}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    // expected-note @+2 {{filled here}}
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %cn = sm90.advance %c : !cursor
      scf.yield %cn : !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    // expected-note @+2 {{taken here}}
    %e = scf.for %i = %c1 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %k = sm90.wait %r[%c] : !ring -> !tile
      sm90.release %r[%c] : !ring
      %cn = sm90.advance %c : !cursor
      scf.yield %cn : !cursor
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @other_bound(%m: !map, %n: i32, %seen: i32) {
  // expected-error @+1 {{expected producer and consumers to handle the same number of slots, whatever the sizes}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      // expected-note @+1 {{filled here}}
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %c2 = sm90.advance %c : !cursor
      scf.yield %c2 : !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %e = scf.for %i = %c0 to %seen step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      // expected-note @+1 {{taken here}}
      %k = sm90.wait %r[%c] : !ring -> !tile
      sm90.release %r[%c] : !ring
      %c2 = sm90.advance %c : !cursor
      scf.yield %c2 : !cursor
    }
  }
  sm90.return
}
