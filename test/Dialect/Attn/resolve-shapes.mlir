// RUN: sigmoid-attn-opt %s -resolve-ranked-shaped-type-result-dims -cse | FileCheck %s

// CHECK-LABEL: func @output
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x?x?xf32>, %[[K:[^:]*]]: tensor<?x?x?x?xf32>, %[[V:[^:]*]]: tensor<?x?x?x?xf32>
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[C3:.*]] = arith.constant 3 : index
// CHECK-DAG: %[[B:.*]] = tensor.dim %[[Q]], %[[C0]]
// CHECK-DAG: %[[H:.*]] = tensor.dim %[[Q]], %[[C1]]
// CHECK-DAG: %[[L:.*]] = tensor.dim %[[Q]], %[[C2]]
// CHECK-DAG: %[[D:.*]] = tensor.dim %[[V]], %[[C3]]
// CHECK: return %[[B]], %[[H]], %[[L]], %[[D]]
!t = tensor<?x?x?x?xf32>
func.func @output(%q: !t, %k: !t, %v: !t) -> (index, index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %o = attn.sigmoid_attention %q, %k, %v : (!t, !t, !t) -> !t
  %b = tensor.dim %o, %c0 : !t
  %h = tensor.dim %o, %c1 : !t
  %l = tensor.dim %o, %c2 : !t
  %d = tensor.dim %o, %c3 : !t
  return %b, %h, %l, %d : index, index, index, index
}

// CHECK-LABEL: func @gradients
// CHECK-SAME: %[[Q:[^:]*]]: tensor<1x2x?x?xf32>, %[[K:[^:]*]]: tensor<1x2x?x?xf32>, %[[V:[^:]*]]: tensor<1x2x?x?xf32>
// CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[C3:.*]] = arith.constant 3 : index
// CHECK-DAG: %[[DQ:.*]] = tensor.dim %[[Q]], %[[C2]]
// CHECK-DAG: %[[DK:.*]] = tensor.dim %[[K]], %[[C2]]
// CHECK-DAG: %[[DV:.*]] = tensor.dim %[[V]], %[[C3]]
// CHECK: return %[[DQ]], %[[DK]], %[[DV]]
!g = tensor<1x2x?x?xf32>
func.func @gradients(%q: !g, %k: !g, %v: !g, %do: !g) -> (index, index, index) {
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!g, !g, !g, !g) -> (!g, !g, !g)
  %lq = tensor.dim %dq, %c2 : !g
  %lk = tensor.dim %dk, %c2 : !g
  %dim = tensor.dim %dv, %c3 : !g
  return %lq, %lk, %dim : index, index, index
}

// The query is static where the result type is not.

// CHECK-LABEL: func @static_source
// CHECK: %[[C8:.*]] = arith.constant 8 : index
// CHECK: return %[[C8]]
!s = tensor<1x1x8x4xf32>
!d = tensor<1x1x?x4xf32>
func.func @static_source(%q: !s) -> index {
  %c2 = arith.constant 2 : index
  %o = attn.sigmoid_attention %q, %q, %q : (!s, !s, !s) -> !d
  %l = tensor.dim %o, %c2 : !d
  return %l : index
}
