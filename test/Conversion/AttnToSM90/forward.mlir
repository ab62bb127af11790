// RUN: sigmoid-attn-opt %s -attn-select-schedule="sigmoid=fast grid=static" -convert-attn-to-sm90 -canonicalize -cse | FileCheck %s

// The whole program of a kernel without a mask: one thread of control in the
// consumer region, the producer region still empty.

!q = memref<?x?x?x128xbf16>

// CHECK: module attributes {sigmoid_attn.recipe = "{{.*}}attend
// CHECK: gpu.module @attend_kernels
// CHECK-LABEL: sm90.kernel @attend(
// CHECK-SAME: %[[Q_MAP:[^:]*]]: !nvgpu.tensormap.descriptor<tensor = memref<1x1x128x64xbf16, 3>, swizzle = swizzle_128b, l2promo = l2promo_256b, oob = zero, interleave = none>
// CHECK-SAME: %[[K_MAP:[^:]*]]: !nvgpu.tensormap.descriptor<tensor = memref<1x1x64x64xbf16, 3>
// CHECK-SAME: %[[V_MAP:[^:]*]]: !nvgpu.tensormap.descriptor<tensor = memref<1x1x64x64xbf16, 3>
// CHECK-SAME: %[[O_MAP:[^:]*]]: !nvgpu.tensormap.descriptor<tensor = memref<1x1x64x64xbf16, 3>
// CHECK-SAME: %{{[^:]*}}: i32, %{{[^:]*}}: i64, %{{[^:]*}}: i32, %{{[^:]*}}: i64, %{{[^:]*}}: i32, %{{[^:]*}}: i32, %[[QUERY_TILES:[^:]*]]: i32, %[[RECIPROCAL:[^:]*]]: i64, %[[TILES:[^:]*]]: i32, %[[SCALE:[^:]*]]: f32, %[[BIAS:[^:]*]]: f32) {
// CHECK: %[[Q_RING:.*]] = sm90.alloc_ring readers(2) per warpgroup : !sm90.ring<2, !sm90.tile<128x128xbf16>>
// CHECK: %[[K_RING:.*]] = sm90.alloc_ring
// CHECK: %[[V_RING:.*]] = sm90.alloc_ring
// CHECK: %[[BLOCK:.*]] = nvvm.read.ptx.sreg.ctaid.x : i32
// CHECK: %[[GRID:.*]] = nvvm.read.ptx.sreg.nctaid.x : i32
// CHECK: sm90.warp_specialize producer registers(24) {
// CHECK-NEXT: } consumers(2) registers(240) {
// CHECK-NEXT: ^bb0(%[[WARPGROUP:.*]]: i32):
// CHECK: %[[ROW:.*]] = arith.muli %[[WARPGROUP]], %c64_i32
// CHECK: scf.for %[[T:.*]] = %[[BLOCK]] to %[[TILES]] step %[[GRID]] iter_args(%[[QC:.*]] = %{{.*}}, %{{.*}} = %{{.*}}, %{{.*}} = %{{.*}})
// A tile's number counts queries fastest; a key head serves a group of heads.
// Quotients come from products with reciprocals.
// CHECK: %[[WIDE:.*]] = arith.extui %[[T]] : i32 to i64
// CHECK: %[[SHIFTED:.*]] = arith.shli %[[WIDE]], %c2_i64
// CHECK: %{{.*}}, %[[HIGH:.*]] = arith.mului_extended %[[SHIFTED]], %[[RECIPROCAL]] : i64
// CHECK: %[[PAIR:.*]] = arith.trunci %[[HIGH]] : i64 to i32
// CHECK: %[[ROUND:.*]] = arith.muli %[[PAIR]], %[[QUERY_TILES]]
// CHECK: %[[TILE:.*]] = arith.subi %[[T]], %[[ROUND]]
// CHECK: %[[QUERY:.*]] = arith.muli %[[TILE]], %c128_i32
// CHECK: %[[BATCH:.*]] = arith.trunci
// CHECK: %[[HEAD:.*]] = arith.subi %[[PAIR]]
// CHECK: %[[KEY_HEAD:.*]] = arith.trunci
// CHECK: %[[Q_SLOT:.*]] = sm90.reserve %[[Q_RING]][%[[QC]]]
// CHECK: sm90.tma_load %[[Q_MAP]][%[[BATCH]], %[[HEAD]], %[[QUERY]], %c0_i32] to %[[Q_SLOT]]
// CHECK: %[[Q_TILE:.*]] = sm90.wait %[[Q_RING]][%[[QC]]]
// CHECK: %[[Q:.*]] = sm90.slice %[[Q_TILE]][%[[ROW]], 0] : !sm90.tile<128x128xbf16> to !sm90.tile<64x128xbf16, box_rows = 128>
// CHECK: %[[ZERO:.*]] = sm90.splat
// CHECK: %[[LOOP:.*]]:3 = scf.for %[[J:.*]] = %c0_i32 to %{{.*}} step %c1_i32 iter_args(%[[O:.*]] = %[[ZERO]], %[[KC:.*]] = %{{.*}}, %[[VC:.*]] = %{{.*}})
// CHECK: %[[KEY:.*]] = arith.muli %[[J]], %c64_i32
// CHECK: sm90.tma_load %[[K_MAP]][%[[BATCH]], %[[KEY_HEAD]], %[[KEY]], %c0_i32]
// CHECK: %[[K:.*]] = sm90.wait %[[K_RING]][%[[KC]]]
// CHECK: %[[KS:.*]] = sm90.slice %[[K]][%c0_i32, 0]
// CHECK: %[[PS:.*]] = sm90.wgmma %[[Q]], %[[KS]] transpose_b
// CHECK: %[[S:.*]] = sm90.await %[[PS]]
// CHECK: sm90.release %[[K_RING]][%[[KC]]]
// CHECK: %[[P:.*]] = sm90.map %[[S]]
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT: %[[Y:.*]] = math.fma %[[X]], %[[SCALE]], %[[BIAS]]
// CHECK-NEXT: %[[W:.*]] = sm90.sigmoid fast %[[Y]]
// CHECK-NEXT: sm90.yield %[[W]]
// CHECK: %[[PB:.*]] = sm90.convert %[[P]]
// CHECK: sm90.tma_load %[[V_MAP]][%[[BATCH]], %[[KEY_HEAD]], %[[KEY]], %c0_i32]
// CHECK: sm90.wgmma %[[PB]], %{{.*}} into %[[O]]
// CHECK: sm90.await %{{.*}} keep(%[[PB]]
// CHECK: sm90.release %[[V_RING]][%[[VC]]]
// CHECK: sm90.advance %[[KC]]
// CHECK: sm90.advance %[[VC]]
// The output leaves through the query's memory.
// CHECK: %[[OB:.*]] = sm90.convert %[[LOOP]]#0
// CHECK: nvvm.barrier
// CHECK: sm90.store_matrix %[[OB]] to %[[Q]]
// CHECK: nvvm.fence.proxy
// CHECK: nvvm.barrier
// CHECK: sm90.tma_store %[[Q]] to %[[O_MAP]][%[[BATCH]], %[[HEAD]], %{{.*}}, %c0_i32]
// CHECK: sm90.release %[[Q_RING]][%[[QC]]]
func.func @attend(%q: !q, %k: !q, %v: !q, %scale: f32, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) scale(%scale) bias(%bias) : (!q, !q, !q)
  return
}
