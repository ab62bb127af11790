// RUN: sigmoid-attn-opt %s | sigmoid-attn-opt | FileCheck %s
// RUN: sigmoid-attn-opt %s -mlir-print-op-generic | sigmoid-attn-opt | FileCheck %s

// What the whole kernels in forward.mlir and forward-chunked.mlir do not use.

!acc = !sm90.fragment<64x8xf32>
!half = !sm90.fragment<64x8xf16>
!pending = !sm90.pending<64x8xf32>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!pair = !sm90.ring<3, !sm90.tile<64x64xbf16>, !sm90.tile<32x128xbf16>>

// CHECK-LABEL: sm90.kernel @attributes
// CHECK-SAME: (%{{.*}}: f32 {test.argument}) attributes {shared_memory = 10240 : i64, test.kernel}
sm90.kernel @attributes(%x: f32 {test.argument}) attributes {shared_memory = 10240 : i64, test.kernel} {
  // CHECK: sm90.alloc_tile at(1024) : !sm90.tile<64x64xbf16>
  %t = sm90.alloc_tile at(1024) : !sm90.tile<64x64xbf16>
  // CHECK: sm90.alloc_ring readers(1) per warp at(0, barriers 16) : !sm90.ring<1, i32>
  %r = sm90.alloc_ring readers(1) per warp at(0, barriers 16) : !sm90.ring<1, i32>
  // CHECK: sm90.warp_specialize producer registers(24) {
  // CHECK-NEXT: } consumers(1) registers(240) {
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// CHECK-LABEL: sm90.kernel @slots_of_two_tiles
sm90.kernel @slots_of_two_tiles(%m: !map, %i: i32) {
  // CHECK: sm90.alloc_ring readers(1) per warpgroup : !sm90.ring<3, !sm90.tile<64x64xbf16>, !sm90.tile<32x128xbf16>>
  %r = sm90.alloc_ring readers(1) per warpgroup : !pair
  %c = sm90.start : !sm90.cursor<3>
  sm90.warp_specialize producer registers(24) {
    // CHECK: sm90.reserve %{{.*}}[%{{.*}}] : !sm90.ring<3, !sm90.tile<64x64xbf16>, !sm90.tile<32x128xbf16>> -> !sm90.tile<64x64xbf16>, !sm90.tile<32x128xbf16>
    %t, %u = sm90.reserve %r[%c] : !pair -> !sm90.tile<64x64xbf16>, !sm90.tile<32x128xbf16>
    // CHECK: sm90.tma_load %{{.*}}[%{{.*}}, %{{.*}}] to %{{.*}} signals %{{.*}}[%{{.*}}] cache_policy(42)
    sm90.tma_load %m[%i, %i] to %t signals %r[%c] cache_policy(42) : !map, !sm90.tile<64x64xbf16>, !pair
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// CHECK-LABEL: func.func @products
func.func @products(%a: !sm90.tile<32x64xf16>, %b: !sm90.tile<32x8xf16>, %p: !pending) {
  // CHECK: sm90.wgmma %{{.*}} transpose_a, %{{.*}} into %{{.*}} : !sm90.tile<32x64xf16>, !sm90.tile<32x8xf16>, !sm90.pending<64x8xf32> -> !sm90.pending<64x8xf32>
  %q = sm90.wgmma %a transpose_a, %b into %p : !sm90.tile<32x64xf16>, !sm90.tile<32x8xf16>, !pending -> !pending
  return
}

// CHECK-LABEL: func.func @maps
func.func @maps(%x: !acc, %y: !half) {
  // CHECK: sm90.map %{{.*}}, %{{.*}} : (!sm90.fragment<64x8xf32>, !sm90.fragment<64x8xf16>) -> (!sm90.fragment<64x8xf16>, !sm90.fragment<64x8xf32>) {
  // CHECK-NEXT: ^bb0(%{{.*}}: vector<2xf32>, %{{.*}}: vector<2xf16>, %{{.*}}: i32, %{{.*}}: i32):
  %r:2 = sm90.map %x, %y : (!acc, !half) -> (!half, !acc) {
  ^bb0(%a: vector<2xf32>, %b: vector<2xf16>, %row: i32, %col: i32):
    // CHECK: sm90.yield %{{.*}}, %{{.*}} : vector<2xf16>, vector<2xf32>
    sm90.yield %b, %a : vector<2xf16>, vector<2xf32>
  }
  // CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: i32, %{{.*}}: i32, %{{.*}}: i32):
  %o = sm90.map %x : (!acc) -> !acc {
  ^bb0(%a: f32, %row: i32, %col: i32, %offset: i32):
    sm90.yield %a : f32
  }
  return
}

// CHECK-LABEL: func.func @fragments
func.func @fragments(%x: !acc, %init: f32, %p: !llvm.ptr<1>, %ld: i64, %n: i32) {
  // CHECK: sm90.fold %{{.*}} init(%{{.*}}) : !sm90.fragment<64x8xf32>, f32 {
  %m = sm90.fold %x init(%init) : !acc, f32 {
  ^bb0(%so_far: f32, %e: f32):
    %s = arith.maximumf %so_far, %e : f32
    sm90.yield %s : f32
  }
  // CHECK: sm90.concat %{{.*}}, %{{.*}} : !sm90.fragment<64x8xf32>, !sm90.fragment<64x8xf32> to !sm90.fragment<64x16xf32>
  %c = sm90.concat %x, %x : !acc, !acc to !sm90.fragment<64x16xf32>
  // CHECK: sm90.store_global %{{.*}} to %{{.*}} stride(%{{.*}}) rows(%{{.*}}) cols(%{{.*}}) : !sm90.fragment<64x8xf32>
  sm90.store_global %x to %p stride(%ld) rows(%n) cols(%n) : !acc
  return
}

// CHECK-LABEL: sm90.kernel @_$1(
sm90.kernel @_$1() {
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// CHECK-LABEL: func.func @odds
func.func @odds(%e: f32, %f: vector<2xf32>) {
  // CHECK: sm90.from_odds %{{.*}} : f32
  %p = sm90.from_odds %e : f32
  // CHECK: sm90.from_odds %{{.*}} : vector<2xf32>
  %q = sm90.from_odds %f : vector<2xf32>
  return
}
