// A kernel by itself gets fewer of LLVM's passes than upstream gives it, and
// becomes almost the same text: kernels of both forms, with masks, and with
// loops, branches, vectors and remainders in the score region.
// RUN: sigmoid-attn-opt %s -split-input-file --attn-nvvm-schedule-pipeline --attn-nvvm-kernel-pipeline --attn-nvvm-to-llvm-pipeline --nvvm-attach-target="O=3 chip=sm_90a features=+ptx83" -o %t
// RUN: sigmoid-attn-opt %t -split-input-file --sm90-translate-to-ptx | sed -f %S/Inputs/lines.sed -e 's/BB[0-9_]*/BB/' > %t.own
// RUN: sigmoid-attn-opt %t -split-input-file --gpu-module-to-binary=format=isa | sed -f %S/Inputs/lines.sed -e 's/BB[0-9_]*/BB/' > %t.upstream
// RUN: FileCheck %s --implicit-check-not=.local < %t.own
// RUN: not diff -U0 %t.own %t.upstream > %t.diff
// RUN: grep '^[-+] ' %t.diff | env LC_ALL=C sort | uniq -c | FileCheck %s --check-prefix=DIFF

// How often a line stands in one text only, without numbers of registers and
// labels. A sum and a shift of it stand the other way round upstream, whose loop
// has five statements more.
// DIFF:      5 + add.s32 %r, %r, -64;
// DIFF-NEXT: 8 + fma.rn.f32 %r, %r, 0f3F000000, %r;
// DIFF-NEXT: 2 + mul.rn.f32 %r, %r, 0f3E000000;
// DIFF-NEXT: 3 + shl.b32 %r, %r, 3;
// DIFF-NEXT: 1 + shl.b32 %r, %r, 6;
// DIFF-NEXT: 5 + shl.b32 %r, %r, 7;
// DIFF-NEXT: 5 - add.s32 %r, %r, -1;
// DIFF-NEXT: 4 - fma.rn.f32 %r, %r, 0f3F000000, %r;
// DIFF-NEXT: 1 - mul.rn.f32 %r, %r, 0f3E000000;
// DIFF-NEXT: 5 - shl.b32 %r, %r, 13;
// DIFF-NEXT: 1 - shl.b32 %r, %r, 6;
// DIFF-NEXT: 3 - shl.b32 %r, %r, 9;
// DIFF-NOT:  {{.}}

!q = tensor<?x?x?x64xbf16>

// CHECK: .visible .entry forms_fast(
// CHECK: .visible .entry forms_exact(
func.func @forms(%q: !q, %k: !q, %v: !q, %scale: f32, %bias: f32) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v scale(%scale) bias(%bias) mask<causal>
    : (!q, !q, !q) -> !q
  return %o : !q
}

// -----

!q = tensor<?x?x?x64xbf16>

// CHECK: .visible .entry loop(
func.func @loop(%q: !q, %k: !q, %v: !q) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v mask<causal>
    score(%x, %b, %h, %i, %j) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %half = arith.constant 0.5 : f32
      %few = scf.for %n = %c0 to %c4 step %c1 iter_args(%s = %x) -> f32 {
        %t = math.fma %s, %half, %x : f32
        scf.yield %t : f32
      }
      %many = scf.for %n = %c0 to %h step %c1 iter_args(%s = %few) -> f32 {
        %t = math.fma %s, %half, %few : f32
        scf.yield %t : f32
      }
      attn.yield %many : f32
    } : (!q, !q, !q) -> !q
  return %o : !q
}

// -----

!q = tensor<?x?x?x64xbf16>

// CHECK: .visible .entry branch(
func.func @branch(%q: !q, %k: !q, %v: !q) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v
    score(%x, %b, %h, %i, %j) {
      %far = arith.cmpi ugt, %i, %j : index
      %y = scf.if %far -> f32 {
        %v4 = vector.broadcast %x : f32 to vector<4xf32>
        %sum = vector.reduction <add>, %v4 : vector<4xf32> into f32
        scf.yield %sum : f32
      } else {
        %p = arith.divui %i, %h : index
        %n = arith.index_cast %p : index to i32
        %f = arith.sitofp %n : i32 to f32
        scf.yield %f : f32
      }
      attn.yield %y : f32
    } : (!q, !q, !q) -> !q
  return %o : !q
}

// -----

!q = tensor<?x?x?x64xbf16>

// CHECK: .visible .entry remainder(
func.func @remainder(%q: !q, %k: !q, %v: !q) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v mask<causal>
    score(%x, %b, %h, %i, %j) {
      %c24 = arith.constant 24 : index
      %row = arith.divui %j, %c24 : index
      %column = arith.remui %j, %c24 : index
      %own = arith.divui %i, %c24 : index
      %near = arith.cmpi eq, %row, %own : index
      %n = arith.index_cast %column : index to i32
      %f = arith.sitofp %n : i32 to f32
      %y = arith.addf %x, %f : f32
      %z = arith.select %near, %y, %x : f32
      attn.yield %z : f32
    } : (!q, !q, !q) -> !q
  return %o : !q
}
