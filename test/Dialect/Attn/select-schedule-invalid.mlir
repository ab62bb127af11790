// RUN: sigmoid-attn-opt %s -attn-select-schedule -split-input-file -verify-diagnostics

!t = tensor<1x2x?x64xf32>
func.func @element_type(%q: !t) -> !t {
  // expected-error@+1 {{expected query elements of bf16 or f16 on sm_90a, got f32 (the CPU pipeline takes f32)}}
  %o = attn.sigmoid_attention %q, %q, %q : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x?x?xf16>
func.func @dynamic_head_dim(%q: !t) -> !t {
  // expected-error@+1 {{expected a static query head dim on sm_90a, got ?}}
  %o = attn.sigmoid_attention %q, %q, %q : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x?x64xf16>
!v = tensor<1x2x?x264xf16>
func.func @value_head_dim(%q: !t, %v: !v) -> !v {
  // expected-error@+1 {{expected a value head dim that is a multiple of 8 up to 256 on sm_90a, got 264}}
  %o = attn.sigmoid_attention %q, %q, %v : (!t, !t, !v) -> !v
  return %o : !v
}

// -----

!t = tensor<1x2x?x40xf16>
func.func @output_columns(%q: !t) -> !t {
  // expected-error@+1 {{expected output_columns to be at most 64 for a value head dim of 40, got 128}}
  %o = attn.sigmoid_attention %q, %q, %q schedule<query_tile = 64, key_tile = 64, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = pipelined, output_columns = 128>
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x?x128xf16>
func.func @shared_memory(%q: !t) -> !t {
  // expected-error@+1 {{expected at most 232448 bytes of shared memory, got 263168: 2 x 32768 (queries) + 3 x 32768 (keys) + 3 x 32768 (values) + 0 (output) + 1024 (barriers)}}
  %o = attn.sigmoid_attention %q, %q, %q schedule<query_tile = 128, key_tile = 128, query_stages = 2, key_stages = 3, value_stages = 3, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = pipelined>
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x?x128xf16>
func.func @fragment_registers(%q: !t) -> !t {
  // expected-error@+1 {{expected at most 212 of 240 consumer registers for fragments, got 220: 104 (scores) + 52 (weights) + 64 (output)}}
  %o = attn.sigmoid_attention %q, %q, %q schedule<query_tile = 128, key_tile = 208, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = pipelined>
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x?x64xf16>
func.func @register_file(%q: !t) -> !t {
  // expected-error@+1 {{expected at most 480 registers for a thread of every warpgroup together, which is 5 x 96 at launch, got 504: 24 (producer) + 4 x 120 (consumers)}}
  %o = attn.sigmoid_attention %q, %q, %q schedule<query_tile = 256, key_tile = 64, query_stages = 2, key_stages = 6, value_stages = 6, consumers = 4, producer_registers = 24, consumer_registers = 120, loop = chunked>
    : (!t, !t, !t) -> !t
  return %o : !t
}
