// What the CPU pipeline makes is plain LLVM dialect: mlir-runner, which is
// mlir::ExecutionEngine with a command line, runs it as it is.

// RUN: sigmoid-attn-opt %s --attn-lower-to-cpu-pipeline \
// RUN: | mlir-runner --entry-point-result=void \
// RUN:     --shared-libs=%mlir_lib_dir/libmlir_c_runner_utils%shlibext,%mlir_lib_dir/libomp%shlibext \
// RUN: | FileCheck %s

// 1. Two queries, two keys, causal, scale 1. The scores are 1; 2, -2, and with
//    s = sigmoid: O = 10 s(1); 10 s(2) + 20 s(-2). With s' = s (1 - s), the
//    gradients of O0 + O1 are
//    dQ = 10 s'(1); 10 s'(2) - 20 s'(2)
//    dK = 10 s'(1) + 2 * 10 s'(2); 2 * 20 s'(2)
//    dV = s(1) + s(2); s(-2)
// 2. Several tiles of everything, scores 0: O is half the sum of the values, and
//    of each gradient one element is printed.

// CHECK: {{^}}7.3105{{[89]}}
// CHECK-NEXT: 11.192
// CHECK-NEXT: 1.9661
// CHECK-NEXT: -1.0499
// CHECK-NEXT: 4.065{{[89]}}
// CHECK-NEXT: 4.1997
// CHECK-NEXT: 1.6118
// CHECK-NEXT: 0.1192
// CHECK-NEXT: {{^}}65{{$}}
// CHECK-NEXT: {{^}}32.5{{$}}
// CHECK-NEXT: {{^}}0{{$}}
// CHECK-NEXT: {{^}}70{{$}}

!t = tensor<1x1x2x1xf32>
func.func @two_queries() {
  %q = arith.constant dense<[[[[1.0], [2.0]]]]> : !t
  %k = arith.constant dense<[[[[1.0], [-1.0]]]]> : !t
  %v = arith.constant dense<[[[[10.0], [20.0]]]]> : !t
  %do = arith.constant dense<1.0> : !t
  %o = attn.sigmoid_attention %q, %k, %v mask<causal> : (!t, !t, !t) -> !t
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do mask<causal>
      : (!t, !t, !t, !t) -> (!t, !t, !t)
  func.call @print(%o) : (!t) -> ()
  func.call @print(%dq) : (!t) -> ()
  func.call @print(%dk) : (!t) -> ()
  func.call @print(%dv) : (!t) -> ()
  return
}

func.func private @print(%rows: !t) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = tensor.extract %rows[%c0, %c0, %c0, %c0] : !t
  %second = tensor.extract %rows[%c0, %c0, %c1, %c0] : !t
  vector.print %first : f32
  vector.print %second : f32
  return
}

// Query heads 2 and 3 share key head 1.
!q = tensor<2x4x70x8xbf16>
!k = tensor<2x2x130x8xbf16>
func.func @many_tiles() {
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %query = arith.constant 69 : index
  %key = arith.constant 129 : index
  %q = arith.constant dense<0.0> : !q
  %k = arith.constant dense<1.0> : !k
  %do = arith.constant dense<1.0> : !q
  %o = attn.sigmoid_attention %q, %k, %k : (!q, !k, !k) -> !q
  %o_last = tensor.extract %o[%c1, %c3, %query, %c3] : !q
  %o_value = arith.extf %o_last : bf16 to f32
  vector.print %o_value : f32
  // dQ = scale * 130 keys * dP / 4 with dP = 8 and scale = 1/8.
  %scale = arith.constant 0.125 : f32
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %k, %do scale(%scale)
      : (!q, !k, !k, !q) -> (!q, !k, !k)
  %dq_last = tensor.extract %dq[%c1, %c3, %query, %c3] : !q
  %dq_value = arith.extf %dq_last : bf16 to f32
  vector.print %dq_value : f32
  %dk_last = tensor.extract %dk[%c1, %c1, %key, %c3] : !k
  %dk_value = arith.extf %dk_last : bf16 to f32
  vector.print %dk_value : f32
  // dV = two heads * 70 queries / 2.
  %dv_last = tensor.extract %dv[%c1, %c1, %key, %c3] : !k
  %dv_value = arith.extf %dv_last : bf16 to f32
  vector.print %dv_value : f32
  return
}

func.func @main() {
  func.call @two_queries() : () -> ()
  func.call @many_tiles() : () -> ()
  return
}
