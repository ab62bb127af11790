// RUN: not sigmoid-attn-opt %s -transform-interpreter -split-input-file 2>&1 | FileCheck %s

// CHECK: error: 'attn.sigmoid_attention' op cannot tile heads: expected tiles of whole groups of 4 query heads, or tiles that divide a group, got offsets that are multiples of 3 and sizes of 3
!q = tensor<1x12x8x4xf32>
!k = tensor<1x3x8x4xf32>
func.func @heads_straddle_groups(%q: !q, %k: !k) -> !q {
  %o = attn.sigmoid_attention %q, %k, %k : (!q, !k, !k) -> !q
  return %o : !q
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_forall %op tile_sizes [0, 3] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK: error: 'attn.sigmoid_attention' op cannot tile heads by more than 1: the number of query heads per key head is not static
!q = tensor<1x?x8x4xf32>
!k = tensor<1x2x8x4xf32>
func.func @heads_of_unknown_groups(%q: !q, %k: !k) -> !q {
  %o = attn.sigmoid_attention %q, %k, %k : (!q, !k, !k) -> !q
  return %o : !q
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_forall %op tile_sizes [0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK: error: 'attn.sigmoid_attention' op cannot tile keys except by partial reduction: the output is a sum over them
!q = tensor<1x2x8x4xf32>
!k = tensor<1x2x8x4xf32>
func.func @keys_without_partial_sums(%q: !q, %k: !k) -> !q {
  %o = attn.sigmoid_attention %q, %k, %k : (!q, !k, !k) -> !q
  return %o : !q
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [0, 0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK: error: 'attn.sigmoid_attention_backward' op cannot tile queries except by partial reduction: the key gradient is a sum over them
!q = tensor<1x2x8x4xf32>
!k = tensor<1x2x8x4xf32>
func.func @backward_queries_without_partial_sums(%q: !q, %k: !k) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %k, %q : (!q, !k, !k, !q) -> (!q, !k, !k)
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention_backward"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK: error: 'attn.sigmoid_attention_backward' op cannot tile keys except by partial reduction: the query gradient is a sum over them
!q = tensor<1x2x8x4xf32>
func.func @backward_keys_of_the_query_part(%q: !q) -> !q {
  %dq = attn.sigmoid_attention_backward %q, %q, %q, %q wrt<query> : (!q, !q, !q, !q) -> (!q)
  return %dq : !q
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention_backward"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [0, 0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK: error: 'attn.sigmoid_attention' op cannot tile by partial reduction on memrefs
!q = memref<1x2x8x4xf32>
!k = memref<1x2x8x4xf32>
func.func @partial_reduction_on_memrefs(%q: !q, %k: !k) {
  attn.sigmoid_attention %q, %k, %k outs(%q : !q) : (!q, !k, !k)
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_reduction_using_for %op by tile_sizes = [0, 0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK: error: 'attn.sigmoid_attention' op cannot add up partial results of a parallel loop: expected a sequential one
!q = tensor<1x2x8x4xf32>
!k = tensor<1x2x8x4xf32>
func.func @partial_reduction_in_parallel(%q: !q, %k: !k) -> !q {
  %o = attn.sigmoid_attention %q, %k, %k : (!q, !k, !k) -> !q
  return %o : !q
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_reduction_using_forall %op by num_threads = [0, 0, 0, 2] tile_sizes = [] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK: error: 'attn.sigmoid_attention' op cannot tile an operation on empty operands, which canonicalization removes
!q = tensor<1x2x0x4xf32>
!k = tensor<1x2x8x4xf32>
func.func @empty_operands(%q: !q, %k: !k) -> !q {
  %o = attn.sigmoid_attention %q, %k, %k : (!q, !k, !k) -> !q
  return %o : !q
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_forall %op tile_sizes [0, 1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK: error: 'attn.sigmoid_attention_backward' op cannot compute a tile of one gradient alone
!t = tensor<1x2x8x4xf32>
func.func @one_gradient_into_consumer(%q: !t) -> !t {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q : (!t, !t, !t, !t) -> (!t, !t, !t)
  %empty = tensor.empty() : !t
  %e = linalg.exp ins(%dq : !t) outs(%empty : !t) -> !t
  return %e : !t
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sigmoid_attention_backward"]} in %root : (!transform.any_op) -> !transform.any_op
    %exp = transform.structured.match ops{["linalg.exp"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %exp tile_sizes [0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.structured.fuse_into_containing_op %op into %loop : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
