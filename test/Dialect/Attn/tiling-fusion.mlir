// RUN: sigmoid-attn-opt %s -transform-interpreter -canonicalize -cse -split-input-file | FileCheck %s

// The attention that a tiled consumer reads is computed tile by tile; the slice
// of the value head dim is one of the value's.

// CHECK-LABEL: func @into_consumer
// CHECK-SAME: %[[Q:[^:]*]]: tensor<1x4x8x8xf32>, %[[K:[^:]*]]: tensor<1x2x8x8xf32>
// CHECK: scf.forall (%[[H:.*]], %[[I:.*]], %[[E:.*]]) in (2, 2, 2)
// CHECK-DAG: %[[HEAD:.*]] = affine.apply {{.*}}(%[[H]])
// CHECK-DAG: %[[QUERY:.*]] = affine.apply {{.*}}(%[[I]])
// CHECK-DAG: %[[DIM:.*]] = affine.apply {{.*}}(%[[E]])
// CHECK-DAG: %[[QT:.*]] = tensor.extract_slice %[[Q]][0, %[[HEAD]], %[[QUERY]], 0] [1, 2, 4, 8]
// CHECK-DAG: %[[KT:.*]] = tensor.extract_slice %[[K]][0, %[[H]], 0, 0] [1, 1, 8, 8]
// CHECK-DAG: %[[VT:.*]] = tensor.extract_slice %[[K]][0, %[[H]], 0, %[[DIM]]] [1, 1, 8, 4]
// CHECK: %[[T:.*]] = attn.sigmoid_attention %[[QT]], %[[KT]], %[[VT]] mask<causal> origin({{.*}}) : {{.*}} -> tensor<1x2x4x4xf32>
// CHECK: linalg.exp ins(%[[T]] :
!q = tensor<1x4x8x8xf32>
!k = tensor<1x2x8x8xf32>
func.func @into_consumer(%q: !q, %k: !k) -> !q {
  %o = attn.sigmoid_attention %q, %k, %k mask<causal> : (!q, !k, !k) -> !q
  %empty = tensor.empty() : !q
  %e = linalg.exp ins(%o : !q) outs(%empty : !q) -> !q
  return %e : !q
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %exp = transform.structured.match ops{["linalg.exp"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %exp tile_sizes [0, 2, 4, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.structured.fuse_into_containing_op %op into %loop : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// What makes the query is computed for the tile of queries.

// CHECK-LABEL: func @producer_of_queries
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x2x8x8xf32>
// CHECK: scf.forall (%[[I:.*]]) in (2)
// CHECK: %[[XT:.*]] = tensor.extract_slice %[[X]][0, 0, %{{.*}}, 0] [1, 2, 4, 8]
// CHECK: %[[QT:.*]] = linalg.exp ins(%[[XT]] :
// CHECK: attn.sigmoid_attention %[[QT]], %[[X]], %[[X]]
!t = tensor<1x2x8x8xf32>
func.func @producer_of_queries(%x: !t) -> !t {
  %empty = tensor.empty() : !t
  %q = linalg.exp ins(%x : !t) outs(%empty : !t) -> !t
  %o = attn.sigmoid_attention %q, %x, %x : (!t, !t, !t) -> !t
  return %o : !t
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %exp = transform.structured.match ops{["linalg.exp"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.structured.fuse_into_containing_op %exp into %loop : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
