// RUN: sigmoid-attn-opt %s -sm90-split-masked-keys -canonicalize | FileCheck %s

!acc = !sm90.fragment<64x16xf32>

// CHECK-LABEL: func @right(
// CHECK-SAME: %[[N:[^:]*]]: i32, %[[END:[^:]*]]: i32
// CHECK: %[[LOW:.*]] = arith.maxsi %[[END]], %c0_i32
// CHECK: %[[MIDDLE:.*]] = arith.minsi %[[LOW]], %[[N]]
// CHECK: %[[FULL:.*]] = scf.for %{{.*}} = %c0_i32 to %[[MIDDLE]]
// CHECK-NEXT: sm90.pin
// CHECK-NEXT: scf.yield
// CHECK: scf.for %{{.*}} = %[[MIDDLE]] to %[[N]] step %{{.*}} iter_args(%{{.*}} = %[[FULL]])
// CHECK-NEXT: sm90.map
// CHECK-NOT: scf.if
func.func @right(%n: i32, %end: i32, %s: !acc) -> !acc {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %r = scf.for %j = %c0 to %n step %c1 iter_args(%x = %s) -> (!acc) : i32 {
    %full = arith.cmpi slt, %j, %end : i32
    %y = scf.if %full -> (!acc) {
      %p = sm90.pin %x : !acc
      scf.yield %p : !acc
    } else {
      %m = sm90.map %x : (!acc) -> !acc {
      ^bb0(%e: f32):
        %f = arith.negf %e : f32
        sm90.yield %f : f32
      }
      scf.yield %m : !acc
    }
    scf.yield %y : !acc
  }
  return %r : !acc
}

// What is masked before and behind the range is one loop, in a loop of two rounds.
// CHECK-LABEL: func @both(
// CHECK-SAME: %[[N:[^:]*]]: i32, %[[BEGIN:[^:]*]]: i32, %[[END:[^:]*]]: i32
// CHECK: arith.maxsi %[[BEGIN]], %c0_i32
// CHECK: %[[B:.*]] = arith.minsi %{{.*}}, %[[N]]
// CHECK: arith.maxsi %[[END]], %[[B]]
// CHECK: %[[E:.*]] = arith.minsi %{{.*}}, %[[N]]
// CHECK: %[[R:.*]]:4 = scf.for %{{.*}} = %c0_i32 to %c2_i32 step %c1_i32 iter_args(%[[FROM:.*]] = %c0_i32, %[[TO:.*]] = %[[B]], %[[LAST:.*]] = %[[E]], %[[X:.*]] = %{{.*}})
// CHECK: %[[M:.*]] = scf.for %{{.*}} = %[[FROM]] to %[[TO]] step %{{.*}} iter_args(%{{.*}} = %[[X]])
// CHECK-NEXT: sm90.map
// CHECK: %[[I:.*]] = scf.for %{{.*}} = %[[B]] to %[[LAST]] step %{{.*}} iter_args(%{{.*}} = %[[M]])
// CHECK-NEXT: sm90.pin
// CHECK: scf.yield %[[E]], %[[N]], %[[B]], %[[I]]
// CHECK-NOT: scf.for
// CHECK: return %[[R]]#3
func.func @both(%n: i32, %begin: i32, %end: i32, %s: !acc) -> !acc {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %r = scf.for %j = %c0 to %n step %c1 iter_args(%x = %s) -> (!acc) : i32 {
    %from = arith.cmpi sge, %j, %begin : i32
    %to = arith.cmpi slt, %j, %end : i32
    %full = arith.andi %from, %to : i1
    %y = scf.if %full -> (!acc) {
      %p = sm90.pin %x : !acc
      scf.yield %p : !acc
    } else {
      %m = sm90.map %x : (!acc) -> !acc {
      ^bb0(%e: f32):
        %f = arith.negf %e : f32
        sm90.yield %f : f32
      }
      scf.yield %m : !acc
    }
    scf.yield %y : !acc
  }
  return %r : !acc
}

// The products of many columns hide a branch, from 192 on.
!wide = !sm90.fragment<64x192xf32>
// CHECK-LABEL: func @wide(
// CHECK: scf.for
// CHECK: scf.if
// CHECK-NOT: scf.for
func.func @wide(%n: i32, %end: i32, %s: !acc, %o: !wide) -> (!acc, !wide) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %r:2 = scf.for %j = %c0 to %n step %c1 iter_args(%x = %s, %w = %o) -> (!acc, !wide) : i32 {
    %full = arith.cmpi slt, %j, %end : i32
    %y = scf.if %full -> (!acc) {
      %p = sm90.pin %x : !acc
      scf.yield %p : !acc
    } else {
      scf.yield %x : !acc
    }
    %v = sm90.pin %w : !wide
    scf.yield %y, %v : !acc, !wide
  }
  return %r#0, %r#1 : !acc, !wide
}

// Rounded weights of many keys are no output.
!weights = !sm90.fragment<64x208xbf16>
// CHECK-LABEL: func @wide_weights(
// CHECK: scf.for
// CHECK-NOT: scf.if
// CHECK: scf.for
// CHECK-NOT: scf.if
func.func @wide_weights(%n: i32, %end: i32, %s: !acc, %o: !weights) -> (!acc, !weights) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %r:2 = scf.for %j = %c0 to %n step %c1 iter_args(%x = %s, %w = %o) -> (!acc, !weights) : i32 {
    %full = arith.cmpi slt, %j, %end : i32
    %y = scf.if %full -> (!acc) {
      %p = sm90.pin %x : !acc
      scf.yield %p : !acc
    } else {
      scf.yield %x : !acc
    }
    %v = sm90.pin %w : !weights
    scf.yield %y, %v : !acc, !weights
  }
  return %r#0, %r#1 : !acc, !weights
}

// A condition on something else is no range of steps.
// CHECK-LABEL: func @unrelated(
// CHECK: scf.for
// CHECK: scf.if
// CHECK-NOT: scf.for
func.func @unrelated(%n: i32, %b: i1, %s: !acc) -> !acc {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %r = scf.for %j = %c0 to %n step %c1 iter_args(%x = %s) -> (!acc) : i32 {
    %y = scf.if %b -> (!acc) {
      %p = sm90.pin %x : !acc
      scf.yield %p : !acc
    } else {
      scf.yield %x : !acc
    }
    scf.yield %y : !acc
  }
  return %r : !acc
}
