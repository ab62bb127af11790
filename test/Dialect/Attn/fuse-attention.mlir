// RUN: sigmoid-attn-opt %s --attn-fuse-attention --canonicalize --cse -split-input-file | FileCheck %s

// One tile of scores, 64 keys x 64 queries, is all that ever exists of them.
// CHECK-LABEL: func @forward
// CHECK-SAME: %[[Q:.*]]: memref<1x4x?x16xf32>, %[[K:.*]]: memref<1x2x?x16xf32>, %[[V:.*]]: memref<1x2x?x8xf32>, %[[O:.*]]: memref<1x4x?x8xf32>
// CHECK: scf.forall (%[[H:.*]], %[[I:.*]]) = (0, 0) to (4, %{{.*}}) step (1, 64)
// CHECK: %[[QT:.*]] = memref.alloc() {{.*}} : memref<16x64xf32>
// CHECK: %[[P:.*]] = memref.alloc() {{.*}} : memref<64x64xf32>
// CHECK: %[[SUM:.*]] = memref.alloc() {{.*}} : memref<8x64xf32>
// CHECK: %[[G:.*]] = arith.divui %[[H]],
// CHECK: scf.for %[[J:.*]] = %{{.*}} to %{{.*}} step %c64
// CHECK: %[[KT:.*]] = memref.subview %[[K]][0, %[[G]], %[[J]], 0]
// CHECK: %[[VT:.*]] = memref.subview %[[V]][0, %[[G]], %[[J]], 0]
// CHECK: %[[PT:.*]] = memref.subview %[[P]]
// CHECK: linalg.generic {{.*}} ins(%[[KT]], %[[QT]] : {{.*}}) outs(%[[PT]] :
// CHECK: linalg.generic {{.*}} outs(%[[PT]] :
// CHECK: linalg.generic {{.*}} ins(%[[VT]], %[[PT]] : {{.*}}) outs(%[[SUM]] :
// CHECK-COUNT-3: memref.dealloc
func.func @forward(%q: memref<1x4x?x16xf32>, %k: memref<1x2x?x16xf32>, %v: memref<1x2x?x8xf32>, %o: memref<1x4x?x8xf32>) {
  attn.sigmoid_attention %q, %k, %v outs(%o : memref<1x4x?x8xf32>) : (memref<1x4x?x16xf32>, memref<1x2x?x16xf32>, memref<1x2x?x8xf32>)
  return
}

// -----

// Keys after the last query of a tile are not visited; a tile before the first
// query's diagonal is not masked.
// CHECK: #[[$LAST:.*]] = affine_map<(d0, d1)[s0, s1] -> (0, d0 + d1 + s0 - s1)>
// CHECK-LABEL: func @causal
// CHECK: affine.max #[[$LAST]]
// CHECK: %[[END:.*]] = affine.min
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[END]] step
// CHECK: scf.if
// CHECK-NOT: arith.select
// CHECK: } else {
// CHECK: arith.select
func.func @causal(%q: memref<1x1x?x16xf32>, %k: memref<1x1x?x16xf32>, %o: memref<1x1x?x16xf32>) {
  attn.sigmoid_attention %q, %k, %k outs(%o : memref<1x1x?x16xf32>) mask<causal> : (memref<1x1x?x16xf32>, memref<1x1x?x16xf32>, memref<1x1x?x16xf32>)
  return
}

// -----

// Rows of bf16 are converted, a tile at a time.
// CHECK-LABEL: func @bf16
// CHECK: scf.forall
// CHECK: scf.for
// CHECK: arith.extf
// CHECK: linalg.generic {{.*}} memref<?x16xf32
func.func @bf16(%q: memref<1x1x?x16xbf16>, %o: memref<1x1x?x16xbf16>) {
  attn.sigmoid_attention %q, %q, %q outs(%o : memref<1x1x?x16xbf16>) : (memref<1x1x?x16xbf16>, memref<1x1x?x16xbf16>, memref<1x1x?x16xbf16>)
  return
}

// -----

// A program for the query gradient, and one for the others, which sums over the
// two heads that share a key head.
// CHECK-LABEL: func @backward
// CHECK: scf.forall {{.*}} to (2, 128) step (1, 64)
// CHECK: scf.for %{{.*}} = %c0 to %c128 step %c64
// CHECK: scf.forall {{.*}} = (0) to (128) step (64)
// CHECK: scf.for %{{.*}} = %c0 to %c2 step %c1
// CHECK: scf.for %{{.*}} = %c0 to %c128 step %c64
func.func @backward(%q: memref<1x2x128x4xf32>, %k: memref<1x1x128x4xf32>, %dq: memref<1x2x128x4xf32>, %dk: memref<1x1x128x4xf32>, %dv: memref<1x1x128x4xf32>) {
  attn.sigmoid_attention_backward %q, %k, %k, %q outs(%dq, %dk, %dv : memref<1x2x128x4xf32>, memref<1x1x128x4xf32>, memref<1x1x128x4xf32>) : (memref<1x2x128x4xf32>, memref<1x1x128x4xf32>, memref<1x1x128x4xf32>, memref<1x2x128x4xf32>)
  return
}

// -----

// A part of the gradient is one of the two programs.
// CHECK-LABEL: func @query_part
// CHECK: scf.forall {{.*}} to (2, 128) step (1, 64)
// CHECK-NOT: scf.forall
// CHECK-LABEL: func @key_part
// CHECK: scf.forall {{.*}} = (0) to (128) step (64)
// CHECK-NOT: scf.forall
// CHECK: return
!q = memref<1x2x128x4xf32>
!k = memref<1x1x128x4xf32>
func.func @query_part(%q: !q, %k: !k, %dq: !q) {
  attn.sigmoid_attention_backward %q, %k, %k, %q wrt<query> outs(%dq : !q) : (!q, !k, !k, !q)
  return
}
func.func @key_part(%q: !q, %k: !k, %dk: !k, %dv: !k) {
  attn.sigmoid_attention_backward %q, %k, %k, %q wrt<key_value> outs(%dk, %dv : !k, !k) : (!q, !k, !k, !q)
  return
}

// -----

// Inside a parallel loop, the loops over tiles are sequential.
// CHECK-LABEL: func @nested
// CHECK: scf.forall
// CHECK-NOT: scf.forall
// CHECK: scf.for
func.func @nested(%q: memref<1x1x128x4xf32>, %o: memref<1x1x128x4xf32>) {
  scf.forall (%i) in (2) {
    attn.sigmoid_attention %q, %q, %q outs(%o : memref<1x1x128x4xf32>) : (memref<1x1x128x4xf32>, memref<1x1x128x4xf32>, memref<1x1x128x4xf32>)
  }
  return
}

// -----

// CHECK-LABEL: func @tensors_are_left_alone
// CHECK: attn.sigmoid_attention
func.func @tensors_are_left_alone(%q: tensor<1x1x8x4xf32>) -> tensor<1x1x8x4xf32> {
  %o = attn.sigmoid_attention %q, %q, %q : (tensor<1x1x8x4xf32>, tensor<1x1x8x4xf32>, tensor<1x1x8x4xf32>) -> tensor<1x1x8x4xf32>
  return %o : tensor<1x1x8x4xf32>
}
