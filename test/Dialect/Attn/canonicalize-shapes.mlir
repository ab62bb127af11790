// RUN: sigmoid-attn-opt %s -canonicalize | FileCheck %s

!s = tensor<1x2x8x4xf32>
!d = tensor<1x2x?x4xf32>

// CHECK-LABEL: func @cast_inputs
// CHECK-SAME: %[[Q:[^:]*]]: tensor<1x2x8x4xf32>
// CHECK: %[[O:.*]] = attn.sigmoid_attention %[[Q]], %[[Q]], %[[Q]] score(
// CHECK: }
// CHECK-SAME: -> tensor<1x2x8x4xf32>
// CHECK: tensor.cast %[[O]] : tensor<1x2x8x4xf32> to tensor<1x2x?x4xf32>
func.func @cast_inputs(%q: !s) -> !d {
  %c = tensor.cast %q : !s to !d
  %o = attn.sigmoid_attention %c, %c, %c score(%x, %b, %h, %i, %j) {
    %y = math.tanh %x : f32
    attn.yield %y : f32
  } : (!d, !d, !d) -> !d
  return %o : !d
}

// CHECK-LABEL: func @gradients_of_static_inputs
// CHECK: attn.sigmoid_attention_backward {{.*}} -> (tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>)
func.func @gradients_of_static_inputs(%q: !s) -> (!d, !d, !d) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q : (!s, !s, !s, !s) -> (!d, !d, !d)
  return %dq, %dk, %dv : !d, !d, !d
}

// A cast to fewer known sizes is not looked through.

// CHECK-LABEL: func @cast_to_static_stays
// CHECK: %[[C:.*]] = tensor.cast
// CHECK: attn.sigmoid_attention %[[C]],
func.func @cast_to_static_stays(%q: !d) -> !s {
  %c = tensor.cast %q : !d to !s
  %o = attn.sigmoid_attention %c, %c, %c : (!s, !s, !s) -> !s
  return %o : !s
}

// Lengths that contradict each other make the op meaningless, not the program:
// it may be in a branch that is never taken.

// CHECK-LABEL: func @contradiction_stays
// CHECK: %[[C:.*]] = tensor.cast
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %[[C]]
func.func @contradiction_stays(%q: !s, %v: tensor<1x2x9x4xf32>) -> !s {
  %c = tensor.cast %v : tensor<1x2x9x4xf32> to !d
  %o = attn.sigmoid_attention %q, %q, %c : (!s, !s, !d) -> !s
  return %o : !s
}

// CHECK-LABEL: func @cast_buffers
// CHECK: attn.sigmoid_attention {{.*}} outs(%{{.*}} : memref<1x2x8x4xf32>) : (memref<1x2x8x4xf32>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>)
!ms = memref<1x2x8x4xf32>
!md = memref<1x2x?x4xf32, strided<[?, ?, ?, 1], offset: ?>>
func.func @cast_buffers(%q: !ms, %o: !ms) {
  %cq = memref.cast %q : !ms to !md
  %co = memref.cast %o : !ms to !md
  attn.sigmoid_attention %cq, %cq, %cq outs(%co : !md) : (!md, !md, !md)
  return
}

// CHECK-LABEL: func @no_keys
// CHECK: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<1x2x8x4xf32>
// CHECK: return %[[ZERO]]
!e = tensor<1x2x0x4xf32>
func.func @no_keys(%q: !s, %k: !e) -> !s {
  %o = attn.sigmoid_attention %q, %k, %k : (!s, !e, !e) -> !s
  return %o : !s
}

// CHECK-LABEL: func @no_keys_dynamic
// CHECK-SAME: %[[Q:[^:]*]]: tensor<1x2x?x4xf32>
// CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.0
// CHECK: %[[LENGTH:.*]] = tensor.dim %[[Q]], %[[C2]]
// CHECK: tensor.splat %[[ZERO]][%[[LENGTH]]]
func.func @no_keys_dynamic(%q: !d, %k: !e) -> !d {
  %o = attn.sigmoid_attention %q, %k, %k : (!d, !e, !e) -> !d
  return %o : !d
}

// CHECK-LABEL: func @no_queries
// CHECK-DAG: %[[EMPTY:.*]] = arith.constant dense<0.000000e+00> : tensor<1x2x0x4xf32>
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<1x2x8x4xf32>
// CHECK: return %[[EMPTY]], %[[ZERO]], %[[ZERO]]
func.func @no_queries(%q: !e, %k: !s) -> (!e, !s, !s) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %k, %q : (!e, !s, !s, !e) -> (!e, !s, !s)
  return %dq, %dk, %dv : !e, !s, !s
}

// CHECK-LABEL: func @no_keys_in_buffers
// CHECK-SAME: %{{.*}}: memref<1x2x8x4xf32>, %{{.*}}: memref<1x2x0x4xf32>, %[[O:[^:]*]]: memref<1x2x8x4xf32>
// CHECK: linalg.fill ins(%{{.*}} : f32) outs(%[[O]] :
// CHECK-NOT: attn.
!me = memref<1x2x0x4xf32>
func.func @no_keys_in_buffers(%q: !ms, %k: !me, %o: !ms) {
  attn.sigmoid_attention %q, %k, %k outs(%o : !ms) : (!ms, !me, !me)
  return
}

// Gradients of values without elements: no weight matters.

// CHECK-LABEL: func @no_value_head_dim
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<1x2x8x4xf32>
// CHECK-DAG: %[[EMPTY:.*]] = arith.constant dense<0.000000e+00> : tensor<1x2x8x0xf32>
// CHECK: return %[[ZERO]], %[[ZERO]], %[[EMPTY]]
!v0 = tensor<1x2x8x0xf32>
func.func @no_value_head_dim(%q: !s, %v: !v0) -> (!s, !s, !v0) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %v, %v : (!s, !s, !v0, !v0) -> (!s, !s, !v0)
  return %dq, %dk, %dv : !s, !s, !v0
}
