// RUN: sigmoid-attn-opt %s -split-input-file -sm90-pipeline-key-loop -canonicalize -cse | FileCheck %s

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!p = !sm90.fragment<64x32xbf16>

// The first step's weights come before the loop, the last product behind it. In
// the loop the next tiles are asked for before the sigmoid.
// CHECK-LABEL: sm90.kernel @pipelined(
// CHECK: %[[K:.*]] = sm90.alloc_ring
// CHECK: %[[V:.*]] = sm90.alloc_ring
// CHECK: %[[ANY:.*]] = arith.cmpi sgt, %{{.*}}, %c0_i32
// CHECK: scf.if %[[ANY]]
// CHECK: sm90.wait %[[K]]
// CHECK: sm90.await %{{.*}} : !sm90.pending<64x32xf32>
// CHECK: sm90.release %[[K]]
// CHECK: sm90.try_wait %[[K]]
// CHECK: sm90.try_wait %[[V]]
// CHECK: sm90.map
// CHECK: %[[P0:.*]] = sm90.convert
// CHECK: scf.for %{{.*}} = %c1_i32 to %{{.*}} iter_args(%[[O:.*]] = %{{.*}}, %[[P:.*]] = %[[P0]], %[[KC:.*]] = %{{.*}}, %[[VC:.*]] = %{{.*}}, %[[KR:.*]] = %{{.*}}, %[[VR:.*]] = %{{.*}})
// CHECK-NEXT: %[[KEYS:.*]] = sm90.wait %[[K]][%[[KC]]] ready(%[[KR]])
// CHECK-NEXT: %[[PS:.*]] = sm90.wgmma %{{.*}}, %[[KEYS]] transpose_b
// CHECK-NEXT: sm90.commit
// CHECK-NEXT: %[[VALUES:.*]] = sm90.wait %[[V]][%[[VC]]] ready(%[[VR]])
// CHECK-NEXT: %[[PO:.*]] = sm90.wgmma %[[P]], %[[VALUES]] into %[[O]]
// CHECK-NEXT: sm90.commit
// CHECK-NEXT: %[[S:.*]] = sm90.await %[[PS]] in_flight(1)
// CHECK-NEXT: sm90.release %[[K]][%[[KC]]]
// CHECK: sm90.try_wait %[[K]][%{{[^ ]*}}] :
// CHECK: sm90.try_wait %[[V]][%{{[^ ]*}}] :
// CHECK: %[[W:.*]] = sm90.map %[[S]]
// CHECK: %[[PIN:.*]] = sm90.pin %[[W]]
// CHECK-NEXT: %[[SUM:.*]] = sm90.await %[[PO]] keep(%[[P]]
// CHECK-NEXT: sm90.release %[[V]][%[[VC]]]
// CHECK-NEXT: %[[NEXT:.*]] = sm90.convert %[[PIN]]
// CHECK-NEXT: scf.yield %[[SUM]], %[[NEXT]]
// CHECK: sm90.wait %[[V]]
// CHECK: sm90.wgmma
// CHECK: sm90.await
// CHECK: sm90.release %[[V]]
sm90.kernel @pipelined(%n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !sm90.pending<64x32xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x32xf32>
      sm90.release %k_ring[%kc] : !ring
      %w = sm90.map %s : (!s) -> !s {
      ^bb0(%x: f32):
        %y = math.tanh %x : f32
        sm90.yield %y : f32
      }
      %p = sm90.convert %w : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x32xf32>
      sm90.commit
      %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x32xf32>
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<pipelined>}
  }
  sm90.return
}

// -----

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!p = !sm90.fragment<64x32xbf16>

// Weights go to their product 16 keys at a time, with the keys' columns and their
// distances from the step's first one; the next scores are issued behind them, and one wait is for all. What is asked for is sure
// to come, here only.
// CHECK-LABEL: sm90.kernel @chunked(
// CHECK: %[[K:.*]] = sm90.alloc_ring
// CHECK: %[[V:.*]] = sm90.alloc_ring
// CHECK: scf.for
// CHECK: %[[VALUES:.*]] = sm90.wait %[[V]]
// CHECK: sm90.try_wait %[[K]][%{{[^ ]*}}] suspend :
// CHECK: sm90.extract %[[S:.*]][0] : !sm90.fragment<64x32xf32> to !sm90.fragment<64x16xf32>
// CHECK: sm90.map
// CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: i32, %[[COL:.*]]: i32, %[[OFFSET:.*]]: i32):
// CHECK-NEXT: arith.subi %[[COL]], %[[OFFSET]]
// CHECK: %[[P0:.*]] = sm90.convert %{{.*}} to !sm90.fragment<64x16xbf16>
// CHECK: %[[V0:.*]] = sm90.slice %[[VALUES]][%c0_i32, 0] : !sm90.tile<32x32xbf16> to !sm90.tile<16x32xbf16, box_rows = 32>
// CHECK: %[[O0:.*]] = sm90.wgmma %[[P0]], %[[V0]] into %{{.*}}
// CHECK: sm90.extract %[[S]][16]
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: i32, %[[COL1:.*]]: i32, %[[OFFSET1:.*]]: i32):
// CHECK-DAG: %[[SHIFTED:.*]] = arith.addi %[[COL1]], %c16_i32
// CHECK-DAG: %[[DISTANCE:.*]] = arith.addi %[[OFFSET1]], %c16_i32
// CHECK: arith.subi %[[SHIFTED]], %[[DISTANCE]]
// CHECK: %[[P1:.*]] = sm90.convert
// CHECK: %[[V1:.*]] = sm90.slice %[[VALUES]][%c16_i32, 0]
// CHECK: %[[O1:.*]] = sm90.wgmma %[[P1]], %[[V1]] into %[[O0]]
// CHECK: sm90.wait %[[K]]
// CHECK: %[[NEXT:.*]] = sm90.wgmma %{{.*}} transpose_b
// CHECK: sm90.commit
// CHECK: sm90.await %[[O1]], %[[NEXT]] keep(%[[P0]], %[[P1]]
sm90.kernel @chunked(%n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !sm90.pending<64x32xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x32xf32>
      sm90.release %k_ring[%kc] : !ring
      %w = sm90.map %s : (!s) -> !s {
      ^bb0(%x: f32, %row: i32, %col: i32, %offset: i32):
        %d = arith.subi %col, %offset : i32
        %f = arith.sitofp %d : i32 to f32
        %y = arith.addf %x, %f : f32
        sm90.yield %y : f32
      }
      %p = sm90.convert %w : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x32xf32>
      sm90.commit
      %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x32xf32>
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<chunked>}
  }
  sm90.return
}
