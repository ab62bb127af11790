// RUN: sigmoid-attn-opt %s --raise-to-attention --canonicalize --split-input-file | FileCheck %s

// Element types, and casts around the sigmoid.

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>

// Scores and weights are rounded, the sigmoid is in f32.
// CHECK-LABEL: func @bf16_upcast_around_sigmoid
// CHECK: attn.sigmoid_attention {{.*}} : (tensor<2x3x5x4xbf16>, tensor<2x3x7x4xbf16>, tensor<2x3x7x3xbf16>) -> tensor<2x3x5x3xbf16>
func.func @bf16_upcast_around_sigmoid(%q: tensor<2x3x5x4xbf16>, %k: tensor<2x3x7x4xbf16>, %v: tensor<2x3x7x3xbf16>) -> tensor<2x3x5x3xbf16> {
  %zero_s = arith.constant 0.0 : bf16
  %zero_o = arith.constant 0.0 : bf16
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xbf16>
  %s_zero = linalg.fill ins(%zero_s : bf16) outs(%s_empty : tensor<2x3x5x7xbf16>) -> tensor<2x3x5x7xbf16>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xbf16>, tensor<2x3x7x4xbf16>) outs(%s_zero : tensor<2x3x5x7xbf16>) -> tensor<2x3x5x7xbf16>
  %p_empty = tensor.empty() : tensor<2x3x5x7xbf16>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xbf16>) outs(%p_empty : tensor<2x3x5x7xbf16>) {
  ^bb0(%x: bf16, %out: bf16):
    %w = arith.extf %x : bf16 to f32
    %n = arith.negf %w : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %u = arith.divf %one, %d : f32
    %y = arith.truncf %u : f32 to bf16
    linalg.yield %y : bf16
  } -> tensor<2x3x5x7xbf16>
  %o_empty = tensor.empty() : tensor<2x3x5x3xbf16>
  %o_zero = linalg.fill ins(%zero_o : bf16) outs(%o_empty : tensor<2x3x5x3xbf16>) -> tensor<2x3x5x3xbf16>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x7xbf16>, tensor<2x3x7x3xbf16>) outs(%o_zero : tensor<2x3x5x3xbf16>) -> tensor<2x3x5x3xbf16>
  return %o : tensor<2x3x5x3xbf16>
}

// -----

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>

// Contractions of f16 with f32 results.
// CHECK-LABEL: func @f16_accumulated_in_f32
// CHECK: attn.sigmoid_attention {{.*}} : (tensor<2x3x5x4xf16>, tensor<2x3x7x4xf16>, tensor<2x3x7x3xf16>) -> tensor<2x3x5x3xf32>
func.func @f16_accumulated_in_f32(%q: tensor<2x3x5x4xf16>, %k: tensor<2x3x7x4xf16>, %v: tensor<2x3x7x3xf16>) -> tensor<2x3x5x3xf32> {
  %zero_s = arith.constant 0.0 : f32
  %zero_o = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero_s : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xf16>, tensor<2x3x7x4xf16>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %p_empty = tensor.empty() : tensor<2x3x5x7xf16>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xf32>) outs(%p_empty : tensor<2x3x5x7xf16>) {
  ^bb0(%x: f32, %out: f16):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %u = arith.divf %one, %d : f32
    %y = arith.truncf %u : f32 to f16
    linalg.yield %y : f16
  } -> tensor<2x3x5x7xf16>
  %o_empty = tensor.empty() : tensor<2x3x5x3xf32>
  %o_zero = linalg.fill ins(%zero_o : f32) outs(%o_empty : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x7xf16>, tensor<2x3x7x3xf16>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
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

// No f32 anywhere.
// CHECK-LABEL: func @bf16_throughout
// CHECK: attn.sigmoid_attention {{.*}} : (tensor<2x3x5x4xbf16>, tensor<2x3x7x4xbf16>, tensor<2x3x7x3xbf16>) -> tensor<2x3x5x3xbf16>
func.func @bf16_throughout(%q: tensor<2x3x5x4xbf16>, %k: tensor<2x3x7x4xbf16>, %v: tensor<2x3x7x3xbf16>) -> tensor<2x3x5x3xbf16> {
  %zero_s = arith.constant 0.0 : bf16
  %zero_o = arith.constant 0.0 : bf16
  %one_bf16 = arith.constant 1.0 : bf16
  %s_empty = tensor.empty() : tensor<2x3x5x7xbf16>
  %s_zero = linalg.fill ins(%zero_s : bf16) outs(%s_empty : tensor<2x3x5x7xbf16>) -> tensor<2x3x5x7xbf16>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x5x4xbf16>, tensor<2x3x7x4xbf16>) outs(%s_zero : tensor<2x3x5x7xbf16>) -> tensor<2x3x5x7xbf16>
  %p_empty = tensor.empty() : tensor<2x3x5x7xbf16>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x5x7xbf16>) outs(%p_empty : tensor<2x3x5x7xbf16>) {
  ^bb0(%x: bf16, %out: bf16):
    %n = arith.negf %x : bf16
    %e = math.exp %n : bf16
    %d = arith.addf %e, %one_bf16 : bf16
    %y = arith.divf %one_bf16, %d : bf16
    linalg.yield %y : bf16
  } -> tensor<2x3x5x7xbf16>
  %o_empty = tensor.empty() : tensor<2x3x5x3xbf16>
  %o_zero = linalg.fill ins(%zero_o : bf16) outs(%o_empty : tensor<2x3x5x3xbf16>) -> tensor<2x3x5x3xbf16>
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v : tensor<2x3x5x7xbf16>, tensor<2x3x7x3xbf16>) outs(%o_zero : tensor<2x3x5x3xbf16>) -> tensor<2x3x5x3xbf16>
  return %o : tensor<2x3x5x3xbf16>
}

