// RUN: sigmoid-attn-opt %s -attn-select-schedule="key-tile=96 sigmoid=exact" | FileCheck %s
// RUN: sigmoid-attn-opt %s -attn-select-schedule="key-tile=96" | FileCheck %s --check-prefix=AUTO

// What options fix, they fix for both forms; the rest is each form's own.
// CHECK: schedule<query_tile = 128, key_tile = 96, {{.*}}ping_pong = true, output_columns = 64, grid = dynamic, sigmoid = exact> :
// AUTO: schedule<query_tile = 128, key_tile = 96, {{.*}}loop = pipelined, grid = dynamic> {attn.exact_schedule = #attn.schedule<query_tile = 128, key_tile = 96, {{.*}}ping_pong = true, output_columns = 64, grid = dynamic, sigmoid = exact>}
!q = tensor<1x2x?x128xbf16>
func.func @attend(%q: !q) -> !q {
  %o = attn.sigmoid_attention %q, %q, %q : (!q, !q, !q) -> !q
  return %o : !q
}
