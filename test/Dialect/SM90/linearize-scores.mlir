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
  %c3 = arith.constant 3 : i64
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
    %j = arith.extsi %col : i32 to i64
    %m = arith.muli %j, %c3 : i64
    %n = arith.sitofp %m : i64 to f32
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

// -----

!acc = !sm90.fragment<64x16xf32>

// Nor are integers that may wrap around between columns, or depend on the element.
// CHECK-LABEL: func @wraps(
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: i32, %[[COL:.*]]: i32):
// CHECK-NEXT: arith.muli %[[COL]], %{{.*}} : i32
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: i32, %[[COL:.*]]: i32):
// CHECK-NEXT: %[[WIDE:.*]] = arith.extsi %[[COL]]
// CHECK-NEXT: arith.muli %[[WIDE]], %{{.*}} : i64
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: i32, %[[COL:.*]]: i32):
// CHECK-NEXT: arith.trunci %[[COL]] : i32 to i8
// CHECK: ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT: arith.fptosi %[[X]]
func.func @wraps(%s: !acc) -> (!acc, !acc, !acc, !acc) {
  %factor = arith.constant 1103515245 : i32
  %factor64 = arith.constant 6364136223846793005 : i64
  %p = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32, %row: i32, %col: i32):
    %m = arith.muli %col, %factor : i32
    %k = arith.sitofp %m : i32 to f32
    %y = arith.addf %x, %k : f32
    %w = sm90.sigmoid exact %y : f32
    sm90.yield %w : f32
  }
  %p64 = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32, %row: i32, %col: i32):
    %j = arith.extsi %col : i32 to i64
    %m = arith.muli %j, %factor64 : i64
    %k = arith.sitofp %m : i64 to f32
    %y = arith.addf %x, %k : f32
    %w = sm90.sigmoid exact %y : f32
    sm90.yield %w : f32
  }
  %q = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32, %row: i32, %col: i32):
    %m = arith.trunci %col : i32 to i8
    %k = arith.sitofp %m : i8 to f32
    %y = arith.addf %x, %k : f32
    %w = sm90.sigmoid exact %y : f32
    sm90.yield %w : f32
  }
  %r = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32):
    %m = arith.fptosi %x : f32 to i32
    %k = arith.sitofp %m : i32 to f32
    %y = arith.addf %x, %k : f32
    %w = sm90.sigmoid exact %y : f32
    sm90.yield %w : f32
  }
  return %p, %p64, %q, %r : !acc, !acc, !acc, !acc
}

// -----

!acc = !sm90.fragment<64x16xf32>

// Shared parts are read once: 2^40 is a factor.
// CHECK-LABEL: func @shared(
// CHECK-DAG: arith.constant 1.09951163E+12 : f32
// CHECK: ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT: arith.mulf %[[X]]
// CHECK-NEXT: sm90.sigmoid
func.func @shared(%s: !acc) -> !acc {
  %p = sm90.map %s : (!acc) -> !acc {
  ^bb0(%x: f32):
    %x1 = arith.addf %x, %x : f32
    %x2 = arith.addf %x1, %x1 : f32
    %x3 = arith.addf %x2, %x2 : f32
    %x4 = arith.addf %x3, %x3 : f32
    %x5 = arith.addf %x4, %x4 : f32
    %x6 = arith.addf %x5, %x5 : f32
    %x7 = arith.addf %x6, %x6 : f32
    %x8 = arith.addf %x7, %x7 : f32
    %x9 = arith.addf %x8, %x8 : f32
    %x10 = arith.addf %x9, %x9 : f32
    %x11 = arith.addf %x10, %x10 : f32
    %x12 = arith.addf %x11, %x11 : f32
    %x13 = arith.addf %x12, %x12 : f32
    %x14 = arith.addf %x13, %x13 : f32
    %x15 = arith.addf %x14, %x14 : f32
    %x16 = arith.addf %x15, %x15 : f32
    %x17 = arith.addf %x16, %x16 : f32
    %x18 = arith.addf %x17, %x17 : f32
    %x19 = arith.addf %x18, %x18 : f32
    %x20 = arith.addf %x19, %x19 : f32
    %x21 = arith.addf %x20, %x20 : f32
    %x22 = arith.addf %x21, %x21 : f32
    %x23 = arith.addf %x22, %x22 : f32
    %x24 = arith.addf %x23, %x23 : f32
    %x25 = arith.addf %x24, %x24 : f32
    %x26 = arith.addf %x25, %x25 : f32
    %x27 = arith.addf %x26, %x26 : f32
    %x28 = arith.addf %x27, %x27 : f32
    %x29 = arith.addf %x28, %x28 : f32
    %x30 = arith.addf %x29, %x29 : f32
    %x31 = arith.addf %x30, %x30 : f32
    %x32 = arith.addf %x31, %x31 : f32
    %x33 = arith.addf %x32, %x32 : f32
    %x34 = arith.addf %x33, %x33 : f32
    %x35 = arith.addf %x34, %x34 : f32
    %x36 = arith.addf %x35, %x35 : f32
    %x37 = arith.addf %x36, %x36 : f32
    %x38 = arith.addf %x37, %x37 : f32
    %x39 = arith.addf %x38, %x38 : f32
    %x40 = arith.addf %x39, %x39 : f32
    %w = sm90.sigmoid exact %x40 : f32
    sm90.yield %w : f32
  }
  return %p : !acc
}

// -----

!acc = !sm90.fragment<64x16xf32>

// A load by an index from memory stays where it is executed: the index may be one
// that only steps with keys have.
// CHECK-LABEL: func @loads(
// CHECK: llvm.load %{{.*}} invariant : !llvm.ptr<1> -> i64
// CHECK: scf.for
// CHECK-NEXT: llvm.load %{{.*}} invariant : !llvm.ptr<1> -> f32
// CHECK-NEXT: sm90.map
func.func @loads(%s: !acc, %indices: !llvm.ptr<1>, %table: !llvm.ptr<1>, %n: i32) -> !acc {
  %c0 = arith.constant 0 : i32
  %c16 = arith.constant 16 : i32
  %r = scf.for %key = %c0 to %n step %c16 iter_args(%last = %s) -> (!acc) : i32 {
    %p = sm90.map %last : (!acc) -> !acc {
    ^bb0(%x: f32):
      %i = llvm.load %indices invariant : !llvm.ptr<1> -> i64
      %at = llvm.getelementptr %table[%i] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, f32
      %b = llvm.load %at invariant : !llvm.ptr<1> -> f32
      %y = arith.addf %x, %b : f32
      %w = sm90.sigmoid exact %y : f32
      sm90.yield %w : f32
    }
    scf.yield %p : !acc
  }
  return %r : !acc
}
