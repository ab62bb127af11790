// RUN: sigmoid-attn-opt %s --sm90-verify-kernels -split-input-file -verify-diagnostics

// Copies out of a tile of no ring that are overtaken by the next write.

!tile = !sm90.tile<64x128xbf16>
!half = !sm90.tile<64x64xbf16>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xbf16>
sm90.kernel @overwritten_in_flight(%m: !map) {
  %t = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %z = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %c1 = arith.constant 1 : i32
    %c128 = arith.constant 128 : i32
    %b = arith.addi %wg, %c1 : i32
    %f = sm90.splat %z : !sm90.fragment<64x64xf32>
    %x = sm90.convert %f : !sm90.fragment<64x64xf32> to !acc
    %left = sm90.slice %t[%c0, 0] : !tile to !half
    %right = sm90.slice %t[%c0, 64] : !tile to !half
    %l = sm90.leader
    scf.if %l {
      // expected-note @+1 {{the copy}}
      sm90.tma_store %left to %m[%c0, %c0] : !half, !map
      nvvm.cp.async.bulk.commit.group
      sm90.tma_store %right to %m[%c0, %c0] : !half, !map
      nvvm.cp.async.bulk.commit.group
      nvvm.cp.async.bulk.wait_group 2 {read}
    }
    nvvm.barrier id = %b number_of_threads = %c128
    // expected-error @+1 {{overwrites what a copy may still read: expected nvvm.cp.async.bulk.wait_group by its thread, and then a barrier of the warpgroup}}
    sm90.store_matrix %x to %left : !acc, !half
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xbf16>
sm90.kernel @known_to_the_leader_alone(%m: !map) {
  %t = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %z = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %f = sm90.splat %z : !sm90.fragment<64x64xf32>
    %x = sm90.convert %f : !sm90.fragment<64x64xf32> to !acc
    %l = sm90.leader
    scf.if %l {
      // expected-note @+1 {{the copy}}
      sm90.tma_store %t to %m[%c0, %c0] : !tile, !map
      nvvm.cp.async.bulk.commit.group
      nvvm.cp.async.bulk.wait_group 0 {read}
    }
    // expected-error @+1 {{overwrites what a copy may still read}}
    sm90.store_matrix %x to %t : !acc, !tile
  }
  sm90.return
}

// -----

// A copy takes whole boxes.

!tile = !sm90.tile<64x64xbf16>
!part = !sm90.tile<64x16xbf16>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x16xbf16>
sm90.kernel @in_the_same_box(%m: !map) {
  %t = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %z = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %f = sm90.splat %z : !sm90.fragment<64x16xf32>
    %x = sm90.convert %f : !sm90.fragment<64x16xf32> to !acc
    %left = sm90.slice %t[%c0, 0] : !tile to !part
    %right = sm90.slice %t[%c0, 16] : !tile to !part
    %l = sm90.leader
    scf.if %l {
      // expected-note @+1 {{the copy}}
      sm90.tma_store %left to %m[%c0, %c0] : !part, !map
      nvvm.cp.async.bulk.commit.group
    }
    // expected-error @+1 {{overwrites what a copy may still read}}
    sm90.store_matrix %x to %right : !acc, !part
  }
  sm90.return
}

// -----

// A loop is left behind its condition, which starts another copy.

