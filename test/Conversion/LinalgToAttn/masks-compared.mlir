// RUN: sigmoid-attn-opt %s --raise-to-attention --canonicalize --split-input-file | FileCheck %s

// Causal masks by comparisons of indices.

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>

// CHECK-LABEL: func @compare_and_select
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) mask<causal> : (
func.func @compare_and_select(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x5x4xf32>, %v: tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %hidden = arith.constant 0xFF800000 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x5xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x5x4xf32>) outs(%s_zero : tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x5xf32>) outs(%s_empty : tensor<2x3x5x5xf32>) {
  ^bb0(%x: f32, %out: f32):
    %i = linalg.index 2 : index
    %j = linalg.index 3 : index
    %i32 = arith.index_cast %i : index to i32
    %j32 = arith.index_cast %j : index to i32
    %c = arith.cmpi sge, %i32, %j32 : i32
    %z = arith.select %c, %x, %hidden : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5x5xf32>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x5xf32>, tensor<2x3x5x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
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

// The condition says what is hidden, by a finite number.
// CHECK-LABEL: func @select_hidden
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) mask<causal> : (
func.func @select_hidden(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x5x4xf32>, %v: tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %hidden = arith.constant -1.0e9 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x5xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x5x4xf32>) outs(%s_zero : tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x5xf32>) outs(%s_empty : tensor<2x3x5x5xf32>) {
  ^bb0(%x: f32, %out: f32):
    %i = linalg.index 2 : index
    %j = linalg.index 3 : index
    %c = arith.cmpi ult, %i, %j : index
    %z = arith.select %c, %hidden, %x : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5x5xf32>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x5xf32>, tensor<2x3x5x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
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

// CHECK-LABEL: func @select_after_sigmoid
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) mask<causal> : (
func.func @select_after_sigmoid(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x5x4xf32>, %v: tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x5xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x5x4xf32>) outs(%s_zero : tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x5xf32>) outs(%s_empty : tensor<2x3x5x5xf32>) {
  ^bb0(%x: f32, %out: f32):
    %i = linalg.index 2 : index
    %j = linalg.index 3 : index
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    %c = arith.cmpi ule, %j, %i : index
    %w = arith.select %c, %y, %zero : f32
    linalg.yield %w : f32
  } -> tensor<2x3x5x5xf32>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x5xf32>, tensor<2x3x5x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
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

// CHECK-LABEL: func @boolean_times_weight
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) mask<causal> : (
func.func @boolean_times_weight(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x5x4xf32>, %v: tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x5xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x5x4xf32>) outs(%s_zero : tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x5xf32>) outs(%s_empty : tensor<2x3x5x5xf32>) {
  ^bb0(%x: f32, %out: f32):
    %i = linalg.index 2 : index
    %j = linalg.index 3 : index
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    %c = arith.cmpi ule, %j, %i : index
    %m = arith.uitofp %c : i1 to f32
    %w = arith.mulf %y, %m : f32
    linalg.yield %w : f32
  } -> tensor<2x3x5x5xf32>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x5xf32>, tensor<2x3x5x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
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

// CHECK-LABEL: func @large_negative_added
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) mask<causal> : (
func.func @large_negative_added(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x5x4xf32>, %v: tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %hidden = arith.constant -1.0e9 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x5xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x5x4xf32>) outs(%s_zero : tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x5xf32>) outs(%s_empty : tensor<2x3x5x5xf32>) {
  ^bb0(%x: f32, %out: f32):
    %i = linalg.index 2 : index
    %j = linalg.index 3 : index
    %c = arith.cmpi ugt, %j, %i : index
    %m = arith.uitofp %c : i1 to f32
    %b = arith.mulf %m, %hidden : f32
    %z = arith.addf %x, %b : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5x5xf32>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x5xf32>, tensor<2x3x5x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  return %o : tensor<2x3x5x3xf32>
}
