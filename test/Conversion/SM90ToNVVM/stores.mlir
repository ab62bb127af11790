// RUN: sigmoid-attn-opt %s --convert-sm90-to-nvvm -canonicalize -cse | FileCheck %s

!big = !sm90.tile<128x128xbf16>
!mine = !sm90.tile<64x128xbf16, box_rows = 128>
!left = !sm90.tile<64x24xbf16, box_rows = 128>
!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>

// CHECK-LABEL: llvm.func @shared
// CHECK-SAME: %[[MAP:[^:]*]]: !llvm.ptr
sm90.kernel @shared(%x: f32, %row: i32, %map: !map) {
  %t = sm90.alloc_tile at(0) : !big
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    // Rows are 128 bytes apart.
    // CHECK: nvvm.setmaxregister decrease 240
    // CHECK: %[[ROWS:.*]] = arith.muli %{{.*}}, %c128_i32
    // CHECK: %[[SLICE:.*]] = arith.addi %[[ROWS]], %c1024_i32
    // CHECK: %[[BOX:.*]] = arith.addi %[[ROWS]], %c17408_i32
    %m = sm90.slice %t[%row, 0] : !big to !mine
    %l = sm90.slice %t[%row, 64] : !big to !left
    %s = sm90.splat %x : !sm90.fragment<64x128xf32>
    %h = sm90.convert %s : !sm90.fragment<64x128xf32> to !sm90.fragment<64x128xbf16>
    // Four registers at a time, 16 columns; the second box is 16384 bytes on. The
    // thread's part of the address is computed here, not kept from before.
    // CHECK: llvm.inline_asm has_side_effects asm_dialect = att "mov.u32 $0, %tid.x;"
    // CHECK-COUNT-4: llvm.inttoptr
    // CHECK-COUNT-4: nvvm.stmatrix
    // CHECK: llvm.getelementptr %{{.*}}[16384]
    // CHECK: nvvm.stmatrix
    // CHECK: llvm.getelementptr %{{.*}}[16384]
    // CHECK: nvvm.stmatrix {{.*}}eltType = #nvvm.ld_st_matrix_elt_type<b16>, layout = #nvvm.mma_layout<row>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>} : !llvm.ptr<3>, i32, i32, i32, i32
    sm90.store_matrix %h to %m : !sm90.fragment<64x128xbf16>, !mine
    // The last 8 columns of 24 are two registers.
    %g = sm90.extract %h[0] : !sm90.fragment<64x128xbf16> to !sm90.fragment<64x24xbf16>
    // CHECK: nvvm.stmatrix {{.*}} : !llvm.ptr<3>, i32, i32, i32, i32
    // CHECK: nvvm.stmatrix {{.*}} : !llvm.ptr<3>, i32, i32{{$}}
    sm90.store_matrix %g to %l : !sm90.fragment<64x24xbf16>, !left
    // CHECK: %[[P:.*]] = llvm.inttoptr %[[SLICE]]
    // CHECK: nvvm.cp.async.bulk.tensor.global.shared.cta %[[MAP]], %[[P]], box[%c0_i32, %{{.*}}]
    // CHECK: %[[P2:.*]] = llvm.inttoptr %[[BOX]]
    // CHECK: nvvm.cp.async.bulk.tensor.global.shared.cta %[[MAP]], %[[P2]], box[%c64_i32, %{{.*}}]
    %c0 = arith.constant 0 : i32
    sm90.tma_store %m to %map[%row, %c0] : !mine, !map
  }
  sm90.return
}

// CHECK-LABEL: func.func @global
// CHECK-SAME: %[[BASE:.*]]: !llvm.ptr<1>, %[[LD:.*]]: i64, %[[M:.*]]: i32, %[[N:.*]]: i32
func.func @global(%x: f32, %base: !llvm.ptr<1>, %ld: i64, %m: i32, %n: i32) {
  %s = sm90.splat %x : !sm90.fragment<64x16xf32>
  %h = sm90.convert %s : !sm90.fragment<64x16xf32> to !sm90.fragment<64x16xf16>
  // For each of two rows, two blocks of 8 columns, a pair if it is inside.
  // CHECK: %[[INROW:.*]] = arith.cmpi slt, %{{.*}}, %[[M]]
  // CHECK: %[[INCOL:.*]] = arith.cmpi slt, %{{.*}}, %[[N]]
  // CHECK: %[[IN:.*]] = arith.andi %[[INROW]], %[[INCOL]]
  // CHECK: scf.if %[[IN]]
  // CHECK: llvm.store %{{.*}} : i32, !llvm.ptr<1>
  // CHECK-COUNT-3: llvm.store %{{.*}} : i32, !llvm.ptr<1>
  // CHECK-NOT: llvm.store
  sm90.store_global %h to %base stride(%ld) rows(%m) cols(%n) : !sm90.fragment<64x16xf16>
  return
}

// CHECK-LABEL: func.func @global_f32
// CHECK-COUNT-4: llvm.store %{{.*}} : f32, !llvm.ptr<1>
// CHECK-NOT: llvm.store
func.func @global_f32(%x: f32, %base: !llvm.ptr<1>, %ld: i64, %m: i32, %n: i32) {
  %s = sm90.splat %x : !sm90.fragment<64x8xf32>
  sm90.store_global %s to %base stride(%ld) rows(%m) cols(%n) : !sm90.fragment<64x8xf32>
  return
}
