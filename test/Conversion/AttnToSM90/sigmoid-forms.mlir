// RUN: sigmoid-attn-opt %s -split-input-file -attn-select-schedule -convert-attn-to-sm90 | FileCheck %s

!q = memref<?x?x?x64xbf16>

// A bias that the caller passes: two kernels, chosen by the recipe.
// CHECK: sigmoid_attn.recipe = "{{.*}}\22when\22: [{\22value\22: \22bias\22, \22min\22: -8}]{{.*}}\22kernel\22: \22runtime_bias_fast\22{{.*}}\22when\22: []{{.*}}\22kernel\22: \22runtime_bias_exact\22
// CHECK: sm90.kernel @runtime_bias_fast
// CHECK: sm90.sigmoid fast
// CHECK: sm90.kernel @runtime_bias_exact
// CHECK: sm90.sigmoid exact
func.func @runtime_bias(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// One that is computed: only the kernel knows it, whose accurate form does.
// CHECK: sigmoid_attn.recipe = "{{.*}}\22when\22: []
// CHECK: sm90.kernel @computed_bias(
// CHECK: arith.negf
// CHECK: sm90.sigmoid exact
// CHECK-NOT: sm90.kernel
func.func @computed_bias(%q: !q, %k: !q, %v: !q, %positive: f32, %o: !q) {
  %bias = arith.negf %positive : f32
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// One that is loaded.
// CHECK: sm90.kernel @loaded_bias(
// CHECK: %[[BASE:.*]] = llvm.addrspacecast
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[BASE]]
// CHECK: llvm.load %[[ADDRESS]]
func.func @loaded_bias(%q: !q, %k: !q, %v: !q, %biases: memref<?xf32>, %o: !q) {
  %c0 = arith.constant 0 : index
  %bias = memref.load %biases[%c0] : memref<?xf32>
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// A tensor of rank 0 is read when the kernel runs, too late to choose by it.
// CHECK: sigmoid_attn.recipe = "{{.*}}\22bias\22, \22type\22: \22f32\22, \22tensor\22: true,{{[^{]*}}\22shape\22: [], \22alignment\22: 4}
// CHECK-SAME: \22when\22: []
// CHECK: sm90.kernel @bias_of_rank_0(
// CHECK: %[[BASE:.*]] = llvm.addrspacecast
// CHECK: %[[BIAS:.*]] = llvm.load %[[BASE]] invariant : !llvm.ptr<1> -> f32
// CHECK: sm90.warp_specialize
// CHECK: math.fma %{{.*}}, %{{.*}}, %[[BIAS]]
// CHECK: sm90.sigmoid exact
// CHECK-NOT: sm90.kernel
func.func @bias_of_rank_0(%q: !q, %k: !q, %v: !q, %b: memref<f32>, %o: !q) {
  %bias = memref.load %b[] : memref<f32>
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x128xbf16>

// PTX has fewer names than MLIR.
// CHECK: sigmoid_attn.recipe = "{{.*}}\22kernel\22: \22kernel_1st_attention_of_me\22
// CHECK: sm90.kernel @kernel_1st_attention_of_me(
func.func @"1st-attention.of me"(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x128xbf16>

// CHECK: sm90.kernel @no_bias(
// CHECK: sm90.sigmoid fast
// CHECK-NOT: sm90.kernel
func.func @no_bias(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xbf16>

// CHECK: sm90.kernel @low_bias_exact_long(
// CHECK: sm90.kernel @low_bias_exact(
// CHECK: sm90.sigmoid exact
// CHECK-NOT: sm90.sigmoid fast
func.func @low_bias(%q: !q, %k: !q, %v: !q, %o: !q) {
  %bias = arith.constant -8.5 : f32
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xf16>

// f16 rounds small weights more finely than bf16, so it needs the exact form
// earlier.
// CHECK: sm90.kernel @f16_bias(
// CHECK: sm90.sigmoid exact
func.func @f16_bias(%q: !q, %k: !q, %v: !q, %o: !q) {
  %bias = arith.constant -7.0 : f32
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x128xbf16>

// Each form has its own schedule, and with it its tiles.
// CHECK: sigmoid_attn.recipe = "{{.*}}\22kernel\22: \22two_schedules_fast\22
// CHECK-SAME: \22box\22: [64, 64, 1, 1]
// CHECK-SAME: \22kernel\22: \22two_schedules_exact\22
// CHECK-SAME: \22box\22: [64, 192, 1, 1]
// CHECK-SAME: [\22schedule\22, \22#attn.schedule<query_tile = 128, key_tile = 64,
// CHECK-SAME: [\22exact schedule\22, \22#attn.schedule<query_tile = 192, key_tile = 64,
// CHECK: sm90.kernel @two_schedules_fast
// CHECK: #sm90.overlap<pipelined>
// CHECK: sm90.kernel @two_schedules_exact
// CHECK: #sm90.overlap<pipelined>
func.func @two_schedules(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) mask<causal> : (!q, !q, !q)
  return
}
