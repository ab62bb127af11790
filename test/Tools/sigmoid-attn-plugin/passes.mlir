// The mlir-opt that LLVM's packages ship runs our passes and our whole CPU
// compiler, and their mlir-runner the result.

// UNSUPPORTED: sanitizers

// RUN: mlir-opt %s --load-dialect-plugin=%attn_plugin --load-pass-plugin=%attn_plugin \
// RUN:   --pass-pipeline='builtin.module(attn-decompose)' | FileCheck %s
// RUN: mlir-opt %s --load-dialect-plugin=%attn_plugin --load-pass-plugin=%attn_plugin \
// RUN:   --pass-pipeline='builtin.module(attn-lower-to-cpu-pipeline)' \
// RUN: | mlir-runner --entry-point-result=f32 --shared-libs=%mlir_lib_dir/libomp%shlibext \
// RUN: | FileCheck %s --check-prefix=RESULT

// sigmoid((1 * 1 + 2 * 2) / sqrt(2)) * 10
// RESULT: 9.716{{[0-9]+}}e+00

// CHECK-LABEL: func @main
// CHECK-NOT: attn.
// CHECK: linalg.
func.func @main() -> f32 {
  %q = arith.constant dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32>
  %v = arith.constant dense<10.0> : tensor<1x1x1x1xf32>
  %o = attn.sigmoid_attention %q, %q, %v : (tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
  %zero = arith.constant 0 : index
  %x = tensor.extract %o[%zero, %zero, %zero, %zero] : tensor<1x1x1x1xf32>
  return %x : f32
}
