// RUN: sigmoid-attn-opt %s -one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" -cse -canonicalize -split-input-file | FileCheck %s

// The result is a new buffer; a tensor that the score region captures is read
// where it is.

// CHECK-LABEL: func @forward
// CHECK-SAME: %[[Q:[^:]*]]: memref<1x4x?x8xf16>, %[[K:[^:]*]]: memref<1x2x5x8xf16>, %[[V:[^:]*]]: memref<1x2x5x6xf16>, %[[SLOPES:[^:]*]]: memref<4xf32>
// CHECK: %[[C2:.*]] = arith.constant 2 : index
// CHECK: %[[LENGTH:.*]] = memref.dim %[[Q]], %[[C2]]
// CHECK: %[[O:.*]] = memref.alloc(%[[LENGTH]]) {{.*}} : memref<1x4x?x6xf16>
// CHECK: attn.sigmoid_attention %[[Q]], %[[K]], %[[V]] outs(%[[O]] : memref<1x4x?x6xf16>) scale(%{{.*}}) mask<causal> score(%{{.*}}, %{{.*}}, %[[H:.*]], %{{.*}}, %{{.*}}) {
// CHECK: memref.load %[[SLOPES]][%[[H]]]
// CHECK: return %[[O]]
!q = tensor<1x4x?x8xf16>
!k = tensor<1x2x5x8xf16>
!v = tensor<1x2x5x6xf16>
!o = tensor<1x4x?x6xf16>
func.func @forward(%q: !q, %k: !k, %v: !v, %slopes: tensor<4xf32>, %scale: f32) -> !o {
  %o = attn.sigmoid_attention %q, %k, %v scale(%scale) mask<causal> score(%x, %b, %h, %i, %j) {
    %slope = tensor.extract %slopes[%h] : tensor<4xf32>
    %y = arith.addf %x, %slope : f32
    attn.yield %y : f32
  } : (!q, !k, !v) -> !o
  return %o : !o
}

// -----

// CHECK-LABEL: func @backward
// CHECK-SAME: %[[Q:[^:]*]]: memref<1x4x8x8xf32>, %[[K:[^:]*]]: memref<1x2x5x8xf32>
// CHECK-DAG: %[[DQ:.*]] = memref.alloc() {{.*}} : memref<1x4x8x8xf32>
// CHECK-DAG: %[[DK:.*]] = memref.alloc() {{.*}} : memref<1x2x5x8xf32>
// CHECK-DAG: %[[DV:.*]] = memref.alloc() {{.*}} : memref<1x2x5x8xf32>
// CHECK: attn.sigmoid_attention_backward %[[Q]], %[[K]], %[[K]], %[[Q]] outs(%[[A:.*]], %[[B:.*]], %[[C:.*]] : memref<1x4x8x8xf32>, memref<1x2x5x8xf32>, memref<1x2x5x8xf32>) :
// CHECK: return %[[A]], %[[B]], %[[C]]
!q = tensor<1x4x8x8xf32>
!k = tensor<1x2x5x8xf32>
func.func @backward(%q: !q, %k: !k) -> (!q, !k, !k) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %k, %q : (!q, !k, !k, !q) -> (!q, !k, !k)
  return %dq, %dk, %dv : !q, !k, !k
}

// -----

// A query that is overwritten later is copied for the writer, not for the
// attention.

// CHECK-LABEL: func @read_before_write
// CHECK-SAME: %[[Q:[^:]*]]: memref<1x1x4x4xf32>, %[[X:[^:]*]]: f32
// CHECK: attn.sigmoid_attention %[[Q]], %[[Q]], %[[Q]]
// CHECK: memref.store %[[X]], %[[Q]]
!t = tensor<1x1x4x4xf32>
func.func @read_before_write(%q: !t {bufferization.writable = true}, %x: f32) -> (!t, !t) {
  %c0 = arith.constant 0 : index
  %o = attn.sigmoid_attention %q, %q, %q : (!t, !t, !t) -> !t
  %w = tensor.insert %x into %q[%c0, %c0, %c0, %c0] : !t
  return %o, %w : !t, !t
}

