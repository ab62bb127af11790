// RUN: sigmoid-attn-opt %s --raise-to-attention --canonicalize --split-input-file | FileCheck %s

// The contractions that attention is written in: named or generic, 2-D to 4-D,
// operands and dims in any order.

#id3 = affine_map<(b, i, j) -> (b, i, j)>

// CHECK-LABEL: func @collapsed_key_transposed_by_op
// CHECK-SAME: (%[[Q:.*]]: tensor<6x5x4xf32>, %[[K:.*]]: tensor<6x7x4xf32>, %[[V:.*]]: tensor<6x7x3xf32>)
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-DAG: %[[Q4:.*]] = tensor.expand_shape %[[Q]] {{\[}}[0, 1], [2], [3]] {{.*}} into tensor<1x6x5x4xf32>
// CHECK-DAG: %[[K4:.*]] = tensor.expand_shape %[[K]] {{.*}} into tensor<1x6x7x4xf32>
// CHECK-DAG: %[[V4:.*]] = tensor.expand_shape %[[V]] {{.*}} into tensor<1x6x7x3xf32>
// CHECK: %[[O4:.*]] = attn.sigmoid_attention %[[Q4]], %[[K4]], %[[V4]] scale(%[[ONE]]) : (tensor<1x6x5x4xf32>, tensor<1x6x7x4xf32>, tensor<1x6x7x3xf32>) -> tensor<1x6x5x3xf32>
// CHECK: %[[O:.*]] = tensor.collapse_shape %[[O4]] {{\[}}[0, 1], [2], [3]]
// CHECK: return %[[O]]
func.func @collapsed_key_transposed_by_op(%q: tensor<6x5x4xf32>, %k: tensor<6x7x4xf32>, %v: tensor<6x7x3xf32>) -> tensor<6x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %kt_empty = tensor.empty() : tensor<6x4x7xf32>
  %kt = linalg.transpose ins(%k : tensor<6x7x4xf32>) outs(%kt_empty : tensor<6x4x7xf32>) permutation = [0, 2, 1]
  %s_empty = tensor.empty() : tensor<6x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<6x5x7xf32>) -> tensor<6x5x7xf32>
  %s = linalg.batch_matmul ins(%q, %kt : tensor<6x5x4xf32>, tensor<6x4x7xf32>) outs(%s_zero : tensor<6x5x7xf32>) -> tensor<6x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id3, #id3], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s : tensor<6x5x7xf32>) outs(%s_empty : tensor<6x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<6x5x7xf32>
  %o_empty = tensor.empty() : tensor<6x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<6x5x3xf32>) -> tensor<6x5x3xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<6x5x7xf32>, tensor<6x7x3xf32>) outs(%o_zero : tensor<6x5x3xf32>) -> tensor<6x5x3xf32>
  return %o : tensor<6x5x3xf32>
}

// -----

#id4 = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>

