// RUN: sigmoid-attn-opt %s --convert-sm90-to-nvvm -canonicalize | FileCheck %s

!acc = !sm90.fragment<64x8xf32>
!half = !sm90.fragment<64x8xbf16>
!half16 = !sm90.fragment<64x8xf16>

// CHECK-LABEL: func.func @map
// One copy for each of the 4 registers.
// CHECK-COUNT-4: math.exp2
// CHECK-NOT: math.exp2
func.func @map(%x: f32, %scale: f32) {
  %s = sm90.splat %x : !acc
  %t = sm90.map %s : (!acc) -> !acc {
  ^bb0(%e: f32):
    %y = math.exp2 %e : f32
    %z = arith.mulf %y, %scale : f32
    func.call @use(%z) : (f32) -> ()
    sm90.yield %z : f32
  }
  return
}
func.func private @use(f32)

// Registers are columns 0 and 1 of a row, then those of the row 8 below.
// CHECK-LABEL: func.func @map_indices
func.func @map_indices(%x: f32) {
  %s = sm90.splat %x : !acc
  // CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c31_i32
  // CHECK: %[[WARP:.*]] = arith.andi %{{.*}}, %c3_i32
  // CHECK: %[[WARPROW:.*]] = arith.shli %[[WARP]], %c4_i32
  // CHECK: %[[LANEROW:.*]] = arith.shrui %[[LANE]], %c2_i32
  // CHECK: %[[ROW:.*]] = arith.addi %[[WARPROW]], %[[LANEROW]]
  // CHECK: %[[QUAD:.*]] = arith.andi %[[LANE]], %c3_i32
  // CHECK: %[[COL:.*]] = arith.shli %[[QUAD]], %c1_i32
  // CHECK: call @use_index(%[[ROW]], %[[COL]])
  // CHECK: %[[COL1:.*]] = arith.addi %[[COL]], %c1_i32
  // CHECK: call @use_index(%[[ROW]], %[[COL1]])
  // CHECK: %[[ROW8:.*]] = arith.addi %[[ROW]], %c8_i32
  // CHECK: call @use_index(%[[ROW8]], %[[COL]])
  // CHECK: call @use_index
  %t = sm90.map %s : (!acc) -> !acc {
  ^bb0(%e: f32, %row: i32, %col: i32):
    func.call @use_index(%row, %col) : (i32, i32) -> ()
    sm90.yield %e : f32
  }
  return
}
func.func private @use_index(i32, i32)

// A column's offset from the thread's first one is a constant.
// CHECK-LABEL: func.func @map_offset
func.func @map_offset(%x: f32) {
  %s = sm90.splat %x : !sm90.fragment<64x16xf32>
  // CHECK: call @use_index(%{{.*}}, %c0_i32)
  // CHECK: call @use_index(%{{.*}}, %c1_i32)
  // CHECK: call @use_index(%{{.*}}, %c0_i32)
  // CHECK: call @use_index(%{{.*}}, %c1_i32)
  // CHECK: call @use_index(%{{.*}}, %c8_i32)
  // CHECK: call @use_index(%{{.*}}, %c9_i32)
  %t = sm90.map %s : (!sm90.fragment<64x16xf32>) -> !sm90.fragment<64x16xf32> {
  ^bb0(%e: f32, %row: i32, %col: i32, %offset: i32):
    func.call @use_index(%row, %offset) : (i32, i32) -> ()
    sm90.yield %e : f32
  }
  return
}

// CHECK-LABEL: func.func @map_pairs
// CHECK-COUNT-2: arith.mulf %{{.*}}, %{{.*}} : vector<2xf32>
// CHECK-NOT: arith.mulf
func.func @map_pairs(%x: f32) {
  %s = sm90.splat %x : !acc
  %t = sm90.map %s : (!acc) -> !half {
  ^bb0(%e: vector<2xf32>):
    %y = arith.mulf %e, %e : vector<2xf32>
    %z = arith.truncf %y : vector<2xf32> to vector<2xbf16>
    func.call @use_pair(%z) : (vector<2xbf16>) -> ()
    sm90.yield %z : vector<2xbf16>
  }
  return
}
func.func private @use_pair(vector<2xbf16>)

