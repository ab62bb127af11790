// RUN: sigmoid-attn-opt %s --convert-sm90-to-nvvm -canonicalize -cse | FileCheck %s

!tile = !sm90.tile<64x128xbf16>
!ring = !sm90.ring<2, !tile>
!message = !sm90.ring<2, i32>
!half = !nvgpu.tensormap.descriptor<tensor = memref<32x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>

// CHECK-LABEL: llvm.func @writer
// CHECK-SAME: %[[MAP:[^:]*]]: !llvm.ptr {{[^%]*}}%[[ROW:[^:]*]]: i32
// CHECK-SAME: nvvm.cluster_dim = array<i32: 2, 1, 1>
sm90.kernel @writer(%map: !half, %row: i32) attributes {cluster = 2 : i32} {
  %ring = sm90.alloc_ring readers(3) per warpgroup cluster(2) at(0, barriers 32768) : !ring
  %message = sm90.alloc_ring readers(3) per warp cluster(2) at(32832, barriers 32800) : !message
  %c0 = arith.constant 0 : i32
  %s = sm90.start : !sm90.cursor<2>
  // The place in its block is what a kernel is compiled for; the block's number
  // is in the bits above.
  // CHECK: %[[BASE:.*]] = llvm.mlir.addressof @sm90_dynamic_shared
  // CHECK: %[[ADDRESS:.*]] = llvm.ptrtoint %[[BASE]]
  // CHECK: %[[OFFSET:.*]] = arith.andi %[[ADDRESS]], %c16777215_i32
  // CHECK: arith.cmpi ne, %[[OFFSET]], %c1024_i32
  // Three warpgroups of two blocks; for messages their warps, and the other
  // block's writer.
  // CHECK: nvvm.mbarrier.init %{{.*}}, %c1_i32
  // CHECK: nvvm.mbarrier.init %{{.*}}, %c6_i32
  // CHECK: nvvm.mbarrier.init %{{.*}}, %c1_i32
  // CHECK: nvvm.mbarrier.init %{{.*}}, %c6_i32
  // CHECK: nvvm.mbarrier.init %{{.*}}, %c1_i32
  // CHECK: nvvm.mbarrier.init %{{.*}}, %c25_i32
  // CHECK: nvvm.fence.mbarrier.init
  // CHECK-NOT: nvvm.barrier0
  // CHECK: nvvm.cluster.arrive
  // CHECK-NEXT: nvvm.cluster.wait
  sm90.warp_specialize producer registers(24) {
    // The other half's bytes count, too.
    // CHECK: nvvm.mbarrier.try_wait.parity
    // CHECK: %[[FULL:.*]] = llvm.getelementptr %[[BASE]][32768]
    // CHECK: nvvm.mbarrier.arrive.expect_tx %[[FULL]], %c16384_i32
    %t = sm90.reserve %ring[%s] : !ring -> !tile
    // CHECK: %[[RANK:.*]] = nvvm.read.ptx.sreg.cluster.ctarank
    // CHECK: %[[BYTES:.*]] = arith.muli %[[RANK]], %c4096_i32
    // CHECK: %[[SHARE:.*]] = arith.muli %[[RANK]], %c32_i32
    // CHECK: %[[FIRST:.*]] = arith.addi %[[ROW]], %[[SHARE]]
    // CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global %{{.*}}, %[[MAP]], %[[FULL]], box[%c0_i32, %[[FIRST]]] multicast_mask = %c3_i16
    // CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global %{{.*}}, %[[MAP]], %[[FULL]], box[%c64_i32, %[[FIRST]]] multicast_mask = %c3_i16
    sm90.tma_load %map[%row, %c0] to %t signals %ring[%s] : !half, !tile, !ring
    // Only the first block waits for the readers of messages.
    // CHECK: %[[IS_FIRST:.*]] = arith.cmpi eq, %[[RANK]], %c0_i32
    // CHECK: scf.if %[[IS_FIRST]] {
    // CHECK: scf.while
    // CHECK: nvvm.mbarrier.try_wait %{{.*}} {scope = #nvvm.mem_scope<cluster>}
    sm90.reserve %message[%s] : !message
    // It stores in both blocks; the other receives and gives back.
    // CHECK: %[[SENT:.*]] = scf.if %[[IS_FIRST]] -> (i32) {
    // CHECK: %[[SLOT0:.*]] = nvvm.mapa %[[SLOT:.*]], %c0_i32
    // CHECK: llvm.store %[[ROW]], %[[SLOT0]] : i32, !llvm.ptr<7>
    // CHECK: nvvm.mbarrier.arrive %{{.*}} {scope = #nvvm.mem_scope<cluster>} : !llvm.ptr<7>
    // CHECK: %[[SLOT1:.*]] = nvvm.mapa %[[SLOT]], %c1_i32
    // CHECK: llvm.store %[[ROW]], %[[SLOT1]] : i32, !llvm.ptr<7>
    // CHECK: nvvm.mbarrier.arrive %{{.*}} {scope = #nvvm.mem_scope<cluster>} : !llvm.ptr<7>
    // CHECK: scf.yield %[[ROW]]
    // CHECK: } else {
    // CHECK: nvvm.mbarrier.try_wait %{{.*}} {scope = #nvvm.mem_scope<cluster>}
    // CHECK: %[[RECEIVED:.*]] = llvm.load
    // CHECK: %[[EMPTY0:.*]] = nvvm.mapa %{{.*}}, %c0_i32
    // CHECK: nvvm.mbarrier.arrive %[[EMPTY0]] : !llvm.ptr<7>
    // CHECK: scf.yield %[[RECEIVED]]
    %next = sm90.send %row to %message[%s] : !message
    // CHECK: call @use(%[[SENT]])
    func.call @use(%next) : (i32) -> ()
  } consumers(3) registers(160) {
  ^bb0(%wg: i32):
  }
  // CHECK: nvvm.cluster.arrive
  // CHECK-NEXT: nvvm.cluster.wait
  // CHECK-NEXT: llvm.return
  sm90.return
}

