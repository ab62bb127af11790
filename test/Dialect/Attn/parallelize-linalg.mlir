// RUN: sigmoid-attn-opt %s --attn-parallelize-linalg --canonicalize -split-input-file | FileCheck %s

#a = affine_map<(b, i, j, k) -> (b, i, k)>
#b = affine_map<(b, i, j, k) -> (b, j, k)>
#c = affine_map<(b, i, j, k) -> (b, i, j)>

// A tile of 128 x 64; the factor along lanes is copied, transposed, in f32.
// CHECK: #[[$SWAP:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-LABEL: func @product
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) = (0, 0, 0) to (%{{.*}}, %{{.*}}, %{{.*}}) step (1, 128, 64)
// CHECK: %[[BUFFER:.*]] = memref.alloc() {{.*}} : memref<512x64xf32>
// CHECK: scf.for {{.*}} step %c512
// CHECK: %[[PANEL:.*]] = memref.subview %[[BUFFER]]
// CHECK: linalg.generic {indexing_maps = [#[[$SWAP]], {{.*}} outs(%[[PANEL]] :
// CHECK: arith.extf
// CHECK: linalg.generic {{.*}} "reduction"]} ins(%{{.*}}, %[[PANEL]] :
// CHECK: memref.dealloc %[[BUFFER]]
func.func @product(%a: memref<?x?x?xf32>, %b: memref<?x?x?xbf16>, %c: memref<?x?x?xf32>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %b : memref<?x?x?xf32>, memref<?x?x?xbf16>) outs(%c : memref<?x?x?xf32>) {
  ^bb0(%x: f32, %y: bf16, %z: f32):
    %yf = arith.extf %y : bf16 to f32
    %p = arith.mulf %x, %yf : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  }
  return
}

// -----

// CHECK-LABEL: func @small_product
// CHECK-NOT: scf.forall
// CHECK: linalg.generic
func.func @small_product(%a: memref<8x8xf32>, %c: memref<8x8xf32>) {
  linalg.matmul ins(%a, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%c : memref<8x8xf32>)
  return
}

// -----

// CHECK-LABEL: func @elementwise
// CHECK: scf.forall (%{{.*}}, %{{.*}}) = (0, 0) to (%{{.*}}, %{{.*}}) step (1, 32)
// CHECK: linalg.exp
// CHECK-LABEL: func @vector
// CHECK: scf.forall {{.*}} step (4096)
func.func @elementwise(%a: memref<?x?x?xf32>) {
  linalg.exp ins(%a : memref<?x?x?xf32>) outs(%a : memref<?x?x?xf32>)
  return
}
func.func @vector(%a: memref<?xf32>) {
  linalg.exp ins(%a : memref<?xf32>) outs(%a : memref<?xf32>)
  return
}

// -----

// A copy is elementwise; nothing that is in a parallel loop is tiled again.
// CHECK-LABEL: func @copy
// CHECK: scf.forall
// CHECK-NOT: memref.copy
// CHECK: linalg.generic
// CHECK: scf.forall
// CHECK-NOT: scf.forall
// CHECK: linalg.exp
func.func @copy(%a: memref<?x?xf32>, %b: memref<?x?xf32>) {
  memref.copy %a, %b : memref<?x?xf32> to memref<?x?xf32>
  scf.forall (%i) in (2) {
    linalg.exp ins(%a : memref<?x?xf32>) outs(%b : memref<?x?xf32>)
  }
  return
}
