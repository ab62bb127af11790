// RUN: sigmoid-attn-opt %s -attn-nvvm-schedule-pipeline | FileCheck %s --check-prefix=SCHEDULE
// RUN: sigmoid-attn-opt %s -attn-nvvm-schedule-pipeline -attn-nvvm-kernel-pipeline | FileCheck %s --check-prefix=KERNEL
// RUN: sigmoid-attn-opt %s -attn-nvvm-schedule-pipeline -attn-nvvm-kernel-pipeline -attn-nvvm-to-llvm-pipeline | FileCheck %s --check-prefix=LLVM
// RUN: sigmoid-attn-opt %s -attn-lower-to-nvvm-pipeline | FileCheck %s --check-prefix=ISA

// The running example of docs/Lowering.md, with each of its phases as the last.

!q = tensor<?x?x?x64xbf16>

// SCHEDULE: attn.sigmoid_attention
// SCHEDULE-SAME: outs(%{{.*}} : memref<?x?x?x64xbf16>)
// SCHEDULE-SAME: schedule<query_tile = 64, key_tile = 64

// KERNEL: module attributes {sigmoid_attn.recipe
// KERNEL: sm90.kernel @attend(
// KERNEL: producer registers(40) {
// KERNEL: sm90.tma_load
// KERNEL: } consumers(1) registers(232) {
// KERNEL-NOT: sm90.tma_load
// The first step, the steps without a mask, those with one, the last product.
// KERNEL: sm90.await %{{.*}} : !sm90.pending<64x64xf32>
// KERNEL: scf.for
// KERNEL: sm90.await %{{.*}} in_flight(1)
// KERNEL: scf.for
// KERNEL: sm90.await %{{.*}} in_flight(1)
// KERNEL: arith.select
// KERNEL: sm90.await %{{.*}} keep
// KERNEL: sm90.tma_store

// LLVM: gpu.module @attend_kernels
// LLVM: llvm.func @attend(
// LLVM-SAME: nvvm.kernel
// LLVM: wgmma.mma_async
// LLVM-NOT: sm90.wgmma

// ISA: gpu.binary @attend_kernels
// ISA-SAME: .target sm_90a
// ISA-SAME: wgmma.mma_async
func.func @attend(%q: !q, %k: !q, %v: !q, %scale: f32, %bias: f32) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v scale(%scale) bias(%bias) mask<causal>
    schedule<query_tile = 64, key_tile = 64, query_stages = 1, key_stages = 2,
             value_stages = 2, consumers = 1, producer_registers = 40,
             consumer_registers = 232, loop = pipelined, sigmoid = fast>
    : (!q, !q, !q) -> !q
  return %o : !q
}