// CHECK-LABEL: func @generic_key_transposed_by_map
// CHECK-SAME: (%[[Q:.*]]: tensor<2x3x5x4xf32>, %[[K:.*]]: tensor<2x3x7x4xf32>, %[[V:.*]]: tensor<2x3x7x3xf32>)
// CHECK: %[[O:.*]] = attn.sigmoid_attention %[[Q]], %[[K]], %[[V]] scale(
// CHECK-NEXT: return %[[O]]
func.func @generic_key_transposed_by_map(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    %r = arith.addf %c, %m : f32
    linalg.yield %r : f32
  } -> tensor<2x3x5x7xf32>
  %n = linalg.negf ins(%s : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %e = linalg.exp ins(%n : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %ones = linalg.fill ins(%one : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %d = linalg.add ins(%ones, %e : tensor<2x3x5x7xf32>, tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.div ins(%ones, %d : tensor<2x3x5x7xf32>, tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x7xf32>, tensor<2x3x7x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  return %o : tensor<2x3x5x3xf32>
}

// -----

#id4 = affine_map<(b, h, i, j) -> (b, h, i, j)>
#a3 = affine_map<(b, i, j, d) -> (b, i, d)>
#bt3 = affine_map<(b, i, j, d) -> (b, j, d)>
#c3 = affine_map<(b, i, j, d) -> (b, i, j)>

// Contractions on batch * heads, the sigmoid on batch x heads: both are found
// again, and the result is the op's own.
// CHECK-LABEL: func @collapsed_between
// CHECK-SAME: (%[[Q:.*]]: tensor<2x3x5x4xf32>, %[[K:.*]]: tensor<2x3x7x4xf32>, %[[V:.*]]: tensor<2x3x7x3xf32>)
// CHECK: %[[O:.*]] = attn.sigmoid_attention %[[Q]], %[[K]], %[[V]] scale(
// CHECK-NEXT: return %[[O]]
func.func @collapsed_between(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %q3 = tensor.collapse_shape %q [[0, 1], [2], [3]] : tensor<2x3x5x4xf32> into tensor<6x5x4xf32>
  %k3 = tensor.collapse_shape %k [[0, 1], [2], [3]] : tensor<2x3x7x4xf32> into tensor<6x7x4xf32>
  %v3 = tensor.collapse_shape %v [[0, 1], [2], [3]] : tensor<2x3x7x3xf32> into tensor<6x7x3xf32>
  %s_empty = tensor.empty() : tensor<6x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<6x5x7xf32>) -> tensor<6x5x7xf32>
  %s3 = linalg.batch_matmul indexing_maps = [#a3, #bt3, #c3] ins(%q3, %k3 : tensor<6x5x4xf32>, tensor<6x7x4xf32>) outs(%s_zero : tensor<6x5x7xf32>) -> tensor<6x5x7xf32>
  %s = tensor.expand_shape %s3 [[0, 1], [2], [3]] output_shape [2, 3, 5, 7] : tensor<6x5x7xf32> into tensor<2x3x5x7xf32>
  %p_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%p_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5x7xf32>
  %p3 = tensor.collapse_shape %p [[0, 1], [2], [3]] : tensor<2x3x5x7xf32> into tensor<6x5x7xf32>
  %o_empty = tensor.empty() : tensor<6x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<6x5x3xf32>) -> tensor<6x5x3xf32>
  %o3 = linalg.batch_matmul ins(%p3, %v3 : tensor<6x5x7xf32>, tensor<6x7x3xf32>) outs(%o_zero : tensor<6x5x3xf32>) -> tensor<6x5x3xf32>
  %o = tensor.expand_shape %o3 [[0, 1], [2], [3]] output_shape [2, 3, 5, 3] : tensor<6x5x3xf32> into tensor<2x3x5x3xf32>
  return %o : tensor<2x3x5x3xf32>
}

// -----

#id3 = affine_map<(b, i, j) -> (b, i, j)>

// Both products have their factors swapped: K Q^T, and V^T P^T.
// CHECK-LABEL: func @factors_swapped
// CHECK-SAME: (%[[QT:.*]]: tensor<6x4x5xf32>, %[[K:.*]]: tensor<6x7x4xf32>, %[[VT:.*]]: tensor<6x3x7xf32>)
// CHECK-DAG: linalg.transpose ins(%[[QT]] : tensor<6x4x5xf32>) outs(%{{.*}} : tensor<6x5x4xf32>) permutation = [0, 2, 1]
// CHECK-DAG: linalg.transpose ins(%[[VT]] : tensor<6x3x7xf32>) outs(%{{.*}} : tensor<6x7x3xf32>) permutation = [0, 2, 1]
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) : (tensor<1x6x5x4xf32>, tensor<1x6x7x4xf32>, tensor<1x6x7x3xf32>) -> tensor<1x6x5x3xf32>
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1]
func.func @factors_swapped(%qt: tensor<6x4x5xf32>, %k: tensor<6x7x4xf32>, %vt: tensor<6x3x7xf32>) -> tensor<6x3x5xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<6x7x5xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<6x7x5xf32>) -> tensor<6x7x5xf32>
  %s = linalg.batch_matmul ins(%k, %qt : tensor<6x7x4xf32>, tensor<6x4x5xf32>) outs(%s_zero : tensor<6x7x5xf32>) -> tensor<6x7x5xf32>
  %p = linalg.generic {indexing_maps = [#id3, #id3], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s : tensor<6x7x5xf32>) outs(%s_empty : tensor<6x7x5xf32>) {
  ^bb0(%x: f32, %out: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<6x7x5xf32>
  %o_empty = tensor.empty() : tensor<6x3x5xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<6x3x5xf32>) -> tensor<6x3x5xf32>
  %o = linalg.batch_matmul ins(%vt, %p : tensor<6x3x7xf32>, tensor<6x7x5xf32>) outs(%o_zero : tensor<6x3x5xf32>) -> tensor<6x3x5xf32>
  return %o : tensor<6x3x5xf32>
}

// -----

#id4 = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, i, h, d)>
#k = affine_map<(b, h, i, j, d) -> (b, j, h, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, i, h, e, j) -> (b, h, i, j)>
#v = affine_map<(b, i, h, e, j) -> (b, j, h, e)>
#o = affine_map<(b, i, h, e, j) -> (b, i, h, e)>

// Batch x length x heads x head dim, as projections leave it.
// CHECK-LABEL: func @length_before_heads
// CHECK-COUNT-3: linalg.transpose {{.*}} permutation = [0, 2, 1, 3]
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) : (tensor<2x3x?x4xf32>, tensor<2x3x?x4xf32>, tensor<2x3x?x4xf32>) -> tensor<2x3x?x4xf32>
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1, 3]
// CHECK-NOT: ?x?xf32
func.func @length_before_heads(%q: tensor<2x?x3x4xf32>, %k: tensor<2x?x3x4xf32>, %v: tensor<2x?x3x4xf32>) -> tensor<2x?x3x4xf32> {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %lq = tensor.dim %q, %c1 : tensor<2x?x3x4xf32>
  %lk = tensor.dim %k, %c1 : tensor<2x?x3x4xf32>
  %s_empty = tensor.empty(%lq, %lk) : tensor<2x3x?x?xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x?x?xf32>) -> tensor<2x3x?x?xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x?x3x4xf32>, tensor<2x?x3x4xf32>) outs(%s_zero : tensor<2x3x?x?xf32>) -> tensor<2x3x?x?xf32>
  %p = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x?x?xf32>) outs(%s_empty : tensor<2x3x?x?xf32>) {
  ^bb0(%x: f32, %out: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x?x?xf32>
  %o_empty = tensor.empty(%lq) : tensor<2x?x3x4xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x?x3x4xf32>) -> tensor<2x?x3x4xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x?x?xf32>, tensor<2x?x3x4xf32>) outs(%o_zero : tensor<2x?x3x4xf32>) -> tensor<2x?x3x4xf32>
  return %o : tensor<2x?x3x4xf32>
}

