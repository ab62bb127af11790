// RUN: sigmoid-attn-opt %s -attn-select-schedule | FileCheck %s --check-prefixes=CHECK,LONG,AUTO
// RUN: sigmoid-attn-opt %s -attn-select-schedule=sigmoid=fast | FileCheck %s --check-prefixes=CHECK,LONG,FAST
// RUN: sigmoid-attn-opt %s -attn-select-schedule=sigmoid=exact | FileCheck %s --check-prefixes=CHECK,NONE
// RUN: sigmoid-attn-opt %s -attn-select-schedule=key-stages=5 | FileCheck %s --check-prefixes=CHECK,NONE

// From 8192 queries on there is another schedule, but not for the exact form
// whatever the bias.

!q = tensor<1x8x?x64xbf16>
!k = tensor<1x8x?x64xbf16>
!v128 = tensor<1x8x?x128xbf16>
!short = tensor<1x8x8191x64xbf16>
!long = tensor<1x8x8192x64xbf16>

// CHECK-LABEL: func @dynamic
// CHECK: query_tile = 256
// LONG-SAME: attn.long_schedule = #attn.schedule<query_tile = 192, key_tile = 128, query_stages = 2, key_stages = 4, value_stages = 4, consumers = 3, {{.*}}loop = chunked, ping_pong = true, output_columns = 64
// AUTO-SAME: >}
// FAST-SAME: , sigmoid = fast>}
// NONE-NOT: attn.long_schedule
func.func @dynamic(%q: !q) -> !q {
  %o = attn.sigmoid_attention %q, %q, %q : (!q, !q, !q) -> !q
  return %o : !q
}

// CHECK-LABEL: func @causal
// CHECK-NOT: attn.long_schedule
func.func @causal(%q: !q) -> !q {
  %o = attn.sigmoid_attention %q, %q, %q mask<causal> : (!q, !q, !q) -> !q
  return %o : !q
}

// CHECK-LABEL: func @long_enough
// LONG: attn.long_schedule
// NONE-NOT: attn.long_schedule
func.func @long_enough(%q: !long, %k: !k) -> !long {
  %o = attn.sigmoid_attention %q, %k, %k : (!long, !k, !k) -> !long
  return %o : !long
}

// CHECK-LABEL: func @too_short
// CHECK-NOT: attn.long_schedule
func.func @too_short(%q: !short, %k: !k) -> !short {
  %o = attn.sigmoid_attention %q, %k, %k : (!short, !k, !k) -> !short
  return %o : !short
}

// A window's tiles see few keys, whatever the length.
// CHECK-LABEL: func @window
// CHECK-NOT: attn.long_schedule
func.func @window(%q: !q) -> !q {
  %o = attn.sigmoid_attention %q, %q, %q mask<window 128, 0> : (!q, !q, !q) -> !q
  return %o : !q
}

// CHECK-LABEL: func @wide_values
// CHECK-NOT: attn.long_schedule
func.func @wide_values(%q: !q, %v: !v128) -> !v128 {
  %o = attn.sigmoid_attention %q, %q, %v : (!q, !q, !v128) -> !v128
  return %o : !v128
}

// CHECK-LABEL: func @score_region
// CHECK-NOT: attn.long_schedule
func.func @score_region(%q: !q) -> !q {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %y = arith.addf %x, %x : f32
    attn.yield %y : f32
  } : (!q, !q, !q) -> !q
  return %o : !q
}
