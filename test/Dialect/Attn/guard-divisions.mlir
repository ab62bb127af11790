// RUN: sigmoid-attn-opt %s --attn-guard-divisions | FileCheck %s

// CHECK-LABEL: func @unsigned
// CHECK-SAME: %[[A:.*]]: i32, %[[B:.*]]: i32
// CHECK: %[[ZERO:.*]] = arith.constant 0 : i32
// CHECK: %[[UNDEFINED:.*]] = arith.cmpi eq, %[[B]], %[[ZERO]] : i32
// CHECK: %[[ONE:.*]] = arith.constant 1 : i32
// CHECK: %[[DIVISOR:.*]] = arith.select %[[UNDEFINED]], %[[ONE]], %[[B]] : i32
// CHECK: arith.divui %[[A]], %[[DIVISOR]] : i32
func.func @unsigned(%a: i32, %b: i32) -> i32 {
  %q = arith.divui %a, %b : i32
  return %q : i32
}

// CHECK-LABEL: func @signed
// CHECK-SAME: %[[A:.*]]: i8, %[[B:.*]]: i8
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : i8
// CHECK-DAG: %[[MINUS:.*]] = arith.constant -1 : i8
// CHECK-DAG: %[[LEAST:.*]] = arith.constant -128 : i8
// CHECK-DAG: %[[IS_ZERO:.*]] = arith.cmpi eq, %[[B]], %[[ZERO]] : i8
// CHECK-DAG: %[[IS_MINUS:.*]] = arith.cmpi eq, %[[B]], %[[MINUS]] : i8
// CHECK-DAG: %[[IS_LEAST:.*]] = arith.cmpi eq, %[[A]], %[[LEAST]] : i8
// CHECK: %[[OVERFLOWS:.*]] = arith.andi %[[IS_MINUS]], %[[IS_LEAST]]
// CHECK: %[[UNDEFINED:.*]] = arith.ori %[[IS_ZERO]], %[[OVERFLOWS]]
// CHECK: %[[DIVISOR:.*]] = arith.select %[[UNDEFINED]], %{{.*}}, %[[B]] : i8
// CHECK: arith.remsi %[[A]], %[[DIVISOR]] : i8
func.func @signed(%a: i8, %b: i8) -> i8 {
  %r = arith.remsi %a, %b : i8
  return %r : i8
}

// CHECK-LABEL: func @vectors
// CHECK: arith.cmpi eq, %{{.*}}, %{{.*}} : vector<4xindex>
// CHECK: arith.select %{{.*}}, %{{.*}}, %{{.*}} : vector<4xi1>, vector<4xindex>
// CHECK: arith.divsi
func.func @vectors(%a: vector<4xindex>, %b: vector<4xindex>) -> vector<4xindex> {
  %q = arith.divsi %a, %b : vector<4xindex>
  return %q : vector<4xindex>
}

// CHECK-LABEL: func @constants
// CHECK-NOT: arith.select
// CHECK: return
func.func @constants(%a: i64, %v: vector<2xi32>) -> (i64, i64, vector<2xi32>) {
  %c7 = arith.constant 7 : i64
  %minus = arith.constant -1 : i64
  %threes = arith.constant dense<3> : vector<2xi32>
  %q = arith.divsi %a, %c7 : i64
  %r = arith.remui %a, %minus : i64
  %s = arith.divsi %v, %threes : vector<2xi32>
  return %q, %r, %s : i64, i64, vector<2xi32>
}

// CHECK-LABEL: func @constant_zero
// CHECK: arith.select
func.func @constant_zero(%a: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %q = arith.divui %a, %c0 : i64
  return %q : i64
}

// CHECK-LABEL: func @other_dialects
// CHECK: %[[A:.*]] = arith.select %{{.*}} : index
// CHECK: index.floordivs %{{.*}}, %[[A]]
// CHECK: %[[B:.*]] = arith.select %{{.*}} : i32
// CHECK: llvm.urem %{{.*}}, %[[B]] : i32
func.func @other_dialects(%a: index, %b: index, %c: i32, %d: i32) -> (index, i32) {
  %q = index.floordivs %a, %b
  %r = llvm.urem %c, %d : i32
  return %q, %r : index, i32
}
