// RUN: sigmoid-attn-opt %s --attn-vectorize-contractions=vector-bits=512 --canonicalize -split-input-file | FileCheck %s
// RUN: sigmoid-attn-opt %s --attn-vectorize-contractions=vector-bits=256 --canonicalize -split-input-file | FileCheck %s --check-prefix=AVX2
// RUN: not sigmoid-attn-opt %s --attn-vectorize-contractions=vector-bits=100 -split-input-file 2>&1 | FileCheck %s --check-prefix=BITS

// BITS: expected vector-bits to be 0, 128, 256 or 512, got 100

// A block is 8 rows x 2 vectors; the fill with 0 becomes part of the product.
// CHECK-LABEL: func @static
// CHECK-SAME: %[[A:.*]]: memref<64x?xf32>, %[[B:.*]]: memref<?x64xf32>, %[[C:.*]]: memref<64x64xf32>
// CHECK-NOT: linalg
// CHECK: scf.for %[[J:.*]] = %c0 to %c64 step %c32
// CHECK: scf.for %[[I:.*]] = %c0 to %c64 step %c8
// CHECK: scf.for %[[D:.*]] = %c0 to %{{.*}} step %c1 iter_args
// CHECK: vector.load %[[B]][%[[D]], %[[J]]] : memref<?x64xf32>, vector<16xf32>
// CHECK: memref.load %[[A]][%[[I]], %[[D]]]
// CHECK: vector.broadcast
// CHECK-COUNT-16: vector.fma {{.*}} : vector<16xf32>
// CHECK-NOT: vector.fma
// CHECK: vector.store %{{.*}}, %[[C]][%[[I]], %[[J]]]
// AVX2-LABEL: func @static
// AVX2: scf.for %{{.*}} = %c0 to %c64 step %c16
// AVX2: scf.for %{{.*}} = %c0 to %c60 step %c6
// AVX2-COUNT-12: vector.fma {{.*}} : vector<8xf32>
func.func @static(%a: memref<64x?xf32>, %b: memref<?x64xf32>, %c: memref<64x64xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<64x64xf32>)
  linalg.matmul ins(%a, %b : memref<64x?xf32>, memref<?x64xf32>) outs(%c : memref<64x64xf32>)
  return
}

// -----

// Single rows and masked vectors are left over. Without a fill, sums add up.
// CHECK-LABEL: func @dynamic
// CHECK: scf.for {{.*}} step %c32
// CHECK: vector.store
// CHECK: scf.for {{.*}} step %c16
// CHECK: vector.maskedload
// CHECK: arith.addf {{.*}} : vector<16xf32>
// CHECK: vector.maskedstore
func.func @dynamic(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>) {
  linalg.matmul ins(%a, %b : memref<?x?xf32>, memref<?x?xf32>) outs(%c : memref<?x?xf32>)
  return
}

// -----

// Factors are extended as they are loaded, and may be transposed on the side of
// the rows.
// CHECK-LABEL: func @mixed
// CHECK: vector.load {{.*}} vector<16xbf16>
// CHECK: arith.extf {{.*}} : vector<16xbf16> to vector<16xf32>
// CHECK: arith.extf {{.*}} : bf16 to f32
#a = affine_map<(i, j, k) -> (k, i)>
#b = affine_map<(i, j, k) -> (k, j)>
#c = affine_map<(i, j, k) -> (i, j)>
func.func @mixed(%a: memref<8x8xbf16>, %b: memref<8x32xbf16>, %c: memref<8x32xf32>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : memref<8x8xbf16>, memref<8x32xbf16>) outs(%c : memref<8x32xf32>) {
  ^bb0(%x: bf16, %y: bf16, %z: f32):
    %xf = arith.extf %x : bf16 to f32
    %yf = arith.extf %y : bf16 to f32
    %p = arith.mulf %xf, %yf : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  }
  return
}

// -----

// Neither a product that is not contiguous along lanes, nor one of something
// else than the factors.
// CHECK-LABEL: func @not_products
// CHECK-COUNT-2: linalg.generic
#a = affine_map<(i, j, k) -> (i, k)>
#b = affine_map<(i, j, k) -> (j, k)>
#bt = affine_map<(i, j, k) -> (k, j)>
#c = affine_map<(i, j, k) -> (i, j)>
func.func @not_products(%a: memref<8x8xf32>, %c: memref<8x8xf32>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%c : memref<8x8xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  }
  linalg.generic {indexing_maps = [#a, #bt, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%c : memref<8x8xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %e = math.exp %y : f32
    %p = arith.mulf %x, %e : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  }
  return
}
