// RUN: sigmoid-attn-opt %s -split-input-file -attn-select-schedule="grid=static" -convert-attn-to-sm90 -canonicalize -cse | FileCheck %s

!q = memref<?x?x?x64xbf16>

// The region is part of the map; the table becomes a pointer, and an index past
// the last query or key is not loaded from.
// CHECK-LABEL: sm90.kernel @table(
// CHECK-SAME: %[[LQ:[^:]*]]: i32, %[[LK:[^:]*]]: i32, %{{[^:]*}}: i32, %{{[^:]*}}: i64, %{{[^:]*}}: i32, %[[STRIDE:[^:]*]]: i64, %[[POINTER:[^:]*]]: !llvm.ptr) {
// CHECK: %[[GLOBAL:.*]] = llvm.addrspacecast %[[POINTER]] : !llvm.ptr to !llvm.ptr<1>
// CHECK: %[[FULL:.*]] = arith.cmpi slt
// CHECK: scf.if %[[FULL]]
// CHECK: ^bb0(%{{.*}}: f32, %[[ROW:.*]]: i32, %[[COL:.*]]: i32):
// CHECK: %[[I:.*]] = arith.minsi
// CHECK: llvm.getelementptr %[[GLOBAL]]
// CHECK: %[[B:.*]] = llvm.load %{{.*}} invariant : !llvm.ptr<1> -> f32
// CHECK: %[[Y:.*]] = arith.addf %{{.*}}, %[[B]]
// CHECK: sm90.sigmoid exact %[[Y]]
// CHECK: } else {
// CHECK: arith.minsi
// CHECK: arith.minsi
// CHECK: llvm.load
// CHECK: arith.cmpi slt, %{{.*}}, %[[LK]]
// CHECK: arith.select
func.func @table(%q: !q, %k: !q, %v: !q, %table: memref<?x?xf32>, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q)
      score(%x, %batch, %head, %i, %j) {
    %b = memref.load %table[%i, %j] : memref<?x?xf32>
    %y = arith.addf %x, %b : f32
    attn.yield %y : f32
  } : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// Scalars of the function are parameters, and what is computed from them is
// computed once a block.
// CHECK-LABEL: sm90.kernel @scalars(
// CHECK-SAME: %[[T:[^:]*]]: f32) {
// CHECK: %[[SCALE:.*]] = arith.mulf %[[T]], %[[T]]
// CHECK: sm90.warp_specialize
// CHECK: math.fma %{{.*}}, %[[SCALE]], %{{.*}}
func.func @scalars(%q: !q, %k: !q, %v: !q, %t: f32, %o: !q) {
  %scale = arith.mulf %t, %t : f32
  %bias = arith.constant -3.0 : f32
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) scale(%scale) bias(%bias) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// Positions that nothing is loaded by are taken as they are, past the end too.
// CHECK-LABEL: sm90.kernel @positions(
// CHECK: consumers
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: i32, %{{.*}}: i32):
// CHECK-NOT: arith.minsi
// CHECK: sm90.sigmoid
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: i32, %{{.*}}: i32):
// CHECK-NOT: arith.minsi
// CHECK: llvm.load %{{.*}} invariant
// CHECK-NOT: arith.minsi
// CHECK: sm90.sigmoid
func.func @positions(%q: !q, %k: !q, %v: !q, %slopes: memref<?xf32>, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q)
      score(%x, %batch, %head, %i, %j) {
    %slope = memref.load %slopes[%head] : memref<?xf32>
    %distance = arith.subi %j, %i : index
    %integer = arith.index_cast %distance : index to i32
    %number = arith.sitofp %integer : i32 to f32
    %offset = arith.mulf %slope, %number : f32
    %y = arith.addf %x, %offset : f32
    attn.yield %y : f32
  } : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// Where values come out of branches, all positions are taken for indices.
// CHECK-LABEL: sm90.kernel @branch(
// CHECK: consumers
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: i32, %{{.*}}: i32):
// CHECK: arith.minsi
// CHECK: sm90.sigmoid
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: i32, %{{.*}}: i32):
// CHECK: arith.minsi
// CHECK: arith.minsi
// CHECK: sm90.sigmoid
func.func @branch(%q: !q, %k: !q, %v: !q, %table: memref<?xf32>, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q)
      score(%x, %batch, %head, %i, %j) {
    %c1 = arith.constant 1 : index
    %is_first = arith.cmpi ult, %head, %c1 : index
    %at = scf.if %is_first -> (index) {
      scf.yield %j : index
    } else {
      scf.yield %i : index
    }
    %b = memref.load %table[%at] : memref<?xf32>
    %y = arith.addf %x, %b : f32
    attn.yield %y : f32
  } : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// A tensor of rank 0 is read once, not once a score.
