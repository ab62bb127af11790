// RUN: sigmoid-attn-opt %s --attn-lower-to-nvvm-pipeline=format=isa | sigmoid-attn-pack -o %t.sak
// RUN: FileCheck %s --input-file=%t.sak

// A module of several functions becomes one kernel file. The helper is part of
// both, a function without attention of none.

// CHECK: "name": "forward"
// CHECK: "kernel": "forward_fast_long"
// CHECK: "kernel": "forward_fast"
// CHECK: "name": "wide"
// CHECK: "kernel": "wide"
// CHECK: .visible .entry forward_fast_long(
// CHECK: .visible .entry forward_fast(
// CHECK: .visible .entry wide(
// CHECK-NOT: .entry

!t = tensor<?x?x?x64xbf16>
!w = tensor<?x?x?x128xf16>

func.func private @scale() -> f32 {
  %scale = arith.constant 0.5 : f32
  return %scale : f32
}

func.func @other(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = arith.addf %x, %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func @forward(%q: !t, %k: !t, %v: !t) -> !t {
  %scale = call @scale() : () -> f32
  %o = attn.sigmoid_attention %q, %k, %v scale(%scale) : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @wide(%q: !w, %k: !w, %v: !w) -> !w {
  %scale = call @scale() : () -> f32
  %o = attn.sigmoid_attention %q, %k, %v scale(%scale) mask<causal> : (!w, !w, !w) -> !w
  return %o : !w
}
