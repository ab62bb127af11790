// RUN: sigmoid-attn-opt %s -transform-interpreter -canonicalize -cse -split-input-file | FileCheck %s

// Tiles of two query heads share the key head of their group of two; the mask
// and the score region are told where the tile lies.

// CHECK-DAG: #[[TWICE:.*]] = affine_map<(d0) -> (d0 * 2)>
// CHECK-DAG: #[[BY_3:.*]] = affine_map<(d0) -> (d0 * 3)>
// CHECK-LABEL: func @whole_group
// CHECK-SAME: %[[Q:[^:]*]]: tensor<2x4x6x8xf16>, %[[K:[^:]*]]: tensor<2x2x5x8xf16>, %[[V:[^:]*]]: tensor<2x2x5x4xf16>
// CHECK-DAG: %[[DIAGONAL:.*]] = arith.constant -1 : index
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK: scf.forall (%[[B:.*]], %[[G:.*]], %[[I:.*]]) in (2, 2, 2) shared_outs(%[[OUT:.*]] = %{{.*}})
// CHECK-DAG: %[[HEAD:.*]] = affine.apply #[[TWICE]](%[[G]])
// CHECK-DAG: %[[QUERY:.*]] = affine.apply #[[BY_3]](%[[I]])
// CHECK-DAG: %[[QT:.*]] = tensor.extract_slice %[[Q]][%[[B]], %[[HEAD]], %[[QUERY]], 0] [1, 2, 3, 8]
// CHECK-DAG: %[[KT:.*]] = tensor.extract_slice %[[K]][%[[B]], %[[G]], 0, 0] [1, 1, 5, 8]
// CHECK-DAG: %[[VT:.*]] = tensor.extract_slice %[[V]][%[[B]], %[[G]], 0, 0] [1, 1, 5, 4]
// CHECK: %[[T:.*]] = attn.sigmoid_attention %[[QT]], %[[KT]], %[[VT]] mask<causal> origin(%[[B]], %[[HEAD]], %[[QUERY]], %[[C0]], %[[DIAGONAL]]) score(
// CHECK-SAME: %[[S:.*]], %{{.*}}, %[[H:.*]], %{{.*}}, %{{.*}}) {
// CHECK: tensor.extract %{{.*}}[%[[H]]]
// CHECK: -> tensor<1x2x3x4xf16>
// CHECK: tensor.parallel_insert_slice %[[T]] into %[[OUT]][%[[B]], %[[HEAD]], %[[QUERY]], 0] [1, 2, 3, 4]
!q = tensor<2x4x6x8xf16>
!k = tensor<2x2x5x8xf16>
!v = tensor<2x2x5x4xf16>
!o = tensor<2x4x6x4xf16>
func.func @whole_group(%q: !q, %k: !k, %v: !v, %slopes: tensor<4xf32>) -> !o {
  %o = attn.sigmoid_attention %q, %k, %v mask<causal> score(%x, %b, %h, %i, %j) {
    %slope = tensor.extract %slopes[%h] : tensor<4xf32>
    %y = arith.addf %x, %slope : f32
    attn.yield %y : f32
  } : (!q, !k, !v) -> !o
  return %o : !o
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_forall %op tile_sizes [1, 2, 3] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// One head at a time, of a group of a size known only at run time; without a
// score region nobody asks for the batch and the head.

// CHECK-DAG: #[[DIFFERENCE:.*]] = affine_map<()[s0, s1] -> (s0 - s1)>
// CHECK-DAG: #[[KEY_HEAD:.*]] = affine_map<(d0)[s0] -> (d0 floordiv s0)>
// CHECK-LABEL: func @one_head
// CHECK-SAME: %[[Q:[^:]*]]: tensor<1x?x?x8xf32>, %[[K:[^:]*]]: tensor<1x?x?x8xf32>
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK: scf.for %[[H:.*]] = %[[C0]] to %{{.*}} step %[[C1]]
// CHECK: scf.for %[[I:.*]] = %[[C0]]
// CHECK: %[[GUARD:.*]] = arith.maxui %{{.*}}, %[[C1]]
// CHECK: %[[GROUP:.*]] = arith.divui %{{.*}}, %[[GUARD]]
// CHECK: %[[KEY_HEAD_INDEX:.*]] = affine.apply #[[KEY_HEAD]](%[[H]])[%[[GROUP]]]
// CHECK: tensor.extract_slice %[[K]][0, %[[KEY_HEAD_INDEX]], 0, 0]
// CHECK: %[[DIAGONAL:.*]] = affine.apply #[[DIFFERENCE]]
// CHECK: attn.sigmoid_attention %{{.*}} mask<causal> origin(%[[C0]], %[[C0]], %[[I]], %[[C0]], %[[DIAGONAL]]) :
!t = tensor<1x?x?x8xf32>
func.func @one_head(%q: !t, %k: !t) -> !t {
  %o = attn.sigmoid_attention %q, %k, %k mask<causal> : (!t, !t, !t) -> !t
  return %o : !t
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [0, 1, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Half a group of four: both tiles of a group read the same key head. The last
// tile of 6 queries is short. Without mask and region there is no origin.

// CHECK-DAG: #[[KEY_HEAD:.*]] = affine_map<(d0) -> (d0 floordiv 2)>
// CHECK-LABEL: func @half_a_group
// CHECK: scf.forall (%[[H:.*]], %[[I:.*]]) in (4, 2)
// CHECK-DAG: %[[KEY_HEAD_INDEX:.*]] = affine.apply #[[KEY_HEAD]](%[[H]])
// CHECK-DAG: %[[SIZE:.*]] = affine.min
// CHECK-DAG: tensor.extract_slice %{{.*}}[0, %{{.*}}, %{{.*}}, 0] [1, 2, %[[SIZE]], 8]
// CHECK-DAG: tensor.extract_slice %{{.*}}[0, %[[KEY_HEAD_INDEX]], 0, 0] [1, 1, 5, 8]
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} : (tensor<1x2x?x8xf32>
!q = tensor<1x8x6x8xf32>
!k = tensor<1x2x5x8xf32>
func.func @half_a_group(%q: !q, %k: !k) -> !q {
  %o = attn.sigmoid_attention %q, %k, %k : (!q, !k, !k) -> !q
  return %o : !q
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_forall %op tile_sizes [0, 2, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A tile of a tile adds its offsets to those of the first.

// CHECK-DAG: #[[SUM:.*]] = affine_map<(d0)[s0] -> (d0 + s0)>
// CHECK-LABEL: func @tile_of_a_tile
// CHECK-SAME: %[[ORIGIN:[^:]*]]: index, %[[DIAGONAL:[^:]*]]: index
// CHECK: %[[C0:.*]] = arith.constant 0 : index
// CHECK: scf.for %[[I:.*]] = %[[C0]]
// CHECK: %[[QUERY:.*]] = affine.apply #[[SUM]](%[[I]])[%[[ORIGIN]]]
// CHECK: attn.sigmoid_attention {{.*}} mask<window 2, 3> origin(%[[C0]], %[[C0]], %[[QUERY]], %[[ORIGIN]], %[[DIAGONAL]])
!t = tensor<1x1x8x8xf32>
func.func @tile_of_a_tile(%q: !t, %at: index, %diagonal: index) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q mask<window 2, 3> origin(%at, %at, %at, %at, %diagonal) : (!t, !t, !t) -> !t
  return %o : !t
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// On memrefs the tiles are views.

// CHECK-LABEL: func @buffers
// CHECK-SAME: %[[Q:[^:]*]]: memref<2x1x8x8xf32>, %[[O:[^:]*]]: memref<2x1x8x8xf32>
// CHECK: scf.for %[[B:.*]] =
// CHECK-DAG: %[[IN:.*]] = memref.subview %[[Q]][%[[B]], 0, 0, 0] [1, 1, 8, 8]
// CHECK-DAG: %[[OUT:.*]] = memref.subview %[[O]][%[[B]], 0, 0, 0] [1, 1, 8, 8]
// CHECK: attn.sigmoid_attention %[[IN]], %{{.*}}, %{{.*}} outs(%[[OUT]] :
!m = memref<2x1x8x8xf32>
func.func @buffers(%q: !m, %o: !m) {
  attn.sigmoid_attention %q, %q, %q outs(%o : !m) : (!m, !m, !m)
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
