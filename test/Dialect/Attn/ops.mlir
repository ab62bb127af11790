// RUN: sigmoid-attn-opt %s | sigmoid-attn-opt | FileCheck %s
// RUN: sigmoid-attn-opt %s -mlir-print-op-generic | sigmoid-attn-opt | FileCheck %s

!t = tensor<1x2x?x64xbf16>

// CHECK-LABEL: func @shortest
// CHECK-SAME: %[[Q:[^:]*]]: tensor<1x2x?x64xbf16>, %[[K:[^:]*]]: tensor<1x2x?x64xbf16>, %[[V:[^:]*]]: tensor
// CHECK: attn.sigmoid_attention %[[Q]], %[[K]], %[[V]] : (tensor<1x2x?x64xbf16>, tensor<1x2x?x64xbf16>, tensor<1x2x?x64xbf16>) -> tensor<1x2x?x64xbf16>
func.func @shortest(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.sigmoid_attention %q, %k, %v : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @every_clause
// CHECK-SAME: %[[S:[^:]*]]: f32, %[[B:[^:]*]]: f32, %[[AT:[^:]*]]: index
// CHECK: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} scale(%[[S]]) bias(%[[B]]) mask<causal> origin(%[[AT]], %[[AT]], %[[AT]], %[[AT]], %[[AT]]) score(%[[SCORE:.*]], %{{.*}}, %[[HEAD:.*]], %{{.*}}, %{{.*}}) {
// CHECK-NEXT: %[[SLOPE:.*]] = tensor.extract %{{.*}}[%[[HEAD]]]
// CHECK-NEXT: %[[NEW:.*]] = arith.addf %[[SCORE]], %[[SLOPE]]
// CHECK-NEXT: attn.yield %[[NEW]] : f32
// CHECK-NEXT: } schedule<{{.*}}> {note} : (tensor<1x2x?x64xbf16>,
func.func @every_clause(%q: !t, %s: f32, %b: f32, %at: index, %slopes: tensor<2xf32>) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q scale(%s) bias(%b) mask<causal>
      origin(%at, %at, %at, %at, %at) score(%x, %batch, %head, %i, %j) {
    %slope = tensor.extract %slopes[%head] : tensor<2xf32>
    %y = arith.addf %x, %slope : f32
    attn.yield %y : f32
  } schedule<query_tile = 128, key_tile = 128, query_stages = 2,
             key_stages = 2, value_stages = 2, consumers = 2,
             producer_registers = 24, consumer_registers = 240,
             loop = pipelined> {note} : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @score_arguments_have_names
// CHECK: score(%score, %batch, %head, %query, %key) {
func.func @score_arguments_have_names(%q: !t) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q score(%0, %1, %2, %3, %4) {
    attn.yield %0 : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @masks
// CHECK: mask<causal> :
// CHECK: mask<causal> :
// CHECK: mask<window 128, 0> :
// CHECK: mask<window *, 16> :
// CHECK: mask<window 4, *> :
// CHECK: mask<window *, *> :
func.func @masks(%q: !t) {
  %0 = attn.sigmoid_attention %q, %q, %q mask<causal> : (!t, !t, !t) -> !t
  %1 = attn.sigmoid_attention %q, %q, %q mask<window *, 0> : (!t, !t, !t) -> !t
  %2 = attn.sigmoid_attention %q, %q, %q mask<window 128, 0> : (!t, !t, !t) -> !t
  %3 = attn.sigmoid_attention %q, %q, %q mask<window *, 16> : (!t, !t, !t) -> !t
  %4 = attn.sigmoid_attention %q, %q, %q mask<window 4, *> : (!t, !t, !t) -> !t
  %5 = attn.sigmoid_attention %q, %q, %q mask<window *, *> : (!t, !t, !t) -> !t
  return
}

// Grouped heads, lengths and head dims that differ, an f32 result.

// CHECK-LABEL: func @shapes
// CHECK: attn.sigmoid_attention {{.*}} : (tensor<3x6x5x8xf16>, tensor<3x2x7x8xf16>, tensor<3x2x7x4xf16>) -> tensor<3x6x5x4xf32>
// CHECK: attn.sigmoid_attention {{.*}} : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
// CHECK: attn.sigmoid_attention {{.*}} : (tensor<0x0x0x4xf32>, tensor<0x0x0x4xf32>, tensor<0x0x0x4xf32>) -> tensor<0x0x0x4xf32>
!d = tensor<?x?x?x?xf32>
!z = tensor<0x0x0x4xf32>
func.func @shapes(%q: tensor<3x6x5x8xf16>, %k: tensor<3x2x7x8xf16>, %v: tensor<3x2x7x4xf16>, %d: !d, %z: !z) {
  %0 = attn.sigmoid_attention %q, %k, %v : (tensor<3x6x5x8xf16>, tensor<3x2x7x8xf16>, tensor<3x2x7x4xf16>) -> tensor<3x6x5x4xf32>
  %1 = attn.sigmoid_attention %d, %d, %d : (!d, !d, !d) -> !d
  %2 = attn.sigmoid_attention %z, %z, %z : (!z, !z, !z) -> !z
  return
}

!m = memref<1x2x8x4xf16>
!s = memref<1x2x8x4xf16, strided<[?, ?, ?, ?], offset: ?>, 1>

// CHECK-LABEL: func @buffers
// CHECK-SAME: %[[Q:[^:]*]]: memref<1x2x8x4xf16>, %[[O:[^:]*]]: memref
// CHECK: attn.sigmoid_attention %[[Q]], %[[Q]], %[[Q]] outs(%[[O]] : memref<1x2x8x4xf16>) mask<window 128, *> : (memref<1x2x8x4xf16>, memref<1x2x8x4xf16>, memref<1x2x8x4xf16>){{$}}
func.func @buffers(%q: !m, %o: !m) {
  attn.sigmoid_attention %q, %q, %q outs(%o : !m) mask<window 128, *> : (!m, !m, !m)
  return
}

// The score region may read memory, and use memory of its own.

// CHECK-LABEL: func @strided_buffers_and_memory
// CHECK: outs(%{{.*}} : memref<1x2x8x4xf16, strided<[?, ?, ?, ?], offset: ?>, 1>) score(
func.func @strided_buffers_and_memory(%q: !s, %o: !s, %table: memref<8xf32>) {
  attn.sigmoid_attention %q, %q, %q outs(%o : !s) score(%x, %b, %h, %i, %j) {
    %own = memref.alloca() : memref<f32>
    memref.store %x, %own[] : memref<f32>
    %y = memref.load %own[] : memref<f32>
    %t = memref.load %table[%j] : memref<8xf32>
    %z = arith.addf %y, %t : f32
    attn.yield %z : f32
  } : (!s, !s, !s)
  return
}

// CHECK-LABEL: func @backward
// CHECK-SAME: %[[Q:[^:]*]]: tensor<1x2x8x4xf16>, %[[DO:[^:]*]]: tensor
// CHECK: attn.sigmoid_attention_backward %[[Q]], %[[Q]], %[[Q]], %[[DO]] mask<causal> : (tensor<1x2x8x4xf16>, tensor<1x2x8x4xf16>, tensor<1x2x8x4xf16>, tensor<1x2x8x4xf16>) -> (tensor<1x2x8x4xf16>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf16>)
!g = tensor<1x2x8x4xf16>
func.func @backward(%q: !g, %do: !g) -> !g {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %q, %q, %do mask<causal> : (!g, !g, !g, !g) -> (!g, tensor<1x2x8x4xf32>, !g)
  return %dq : !g
}

// CHECK-LABEL: func @backward_parts
// CHECK: attn.sigmoid_attention_backward {{.*}} wrt<query> : ({{.*}}) -> (tensor<1x2x8x4xf16>)
// CHECK: attn.sigmoid_attention_backward {{.*}} wrt<key_value> mask<causal> : ({{.*}}) -> (tensor<1x1x8x4xf16>, tensor<1x1x8x4xf16>)
// CHECK: attn.sigmoid_attention_backward {{.*}} wrt<query> outs(%{{.*}} : memref<1x2x8x4xf16>) : (
!kv = tensor<1x1x8x4xf16>
func.func @backward_parts(%q: !g, %k: !kv, %buffer: !m) -> (!g, !kv, !kv) {
  %dq = attn.sigmoid_attention_backward %q, %k, %k, %q wrt<query> : (!g, !kv, !kv, !g) -> (!g)
  %dk, %dv = attn.sigmoid_attention_backward %q, %k, %k, %q wrt<key_value> mask<causal> : (!g, !kv, !kv, !g) -> (!kv, !kv)
  attn.sigmoid_attention_backward %buffer, %buffer, %buffer, %buffer wrt<query> outs(%buffer : !m) : (!m, !m, !m, !m)
  return %dq, %dk, %dv : !g, !kv, !kv
}

// CHECK-LABEL: func @backward_buffers
// CHECK: attn.sigmoid_attention_backward %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}} : memref<1x2x8x4xf16>, memref<1x2x8x4xf16>, memref<1x2x8x4xf16>) scale(%{{.*}}) bias(%{{.*}}) mask<causal> origin(%{{.*}}) score(%{{.*}}) {
// CHECK: } : (memref<1x2x8x4xf16>, memref<1x2x8x4xf16>, memref<1x2x8x4xf16>, memref<1x2x8x4xf16>){{$}}
func.func @backward_buffers(%q: !m, %dq: !m, %dk: !m, %dv: !m, %s: f32, %at: index) {
  attn.sigmoid_attention_backward %q, %q, %q, %q outs(%dq, %dk, %dv : !m, !m, !m)
      scale(%s) bias(%s) mask<causal> origin(%at, %at, %at, %at, %at)
      score(%x, %b, %h, %i, %j) {
    %y = math.tanh %x : f32
    attn.yield %y : f32
  } : (!m, !m, !m, !m)
  return
}
