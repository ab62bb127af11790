// RUN: sigmoid-attn-opt %s -attn-select-schedule | FileCheck %s --check-prefixes=CHECK,AUTO
// RUN: sigmoid-attn-opt %s -attn-select-schedule=sigmoid=exact | FileCheck %s --check-prefixes=CHECK,EXACT
// RUN: sigmoid-attn-opt %s -attn-select-schedule=sigmoid=fast | FileCheck %s --check-prefixes=CHECK,FAST

!q32 = tensor<1x2x?x32xbf16>
!q64 = tensor<1x2x?x64xbf16>
!q128 = tensor<1x2x?x128xbf16>
!q192 = tensor<1x2x?x192xbf16>
!q256 = tensor<1x2x?x256xbf16>

// CHECK-LABEL: func @middle_heads
// AUTO: consumers = 2, {{.*}}loop = pipelined, grid = dynamic> {attn.exact_schedule = #attn.schedule<query_tile = 128, key_tile = 128, query_stages = 2, key_stages = 2, value_stages = 2, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = pipelined, ping_pong = true, output_columns = 64, grid = dynamic, sigmoid = exact>}
// EXACT: schedule<query_tile = 128, key_tile = 128, query_stages = 2, key_stages = 2, value_stages = 2, consumers = 2, producer_registers = 24, consumer_registers = 240, loop = pipelined, ping_pong = true, output_columns = 64, grid = dynamic, sigmoid = exact> :
// FAST: schedule<query_tile = 128, key_tile = 64, {{.*}}grid = dynamic, sigmoid = fast> :
func.func @middle_heads(%q: !q128) -> !q128 {
  %o = attn.sigmoid_attention %q, %q, %q : (!q128, !q128, !q128) -> !q128
  return %o : !q128
}

// CHECK-LABEL: func @causal
// AUTO: consumers = 2, {{.*}}grid = dynamic> {attn.exact_schedule = #attn.schedule<query_tile = 192, key_tile = 64, {{.*}}consumers = 3, {{.*}}loop = pipelined, output_columns = 128, grid = dynamic, sigmoid = exact>}
// EXACT: schedule<query_tile = 192, key_tile = 64, {{.*}}consumers = 3, {{.*}}loop = pipelined, output_columns = 128, grid = dynamic, sigmoid = exact> :
// FAST: schedule<query_tile = 128, key_tile = 64, {{.*}}grid = dynamic, sigmoid = fast> :
func.func @causal(%q: !q128) -> !q128 {
  %o = attn.sigmoid_attention %q, %q, %q mask<causal> : (!q128, !q128, !q128) -> !q128
  return %o : !q128
}

// CHECK-LABEL: func @window
// EXACT: schedule<query_tile = 192, key_tile = 64, {{.*}}consumers = 3, {{.*}}output_columns = 64, grid = dynamic, sigmoid = exact> :
func.func @window(%q: !q128) -> !q128 {
  %o = attn.sigmoid_attention %q, %q, %q mask<window 64, 0> : (!q128, !q128, !q128) -> !q128
  return %o : !q128
}

// Quotients hide under the products of large heads, in the same schedule.
// CHECK-LABEL: func @larger_heads
// CHECK-NOT: exact_schedule
// AUTO: loop = pipelined, output_columns = 64, grid = dynamic> :
// EXACT: loop = pipelined, output_columns = 64, grid = dynamic, sigmoid = exact> :
// FAST: loop = pipelined, output_columns = 64, grid = dynamic, sigmoid = fast> :
func.func @larger_heads(%q: !q192) -> !q192 {
  %o = attn.sigmoid_attention %q, %q, %q : (!q192, !q192, !q192) -> !q192
  return %o : !q192
}

// Weights that take longer in some tiles than in others are dealt out by a counter.
// CHECK-LABEL: func @heads_of_64
// AUTO: schedule<query_tile = 256, {{.*}}output_columns = 64> {attn.exact_schedule = #attn.schedule<query_tile = 256, {{.*}}output_columns = 64, grid = dynamic, sigmoid = exact>
// EXACT: schedule<query_tile = 256, {{.*}}grid = dynamic, sigmoid = exact>
// FAST: schedule<query_tile = 256, {{.*}}output_columns = 64, sigmoid = fast>
func.func @heads_of_64(%q: !q64) -> !q64 {
  %o = attn.sigmoid_attention %q, %q, %q : (!q64, !q64, !q64) -> !q64
  return %o : !q64
}

// One schedule is the best for both forms.
// CHECK-LABEL: func @small_heads
// CHECK-NOT: exact_schedule
// CHECK: schedule<query_tile = 256,
// CHECK-NOT: exact_schedule
func.func @small_heads(%q: !q32) -> !q32 {
  %o = attn.sigmoid_attention %q, %q, %q : (!q32, !q32, !q32) -> !q32
  return %o : !q32
}

// CHECK-LABEL: func @large_heads
// CHECK: schedule<query_tile = 128, {{.*}}loop = pipelined,
// CHECK-NOT: exact_schedule
func.func @large_heads(%q: !q256) -> !q256 {
  %o = attn.sigmoid_attention %q, %q, %q : (!q256, !q256, !q256) -> !q256
  return %o : !q256
}

// Under a mask of one side scores by position take registers of weights that wait.
// CHECK-LABEL: func @large_masked_sum
// CHECK: schedule<query_tile = 128, {{.*}}loop = chunked,
func.func @large_masked_sum(%q: !q256, %slope: f32) -> !q256 {
  %o = attn.sigmoid_attention %q, %q, %q mask<causal> score(%x, %b, %h, %i, %j) {
    %n = arith.index_cast %j : index to i32
    %f = arith.sitofp %n : i32 to f32
    %y = math.fma %slope, %f, %x : f32
    attn.yield %y : f32
  } : (!q256, !q256, !q256) -> !q256
  return %o : !q256
}

