// RUN: sigmoid-attn-opt %s --raise-to-attention --canonicalize --split-input-file | FileCheck %s

// tosa goes through upstream's lowering first. Its matmuls are 3-D.

// CHECK-LABEL: func @sigmoid
// CHECK: %[[SCALE:.*]] = arith.constant 2.500000e-01 : f32
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%[[SCALE]]) : (tensor<1x6x5x4xf32>, tensor<1x6x7x4xf32>, tensor<1x6x7x3xf32>) -> tensor<1x6x5x3xf32>
// CHECK-NOT: tosa.
func.func @sigmoid(%q: tensor<6x5x4xf32>, %k: tensor<6x7x4xf32>, %v: tensor<6x7x3xf32>) -> tensor<6x5x3xf32> {
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %shift = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %scale = "tosa.const"() <{values = dense<0.25> : tensor<1x1x1xf32>}> : () -> tensor<1x1x1xf32>
  %kt = tosa.transpose %k {perms = array<i32: 0, 2, 1>} : (tensor<6x7x4xf32>) -> tensor<6x4x7xf32>
  %s = tosa.matmul %q, %kt, %zero, %zero : (tensor<6x5x4xf32>, tensor<6x4x7xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<6x5x7xf32>
  %z = tosa.mul %s, %scale, %shift : (tensor<6x5x7xf32>, tensor<1x1x1xf32>, tensor<1xi8>) -> tensor<6x5x7xf32>
  %p = tosa.sigmoid %z : (tensor<6x5x7xf32>) -> tensor<6x5x7xf32>
  %o = tosa.matmul %p, %v, %zero, %zero : (tensor<6x5x7xf32>, tensor<6x7x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<6x5x3xf32>
  return %o : tensor<6x5x3xf32>
}

// -----

// Heads of two batch entries, keys of one head tiled, a mask that is added.
// CHECK-LABEL: func @tiled_heads_and_mask
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) mask<causal> : (tensor<1x6x2x4xf32>, tensor<1x2x2x4xf32>, tensor<1x2x2x3xf32>) -> tensor<1x6x2x3xf32>
func.func @tiled_heads_and_mask(%q: tensor<6x2x4xf32>, %k: tensor<2x1x2x4xf32>, %v: tensor<2x1x2x3xf32>) -> tensor<6x2x3xf32> {
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %mask = "tosa.const"() <{values = dense<[[[0.0, -1.0e9], [0.0, 0.0]]]> : tensor<1x2x2xf32>}> : () -> tensor<1x2x2xf32>
  %times = tosa.const_shape {values = dense<[1, 3, 1, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %shape_k = tosa.const_shape {values = dense<[6, 2, 4]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %shape_v = tosa.const_shape {values = dense<[6, 2, 3]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %kr = tosa.tile %k, %times : (tensor<2x1x2x4xf32>, !tosa.shape<4>) -> tensor<2x3x2x4xf32>
  %vr = tosa.tile %v, %times : (tensor<2x1x2x3xf32>, !tosa.shape<4>) -> tensor<2x3x2x3xf32>
  %k3 = tosa.reshape %kr, %shape_k : (tensor<2x3x2x4xf32>, !tosa.shape<3>) -> tensor<6x2x4xf32>
  %v3 = tosa.reshape %vr, %shape_v : (tensor<2x3x2x3xf32>, !tosa.shape<3>) -> tensor<6x2x3xf32>
  %kt = tosa.transpose %k3 {perms = array<i32: 0, 2, 1>} : (tensor<6x2x4xf32>) -> tensor<6x4x2xf32>
  %s = tosa.matmul %q, %kt, %zero, %zero : (tensor<6x2x4xf32>, tensor<6x4x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<6x2x2xf32>
  %z = tosa.add %s, %mask : (tensor<6x2x2xf32>, tensor<1x2x2xf32>) -> tensor<6x2x2xf32>
  %p = tosa.sigmoid %z : (tensor<6x2x2xf32>) -> tensor<6x2x2xf32>
  %o = tosa.matmul %p, %v3, %zero, %zero : (tensor<6x2x2xf32>, tensor<6x2x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<6x2x3xf32>
  return %o : tensor<6x2x3xf32>
}
