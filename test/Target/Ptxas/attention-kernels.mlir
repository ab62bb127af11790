// Every schedule that the compiler chooses goes through ptxas without a spill, a
// serialized product or an ignored register budget, each of which is an error.
//
// REQUIRES: ptxas
// RUN: split-file %s %t
// RUN: sigmoid-attn-opt %t/d64.mlir -attn-lower-to-nvvm-pipeline=format=bin | FileCheck %s
// RUN: sigmoid-attn-opt %t/d64-causal.mlir -attn-lower-to-nvvm-pipeline=format=bin | FileCheck %s
// RUN: sigmoid-attn-opt %t/d128.mlir -attn-lower-to-nvvm-pipeline=format=bin | FileCheck %s
// RUN: sigmoid-attn-opt %t/d128-causal.mlir -attn-lower-to-nvvm-pipeline=format=bin | FileCheck %s
// RUN: sigmoid-attn-opt %t/d256.mlir -attn-lower-to-nvvm-pipeline=format=bin | FileCheck %s
// RUN: sigmoid-attn-opt %t/d256-window.mlir -attn-lower-to-nvvm-pipeline=format=bin | FileCheck %s
// RUN: sigmoid-attn-opt %t/alibi.mlir -attn-lower-to-nvvm-pipeline=format=bin | FileCheck %s

// CHECK: 0 bytes spill stores, 0 bytes spill loads
// CHECK-SAME: bin = "\7FELF

//--- d64.mlir
!q = tensor<?x?x?x64xbf16>
func.func @attend(%q: !q, %k: !q, %v: !q, %scale: f32, %bias: f32) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v scale(%scale) bias(%bias) : (!q, !q, !q) -> !q
  return %o : !q
}
//--- d64-causal.mlir
!q = tensor<?x?x?x64xbf16>
func.func @attend(%q: !q, %k: !q, %v: !q, %scale: f32, %bias: f32) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v scale(%scale) bias(%bias) mask<causal> : (!q, !q, !q) -> !q
  return %o : !q
}
//--- d128.mlir
!q = tensor<?x?x?x128xbf16>
func.func @attend(%q: !q, %k: !q, %v: !q, %scale: f32, %bias: f32) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v scale(%scale) bias(%bias) : (!q, !q, !q) -> !q
  return %o : !q
}
//--- d128-causal.mlir
!q = tensor<?x?x?x128xf16>
func.func @attend(%q: !q, %k: !q, %v: !q, %scale: f32, %bias: f32) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v scale(%scale) bias(%bias) mask<causal> : (!q, !q, !q) -> !q
  return %o : !q
}
//--- d256.mlir
!q = tensor<?x?x?x256xbf16>
func.func @attend(%q: !q, %k: !q, %v: !q, %scale: f32, %bias: f32) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v scale(%scale) bias(%bias) : (!q, !q, !q) -> !q
  return %o : !q
}
//--- d256-window.mlir
!q = tensor<?x?x?x256xbf16>
func.func @attend(%q: !q, %k: !q, %v: !q, %scale: f32, %bias: f32) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v scale(%scale) bias(%bias) mask<window 128, 3> : (!q, !q, !q) -> !q
  return %o : !q
}
//--- alibi.mlir
!q = tensor<?x?x?x128xbf16>
func.func @attend(%q: !q, %k: !q, %v: !q, %slopes: tensor<?xf32>, %bias: f32) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v bias(%bias) mask<causal>
      score(%x, %b, %h, %i, %j) {
    %slope = tensor.extract %slopes[%h] : tensor<?xf32>
    %distance = arith.subi %j, %i : index
    %integer = arith.index_cast %distance : index to i32
    %float = arith.sitofp %integer : i32 to f32
    %offset = arith.mulf %slope, %float : f32
    %y = arith.addf %x, %offset : f32
    attn.yield %y : f32
  } : (!q, !q, !q) -> !q
  return %o : !q
}
