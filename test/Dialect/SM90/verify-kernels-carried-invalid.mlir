// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file -verify-diagnostics

// What is in flight, seen or peeked at goes into loops and out of them.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<4, !tile>
!cursor = !sm90.cursor<4>
!pending = !sm90.pending<64x64xf32>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// The loop gives back a slot that the product before it still reads.
sm90.kernel @product_from_before(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %true = arith.constant true
  %s = sm90.start : !cursor
  %s1 = sm90.advance %s : !cursor
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    // expected-note @+1 {{the product}}
    %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !pending
    sm90.commit
    %e:3 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %s, %b = %s1, %last = %p) -> (!cursor, !cursor, !pending) : i32 {
      // expected-error @+1 {{gives back a slot that a product in flight reads}}
      sm90.release %r[%a] : !ring
      %f = sm90.await %last : !pending
      %k1 = sm90.wait %r[%b] : !ring -> !tile
      %p1 = sm90.wgmma %k1, %k1 transpose_b : !tile, !tile -> !pending
      sm90.commit
      %a1 = sm90.advance %a : !cursor
      %b1 = sm90.advance %b : !cursor
      scf.yield %a1, %b1, %p1 : !cursor, !cursor, !pending
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<4, !tile>
!cursor = !sm90.cursor<4>
!pending = !sm90.pending<64x64xf32>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// The slot that the last product of a loop reads is given back behind it.
sm90.kernel @product_of_loop(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %true = arith.constant true
  %s = sm90.start : !cursor
  %s1 = sm90.advance %s : !cursor
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %p = sm90.wgmma %k, %k transpose_b : !tile, !tile -> !pending
    sm90.commit
    %e:3 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %s, %b = %s1, %last = %p) -> (!cursor, !cursor, !pending) : i32 {
      %f = sm90.await %last : !pending
      sm90.release %r[%a] : !ring
      %k1 = sm90.wait %r[%b] : !ring -> !tile
      // expected-note @+1 {{the product}}
      %p1 = sm90.wgmma %k1, %k1 transpose_b : !tile, !tile -> !pending
      sm90.commit
      %a1 = sm90.advance %a : !cursor
      %b1 = sm90.advance %b : !cursor
      scf.yield %a1, %b1, %p1 : !cursor, !cursor, !pending
    }
    // expected-error @+1 {{gives back a slot that a product in flight reads}}
    sm90.release %r[%e#0] : !ring
    %f = sm90.await %e#2 : !pending
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<4, !tile>
!cursor = !sm90.cursor<4>
!pending = !sm90.pending<64x64xf32>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// Not all warps may have seen the slot full that the loop gives back.
sm90.kernel @slot_from_before(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %true = arith.constant true
  %s = sm90.start : !cursor
  %s1 = sm90.advance %s : !cursor
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    scf.for %i = %c0 to %n step %c1 iter_args(%a = %s) -> (!cursor) : i32 {
      // expected-error @+1 {{gives back a slot that not all warps of the warpgroup may have seen full}}
      sm90.release %r[%a] : !ring
      %a1 = sm90.advance %a : !cursor
      scf.yield %a1 : !cursor
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<4, !tile>
!cursor = !sm90.cursor<4>
!pending = !sm90.pending<64x64xf32>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// A bulk store from before the loop still reads the slot.
sm90.kernel @store_from_before(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %true = arith.constant true
  %s = sm90.start : !cursor
  %s1 = sm90.advance %s : !cursor
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    %leader = sm90.leader
    scf.if %leader {
      sm90.tma_store %k to %m[%c0, %c0] : !tile, !map
      nvvm.cp.async.bulk.commit.group
    }
    scf.for %i = %c0 to %n step %c1 iter_args(%a = %s) -> (!cursor) : i32 {
      // expected-error @+1 {{gives back a slot that a bulk store may still read}}
      sm90.release %r[%a] : !ring
      %a1 = sm90.advance %a : !cursor
      scf.yield %a1 : !cursor
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<4, !tile>
!cursor = !sm90.cursor<4>
!pending = !sm90.pending<64x64xf32>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// The last iteration peeked at the slot behind it, not at the one behind that.
sm90.kernel @peeked_in_loop(%m: !map, %n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %true = arith.constant true
  %s = sm90.start : !cursor
  %s1 = sm90.advance %s : !cursor
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%a = %s) -> (!cursor) : i32 {
      %k = sm90.wait %r[%a] : !ring -> !tile
      sm90.release %r[%a] : !ring
      %a1 = sm90.advance %a : !cursor
      %next = sm90.wait %r[%a1] peek : !ring -> !tile
      scf.yield %a1 : !cursor
    }
    %k = sm90.wait %r[%e] : !ring -> !tile
    sm90.release %r[%e] : !ring
    %e1 = sm90.advance %e : !cursor
    // expected-error @+1 {{takes a slot for full that nothing before it peeked at}}
    %k1 = sm90.wait %r[%e1] ready(%true) : !ring -> !tile
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<4, !tile>
!cursor = !sm90.cursor<4>
!pending = !sm90.pending<64x64xf32>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
// A loop may load a slot any number of times, or not at all.
sm90.kernel @load_in_loop(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i32
  %true = arith.constant true
  %s = sm90.start : !cursor
  %s1 = sm90.advance %s : !cursor
  sm90.warp_specialize producer registers(24) {
    // expected-error @+1 {{arms a barrier for 8192 bytes, but copies bring 0}}
    %t = sm90.reserve %r[%s] : !ring -> !tile
    scf.for %i = %c0 to %n step %c1 : i32 {
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}
