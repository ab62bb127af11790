// RUN: sigmoid-attn-opt %s -sm90-linearize-scores -canonicalize -cse -split-input-file | FileCheck %s

!acc = !sm90.fragment<64x16xf32>

// ALiBi: the slope is read once, ahead of the loop, and the distance is
// converted at the thread's first column.
// CHECK-LABEL: func @alibi(
// CHECK-SAME: %[[S:[^:]*]]: !sm90.fragment<64x16xf32>, %[[SCALE:[^:]*]]: f32, %[[BIAS:[^:]*]]: f32, %[[TABLE:[^:]*]]: !llvm.ptr<1>, %[[FROM:[^:]*]]: i32,
// CHECK: %[[SLOPE:.*]] = llvm.load %[[TABLE]] invariant
// CHECK: scf.for %[[KEY:[^ ]*]] =
// CHECK: ^bb0(%[[X:.*]]: f32, %[[ROW:.*]]: i32, %[[COL:.*]]: i32, %[[OFFSET:.*]]: i32):
// CHECK-DAG: %[[I:[^ ]*]] = arith.addi %[[FROM]], %[[ROW]]
// CHECK-DAG: %[[C:[^ ]*]] = arith.subi %[[COL]], %[[OFFSET]]
// CHECK-DAG: %[[J:[^ ]*]] = arith.addi %[[KEY]], %[[C]]
// CHECK: %[[D:.*]] = arith.subi %[[J]], %[[I]]
// CHECK: %[[N:.*]] = arith.sitofp %[[D]] : i32 to f32
// CHECK: %[[A:.*]] = arith.mulf %[[N]], %[[SLOPE]]
// CHECK: %[[R:.*]] = arith.addf %[[BIAS]], %[[A]]
// CHECK: %[[O:.*]] = arith.sitofp %[[OFFSET]] : i32 to f32
// CHECK: %[[T:.*]] = math.fma %[[O]], %[[SLOPE]], %[[R]]
// CHECK: %[[Y:.*]] = math.fma %[[X]], %[[SCALE]], %[[T]]
// CHECK: sm90.sigmoid fast %[[Y]]
func.func @alibi(%s: !acc, %scale: f32, %bias: f32, %table: !llvm.ptr<1>, %from: i32, %n: i32) -> !acc {
  %c0 = arith.constant 0 : i32
  %c16 = arith.constant 16 : i32
  %r = scf.for %key = %c0 to %n step %c16 iter_args(%last = %s) -> (!acc) : i32 {
    %p = sm90.map %last : (!acc) -> !acc {
    ^bb0(%x: f32, %row: i32, %col: i32):
      %x1 = math.fma %x, %scale, %bias : f32
      %i = arith.addi %from, %row : i32
      %j = arith.addi %key, %col : i32
      %slope = llvm.load %table invariant : !llvm.ptr<1> -> f32
      %d = arith.subi %j, %i : i32
      %d1 = arith.sitofp %d : i32 to f32
      %a = arith.mulf %slope, %d1 : f32
      %y = arith.addf %x1, %a : f32
      %w = sm90.sigmoid fast %y : f32
      sm90.yield %w : f32
    }
    scf.yield %p : !acc
  }
  return %r : !acc
}

// -----

!acc = !sm90.fragment<64x16xf32>

