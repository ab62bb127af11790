// RUN: sigmoid-attn-opt %s --attn-tile-attention=query-tile=4 | FileCheck %s

// The key length folds to the size that the keys were allocated with: a tile of
// queries still holds all keys.
// CHECK-LABEL: func @allocated_keys
// CHECK: scf.forall
// CHECK: attn.sigmoid_attention
func.func @allocated_keys(%q: memref<1x2x?x4xf32>, %o: memref<1x2x?x4xf32>, %length: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %length, %c0 : memref<?xf32>
  %k = memref.alloc(%n) : memref<1x2x?x4xf32>
  attn.sigmoid_attention %q, %k, %k outs(%o : memref<1x2x?x4xf32>) : (memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>)
  memref.dealloc %k : memref<1x2x?x4xf32>
  return
}
