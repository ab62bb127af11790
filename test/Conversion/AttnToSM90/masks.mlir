// RUN: sigmoid-attn-opt %s -split-input-file -attn-select-schedule="sigmoid=fast grid=static" -convert-attn-to-sm90 -canonicalize -cse | FileCheck %s

!q = memref<?x?x?x64xbf16>

// Keys behind the diagonal of the tile's last row are not loaded; those behind the
// warpgroup's last row weigh nothing; tiles that its first row sees whole have no
// mask. Rows past the last query see nothing.
// CHECK-LABEL: sm90.kernel @causal(
// CHECK-SAME: %{{[^:]*}}: i64, %[[LQ:[^:]*]]: i32, %[[LK:[^:]*]]: i32, %{{[^:]*}}: i32,
// CHECK-DAG: %[[HIDDEN:.*]] = arith.constant 0xFF800000 : f32
// CHECK: %[[LAST:.*]] = arith.minsi %[[LK]], %{{.*}} : i32
// CHECK: arith.maxsi %[[LAST]], %c0_i32
// CHECK: %[[PRESENT:.*]] = arith.cmpi slt, %{{.*}}, %[[LQ]] : i32
// CHECK: %[[SEEN:.*]] = arith.select %[[PRESENT]], %{{.*}}, %c0_i32
// CHECK: %[[ZEROS:.*]] = sm90.splat %{{.*}} : !sm90.fragment<64x64xf32>
// CHECK: scf.for %[[J:.*]] = %c0_i32 to %{{.*}} step %c1_i32 iter_args({{.*}}!sm90.fragment<64x64xf32>
// CHECK: %[[SEES:.*]] = arith.cmpi slt, %[[J]], %[[SEEN]] : i32
// CHECK: scf.if %[[SEES]] -> (!sm90.fragment<64x64xf32>) {
// CHECK: %[[FULL:.*]] = arith.cmpi slt, %[[J]], %{{.*}} : i32
// CHECK: scf.if %[[FULL]] -> (!sm90.fragment<64x64xf32>) {
// CHECK-NOT: arith.select
// CHECK: } else {
// CHECK: ^bb0(%[[X:.*]]: f32, %[[ROW:.*]]: i32, %[[COL:.*]]: i32):
// CHECK: %[[VISIBLE:.*]] = arith.cmpi sle, %{{.*}}, %{{.*}} : i32
// CHECK: %[[Y:.*]] = arith.select %[[VISIBLE]], %{{.*}}, %[[HIDDEN]]
// CHECK: sm90.sigmoid fast %[[Y]]
// CHECK: } else {
// CHECK-NEXT: scf.yield %[[ZEROS]]
func.func @causal(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) mask<causal> : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// Both sides bound the keys that are loaded and the tiles without a mask.
// CHECK-LABEL: sm90.kernel @window(
// CHECK: scf.for %[[J:.*]] = %{{.*}} to %{{.*}} step %c1_i32 iter_args({{.*}}!sm90.fragment<64x64xf32>
// CHECK-DAG: %[[SEENFROM:.*]] = arith.cmpi sge, %[[J]], %{{.*}} : i32
// CHECK-DAG: %[[SEENTO:.*]] = arith.cmpi slt, %[[J]], %{{.*}} : i32
// CHECK: %[[SEES:.*]] = arith.andi %[[SEENFROM]], %[[SEENTO]]
// CHECK: scf.if %[[SEES]]
// CHECK-DAG: %[[FROM:.*]] = arith.cmpi sge, %[[J]], %{{.*}} : i32
// CHECK-DAG: %[[TO:.*]] = arith.cmpi slt, %[[J]], %{{.*}} : i32
// CHECK: %[[FULL:.*]] = arith.andi %[[FROM]], %[[TO]]
// CHECK: scf.if %[[FULL]]
// CHECK: } else {
// CHECK-DAG: arith.cmpi sle
// CHECK-DAG: arith.cmpi sge
// CHECK: arith.select
// CHECK: arith.select
func.func @window(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) mask<window 128, 3> : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// Without a mask there is nothing to choose: rows of zeros behind the last key
// add nothing.
// CHECK-LABEL: sm90.kernel @full(
// CHECK-NOT: scf.if %{{.*}} -> (!sm90.fragment
// CHECK: sm90.sigmoid
func.func @full(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x128xbf16>

// With turns, warpgroups take as many steps as the tile.
// CHECK-LABEL: sm90.kernel @turns(
// CHECK: scf.for %[[J:.*]] = %c0_i32 to %{{.*}} iter_args({{.*}}!sm90.fragment<64x128xf32>
// CHECK: arith.cmpi slt, %[[J]],
// CHECK-NOT: arith.cmpi slt, %[[J]],
// CHECK: sm90.overlap = #sm90.overlap<pipelined, turns>
func.func @turns(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) mask<causal>
    schedule<query_tile = 128, key_tile = 80, query_stages = 2, key_stages = 2, value_stages = 2,
             consumers = 2, producer_registers = 40, consumer_registers = 232, loop = pipelined,
             ping_pong = true, sigmoid = fast>
    : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x256xbf16>

// With one stage of queries there is nothing to go on with for a warpgroup that
// stops early.
// CHECK-LABEL: sm90.kernel @one_query_stage(
// CHECK: scf.for %[[J:.*]] = %c0_i32 to %{{.*}} iter_args({{.*}}!sm90.fragment<64x256xf32>
// CHECK: arith.cmpi slt, %[[J]],
// CHECK-NOT: arith.cmpi slt, %[[J]],
// CHECK: sm90.overlap
func.func @one_query_stage(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) mask<causal> : (!q, !q, !q)
  return
}
