// RUN: sigmoid-attn-opt %s --attn-approximate-math | FileCheck %s

// CHECK-LABEL: func @polynomials
// CHECK-NOT: math.exp
// CHECK: math.fma {{.*}} : vector<16xf32>
// CHECK-NOT: math.tanh
func.func @polynomials(%x: vector<16xf32>, %y: f32) -> (vector<16xf32>, f32) {
  %a = math.exp %x : vector<16xf32>
  %b = math.tanh %y : f32
  return %a, %b : vector<16xf32>, f32
}

// Their polynomials are worse than libm.
// CHECK-LABEL: func @left_to_libm
// CHECK: math.sin
// CHECK: math.atan
// CHECK: math.cbrt
func.func @left_to_libm(%x: f32) -> (f32, f32, f32) {
  %a = math.sin %x : f32
  %b = math.atan %x : f32
  %c = math.cbrt %x : f32
  return %a, %b, %c : f32, f32, f32
}

// CHECK-LABEL: func @power
// CHECK-NOT: math.powf
// CHECK: arith.mulf
func.func @power(%x: vector<16xf32>) -> vector<16xf32> {
  %e = arith.constant dense<3.0> : vector<16xf32>
  %a = math.powf %x, %e : vector<16xf32>
  return %a : vector<16xf32>
}

// CHECK-LABEL: func @clamp
// CHECK-SAME: %[[X:.*]]: vector<16xf32>, %[[LEAST:.*]]: vector<16xf32>, %[[MOST:.*]]: vector<16xf32>
// CHECK-DAG: arith.minimumf
// CHECK-DAG: arith.maximumf
// CHECK-NOT: math.clampf
// CHECK: return
func.func @clamp(%x: vector<16xf32>, %least: vector<16xf32>, %most: vector<16xf32>) -> vector<16xf32> {
  %a = math.clampf %x to [%least, %most] : vector<16xf32>
  return %a : vector<16xf32>
}
