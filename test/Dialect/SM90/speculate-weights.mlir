// RUN: sigmoid-attn-opt %s -attn-nvvm-kernel-pipeline -sm90-speculate-weights -canonicalize -cse | FileCheck %s
// RUN: sigmoid-attn-opt %s -attn-nvvm-kernel-pipeline -sm90-speculate-weights -sm90-speculate-weights -canonicalize -cse | FileCheck %s

!q = memref<?x?x?x16xbf16>

// Steps that take quotients, and runs of steps with a series.
// CHECK-LABEL: sm90.kernel @runs(
// CHECK: consumers(1)
// CHECK: ^bb0(%[[WARPGROUP:.*]]: i32):
// The bias with the scale of a run's weights; one that is not low enough, or few
// steps, and all of them take quotients.
// CHECK: %[[BIAS:.*]] = arith.addf %{{.*}}, %cst{{.*}} : f32
// CHECK: %[[FEW:.*]] = arith.cmpi slt, %[[STEPS:.*]], %c8_i32
// CHECK: %[[LOW:.*]] = arith.cmpf ole, %[[BIAS]]
// CHECK: %[[HIGH:.*]] = arith.xori %[[LOW]], %true
// CHECK: %[[ALL:.*]] = arith.ori %[[FEW]], %[[HIGH]]
// CHECK: %[[FIRST:.*]] = arith.select %[[ALL]], %[[STEPS]], %c0_i32
// CHECK: scf.while (%[[J:.*]] = %c0_i32, %[[N:.*]] = %[[FIRST]], %{{.*}} = %c1_i32
// CHECK: arith.cmpi slt, %[[J]], %[[STEPS]]
// CHECK: } do {
// CHECK: ^bb0(%[[J:[^:]*]]: i32, %[[N:[^:]*]]: i32, %[[GROWING:[^:]*]]: i32,
// CHECK: %[[SUM:.*]] = arith.addi %[[J]], %[[N]]
// CHECK: %[[END:.*]] = arith.minsi %[[SUM]], %[[STEPS]]
// CHECK: %[[QUOTIENTS:.*]]:5 = scf.for %{{.*}} = %[[J]] to %[[END]] step %c1_i32
// CHECK-NOT: sm90.fold
// CHECK-NOT: nvvm.vote.sync
// CHECK: nvvm.pmevent id = 0
// CHECK-NEXT: %[[ODDS:.*]] = sm90.map
// CHECK: ex2.approx
// CHECK: sm90.from_odds
// CHECK-NOT: scf.if
// CHECK: sm90.wgmma
// CHECK: sm90.from_odds
// CHECK: sm90.wgmma
// CHECK: } {sm90.resort}
// CHECK: %[[LEFT:.*]] = arith.cmpi slt, %[[END]], %[[STEPS]]
// CHECK: scf.if %[[LEFT]]
// CHECK: %[[SCALED:.*]] = sm90.map %[[QUOTIENTS]]#0
// CHECK: arith.mulf %{{.*}}, %cst{{.*}}
//
// A step of a run: exponentials behind what was waited for, and products at once.
// CHECK: %[[TRIED:.*]]:10 = scf.while (%[[I:[^ ]*]] = %[[END]], %{{.*}} = %[[SCALED]], %{{.*}} = %[[QUOTIENTS]]#1
// CHECK: sm90.wait
// CHECK: nvvm.pmevent id = 0
// CHECK-NEXT: %[[POWERS:.*]] = sm90.map
// CHECK: math.fma %{{.*}}, %{{.*}}, %[[BIAS]]
// CHECK: ex2.approx
// CHECK-NOT: scf.if
// CHECK: fma.rn.ftz.sat
// CHECK: sm90.wgmma
// CHECK: fma.rn.ftz.sat
// CHECK: sm90.wgmma
// CHECK: sm90.commit
// 1/32 * 31/32 * (1 + sqrt(2)) / 2, in bits.
// CHECK: sm90.fold %[[POWERS]] init(%c0_i32)
// CHECK: %[[SMALL:.*]] = arith.cmpi sle, %{{.*}}, %c1024831078_i32
// CHECK: %[[BARRIER:.*]] = arith.addi %[[WARPGROUP]], %c1_i32
// CHECK: barrier.cta.red.and.aligned.count"(%[[BARRIER]], %c128_i32, %[[SMALL]])
// CHECK: %[[RIGHT:.*]] = nvvm.vote.sync
// CHECK: arith.addi %[[I]], %c1_i32
// CHECK: arith.andi %[[RIGHT]]
// CHECK: scf.condition(%{{.*}}) %[[RIGHT]], %[[I]]
// CHECK: } do {
// CHECK: sm90.wgmma
// CHECK: sm90.await
// CHECK-COUNT-2: sm90.release
//
// The end of a run: the next step's scores, or the last products taken back.
// CHECK: scf.if %[[TRIED]]#0
// CHECK: sm90.wgmma
// CHECK: sm90.await
// CHECK-COUNT-2: sm90.release
// CHECK: } else {
// CHECK: sm90.await %[[TRIED]]#7 keep(%[[TRIED]]#8, %[[TRIED]]#9
// CHECK: %[[NEGATED:.*]] = sm90.map %[[TRIED]]#8
// CHECK: arith.negf
// CHECK: sm90.wait %{{.*}} : !sm90.ring
// CHECK: sm90.wgmma %[[NEGATED]]
// CHECK: sm90.map %[[TRIED]]#9
// CHECK: sm90.wgmma
// CHECK: sm90.await
// CHECK-NOT: sm90.release
// CHECK: }
// CHECK: %[[LENGTH:.*]] = arith.subi %[[TRIED]]#1, %[[END]]
// CHECK: %[[SHORT:.*]] = arith.cmpi slt, %[[LENGTH]], %c8_i32
// CHECK: %[[NEXT:.*]] = arith.select %[[SHORT]], %[[GROWING]], %c1_i32
// CHECK: arith.muli %[[NEXT]], %c4_i32
// CHECK: sm90.map
// CHECK: arith.mulf %{{.*}}, %cst{{.*}}
func.func @runs(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) schedule<query_tile = 64, key_tile = 32, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (!q, !q, !q)
  return
}
