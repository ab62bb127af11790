// RUN: sigmoid-attn-opt %s -split-input-file --sm90-plan-shared-memory --convert-sm90-to-nvvm -canonicalize | FileCheck %s

// Shared memory's symbol gives way to kernels, which keep their names.
// CHECK: llvm.mlir.global external @sm90_dynamic_shared_2() {addr_space = 3 : i32
// CHECK-NOT: llvm.mlir.global
// CHECK-LABEL: llvm.func @sm90_dynamic_shared(
// CHECK: llvm.mlir.addressof @sm90_dynamic_shared_2 :
// CHECK-LABEL: llvm.func @sm90_dynamic_shared_1(
// CHECK: llvm.mlir.addressof @sm90_dynamic_shared_2 :
gpu.module @kernels {
  sm90.kernel @sm90_dynamic_shared(%n: i32) {
    sm90.warp_specialize producer registers(24) {
      sm90.yield
    } consumers(1) registers(96) {
    ^bb0(%warpgroup: i32):
      sm90.yield
    }
    sm90.return
  }
  sm90.kernel @sm90_dynamic_shared_1(%n: i32) {
    sm90.warp_specialize producer registers(24) {
      sm90.yield
    } consumers(1) registers(96) {
    ^bb0(%warpgroup: i32):
      sm90.yield
    }
    sm90.return
  }
}
