// RUN: sigmoid-attn-opt %s --attn-decompose -split-input-file | FileCheck %s

// CHECK-LABEL: func @forward
// CHECK-SAME: %[[Q:.*]]: tensor<1x2x5x4xf32>, %[[K:.*]]: tensor<1x2x7x4xf32>, %[[V:.*]]: tensor<1x2x7x3xf32>
// CHECK: %[[Q5:.*]] = tensor.expand_shape %[[Q]] {{\[\[}}0], [1, 2], [3], [4]] {{.*}} into tensor<1x2x1x5x4xf32>
// CHECK: %[[S:.*]] = linalg.generic {{.*}} ins(%[[Q5]], %[[K]] : {{.*}}) outs(%{{.*}} : tensor<1x2x1x5x7xf32>)
// CHECK: %[[P:.*]] = linalg.generic {{.*}} ins(%[[S]] : tensor<1x2x1x5x7xf32>)
// CHECK: math.exp
// CHECK: arith.divf
// CHECK: %[[O:.*]] = linalg.generic {{.*}} ins(%[[P]], %[[V]] : {{.*}}) outs(%{{.*}} : tensor<1x2x1x5x3xf32>)
// CHECK: tensor.collapse_shape %[[O]] {{.*}} into tensor<1x2x5x3xf32>
// CHECK-NOT: attn.
func.func @forward(%q: tensor<1x2x5x4xf32>, %k: tensor<1x2x7x4xf32>, %v: tensor<1x2x7x3xf32>) -> tensor<1x2x5x3xf32> {
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x5x4xf32>, tensor<1x2x7x4xf32>, tensor<1x2x7x3xf32>) -> tensor<1x2x5x3xf32>
  return %o : tensor<1x2x5x3xf32>
}

// -----

// Products are in f32; the output is rounded once. Heads are split in groups.
// CHECK-LABEL: func @grouped_bf16
// CHECK: tensor.expand_shape {{.*}} into tensor<?x2x3x?x4xbf16>
// CHECK: arith.extf %{{.*}} : bf16 to f32
// CHECK: arith.truncf %{{.*}} : f32 to bf16
func.func @grouped_bf16(%q: tensor<?x6x?x4xbf16>, %k: tensor<?x2x?x4xbf16>) -> tensor<?x6x?x4xbf16> {
  %o = attn.sigmoid_attention %q, %k, %k : (tensor<?x6x?x4xbf16>, tensor<?x2x?x4xbf16>, tensor<?x2x?x4xbf16>) -> tensor<?x6x?x4xbf16>
  return %o : tensor<?x6x?x4xbf16>
}

// -----

// The score region sees the position in the whole problem, and the mask comes last.
// CHECK-LABEL: func @score
// CHECK-SAME: %{{.*}}: tensor<1x2x5x4xf32>, %[[T:.*]]: tensor<9xf32>, %[[O:.*]]: index
// CHECK: linalg.index 4
// CHECK: tensor.extract %[[T]]
// CHECK: arith.divf
// CHECK: arith.select
func.func @score(%q: tensor<1x2x5x4xf32>, %t: tensor<9xf32>, %o: index) -> tensor<1x2x5x4xf32> {
  %r = attn.sigmoid_attention %q, %q, %q mask<causal> origin(%o, %o, %o, %o, %o)
      score(%x, %b, %h, %i, %j) {
    %s = tensor.extract %t[%j] : tensor<9xf32>
    %y = arith.addf %x, %s : f32
    attn.yield %y : f32
  } : (tensor<1x2x5x4xf32>, tensor<1x2x5x4xf32>, tensor<1x2x5x4xf32>) -> tensor<1x2x5x4xf32>
  return %r : tensor<1x2x5x4xf32>
}

// -----

// Two products, the weights and gradients from both, and one product a gradient.
// CHECK-LABEL: func @backward
// CHECK-COUNT-2: linalg.generic {{.*}} "reduction"]}
// CHECK: %[[W:.*]]:2 = linalg.generic
// CHECK: linalg.generic {{.*}} ins(%[[W]]#1,
// CHECK: linalg.generic {{.*}} ins(%[[W]]#1,
// CHECK: linalg.generic {{.*}} ins(%[[W]]#0,
func.func @backward(%q: tensor<1x1x5x4xf32>) -> (tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q : (tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>) -> (tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>)
  return %dq, %dk, %dv : tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>
}

// -----

// A part of the gradient has the products of its own results only.
// CHECK-LABEL: func @parts
// CHECK: %[[DQ:.*]] = linalg.generic {{.*}} ins(%{{.*}}#1,
// CHECK: %[[DK:.*]] = linalg.generic {{.*}} ins(%{{.*}}#1,
// CHECK: %[[DV:.*]] = linalg.generic {{.*}} ins(%{{.*}}#0,
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @parts(%q: tensor<1x1x5x4xf32>) -> (tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>) {
  %dq = attn.sigmoid_attention_backward %q, %q, %q, %q wrt<query> : (tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>) -> (tensor<1x1x5x4xf32>)
  %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q wrt<key_value> : (tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>) -> (tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>)
  return %dq, %dk, %dv : tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x4xf32>
}

// -----

// CHECK-LABEL: func @memrefs_are_left_alone
// CHECK: attn.sigmoid_attention
func.func @memrefs_are_left_alone(%q: memref<1x1x8x4xf32>, %o: memref<1x1x8x4xf32>) {
  attn.sigmoid_attention %q, %q, %q outs(%o : memref<1x1x8x4xf32>) : (memref<1x1x8x4xf32>, memref<1x1x8x4xf32>, memref<1x1x8x4xf32>)
  return
}
