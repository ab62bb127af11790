// RUN: sigmoid-attn-opt %s -split-input-file -convert-attn-to-sm90 -canonicalize -cse | FileCheck %s

// The output leaves box by box through memory of its own.

!q = memref<?x?x?x128xbf16>

// Two boxes have a place each: a part waits for the one before the last.
// CHECK-LABEL: sm90.kernel @two_places(
// CHECK: %[[TILE:.*]] = sm90.alloc_tile : !sm90.tile<64x128xbf16>
// CHECK: scf.for
// CHECK: %[[O:.*]]:3 = scf.for
// CHECK: %[[LEFT:.*]] = sm90.extract %[[O]]#0[0]
// CHECK: sm90.convert %[[LEFT]]
// CHECK: %[[FIRST:.*]] = sm90.slice %[[TILE]][%{{.*}}, 0] : !sm90.tile<64x128xbf16> to !sm90.tile<64x64xbf16>
// CHECK: sm90.store_matrix %{{.*}} to %[[FIRST]]
// CHECK: sm90.tma_store %[[FIRST]] to %{{.*}}[{{.*}}, %c0_i32]
// CHECK-NEXT: nvvm.cp.async.bulk.commit.group
// CHECK-NEXT: nvvm.cp.async.bulk.wait_group 1 {read}
// CHECK: sm90.extract %[[O]]#0[64]
// CHECK: %[[SECOND:.*]] = sm90.slice %[[TILE]][%{{.*}}, 64]
// CHECK: sm90.tma_store %[[SECOND]] to %{{.*}}[{{.*}}, %c64_i32]
// CHECK-NEXT: nvvm.cp.async.bulk.commit.group
// CHECK-NEXT: nvvm.cp.async.bulk.wait_group 1 {read}
// CHECK: sm90.release
// The block's memory stays until all has been read.
// CHECK: nvvm.cp.async.bulk.wait_group 0 {read}
// CHECK-NEXT: }
func.func @two_places(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) schedule<
      query_tile = 64, key_tile = 64, query_stages = 1, key_stages = 2,
      value_stages = 2, consumers = 1, producer_registers = 24,
      consumer_registers = 240, loop = pipelined, output_columns = 128,
      sigmoid = fast> : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x136xbf16>

// Three parts, of which the last has 16 of 64 columns, share two places: the
// first part of the next tile follows the last one in the same place.
// CHECK-LABEL: sm90.kernel @three_parts(
// CHECK: sm90.extract %{{.*}}[0] : !sm90.fragment<64x144xf32> to !sm90.fragment<64x64xf32>
// CHECK: nvvm.cp.async.bulk.wait_group 2 {read}
// CHECK: sm90.extract %{{.*}}[64] : !sm90.fragment<64x144xf32> to !sm90.fragment<64x64xf32>
// CHECK: nvvm.cp.async.bulk.wait_group 1 {read}
// CHECK: sm90.extract %{{.*}}[128] : !sm90.fragment<64x144xf32> to !sm90.fragment<64x16xf32>
// CHECK: sm90.slice %{{.*}}[%{{.*}}, 0] : !sm90.tile<64x128xbf16> to !sm90.tile<64x16xbf16>
// CHECK: nvvm.cp.async.bulk.wait_group 0 {read}
func.func @three_parts(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) schedule<
      query_tile = 64, key_tile = 64, query_stages = 1, key_stages = 2,
      value_stages = 2, consumers = 1, producer_registers = 24,
      consumer_registers = 240, loop = pipelined, output_columns = 128,
      sigmoid = fast> : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// Without, it leaves through the queries' slot, which then waits for the copy.
// CHECK-LABEL: sm90.kernel @through_the_queries(
// CHECK-NOT: sm90.alloc_tile
// CHECK: %[[Q:.*]] = sm90.wait
// CHECK: sm90.tma_store %{{.*}}
// CHECK-NEXT: nvvm.cp.async.bulk.commit.group
// CHECK-NEXT: nvvm.cp.async.bulk.wait_group 0 {read}
// CHECK-NEXT: }
// CHECK-NEXT: sm90.release
// CHECK-NOT: nvvm.cp.async.bulk.wait_group
func.func @through_the_queries(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) schedule<
      query_tile = 64, key_tile = 64, query_stages = 1, key_stages = 2,
      value_stages = 2, consumers = 1, producer_registers = 24,
      consumer_registers = 240, loop = pipelined, sigmoid = fast> : (!q, !q, !q)
  return
}
