// Where the output is wide, nothing is decided, and what a step computes of scores
// stands behind the branch on its mask.

// RUN: sigmoid-attn-opt %s -split-input-file -sm90-expand-sigmoid -canonicalize | FileCheck %s --implicit-check-not=nvvm.vote --implicit-check-not=sm90.fold

!scores = !sm90.fragment<64x16xf32>
!p = !sm90.fragment<64x16xbf16>
!tile = !sm90.tile<16x136xbf16>
!out = !sm90.fragment<64x136xf32>

// CHECK-LABEL: func @exact(
// CHECK: scf.for
// CHECK: %[[EXPONENTS:.*]] = scf.if
// CHECK: %[[X:.*]] = math.fma
// CHECK-NEXT: %[[Z:.*]] = arith.select %{{.*}}, %[[X]]
// CHECK-NEXT: sm90.yield %[[Z]]
// CHECK: } else {
// CHECK: %[[X:.*]] = math.fma
// CHECK-NEXT: sm90.yield %[[X]]
// CHECK: %[[ODDS:.*]] = sm90.map %[[EXPONENTS]]
// CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"
// CHECK: %[[WEIGHTS:.*]] = sm90.map %[[ODDS]]
// CHECK-NEXT: ^bb0(%[[PAIR:.*]]: vector<2xf32>):
// CHECK-NEXT: sm90.from_odds %[[PAIR]] : vector<2xf32>
// CHECK: sm90.convert %[[WEIGHTS]]
func.func @exact(%s: !scores, %v: !tile, %o: !out, %n: i32, %scale: f32, %bias: f32) -> !out {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %hidden = arith.constant 0xFF800000 : f32
  %r = scf.for %j = %c0 to %n step %c1 iter_args(%sum = %o) -> (!out) : i32 {
    %masked = arith.cmpi eq, %j, %c0 : i32
    %w = scf.if %masked -> (!scores) {
      %a = sm90.map %s : (!scores) -> !scores {
      ^bb0(%x: f32, %row: i32, %col: i32):
        %y = math.fma %x, %scale, %bias : f32
        %visible = arith.cmpi sle, %col, %row : i32
        %z = arith.select %visible, %y, %hidden : f32
        %q = sm90.sigmoid exact %z : f32
        sm90.yield %q : f32
      }
      scf.yield %a : !scores
    } else {
      %b = sm90.map %s : (!scores) -> !scores {
      ^bb0(%x: f32):
        %y = math.fma %x, %scale, %bias : f32
        %q = sm90.sigmoid exact %y : f32
        sm90.yield %q : f32
      }
      scf.yield %b : !scores
    }
    %wb = sm90.convert %w : !scores to !p
    %pending = sm90.wgmma %wb, %v into %sum : !p, !tile, !out -> !sm90.pending<64x136xf32>
    sm90.commit
    %next = sm90.await %pending keep(%wb : !p) : !sm90.pending<64x136xf32>
    scf.yield %next : !out
  }
  return %r : !out
}

// -----

!scores = !sm90.fragment<64x16xf32>
!p = !sm90.fragment<64x16xbf16>
!tile = !sm90.tile<16x136xbf16>
!out = !sm90.fragment<64x136xf32>

