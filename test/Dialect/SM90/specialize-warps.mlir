// RUN: sigmoid-attn-opt %s -split-input-file -sm90-specialize-warps | FileCheck %s

!map = !nvgpu.tensormap.descriptor<tensor = memref<1x1x64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = l2promo_256b, oob = zero, interleave = none>
!tile = !sm90.tile<64x64xbf16>
!ring = !sm90.ring<2, !tile>
!acc = !sm90.fragment<64x64xf32>

// The producer gets the loop, without the fragment that it carries, and the
// arithmetic that leads to the copies; the consumers lose these.
// CHECK-LABEL: sm90.kernel @loop(
// CHECK: %[[RING:.*]] = sm90.alloc_ring
// CHECK: sm90.warp_specialize producer registers(24) {
// CHECK: %[[START:.*]] = sm90.start
// CHECK: scf.for %[[J:.*]] = %{{.*}} iter_args(%[[C:.*]] = %[[START]]) -> (!sm90.cursor<2>)
// CHECK-NEXT: %[[ROW:.*]] = arith.muli %[[J]]
// CHECK-NEXT: %[[SLOT:.*]] = sm90.reserve %[[RING]][%[[C]]]
// CHECK-NEXT: sm90.tma_load %{{.*}}[%{{.*}}, %{{.*}}, %[[ROW]], %{{.*}}] to %[[SLOT]] signals %[[RING]][%[[C]]]
// CHECK-NEXT: %[[NEXT:.*]] = sm90.advance %[[C]]
// CHECK-NEXT: scf.yield %[[NEXT]]
// CHECK-NEXT: }
// CHECK: } consumers(1) registers(240) {
// CHECK: scf.for %{{.*}} iter_args(%[[O:.*]] = %{{.*}}, %[[CC:.*]] = %{{.*}}) -> (!sm90.fragment<64x64xf32>, !sm90.cursor<2>)
// CHECK-NOT: sm90.reserve
// CHECK-NOT: sm90.tma_load
// CHECK: sm90.wait %[[RING]][%[[CC]]]
// CHECK: sm90.wgmma
// CHECK: sm90.release %[[RING]][%[[CC]]]
sm90.kernel @loop(%map: !map, %n: i32) {
  %ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !sm90.cursor<2>
    %o = sm90.splat %zero : !acc
    %r:2 = scf.for %j = %c0 to %n step %c1 iter_args(%sum = %o, %c = %start) -> (!acc, !sm90.cursor<2>) : i32 {
      %row = arith.muli %j, %c64 : i32
      %slot = sm90.reserve %ring[%c] : !ring -> !tile
      sm90.tma_load %map[%c0, %c0, %row, %c0] to %slot signals %ring[%c] : !map, !tile, !ring
      %t = sm90.wait %ring[%c] : !ring -> !tile
      %pending = sm90.wgmma %t, %t into %sum : !tile, !tile, !acc -> !sm90.pending<64x64xf32>
      sm90.commit
      %next = sm90.await %pending : !sm90.pending<64x64xf32>
      sm90.release %ring[%c] : !ring
      %cn = sm90.advance %c : !sm90.cursor<2>
      scf.yield %next, %cn : !acc, !sm90.cursor<2>
    }
  }
  sm90.return
}

// -----

!ring = !sm90.ring<2, i32>

// What the consumers receive is, in the producer, what it sent. The ticket is
// drawn by the producer alone.
// CHECK-LABEL: sm90.kernel @messages(
// CHECK: sm90.warp_specialize producer registers(24) {
// CHECK: scf.while
// CHECK: %[[TICKET:.*]] = llvm.atomicrmw
// CHECK: %[[NEXT:.*]] = arith.addi %[[TICKET]]
// CHECK: sm90.reserve
// CHECK: %[[SENT:.*]] = sm90.send %[[NEXT]]
// CHECK: %[[C:.*]] = sm90.advance
// CHECK: scf.yield %[[SENT]], %[[C]]
// CHECK: } consumers(1) registers(240) {
// CHECK: scf.while
// CHECK-NOT: llvm.atomicrmw
// CHECK-NOT: sm90.send
// CHECK: %[[RECEIVED:.*]] = sm90.wait
// CHECK: scf.yield %[[RECEIVED]]
sm90.kernel @messages(%counter: !llvm.ptr, %n: i32) {
  %ring = sm90.alloc_ring readers(1) per warp : !ring
  %c1 = arith.constant 1 : i32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !sm90.cursor<2>
    %r:2 = scf.while (%t = %c1, %c = %start) : (i32, !sm90.cursor<2>) -> (i32, !sm90.cursor<2>) {
      %more = arith.cmpi slt, %t, %n : i32
      scf.condition(%more) %t, %c : i32, !sm90.cursor<2>
    } do {
    ^bb0(%t: i32, %c: !sm90.cursor<2>):
      %ticket = llvm.atomicrmw uinc_wrap %counter, %n monotonic : !llvm.ptr, i32
      %next = arith.addi %ticket, %c1 : i32
      sm90.reserve %ring[%c] : !ring
      sm90.send %next to %ring[%c] : !ring
      %received = sm90.wait %ring[%c] : !ring -> i32
      sm90.release %ring[%c] : !ring
      %cn = sm90.advance %c : !sm90.cursor<2>
      scf.yield %received, %cn : i32, !sm90.cursor<2>
    }
  }
  sm90.return
}

// -----

// A kernel that has its producer already is left alone.
// CHECK-LABEL: sm90.kernel @done(
// CHECK: producer registers(24) {
// CHECK-NEXT: sm90.start
// CHECK-NEXT: }
sm90.kernel @done() {
  sm90.warp_specialize producer registers(24) {
    %start = sm90.start : !sm90.cursor<2>
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !sm90.cursor<2>
  }
  sm90.return
}