// A window's loops have them, and so have smaller heads.
// CHECK-LABEL: func @large_window_sum
// CHECK: schedule<query_tile = 128, {{.*}}loop = pipelined,
func.func @large_window_sum(%q: !q256, %slope: f32) -> !q256 {
  %o = attn.sigmoid_attention %q, %q, %q mask<window 64, 0> score(%x, %b, %h, %i, %j) {
    %d = arith.subi %j, %i : index
    %n = arith.index_cast %d : index to i32
    %f = arith.sitofp %n : i32 to f32
    %y = math.fma %slope, %f, %x : f32
    attn.yield %y : f32
  } : (!q256, !q256, !q256) -> !q256
  return %o : !q256
}

// CHECK-LABEL: func @larger_masked_sum
// CHECK: schedule<query_tile = 128, {{.*}}loop = pipelined,
func.func @larger_masked_sum(%q: !q192, %slope: f32) -> !q192 {
  %o = attn.sigmoid_attention %q, %q, %q mask<causal> score(%x, %b, %h, %i, %j) {
    %d = arith.subi %j, %i : index
    %n = arith.index_cast %d : index to i32
    %f = arith.sitofp %n : i32 to f32
    %y = math.fma %slope, %f, %x : f32
    attn.yield %y : f32
  } : (!q192, !q192, !q192) -> !q192
  return %o : !q192
}

// A table by the key takes addresses.
// CHECK-LABEL: func @large_table
// CHECK: schedule<query_tile = 128, key_tile = 32, {{.*}}loop = chunked,
func.func @large_table(%q: !q256, %table: tensor<?xf32>) -> !q256 {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %t = tensor.extract %table[%j] : tensor<?xf32>
    %y = arith.addf %x, %t : f32
    attn.yield %y : f32
  } : (!q256, !q256, !q256) -> !q256
  return %o : !q256
}

// CHECK-LABEL: func @larger_table
// CHECK: schedule<query_tile = 128, key_tile = 64, {{.*}}loop = chunked,
func.func @larger_table(%q: !q192, %table: tensor<?xf32>) -> !q192 {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %t = tensor.extract %table[%j] : tensor<?xf32>
    %y = arith.addf %x, %t : f32
    attn.yield %y : f32
  } : (!q192, !q192, !q192) -> !q192
  return %o : !q192
}

// The position of a key by itself takes more than a distance.
// CHECK-LABEL: func @position
// AUTO: attn.exact_schedule = #attn.schedule<query_tile = 128, key_tile = 80,
// EXACT: schedule<query_tile = 128, key_tile = 80,
func.func @position(%q: !q128, %slope: f32) -> !q128 {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %n = arith.index_cast %j : index to i32
    %f = arith.sitofp %n : i32 to f32
    %y = math.fma %slope, %f, %x : f32
    attn.yield %y : f32
  } : (!q128, !q128, !q128) -> !q128
  return %o : !q128
}

// Nor has a bound that is not 0 room for a third warpgroup.
// CHECK-LABEL: func @right
// AUTO: attn.exact_schedule = #attn.schedule<query_tile = 128, key_tile = 64, {{.*}}consumers = 2,
// EXACT: schedule<query_tile = 128, key_tile = 64, {{.*}}consumers = 2,
func.func @right(%q: !q128) -> !q128 {
  %o = attn.sigmoid_attention %q, %q, %q mask<window *, 16> : (!q128, !q128, !q128) -> !q128
  return %o : !q128
}

// A score region takes the registers of some keys, the more the less is known.
// CHECK-LABEL: func @sum
// AUTO: attn.exact_schedule = #attn.schedule<query_tile = 128, key_tile = 96,
// EXACT: schedule<query_tile = 128, key_tile = 96,
// FAST: schedule<query_tile = 128, key_tile = 64,
func.func @sum(%q: !q128) -> !q128 {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %d = arith.subi %i, %j : index
    %n = arith.index_cast %d : index to i32
    %a = math.absi %n : i32
    %f = arith.sitofp %a : i32 to f32
    %y = arith.subf %x, %f : f32
    attn.yield %y : f32
  } : (!q128, !q128, !q128) -> !q128
  return %o : !q128
}

// With two bounds of a window there are none left for three warpgroups.
// CHECK-LABEL: func @sum_in_window
// EXACT: schedule<query_tile = 128, key_tile = 64, {{.*}}output_columns = 128,
func.func @sum_in_window(%q: !q128) -> !q128 {
  %o = attn.sigmoid_attention %q, %q, %q mask<window 64, 0> score(%x, %b, %h, %i, %j) {
    %y = arith.addf %x, %x : f32
    attn.yield %y : f32
  } : (!q128, !q128, !q128) -> !q128
  return %o : !q128
}

// CHECK-LABEL: func @score_region
// AUTO: attn.exact_schedule = #attn.schedule<query_tile = 128, key_tile = 80,
// EXACT: schedule<query_tile = 128, key_tile = 80,
// FAST: schedule<query_tile = 128, key_tile = 64,
func.func @score_region(%q: !q128) -> !q128 {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %y = math.tanh %x : f32
    attn.yield %y : f32
  } : (!q128, !q128, !q128) -> !q128
  return %o : !q128
}

// A schedule written by hand is for both forms.
// CHECK-LABEL: func @by_hand
// CHECK: query_tile = 64
// CHECK-NOT: exact_schedule
// CHECK: return
func.func @by_hand(%q: !q128) -> !q128 {
  %o = attn.sigmoid_attention %q, %q, %q schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = pipelined>
    : (!q128, !q128, !q128) -> !q128
  return %o : !q128
}