// CHECK-LABEL: llvm.func @reader
sm90.kernel @reader() attributes {cluster = 2 : i32} {
  %ring = sm90.alloc_ring readers(1) per warpgroup cluster(2) at(0, barriers 32768) : !ring
  %message = sm90.alloc_ring readers(1) per warp cluster(2) at(32832, barriers 32800) : !message
  %s = sm90.start : !sm90.cursor<2>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    // CHECK: nvvm.setmaxregister
    // CHECK: nvvm.setmaxregister
    // CHECK: nvvm.mbarrier.try_wait.parity
    %t = sm90.wait %ring[%s] : !ring -> !tile
    // A thread for each block; what was read needs no fence of the cluster.
    // CHECK: %[[NUMBER:.*]] = arith.andi %{{.*}}, %c127_i32
    // CHECK: %[[ACTS:.*]] = arith.cmpi ult, %[[NUMBER]], %c2_i32
    // CHECK: scf.if %[[ACTS]]
    // CHECK: %[[REMOTE:.*]] = nvvm.mapa %{{.*}}, %[[NUMBER]]
    // CHECK: nvvm.mbarrier.arrive %[[REMOTE]] : !llvm.ptr<7>
    sm90.release %ring[%s] : !ring
    // CHECK: nvvm.mbarrier.try_wait %{{.*}} {scope = #nvvm.mem_scope<cluster>}
    // CHECK: llvm.load
    %m = sm90.wait %message[%s] : !message -> i32
    // A message is the first block's.
    // CHECK: nvvm.bar.warp.sync
    // CHECK: arith.cmpi eq, %{{.*}}, %c0_i32
    // CHECK: %[[FIRST:.*]] = nvvm.mapa %{{.*}}, %c0_i32
    // CHECK: nvvm.mbarrier.arrive %[[FIRST]] : !llvm.ptr<7>
    sm90.release %message[%s] : !message
    func.call @use(%m) : (i32) -> ()
  }
  sm90.return
}
func.func private @use(i32)
