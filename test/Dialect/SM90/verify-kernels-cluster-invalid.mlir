// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file -verify-diagnostics

// Rings that the blocks of a cluster share, but do not agree on.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<32x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @arrivals(%m: !map, %n: i32) attributes {cluster = 2 : i32} {
  // The readers of the other block are counted by the ring.
  // expected-error @+1 {{counts arrivals of 2 readers, but 1 consumers release its slots}}
  %r = sm90.alloc_ring readers(2) per warp cluster(2) : !ring
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
!map = !nvgpu.tensormap.descriptor<tensor = memref<32x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @other_tile(%m: !map, %n: i32) attributes {cluster = 2 : i32} {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp cluster(2) : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
  sm90.warp_specialize producer registers(24) {
    %row = arith.muli %rank, %n : i32
    %t = sm90.reserve %r[%s] : !ring -> !tile
    // expected-error @+1 {{copies a share of a tile into every block, but coordinate 0 may differ between the blocks of a cluster}}
    sm90.tma_load %m[%row, %c0] to %t signals %r[%s] : !map, !tile, !ring
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
!map = !nvgpu.tensormap.descriptor<tensor = memref<32x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @other_steps(%m: !map, %n: i32) attributes {cluster = 2 : i32} {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp cluster(2) : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !cursor
  // Blocks of one cluster would start at different tiles.
  %block = nvvm.read.ptx.sreg.ctaid.x : i32
  sm90.warp_specialize producer registers(24) {
    // expected-error @+1 {{'scf.for' op fills a shared ring, but may differ between the blocks of a cluster}}
    %e = scf.for %i = %block to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %t = sm90.reserve %r[%c] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%c] : !map, !tile, !ring
      %cn = sm90.advance %c : !cursor
      scf.yield %cn : !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %e = scf.for %i = %block to %n step %c1 iter_args(%c = %s) -> (!cursor) : i32 {
      %k = sm90.wait %r[%c] : !ring -> !tile
      sm90.release %r[%c] : !ring
      %cn = sm90.advance %c : !cursor
      scf.yield %cn : !cursor
    }
  }
  sm90.return
}

// -----

!message = !sm90.ring<1, i32>
!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<1, !tile>
!cursor = !sm90.cursor<1>
!map = !nvgpu.tensormap.descriptor<tensor = memref<32x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @own_tickets(%m: !map, %counter: !llvm.ptr, %n: i32) attributes {cluster = 2 : i32} {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp cluster(2) : !ring
  // Each block sends its own ticket to itself.
  %message = sm90.alloc_ring readers(1) per warp : !message
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    // expected-error @+1 {{'scf.while' op fills a shared ring, but may differ between the blocks of a cluster}}
    %e:3 = scf.while (%tile = %c0, %c = %s, %mc = %s) : (i32, !cursor, !cursor) -> (i32, !cursor, !cursor) {
      %more = arith.cmpi slt, %tile, %n : i32
      scf.condition(%more) %tile, %c, %mc : i32, !cursor, !cursor
    } do {
    ^bb0(%tile: i32, %c: !cursor, %mc: !cursor):
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
