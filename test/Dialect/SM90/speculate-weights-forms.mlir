// RUN: sigmoid-attn-opt %s -split-input-file -attn-nvvm-kernel-pipeline -sm90-speculate-weights -canonicalize -cse | FileCheck %s

!q = memref<?x?x?x16xbf16>

// With turns, a step that is done again has had its own.
// CHECK-LABEL: sm90.kernel @turns(
// CHECK: scf.while {{.*}} -> (i32, i32, i32, i1,
// CHECK: ^bb0(%[[J:[^:]*]]: i32, %{{[^:]*}}: i32, %{{[^:]*}}: i32, %[[AGAIN:[^:]*]]: i1,
// CHECK: scf.for %[[I:.*]] = %[[J]] to
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[I]], %[[J]]
// CHECK: %[[HAD:.*]] = arith.andi %[[FIRST]], %[[AGAIN]]
// CHECK: %[[HAS:.*]] = arith.xori %[[HAD]], %true
// CHECK: scf.if %[[HAS]] {
// CHECK-NEXT: nvvm.barrier id
// CHECK: nvvm.pmevent
// CHECK-NOT: nvvm.pmevent
// CHECK: sm90.wgmma
// CHECK: scf.if %[[HAS]] {
// CHECK-NEXT: nvvm.barrier.arrive id
// CHECK: sm90.wgmma
// CHECK-NOT: nvvm.barrier
// CHECK: {sm90.resort}
// CHECK: scf.while
// CHECK: nvvm.barrier id
// CHECK-NEXT: nvvm.pmevent
// CHECK-NOT: nvvm.pmevent
// CHECK: sm90.wgmma
// CHECK-NEXT: nvvm.barrier.arrive id
// CHECK: sm90.wgmma
// CHECK: barrier.cta.red.and
func.func @turns(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) schedule<query_tile = 128, key_tile = 32, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = chunked, ping_pong = true, sigmoid = exact> : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x16xbf16>

// A run's weights are decided about by the larger of both halves' largest. Steps of so
// many keys are taken back by one product.
// CHECK-LABEL: sm90.kernel @halves(
// CHECK: scf.for
// CHECK-NOT: sm90.fold
// CHECK: {sm90.resort}
// CHECK: scf.while
// CHECK: nvvm.pmevent
// CHECK-NOT: nvvm.pmevent
// CHECK: %[[FIRST:.*]] = sm90.fold %{{.*}} init(%c0_i32) : !sm90.fragment<64x64xf32>, i32
// CHECK: %[[LARGEST:.*]] = sm90.fold %{{.*}} init(%[[FIRST]])
// CHECK: arith.cmpi sle, %[[LARGEST]]
// CHECK: } else {
// CHECK: %[[WEIGHTS:.*]] = sm90.concat {{.*}} to !sm90.fragment<64x128xbf16>
// CHECK: %[[NEGATED:.*]] = sm90.map %[[WEIGHTS]]
// CHECK: arith.negf
// CHECK: %[[SLOT:.*]] = sm90.wait %{{.*}} : !sm90.ring
// CHECK: %[[VALUES:.*]] = sm90.slice %[[SLOT]][%c0_i32, 0] : {{.*}} to !sm90.tile<128x16xbf16>
// CHECK: sm90.wgmma %[[NEGATED]], %[[VALUES]]
// CHECK-NOT: sm90.wgmma
// CHECK: sm90.return
func.func @halves(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) schedule<query_tile = 64, key_tile = 128, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x128xbf16>
!v = memref<?x?x?x16xbf16>

// Where keys are so wide that the last step stands behind the loop, it decides as before.
// CHECK-LABEL: sm90.kernel @apart(
// CHECK: {sm90.resort}
// CHECK: barrier.cta.red.and
// CHECK: sm90.concat {{.*}} to !sm90.fragment<64x128xbf16>
// CHECK: sm90.fold
// CHECK: nvvm.vote.sync all
// CHECK: sm90.wgmma
// CHECK: sm90.return
func.func @apart(%q: !q, %k: !q, %v: !v, %bias: f32, %o: !v) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !v) bias(%bias) schedule<query_tile = 64, key_tile = 128, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (!q, !q, !v)
  return
}

// -----

!q = memref<?x?x?x16xf16>

// f16 rounds more finely, and takes less of a series: 1/64 * 63/64 * (1 + sqrt(2)) / 2.
// CHECK-LABEL: sm90.kernel @half_precision(
// CHECK: scf.while
// CHECK: scf.while
// CHECK: arith.cmpi sle, %{{.*}}, %c1016600688_i32
// CHECK: arith.negf %{{.*}} : vector<2xf16>
func.func @half_precision(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) schedule<query_tile = 64, key_tile = 32, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x16xbf16>

// Under a mask the steps that need none have runs. The others decide, the last one too.
// CHECK-LABEL: sm90.kernel @causal(
// CHECK: consumers(1)
// CHECK: {sm90.resort}
// CHECK: barrier.cta.red.and
// CHECK: scf.for
// CHECK: arith.select
// CHECK: nvvm.vote.sync all
// CHECK: scf.yield
// CHECK: nvvm.vote.sync all
// CHECK-NOT: barrier.cta.red.and
// CHECK: sm90.return
func.func @causal(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) mask<causal> schedule<query_tile = 64, key_tile = 32, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x16xbf16>

// Scores that depend on positions are left: their weights are not known to be small.
// CHECK-LABEL: sm90.kernel @positions(
// CHECK-NOT: barrier.cta.red.and
func.func @positions(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) score(%x, %b, %h, %i, %j) {
    %n = arith.index_cast %j : index to i32
    %f = arith.sitofp %n : i32 to f32
    %y = arith.subf %x, %f : f32
    attn.yield %y : f32
  } schedule<query_tile = 64, key_tile = 32, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x16xbf16>
!v = memref<?x?x?x128xbf16>

// Products with wide values take longer than quotients.
// CHECK-LABEL: sm90.kernel @wide(
// CHECK-NOT: barrier.cta.red.and
func.func @wide(%q: !q, %k: !q, %v: !v, %bias: f32, %o: !v) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !v) bias(%bias) schedule<query_tile = 64, key_tile = 32, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (!q, !q, !v)
  return
}

// -----

!q = memref<?x?x?x16xbf16>

// The pipelined loop is left: its decisions wait under products.
// CHECK-LABEL: sm90.kernel @pipelined(
// CHECK-NOT: barrier.cta.red.and
func.func @pipelined(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) schedule<query_tile = 64, key_tile = 32, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = pipelined, sigmoid = exact> : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x16xbf16>

// A last part of 16 keys is a chunk.
// CHECK-LABEL: sm90.kernel @small_part(
// CHECK: {sm90.resort}
func.func @small_part(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) schedule<query_tile = 64, key_tile = 80, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x16xbf16>

// Large steps leave no registers for tickets.
// CHECK-LABEL: sm90.kernel @tickets(
// CHECK-NOT: {sm90.resort}
func.func @tickets(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) schedule<query_tile = 64, key_tile = 80, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = chunked, grid = dynamic, sigmoid = exact> : (!q, !q, !q)
  return
}