// CHECK-LABEL: func @fast(
// CHECK: %[[LOOP:.*]] = scf.for
// CHECK: %[[HALVES:.*]] = scf.if
// CHECK: %[[X:.*]] = math.fma
// CHECK-NEXT: %[[Z:.*]] = arith.select %{{.*}}, %[[X]]
// CHECK-NEXT: sm90.yield %[[Z]]
// CHECK: } else {
// CHECK: %[[X:.*]] = math.fma
// CHECK-NEXT: sm90.yield %[[X]]
// CHECK: sm90.map %[[HALVES]]
// CHECK: math.tanh
// CHECK-NEXT: arith.addf
// CHECK: sm90.map %[[LOOP]]
// CHECK: arith.mulf
func.func @fast(%s: !scores, %v: !tile, %o: !out, %n: i32, %scale: f32, %bias: f32) -> !out {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %hidden = arith.constant 0xFF800000 : f32
  %r = scf.for %j = %c0 to %n step %c1 iter_args(%sum = %o) -> (!out) : i32 {
    %masked = arith.cmpi eq, %j, %c0 : i32
    %w = scf.if %masked -> (!scores) {
      %a = sm90.map %s : (!scores) -> !scores {
      ^bb0(%x: f32, %row: i32, %col: i32):
        %y = math.fma %x, %scale, %bias : f32
        %visible = arith.cmpi sle, %col, %row : i32
        %z = arith.select %visible, %y, %hidden : f32
        %q = sm90.sigmoid fast %z : f32
        sm90.yield %q : f32
      }
      scf.yield %a : !scores
    } else {
      %b = sm90.map %s : (!scores) -> !scores {
      ^bb0(%x: f32):
        %y = math.fma %x, %scale, %bias : f32
        %q = sm90.sigmoid fast %y : f32
        sm90.yield %q : f32
      }
      scf.yield %b : !scores
    }
    %wb = sm90.convert %w : !scores to !p
    %pending = sm90.wgmma %wb, %v into %sum : !p, !tile, !out -> !sm90.pending<64x136xf32>
    sm90.commit
    %next = sm90.await %pending keep(%wb : !p) : !sm90.pending<64x136xf32>
    scf.yield %next : !out
  }
  return %r : !out
}

// -----

!scores = !sm90.fragment<64x16xf32>
!p = !sm90.fragment<64x16xbf16>
!tile = !sm90.tile<16x136xbf16>
!out = !sm90.fragment<64x136xf32>

// Where a step is hidden wholly its weights are 0, which an exponential behind the
// branch would not leave so; nor would it what something else uses.
// CHECK-LABEL: func @zero(
// CHECK: scf.for
// CHECK: scf.if
// CHECK: sm90.map
// CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"
// CHECK-NEXT: sm90.from_odds %{{.*}} : f32
// CHECK-NOT: ex2
// CHECK: sm90.convert
// CHECK: scf.if
// CHECK: sm90.map
// CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"
// CHECK-NEXT: sm90.from_odds %{{.*}} : f32
// CHECK: sm90.pin
// CHECK: } else {
// CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"
// CHECK-NEXT: sm90.from_odds %{{.*}} : f32
// CHECK: sm90.convert
func.func @zero(%s: !scores, %v: !tile, %o: !out, %n: i32) -> !out {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %nothing = arith.constant 0.0 : f32
  %zeros = sm90.splat %nothing : !scores
  %r = scf.for %j = %c0 to %n step %c1 iter_args(%sum = %o) -> (!out) : i32 {
    %hidden = arith.cmpi eq, %j, %c0 : i32
    %w = scf.if %hidden -> (!scores) {
      scf.yield %zeros : !scores
    } else {
      %b = sm90.map %s : (!scores) -> !scores {
      ^bb0(%x: f32):
        %q = sm90.sigmoid exact %x : f32
        sm90.yield %q : f32
      }
      scf.yield %b : !scores
    }
    %wb = sm90.convert %w : !scores to !p
    %u = scf.if %hidden -> (!scores) {
      %a = sm90.map %s : (!scores) -> !scores {
      ^bb0(%x: f32):
        %q = sm90.sigmoid exact %x : f32
        sm90.yield %q : f32
      }
      %pinned = sm90.pin %a : !scores
      scf.yield %a : !scores
    } else {
      %b = sm90.map %s : (!scores) -> !scores {
      ^bb0(%x: f32):
        %q = sm90.sigmoid exact %x : f32
        sm90.yield %q : f32
      }
      scf.yield %b : !scores
    }
    %ub = sm90.convert %u : !scores to !p
    %first = sm90.wgmma %wb, %v into %sum : !p, !tile, !out -> !sm90.pending<64x136xf32>
    %second = sm90.wgmma %ub, %v into %first : !p, !tile, !sm90.pending<64x136xf32> -> !sm90.pending<64x136xf32>
    sm90.commit
    %next = sm90.await %second keep(%wb, %ub : !p, !p) : !sm90.pending<64x136xf32>
    scf.yield %next : !out
  }
  return %r : !out
}