// CHECK-LABEL: func.func @fold
// CHECK-SAME: %[[X:.*]]: f32, %[[INIT:.*]]: f32
func.func @fold(%x: f32, %init: f32) -> f32 {
  %s = sm90.splat %x : !acc
  // CHECK: %[[A:.*]] = arith.maximumf %[[INIT]], %[[X]]
  // CHECK: %[[B:.*]] = arith.maximumf %[[A]], %[[X]]
  // CHECK: %[[C:.*]] = arith.maximumf %[[B]], %[[X]]
  // CHECK: %[[D:.*]] = arith.maximumf %[[C]], %[[X]]
  // CHECK: return %[[D]]
  %m = sm90.fold %s init(%init) : !acc, f32 {
  ^bb0(%so_far: f32, %e: f32):
    %n = arith.maximumf %so_far, %e : f32
    sm90.yield %n : f32
  }
  return %m : f32
}

// CHECK-LABEL: func.func @convert
// CHECK-COUNT-2: nvvm.convert.f32x2.to.bf16x2 %{{.*}}, %{{.*}} {rnd = #nvvm.fp_rnd_mode<rn>}
// CHECK-COUNT-2: nvvm.convert.f32x2.to.f16x2 %{{.*}}, %{{.*}} {rnd = #nvvm.fp_rnd_mode<rn>}
func.func @convert(%x: f32) {
  %s = sm90.splat %x : !acc
  %h = sm90.convert %s : !acc to !half
  %g = sm90.convert %s : !acc to !half16
  %hp = sm90.pin %h : !half
  %gp = sm90.pin %g : !half16
  return
}

// The even column is the low half of a register, which the operation has second.
// CHECK-LABEL: func.func @convert_order
// CHECK-SAME: %[[LOW:.*]]: f32, %[[HIGH:.*]]: f32
// CHECK: nvvm.convert.f32x2.to.bf16x2 %[[HIGH]], %[[LOW]]
func.func @convert_order(%low: f32, %high: f32) {
  %s = sm90.splat %low : !acc
  %t = sm90.map %s : (!acc) -> !acc {
  ^bb0(%e: vector<2xf32>):
    %p = vector.from_elements %low, %high : vector<2xf32>
    sm90.yield %p : vector<2xf32>
  }
  %h = sm90.convert %t : !acc to !half
  %p = sm90.pin %h : !half
  return
}

// CHECK-LABEL: func.func @pin
// CHECK: llvm.inline_asm has_side_effects asm_dialect = att "", "=f,=f,=f,=f,0,1,2,3"
func.func @pin(%x: f32) {
  %s = sm90.splat %x : !acc
  %p = sm90.pin %s : !acc
  return
}

// CHECK-LABEL: func.func @extract_and_concat
// CHECK-SAME: %[[A:.*]]: f32, %[[B:.*]]: f32
func.func @extract_and_concat(%a: f32, %b: f32) -> f32 {
  %x = sm90.splat %a : !acc
  %y = sm90.splat %b : !acc
  %xy = sm90.concat %x, %y : !acc, !acc to !sm90.fragment<64x16xf32>
  %z = sm90.extract %xy[8] : !sm90.fragment<64x16xf32> to !acc
  // CHECK: %[[S:.*]] = arith.addf %[[A]], %[[B]]
  // CHECK: arith.addf %[[S]], %[[B]]
  %s = sm90.fold %z init(%a) : !acc, f32 {
  ^bb0(%so_far: f32, %e: f32):
    %n = arith.addf %so_far, %e : f32
    sm90.yield %n : f32
  }
  return %s : f32
}

// Loops and branches carry one value for each register.
// CHECK-LABEL: func.func @loop
func.func @loop(%x: f32, %n: i32, %b: i1) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %s = sm90.splat %x : !acc
  // CHECK: scf.for {{.*}} -> (f32, f32, f32, f32)
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %s) -> (!acc) : i32 {
    // CHECK: scf.if {{.*}} -> (f32, f32, f32, f32)
    %u = scf.if %b -> !acc {
      %v = sm90.pin %t : !acc
      scf.yield %v : !acc
    } else {
      scf.yield %t : !acc
    }
    scf.yield %u : !acc
  }
  %p = sm90.pin %r : !acc
  return
}
