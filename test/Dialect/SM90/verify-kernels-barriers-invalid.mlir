// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file -verify-diagnostics

// Barriers that hold no warpgroup together.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// A warpgroup's turn: half of its threads are another warpgroup's.
sm90.kernel @turn(%m: !map) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(2) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(2) registers(168) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %c8 = arith.constant 8 : i32
    %threads = arith.constant 256 : i32
    %id = arith.addi %wg, %c8 : i32
    nvvm.barrier id = %id number_of_threads = %threads
    // expected-error @+1 {{gives back a slot that not all warps of the warpgroup may have seen full}}
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// Two warpgroups at a barrier of 128 threads: any four warps complete it.
sm90.kernel @shared_number(%m: !map) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(2) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(2) registers(168) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %threads = arith.constant 128 : i32
    nvvm.barrier id = %c1 number_of_threads = %threads
    // expected-error @+1 {{gives back a slot that not all warps of the warpgroup may have seen full}}
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// Two warps complete it.
sm90.kernel @half_a_warpgroup(%m: !map) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %threads = arith.constant 64 : i32
    %id = arith.addi %wg, %c1 : i32
    nvvm.barrier id = %id number_of_threads = %threads
    // expected-error @+1 {{gives back a slot that not all warps of the warpgroup may have seen full}}
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// A number that only the kernel's caller knows.
sm90.kernel @unknown_number(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %threads = arith.constant 128 : i32
    nvvm.barrier id = %n number_of_threads = %threads
    // expected-error @+1 {{gives back a slot that not all warps of the warpgroup may have seen full}}
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// Without a count it is all threads', of which the producer's never come.
sm90.kernel @all_threads(%m: !map) {
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    // expected-error @+1 {{is the block's barrier, which one role alone never completes}}
    nvvm.barrier id = %c1
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// One thread alone.
sm90.kernel @leader(%m: !map) {
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %apart = sm90.leader
    %threads = arith.constant 128 : i32
    %id = arith.addi %wg, %c1 : i32
    // expected-note @+1 {{the branch}}
    scf.if %apart {
      // expected-error @+1 {{is a barrier that not all threads of the warpgroup may reach}}
      nvvm.barrier id = %id number_of_threads = %threads
    }
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// One warp of the first warpgroup.
sm90.kernel @some_threads(%m: !map) {
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %t = sm90.reserve %r[%s] : !ring -> !tile
    sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %c160 = arith.constant 160 : i32
    %apart = arith.cmpi slt, %thread, %c160 : i32
    %threads = arith.constant 128 : i32
    %id = arith.addi %wg, %c1 : i32
    // expected-note @+1 {{the branch}}
    scf.if %apart {
      // expected-error @+1 {{is a barrier that not all threads of the warpgroup may reach}}
      nvvm.barrier id = %id number_of_threads = %threads
    }
    sm90.release %r[%s] : !ring
  }
  sm90.return
}
