// RUN: sigmoid-attn-opt %s --convert-sm90-to-nvvm -canonicalize | FileCheck %s

// A bound on e keeps an infinite one from giving NaN, and passes a NaN on.
// CHECK-LABEL: func.func @one(
// CHECK-SAME: %[[E:.*]]: f32
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-DAG: %[[MOST:.*]] = arith.constant 1.000000e+30 : f32
// CHECK: %[[B:.*]] = arith.minimumf %[[E]], %[[MOST]]
// CHECK: %[[UNDER:.*]] = arith.addf %[[B]], %[[ONE]]
// CHECK: %[[R:.*]] = llvm.call_intrinsic "llvm.nvvm.rcp.approx.ftz.f"(%[[UNDER]])
// CHECK: %[[P:.*]] = arith.mulf %[[B]], %[[R]]
// CHECK: return %[[P]]
func.func @one(%e: f32) -> f32 {
  %p = sm90.from_odds %e : f32
  return %p : f32
}

// One reciprocal for both quotients.
// CHECK-LABEL: func.func @pair(
// CHECK-SAME: %[[PAIR:.*]]: vector<2xf32>
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-DAG: %[[MOST:.*]] = arith.constant 1.1529215E+18 : f32
// CHECK: %[[E0:.*]] = vector.extract %[[PAIR]][0]
// CHECK: %[[A:.*]] = arith.minimumf %[[E0]], %[[MOST]]
// CHECK: %[[E1:.*]] = vector.extract %[[PAIR]][1]
// CHECK: %[[B:.*]] = arith.minimumf %[[E1]], %[[MOST]]
// CHECK: %[[AOVER:.*]] = math.fma %[[A]], %[[B]], %[[A]]
// CHECK: %[[BOVER:.*]] = math.fma %[[A]], %[[B]], %[[B]]
// CHECK: %[[REST:.*]] = arith.addf %[[B]], %[[ONE]]
// CHECK: %[[UNDER:.*]] = arith.addf %[[AOVER]], %[[REST]]
// CHECK: %[[R:.*]] = llvm.call_intrinsic "llvm.nvvm.rcp.approx.ftz.f"(%[[UNDER]])
// CHECK: %[[P:.*]] = arith.mulf %[[AOVER]], %[[R]]
// CHECK: %[[Q:.*]] = arith.mulf %[[BOVER]], %[[R]]
// CHECK: vector.from_elements %[[P]], %[[Q]]
func.func @pair(%e: vector<2xf32>) -> vector<2xf32> {
  %p = sm90.from_odds %e : vector<2xf32>
  return %p : vector<2xf32>
}
