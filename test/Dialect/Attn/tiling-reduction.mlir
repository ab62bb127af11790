// RUN: sigmoid-attn-opt %s -transform-interpreter -canonicalize -cse -split-input-file | FileCheck %s

// Partial results over keys add up in f32 and are rounded once, after the loop.

// CHECK-LABEL: func @keys
// CHECK-SAME: %[[Q:[^:]*]]: tensor<1x2x8x4xbf16>, %[[K:[^:]*]]: tensor<1x2x10x4xbf16>
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.0
// CHECK: %[[EMPTY:.*]] = tensor.empty() : tensor<1x2x8x4xf32>
// CHECK: %[[FILL:.*]] = linalg.fill ins(%[[ZERO]] : f32) outs(%[[EMPTY]]
// CHECK: %[[SUM:.*]] = scf.for %[[J:[^ ]*]] = %[[C0]] to %{{.*}} step %{{.*}} iter_args(%[[PARTIAL:.*]] = %[[FILL]])
// CHECK: %[[SIZE:.*]] = affine.min
// CHECK: %[[TILE:.*]] = tensor.extract_slice %[[K]][0, 0, %[[J]], 0] [1, 2, %[[SIZE]], 4]
// CHECK: %[[T:.*]] = attn.sigmoid_attention %[[Q]], %[[TILE]], %[[TILE]] mask<causal> origin(%[[C0]], %[[C0]], %[[C0]], %[[J]], %[[C2]])
// CHECK-SAME: -> tensor<1x2x8x4xf32>
// CHECK: linalg.add ins(%[[T]], %[[PARTIAL]] : {{.*}}) outs(%[[PARTIAL]] :
// CHECK: linalg.generic {{.*}} ins(%[[SUM]] : tensor<1x2x8x4xf32>) outs(%{{.*}} : tensor<1x2x8x4xbf16>)
// CHECK: arith.truncf
!q = tensor<1x2x8x4xbf16>
!k = tensor<1x2x10x4xbf16>
func.func @keys(%q: !q, %k: !k) -> !q {
  %o = attn.sigmoid_attention %q, %k, %k mask<causal> : (!q, !k, !k) -> !q
  return %o : !q
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_reduction_using_for %op by tile_sizes = [0, 0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// An f32 result is the sum itself.

// CHECK-LABEL: func @f32
// CHECK: %[[SUM:.*]] = scf.for
// CHECK-NOT: linalg.generic
// CHECK: return %[[SUM]]
!t = tensor<1x2x8x4xf32>
func.func @f32(%q: !t) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q : (!t, !t, !t) -> !t
  return %o : !t
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_reduction_using_for %op by tile_sizes = [0, 0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A result that says less than the inputs know keeps its type.

// CHECK-LABEL: func @dynamic_result
// CHECK: %[[SUM:.*]] = scf.for {{.*}} -> (tensor<1x2x8x4xf32>)
// CHECK: tensor.cast %[[SUM]] : tensor<1x2x8x4xf32> to tensor<1x?x8x4xf32>
!t = tensor<1x2x8x4xf32>
!d = tensor<1x?x8x4xf32>
func.func @dynamic_result(%q: !t) -> !d {
  %o = attn.sigmoid_attention %q, %q, %q : (!t, !t, !t) -> !d
  return %o : !d
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_reduction_using_for %op by tile_sizes = [0, 0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Backward, over keys: the query gradient adds up, the other two are slices.

// CHECK-LABEL: func @backward_keys
// CHECK: scf.for %[[J:[^ ]*]] = {{.*}} iter_args(%[[DQ:.*]] = %{{.*}}, %[[DK:.*]] = %{{.*}}, %[[DV:.*]] = %{{.*}})
// CHECK: %[[T:.*]]:3 = attn.sigmoid_attention_backward %{{.*}} mask<causal> origin(
// CHECK: %[[SUM:.*]] = linalg.add ins(%[[T]]#0, %[[DQ]] : {{.*}}) outs(%[[DQ]] :
// CHECK: tensor.insert_slice %[[T]]#1 into %[[DK]][0, 0, %[[J]], 0]
// CHECK: tensor.insert_slice %[[T]]#2 into %[[DV]][0, 0, %[[J]], 0]
// CHECK: scf.yield %[[SUM]],
!q = tensor<1x4x8x4xf32>
!k = tensor<1x2x8x4xf32>
func.func @backward_keys(%q: !q, %k: !k) -> (!q, !k, !k) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %k, %q mask<causal> : (!q, !k, !k, !q) -> (!q, !k, !k)
  return %dq, %dk, %dv : !q, !k, !k
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention_backward"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_reduction_using_for %op reduction_dims = [3] by tile_sizes = [0, 0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Backward, over queries: the key and value gradients add up.

// CHECK-LABEL: func @backward_queries
// CHECK: scf.for %[[I:[^ ]*]] = {{.*}} iter_args(%[[DQ:.*]] = %{{.*}}, %[[DK:.*]] = %{{.*}}, %[[DV:.*]] = %{{.*}})
// CHECK: %[[T:.*]]:3 = attn.sigmoid_attention_backward
// CHECK: %[[DK_SUM:.*]] = linalg.add ins(%[[T]]#1, %[[DK]] :
// CHECK: %[[DV_SUM:.*]] = linalg.add ins(%[[T]]#2, %[[DV]] :
// CHECK: tensor.insert_slice %[[T]]#0 into %[[DQ]][0, 0, %[[I]], 0]
!t = tensor<1x2x8x4xf32>
func.func @backward_queries(%q: !t) -> (!t, !t, !t) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q : (!t, !t, !t, !t) -> (!t, !t, !t)
  return %dq, %dk, %dv : !t, !t, !t
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention_backward"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_reduction_using_for %op reduction_dims = [2] by tile_sizes = [0, 0, 4, 0] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Backward, over queries and keys: each sum grows where the tile belongs.

// CHECK-LABEL: func @backward_queries_and_keys
// CHECK: scf.for %[[I:[^ ]*]] =
// CHECK: scf.for %[[J:[^ ]*]] = {{.*}} iter_args(%[[DQ:.*]] = %{{.*}}, %[[DK:.*]] = %{{.*}}, %[[DV:.*]] = %{{.*}})
// CHECK: %[[T:.*]]:3 = attn.sigmoid_attention_backward
// CHECK: %[[OLD_DQ:.*]] = tensor.extract_slice %[[DQ]][0, 0, %[[I]], 0] [1, 2, 4, 4]
// CHECK: linalg.add ins(%[[T]]#0, %[[OLD_DQ]] : {{.*}}) outs(%[[OLD_DQ]] :
// CHECK: %[[OLD_DK:.*]] = tensor.extract_slice %[[DK]][0, 0, %[[J]], 0] [1, 2, 4, 4]
// CHECK: linalg.add ins(%[[T]]#1, %[[OLD_DK]] : {{.*}}) outs(%[[OLD_DK]] :
// CHECK: %[[OLD_DV:.*]] = tensor.extract_slice %[[DV]][0, 0, %[[J]], 0] [1, 2, 4, 4]
// CHECK: linalg.add ins(%[[T]]#2, %[[OLD_DV]] : {{.*}}) outs(%[[OLD_DV]] :
!t = tensor<1x2x8x4xf32>
func.func @backward_queries_and_keys(%q: !t) -> (!t, !t, !t) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q : (!t, !t, !t, !t) -> (!t, !t, !t)
  return %dq, %dk, %dv : !t, !t, !t
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention_backward"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_reduction_using_for %op reduction_dims = [2, 3] by tile_sizes = [0, 0, 4, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Backward, over key heads: the query heads of the whole group come along.

// CHECK-DAG: #[[TWICE:.*]] = affine_map<(d0) -> (d0 * 2)>
// CHECK-LABEL: func @backward_heads
// CHECK-SAME: %[[Q:[^:]*]]: tensor<3x4x8x4xf16>, %[[K:[^:]*]]: tensor<3x2x8x4xf16>
// CHECK: scf.forall (%[[B:.*]], %[[G:.*]]) in (3, 2)
// CHECK-DAG: %[[HEAD:.*]] = affine.apply #[[TWICE]](%[[G]])
// CHECK-DAG: %[[QT:.*]] = tensor.extract_slice %[[Q]][%[[B]], %[[HEAD]], 0, 0] [1, 2, 8, 4]
// CHECK-DAG: %[[KT:.*]] = tensor.extract_slice %[[K]][%[[B]], %[[G]], 0, 0] [1, 1, 8, 4]
// CHECK: %[[T:.*]]:3 = attn.sigmoid_attention_backward %[[QT]], %[[KT]], %[[KT]], %[[QT]] :
// CHECK-DAG: tensor.parallel_insert_slice %[[T]]#0 into %{{.*}}[%[[B]], %[[HEAD]], 0, 0] [1, 2, 8, 4]
// CHECK-DAG: tensor.parallel_insert_slice %[[T]]#1 into %{{.*}}[%[[B]], %[[G]], 0, 0] [1, 1, 8, 4]
// CHECK-DAG: tensor.parallel_insert_slice %[[T]]#2 into %{{.*}}[%[[B]], %[[G]], 0, 0] [1, 1, 8, 4]
!q = tensor<3x4x8x4xf16>
!k = tensor<3x2x8x4xf16>
func.func @backward_heads(%q: !q, %k: !k) -> (!q, !k, !k) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %k, %q : (!q, !k, !k, !q) -> (!q, !k, !k)
  return %dq, %dk, %dv : !q, !k, !k
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention_backward"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_forall %op tile_sizes [1, 1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
