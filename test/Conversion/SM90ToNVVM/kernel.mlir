// RUN: sigmoid-attn-opt %s --sm90-plan-shared-memory --convert-sm90-to-nvvm -canonicalize | FileCheck %s

!map = !nvgpu.tensormap.descriptor<tensor = memref<64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = none, oob = zero, interleave = none>
!ring = !sm90.ring<1, !sm90.tile<64x64xbf16>>

// CHECK: llvm.mlir.global external @sm90_dynamic_shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
// CHECK-LABEL: llvm.func @kernel
// CHECK-SAME: !llvm.ptr {llvm.align = 64 : i64, llvm.byval = !llvm.array<16 x i64>, nvvm.grid_constant}
// CHECK-SAME: %[[N:.*]]: i32)
// CHECK-SAME: nvvm.kernel
// CHECK-SAME: nvvm.minctasm = 1 : i32
// CHECK-SAME: nvvm.reqntid = array<i32: 384, 1, 1>
// CHECK-SAME: sm90.shared_memory = 8208 : i64
// CHECK-SAME: test.kept
sm90.kernel @kernel(%m: !map, %n: i32) attributes {test.kept} {
  // Shared memory is where every address says, or the kernel stops.
  // CHECK: %[[BASE:.*]] = llvm.mlir.addressof @sm90_dynamic_shared
  // CHECK: %[[ADDRESS:.*]] = llvm.ptrtoint %[[BASE]]
  // CHECK: %[[WRONG:.*]] = arith.cmpi ne, %[[ADDRESS]], %c1024_i32
  // CHECK: scf.if %[[WRONG]]
  // CHECK-NEXT: llvm.intr.trap

  // One thread initialises: the full barrier counts 1, the empty one 2 readers.
  // CHECK: scf.if
  // CHECK: %[[FULL:.*]] = llvm.inttoptr %c9216_i32
  // CHECK: nvvm.mbarrier.init %[[FULL]], %c1_i32
  // CHECK: %[[EMPTY:.*]] = llvm.inttoptr %c9224_i32
  // CHECK: nvvm.mbarrier.init %[[EMPTY]], %c2_i32
  // CHECK: nvvm.fence.mbarrier.init
  // CHECK: nvvm.barrier0
  %ring = sm90.alloc_ring readers(2) per warpgroup : !ring

  // CHECK: %[[WARP:.*]] = nvvm.shfl.sync idx
  // CHECK: %[[GROUP:.*]] = arith.shrui %[[WARP]], %c2_i32
  // CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[GROUP]], %c0_i32
  // CHECK: scf.if %[[FIRST]]
  // CHECK: nvvm.setmaxregister decrease 24
  // CHECK: scf.if
  // CHECK: %[[ELECTED:.*]] = nvvm.elect.sync
  // CHECK: scf.if %[[ELECTED]]
  // CHECK: call @produce(%[[N]])
  sm90.warp_specialize producer registers(24) {
    func.call @produce(%n) : (i32) -> ()
  // CHECK: } else {
  // CHECK: nvvm.setmaxregister increase 240
  // CHECK: %[[NUMBER:.*]] = arith.addi %[[GROUP]], %c-1_i32
  // CHECK: call @consume(%[[NUMBER]],
  } consumers(2) registers(240) {
  ^bb0(%wg: i32):
    %leader = sm90.leader
    func.call @consume(%wg, %leader) : (i32, i1) -> ()
  }
  sm90.return
}
func.func private @produce(i32)
func.func private @consume(i32, i1)

// A budget below what the block starts with is a decrease.
// CHECK-LABEL: llvm.func @few_registers
// CHECK: nvvm.setmaxregister decrease 112
sm90.kernel @few_registers() {
  sm90.warp_specialize producer registers(24) {
  } consumers(2) registers(112) {
  ^bb0(%wg: i32):
  }
  sm90.return
}
