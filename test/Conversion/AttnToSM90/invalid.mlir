// RUN: sigmoid-attn-opt %s -convert-attn-to-sm90 -split-input-file -verify-diagnostics

!t = tensor<1x2x?x64xf16>
func.func @tensors(%q: !t) -> !t {
  // expected-error@+1 {{expected buffers, got tensors; bufferize first}}
  %o = attn.sigmoid_attention %q, %q, %q : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = memref<1x2x?x64xf16>
func.func @no_schedule(%q: !t, %o: !t) {
  // expected-error@+1 {{expected a schedule; attn-select-schedule chooses one}}
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
!f = memref<1x2x?x64xf32>
func.func @output_type(%q: !t, %o: !f) {
  // expected-error@+1 {{expected output elements of 'f16' (as the inputs) on sm_90a, got 'f32'}}
  attn.sigmoid_attention %q, %q, %q outs(%o : !f) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
func.func @exact_schedule(%q: !t, %o: !t) {
  // expected-error@+1 {{expected attn.exact_schedule to be a schedule, got 3 : i64}}
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> {attn.exact_schedule = 3} : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
func.func @long_schedule(%q: !t, %o: !t) {
  // expected-error@+1 {{expected attn.long_schedule to be a schedule, got "long"}}
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> {attn.long_schedule = "long"} : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
func.func @exact_schedule_that_does_not_fit(%q: !t, %o: !t) {
  %bias = arith.constant -9.0 : f32
  // expected-error@+1 {{expected at most 232448 bytes of shared memory, got 271360: 1 x 8192 (queries) + 16 x 8192 (keys) + 16 x 8192 (values) + 0 (output) + 1024 (barriers)}}
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) bias(%bias) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> {attn.exact_schedule = #attn.schedule<query_tile = 64, key_tile = 64, query_stages = 1, key_stages = 16, value_stages = 16, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = pipelined>} : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
func.func @two(%q: !t, %o: !t) {
  // expected-note@+1 {{the first one}}
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  // expected-error@+1 {{expected 1 attention in a function on sm_90a, got another one; put each in a function of its own}}
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
func.func @other_work(%q: !t, %o: !t, %x: memref<f32>) {
  %c = arith.constant 1.0 : f32
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  // expected-error@+1 {{expected only scalar arithmetic beside the attention on sm_90a}}
  memref.store %c, %x[] : memref<f32>
  return
}

// -----

!t = memref<1x2x?x64xf16>
// expected-error@+1 {{expected argument argument_2 to be a memref or scalar of bf16, f16, f32, f64, i32 or i64 on sm_90a, got 'i1'}}
func.func @argument(%q: !t, %o: !t, %x: i1) {
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
func.func @result(%q: !t, %o: !t) -> !t {
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  // expected-error@+1 {{expected the attention's output to be the only result on sm_90a}}
  return %o : !t
}