// -----

#id2 = affine_map<(i, j) -> (i, j)>
#a = affine_map<(i, j, d) -> (i, d)>
#bt = affine_map<(i, j, d) -> (j, d)>
#c = affine_map<(i, j, d) -> (i, j)>

// One head, no batch.
// CHECK-LABEL: func @matrices
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) : (tensor<1x1x5x4xf32>, tensor<1x1x7x4xf32>, tensor<1x1x7x3xf32>) -> tensor<1x1x5x3xf32>
func.func @matrices(%q: tensor<5x4xf32>, %k: tensor<7x4xf32>, %v: tensor<7x3xf32>) -> tensor<5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<5x7xf32>) -> tensor<5x7xf32>
  %s = linalg.matmul indexing_maps = [#a, #bt, #c] ins(%q, %k : tensor<5x4xf32>, tensor<7x4xf32>) outs(%s_zero : tensor<5x7xf32>) -> tensor<5x7xf32>
  %p = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%s : tensor<5x7xf32>) outs(%s_empty : tensor<5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<5x7xf32>
  %o_empty = tensor.empty() : tensor<5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<5x3xf32>) -> tensor<5x3xf32>
  %o = linalg.matmul ins(%p, %v : tensor<5x7xf32>, tensor<7x3xf32>) outs(%o_zero : tensor<5x3xf32>) -> tensor<5x3xf32>
  return %o : tensor<5x3xf32>
}
