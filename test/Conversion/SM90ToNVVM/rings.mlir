// RUN: sigmoid-attn-opt %s --convert-sm90-to-nvvm -canonicalize -cse | FileCheck %s

!tile = !sm90.tile<64x64xbf16>
!wide = !sm90.tile<32x128xbf16>
!ring = !sm90.ring<3, !tile, !wide>
!message = !sm90.ring<2, i32>
!map = !nvgpu.tensormap.descriptor<tensor = memref<1x64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!wide_map = !nvgpu.tensormap.descriptor<tensor = memref<1x32x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>

// CHECK-LABEL: llvm.func @writer
// CHECK-SAME: %[[MAP:[^:]*]]: !llvm.ptr {{[^%]*}}%[[WIDE:[^:]*]]: !llvm.ptr {{[^%]*}}%[[H:[^:]*]]: i32, %[[ROW:[^:]*]]: i32
sm90.kernel @writer(%map: !map, %wide_map: !wide_map, %h: i32, %row: i32, %n: i32) {
  %ring = sm90.alloc_ring readers(1) per warpgroup at(1024, barriers 50176) : !ring
  %message = sm90.alloc_ring readers(1) per warp at(50304, barriers 50240) : !message
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.start : !sm90.cursor<3>
  %ms = sm90.start : !sm90.cursor<2>
  sm90.warp_specialize producer registers(24) {
    // A cursor is its stage and the parity of its phase.
    // CHECK: scf.for {{.*}} iter_args(%[[STAGE:.*]] = %c0_i32, %[[PARITY:.*]] = %c0_i32) -> (i32, i32)
    %e = scf.for %i = %c0 to %n step %c1 iter_args(%c = %s) -> (!sm90.cursor<3>) : i32 {
      // The first pass finds the phase before the first complete.
      // CHECK: %[[OTHER:.*]] = arith.xori %[[PARITY]], %c1_i32
      // CHECK: %[[OFFSET:.*]] = arith.muli %[[STAGE]], %c8_i32
      // CHECK: %[[EMPTY:.*]] = arith.addi %[[OFFSET]], %c51224_i32
      // CHECK: %[[P:.*]] = llvm.inttoptr %[[EMPTY]]
      // CHECK: nvvm.mbarrier.try_wait.parity %[[P]], %[[OTHER]],
      // CHECK: %[[FULL:.*]] = arith.addi %[[OFFSET]], %c51200_i32
      // CHECK: %[[Q:.*]] = llvm.inttoptr %[[FULL]]
      // CHECK: nvvm.mbarrier.arrive.expect_tx %[[Q]], %c16384_i32
      // CHECK: %[[TILES:.*]] = arith.muli %[[STAGE]], %c16384_i32
      // CHECK: %[[TILE:.*]] = arith.addi %[[TILES]], %c2048_i32
      // CHECK: %[[TILE2:.*]] = arith.addi %[[TILES]], %c10240_i32
      %t, %w = sm90.reserve %ring[%c] : !ring -> !tile, !wide
      // Coordinates are innermost first here.
      // CHECK: %[[A:.*]] = llvm.inttoptr %[[TILE]]
      // CHECK: %[[A7:.*]] = llvm.addrspacecast %[[A]] : !llvm.ptr<3> to !llvm.ptr<7>
      // CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global %[[A7]], %[[MAP]], %{{.*}}, box[%c0_i32, %[[ROW]], %[[H]]]
      sm90.tma_load %map[%h, %row, %c0] to %t signals %ring[%c] : !map, !tile, !ring
      // Two boxes of 64 columns, 32 * 128 bytes apart, with a cache policy.
      // CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}}box[%c0_i32, %[[ROW]], %[[H]]] l2_cache_hint = %c42_i64
      // CHECK: %[[BOX:.*]] = arith.addi %[[TILES]], %c14336_i32
      // CHECK: llvm.inttoptr %[[BOX]]
      // CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}}box[%c64_i32, %[[ROW]], %[[H]]] l2_cache_hint = %c42_i64
      sm90.tma_load %wide_map[%h, %row, %c0] to %w signals %ring[%c] cache_policy(42) : !wide_map, !wide, !ring
      // CHECK: %[[NEXT:.*]] = arith.addi %[[STAGE]], %c1_i32
      // CHECK: %[[WRAPS:.*]] = arith.cmpi eq, %[[NEXT]], %c3_i32
      // CHECK: arith.select %[[WRAPS]], %c0_i32, %[[NEXT]]
      // CHECK: %[[FLIP:.*]] = arith.extui %[[WRAPS]]
      // CHECK: arith.xori %[[PARITY]], %[[FLIP]]
      %cn = sm90.advance %c : !sm90.cursor<3>
      scf.yield %cn : !sm90.cursor<3>
    }
    // CHECK: nvvm.mbarrier.try_wait.parity
    sm90.reserve %message[%ms] : !message
    // CHECK: %[[SLOT:.*]] = llvm.inttoptr %c51328_i32
    // CHECK: llvm.store %[[ROW]], %[[SLOT]]
    // CHECK: nvvm.mbarrier.arrive
    sm90.send %row to %message[%ms] : !message
    // CHECK: nvvm.prefetch tensormap, %[[MAP]]
    nvgpu.tma.prefetch.descriptor %map : !map
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// CHECK-LABEL: llvm.func @reader
sm90.kernel @reader(%row: i32) {
  %ring = sm90.alloc_ring readers(1) per warpgroup at(1024, barriers 50176) : !ring
  %message = sm90.alloc_ring readers(1) per warp at(50304, barriers 50240) : !message
  %s = sm90.start : !sm90.cursor<3>
  %ms = sm90.start : !sm90.cursor<2>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    // CHECK: nvvm.setmaxregister
    // CHECK: %[[FULL:.*]] = llvm.inttoptr %c51200_i32
    // Where the slot may never be filled, the thread must not sleep.
    // CHECK: nvvm.mbarrier.test.wait %[[FULL]], %c0_i32
    %never = sm90.try_wait %ring[%s] : !ring
    // CHECK: %[[READY:.*]] = nvvm.mbarrier.try_wait %{{.*}}, %c0_i32
    %r = sm90.try_wait %ring[%s] suspend : !ring
    // CHECK: %[[NOT:.*]] = arith.xori %[[READY]], %true
    // CHECK: scf.if %[[NOT]]
    // CHECK: nvvm.mbarrier.try_wait.parity
    %t, %w = sm90.wait %ring[%s] ready(%r) : !ring -> !tile, !wide
    // The leader arrives for its warpgroup.
    // CHECK: %[[NUMBER:.*]] = arith.andi %{{.*}}, %c127_i32
    // CHECK: %[[LEADS:.*]] = arith.cmpi eq, %[[NUMBER]], %c0_i32
    // CHECK: scf.if %[[LEADS]]
    // CHECK: nvvm.mbarrier.arrive
    sm90.release %ring[%s] : !ring
    // CHECK: nvvm.mbarrier.try_wait.parity
    // CHECK: llvm.load %{{.*}} : !llvm.ptr<3> -> i32
    %m = sm90.wait %message[%ms] : !message -> i32
    // A message is read by all lanes; one then arrives for the warp.
    // CHECK: nvvm.bar.warp.sync
    // CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c31_i32
    // CHECK: arith.cmpi eq, %[[LANE]], %c0_i32
    // CHECK: nvvm.mbarrier.arrive
    sm90.release %message[%ms] : !message
    func.call @use(%m) : (i32) -> ()
  }
  sm90.return
}
func.func private @use(i32)
