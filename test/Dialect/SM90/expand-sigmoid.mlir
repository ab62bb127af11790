// RUN: sigmoid-attn-opt %s -split-input-file -sm90-expand-sigmoid -canonicalize | FileCheck %s

!acc = !sm90.fragment<64x16xf32>
!p = !sm90.fragment<64x16xbf16>
!tile = !sm90.tile<16x16xbf16>

// The factors 1/2 of the score move into scale and bias; the one of the weights
// moves to the end of the loop.
// CHECK-LABEL: func @fast(
// CHECK-SAME: %[[SCALE:[^:]*]]: f32, %[[BIAS:[^:]*]]: f32
// CHECK-DAG: %[[HALF:.*]] = arith.constant 5.000000e-01 : f32
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-DAG: %[[S:.*]] = arith.mulf %[[SCALE]], %[[HALF]]
// CHECK-DAG: %[[B:.*]] = arith.mulf %[[BIAS]], %[[HALF]]
// CHECK: %[[LOOP:.*]] = scf.for
// CHECK: ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT: %[[Y:.*]] = math.fma %[[X]], %[[S]], %[[B]]
// CHECK-NEXT: %[[T:.*]] = math.tanh %[[Y]] fastmath<afn>
// CHECK-NEXT: %[[P:.*]] = arith.addf %[[T]], %[[ONE]]
// CHECK-NEXT: sm90.yield %[[P]]
// CHECK: %[[SUM:.*]] = sm90.map %[[LOOP]]
// CHECK-NEXT: ^bb0(%[[O:.*]]: f32):
// CHECK-NEXT: %[[HALVED:.*]] = arith.mulf %[[O]], %[[HALF]]
// CHECK-NEXT: sm90.yield %[[HALVED]]
// CHECK: return %[[SUM]]
func.func @fast(%scale: f32, %bias: f32, %s: !acc, %v: !tile, %o: !acc, %n: i32) -> !acc {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %r = scf.for %j = %c0 to %n step %c1 iter_args(%sum = %o) -> (!acc) : i32 {
    %w = sm90.map %s : (!acc) -> !acc {
    ^bb0(%x: f32):
      %y = math.fma %x, %scale, %bias : f32
      %p = sm90.sigmoid fast %y : f32
      sm90.yield %p : f32
    }
    %wb = sm90.convert %w : !acc to !p
    %pending = sm90.wgmma %wb, %v into %sum : !p, !tile, !acc -> !sm90.pending<64x16xf32>
    sm90.commit
    %next = sm90.await %pending keep(%wb : !p) : !sm90.pending<64x16xf32>
    scf.yield %next : !acc
  }
  return %r : !acc
}

// -----

!acc = !sm90.fragment<64x16xf32>

// The factor goes through a select to both sides. A weight that goes to no
// product is computed by itself.
// CHECK-LABEL: func @exact(
// CHECK-DAG: %[[HIDDEN:.*]] = arith.constant 0xFF800000 : f32
// CHECK-DAG: %[[SCALE:.*]] = arith.constant 2.885390e+00 : f32
// CHECK: sm90.map
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[ROW:.*]]: i32, %[[COL:.*]]: i32):
// CHECK: %[[Y:.*]] = arith.mulf %[[X]], %[[SCALE]]
// CHECK: %[[Z:.*]] = arith.select %{{.*}}, %[[Y]], %[[HIDDEN]]
// CHECK: %[[E:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"(%[[Z]])
// CHECK-NEXT: %[[P:.*]] = sm90.from_odds %[[E]] : f32
// CHECK-NEXT: sm90.yield %[[P]]
func.func @exact(%s: !acc) -> !acc {
  %scale = arith.constant 2.0 : f32
  %w = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32, %row: i32, %col: i32):
    %hidden = arith.constant 0xFF800000 : f32
    %y = arith.mulf %x, %scale : f32
    %visible = arith.cmpi sle, %col, %row : i32
    %z = arith.select %visible, %y, %hidden : f32
    %p = sm90.sigmoid exact %z : f32
    sm90.yield %p : f32
  }
  return %w : !acc
}

// -----

!acc = !sm90.fragment<64x16xf32>

// The factor goes through sums of products.
// CHECK-LABEL: func @sum(
// CHECK-SAME: %{{[^:]*}}: !sm90.fragment<64x16xf32>, %[[SCALE:[^:]*]]: f32, %[[SLOPE:[^:]*]]: f32
// CHECK-DAG: %[[LOG2E:.*]] = arith.constant 1.44269502 : f32
// CHECK-DAG: %[[SCALE2:.*]] = arith.mulf %[[SCALE]], %[[LOG2E]]
// CHECK-DAG: %[[SLOPE2:.*]] = arith.mulf %[[SLOPE]], %[[LOG2E]]
// CHECK: ^bb0(%[[X:.*]]: f32, %[[ROW:.*]]: i32, %[[COL:.*]]: i32):
// CHECK-DAG: %[[R:.*]] = arith.sitofp %[[ROW]]
// CHECK-DAG: %[[C:.*]] = arith.sitofp %[[COL]]
// CHECK: %[[R2:.*]] = arith.mulf %[[R]], %[[LOG2E]]
// CHECK: %[[T:.*]] = math.fma %[[C]], %[[SLOPE2]], %[[R2]]
// CHECK: %[[Y:.*]] = math.fma %[[X]], %[[SCALE2]], %[[T]]
// CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"(%[[Y]])
func.func @sum(%s: !acc, %scale: f32, %slope: f32) -> !acc {
  %w = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32, %row: i32, %col: i32):
    %r = arith.sitofp %row : i32 to f32
    %c = arith.sitofp %col : i32 to f32
    %t = math.fma %c, %slope, %r : f32
    %y = math.fma %x, %scale, %t : f32
    %p = sm90.sigmoid exact %y : f32
    sm90.yield %p : f32
  }
  return %w : !acc
}

