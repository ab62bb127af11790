// RUN: sigmoid-attn-opt %s --raise-to-attention --canonicalize --split-input-file | FileCheck %s

// Lengths known at run time: masks need to know that they are equal, and what is
// left of the scores are their sizes.

#id = affine_map<(i, j) -> (i, j)>
#q = affine_map<(i, j, d) -> (i, d)>
#k = affine_map<(i, j, d) -> (j, d)>
#s = affine_map<(i, j, d) -> (i, j)>

// Queries, keys and values are one tensor.
// CHECK-LABEL: func @same_length
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) mask<causal> : (tensor<1x1x?x4xf32>
func.func @same_length(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %hidden = arith.constant -1.0e9 : f32
  %lq = tensor.dim %q, %c0 : tensor<?x4xf32>
  %lk = tensor.dim %k, %c0 : tensor<?x4xf32>
  %s_empty = tensor.empty(%lq, %lq) : tensor<?x?xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<?x?xf32>) -> tensor<?x?xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %q : tensor<?x4xf32>, tensor<?x4xf32>) outs(%s_zero : tensor<?x?xf32>) -> tensor<?x?xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%s : tensor<?x?xf32>) outs(%s_empty : tensor<?x?xf32>) {
  ^bb0(%x: f32, %out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %c = arith.cmpi ule, %j, %i : index
    %z = arith.select %c, %x, %hidden : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<?x?xf32>
  %o_empty = tensor.empty(%lq) : tensor<?x4xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<?x4xf32>) -> tensor<?x4xf32>
  %o = linalg.matmul ins(%p, %q : tensor<?x?xf32>, tensor<?x4xf32>) outs(%o_zero : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#q = affine_map<(i, j, d) -> (i, d)>
#k = affine_map<(i, j, d) -> (j, d)>
#s = affine_map<(i, j, d) -> (i, j)>

// j <= i + (key length - query length)
// CHECK-LABEL: func @aligned_at_run_time
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) mask<causal> : (tensor<1x1x?x4xf32>
func.func @aligned_at_run_time(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %hidden = arith.constant -1.0e9 : f32
  %lq = tensor.dim %q, %c0 : tensor<?x4xf32>
  %lk = tensor.dim %k, %c0 : tensor<?x4xf32>
  %shift = arith.subi %lk, %lq : index
  %s_empty = tensor.empty(%lq, %lk) : tensor<?x?xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<?x?xf32>) -> tensor<?x?xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<?x4xf32>, tensor<?x4xf32>) outs(%s_zero : tensor<?x?xf32>) -> tensor<?x?xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%s : tensor<?x?xf32>) outs(%s_empty : tensor<?x?xf32>) {
  ^bb0(%x: f32, %out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %last = arith.addi %i, %shift : index
    %c = arith.cmpi sle, %j, %last : index
    %z = arith.select %c, %x, %hidden : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<?x?xf32>
  %o_empty = tensor.empty(%lq) : tensor<?x4xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<?x4xf32>) -> tensor<?x4xf32>
  %o = linalg.matmul ins(%p, %v : tensor<?x?xf32>, tensor<?x4xf32>) outs(%o_zero : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#q = affine_map<(i, j, d) -> (i, d)>
#k = affine_map<(i, j, d) -> (j, d)>
#s = affine_map<(i, j, d) -> (i, j)>

// The bias is of the length of the scores, which go away.
// CHECK-LABEL: func @bias_of_length
// CHECK-NOT: tensor<?x?xf32>
// CHECK: %[[BIAS:.*]] = arith.negf %{{.*}} : f32
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) bias(%[[BIAS]]) : (
func.func @bias_of_length(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %hidden = arith.constant -1.0e9 : f32
  %lq = tensor.dim %q, %c0 : tensor<?x4xf32>
  %lk = tensor.dim %k, %c0 : tensor<?x4xf32>
  %s_empty = tensor.empty(%lq, %lk) : tensor<?x?xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<?x?xf32>) -> tensor<?x?xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<?x4xf32>, tensor<?x4xf32>) outs(%s_zero : tensor<?x?xf32>) -> tensor<?x?xf32>
  %c1 = arith.constant 1 : index
  %keys = tensor.dim %s, %c1 : tensor<?x?xf32>
  %n64 = arith.index_cast %keys : index to i64
  %nf = arith.sitofp %n64 : i64 to f32
  %log = math.log %nf : f32
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%s : tensor<?x?xf32>) outs(%s_empty : tensor<?x?xf32>) {
  ^bb0(%x: f32, %out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %z = arith.subf %x, %log : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<?x?xf32>
  %o_empty = tensor.empty(%lq) : tensor<?x4xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<?x4xf32>) -> tensor<?x4xf32>
  %o = linalg.matmul ins(%p, %v : tensor<?x?xf32>, tensor<?x4xf32>) outs(%o_zero : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#q = affine_map<(i, j, d) -> (i, d)>
#k = affine_map<(i, j, d) -> (j, d)>
#s = affine_map<(i, j, d) -> (i, j)>

// Nothing says that the lengths are equal: the condition stays as it is.
// CHECK-LABEL: func @other_length
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) score(
// CHECK: arith.cmpi ule
// CHECK: attn.yield
func.func @other_length(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %hidden = arith.constant -1.0e9 : f32
  %lq = tensor.dim %q, %c0 : tensor<?x4xf32>
  %lk = tensor.dim %k, %c0 : tensor<?x4xf32>
  %s_empty = tensor.empty(%lq, %lk) : tensor<?x?xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<?x?xf32>) -> tensor<?x?xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<?x4xf32>, tensor<?x4xf32>) outs(%s_zero : tensor<?x?xf32>) -> tensor<?x?xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%s : tensor<?x?xf32>) outs(%s_empty : tensor<?x?xf32>) {
  ^bb0(%x: f32, %out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %c = arith.cmpi ule, %j, %i : index
    %z = arith.select %c, %x, %hidden : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<?x?xf32>
  %o_empty = tensor.empty(%lq) : tensor<?x4xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<?x4xf32>) -> tensor<?x4xf32>
  %o = linalg.matmul ins(%p, %v : tensor<?x?xf32>, tensor<?x4xf32>) outs(%o_zero : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
