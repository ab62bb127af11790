// RUN: sigmoid-attn-opt %s -split-input-file -sm90-specialize-warps -verify-diagnostics

!map = !nvgpu.tensormap.descriptor<tensor = memref<1x1x64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = l2promo_256b, oob = zero, interleave = none>
!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
sm90.kernel @depends_on_warpgroup(%map: !map) {
  %ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %c = sm90.start : !sm90.cursor<2>
    %slot = sm90.reserve %ring[%c] : !ring -> !tile
    // expected-error@+1 {{expected the producer's part not to depend on a consumer's values}}
    sm90.tma_load %map[%c0, %c0, %warpgroup, %c0] to %slot signals %ring[%c] : !map, !tile, !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
sm90.kernel @branch(%b: i1) {
  %ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %c = sm90.start : !sm90.cursor<2>
    // expected-error@+1 {{expected no sm90.reserve in a branch}}
    scf.if %b {
      %slot = sm90.reserve %ring[%c] : !ring -> !tile
    }
  }
  sm90.return
}

// -----

!ring = !sm90.ring<2, i32>
sm90.kernel @nothing_sent() {
  %ring = sm90.alloc_ring readers(1) per warp : !ring
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %c = sm90.start : !sm90.cursor<2>
    // expected-error@+1 {{expected sm90.send to the ring before}}
    %m = sm90.wait %ring[%c] : !ring -> i32
  }
  sm90.return
}

// -----

!acc = !sm90.fragment<64x64xf32>
sm90.kernel @fragment_over_tiles(%b: i1) {
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %o = sm90.splat %zero : !acc
    // expected-error@+1 {{expected no fragments carried by the loop over tiles, got '!sm90.fragment<64x64xf32>'}}
    %r = scf.while (%sum = %o) : (!acc) -> !acc {
      scf.condition(%b) %sum : !acc
    } do {
    ^bb1(%sum: !acc):
      scf.yield %sum : !acc
    }
  }
  sm90.return
}
