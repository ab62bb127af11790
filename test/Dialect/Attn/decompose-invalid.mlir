// RUN: not sigmoid-attn-opt %s -transform-interpreter -split-input-file 2>&1 | FileCheck %s

// The interface decomposes values; on buffers, attention is fused instead.

// CHECK: error: 'attn.sigmoid_attention' op expected tensors to decompose, got memrefs
!m = memref<1x2x8x4xf32>
func.func @buffers(%q: !m, %o: !m) {
  attn.sigmoid_attention %q, %q, %q outs(%o : !m) : (!m, !m, !m)
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.decompose_interface %op : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

// CHECK: error: 'attn.sigmoid_attention_backward' op expected tensors to decompose, got memrefs
!m = memref<1x2x8x4xf32>
func.func @buffers_backward(%q: !m, %dq: !m, %dk: !m, %dv: !m) {
  attn.sigmoid_attention_backward %q, %q, %q, %q outs(%dq, %dk, %dv : !m, !m, !m) : (!m, !m, !m, !m)
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention_backward"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.decompose_interface %op : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
