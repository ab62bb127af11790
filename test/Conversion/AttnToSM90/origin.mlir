// RUN: sigmoid-attn-opt %s -split-input-file -attn-select-schedule="grid=static" -convert-attn-to-sm90 -canonicalize -cse | FileCheck %s

!q = memref<?x?x?x64xbf16>

// The band's edge right of a query's number is computed once: query + diagonal -
// key + bound, as far as a tile may be long.
// CHECK: \22value\22: \22query.size.2\22, \22max\22: 536870912}
// CHECK-LABEL: sm90.kernel @window(
// CHECK-SAME: %[[I64:[^:]*]]: i64, %[[J64:[^:]*]]: i64, %[[S64:[^:]*]]: i64) {
// CHECK-DAG: %[[FAR:.*]] = arith.constant 536870912 : index
// CHECK-DAG: %[[BACK:.*]] = arith.constant -536870912 : index
// CHECK-DAG: %[[LEFT:.*]] = arith.constant -128 : index
// CHECK-DAG: %[[RIGHT:.*]] = arith.constant 3 : index
// CHECK-DAG: %[[I:.*]] = arith.index_cast %[[I64]]
// CHECK-DAG: %[[J:.*]] = arith.index_cast %[[J64]]
// CHECK-DAG: %[[S:.*]] = arith.index_cast %[[S64]]
// CHECK: %[[SUM:.*]] = arith.addi %[[I]], %[[S]]
// CHECK: %[[SHIFT:.*]] = arith.subi %[[SUM]], %[[J]]
// CHECK: %[[R0:.*]] = arith.addi %[[SHIFT]], %[[RIGHT]]
// CHECK: %[[R1:.*]] = arith.minsi %[[R0]], %[[FAR]]
// CHECK: %[[R2:.*]] = arith.maxsi %[[R1]], %[[BACK]]
// CHECK: %[[R3:.*]] = arith.subi %[[R2]], %[[RIGHT]] : index
// CHECK: %[[RIGHT32:.*]] = arith.index_cast %[[R3]] : index to i32
// CHECK: %[[L0:.*]] = arith.addi %[[SHIFT]], %[[LEFT]]
// CHECK: %[[L1:.*]] = arith.minsi %[[L0]], %[[FAR]]
// CHECK: %[[L2:.*]] = arith.maxsi %[[L1]], %[[BACK]]
// CHECK: %[[L3:.*]] = arith.subi %[[L2]], %[[LEFT]] : index
// CHECK: %[[LEFT32:.*]] = arith.index_cast %[[L3]] : index to i32
// CHECK: sm90.warp_specialize
// CHECK-DAG: arith.addi %{{.*}}, %[[RIGHT32]] : i32
// CHECK-DAG: arith.addi %{{.*}}, %[[LEFT32]] : i32
func.func @window(%q: !q, %k: !q, %v: !q, %o: !q, %i: index, %j: index, %s: index) {
  %c0 = arith.constant 0 : index
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) mask<window 128, 3> origin(%c0, %c0, %i, %j, %s) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// The score region sees positions in the whole problem. Nothing needs the
// diagonal without a mask.
// CHECK-LABEL: sm90.kernel @score(
// CHECK-SAME: %[[H64:[^:]*]]: i64, %[[J64:[^:]*]]: i64,
// CHECK-DAG: %[[H:.*]] = arith.index_cast %[[H64]]
// CHECK-DAG: %[[J:.*]] = arith.index_cast %[[J64]]
// CHECK: sm90.map
// CHECK-DAG: arith.addi %{{.*}}, %[[H]] : index
// CHECK-DAG: arith.addi %{{.*}}, %[[J]] : index
// CHECK: llvm.load
func.func @score(%q: !q, %k: !q, %v: !q, %t: memref<?x?xf32>, %o: !q, %h: index, %j: index) {
  %c0 = arith.constant 0 : index
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) origin(%c0, %h, %c0, %j, %c0)
      score(%x, %batch, %head, %query, %key) {
    %b = memref.load %t[%head, %key] : memref<?x?xf32>
    %y = arith.addf %x, %b : f32
    attn.yield %y : f32
  } : (!q, !q, !q)
  return
}
