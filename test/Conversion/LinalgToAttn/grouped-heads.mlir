// RUN: sigmoid-attn-opt %s --raise-to-attention --canonicalize --split-input-file | FileCheck %s

// Query heads that share keys and values.

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>

// Each key head repeated for two query heads, as a broadcast that is collapsed.
// CHECK-LABEL: func @repeated
// CHECK-SAME: (%[[Q:.*]]: tensor<2x6x5x4xf32>, %[[K:.*]]: tensor<2x3x7x4xf32>, %[[V:.*]]: tensor<2x3x7x3xf32>)
// CHECK: attn.sigmoid_attention %[[Q]], %[[K]], %[[V]] scale(%{{.*}}) : (tensor<2x6x5x4xf32>, tensor<2x3x7x4xf32>, tensor<2x3x7x3xf32>) -> tensor<2x6x5x3xf32>
func.func @repeated(%q: tensor<2x6x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x6x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %kr_empty = tensor.empty() : tensor<2x3x2x7x4xf32>
  %kr_groups = linalg.broadcast ins(%k : tensor<2x3x7x4xf32>) outs(%kr_empty : tensor<2x3x2x7x4xf32>) dimensions = [2]
  %kr = tensor.collapse_shape %kr_groups [[0], [1, 2], [3], [4]] : tensor<2x3x2x7x4xf32> into tensor<2x6x7x4xf32>
  %vr_empty = tensor.empty() : tensor<2x3x2x7x3xf32>
  %vr_groups = linalg.broadcast ins(%v : tensor<2x3x7x3xf32>) outs(%vr_empty : tensor<2x3x2x7x3xf32>) dimensions = [2]
  %vr = tensor.collapse_shape %vr_groups [[0], [1, 2], [3], [4]] : tensor<2x3x2x7x3xf32> into tensor<2x6x7x3xf32>
  %s_empty = tensor.empty() : tensor<2x6x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x6x5x7xf32>) -> tensor<2x6x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %kr : tensor<2x6x5x4xf32>, tensor<2x6x7x4xf32>) outs(%s_zero : tensor<2x6x5x7xf32>) -> tensor<2x6x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x6x5x7xf32>) outs(%s_empty : tensor<2x6x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x6x5x7xf32>
  %o_empty = tensor.empty() : tensor<2x6x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x6x5x3xf32>) -> tensor<2x6x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %vr : tensor<2x6x5x7xf32>, tensor<2x6x7x3xf32>) outs(%o_zero : tensor<2x6x5x3xf32>) -> tensor<2x6x5x3xf32>
  return %o : tensor<2x6x5x3xf32>
}

// -----

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>
#tile_in = affine_map<(b, g, h, j, d) -> (b, h, j, d)>
#tile_out = affine_map<(b, g, h, j, d) -> (b, g, h, j, d)>

// Query head h uses key head h mod 3: heads are brought into the order of the op.
// CHECK-LABEL: func @tiled
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1, 3, 4]
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) : (tensor<2x6x5x4xf32>, tensor<2x3x7x4xf32>, tensor<2x3x7x3xf32>) -> tensor<2x6x5x3xf32>
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1, 3, 4]
func.func @tiled(%q: tensor<2x6x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x6x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %kr_empty = tensor.empty() : tensor<2x2x3x7x4xf32>
  %kr_groups = linalg.generic {indexing_maps = [#tile_in, #tile_out], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%k : tensor<2x3x7x4xf32>) outs(%kr_empty : tensor<2x2x3x7x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<2x2x3x7x4xf32>
  %kr = tensor.collapse_shape %kr_groups [[0], [1, 2], [3], [4]] : tensor<2x2x3x7x4xf32> into tensor<2x6x7x4xf32>
  %vr_empty = tensor.empty() : tensor<2x2x3x7x3xf32>
  %vr_groups = linalg.generic {indexing_maps = [#tile_in, #tile_out], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%v : tensor<2x3x7x3xf32>) outs(%vr_empty : tensor<2x2x3x7x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<2x2x3x7x3xf32>
  %vr = tensor.collapse_shape %vr_groups [[0], [1, 2], [3], [4]] : tensor<2x2x3x7x3xf32> into tensor<2x6x7x3xf32>
  %s_empty = tensor.empty() : tensor<2x6x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x6x5x7xf32>) -> tensor<2x6x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %kr : tensor<2x6x5x4xf32>, tensor<2x6x7x4xf32>) outs(%s_zero : tensor<2x6x5x7xf32>) -> tensor<2x6x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x6x5x7xf32>) outs(%s_empty : tensor<2x6x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x6x5x7xf32>
  %o_empty = tensor.empty() : tensor<2x6x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x6x5x3xf32>) -> tensor<2x6x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %vr : tensor<2x6x5x7xf32>, tensor<2x6x7x3xf32>) outs(%o_zero : tensor<2x6x5x3xf32>) -> tensor<2x6x5x3xf32>
  return %o : tensor<2x6x5x3xf32>
}

// -----

#id = affine_map<(b, h, g, i, j) -> (b, h, g, i, j)>
#q = affine_map<(b, h, g, i, j, d) -> (b, h, g, i, d)>
#k = affine_map<(b, h, g, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, g, i, j, d) -> (b, h, g, i, j)>
#p = affine_map<(b, h, g, i, e, j) -> (b, h, g, i, j)>
#v = affine_map<(b, h, g, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, g, i, e, j) -> (b, h, g, i, e)>

