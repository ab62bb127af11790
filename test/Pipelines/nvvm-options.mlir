// RUN: sigmoid-attn-opt %s -attn-lower-to-nvvm-pipeline="key-tile=32 consumers=1 loop=chunked sigmoid=exact query-stages=1 key-stages=2 value-stages=3 grid=static cluster=2 output-columns=64" | FileCheck %s
// RUN: not sigmoid-attn-opt %s -attn-lower-to-nvvm-pipeline="loop=other" 2>&1 | FileCheck %s --check-prefix=LOOP

// The pipeline's options are those of attn-select-schedule, and reach it.
// CHECK: query_tile = 64, key_tile = 32, query_stages = 1, key_stages = 2, value_stages = 3, consumers = 1
// CHECK-SAME: loop = chunked, cluster = 2, output_columns = 64, sigmoid = exact
// LOOP: expected option loop to be pipelined or chunked, got 'other'
!q = tensor<?x?x?x64xf16>
func.func @attend(%q: !q, %k: !q, %v: !q) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v : (!q, !q, !q) -> !q
  return %o : !q
}
