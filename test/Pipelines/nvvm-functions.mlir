// RUN: sigmoid-attn-opt %s -split-input-file -attn-lower-to-nvvm-pipeline=format=isa | FileCheck %s

// Functions in a score region become instructions: a GPU has no libm.
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

// -----

// Affine maps of indices do, too.
// CHECK: gpu.binary
// CHECK: .visible .entry blocks
!t = tensor<?x?x?x64xbf16>
func.func @blocks(%q: !t, %k: !t, %v: !t, %table: tensor<?xf32>) -> !t {
  %o = attn.sigmoid_attention %q, %k, %v score(%x, %b, %h, %i, %j) {
    %block = affine.apply affine_map<(i, j) -> (i floordiv 64 - j floordiv 64 + 16)>(%i, %j)
    %offset = tensor.extract %table[%block] : tensor<?xf32>
    %y = arith.addf %x, %offset : f32
    attn.yield %y : f32
  } schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = pipelined, sigmoid = fast>
      : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// A bias of minus the logarithm of the number of keys.
// CHECK: gpu.binary
// CHECK: .visible .entry log_bias
!t = tensor<?x?x?x64xbf16>
func.func @log_bias(%q: !t, %k: !t, %v: !t) -> !t {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %k, %c2 : !t
  %integer = arith.index_cast %length : index to i64
  %number = arith.sitofp %integer : i64 to f32
  %log = math.log %number : f32
  %bias = arith.negf %log : f32
  %o = attn.sigmoid_attention %q, %k, %v bias(%bias) : (!t, !t, !t) -> !t
  return %o : !t
}
