// RUN: sigmoid-attn-opt %s --raise-to-attention --canonicalize --split-input-file | FileCheck %s

// Biases: one number, for each head, for each score.

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>

// CHECK-LABEL: func @scalar
// CHECK: %[[BIAS:.*]] = arith.constant -1.94591{{.*}} : f32
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} bias(%[[BIAS]]) : (
func.func @scalar(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %half = arith.constant 0.5 : f32
  %log7 = arith.constant 1.945910149 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %h = arith.mulf %x, %half : f32
    %z = arith.subf %h, %log7 : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5x7xf32>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x7xf32>, tensor<2x3x7x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
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

// 2 * (x - 3)
// CHECK-LABEL: func @scalar_before_scale
// CHECK-DAG: %[[SCALE:.*]] = arith.constant 2.000000e+00 : f32
// CHECK-DAG: %[[BIAS:.*]] = arith.constant -6.000000e+00 : f32
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%[[SCALE]]) bias(%[[BIAS]]) : (
func.func @scalar_before_scale(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %two = arith.constant 2.0 : f32
  %minus3 = arith.constant -3.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %h = arith.addf %x, %minus3 : f32
    %z = arith.mulf %h, %two : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5x7xf32>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x7xf32>, tensor<2x3x7x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
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

// -log(n) of a length known at run time.
// CHECK-LABEL: func @of_length
// CHECK: %[[LENGTH:.*]] = arith.sitofp %{{.*}} : i32 to f32
// CHECK: %[[LOG:.*]] = math.log %[[LENGTH]] : f32
// CHECK: %[[BIAS:.*]] = arith.negf %[[LOG]] : f32
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) bias(%[[BIAS]]) : (
func.func @of_length(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>, %length: i32) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %length_f = arith.sitofp %length : i32 to f32
  %log = math.log %length_f : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %z = arith.subf %x, %log : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5x7xf32>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x7xf32>, tensor<2x3x7x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
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
#head = affine_map<(b, h, i, j) -> (h)>

// CHECK-LABEL: func @per_head
// CHECK-SAME: %[[T:[a-z0-9]+]]: tensor<3xf32>)
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) score(%[[X:.*]], %{{.*}}, %[[H:.*]], %{{.*}}, %{{.*}}) {
// CHECK-NEXT: %[[B:.*]] = tensor.extract %[[T]][%[[H]]] : tensor<3xf32>
// CHECK-NEXT: %[[Y:.*]] = arith.addf %[[X]], %[[B]] : f32
// CHECK-NEXT: attn.yield %[[Y]]
func.func @per_head(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>, %bias: tensor<3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #head, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %bias : tensor<2x3x5x7xf32>, tensor<3xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %t: f32, %out: f32):
    %z = arith.addf %x, %t : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5x7xf32>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x7xf32>, tensor<2x3x7x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
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
#full = affine_map<(b, h, i, j) -> (0, h, i, j)>

// The same for all of the batch, and one number beside it.
// CHECK-LABEL: func @full_and_scalar
// CHECK-SAME: %[[T:[a-z0-9]+]]: tensor<1x3x5x7xf32>)
// CHECK: %[[BIAS:.*]] = arith.constant -2.000000e+00 : f32
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) bias(%[[BIAS]]) score(%[[X:.*]], %{{.*}}, %[[H:.*]], %[[I:.*]], %[[J:.*]]) {
// CHECK: %[[B:.*]] = tensor.extract %[[T]][%{{.*}}, %[[H]], %[[I]], %[[J]]] : tensor<1x3x5x7xf32>
// CHECK-NEXT: %[[Y:.*]] = arith.addf %[[X]], %[[B]] : f32
// CHECK-NEXT: attn.yield %[[Y]]
func.func @full_and_scalar(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>, %bias: tensor<1x3x5x7xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %two = arith.constant 2.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #full, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %bias : tensor<2x3x5x7xf32>, tensor<1x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %t: f32, %out: f32):
    %h = arith.addf %x, %t : f32
    %z = arith.subf %h, %two : f32
    %n = arith.negf %z : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5x7xf32>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x7xf32>, tensor<2x3x7x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
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

// The first contraction adds to the bias.
// CHECK-LABEL: func @added_first
// CHECK-SAME: %[[T:[a-z0-9]+]]: tensor<2x3x5x7xf32>)
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) score(%[[X:.*]], %[[B:.*]], %[[H:.*]], %[[I:.*]], %[[J:.*]]) {
// CHECK-NEXT: %[[T0:.*]] = tensor.extract %[[T]][%[[B]], %[[H]], %[[I]], %[[J]]]
// CHECK-NEXT: %[[Y:.*]] = arith.addf %[[X]], %[[T0]] : f32
// CHECK-NEXT: attn.yield %[[Y]]
func.func @added_first(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>, %bias: tensor<2x3x5x7xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%bias : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
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
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x7xf32>, tensor<2x3x7x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  return %o : tensor<2x3x5x3xf32>
}
