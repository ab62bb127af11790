// RUN: sigmoid-attn-opt %s --raise-to-attention --canonicalize | FileCheck %s

// More than one attention in a function, and attention in a loop.

#id = affine_map<(i, j) -> (i, j)>
#q = affine_map<(i, j, d) -> (i, d)>
#k = affine_map<(i, j, d) -> (j, d)>
#s = affine_map<(i, j, d) -> (i, j)>

// The result of one is the query of the next; the last keys are shared.
// CHECK-LABEL: func @two_layers
// CHECK-SAME: (%[[Q:.*]]: tensor<5x4xf32>, %[[K:.*]]: tensor<7x4xf32>, %[[V:.*]]: tensor<7x4xf32>)
// CHECK: %[[FIRST:.*]] = attn.sigmoid_attention
// CHECK: attn.sigmoid_attention %[[FIRST]],
// CHECK-NOT: tensor<5x7xf32>
func.func @two_layers(%q: tensor<5x4xf32>, %k: tensor<7x4xf32>, %v: tensor<7x4xf32>) -> tensor<5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<5x7xf32>) -> tensor<5x7xf32>
  %o_empty = tensor.empty() : tensor<5x4xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<5x4xf32>) -> tensor<5x4xf32>
  %s0 = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<5x4xf32>, tensor<7x4xf32>) outs(%s_zero : tensor<5x7xf32>) -> tensor<5x7xf32>
  %p0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%s0 : tensor<5x7xf32>) outs(%s_empty : tensor<5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<5x7xf32>
  %o0 = linalg.matmul ins(%p0, %v : tensor<5x7xf32>, tensor<7x4xf32>) outs(%o_zero : tensor<5x4xf32>) -> tensor<5x4xf32>
  %s1 = linalg.contract indexing_maps = [#q, #k, #s] ins(%o0, %k : tensor<5x4xf32>, tensor<7x4xf32>) outs(%s_zero : tensor<5x7xf32>) -> tensor<5x7xf32>
  %p1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%s1 : tensor<5x7xf32>) outs(%s_empty : tensor<5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<5x7xf32>
  %o1 = linalg.matmul ins(%p1, %v : tensor<5x7xf32>, tensor<7x4xf32>) outs(%o_zero : tensor<5x4xf32>) -> tensor<5x4xf32>
  return %o1 : tensor<5x4xf32>
}

// CHECK-LABEL: func @layers_in_a_loop
// CHECK: scf.for
// CHECK: attn.sigmoid_attention
// CHECK-NOT: tensor<5x7xf32>
func.func @layers_in_a_loop(%q: tensor<5x4xf32>, %k: tensor<7x4xf32>, %v: tensor<7x4xf32>, %n: index) -> tensor<5x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %q) -> tensor<5x4xf32> {
    %s_empty = tensor.empty() : tensor<5x7xf32>
    %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<5x7xf32>) -> tensor<5x7xf32>
    %o_empty = tensor.empty() : tensor<5x4xf32>
    %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<5x4xf32>) -> tensor<5x4xf32>
    %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%x, %k : tensor<5x4xf32>, tensor<7x4xf32>) outs(%s_zero : tensor<5x7xf32>) -> tensor<5x7xf32>
    %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%s : tensor<5x7xf32>) outs(%s_empty : tensor<5x7xf32>) {
    ^bb0(%in: f32, %out: f32):
      %m = arith.negf %in : f32
      %e = math.exp %m : f32
      %d = arith.addf %e, %one : f32
      %y = arith.divf %one, %d : f32
      linalg.yield %y : f32
    } -> tensor<5x7xf32>
    %o = linalg.matmul ins(%p, %v : tensor<5x7xf32>, tensor<7x4xf32>) outs(%o_zero : tensor<5x4xf32>) -> tensor<5x4xf32>
    scf.yield %o : tensor<5x4xf32>
  }
  return %r : tensor<5x4xf32>
}
