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
// CHECK: %[[B:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> f32
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

// A tensor of rank 0 is read once, not once a score.
// CHECK-LABEL: sm90.kernel @rank_0(
// CHECK: %[[BASE:.*]] = llvm.addrspacecast
// CHECK: %[[NUMBER:.*]] = llvm.load %[[BASE]] : !llvm.ptr<1> -> i32
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
