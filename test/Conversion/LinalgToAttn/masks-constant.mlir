// RUN: sigmoid-attn-opt %s --raise-to-attention --canonicalize --split-input-file | FileCheck %s

// Masks that are constants.

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>
#m = affine_map<(b, h, i, j) -> (i, j)>

// CHECK-LABEL: func @added_constant
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) mask<causal> : (
func.func @added_constant(%q: tensor<2x3x4x4xf32>, %k: tensor<2x3x4x4xf32>, %v: tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %mask = arith.constant dense<[[0.0, -1.0e4, -1.0e4, -1.0e4], [0.0, 0.0, -1.0e4, -1.0e4], [0.0, 0.0, 0.0, -1.0e4], [0.0, 0.0, 0.0, 0.0]]> : tensor<4x4xf32>
  %s_empty = tensor.empty() : tensor<2x3x4x4xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>) outs(%s_zero : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %p = linalg.generic {indexing_maps = [#id, #m, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %mask : tensor<2x3x4x4xf32>, tensor<4x4xf32>) outs(%s_empty : tensor<2x3x4x4xf32>) {
  ^bb0(%x: f32, %t: f32, %out: f32):
    %z = arith.addf %x, %t : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x4x4xf32>
  %o_empty = tensor.empty() : tensor<2x3x4x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x4x4xf32>, tensor<2x3x4x3xf32>) outs(%o_zero : tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32>
  return %o : tensor<2x3x4x3xf32>
}

// -----

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>
#m = affine_map<(b, h, i, j) -> (i, j)>

// CHECK-LABEL: func @constant_booleans
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) mask<causal> : (
func.func @constant_booleans(%q: tensor<2x3x4x4xf32>, %k: tensor<2x3x4x4xf32>, %v: tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %mask = arith.constant dense<[[true, false, false, false], [true, true, false, false], [true, true, true, false], [true, true, true, true]]> : tensor<4x4xi1>
  %hidden = arith.constant -1.0e9 : f32
  %s_empty = tensor.empty() : tensor<2x3x4x4xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>) outs(%s_zero : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %p = linalg.generic {indexing_maps = [#id, #m, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %mask : tensor<2x3x4x4xf32>, tensor<4x4xi1>) outs(%s_empty : tensor<2x3x4x4xf32>) {
  ^bb0(%x: f32, %t: i1, %out: f32):
    %z = arith.select %t, %x, %hidden : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x4x4xf32>
  %o_empty = tensor.empty() : tensor<2x3x4x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x4x4xf32>, tensor<2x3x4x3xf32>) outs(%o_zero : tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32>
  return %o : tensor<2x3x4x3xf32>
}

// -----

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>
#row = affine_map<(b, h, i, j) -> (i)>
#column = affine_map<(b, h, i, j) -> (j)>

// CHECK-LABEL: func @constant_indices
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) mask<causal> : (
func.func @constant_indices(%q: tensor<2x3x4x4xf32>, %k: tensor<2x3x4x4xf32>, %v: tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %iota = arith.constant dense<[0, 1, 2, 3]> : tensor<4xi32>
  %hidden = arith.constant -1.0e9 : f32
  %s_empty = tensor.empty() : tensor<2x3x4x4xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>) outs(%s_zero : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %p = linalg.generic {indexing_maps = [#id, #row, #column, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %iota, %iota : tensor<2x3x4x4xf32>, tensor<4xi32>, tensor<4xi32>) outs(%s_empty : tensor<2x3x4x4xf32>) {
  ^bb0(%x: f32, %a: i32, %t: i32, %out: f32):
    %c = arith.cmpi sge, %a, %t : i32
    %z = arith.select %c, %x, %hidden : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x4x4xf32>
  %o_empty = tensor.empty() : tensor<2x3x4x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x4x4xf32>, tensor<2x3x4x3xf32>) outs(%o_zero : tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32>
  return %o : tensor<2x3x4x3xf32>
}

// -----

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>
#m = affine_map<(b, h, i, j) -> (i, j)>

// CHECK-LABEL: func @constant_window_times_weight
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) mask<window 1, 1> : (
func.func @constant_window_times_weight(%q: tensor<2x3x4x4xf32>, %k: tensor<2x3x4x4xf32>, %v: tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %mask = arith.constant dense<[[1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0], [0.0, 1.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]> : tensor<4x4xf32>
  %s_empty = tensor.empty() : tensor<2x3x4x4xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>) outs(%s_zero : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %p = linalg.generic {indexing_maps = [#id, #m, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %mask : tensor<2x3x4x4xf32>, tensor<4x4xf32>) outs(%s_empty : tensor<2x3x4x4xf32>) {
  ^bb0(%x: f32, %t: f32, %out: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    %w = arith.mulf %y, %t : f32
    linalg.yield %w : f32
  } -> tensor<2x3x4x4xf32>
  %o_empty = tensor.empty() : tensor<2x3x4x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x4x4xf32>, tensor<2x3x4x3xf32>) outs(%o_zero : tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32>
  return %o : tensor<2x3x4x3xf32>
}

// -----

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>
#m = affine_map<(b, h, i, j) -> (i, j)>

// No band: the mask stays, in the score region.
// CHECK-LABEL: func @constant_holes
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) score(%[[X:.*]], %{{.*}}, %{{.*}}, %[[I:.*]], %[[J:.*]]) {
// CHECK: %[[SEEN:.*]] = tensor.extract %{{.*}}[%[[I]], %[[J]]] : tensor<4x4xi1>
// CHECK: %[[Y:.*]] = arith.select %[[SEEN]], %[[X]], %{{.*}} : f32
// CHECK: attn.yield %[[Y]]
func.func @constant_holes(%q: tensor<2x3x4x4xf32>, %k: tensor<2x3x4x4xf32>, %v: tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %mask = arith.constant dense<[[true, false, false, false], [true, true, false, false], [true, false, true, false], [true, true, true, true]]> : tensor<4x4xi1>
  %hidden = arith.constant -1.0e9 : f32
  %s_empty = tensor.empty() : tensor<2x3x4x4xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>) outs(%s_zero : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %p = linalg.generic {indexing_maps = [#id, #m, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %mask : tensor<2x3x4x4xf32>, tensor<4x4xi1>) outs(%s_empty : tensor<2x3x4x4xf32>) {
  ^bb0(%x: f32, %t: i1, %out: f32):
    %z = arith.select %t, %x, %hidden : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x4x4xf32>
  %o_empty = tensor.empty() : tensor<2x3x4x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x4x4xf32>, tensor<2x3x4x3xf32>) outs(%o_zero : tensor<2x3x4x3xf32>) -> tensor<2x3x4x3xf32>
  return %o : tensor<2x3x4x3xf32>
}