!tile = !sm90.tile<64x64xbf16>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @in_a_condition(%m: !map, %n: i32) {
  %t = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %l = sm90.leader
    %r = scf.while (%i = %c0) : (i32) -> i32 {
      scf.if %l {
        // expected-error @+1 {{may still read shared memory when the kernel ends}}
        sm90.tma_store %t to %m[%c0, %c0] : !tile, !map
        nvvm.cp.async.bulk.commit.group
      }
      %more = arith.cmpi slt, %i, %n : i32
      scf.condition(%more) %i : i32
    } do {
    ^bb0(%i: i32):
      nvvm.cp.async.bulk.wait_group 0 {read}
      %next = arith.addi %i, %c1 : i32
      scf.yield %next : i32
    }
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @by_the_producer(%m: !map) {
  %t = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  sm90.warp_specialize producer registers(24) {
    // expected-error @+1 {{is for consumers, but the producer runs it}}
    sm90.tma_store %t to %m[%c0, %c0] : !tile, !map
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

// What one iteration leaves in flight, the next one overwrites.

!tile = !sm90.tile<64x64xbf16>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xbf16>
sm90.kernel @in_the_next_iteration(%m: !map, %n: i32) {
  %t = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %z = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %c128 = arith.constant 128 : i32
    %b = arith.addi %wg, %c1 : i32
    %f = sm90.splat %z : !sm90.fragment<64x64xf32>
    %x = sm90.convert %f : !sm90.fragment<64x64xf32> to !acc
    %l = sm90.leader
    scf.for %i = %c0 to %n step %c1 : i32 {
      nvvm.barrier id = %b number_of_threads = %c128
      // expected-error @+1 {{overwrites what a copy may still read}}
      sm90.store_matrix %x to %t : !acc, !tile
      nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
      nvvm.barrier id = %b number_of_threads = %c128
      scf.if %l {
        // expected-note @+1 {{the copy}}
        sm90.tma_store %t to %m[%c0, %c0] : !tile, !map
        nvvm.cp.async.bulk.commit.group
        nvvm.cp.async.bulk.wait_group 1 {read}
      }
    }
    nvvm.cp.async.bulk.wait_group 0 {read}
  }
  sm90.return
}

// -----

// A branch that may have been taken.

!tile = !sm90.tile<64x64xbf16>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xbf16>
sm90.kernel @in_a_branch(%m: !map, %any: i1) {
  %t = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %z = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %f = sm90.splat %z : !sm90.fragment<64x64xf32>
    %x = sm90.convert %f : !sm90.fragment<64x64xf32> to !acc
    %l = sm90.leader
    scf.if %any {
      scf.if %l {
        // expected-note @+1 {{the copy}}
        sm90.tma_store %t to %m[%c0, %c0] : !tile, !map
        nvvm.cp.async.bulk.commit.group
      }
    }
    // expected-error @+1 {{overwrites what a copy may still read}}
    sm90.store_matrix %x to %t : !acc, !tile
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @at_the_end(%m: !map) {
  %t = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %l = sm90.leader
    scf.if %l {
      // expected-error @+1 {{may still read shared memory when the kernel ends: expected nvvm.cp.async.bulk.wait_group behind it}}
      sm90.tma_store %t to %m[%c0, %c0] : !tile, !map
      nvvm.cp.async.bulk.commit.group
    }
  }
  sm90.return
}

// -----

!ring = !sm90.ring<2, i32>
!cursor = !sm90.cursor<2>
sm90.kernel @branch_sends(%n: i32) {
  // expected-note @+1 {{the ring}}
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    %b = arith.cmpi eq, %n, %c0 : i32
    sm90.reserve %r[%s] : !ring
    // expected-error @+1 {{'scf.if' op has branches of which one alone sends a slot's message}}
    scf.if %b {
      %m = sm90.send %n to %r[%s] : !ring
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %m = sm90.wait %r[%s] : !ring -> i32
    sm90.release %r[%s] : !ring
  }
  sm90.return
}

// -----

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
sm90.kernel @branch_moves_on(%m: !map, %n: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !ring
  %c0 = arith.constant 0 : i32
  %b = arith.cmpi eq, %n, %c0 : i32
  %s = sm90.start : !cursor
  sm90.warp_specialize producer registers(24) {
    // expected-error @+1 {{'sm90.reserve' op arms a barrier for 8192 bytes, but copies bring 0}}
    %t = sm90.reserve %r[%s] : !ring -> !tile
    %s1 = sm90.advance %s : !cursor
    %e = scf.if %b -> (!cursor) {
      sm90.tma_load %m[%c0, %c0] to %t signals %r[%s] : !map, !tile, !ring
      %t1 = sm90.reserve %r[%s1] : !ring -> !tile
      sm90.tma_load %m[%c0, %c0] to %t1 signals %r[%s1] : !map, !tile, !ring
      %s2 = sm90.advance %s1 : !cursor
      scf.yield %s2 : !cursor
    } else {
      scf.yield %s1 : !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %k = sm90.wait %r[%s] : !ring -> !tile
    sm90.release %r[%s] : !ring
    %s1 = sm90.advance %s : !cursor
    %e = scf.if %b -> (!cursor) {
      %k1 = sm90.wait %r[%s1] : !ring -> !tile
      sm90.release %r[%s1] : !ring
      %s2 = sm90.advance %s1 : !cursor
      scf.yield %s2 : !cursor
    } else {
      scf.yield %s1 : !cursor
    }
  }
  sm90.return
}
