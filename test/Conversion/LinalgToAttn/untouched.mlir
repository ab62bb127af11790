// RUN: sigmoid-attn-opt %s -o %t.before
// RUN: sigmoid-attn-opt %s --raise-to-attention --verify-diagnostics -o %t.after
// RUN: diff %t.before %t.after

// What is no attention is left alone, without a remark.

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#q = affine_map<(i, j, d) -> (i, d)>
#k = affine_map<(i, j, d) -> (j, d)>
#s = affine_map<(i, j, d) -> (i, j)>

// Softmax attention.
func.func @softmax(%q: tensor<5x4xf32>, %k: tensor<7x4xf32>, %v: tensor<7x3xf32>) -> tensor<5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %s_empty = tensor.empty() : tensor<5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<5x7xf32>) -> tensor<5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<5x4xf32>, tensor<7x4xf32>) outs(%s_zero : tensor<5x7xf32>) -> tensor<5x7xf32>
  %e = linalg.exp ins(%s : tensor<5x7xf32>) outs(%s_empty : tensor<5x7xf32>) -> tensor<5x7xf32>
  %sum_empty = tensor.empty() : tensor<5xf32>
  %sum_zero = linalg.fill ins(%zero : f32) outs(%sum_empty : tensor<5xf32>) -> tensor<5xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<5x7xf32>) outs(%sum_zero : tensor<5xf32>) dimensions = [1]
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%e, %sum : tensor<5x7xf32>, tensor<5xf32>) outs(%s_empty : tensor<5x7xf32>) {
  ^bb0(%x: f32, %total: f32, %out: f32):
    %y = arith.divf %x, %total : f32
    linalg.yield %y : f32
  } -> tensor<5x7xf32>
  %o_empty = tensor.empty() : tensor<5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<5x3xf32>) -> tensor<5x3xf32>
  %o = linalg.matmul ins(%p, %v : tensor<5x7xf32>, tensor<7x3xf32>) outs(%o_zero : tensor<5x3xf32>) -> tensor<5x3xf32>
  return %o : tensor<5x3xf32>
}

// Attention without any weights: two products.
func.func @linear(%q: tensor<5x4xf32>, %k: tensor<7x4xf32>, %v: tensor<7x3xf32>) -> tensor<5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %s_empty = tensor.empty() : tensor<5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<5x7xf32>) -> tensor<5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<5x4xf32>, tensor<7x4xf32>) outs(%s_zero : tensor<5x7xf32>) -> tensor<5x7xf32>
  %o_empty = tensor.empty() : tensor<5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<5x3xf32>) -> tensor<5x3xf32>
  %o = linalg.matmul ins(%s, %v : tensor<5x7xf32>, tensor<7x3xf32>) outs(%o_zero : tensor<5x3xf32>) -> tensor<5x3xf32>
  return %o : tensor<5x3xf32>
}

// Two layers of a perceptron: keys and values would be its weights.
func.func @perceptron(%x: tensor<5x2xf32>) -> tensor<5x2xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %half = arith.constant 0.5 : f32
  %up = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %down = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %h_empty = tensor.empty() : tensor<5x3xf32>
  %h_zero = linalg.fill ins(%zero : f32) outs(%h_empty : tensor<5x3xf32>) -> tensor<5x3xf32>
  %h = linalg.matmul ins(%x, %up : tensor<5x2xf32>, tensor<2x3xf32>) outs(%h_zero : tensor<5x3xf32>) -> tensor<5x3xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%h : tensor<5x3xf32>) outs(%h_empty : tensor<5x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    %n = arith.negf %in : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<5x3xf32>
  %o_empty = tensor.empty() : tensor<5x2xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<5x2xf32>) -> tensor<5x2xf32>
  %o = linalg.matmul ins(%a, %down : tensor<5x3xf32>, tensor<3x2xf32>) outs(%o_zero : tensor<5x2xf32>) -> tensor<5x2xf32>
  return %o : tensor<5x2xf32>
}

// The tanh form of GELU, which holds a sigmoid.
func.func @gelu(%x: tensor<5x2xf32>) -> tensor<5x2xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %half = arith.constant 0.5 : f32
  %up = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %down = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %h_empty = tensor.empty() : tensor<5x3xf32>
  %h_zero = linalg.fill ins(%zero : f32) outs(%h_empty : tensor<5x3xf32>) -> tensor<5x3xf32>
  %h = linalg.matmul ins(%x, %up : tensor<5x2xf32>, tensor<2x3xf32>) outs(%h_zero : tensor<5x3xf32>) -> tensor<5x3xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%h : tensor<5x3xf32>) outs(%h_empty : tensor<5x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    %t = math.tanh %in : f32
    %u = arith.addf %t, %one : f32
    %w = arith.mulf %u, %half : f32
    %y = arith.mulf %in, %w : f32
    linalg.yield %y : f32
  } -> tensor<5x3xf32>
  %o_empty = tensor.empty() : tensor<5x2xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<5x2xf32>) -> tensor<5x2xf32>
  %o = linalg.matmul ins(%a, %down : tensor<5x3xf32>, tensor<3x2xf32>) outs(%o_zero : tensor<5x2xf32>) -> tensor<5x2xf32>
  return %o : tensor<5x2xf32>
}

// A gate: the sigmoid is not between two products.
func.func @gate(%q: tensor<5x4xf32>, %k: tensor<7x4xf32>, %v: tensor<5x7xf32>) -> tensor<5x7xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<5x7xf32>) -> tensor<5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<5x4xf32>, tensor<7x4xf32>) outs(%s_zero : tensor<5x7xf32>) -> tensor<5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%s, %v : tensor<5x7xf32>, tensor<5x7xf32>) outs(%s_empty : tensor<5x7xf32>) {
  ^bb0(%x: f32, %g: f32, %out: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %w = arith.divf %one, %d : f32
    %y = arith.mulf %w, %g : f32
    linalg.yield %y : f32
  } -> tensor<5x7xf32>
  return %p : tensor<5x7xf32>
}
