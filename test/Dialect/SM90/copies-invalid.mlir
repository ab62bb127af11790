// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics

!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_64b, l2promo = none, oob = zero, interleave = none>
func.func @map_swizzle(%m: !map, %t: !sm90.tile<64x64xbf16>, %i: i32) {
  // expected-error @+1 {{'sm90.tma_store' op expected a tensor map with swizzle_128b}}
  sm90.tma_store %t to %m[%i, %i] : !sm90.tile<64x64xbf16>, !map
  return
}

// -----

!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
func.func @map_type(%m: !map, %t: !sm90.tile<64x64xbf16>, %i: i32) {
  // expected-error @+1 {{'sm90.tma_store' op expected a tensor map of 'bf16', got 'f16'}}
  sm90.tma_store %t to %m[%i, %i] : !sm90.tile<64x64xbf16>, !map
  return
}

// -----

!map = !nvgpu.tensormap.descriptor<tensor = memref<64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
func.func @map_rank(%m: !map, %t: !sm90.tile<64x64xbf16>, %i: i32) {
  // expected-error @+1 {{'sm90.tma_store' op expected a box of rank 2 to 5, got 1}}
  sm90.tma_store %t to %m[%i] : !sm90.tile<64x64xbf16>, !map
  return
}

// -----

!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
func.func @coordinates(%m: !map, %t: !sm90.tile<64x64xbf16>, %i: i32) {
  // expected-error @+1 {{'sm90.tma_store' op expected 2 coordinates, got 3}}
  sm90.tma_store %t to %m[%i, %i, %i] : !sm90.tile<64x64xbf16>, !map
  return
}

// -----

!map = !nvgpu.tensormap.descriptor<tensor = memref<64x32xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
func.func @box_columns(%m: !map, %t: !sm90.tile<64x64xbf16>, %i: i32) {
  // expected-error @+1 {{'sm90.tma_store' op expected a box of 64 columns, got 32}}
  sm90.tma_store %t to %m[%i, %i] : !sm90.tile<64x64xbf16>, !map
  return
}

// -----

!map = !nvgpu.tensormap.descriptor<tensor = memref<32x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
func.func @box_rows(%m: !map, %t: !sm90.tile<64x64xbf16>, %i: i32) {
  // expected-error @+1 {{'sm90.tma_store' op expected a box of 64 rows, as the tile's, got 32}}
  sm90.tma_store %t to %m[%i, %i] : !sm90.tile<64x64xbf16>, !map
  return
}

// -----

!map = !nvgpu.tensormap.descriptor<tensor = memref<512x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
func.func @box_too_high(%m: !map, %t: !sm90.tile<512x64xbf16>, %i: i32) {
  // expected-error @+1 {{'sm90.tma_store' op expected a box of at most 256 rows, got 512}}
  sm90.tma_store %t to %m[%i, %i] : !sm90.tile<512x64xbf16>, !map
  return
}

// -----

!map = !nvgpu.tensormap.descriptor<tensor = memref<2x64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
func.func @box_outer(%m: !map, %t: !sm90.tile<64x64xbf16>, %i: i32) {
  // expected-error @+1 {{'sm90.tma_store' op expected a box of 1 in the outer dimensions, got 2}}
  sm90.tma_store %t to %m[%i, %i, %i] : !sm90.tile<64x64xbf16>, !map
  return
}

// -----

!map = !nvgpu.tensormap.descriptor<tensor = memref<32x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @load_box(%m: !map, %i: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !sm90.ring<2, !sm90.tile<64x64xbf16>>
  %c = sm90.start : !sm90.cursor<2>
  %t = sm90.reserve %r[%c] : !sm90.ring<2, !sm90.tile<64x64xbf16>> -> !sm90.tile<64x64xbf16>
  // expected-error @+1 {{'sm90.tma_load' op expected a box of 64 rows, as the tile's, got 32}}
  sm90.tma_load %m[%i, %i] to %t signals %r[%c] : !map, !sm90.tile<64x64xbf16>, !sm90.ring<2, !sm90.tile<64x64xbf16>>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}