// CHECK-LABEL: sm90.kernel @rank_0(
// CHECK: %[[BASE:.*]] = llvm.addrspacecast
// CHECK: %[[NUMBER:.*]] = llvm.load %[[BASE]] invariant : !llvm.ptr<1> -> i32
// CHECK-NOT: llvm.load
// CHECK: sm90.warp_specialize
// CHECK-NOT: llvm.load
// CHECK: arith.addi %{{.*}}, %[[NUMBER]]
func.func @rank_0(%q: !q, %k: !q, %v: !q, %n: memref<i32>, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q)
      score(%x, %batch, %head, %i, %j) {
    %first = memref.load %n[] : memref<i32>
    %row = arith.index_cast %i : index to i32
    %sum = arith.addi %row, %first : i32
    %number = arith.sitofp %sum : i32 to f32
    %y = arith.mulf %x, %number : f32
    attn.yield %y : f32
  } : (!q, !q, !q)
  return
}

// -----

!q = memref<2x4x?x64xbf16>

// Constants become globals, one for all kernels, beside a kernel of that name.
// CHECK-NOT: memref.global
// CHECK: gpu.module
// CHECK: llvm.mlir.global internal constant @[[SLOPES:sigmoid_attn_constant]](dense<[5.000000e-01, 2.500000e-01, 1.250000e-01, 6.250000e-02]> : tensor<4xf32>) {addr_space = 1 : i32{{.*}}} : !llvm.array<4 x f32>
// CHECK: llvm.mlir.global internal constant @[[TABLE:sigmoid_attn_constant_0]](dense<{{.*}}> : tensor<2x3xi32>) {{.*}} : !llvm.array<2 x array<3 x i32>>
// CHECK-NOT: llvm.mlir.global
// CHECK: sm90.kernel @constants(
// CHECK-DAG: %[[THREE:.*]] = arith.constant 3 : i64
// CHECK-DAG: %[[S:.*]] = llvm.mlir.addressof @[[SLOPES]] : !llvm.ptr<1>
// CHECK-DAG: %[[T:.*]] = llvm.mlir.addressof @[[TABLE]] : !llvm.ptr<1>
// CHECK: llvm.getelementptr %[[S]][%{{.*}}] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, f32
// CHECK: %[[ROW:.*]] = arith.muli %{{.*}}, %[[THREE]] : i64
// CHECK: %[[AT:.*]] = arith.addi %[[ROW]], %{{.*}} : i64
// CHECK: llvm.getelementptr %[[T]][%[[AT]]] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, i32
// CHECK: sm90.kernel @sigmoid_attn_constant_1(
// CHECK: llvm.mlir.addressof @[[SLOPES]]
memref.global "private" constant @slopes : memref<4xf32> = dense<[0.5, 0.25, 0.125, 0.0625]>
memref.global "private" constant @table : memref<2x3xi32> = dense<[[1, 2, 3], [4, 5, 6]]>
func.func @constants(%q: !q, %k: !q, %v: !q, %o: !q) {
  %slopes = memref.get_global @slopes : memref<4xf32>
  %table = memref.get_global @table : memref<2x3xi32>
  %c3 = arith.constant 3 : index
  attn.sigmoid_attention %q, %k, %v outs(%o : !q)
      score(%x, %batch, %head, %i, %j) {
    %slope = memref.load %slopes[%head] : memref<4xf32>
    %rest = arith.remui %j, %c3 : index
    %number = memref.load %table[%batch, %rest] : memref<2x3xi32>
    %factor = arith.sitofp %number : i32 to f32
    %product = arith.mulf %x, %slope : f32
    %y = arith.addf %product, %factor : f32
    attn.yield %y : f32
  } : (!q, !q, !q)
  return
}
func.func @sigmoid_attn_constant(%q: !q, %k: !q, %v: !q, %o: !q) {
  %slopes = memref.get_global @slopes : memref<4xf32>
  attn.sigmoid_attention %q, %k, %v outs(%o : !q)
      score(%x, %batch, %head, %i, %j) {
    %slope = memref.load %slopes[%head] : memref<4xf32>
    %y = arith.mulf %x, %slope : f32
    attn.yield %y : f32
  } : (!q, !q, !q)
  return
}
