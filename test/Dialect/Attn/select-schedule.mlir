// RUN: sigmoid-attn-opt %s -attn-select-schedule | FileCheck %s
// RUN: sigmoid-attn-opt %s -attn-select-schedule="consumers=1 key-tile=32 loop=chunked grid=static sigmoid=exact" | FileCheck %s --check-prefix=OVERRIDE

!q64 = tensor<1x2x?x64xbf16>
!q128 = tensor<1x2x?x128xbf16>
!q256 = tensor<1x2x?x256xbf16>
!q72 = tensor<1x2x?x72xbf16>

// CHECK-LABEL: func @small_heads_are_chunked
// CHECK: query_tile = 256, key_tile = 64, query_stages = 2, key_stages = 6, value_stages = 6, consumers = 4, producer_registers = 32, consumer_registers = 112, loop = chunked, output_columns = 64>
// OVERRIDE-LABEL: func @small_heads_are_chunked
// OVERRIDE: query_tile = 64, key_tile = 32, query_stages = 2, key_stages = 6, value_stages = 6, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = chunked, output_columns = 64, sigmoid = exact>
func.func @small_heads_are_chunked(%q: !q64) -> !q64 {
  %o = attn.sigmoid_attention %q, %q, %q : (!q64, !q64, !q64) -> !q64
  return %o : !q64
}

// CHECK-LABEL: func @middle_heads_are_pipelined
// CHECK: query_tile = 128, key_tile = 64, query_stages = 2, key_stages = 5, value_stages = 5, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = pipelined, grid = dynamic>
// An override leaves the rest to the choice.
// OVERRIDE-LABEL: func @middle_heads_are_pipelined
// OVERRIDE: loop = chunked, output_columns = 64, sigmoid = exact>
func.func @middle_heads_are_pipelined(%q: !q128) -> !q128 {
  %o = attn.sigmoid_attention %q, %q, %q : (!q128, !q128, !q128) -> !q128
  return %o : !q128
}

// CHECK-LABEL: func @large_heads_have_one_query_stage
// CHECK: key_tile = 64, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = pipelined, output_columns = 64, grid = dynamic>
func.func @large_heads_have_one_query_stage(%q: !q256) -> !q256 {
  %o = attn.sigmoid_attention %q, %q, %q : (!q256, !q256, !q256) -> !q256
  return %o : !q256
}

// CHECK-LABEL: func @masked_tiles_come_from_a_counter
// CHECK: grid = dynamic>
func.func @masked_tiles_come_from_a_counter(%q: !q64) -> !q64 {
  %o = attn.sigmoid_attention %q, %q, %q mask<causal> : (!q64, !q64, !q64) -> !q64
  return %o : !q64
}

// The wider of the two head dims decides.
// CHECK-LABEL: func @value_head_dim_counts
// CHECK: key_tile = 64, query_stages = 1, key_stages = 2, value_stages = 3
func.func @value_head_dim_counts(%q: !q72, %v: !q256) -> !q256 {
  %o = attn.sigmoid_attention %q, %q, %v : (!q72, !q72, !q256) -> !q256
  return %o : !q256
}

// Output needs no more columns than values have.
// CHECK-LABEL: func @narrow_values
// CHECK: key_stages = 4, value_stages = 4, {{.*}}loop = pipelined, output_columns = 64, grid = dynamic>
func.func @narrow_values(%q: !q128, %v: !q64) -> !q64 {
  %o = attn.sigmoid_attention %q, %q, %v mask<causal> : (!q128, !q128, !q64) -> !q64
  return %o : !q64
}

// A schedule written by hand stays, whatever the options.
// CHECK-LABEL: func @by_hand
// CHECK: key_tile = 16, query_stages = 1
// OVERRIDE-LABEL: func @by_hand
// OVERRIDE: key_tile = 16, query_stages = 1
func.func @by_hand(%q: !q64) -> !q64 {
  %o = attn.sigmoid_attention %q, %q, %q schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined>
    : (!q64, !q64, !q64) -> !q64
  return %o : !q64
}

// A sum takes no registers to speak of.
// CHECK-LABEL: func @sum
// CHECK: query_tile = 256, key_tile = 64
func.func @sum(%q: !q64, %table: tensor<2xf32>) -> !q64 {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %t = tensor.extract %table[%h] : tensor<2xf32>
    %y = arith.mulf %x, %t : f32
    attn.yield %y : f32
  } : (!q64, !q64, !q64) -> !q64
  return %o : !q64
}

// What another score region computes does, so fewer warpgroups share them.
// CHECK-LABEL: func @score_region
// CHECK: query_tile = 192, key_tile = 64
// CHECK-SAME: consumers = 3, producer_registers = 32, consumer_registers = 160
func.func @score_region(%q: !q64, %table: tensor<2xf32>) -> !q64 {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %t = tensor.extract %table[%j] : tensor<2xf32>
    %y = arith.mulf %x, %t : f32
    attn.yield %y : f32
  } : (!q64, !q64, !q64) -> !q64
  return %o : !q64
}
