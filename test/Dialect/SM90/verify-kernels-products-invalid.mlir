// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file -verify-diagnostics

// Products that are touched, or let go, while in flight.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>
sm90.kernel @never_awaited(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    // expected-error @+1 {{'sm90.wgmma' op is never awaited}}
    %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !pending
    sm90.commit
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>
sm90.kernel @not_committed(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !pending
    // expected-error @+1 {{awaits a product that was not committed}}
    %a = sm90.await %p : !pending
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>
sm90.kernel @still_in_flight(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !pending
    sm90.commit
    // expected-error @+1 {{awaits a product of the last group but 0, which in_flight(1) leaves in flight}}
    %a = sm90.await %p in_flight(1) : !pending
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>
sm90.kernel @awaited_twice(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !pending
    sm90.commit
    %a = sm90.await %p : !pending
    // expected-error @+1 {{awaits a product that something else already took over}}
    %a2 = sm90.await %p : !pending
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>
sm90.kernel @accumulates_twice(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !pending
    %q = sm90.wgmma %k, %k transpose_b into %p : !tile, !tile, !pending -> !pending
    // expected-error @+1 {{accumulates on a product that something else already took over}}
    %q2 = sm90.wgmma %k, %k transpose_b into %p : !tile, !tile, !pending -> !pending
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>
sm90.kernel @released_in_flight(%m: !map, %n: i32) {
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
    // expected-note @+1 {{the product}}
    %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !pending
    sm90.commit
    // expected-error @+1 {{gives back a slot that a product in flight reads}}
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>
sm90.kernel @read_after_release(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    sm90.release %r[%s] : !ring
    // expected-error @+1 {{reads a slot that was already released}}
    %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !pending
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>
sm90.kernel @register_operand_not_kept(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %z = arith.constant 0.0 : f32
    %x = sm90.splat %z : !acc
    %y = sm90.convert %x : !acc to !sm90.fragment<64x64xbf16>
    // expected-note @+1 {{the product}}
    %p = sm90.wgmma %y, %k : !sm90.fragment<64x64xbf16>, !tile -> !pending
    sm90.commit
    // expected-error @+1 {{completes a product without keeping its register operand alive}}
    %a = sm90.await %p : !pending
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>
sm90.kernel @in_flight_over_iterations(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    // expected-error @+1 {{'scf.for' op has products in flight when an iteration ends that are not those when it starts}}
    scf.for %i = %c0 to %n step %c1 : i32 {
      %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !pending
      sm90.commit
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>
sm90.kernel @branches_in_flight(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %b = arith.cmpi eq, %n, %c0 : i32
    // expected-error @+1 {{'scf.if' op has branches that leave different products in flight}}
    scf.if %b {
      %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !pending
      sm90.commit
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>
sm90.kernel @producer_multiplies(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
    // expected-error @+1 {{'sm90.wgmma' op is for consumers, but the producer runs it}}
    %p = sm90.wgmma %t, %t transpose_b : !tile, !tile -> !pending
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}
