// Functions in a score region become instructions: a GPU has no libm.

// RUN: sigmoid-attn-opt %s -attn-lower-to-nvvm-pipeline=format=isa | FileCheck %s

// CHECK: gpu.binary
// CHECK-NOT: call
// CHECK: tanh.approx

!t = tensor<?x?x?x64xbf16>
func.func @capped(%q: !t, %k: !t, %v: !t) -> !t {
  %cap = arith.constant 20.0 : f32
  %o = attn.sigmoid_attention %q, %k, %v score(%x, %b, %h, %i, %j) {
    %part = arith.divf %x, %cap : f32
    %tanh = math.tanh %part : f32
    %exp = math.exp %tanh : f32
    %log = math.log1p %exp : f32
    %y = arith.mulf %log, %cap : f32
    attn.yield %y : f32
  } schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = pipelined, sigmoid = fast>
      : (!t, !t, !t) -> !t
  return %o : !t
}
