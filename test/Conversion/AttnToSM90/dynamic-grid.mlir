// RUN: sigmoid-attn-opt %s -attn-select-schedule="sigmoid=fast grid=dynamic" -convert-attn-to-sm90 -canonicalize -cse | FileCheck %s

!q = memref<?x?x?x64xbf16>

// Blocks draw tickets: as many as there are tiles, so that the last one wraps
// the counter to zero.
// CHECK-LABEL: sm90.kernel @dynamic(
// CHECK-SAME: %[[TILES:[^:]*]]: i32, %[[COUNTER:[^:]*]]: !llvm.ptr) {
// CHECK: %[[RING:.*]] = sm90.alloc_ring readers(4) per warp : !sm90.ring<2, i32>
// CHECK: %[[BLOCK:.*]] = nvvm.read.ptx.sreg.ctaid.x
// CHECK: %[[GRID:.*]] = nvvm.read.ptx.sreg.nctaid.x
// CHECK: scf.while (%[[T:.*]] = %[[BLOCK]],
// CHECK: %[[MORE:.*]] = arith.cmpi slt, %[[T]], %[[TILES]]
// CHECK: scf.condition(%[[MORE]])
// CHECK: %[[LAST:.*]] = arith.addi %[[TILES]], %c-1_i32
// CHECK: %[[TICKET:.*]] = llvm.atomicrmw uinc_wrap %[[COUNTER]], %[[LAST]] monotonic
// CHECK: sm90.tma_store
// CHECK: %[[NEXT:.*]] = arith.addi %[[GRID]], %[[TICKET]]
// CHECK: sm90.reserve %[[RING]][%[[C:.*]]]
// CHECK: sm90.send %[[NEXT]] to %[[RING]][%[[C]]]
// CHECK: %[[RECEIVED:.*]] = sm90.wait %[[RING]][%[[C]]]
// CHECK: sm90.release %[[RING]][%[[C]]]
// CHECK: scf.yield %[[RECEIVED]]
func.func @dynamic(%q: !q, %k: !q, %v: !q, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) : (!q, !q, !q)
  return
}
