// RUN: sigmoid-attn-opt %s -split-input-file -attn-select-schedule="sigmoid=fast" -convert-attn-to-sm90 -canonicalize -cse | FileCheck %s

!q = memref<?x?x?x72xf16>

// 72 columns are two boxes of 64 in shared memory; products run over 80.
// CHECK-LABEL: sm90.kernel @padded(
// CHECK: !sm90.ring<2, !sm90.tile<128x128xf16>>
// CHECK: sm90.slice %{{.*}}[%{{.*}}, 0] : !sm90.tile<128x128xf16> to !sm90.tile<64x80xf16, box_rows = 128>
// CHECK: sm90.wgmma %{{.*}}, %{{.*}} transpose_b : !sm90.tile<64x80xf16, box_rows = 128>, !sm90.tile<64x80xf16>
// CHECK: -> !sm90.pending<64x80xf32>
func.func @padded(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) : (!q, !q, !q)
  return
}

// -----

!q = memref<?x?x?x64xf16>
!v = memref<?x?x?x128xf16>

// An output that is wider than a query has a tile of its own.
// CHECK-LABEL: sm90.kernel @wide_values(
// CHECK: %[[TILE:.*]] = sm90.alloc_tile : !sm90.tile<128x128xf16>
// CHECK: %[[MINE:.*]] = sm90.slice %[[TILE]]{{\[}}
// CHECK: sm90.store_matrix %{{.*}} to %[[MINE]]
// CHECK: sm90.tma_store %[[MINE]]
func.func @wide_values(%q: !q, %k: !q, %v: !v, %o: !v) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !v) : (!q, !q, !v)
  return
}
