// RUN: sigmoid-attn-opt %s --attn-tile -split-input-file | FileCheck %s
// RUN: sigmoid-attn-opt %s --attn-tile="batch-tile=0 head-tile=2 query-tile=32" -split-input-file | FileCheck %s --check-prefix=SIZES
// RUN: not sigmoid-attn-opt %s --attn-tile="query-tile=-1" 2>&1 | FileCheck %s --check-prefix=NEGATIVE

// NEGATIVE: expected query-tile to be at least 0, got -1

// Batch entries, heads and queries are parallel; a group of two heads shares a key head.
// CHECK-LABEL: func @buffers
// CHECK-SAME: %[[Q:.*]]: memref<3x4x?x16xf32>, %[[K:.*]]: memref<3x2x?x16xf32>
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[N:.*]]) = (0, 0, 0) to (3, 4, %{{.*}}) step (1, 1, 64)
// Iterations take tiles from the beginning and the end in turn.
// CHECK: arith.divui %[[N]], %c64
// CHECK: %[[TILE:.*]] = arith.select
// CHECK: %[[I:.*]] = arith.muli %[[TILE]], %c64
// CHECK: %[[QT:.*]] = memref.subview %[[Q]][%[[B]], %[[H]], %[[I]], 0]
// CHECK: %[[KT:.*]] = memref.subview %[[K]][%[[B]], %{{.*}}, 0, 0]
// CHECK: attn.sigmoid_attention %[[QT]], %[[KT]], %{{.*}} mask<causal> origin(%{{.*}}, %{{.*}}, %[[I]], %{{.*}}, %{{.*}})
// SIZES-LABEL: func @buffers
// SIZES: scf.forall (%{{.*}}, %{{.*}}) = (0, 0) to (4, %{{.*}}) step (2, 32)
func.func @buffers(%q: memref<3x4x?x16xf32>, %k: memref<3x2x?x16xf32>, %o: memref<3x4x?x16xf32>) {
  attn.sigmoid_attention %q, %k, %k outs(%o : memref<3x4x?x16xf32>) mask<causal> : (memref<3x4x?x16xf32>, memref<3x2x?x16xf32>, memref<3x2x?x16xf32>)
  return
}

// -----

// CHECK-LABEL: func @tensors
// CHECK: scf.forall {{.*}} step (1, 1, 64) shared_outs(%[[O:.*]] = %{{.*}})
// CHECK: %[[T:.*]] = attn.sigmoid_attention
// CHECK: tensor.parallel_insert_slice %{{.*}} into %[[O]]
func.func @tensors(%q: tensor<3x2x100x8xf32>) -> tensor<3x2x100x8xf32> {
  %o = attn.sigmoid_attention %q, %q, %q : (tensor<3x2x100x8xf32>, tensor<3x2x100x8xf32>, tensor<3x2x100x8xf32>) -> tensor<3x2x100x8xf32>
  return %o : tensor<3x2x100x8xf32>
}

// -----

// A tile in a parallel loop is not tiled again; nor is a gradient.
// CHECK-LABEL: func @not_tiled
// CHECK: scf.forall (%{{.*}}) in (2)
// CHECK-NOT: scf.forall
// CHECK: attn.sigmoid_attention_backward
func.func @not_tiled(%q: memref<1x1x8x4xf32>, %o: memref<1x1x8x4xf32>, %a: memref<1x1x8x4xf32>, %b: memref<1x1x8x4xf32>) {
  scf.forall (%i) in (2) {
    attn.sigmoid_attention %q, %q, %q outs(%o : memref<1x1x8x4xf32>) : (memref<1x1x8x4xf32>, memref<1x1x8x4xf32>, memref<1x1x8x4xf32>)
  }
  attn.sigmoid_attention_backward %q, %q, %q, %q outs(%o, %a, %b : memref<1x1x8x4xf32>, memref<1x1x8x4xf32>, memref<1x1x8x4xf32>) : (memref<1x1x8x4xf32>, memref<1x1x8x4xf32>, memref<1x1x8x4xf32>, memref<1x1x8x4xf32>)
  return
}
