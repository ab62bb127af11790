// RUN: sigmoid-attn-opt %s | sigmoid-attn-opt | FileCheck %s
// RUN: sigmoid-attn-opt %s -mlir-print-op-generic | sigmoid-attn-opt | FileCheck %s

// CHECK-LABEL: func @shortest
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} : (tensor<1x2x?x64xbf16>, tensor<1x2x?x64xbf16>, tensor<1x2x?x64xbf16>) -> tensor<1x2x?x64xbf16>
func.func @shortest(%q: tensor<1x2x?x64xbf16>, %k: tensor<1x2x?x64xbf16>, %v: tensor<1x2x?x64xbf16>) -> tensor<1x2x?x64xbf16> {
  %o = attn.sigmoid_attention %q, %k, %v : (tensor<1x2x?x64xbf16>, tensor<1x2x?x64xbf16>, tensor<1x2x?x64xbf16>) -> tensor<1x2x?x64xbf16>
  return %o : tensor<1x2x?x64xbf16>
}

// CHECK-LABEL: func @every_clause
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) bias(%{{.*}}) mask<causal> score(%[[S:.*]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {
// CHECK: attn.yield
func.func @every_clause(%q: tensor<1x2x?x64xf32>, %k: tensor<1x1x?x64xf32>, %v: tensor<1x1x?x64xf32>, %s: f32, %b: f32, %slopes: tensor<2xf32>) -> tensor<1x2x?x64xf32> {
  %o = attn.sigmoid_attention %q, %k, %v scale(%s) bias(%b) mask<causal>
      score(%x, %batch, %head, %i, %j) {
    %slope = tensor.extract %slopes[%head] : tensor<2xf32>
    %y = arith.addf %x, %slope : f32
    attn.yield %y : f32
  } : (tensor<1x2x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x2x?x64xf32>
  return %o : tensor<1x2x?x64xf32>
}

// CHECK-LABEL: func @buffers
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}} : memref<1x2x8x4xf16>) mask<window 128, *> :
func.func @buffers(%q: memref<1x2x8x4xf16>, %o: memref<1x2x8x4xf16>) {
  attn.sigmoid_attention %q, %q, %q outs(%o : memref<1x2x8x4xf16>) mask<window 128, *> : (memref<1x2x8x4xf16>, memref<1x2x8x4xf16>, memref<1x2x8x4xf16>)
  return
}

// CHECK-LABEL: func @backward
// CHECK: attn.sigmoid_attention_backward %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} mask<causal> : (tensor<1x2x8x4xf16>, tensor<1x2x8x4xf16>, tensor<1x2x8x4xf16>, tensor<1x2x8x4xf16>) -> (tensor<1x2x8x4xf16>, tensor<1x2x8x4xf16>, tensor<1x2x8x4xf16>)
func.func @backward(%q: tensor<1x2x8x4xf16>) -> tensor<1x2x8x4xf16> {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %q mask<causal> : (tensor<1x2x8x4xf16>, tensor<1x2x8x4xf16>, tensor<1x2x8x4xf16>, tensor<1x2x8x4xf16>) -> (tensor<1x2x8x4xf16>, tensor<1x2x8x4xf16>, tensor<1x2x8x4xf16>)
  return %dq : tensor<1x2x8x4xf16>
}
