// RUN: sigmoid-attn-opt %s --sm90-plan-shared-memory --convert-sm90-to-nvvm -canonicalize | FileCheck %s
// RUN: sigmoid-attn-opt %s --sm90-plan-shared-memory --convert-sm90-to-nvvm=keep-operands -canonicalize | FileCheck %s --check-prefix=KEEP

!a = !sm90.tile<64x128xbf16>
!b = !sm90.tile<16x32xbf16>
!bt = !sm90.tile<8x128xbf16>
!p = !sm90.fragment<64x16xbf16>
!acc = !sm90.fragment<64x32xf32>
!pending = !sm90.pending<64x32xf32>
!small = !sm90.pending<64x8xf32>

// CHECK-LABEL: llvm.func @products
// KEEP-LABEL: llvm.func @products
sm90.kernel @products(%x: f32) {
  // The tiles are at 1024, 17408 and 19456.
  %a = sm90.alloc_tile : !a
  %b = sm90.alloc_tile : !b
  %bt = sm90.alloc_tile : !bt
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    // Both operands K-major: stride 1024 bytes, 128-byte swizzle (high word
    // 0x40000040). A at 1024 / 16 = 0x40, B at 19456 / 16 = 0x4C0. A step is 32
    // bytes; the fifth is in the next box, of A 64 * 128 bytes on, of B 8 * 128.
    // The steps are one assembly, and the first only writes.
    // CHECK-DAG: %[[A0:.*]] = arith.constant 4611686293305294912 : i64
    // CHECK-DAG: %[[B0:.*]] = arith.constant 4611686293305296064 : i64
    // CHECK-DAG: %[[A1:.*]] = arith.constant 4611686293305294914 : i64
    // CHECK-DAG: %[[A4:.*]] = arith.constant 4611686293305295424 : i64
    // CHECK-DAG: %[[B4:.*]] = arith.constant 4611686293305296128 : i64
    // MN-major, 16 rows: 64 columns to the next box are 16 * 128 bytes.
    // CHECK-DAG: %[[V:.*]] = arith.constant 4611686293313684544 : i64
    // CHECK: nvvm.wgmma.fence.aligned
    // CHECK-NEXT: llvm.inline_asm has_side_effects {{.*}} "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {$0, $1, $2, $3}, $4, $5, 0, 1, 1, 0, 0;\0A\09
    // CHECK-SAME: wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {$0, $1, $2, $3}, $6, $7, 1, 1, 1, 0, 0;\0A\09
    // CHECK-SAME: {$0, $1, $2, $3}, $18, $19, 1, 1, 1, 0, 0;",
    // CHECK-SAME: "=&f,=&f,=&f,=&f,l,l,l,l,l,l,l,l,l,l,l,l,l,l,l,l" %[[A0]], %[[B0]], %[[A1]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[A4]], %[[B4]],
    %s = sm90.wgmma %a, %bt transpose_b : !a, !bt -> !small
    // CHECK-NOT: wgmma.mma_async
    // CHECK: nvvm.wgmma.commit.group.sync.aligned
    sm90.commit

    // A from registers, accumulating: both are pinned before the fence.
    %z = sm90.splat %x : !acc
    %h = sm90.splat %x : !sm90.fragment<64x16xf32>
    %p = sm90.convert %h : !sm90.fragment<64x16xf32> to !p
    // CHECK: llvm.inline_asm has_side_effects {{.*}} "", "=r,=r,=r,=r,0,1,2,3"
    // CHECK: llvm.inline_asm has_side_effects {{.*}} "", "=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,=f,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
    // CHECK: nvvm.wgmma.fence.aligned
    // CHECK: "wgmma.mma_async.sync.aligned.m64n32k16.f32.bf16.bf16 {{{.*}}, $15}, {$16, $17, $18, $19}, $20, 1, 1, 1, 1;", {{.*}} %[[V]],
    %o = sm90.wgmma %p, %b into %z : !p, !b, !acc -> !pending
    sm90.commit
    // CHECK: nvvm.wgmma.wait.group.sync.aligned 1
    // CHECK-NEXT: llvm.inline_asm has_side_effects {{.*}} "", "=f,=f,=f,=f,0,1,2,3"
    %sf = sm90.await %s in_flight(1) : !small
    // CHECK: nvvm.wgmma.wait.group.sync.aligned 0
    // CHECK-NOT: st.shared
    // KEEP: nvvm.wgmma.wait.group.sync.aligned 0
    // KEEP: "{.reg .pred p; setp.eq.u32 p, $0, 0xffffffff; @p st.shared.b32 [0], $1; @p st.shared.b32 [0], $2; @p st.shared.b32 [0], $3; @p st.shared.b32 [0], $4; }", "r,r,r,r,r"
    %of = sm90.await %o keep(%p : !p) : !pending
  }
  sm90.return
}

// A fence for two products of tiles that nothing comes between; operands that
// are contiguous the other way.
// CHECK-LABEL: llvm.func @fences
sm90.kernel @fences() {
  %a = sm90.alloc_tile : !sm90.tile<16x64xf16>
  %b = sm90.alloc_tile : !sm90.tile<16x8xf16>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    // CHECK: nvvm.wgmma.fence.aligned
    // CHECK: "wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {$0, $1, $2, $3}, $4, $5, 0, 1, 1, 1, 1;"
    %s = sm90.wgmma %a transpose_a, %b : !sm90.tile<16x64xf16>, !sm90.tile<16x8xf16> -> !small
    // CHECK-NOT: nvvm.wgmma.fence.aligned
    // CHECK: wgmma.mma_async
    %t = sm90.wgmma %a transpose_a, %b into %s : !sm90.tile<16x64xf16>, !sm90.tile<16x8xf16>, !small -> !small
    sm90.commit
    %f = sm90.await %t : !small
  }
  sm90.return
}

// The descriptors of 16 steps do not fit the uniform registers, so steps are
// issued two by two.
// CHECK-LABEL: llvm.func @long
sm90.kernel @long() {
  %a = sm90.alloc_tile : !sm90.tile<64x256xbf16>
  %b = sm90.alloc_tile : !sm90.tile<8x256xbf16>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    // CHECK: "wgmma.mma_async{{.*}} $4, $5, 0, {{.*}} $6, $7, 1, {{.*}};", "=&f,=&f,=&f,=&f,l,l,l,l"
    // CHECK-COUNT-7: "wgmma.mma_async{{.*}} $4, $5, 1, {{.*}} $6, $7, 1, {{.*}};", "=&f,=&f,=&f,=&f,l,l,l,l,0,1,2,3"
    // CHECK-NOT: wgmma.mma_async
    %s = sm90.wgmma %a, %b transpose_b : !sm90.tile<64x256xbf16>, !sm90.tile<8x256xbf16> -> !small
    sm90.commit
    %f = sm90.await %s : !small
  }
  sm90.return
}
