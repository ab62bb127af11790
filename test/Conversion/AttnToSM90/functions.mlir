// RUN: sigmoid-attn-opt %s -attn-select-schedule -convert-attn-to-sm90 | FileCheck %s

// Each function has a recipe, and kernels whose names are its own; other functions
// stay.

!q = memref<?x?x?x128xbf16>

// CHECK: sigmoid_attn.recipe = ["{{[^[]*}}\22name\22: \22a-b\22
// CHECK-SAME: \22kernel\22: \22a_b_fast\22
// CHECK-SAME: \22kernel\22: \22a_b_exact\22
// CHECK-SAME: ", "{{[^[]*}}\22name\22: \22a_b\22
// CHECK-SAME: \22kernel\22: \22a_b\22
// CHECK-SAME: ", "{{[^[]*}}\22name\22: \22a_b_fast\22
// CHECK-SAME: \22kernel\22: \22a_b_fast_1\22
// CHECK-SAME: "]

// CHECK: func.func @other
func.func @other(%x: f32) -> f32 {
  return %x : f32
}

// CHECK-NOT: func.func
// CHECK: gpu.module @"a-b_kernels{{.*}}" {
// CHECK: sm90.kernel @a_b_fast(
// CHECK: sm90.kernel @a_b_exact(
// CHECK: sm90.kernel @a_b(
// CHECK: sm90.kernel @a_b_fast_1(
// CHECK-NOT: gpu.module
func.func @"a-b"(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) : (!q, !q, !q)
  return
}
func.func @a_b(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) mask<causal> : (!q, !q, !q)
  return
}
func.func @a_b_fast(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) mask<window 9, 9> : (!q, !q, !q)
  return
}

// CHECK: func.func @"a-b_kernels"
func.func @"a-b_kernels"(%x: f32) -> f32 {
  return %x : f32
}
