// RUN: sigmoid-attn-opt %s -attn-nvvm-kernel-pipeline | FileCheck %s

// Whether the last step of a chunked loop is one of the loop, so that the producer
// loads one tile more, or stands apart.

// One product with values for each 16 keys, and none behind the loop.
// CHECK-LABEL: sm90.kernel @narrow(
// CHECK: scf.if
// CHECK: consumers(2)
// CHECK-COUNT-4: sm90.wgmma {{.*}} into
// CHECK-NOT: sm90.wgmma {{.*}} into
// CHECK: sm90.return
func.func @narrow(%q: memref<?x?x?x64xbf16>, %k: memref<?x?x?x64xbf16>, %v: memref<?x?x?x64xbf16>, %o: memref<?x?x?x64xbf16>) {
  attn.sigmoid_attention %q, %k, %v outs(%o : memref<?x?x?x64xbf16>) schedule<query_tile = 128, key_tile = 64, query_stages = 2, key_stages = 2, value_stages = 2, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (memref<?x?x?x64xbf16>, memref<?x?x?x64xbf16>, memref<?x?x?x64xbf16>)
  return
}

// Nothing is gained where the last step decides nothing.
// CHECK-LABEL: sm90.kernel @fast(
// CHECK-NOT: scf.if
// CHECK: consumers(2)
func.func @fast(%q: memref<?x?x?x64xbf16>, %k: memref<?x?x?x64xbf16>, %v: memref<?x?x?x64xbf16>, %o: memref<?x?x?x64xbf16>) {
  attn.sigmoid_attention %q, %k, %v outs(%o : memref<?x?x?x64xbf16>) schedule<query_tile = 128, key_tile = 64, query_stages = 2, key_stages = 2, value_stages = 2, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = fast> : (memref<?x?x?x64xbf16>, memref<?x?x?x64xbf16>, memref<?x?x?x64xbf16>)
  return
}

// Where products are wider, further scores cost too much.
// CHECK-LABEL: sm90.kernel @wide_keys(
// CHECK-NOT: scf.if
// CHECK: consumers(2)
func.func @wide_keys(%q: memref<?x?x?x128xbf16>, %k: memref<?x?x?x128xbf16>, %v: memref<?x?x?x64xbf16>, %o: memref<?x?x?x64xbf16>) {
  attn.sigmoid_attention %q, %k, %v outs(%o : memref<?x?x?x64xbf16>) schedule<query_tile = 128, key_tile = 64, query_stages = 2, key_stages = 2, value_stages = 2, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (memref<?x?x?x128xbf16>, memref<?x?x?x128xbf16>, memref<?x?x?x64xbf16>)
  return
}

// CHECK-LABEL: sm90.kernel @wide_values(
// CHECK-NOT: scf.if
// CHECK: consumers(2)
func.func @wide_values(%q: memref<?x?x?x64xbf16>, %k: memref<?x?x?x64xbf16>, %v: memref<?x?x?x128xbf16>, %o: memref<?x?x?x128xbf16>) {
  attn.sigmoid_attention %q, %k, %v outs(%o : memref<?x?x?x128xbf16>) schedule<query_tile = 128, key_tile = 64, query_stages = 2, key_stages = 2, value_stages = 2, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (memref<?x?x?x64xbf16>, memref<?x?x?x64xbf16>, memref<?x?x?x128xbf16>)
  return
}

// Score regions and masks know where a tile's keys end.
// CHECK-LABEL: sm90.kernel @score(
// CHECK-NOT: scf.if
// CHECK: consumers(2)
func.func @score(%q: memref<?x?x?x64xbf16>, %k: memref<?x?x?x64xbf16>, %v: memref<?x?x?x64xbf16>, %o: memref<?x?x?x64xbf16>) {
  attn.sigmoid_attention %q, %k, %v outs(%o : memref<?x?x?x64xbf16>) score(%x, %b, %h, %i, %j) {
    %n = arith.index_cast %j : index to i32
    %f = arith.sitofp %n : i32 to f32
    %y = arith.subf %x, %f : f32
    attn.yield %y : f32
  } schedule<query_tile = 128, key_tile = 64, query_stages = 2, key_stages = 2, value_stages = 2, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (memref<?x?x?x64xbf16>, memref<?x?x?x64xbf16>, memref<?x?x?x64xbf16>)
  return
}

// CHECK-LABEL: sm90.kernel @causal(
// CHECK-NOT: scf.if
// CHECK: consumers(2)
func.func @causal(%q: memref<?x?x?x64xbf16>, %k: memref<?x?x?x64xbf16>, %v: memref<?x?x?x64xbf16>, %o: memref<?x?x?x64xbf16>) {
  attn.sigmoid_attention %q, %k, %v outs(%o : memref<?x?x?x64xbf16>) mask<causal> schedule<query_tile = 128, key_tile = 64, query_stages = 2, key_stages = 2, value_stages = 2, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (memref<?x?x?x64xbf16>, memref<?x?x?x64xbf16>, memref<?x?x?x64xbf16>)
  return
}
