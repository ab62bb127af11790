// RUN: sigmoid-attn-opt %s -canonicalize | FileCheck %s

!t = tensor<1x2x8x4xf32>

// CHECK-LABEL: func @identity_is_dropped
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} : (
func.func @identity_is_dropped(%q: !t) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    attn.yield %x : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @added_value_is_a_bias
// CHECK-SAME: %[[C:[^:]*]]: f32
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} bias(%[[C]]) : (
func.func @added_value_is_a_bias(%q: !t, %c: f32) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %y = arith.addf %c, %x : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @subtracted_value
// CHECK-SAME: %[[BIAS:[^:]*]]: f32, %[[C:[^:]*]]: f32
// CHECK: %[[NEW:.*]] = arith.subf %[[BIAS]], %[[C]]
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} bias(%[[NEW]]) : (
func.func @subtracted_value(%q: !t, %bias: f32, %c: f32) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q bias(%bias) score(%x, %b, %h, %i, %j) {
    %y = arith.subf %x, %c : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @factor_is_in_the_scale
// CHECK-SAME: %[[C:[^:]*]]: f32
// CHECK: %[[DEFAULT:.*]] = arith.constant 5.000000e-01 : f32
// CHECK: %[[SCALE:.*]] = arith.mulf %[[C]], %[[DEFAULT]]
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%[[SCALE]]) : (
func.func @factor_is_in_the_scale(%q: !t, %c: f32) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %y = arith.mulf %x, %c : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// A factor scales the bias too; the chain is followed to its end.

// CHECK-LABEL: func @chain
// CHECK-SAME: %[[SCALE:[^:]*]]: f32, %[[BIAS:[^:]*]]: f32, %[[C:[^:]*]]: f32, %[[D:[^:]*]]: f32
// CHECK-DAG: %[[NEG_SCALE:.*]] = arith.negf %[[SCALE]]
// CHECK-DAG: %[[NEG_BIAS:.*]] = arith.negf %[[BIAS]]
// CHECK-DAG: %[[SUM:.*]] = arith.addf %[[NEG_BIAS]], %[[C]]
// CHECK-DAG: %[[NEW_SCALE:.*]] = arith.divf %[[NEG_SCALE]], %[[D]]
// CHECK-DAG: %[[NEW_BIAS:.*]] = arith.divf %[[SUM]], %[[D]]
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%[[NEW_SCALE]]) bias(%[[NEW_BIAS]]) : (
func.func @chain(%q: !t, %scale: f32, %bias: f32, %c: f32, %d: f32) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q scale(%scale) bias(%bias) score(%x, %b, %h, %i, %j) {
    %y = arith.subf %c, %x : f32
    %z = arith.divf %y, %d : f32
    attn.yield %z : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// What is the same for every score leaves the region first.

// CHECK-LABEL: func @invariant_is_hoisted
// CHECK-SAME: %[[T:[^:]*]]: tensor<3xf32>
// CHECK: %[[C:.*]] = tensor.extract %[[T]]
// CHECK: %[[BIAS:.*]] = math.exp %[[C]]
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} bias(%[[BIAS]]) : (
func.func @invariant_is_hoisted(%q: !t, %table: tensor<3xf32>) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %c1 = arith.constant 1 : index
    %c = tensor.extract %table[%c1] : tensor<3xf32>
    %e = math.exp %c : f32
    %y = arith.addf %x, %e : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @backward
// CHECK-SAME: %[[C:[^:]*]]: f32
// CHECK: attn.sigmoid_attention_backward %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} bias(%[[C]]) : (
func.func @backward(%q: !t, %c: f32) -> (!t, !t, !t) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q score(%x, %b, %h, %i, %j) {
    %y = arith.addf %x, %c : f32
    attn.yield %y : f32
  } : (!t, !t, !t, !t) -> (!t, !t, !t)
  return %dq, %dk, %dv : !t, !t, !t
}

// The linear start of a region that goes on is folded; the rest stays.

// CHECK-LABEL: func @start_of_a_region
// CHECK-SAME: %[[C:[^:]*]]: f32
// CHECK: attn.sigmoid_attention %{{.*}} bias(%[[C]]) score(%[[X:.*]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {
// CHECK-NEXT: %[[Y:.*]] = math.tanh %[[X]]
// CHECK-NEXT: attn.yield %[[Y]]
func.func @start_of_a_region(%q: !t, %c: f32) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %y = arith.addf %x, %c : f32
    %z = math.tanh %y : f32
    attn.yield %z : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @unused_capture_goes
// CHECK-NOT: tensor.extract
// CHECK: attn.sigmoid_attention %{{.*}} score(%[[X:.*]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {
// CHECK-NEXT: math.tanh
// CHECK-NEXT: attn.yield
func.func @unused_capture_goes(%q: !t, %table: tensor<8xf32>) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %unused = tensor.extract %table[%i] : tensor<8xf32>
    %z = math.tanh %x : f32
    attn.yield %z : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @position_stays
// CHECK: score(
// CHECK: tensor.extract
// CHECK: arith.addf
func.func @position_stays(%q: !t, %slopes: tensor<2xf32>) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %slope = tensor.extract %slopes[%h] : tensor<2xf32>
    %y = arith.addf %x, %slope : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @score_used_twice_stays
// CHECK: score(
// CHECK: arith.addf
// CHECK: arith.mulf
func.func @score_used_twice_stays(%q: !t, %c: f32) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %y = arith.addf %x, %c : f32
    %z = arith.mulf %y, %x : f32
    attn.yield %z : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @division_by_the_score_stays
// CHECK: score(
// CHECK: arith.divf
func.func @division_by_the_score_stays(%q: !t, %c: f32) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %y = arith.divf %c, %x : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// A load may see another value at another time.

// CHECK-LABEL: func @load_stays
// CHECK: score(
// CHECK: memref.load
func.func @load_stays(%q: !t, %table: memref<f32>) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %c = memref.load %table[] : memref<f32>
    %y = arith.addf %x, %c : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}
