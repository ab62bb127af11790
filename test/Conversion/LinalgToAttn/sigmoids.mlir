// RUN: sigmoid-attn-opt %s --raise-to-attention --canonicalize --split-input-file | FileCheck %s

// The spellings of a sigmoid.

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>

// CHECK-LABEL: func @exp_over_one_plus_exp
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) : (tensor<2x3x5x4xf32>
func.func @exp_over_one_plus_exp(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %e = math.exp %x : f32
    %d = arith.addf %one, %e : f32
    %y = arith.divf %e, %d : f32
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

// exp2(-x log2(e)): the scale is 1 up to the rounding of the constant.
// CHECK-LABEL: func @base_two
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) : (tensor<2x3x5x4xf32>
func.func @base_two(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %minus_log2e = arith.constant -1.44269502 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %n = arith.mulf %x, %minus_log2e : f32
    %e = math.exp2 %n : f32
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

// CHECK-LABEL: func @reciprocal_times_exp
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) : (tensor<2x3x5x4xf32>
func.func @reciprocal_times_exp(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %e = math.exp %x : f32
    %d = arith.addf %one, %e : f32
    %r = arith.divf %one, %d : f32
    %y = arith.mulf %r, %e : f32
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

// CHECK-LABEL: func @one_plus_tanh
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) : (tensor<2x3x5x4xf32>
func.func @one_plus_tanh(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %half = arith.constant 0.5 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %h = arith.mulf %x, %half : f32
    %t = math.tanh %h : f32
    %u = arith.addf %t, %one : f32
    %y = arith.mulf %u, %half : f32
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

// tanh of the score itself: a sigmoid of twice the score.
// CHECK-LABEL: func @half_tanh_plus_half
// CHECK: %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%[[TWO]]) : (tensor<2x3x5x4xf32>
func.func @half_tanh_plus_half(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %half = arith.constant 0.5 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %t = math.tanh %x : f32
    %u = arith.mulf %half, %t : f32
    %y = arith.addf %half, %u : f32
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

// Neither branch overflows where it is chosen.
// CHECK-LABEL: func @choice_by_sign
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) : (tensor<2x3x5x4xf32>
func.func @choice_by_sign(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %c = arith.cmpf oge, %x, %zero : f32
    %n = arith.negf %x : f32
    %e0 = math.exp %n : f32
    %d0 = arith.addf %e0, %one : f32
    %y0 = arith.divf %one, %d0 : f32
    %e1 = math.exp %x : f32
    %d1 = arith.addf %e1, %one : f32
    %y1 = arith.divf %e1, %d1 : f32
    %y = arith.select %c, %y0, %y1 : f32
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

// exp(-|x|) in both branches.
// CHECK-LABEL: func @choice_of_numerator
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) : (tensor<2x3x5x4xf32>
func.func @choice_of_numerator(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %a = math.absf %x : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %c = arith.cmpf olt, %x, %zero : f32
    %m = arith.select %c, %e, %one : f32
    %d = arith.addf %one, %e : f32
    %y = arith.divf %m, %d : f32
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

// CHECK-LABEL: func @one_minus
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%{{.*}}) : (tensor<2x3x5x4xf32>
func.func @one_minus(%q: tensor<2x3x5x4xf32>, %k: tensor<2x3x7x4xf32>, %v: tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%s_empty : tensor<2x3x5x7xf32>) {
  ^bb0(%x: f32, %out: f32):
    %e = math.exp %x : f32
    %d = arith.addf %e, %one : f32
    %m = arith.divf %one, %d : f32
    %y = arith.subf %one, %m : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5x7xf32>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x7xf32>, tensor<2x3x7x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  return %o : tensor<2x3x5x3xf32>
}
