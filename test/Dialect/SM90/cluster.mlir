// RUN: sigmoid-attn-opt %s | sigmoid-attn-opt | FileCheck %s
// RUN: sigmoid-attn-opt %s -mlir-print-op-generic | sigmoid-attn-opt | FileCheck %s
// RUN: sigmoid-attn-opt %s --sm90-verify-kernels | FileCheck %s

// Two blocks that share tiles and the numbers of tiles. What a block has for
// itself may depend on its rank.

!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!message = !sm90.ring<2, i32>
!cursor = !sm90.cursor<2>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!half = !nvgpu.tensormap.descriptor<tensor = memref<32x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>

// CHECK-LABEL: sm90.kernel @shared
// CHECK-SAME: attributes {cluster = 2 : i32}
sm90.kernel @shared(%m: !map, %h: !half, %counter: !llvm.ptr, %n: i32) attributes {cluster = 2 : i32} {
  // CHECK: sm90.alloc_ring readers(1) per warpgroup : !sm90.ring
  %own = sm90.alloc_ring readers(1) per warpgroup : !ring
  // CHECK: sm90.alloc_ring readers(1) per warpgroup cluster(2) : !sm90.ring
  %ring = sm90.alloc_ring readers(1) per warpgroup cluster(2) : !ring
  // CHECK: sm90.alloc_ring readers(1) per warp cluster(2) : !sm90.ring<2, i32>
  %messages = sm90.alloc_ring readers(1) per warp cluster(2) : !message
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !cursor
  %first = nvvm.read.ptx.sreg.clusterid.x : i32
  %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
  sm90.warp_specialize producer registers(24) {
    %e:2 = scf.while (%tile = %first, %c = %s) : (i32, !cursor) -> (i32, !cursor) {
      %more = arith.cmpi slt, %tile, %n : i32
      scf.condition(%more) %tile, %c : i32, !cursor
    } do {
    ^bb0(%tile: i32, %c: !cursor):
      %mine = arith.addi %tile, %rank : i32
      %t = sm90.reserve %own[%c] : !ring -> !tile
      sm90.tma_load %m[%mine, %c0] to %t signals %own[%c] : !map, !tile, !ring
      %u = sm90.reserve %ring[%c] : !ring -> !tile
      // CHECK: sm90.tma_load %{{.*}} : !nvgpu.tensormap.descriptor<tensor = memref<32x64xbf16, 3>, {{.*}}>, !sm90.tile<64x64xbf16>, !sm90.ring
      sm90.tma_load %h[%tile, %c0] to %u signals %ring[%c] : !half, !tile, !ring
      %ticket = llvm.atomicrmw uinc_wrap %counter, %n monotonic : !llvm.ptr, i32
      sm90.reserve %messages[%c] : !message
      // CHECK: %{{.*}} = sm90.send %{{.*}} to %{{.*}} : !sm90.ring<2, i32>
      %next = sm90.send %ticket to %messages[%c] : !message
      %cn = sm90.advance %c : !cursor
      scf.yield %next, %cn : i32, !cursor
    }
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %one = arith.constant 1 : i32
    %threads = arith.constant 128 : i32
    %barrier = arith.addi %wg, %one : i32
    %e:2 = scf.while (%tile = %first, %c = %s) : (i32, !cursor) -> (i32, !cursor) {
      %more = arith.cmpi slt, %tile, %n : i32
      scf.condition(%more) %tile, %c : i32, !cursor
    } do {
    ^bb0(%tile: i32, %c: !cursor):
      %t = sm90.wait %own[%c] : !ring -> !tile
      %u = sm90.wait %ring[%c] : !ring -> !tile
      nvvm.barrier id = %barrier number_of_threads = %threads
      sm90.release %own[%c] : !ring
      sm90.release %ring[%c] : !ring
      %next = sm90.wait %messages[%c] : !message -> i32
      sm90.release %messages[%c] : !message
      %cn = sm90.advance %c : !cursor
      scf.yield %next, %cn : i32, !cursor
    }
  }
  sm90.return
}