// -----

!acc = !sm90.fragment<64x16xf32>

// What the score region computes is multiplied in the map.
// CHECK-LABEL: func @computed(
// CHECK: %[[Y:.*]] = arith.addf
// CHECK: arith.mulf %[[Y]], %{{.*}} : f32
func.func @computed(%s: !acc, %offset: f32) -> !acc {
  %w = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32):
    %y = arith.addf %x, %offset : f32
    %p = sm90.sigmoid exact %y : f32
    sm90.yield %p : f32
  }
  return %w : !acc
}

// -----

!acc = !sm90.fragment<64x16xf32>
!p = !sm90.fragment<64x16xbf16>

// Weights of a product: the largest exponential of a step decides, by its bits,
// between a short series, a longer one and the quotient.
// CHECK-LABEL: func @small_or_not(
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : i32
// The bits of 1/64 and of 1/16.
// CHECK-DAG: %[[SHORT:.*]] = arith.constant 1015021568 : i32
// CHECK-DAG: %[[LONG:.*]] = arith.constant 1031798784 : i32
// CHECK: %[[E:.*]] = sm90.map
// CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"
// CHECK: %[[LARGEST:.*]] = sm90.fold %[[E]] init(%[[ZERO]])
// CHECK: arith.bitcast %{{.*}} : f32 to i32
// CHECK-NEXT: arith.maxsi
// CHECK: %[[SMALL:.*]] = arith.cmpi sle, %[[LARGEST]], %[[SHORT]]
// CHECK: %[[ALL:.*]] = nvvm.vote.sync all %{{.*}}, %[[SMALL]] -> i1
// CHECK-NOT: nvvm.vote.sync
// CHECK: %[[W:.*]] = scf.if %[[ALL]]
// CHECK: ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT: %[[N:.*]] = arith.negf %[[X]]
// CHECK-NEXT: %[[TWO:.*]] = math.fma %[[N]], %[[X]], %[[X]]
// CHECK-NEXT: sm90.yield %[[TWO]]
// CHECK: } else {
// CHECK: %[[MEDIUM:.*]] = arith.cmpi sle, %[[LARGEST]], %[[LONG]]
// CHECK: %[[ALL2:.*]] = nvvm.vote.sync all %{{.*}}, %[[MEDIUM]] -> i1
// CHECK: scf.if %[[ALL2]]
// CHECK: %[[TWO:.*]] = math.fma
// CHECK: %[[M:.*]] = arith.negf %[[TWO]]
// CHECK: math.fma %[[M]], %[[X:.*]], %[[X]]
// CHECK: } else {
// CHECK: ^bb0(%[[PAIR:.*]]: vector<2xf32>):
// CHECK-NEXT: sm90.from_odds %[[PAIR]] : vector<2xf32>
// CHECK: sm90.convert %[[W]]
func.func @small_or_not(%s: !acc) -> !p {
  %w = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32):
    %q = sm90.sigmoid exact %x : f32
    sm90.yield %q : f32
  }
  %p = sm90.convert %w : !acc to !p
  return %p : !p
}

// -----

!acc = !sm90.fragment<64x16xf32>
!p = !sm90.fragment<64x16xf16>

// f16 rounds more finely, so the series take less.
// CHECK-LABEL: func @half(
// The bits of 1/128 and of 1/32.
// CHECK-DAG: %[[SHORT:.*]] = arith.constant 1006632960 : i32
// CHECK-DAG: %[[LONG:.*]] = arith.constant 1023410176 : i32
// CHECK: arith.cmpi sle, %{{.*}}, %[[SHORT]]
// CHECK: arith.cmpi sle, %{{.*}}, %[[LONG]]
func.func @half(%s: !acc) -> !p {
  %w = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32):
    %q = sm90.sigmoid exact %x : f32
    sm90.yield %q : f32
  }
  %p = sm90.convert %w : !acc to !p
  return %p : !p
}

// -----

!acc = !sm90.fragment<64x16xf32>
!p = !sm90.fragment<64x16xbf16>
!tile = !sm90.tile<16x16xbf16>

// The parts of a chunked step share both votes.
// CHECK-LABEL: func @chunked(
// CHECK: sm90.fold
// CHECK: %[[SHORT:.*]] = nvvm.vote.sync all
// CHECK: %[[LONG:.*]] = nvvm.vote.sync all
// CHECK: scf.if %[[SHORT]]
// CHECK: scf.if %[[LONG]]
func.func @chunked(%s: !acc, %v: !tile, %o: !acc, %n: i32) -> !acc {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %r = scf.for %j = %c0 to %n step %c1 iter_args(%sum = %o) -> (!acc) : i32 {
    %w = sm90.map %s : (!acc) -> !acc {
    ^bb0(%x: f32):
      %q = sm90.sigmoid exact %x : f32
      sm90.yield %q : f32
    }
    %wb = sm90.convert %w : !acc to !p
    %pending = sm90.wgmma %wb, %v into %sum : !p, !tile, !acc -> !sm90.pending<64x16xf32>
    sm90.commit
    %next = sm90.await %pending keep(%wb : !p) : !sm90.pending<64x16xf32>
    scf.yield %next : !acc
  } {sm90.overlap = #sm90.overlap<chunked>}
  return %r : !acc
}