// The group is a dim of the queries only: nothing is repeated. The mask says
// which of their two dims is the length.
// CHECK-LABEL: func @group_dim
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) mask<causal> : (tensor<2x6x5x4xf32>, tensor<2x3x5x4xf32>, tensor<2x3x5x3xf32>) -> tensor<2x6x5x3xf32>
func.func @group_dim(%q: tensor<2x3x2x5x4xf32>, %k: tensor<2x3x5x4xf32>, %v: tensor<2x3x5x3xf32>) -> tensor<2x3x2x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %hidden = arith.constant -1.0e9 : f32
  %s_empty = tensor.empty() : tensor<2x3x2x5x5xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x2x5x5xf32>) -> tensor<2x3x2x5x5xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x2x5x4xf32>, tensor<2x3x5x4xf32>) outs(%s_zero : tensor<2x3x2x5x5xf32>) -> tensor<2x3x2x5x5xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x2x5x5xf32>) outs(%s_empty : tensor<2x3x2x5x5xf32>) {
  ^bb0(%x: f32, %out: f32):
    %i = linalg.index 3 : index
    %j = linalg.index 4 : index
    %c = arith.cmpi ule, %j, %i : index
    %z = arith.select %c, %x, %hidden : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x2x5x5xf32>
  %o_empty = tensor.empty() : tensor<2x3x2x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x2x5x3xf32>) -> tensor<2x3x2x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x2x5x5xf32>, tensor<2x3x5x3xf32>) outs(%o_zero : tensor<2x3x2x5x3xf32>) -> tensor<2x3x2x5x3xf32>
  return %o : tensor<2x3x2x5x3xf32>
}

// -----

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>

// One key head for all: batch entries become key heads.
// CHECK-LABEL: func @one_key_head
// CHECK: attn.sigmoid_attention {{.*}} : (tensor<1x6x5x4xf32>, tensor<1x2x7x4xf32>, tensor<1x2x7x3xf32>) -> tensor<1x6x5x3xf32>
func.func @one_key_head(%q: tensor<2x3x5x4xf32>, %k: tensor<2x1x7x4xf32>, %v: tensor<2x1x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %kr_empty = tensor.empty() : tensor<2x3x7x4xf32>
  %kr_one = tensor.collapse_shape %k [[0, 1], [2], [3]] : tensor<2x1x7x4xf32> into tensor<2x7x4xf32>
  %kr = linalg.broadcast ins(%kr_one : tensor<2x7x4xf32>) outs(%kr_empty : tensor<2x3x7x4xf32>) dimensions = [1]
  %vr_empty = tensor.empty() : tensor<2x3x7x3xf32>
  %vr_one = tensor.collapse_shape %v [[0, 1], [2], [3]] : tensor<2x1x7x3xf32> into tensor<2x7x3xf32>
  %vr = linalg.broadcast ins(%vr_one : tensor<2x7x3xf32>) outs(%vr_empty : tensor<2x3x7x3xf32>) dimensions = [1]
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %kr : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5x7xf32>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %vr : tensor<2x3x5x7xf32>, tensor<2x3x7x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  return %o : tensor<2x3x5x3xf32>
}

// -----

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>

// Keys are shared, values are not: the keys stay repeated.
// CHECK-LABEL: func @keys_only
// CHECK: linalg.broadcast
// CHECK: attn.sigmoid_attention {{.*}} : (tensor<2x6x5x4xf32>, tensor<2x6x7x4xf32>, tensor<2x6x7x3xf32>) -> tensor<2x6x5x3xf32>
func.func @keys_only(%q: tensor<2x6x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x6x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %kr_empty = tensor.empty() : tensor<2x3x2x7x4xf32>
  %kr_groups = linalg.broadcast ins(%k : tensor<2x3x7x4xf32>) outs(%kr_empty : tensor<2x3x2x7x4xf32>) dimensions = [2]
  %kr = tensor.collapse_shape %kr_groups [[0], [1, 2], [3], [4]] : tensor<2x3x2x7x4xf32> into tensor<2x6x7x4xf32>
  %vr = tensor.concat dim(1) %v, %v : (tensor<2x3x7x3xf32>, tensor<2x3x7x3xf32>) -> tensor<2x6x7x3xf32>
  %s_empty = tensor.empty() : tensor<2x6x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x6x5x7xf32>) -> tensor<2x6x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %kr : tensor<2x6x5x4xf32>, tensor<2x6x7x4xf32>) outs(%s_zero : tensor<2x6x5x7xf32>) -> tensor<2x6x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x6x5x7xf32>) outs(%s_empty : tensor<2x6x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x6x5x7xf32>
  %o_empty = tensor.empty() : tensor<2x6x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x6x5x3xf32>) -> tensor<2x6x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %vr : tensor<2x6x5x7xf32>, tensor<2x6x7x3xf32>) outs(%o_zero : tensor<2x6x5x3xf32>) -> tensor<2x6x5x3xf32>
  return %o : tensor<2x6x5x3xf32>
}
