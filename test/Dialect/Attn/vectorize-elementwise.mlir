// RUN: sigmoid-attn-opt %s --attn-vectorize-elementwise=vector-bits=512 --canonicalize -split-input-file | FileCheck %s
// RUN: not sigmoid-attn-opt %s --attn-vectorize-elementwise=vector-bits=17 -split-input-file 2>&1 | FileCheck %s --check-prefix=BITS

// BITS: expected vector-bits to be 0, 128, 256 or 512, got 17

#id = affine_map<(i) -> (i)>

// Whole vectors, then single elements.
// CHECK-LABEL: func @tail
// CHECK-SAME: %[[A:.*]]: memref<?xf32>, %[[B:.*]]: memref<?xf32>
// CHECK: %[[REST:.*]] = arith.remui %[[N:.*]], %c16
// CHECK: %[[END:.*]] = arith.subi %[[N]], %[[REST]]
// CHECK: scf.for %[[I:.*]] = %c0 to %[[END]] step %c16
// CHECK: %[[X:.*]] = vector.load %[[A]][%[[I]]]
// CHECK: %[[Y:.*]] = math.exp %[[X]] : vector<16xf32>
// CHECK: vector.store %[[Y]], %[[B]][%[[I]]]
// CHECK: scf.for %[[J:.*]] = %[[END]] to %[[N]] step %c1
// CHECK: memref.store %{{.*}}, %[[B]][%[[J]]]
func.func @tail(%a: memref<?xf32>, %b: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%a : memref<?xf32>) outs(%b : memref<?xf32>) {
  ^bb0(%x: f32, %y: f32):
    %z = math.exp %x : f32
    linalg.yield %z : f32
  }
  return
}

// -----

#rows = affine_map<(i, j) -> (i)>
#both = affine_map<(i, j) -> (i, j)>
#flip = affine_map<(i, j) -> (j, i)>

// What does not change along the last loop stays a scalar until it meets what
// does. A transposed input is gathered; positions along the loop are a vector.
// CHECK-LABEL: func @uniform_and_strided
// CHECK-SAME: %[[A:.*]]: memref<4xf32>, %[[T:.*]]: memref<32x4xf32>
// CHECK: %[[X:.*]] = memref.load %[[A]]
// CHECK-COUNT-16: memref.load %[[T]]
// CHECK: vector.from_elements
// CHECK: %[[N:.*]] = arith.negf %[[X]] : f32
// CHECK: vector.broadcast %[[N]] : f32 to vector<16xf32>
// CHECK: vector.step : vector<16xindex>
// CHECK: arith.sitofp {{.*}} vector<16xi64> to vector<16xf32>
func.func @uniform_and_strided(%a: memref<4xf32>, %t: memref<32x4xf32>, %o: memref<4x32xf32>) {
  linalg.generic {indexing_maps = [#rows, #flip, #both], iterator_types = ["parallel", "parallel"]}
      ins(%a, %t : memref<4xf32>, memref<32x4xf32>) outs(%o : memref<4x32xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %n = arith.negf %x : f32
    %s = arith.addf %n, %y : f32
    %j = linalg.index 1 : index
    %i = arith.index_cast %j : index to i64
    %f = arith.sitofp %i : i64 to f32
    %r = arith.mulf %s, %f : f32
    linalg.yield %r : f32
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>

// A load at computed indices happens for one lane after the other.
// CHECK-LABEL: func @by_lane
// CHECK-SAME: %[[T:.*]]: memref<99xf32>
// CHECK-COUNT-16: memref.load %[[T]]
// CHECK: vector.from_elements
// CHECK: vector.store
func.func @by_lane(%t: memref<99xf32>, %o: memref<16xf32>) {
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%o : memref<16xf32>) {
  ^bb0(%z: f32):
    %i = linalg.index 0 : index
    %k = arith.addi %i, %i : index
    %x = memref.load %t[%k] : memref<99xf32>
    linalg.yield %x : f32
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>
#both = affine_map<(i, j) -> (i, j)>
#flip = affine_map<(i, j) -> (j, i)>
#column = affine_map<(i, j) -> (j)>

// Not results of single bits, nor transposed ones, nor sums along an outer loop.
// Nor views inside the body.
// CHECK-LABEL: func @left_alone
// CHECK-COUNT-4: linalg.generic
func.func @left_alone(%a: memref<16xf32>, %p: memref<16xi1>, %m: memref<8x8xf32>, %n: memref<8x8xf32>, %s: memref<8xf32>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<16xf32>) outs(%p : memref<16xi1>) {
  ^bb0(%x: f32, %z: i1):
    %c = arith.cmpf oeq, %x, %x : f32
    linalg.yield %c : i1
  }
  linalg.generic {indexing_maps = [#both, #flip], iterator_types = ["parallel", "parallel"]} ins(%m : memref<8x8xf32>) outs(%n : memref<8x8xf32>) {
  ^bb0(%x: f32, %z: f32):
    linalg.yield %x : f32
  }
  linalg.generic {indexing_maps = [#both, #column], iterator_types = ["reduction", "parallel"]} ins(%m : memref<8x8xf32>) outs(%s : memref<8xf32>) {
  ^bb0(%x: f32, %z: f32):
    %r = arith.addf %x, %z : f32
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%a : memref<16xf32>) {
  ^bb0(%z: f32):
    %i = linalg.index 0 : index
    %c = arith.constant 0 : index
    %v = memref.subview %a[%i] [1] [1] : memref<16xf32> to memref<1xf32, strided<[1], offset: ?>>
    %x = memref.load %v[%c] : memref<1xf32, strided<[1], offset: ?>>
    linalg.yield %x : f32
  }
  return
}

// -----

#both = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>

// Vectors are combined, then their lanes with the result, then the rest.
// CHECK-LABEL: func @sum_of_squares
// CHECK-SAME: %[[M:.*]]: memref<4x?xf32>, %[[S:.*]]: memref<4xf32>
// CHECK: scf.for %[[I:.*]] = %c0 to %c4
// CHECK: %[[V:.*]] = scf.for {{.*}} iter_args(%[[ACC:.*]] = %{{.*}}) -> (vector<16xf32>)
// CHECK: %[[X:.*]] = vector.load %[[M]]
// CHECK: %[[Y:.*]] = arith.mulf %[[X]], %[[X]] : vector<16xf32>
// CHECK: arith.addf %[[Y]], %[[ACC]] : vector<16xf32>
// CHECK: %[[FIRST:.*]] = memref.load %[[S]][%[[I]]]
// CHECK: %[[T:.*]] = vector.reduction <add>, %[[V]], %[[FIRST]]
// CHECK: %[[R:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[T]]) -> (f32)
// CHECK: memref.store %[[R]], %[[S]][%[[I]]]
func.func @sum_of_squares(%m: memref<4x?xf32>, %s: memref<4xf32>) {
  linalg.generic {indexing_maps = [#both, #row], iterator_types = ["parallel", "reduction"]} ins(%m : memref<4x?xf32>) outs(%s : memref<4xf32>) {
  ^bb0(%x: f32, %z: f32):
    %y = arith.mulf %x, %x : f32
    %r = arith.addf %y, %z : f32
    linalg.yield %r : f32
  }
  return
}
