// The hand-written kernels go through ptxas without a spill, a serialized
// product or an ignored register budget, each of which is an error.
//
// REQUIRES: ptxas
// DEFINE: %{to_llvm} = gpu.module(convert-scf-to-cf,convert-nvvm-to-llvm,convert-math-to-llvm,convert-arith-to-llvm),convert-vector-to-llvm,convert-cf-to-llvm,reconcile-unrealized-casts,canonicalize,cse
// DEFINE: %{lower} = --pass-pipeline='builtin.module(sm90-plan-shared-memory,convert-sm90-to-nvvm,canonicalize,cse,%{to_llvm},nvvm-attach-target{chip=sm_90a features=+ptx83 O=3},gpu-module-to-binary{format=isa},sm90-assemble-binaries)'
//
// RUN: sigmoid-attn-opt %source_root/test/Dialect/SM90/forward.mlir %{lower} | FileCheck %s --check-prefix=FORWARD
// RUN: sigmoid-attn-opt %source_root/test/Dialect/SM90/forward-chunked.mlir %{lower} | FileCheck %s --check-prefix=CHUNKED

// FORWARD: 0 bytes spill stores, 0 bytes spill loads
// FORWARD-SAME: Used 168 registers
// FORWARD-SAME: bin = "\7FELF

// CHUNKED: 0 bytes spill stores, 0 bytes spill loads
// CHUNKED-SAME: Used 96 registers
// CHUNKED-SAME: bin = "\7FELF
