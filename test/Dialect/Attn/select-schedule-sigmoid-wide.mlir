// RUN: sigmoid-attn-opt %s -attn-select-schedule="key-tile=128 sigmoid=exact" | FileCheck %s
// RUN: sigmoid-attn-opt %s -attn-select-schedule="key-tile=128" | FileCheck %s --check-prefix=AUTO

// Three consumers have no registers for 128 keys, two have.
// CHECK: schedule<query_tile = 128, key_tile = 128, query_stages = 2, key_stages = 2, value_stages = 2, consumers = 2, {{.*}}sigmoid = exact> :
// AUTO: consumers = 2
// AUTO-NOT: exact_schedule
!q = tensor<1x2x?x128xbf16>
func.func @attend(%q: !q) -> !q {
  %o = attn.sigmoid_attention %q, %q, %q : (!q, !q, !q) -> !q
  return %o : !q
}
