// RUN: sigmoid-attn-opt %s | sigmoid-attn-opt | FileCheck %s
// RUN: sigmoid-attn-opt %s -mlir-print-op-generic | sigmoid-attn-opt | FileCheck %s

// CHECK-LABEL: func @pipelined
// CHECK: attn.sigmoid_attention
// CHECK-SAME: schedule<query_tile = 128, key_tile = 128, query_stages = 2, key_stages = 2, value_stages = 2, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = pipelined, ping_pong = true, sigmoid = fast>
func.func @pipelined(%q: tensor<1x2x?x128xbf16>) -> tensor<1x2x?x128xbf16> {
  %o = attn.sigmoid_attention %q, %q, %q schedule<
      query_tile = 128, key_tile = 128, query_stages = 2, key_stages = 2,
      value_stages = 2, consumers = 2, producer_registers = 24,
      consumer_registers = 240, loop = pipelined, ping_pong = true,
      sigmoid = fast>
    : (tensor<1x2x?x128xbf16>, tensor<1x2x?x128xbf16>, tensor<1x2x?x128xbf16>) -> tensor<1x2x?x128xbf16>
  return %o : tensor<1x2x?x128xbf16>
}

// CHECK-LABEL: func @two_blocks
// CHECK: loop = pipelined, cluster = 2>
func.func @two_blocks(%q: tensor<1x2x?x128xbf16>) -> tensor<1x2x?x128xbf16> {
  %o = attn.sigmoid_attention %q, %q, %q schedule<
      query_tile = 128, key_tile = 128, query_stages = 2, key_stages = 2,
      value_stages = 2, consumers = 2, producer_registers = 24,
      consumer_registers = 240, loop = pipelined, cluster = 2>
    : (tensor<1x2x?x128xbf16>, tensor<1x2x?x128xbf16>, tensor<1x2x?x128xbf16>) -> tensor<1x2x?x128xbf16>
  return %o : tensor<1x2x?x128xbf16>
}

// What has a default is left out when it has it.
// CHECK-LABEL: func @chunked
// CHECK: consumer_registers = 112, loop = chunked, grid = dynamic>
func.func @chunked(%q: memref<1x2x?x64xbf16>, %o: memref<1x2x?x64xbf16>) {
  attn.sigmoid_attention %q, %q, %q outs(%o : memref<1x2x?x64xbf16>) schedule<query_tile = 256, key_tile = 64,
      query_stages = 2, key_stages = 6, value_stages = 6, consumers = 4,
      producer_registers = 24, consumer_registers = 112, loop = chunked,
      ping_pong = false, cluster = 1, grid = dynamic, sigmoid = auto>
    : (memref<1x2x?x64xbf16>, memref<1x2x?x64xbf16>, memref<1x2x?x64xbf16>)
  return
}