// The absolute value of a number is that of the integer; each side of a select is
// rewritten by itself, and a constant is left.
// CHECK-LABEL: func @distance(
// CHECK-SAME: %{{[^:]*}}: !sm90.fragment<64x16xf32>, %[[SCALE:[^:]*]]: f32, %[[SLOPE:[^:]*]]: f32,
// CHECK-DAG: %[[HIDDEN:.*]] = arith.constant 0xFF800000 : f32
// CHECK-DAG: %[[MINUS:.*]] = arith.constant -1.000000e+00 : f32
// CHECK: %[[NEGATED:.*]] = arith.mulf %[[SLOPE]], %[[MINUS]]
// CHECK: ^bb0(%[[X:.*]]: f32, %{{.*}}: i32, %{{.*}}: i32, %[[OFFSET:.*]]: i32):
// CHECK-NOT: math.absi
// CHECK: %[[N:.*]] = arith.sitofp
// CHECK: %[[O:.*]] = arith.sitofp %[[OFFSET]] : i32 to f32
// CHECK: %[[D:.*]] = arith.addf %[[O]], %[[N]]
// CHECK: %[[ABS:.*]] = math.absf %[[D]]
// CHECK: %[[T:.*]] = arith.mulf %[[ABS]], %[[NEGATED]]
// CHECK: %[[Y:.*]] = math.fma %[[X]], %[[SCALE]], %[[T]]
// CHECK: %[[Z:.*]] = arith.select %{{.*}}, %[[Y]], %[[HIDDEN]]
// CHECK: sm90.sigmoid exact %[[Z]]
func.func @distance(%s: !acc, %scale: f32, %slope: f32, %n: i32) -> !acc {
  %hidden = arith.constant 0xFF800000 : f32
  %p = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32, %row: i32, %col: i32):
    %x1 = arith.mulf %x, %scale : f32
    %d = arith.subi %col, %row : i32
    %d1 = math.absi %d : i32
    %d2 = arith.sitofp %d1 : i32 to f32
    %a = arith.mulf %slope, %d2 : f32
    %y = arith.subf %x1, %a : f32
    %seen = arith.cmpi slt, %col, %n : i32
    %z = arith.select %seen, %y, %hidden : f32
    %w = sm90.sigmoid exact %z : f32
    sm90.yield %w : f32
  }
  return %p : !acc
}

// -----

!acc = !sm90.fragment<64x16xf32>

// What is the same for all elements is added to the bias; a multiple of the
// column counts that many times.
// CHECK-LABEL: func @sums(
// CHECK-SAME: %{{[^:]*}}: !sm90.fragment<64x16xf32>, %[[SCALE:[^:]*]]: f32, %[[BIAS:[^:]*]]: f32, %[[U:[^:]*]]: f32)
// CHECK-DAG: %[[THREE:.*]] = arith.constant 3.000000e+00 : f32
// CHECK-DAG: %[[V:.*]] = math.exp %[[U]]
// CHECK-DAG: %[[C:.*]] = arith.addf %[[BIAS]], %[[V]]
// CHECK: ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT: math.fma %[[X]], %[[SCALE]], %[[C]]
// CHECK: ^bb0(
// CHECK: %[[O:.*]] = arith.sitofp
// CHECK: math.fma %{{.*}}, %[[THREE]], %{{.*}}
func.func @sums(%s: !acc, %scale: f32, %bias: f32, %u: f32) -> (!acc, !acc) {
  %c3 = arith.constant 3 : i32
  %p = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32):
    %x1 = math.fma %x, %scale, %bias : f32
    %v = math.exp %u : f32
    %y = arith.addf %x1, %v : f32
    %w = sm90.sigmoid exact %y : f32
    sm90.yield %w : f32
  }
  %q = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32, %row: i32, %col: i32):
    %m = arith.muli %col, %c3 : i32
    %n = arith.sitofp %m : i32 to f32
    %y = arith.subf %n, %x : f32
    %w = sm90.sigmoid exact %y : f32
    sm90.yield %w : f32
  }
  return %p, %q : !acc, !acc
}

// -----

!acc = !sm90.fragment<64x16xf32>

// A score that is no sum, a column of which no constant step is known, a load that
// something might change: all are left.
// CHECK-LABEL: func @others(
// CHECK: ^bb0(%[[X:.*]]: f32, %{{.*}}: i32, %[[COL:.*]]: i32):
// CHECK-NEXT: %[[N:.*]] = llvm.load
// CHECK-NEXT: %[[M:.*]] = arith.muli %[[COL]], %[[N]]
// CHECK-NEXT: arith.sitofp %[[M]]
// CHECK: math.tanh
// CHECK: sm90.sigmoid
func.func @others(%s: !acc, %table: !llvm.ptr<1>) -> !acc {
  %p = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32, %row: i32, %col: i32):
    %n = llvm.load %table : !llvm.ptr<1> -> i32
    %m = arith.muli %col, %n : i32
    %k = arith.sitofp %m : i32 to f32
    %t = math.tanh %x : f32
    %y = arith.addf %t, %k : f32
    %w = sm90.sigmoid exact %y : f32
    sm90.yield %w : f32
  }
  return %p : !acc
}
