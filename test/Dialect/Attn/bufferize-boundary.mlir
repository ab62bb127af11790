// RUN: sigmoid-attn-opt %s --attn-bufferize -split-input-file -verify-diagnostics | FileCheck %s

// Arguments are views with contiguous rows and are not written; results are in
// row-major layout and nobody else's.
// CHECK-LABEL: func @boundary
// CHECK-SAME: (%[[A:.*]]: memref<4x?xf32, strided<[?, 1], offset: ?>>, %{{.*}}: f32) -> memref<4x?xf32>
// CHECK: %[[R:.*]] = memref.alloc(%{{.*}}) {{.*}} : memref<4x?xf32>
// CHECK: linalg.exp ins(%[[A]] : {{.*}}) outs(%[[R]] :
// CHECK: return %[[R]]
func.func @boundary(%a: tensor<4x?xf32>, %s: f32) -> tensor<4x?xf32> {
  %r = linalg.exp ins(%a : tensor<4x?xf32>) outs(%a : tensor<4x?xf32>) -> tensor<4x?xf32>
  return %r : tensor<4x?xf32>
}

// -----

// An argument is copied to be returned, and a buffer that is returned already.
// CHECK-LABEL: func @copies
// CHECK-SAME: -> (memref<4xf32>, memref<4xf32>, memref<4xf32>)
// CHECK-DAG: memref.copy %arg0, %[[A:.*]] : memref<4xf32, strided<[1], offset: ?>> to memref<4xf32>
// CHECK-DAG: linalg.exp {{.*}} outs(%[[B:.*]] :
// CHECK-DAG: memref.copy %[[B]], %[[C:.*]] : memref<4xf32> to memref<4xf32>
// CHECK: return %[[A]], %[[B]], %[[C]]
func.func @copies(%a: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  %r = linalg.exp ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %a, %r, %r : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// Memrefs stay what they are.
// CHECK-LABEL: func @memrefs(%{{.*}}: memref<4xf32>) -> memref<4xf32> {
func.func @memrefs(%a: memref<4xf32>) -> memref<4xf32> {
  return %a : memref<4xf32>
}

// -----

// expected-error@+1 {{expected arguments of ranked tensor type, got 'tensor<*xf32>'}}
func.func @unranked(%a: tensor<*xf32>) {
  return
}

// -----

// expected-error@+1 {{expected results of ranked tensor type, got 'tensor<*xf32>'}}
func.func @unranked_result(%a: tensor<4xf32>) -> tensor<*xf32> {
  %u = tensor.cast %a : tensor<4xf32> to tensor<*xf32>
  return %u : tensor<*xf32>
}
