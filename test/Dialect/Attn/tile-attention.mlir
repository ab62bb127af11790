// RUN: sigmoid-attn-opt %s --attn-tile-attention -split-input-file | FileCheck %s
// RUN: sigmoid-attn-opt %s --attn-tile-attention="batch-tile=0 head-tile=2 query-tile=32 key-tile=16" -split-input-file | FileCheck %s --check-prefix=SIZES
// RUN: not sigmoid-attn-opt %s -split-input-file --attn-tile-attention="query-tile=-1" 2>&1 | FileCheck %s --check-prefix=NEGATIVE

// RUN: not sigmoid-attn-opt %s -split-input-file --attn-tile-attention="key-tile=-2" 2>&1 | FileCheck %s --check-prefix=NEGATIVE-KEYS
// RUN: not sigmoid-attn-opt %S/Inputs/uneven-heads.mlir --attn-tile-attention="head-tile=3" 2>&1 | FileCheck %s --check-prefix=UNEVEN

// NEGATIVE: expected query-tile to be at least 0, got -1
// NEGATIVE-KEYS: expected key-tile to be at least 0, got -2
// UNEVEN: error: 'attn.sigmoid_attention_backward' op cannot tile heads: expected tiles of whole groups of 4 query heads

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

// The query gradient is tiled like the output, the others over keys and key heads.
// CHECK-LABEL: func @gradient
// CHECK-SAME: %[[Q:.*]]: memref<3x4x?x16xf32>, %[[K:.*]]: memref<3x2x?x16xf32>, %[[DQ:.*]]: memref<3x4x?x16xf32>, %[[DK:.*]]: memref<3x2x?x16xf32>, %[[DV:.*]]: memref<3x2x?x16xf32>
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %{{.*}}) = (0, 0, 0) to (3, 4, %{{.*}}) step (1, 1, 64)
// CHECK: %[[I:.*]] = arith.muli %{{.*}}, %c64
// CHECK: memref.subview %[[K]][%[[B]], %{{.*}}, 0, 0]
// CHECK: %[[DQT:.*]] = memref.subview %[[DQ]][%[[B]], %[[H]], %[[I]], 0]
// CHECK: attn.sigmoid_attention_backward {{.*}} wrt<query> outs(%[[DQT]] : {{.*}}) mask<causal> origin(%{{.*}}, %{{.*}}, %[[I]], %{{.*}}, %{{.*}})
// CHECK: scf.forall (%[[B2:.*]], %[[G:.*]], %{{.*}}) = (0, 0, 0) to (3, 2, %{{.*}}) step (1, 1, 64)
// CHECK: %[[J:.*]] = arith.muli %{{.*}}, %c64
// CHECK: memref.subview %[[Q]][%[[B2]], %{{.*}}, 0, 0] [1, 2, %{{.*}}, 16]
// CHECK-DAG: %[[DKT:.*]] = memref.subview %[[DK]][%[[B2]], %[[G]], %[[J]], 0]
// CHECK-DAG: %[[DVT:.*]] = memref.subview %[[DV]][%[[B2]], %[[G]], %[[J]], 0]
// CHECK: attn.sigmoid_attention_backward {{.*}} wrt<key_value> outs(%[[DKT]], %[[DVT]] : {{.*}}) mask<causal> origin(%{{.*}}, %{{.*}}, %{{.*}}, %[[J]], %{{.*}})
// SIZES-LABEL: func @gradient
// SIZES: scf.forall (%{{.*}}, %{{.*}}) = (0, 0) to (4, %{{.*}}) step (2, 32)
// SIZES: scf.forall (%{{.*}}, %{{.*}}) = (0, 0) to (2, %{{.*}}) step (2, 16)
func.func @gradient(%q: memref<3x4x?x16xf32>, %k: memref<3x2x?x16xf32>, %dq: memref<3x4x?x16xf32>, %dk: memref<3x2x?x16xf32>, %dv: memref<3x2x?x16xf32>) {
  attn.sigmoid_attention_backward %q, %k, %k, %q outs(%dq, %dk, %dv : memref<3x4x?x16xf32>, memref<3x2x?x16xf32>, memref<3x2x?x16xf32>) mask<causal> : (memref<3x4x?x16xf32>, memref<3x2x?x16xf32>, memref<3x2x?x16xf32>, memref<3x4x?x16xf32>)
  return
}

// -----

// CHECK-LABEL: func @gradient_of_tensors
// CHECK: %[[DQ:.*]] = scf.forall
// CHECK: attn.sigmoid_attention_backward {{.*}} wrt<query>
// CHECK: %[[DKV:.*]]:2 = scf.forall
// CHECK: attn.sigmoid_attention_backward {{.*}} wrt<key_value>
// CHECK: return %[[DQ]], %[[DKV]]#0, %[[DKV]]#1
!t = tensor<3x2x100x8xf32>
func.func @gradient_of_tensors(%q: !t) -> (!t, !t, !t) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q : (!t, !t, !t, !t) -> (!t, !t, !t)
  return %dq, %dk, %dv : !t, !t, !t
}

// -----

// A part is not split again.
// CHECK-LABEL: func @one_part
// CHECK: scf.forall
// CHECK: attn.sigmoid_attention_backward {{.*}} wrt<query>
// CHECK-NOT: wrt
!t = tensor<3x2x100x8xf32>
func.func @one_part(%q: !t) -> !t {
  %dq = attn.sigmoid_attention_backward %q, %q, %q, %q wrt<query> : (!t, !t, !t, !t) -> (!t)
  return %dq : !t
}

// -----

// What is in a parallel loop is a tile, and not tiled again.
// CHECK-LABEL: func @not_tiled
// CHECK: scf.forall (%{{.*}}) in (2)
// CHECK-NEXT: attn.sigmoid_attention
// CHECK-NEXT: attn.sigmoid_attention_backward {{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}} :
!m = memref<1x1x8x4xf32>
func.func @not_tiled(%q: !m, %o: !m, %a: !m, %b: !m) {
  scf.forall (%i) in (2) {
    attn.sigmoid_attention %q, %q, %q outs(%o : !m) : (!m, !m, !m)
    attn.sigmoid_attention_backward %q, %q, %q, %q outs(%o, %a, %b : !m, !m, !m) : (!m, !m, !m, !m)
  }
  return
}
