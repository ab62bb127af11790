// RUN: sigmoid-attn-opt %s -attn-select-schedule="sigmoid=fast cluster=2" -convert-attn-to-sm90 -canonicalize -cse -split-input-file | FileCheck %s

!q = memref<?x?x?x128xbf16>

// Two blocks work on neighbouring tiles of queries: they take tiles of 256
// rows together, and share what they load of keys and values.
// CHECK: \22cluster\22: [2, 1, 1]
// CHECK-SAME: \22min(sm_count / 2, ceildiv(query.size.2, 256) * query.size.1 * query.size.0) * 2\22
// CHECK-LABEL: sm90.kernel @full(
// CHECK-SAME: %[[Q_MAP:[^:]*]]: !nvgpu.tensormap.descriptor<tensor = memref<1x1x128x64xbf16, 3>
// CHECK-SAME: %[[K_MAP:[^:]*]]: !nvgpu.tensormap.descriptor<tensor = memref<1x1x64x64xbf16, 3>
// CHECK-SAME: %[[V_MAP:[^:]*]]: !nvgpu.tensormap.descriptor<tensor = memref<1x1x64x64xbf16, 3>
// CHECK-SAME: attributes {cluster = 2 : i32}
// CHECK: sm90.alloc_ring readers(2) per warpgroup : !sm90.ring<2, !sm90.tile<128x128xbf16>>
// CHECK: sm90.alloc_ring readers(2) per warpgroup cluster(2) : !sm90.ring<2, !sm90.tile<128x128xbf16>>
// CHECK: sm90.alloc_ring readers(2) per warpgroup cluster(2) : !sm90.ring<2, !sm90.tile<128x128xbf16>>
// CHECK: %[[FIRST:.*]] = nvvm.read.ptx.sreg.clusterid.x
// CHECK: %[[STEP:.*]] = nvvm.read.ptx.sreg.nclusterid.x
// CHECK: %[[RANK:.*]] = nvvm.read.ptx.sreg.cluster.ctarank
// CHECK: %[[WARPGROUP_ROW:.*]] = arith.muli %{{.*}}, %c64_i32
// CHECK: %[[BLOCK_ROW:.*]] = arith.muli %[[RANK]], %c128_i32
// CHECK: %[[ROW:.*]] = arith.addi %[[BLOCK_ROW]], %[[WARPGROUP_ROW]]
// CHECK: scf.for %{{.*}} = %[[FIRST]] to %{{.*}} step %[[STEP]]
// CHECK: %[[QUERY:.*]] = arith.muli %{{.*}}, %c256_i32
// CHECK: %[[MINE:.*]] = arith.addi %[[QUERY]], %[[BLOCK_ROW]]
// CHECK: sm90.tma_load %[[Q_MAP]][%{{.*}}, %{{.*}}, %[[MINE]], %c0_i32]
// CHECK: sm90.slice %{{.*}}[%[[WARPGROUP_ROW]], 0]
// CHECK: %[[KEY:.*]] = arith.muli %{{.*}}, %c128_i32
// CHECK: sm90.tma_load %[[K_MAP]][%{{.*}}, %{{.*}}, %[[KEY]], %c0_i32]
// CHECK: sm90.tma_load %[[V_MAP]][%{{.*}}, %{{.*}}, %[[KEY]], %c0_i32]
// CHECK: %[[OUT:.*]] = arith.addi %[[QUERY]], %[[ROW]]
// CHECK: sm90.tma_store %{{.*}}[%{{.*}}, %{{.*}}, %[[OUT]], %c0_i32]
func.func @full(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) schedule<
      query_tile = 128, key_tile = 128, query_stages = 2, key_stages = 2,
      value_stages = 2, consumers = 2, producer_registers = 24,
      consumer_registers = 240, loop = pipelined, cluster = 2,
      sigmoid = fast> : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x128xbf16>

// Under a mask both step through the keys of all 256 rows, and each masks by its
// own. The first block's ticket is both blocks' next tile; each block has a
// counter.
// CHECK-LABEL: sm90.kernel @causal(
// CHECK-SAME: %[[COUNTER:[^:]*]]: !llvm.ptr)
// CHECK: sm90.alloc_ring readers(2) per warp cluster(2) : !sm90.ring<2, i32>
// CHECK: %[[STEP:.*]] = nvvm.read.ptx.sreg.nclusterid.x
// CHECK: %[[RANK:.*]] = nvvm.read.ptx.sreg.cluster.ctarank
// CHECK: %[[ROW:.*]] = arith.addi
// CHECK: %[[OWN:.*]] = llvm.getelementptr %[[COUNTER]][%[[RANK]]] : (!llvm.ptr, i32) -> !llvm.ptr, i32
// CHECK: %[[TICKET:.*]] = llvm.atomicrmw uinc_wrap %[[OWN]]
// CHECK: %[[QUERY:.*]] = arith.muli %{{.*}}, %c256_i32
// CHECK: sm90.slice
// CHECK: %[[SHIFT:.*]] = arith.subi
// CHECK: %[[DIAGONAL:.*]] = arith.addi %[[QUERY]], %[[SHIFT]]
// CHECK: %[[ROWS:.*]] = arith.minsi %{{.*}}, %c256_i32
// CHECK: %[[LIMIT:.*]] = arith.addi %[[DIAGONAL]], %[[ROWS]]
// CHECK: %[[KEYS:.*]] = arith.minsi %{{.*}}, %[[LIMIT]]
// CHECK: arith.addi %[[QUERY]], %[[ROW]]
// CHECK: %[[NEXT:.*]] = arith.addi %[[STEP]], %[[TICKET]]
// CHECK: sm90.send %[[NEXT]]
func.func @causal(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) mask<causal> : (!q, !q, !q)
  return
}
