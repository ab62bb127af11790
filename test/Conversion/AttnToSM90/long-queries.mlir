// RUN: sigmoid-attn-opt %s -split-input-file -attn-select-schedule -convert-attn-to-sm90 | FileCheck %s

// The recipe chooses by the number of queries, and by the bias before that.

!q = memref<?x?x?x64xbf16>

// CHECK: \22when\22: [{\22value\22: \22bias\22, \22min\22: -8}, {\22value\22: \22query.size.2\22, \22min\22: 8192}]
// CHECK-SAME: \22kernel\22: \22both_fast_long\22
// CHECK-SAME: \22when\22: [{\22value\22: \22bias\22, \22min\22: -8}],
// CHECK-SAME: \22kernel\22: \22both_fast\22
// CHECK-SAME: \22when\22: [{\22value\22: \22query.size.2\22, \22min\22: 8192}]
// CHECK-SAME: \22kernel\22: \22both_exact_long\22
// CHECK-SAME: \22when\22: []
// CHECK-SAME: \22kernel\22: \22both_exact\22
// CHECK-SAME: [\22long schedule\22, \22#attn.schedule<query_tile = 192,
// CHECK: sm90.kernel @both_fast_long
// CHECK: consumers(3)
// CHECK: sm90.overlap<chunked, turns>
// CHECK: sm90.kernel @both_fast(
// CHECK: consumers(4)
// CHECK: sm90.overlap<chunked>
// CHECK: sm90.kernel @both_exact_long(
// CHECK: consumers(3)
// CHECK: sm90.sigmoid exact
// CHECK: sm90.overlap<chunked, turns>
// CHECK: sm90.kernel @both_exact(
// CHECK: consumers(4)
func.func @both(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// A bias so low takes the exact form alone.
// CHECK: sm90.kernel @low_bias_exact_long(
// CHECK: sm90.sigmoid exact
// CHECK: sm90.kernel @low_bias_exact(
// CHECK: sm90.sigmoid exact
// CHECK-NOT: sm90.kernel
func.func @low_bias(%q: !q, %k: !q, %v: !q, %o: !q) {
  %bias = arith.constant -9.0 : f32
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// With a bias that only the kernel knows, the exact form may have to take quotients in
// each step, for which large steps are worse.
// CHECK: sm90.kernel @computed_bias(
// CHECK: consumers(4)
// CHECK-NOT: sm90.kernel
func.func @computed_bias(%q: !q, %k: !q, %v: !q, %positive: f32, %o: !q) {
  %bias = arith.negf %positive : f32
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) : (!q, !q, !q)
  return
}

// -----

!h = memref<?x?x?x64xf16>

// So it may in f16, whose fast form ends at a higher bias.
// CHECK: sm90.kernel @f16_fast_long(
// CHECK: sm90.kernel @f16_fast(
// CHECK: sm90.kernel @f16_exact(
// CHECK: consumers(4)
// CHECK-NOT: sm90.kernel
func.func @f16(%q: !h, %k: !h, %v: !h, %bias: f32, %o: !h) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !h) bias(%bias) : (!h, !h, !h)
  return
}

// -----

!q = memref<?x?x8192x64xbf16>

// A type that tells the length leaves one kernel.
// CHECK: \22kernel\22: \22known_to_be_long\22
// CHECK: sm90.kernel @known_to_be_long(
// CHECK: consumers(3)
// CHECK-NOT: sm90.kernel
func.func @known_to_be_long(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x8191x64xbf16>

// CHECK: \22kernel\22: \22known_to_be_short\22
// CHECK: sm90.kernel @known_to_be_short(
// CHECK: consumers(1)
// CHECK-NOT: sm90.kernel
func.func @known_to_be_short(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined, sigmoid = fast> {attn.long_schedule = #attn.schedule<query_tile = 128, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 2, producer_registers = 24, consumer_registers = 96, loop = pipelined, sigmoid = fast>} : (!q, !q, !q)
  return
}
