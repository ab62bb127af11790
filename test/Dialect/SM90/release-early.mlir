// RUN: sigmoid-attn-opt %s --sm90-release-early | FileCheck %s

!tile = !sm90.tile<64x64xbf16>
!one = !sm90.ring<1, !tile>
!two = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<1>
!cursor2 = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>

// Behind the last product that reads the slot; where there is none, behind a
// barrier.
// CHECK-LABEL: sm90.kernel @fires(
// CHECK: ^bb0(%[[WG:.*]]: i32):
// CHECK: scf.if
// CHECK: sm90.wgmma
// CHECK: sm90.wgmma
// CHECK: sm90.await
// CHECK-NEXT: sm90.release
// CHECK-NEXT: sm90.pin
// CHECK: } else {
// CHECK: %[[ID:.*]] = arith.addi %[[WG]], %c1_i32
// CHECK: nvvm.barrier id = %[[ID]] number_of_threads = %c128_i32
// CHECK-NEXT: sm90.release
// CHECK-NEXT: scf.yield
// CHECK: sm90.pin
// CHECK-NOT: sm90.release
sm90.kernel @fires(%any: i1, %zero: f32) {
  %q = sm90.alloc_ring readers(1) per warpgroup : !one
  %t = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %none = sm90.splat %zero : !acc
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %s = sm90.start : !cursor
    %slot = sm90.wait %q[%s] : !one -> !tile
    %mine = sm90.slice %slot[%c0, 0] : !tile to !tile
    %o = scf.if %any -> (!acc) {
      %a = sm90.wgmma %mine, %t transpose_b : !tile, !tile -> !pending
      %b = sm90.wgmma %mine, %t transpose_b into %a : !tile, !tile, !pending -> !pending
      sm90.commit
      %x = sm90.await %b : !pending
      %y = sm90.pin %x : !acc
      scf.yield %y : !acc
    } else {
      scf.yield %none : !acc
    }
    %p = sm90.pin %o : !acc
    sm90.release %q[%s] : !one
  }
  sm90.return
}

// A loop may have no iteration, and then nothing has held the warps together.
// CHECK-LABEL: sm90.kernel @behind_a_loop(
// CHECK: scf.if
// CHECK: scf.for
// CHECK: sm90.await
// CHECK: }
// CHECK: nvvm.barrier
// CHECK-NEXT: sm90.release
// CHECK: } else {
// CHECK: sm90.release
// CHECK-NOT: sm90.release
sm90.kernel @behind_a_loop(%any: i1, %n: i32) {
  %q = sm90.alloc_ring readers(1) per warpgroup : !one
  %t = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %s = sm90.start : !cursor
    %slot = sm90.wait %q[%s] : !one -> !tile
    scf.if %any {
      scf.for %i = %c0 to %n step %c1 : i32 {
        %a = sm90.wgmma %slot, %t transpose_b : !tile, !tile -> !pending
        sm90.commit
        %x = sm90.await %a : !pending
      }
    } else {
    }
    sm90.release %q[%s] : !one
  }
  sm90.return
}

// What follows the await in its block stands well.
// CHECK-LABEL: sm90.kernel @same_block(
// CHECK: sm90.await
// CHECK-NEXT: sm90.pin
// CHECK-NEXT: sm90.release
sm90.kernel @same_block() {
  %q = sm90.alloc_ring readers(1) per warpgroup : !one
  %t = sm90.alloc_tile : !tile
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %s = sm90.start : !cursor
    %slot = sm90.wait %q[%s] : !one -> !tile
    %a = sm90.wgmma %slot, %t transpose_b : !tile, !tile -> !pending
    sm90.commit
    %x = sm90.await %a : !pending
    %y = sm90.pin %x : !acc
    sm90.release %q[%s] : !one
  }
  sm90.return
}

// With a second stage there is a slot for the next tile.
// CHECK-LABEL: sm90.kernel @two_stages(
// CHECK: sm90.await
// CHECK-NOT: sm90.release
// CHECK: } else {
// CHECK-NEXT: }
// CHECK-NEXT: sm90.release
sm90.kernel @two_stages(%any: i1) {
  %q = sm90.alloc_ring readers(1) per warpgroup : !two
  %t = sm90.alloc_tile : !tile
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %s = sm90.start : !cursor2
    %slot = sm90.wait %q[%s] : !two -> !tile
    scf.if %any {
      %a = sm90.wgmma %slot, %t transpose_b : !tile, !tile -> !pending
      sm90.commit
      %x = sm90.await %a : !pending
    } else {
    }
    sm90.release %q[%s] : !two
  }
  sm90.return
}

// A store reads the slot after the branch.
// CHECK-LABEL: sm90.kernel @stored(
// CHECK: } else {
// CHECK-NEXT: }
// CHECK: sm90.tma_store
// CHECK: sm90.release
sm90.kernel @stored(%any: i1, %m: !map) {
  %q = sm90.alloc_ring readers(1) per warpgroup : !one
  %t = sm90.alloc_tile : !tile
  %c0 = arith.constant 0 : i32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %s = sm90.start : !cursor
    %slot = sm90.wait %q[%s] : !one -> !tile
    scf.if %any {
      %a = sm90.wgmma %slot, %t transpose_b : !tile, !tile -> !pending
      sm90.commit
      %x = sm90.await %a : !pending
    } else {
    }
    sm90.tma_store %slot to %m[%c0, %c0] : !tile, !map
    sm90.release %q[%s] : !one
  }
  sm90.return
}

// What another wait for the slot gives may be read, too.
// CHECK-LABEL: sm90.kernel @two_waits(
// CHECK: sm90.await
// CHECK-NOT: sm90.release
// CHECK: sm90.wgmma
// CHECK: sm90.await
// CHECK-NEXT: sm90.release
sm90.kernel @two_waits(%any: i1) {
  %q = sm90.alloc_ring readers(1) per warpgroup : !one
  %t = sm90.alloc_tile : !tile
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %s = sm90.start : !cursor
    %peeked = sm90.wait %q[%s] peek : !one -> !tile
    %slot = sm90.wait %q[%s] : !one -> !tile
    scf.if %any {
      %a = sm90.wgmma %slot, %t transpose_b : !tile, !tile -> !pending
      sm90.commit
      %x = sm90.await %a : !pending
    } else {
    }
    %b = sm90.wgmma %peeked, %t transpose_b : !tile, !tile -> !pending
    sm90.commit
    %y = sm90.await %b : !pending
    sm90.release %q[%s] : !one
  }
  sm90.return
}

// Behind a branch without another side the release is as early as it can be.
// CHECK-LABEL: sm90.kernel @one_side(
// CHECK: scf.if
// CHECK: sm90.await
// CHECK-NEXT: }
// CHECK-NEXT: sm90.release
sm90.kernel @one_side(%any: i1) {
  %q = sm90.alloc_ring readers(1) per warpgroup : !one
  %t = sm90.alloc_tile : !tile
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %s = sm90.start : !cursor
    %slot = sm90.wait %q[%s] : !one -> !tile
    scf.if %any {
      %a = sm90.wgmma %slot, %t transpose_b : !tile, !tile -> !pending
      sm90.commit
      %x = sm90.await %a : !pending
    }
    sm90.release %q[%s] : !one
  }
  sm90.return
}
