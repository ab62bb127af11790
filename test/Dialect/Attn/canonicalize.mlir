// RUN: sigmoid-attn-opt %s -canonicalize | FileCheck %s

!t = tensor<1x2x8x4xf32>
!d = tensor<1x2x?x4xf32>

// CHECK-LABEL: func @default_scale_and_zero_bias
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} : (
func.func @default_scale_and_zero_bias(%q: !t) -> !t {
  %scale = arith.constant 0.5 : f32
  %bias = arith.constant -0.0 : f32
  %o = attn.sigmoid_attention %q, %q, %q scale(%scale) bias(%bias) : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @other_scale_and_bias_stay
// CHECK: attn.sigmoid_attention %{{.*}} scale(%{{.*}}) bias(%{{.*}}) : (
func.func @other_scale_and_bias_stay(%q: !t) -> !t {
  %scale = arith.constant 0.25 : f32
  %bias = arith.constant -3.0 : f32
  %o = attn.sigmoid_attention %q, %q, %q scale(%scale) bias(%bias) : (!t, !t, !t) -> !t
  return %o : !t
}

// 0.5 is the default for a head dim of 4 only.

// CHECK-LABEL: func @scale_of_unknown_head_dim_stays
// CHECK: scale(
!h = tensor<1x2x8x?xf32>
func.func @scale_of_unknown_head_dim_stays(%q: !h) -> !h {
  %scale = arith.constant 0.5 : f32
  %o = attn.sigmoid_attention %q, %q, %q scale(%scale) : (!h, !h, !h) -> !h
  return %o : !h
}

// CHECK-LABEL: func @unbounded_mask
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} : (
func.func @unbounded_mask(%q: !d) -> !d {
  %o = attn.sigmoid_attention %q, %q, %q mask<window *, *> : (!d, !d, !d) -> !d
  return %o : !d
}

// CHECK-LABEL: func @band_covers_all
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} : (
func.func @band_covers_all(%q: !t) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q mask<window 7, 7> : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @left_bound_covers_all
// CHECK: mask<window *, 6>
func.func @left_bound_covers_all(%q: !t) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q mask<window 7, 6> : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @band_that_masks_stays
// CHECK: mask<window 6, 6>
func.func @band_that_masks_stays(%q: !t) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q mask<window 6, 6> : (!t, !t, !t) -> !t
  return %o : !t
}

// The last query sees all keys, however many there are.

// CHECK-LABEL: func @causal_single_query
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} : (
!one = tensor<1x2x1x4xf32>
func.func @causal_single_query(%q: !one, %k: !d) -> !one {
  %o = attn.sigmoid_attention %q, %k, %k mask<causal> : (!one, !d, !d) -> !one
  return %o : !one
}

// CHECK-LABEL: func @mask_of_unknown_length_stays
// CHECK: mask<window 100, 100>
func.func @mask_of_unknown_length_stays(%q: !d) -> !d {
  %o = attn.sigmoid_attention %q, %q, %q mask<window 100, 100> : (!d, !d, !d) -> !d
  return %o : !d
}

// Queries 16 to 23 see all of keys 8 to 15.

// CHECK-LABEL: func @tile_below_the_diagonal
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} : (
func.func @tile_below_the_diagonal(%q: !t) -> !t {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %o = attn.sigmoid_attention %q, %q, %q mask<causal> origin(%c0, %c0, %c16, %c8, %c0) : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @tile_on_the_diagonal_stays
// CHECK: mask<causal> origin(
func.func @tile_on_the_diagonal_stays(%q: !t) -> !t {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c14 = arith.constant 14 : index
  %o = attn.sigmoid_attention %q, %q, %q mask<causal> origin(%c0, %c0, %c14, %c8, %c0) : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @default_origin
// CHECK: attn.sigmoid_attention %{{.*}} mask<causal> : (
func.func @default_origin(%q: !t) -> !t {
  %c0 = arith.constant 0 : index
  %o = attn.sigmoid_attention %q, %q, %q mask<causal> origin(%c0, %c0, %c0, %c0, %c0) : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @origin_that_nothing_asks_for
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} : (
func.func @origin_that_nothing_asks_for(%q: !t, %i: index) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q origin(%i, %i, %i, %i, %i) : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @other_diagonal_stays
// CHECK: mask<causal> origin(
func.func @other_diagonal_stays(%q: !t) -> !t {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %o = attn.sigmoid_attention %q, %q, %q mask<causal> origin(%c0, %c0, %c0, %c0, %c1) : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @buffers
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}} : memref<1x2x8x4xf32>) : (
func.func @buffers(%q: memref<1x2x8x4xf32>, %o: memref<1x2x8x4xf32>) {
  %bias = arith.constant 0.0 : f32
  attn.sigmoid_attention %q, %q, %q outs(%o : memref<1x2x8x4xf32>) bias(%bias) mask<window 9, *> : (memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>)
  return
}

// Gradients that nobody uses are not computed.

// CHECK-LABEL: func @query_gradient_only
// CHECK: %[[DQ:.*]] = attn.sigmoid_attention_backward {{.*}} wrt<query> mask<causal> score(
// CHECK: return %[[DQ]]
func.func @query_gradient_only(%q: !t) -> !t {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q mask<causal> score(%x, %b, %h, %i, %j) {
    %y = math.tanh %x : f32
    attn.yield %y : f32
  } : (!t, !t, !t, !t) -> (!t, !t, !t)
  return %dq : !t
}

// CHECK-LABEL: func @value_gradient_only
// CHECK: %[[PART:.*]]:2 = attn.sigmoid_attention_backward {{.*}} wrt<key_value>
// CHECK: return %[[PART]]#1
func.func @value_gradient_only(%q: !t) -> !t {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q : (!t, !t, !t, !t) -> (!t, !t, !t)
  return %dv : !t
}

// CHECK-LABEL: func @gradients_of_both_parts_stay
// CHECK-NOT: wrt
func.func @gradients_of_both_parts_stay(%q: !t) -> (!t, !t) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q : (!t, !t, !t, !t) -> (!t, !t, !t)
  return %dq, %dk : !t, !t
}