// -----

// The region runs many times: a tensor that it reads must not be changed in
// place before the op.

// CHECK-LABEL: func @captured_and_changed
// CHECK-SAME: %[[Q:[^:]*]]: memref<1x1x4x4xf32>, %[[TABLE:[^:]*]]: memref<4xf32>
// CHECK: %[[COPY:.*]] = memref.alloc() {{.*}} : memref<4xf32>
// CHECK: memref.copy %[[TABLE]], %[[COPY]]
// CHECK: memref.store %{{.*}}, %[[COPY]]
// CHECK: attn.sigmoid_attention
// CHECK: memref.load %[[TABLE]]
!t = tensor<1x1x4x4xf32>
func.func @captured_and_changed(%q: !t, %table: tensor<4xf32>, %x: f32) -> (!t, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %w = tensor.insert %x into %table[%c0] : tensor<4xf32>
  %o = attn.sigmoid_attention %q, %q, %q score(%s, %b, %h, %i, %j) {
    %y = tensor.extract %table[%j] : tensor<4xf32>
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o, %w : !t, tensor<4xf32>
}

// -----

// Every second element of a row: the op takes contiguous head dims only.

// CHECK-LABEL: func @strided_head_dim
// CHECK: %[[VIEW:.*]] = memref.subview
// CHECK: %[[COPY:.*]] = memref.alloc() {{.*}} : memref<1x1x4x4xf32>
// CHECK: memref.copy %[[VIEW]], %[[COPY]]
// CHECK: attn.sigmoid_attention %[[COPY]],
!t = tensor<1x1x4x4xf32>
func.func @strided_head_dim(%wide: tensor<1x1x4x8xf32>, %k: !t) -> !t {
  %q = tensor.extract_slice %wide[0, 0, 0, 0] [1, 1, 4, 4] [1, 1, 1, 2] : tensor<1x1x4x8xf32> to !t
  %o = attn.sigmoid_attention %q, %k, %k : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// A result that goes to a buffer of its own is computed there.

// CHECK-LABEL: func @in_place
// CHECK-SAME: %[[Q:[^:]*]]: memref<1x1x4x4xf32>, %[[OUT:[^:]*]]: memref<1x1x4x4xf32, strided<[64, 64, 16, 1], offset: ?>>
// CHECK-NEXT: attn.sigmoid_attention %[[Q]], %[[Q]], %[[Q]] outs(%[[OUT]] :
// CHECK-NEXT: return
!t = tensor<1x1x4x4xf32>
!m = memref<1x1x4x4xf32, strided<[64, 64, 16, 1], offset: ?>>
func.func @in_place(%q: !t, %out: !m) {
  %o = attn.sigmoid_attention %q, %q, %q : (!t, !t, !t) -> !t
  bufferization.materialize_in_destination %o in restrict writable %out : (!t, !m) -> ()
  return
}

// -----

// Not while somebody may still read what was there.

// CHECK-LABEL: func @destination_is_read_first
// CHECK-SAME: %{{.*}}: memref<1x1x4x4xf32>, %[[OUT:[^:]*]]: memref<1x1x4x4xf32>
// CHECK: attn.sigmoid_attention {{.*}} outs(%[[NEW:[^ ]*]] :
// CHECK: memref.load %[[OUT]]
// CHECK: memref.copy %[[NEW]], %[[OUT]]
!t = tensor<1x1x4x4xf32>
!m = memref<1x1x4x4xf32>
func.func @destination_is_read_first(%q: !t, %out: !m) -> f32 {
  %c0 = arith.constant 0 : index
  %o = attn.sigmoid_attention %q, %q, %q : (!t, !t, !t) -> !t
  %old = memref.load %out[%c0, %c0, %c0, %c0] : !m
  bufferization.materialize_in_destination %o in restrict writable %out : (!t, !m) -> ()
  return %old : f32
}
