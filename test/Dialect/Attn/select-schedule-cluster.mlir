// RUN: sigmoid-attn-opt %s -attn-select-schedule="cluster=2" | FileCheck %s

!q = tensor<1x8x?x128xbf16>

// The producer of a cluster needs more registers, as under a mask.
// What suits the exact sigmoid of single blocks leaves too few.
// CHECK-LABEL: func @full
// CHECK-NOT: attn.exact_schedule
// CHECK: producer_registers = 40, consumer_registers = 232, loop = pipelined, cluster = 2, grid = dynamic>
func.func @full(%q: !q) -> !q {
  %o = attn.sigmoid_attention %q, %q, %q : (!q, !q, !q) -> !q
  return %o : !q
}

// CHECK-LABEL: func @causal
// CHECK-NOT: attn.exact_schedule
// CHECK: producer_registers = 40, consumer_registers = 232, loop = pipelined, cluster = 2, output_columns = 128, grid = dynamic>
func.func @causal(%q: !q) -> !q {
  %o = attn.sigmoid_attention %q, %q, %q mask<causal> : (!q, !q, !q) -> !q
  return %o : !q
}
