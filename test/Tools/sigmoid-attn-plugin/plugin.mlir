// UNSUPPORTED: sanitizers

// The dialects and passes run inside the mlir-opt that LLVM's packages ship.

// RUN: mlir-opt %s --load-dialect-plugin=%attn_plugin | FileCheck %s
// RUN: mlir-opt --load-dialect-plugin=%attn_plugin --show-dialects | FileCheck %s --check-prefix=DIALECTS
// RUN: not mlir-opt %s 2>&1 | FileCheck %s --check-prefix=STOCK

// DIALECTS: attn
// STOCK: attn

// CHECK-LABEL: func @attention
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} mask<causal>
func.func @attention(%q: tensor<1x2x?x8xf32>) -> tensor<1x2x?x8xf32> {
  %o = attn.sigmoid_attention %q, %q, %q mask<causal> : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>) -> tensor<1x2x?x8xf32>
  return %o : tensor<1x2x?x8xf32>
}