// -----

#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#q = affine_map<(b, h, i, j, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, j, d) -> (b, h, j, d)>
#s = affine_map<(b, h, i, j, d) -> (b, h, i, j)>
#p = affine_map<(b, h, i, e, j) -> (b, h, i, j)>
#v = affine_map<(b, h, i, e, j) -> (b, h, j, e)>
#o = affine_map<(b, h, i, e, j) -> (b, h, i, e)>

// Inputs are widened first: the op reads what they were.
// CHECK-LABEL: func @inputs_upcast
// CHECK-SAME: (%[[Q:.*]]: tensor<2x3x5x4xbf16>, %[[K:.*]]: tensor<2x3x7x4xbf16>, %[[V:.*]]: tensor<2x3x7x3xbf16>)
// CHECK: attn.sigmoid_attention %[[Q]], %[[K]], %[[V]] {{.*}} : (tensor<2x3x5x4xbf16>, tensor<2x3x7x4xbf16>, tensor<2x3x7x3xbf16>) -> tensor<2x3x5x3xf32>
func.func @inputs_upcast(%q: tensor<2x3x5x4xbf16>, %k: tensor<2x3x7x4xbf16>, %v: tensor<2x3x7x3xbf16>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %q32_empty = tensor.empty() : tensor<2x3x5x4xf32>
  %q32 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%q : tensor<2x3x5x4xbf16>) outs(%q32_empty : tensor<2x3x5x4xf32>) {
  ^bb0(%in: bf16, %out: f32):
    %wide = arith.extf %in : bf16 to f32
    linalg.yield %wide : f32
  } -> tensor<2x3x5x4xf32>
  %k32_empty = tensor.empty() : tensor<2x3x7x4xf32>
  %k32 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%k : tensor<2x3x7x4xbf16>) outs(%k32_empty : tensor<2x3x7x4xf32>) {
  ^bb0(%in: bf16, %out: f32):
    %wide = arith.extf %in : bf16 to f32
    linalg.yield %wide : f32
  } -> tensor<2x3x7x4xf32>
  %v32_empty = tensor.empty() : tensor<2x3x7x3xf32>
  %v32 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%v : tensor<2x3x7x3xbf16>) outs(%v32_empty : tensor<2x3x7x3xf32>) {
  ^bb0(%in: bf16, %out: f32):
    %wide = arith.extf %in : bf16 to f32
    linalg.yield %wide : f32
  } -> tensor<2x3x7x3xf32>
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q32, %k32 : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
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
  %o = linalg.contract indexing_maps = [#p, #v, #o] ins(%p, %v32 : tensor<2x3x5x7xf32>, tensor<2x3x7x3xf32>) outs(%o_zero : tensor<2x3x5x3xf32>) -> tensor<2x3x5x3xf32>
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

// Values are f32: queries and keys stay widened.
// CHECK-LABEL: func @types_differ
// CHECK-COUNT-2: arith.extf
// CHECK: attn.sigmoid_attention {{.*}} : (tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>, tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32>
func.func @types_differ(%q: tensor<2x3x5x4xbf16>, %k: tensor<2x3x7x4xbf16>, %v: tensor<2x3x7x3xf32>) -> tensor<2x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %q32_empty = tensor.empty() : tensor<2x3x5x4xf32>
  %q32 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%q : tensor<2x3x5x4xbf16>) outs(%q32_empty : tensor<2x3x5x4xf32>) {
  ^bb0(%in: bf16, %out: f32):
    %wide = arith.extf %in : bf16 to f32
    linalg.yield %wide : f32
  } -> tensor<2x3x5x4xf32>
  %k32_empty = tensor.empty() : tensor<2x3x7x4xf32>
  %k32 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%k : tensor<2x3x7x4xbf16>) outs(%k32_empty : tensor<2x3x7x4xf32>) {
  ^bb0(%in: bf16, %out: f32):
    %wide = arith.extf %in : bf16 to f32
    linalg.yield %wide : f32
  } -> tensor<2x3x7x4xf32>
  %s_empty = tensor.empty() : tensor<2x3x5x7xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_empty : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q32, %k32 : tensor<2x3x5x4xf32>, tensor<2x3x7x4xf32>) outs(%s_zero : tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
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
