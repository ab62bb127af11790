// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{'sm90.kernel' op expected a cluster of 1, 2, 4 or 8 blocks, got 3}}
sm90.kernel @blocks() attributes {cluster = 3 : i32} {
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @no_block() attributes {cluster = 2 : i32} {
  // expected-error @+1 {{'sm90.alloc_ring' op expected a cluster of at least 1 block, got 0}}
  %r = sm90.alloc_ring readers(1) per warpgroup cluster(0) : !sm90.ring<2, !sm90.tile<64x64xbf16>>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @not_the_kernels() attributes {cluster = 4 : i32} {
  // expected-error @+1 {{'sm90.alloc_ring' op expected a cluster of 1 block or of the kernel's 4, got 2}}
  %r = sm90.alloc_ring readers(1) per warpgroup cluster(2) : !sm90.ring<2, !sm90.tile<64x64xbf16>>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @rows() attributes {cluster = 2 : i32} {
  // expected-error @+1 {{'sm90.alloc_ring' op expected a multiple of 8 rows for each of 2 blocks, got '!sm90.tile<24x64xbf16>'}}
  %r = sm90.alloc_ring readers(1) per warpgroup cluster(2) : !sm90.ring<2, !sm90.tile<24x64xbf16>>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @box(%m: !map, %i: i32) attributes {cluster = 2 : i32} {
  %r = sm90.alloc_ring readers(1) per warpgroup cluster(2) : !ring
  %c = sm90.start : !sm90.cursor<2>
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%c] : !ring -> !tile
    // expected-error @+1 {{'sm90.tma_load' op expected a box of 32 rows, as a block's share, got 64}}
    sm90.tma_load %m[%i, %i] to %t signals %r[%c] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}
