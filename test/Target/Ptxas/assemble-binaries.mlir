// REQUIRES: ptxas
// RUN: sigmoid-attn-opt %s --sm90-assemble-binaries | FileCheck %s --check-prefix=BIN
// RUN: sigmoid-attn-opt %s --sm90-assemble-binaries=format=isa | FileCheck %s --check-prefix=ISA

// BIN-LABEL: gpu.binary @kernels
// BIN-SAME: #gpu.object<#nvvm.target<chip = "sm_90a">
// BIN-SAME: ptxas_log = "ptxas info {{.*}}Compiling entry function 'empty' for 'sm_90a'
// BIN-SAME: ptxas_release = "
// BIN-SAME: bin = "\7FELF

// ISA-LABEL: gpu.binary @kernels
// ISA-SAME: assembly = ".version 8.0
gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">, assembly = ".version 8.0\0A.target sm_90a\0A.address_size 64\0A.visible .entry empty() { ret; }\0A\00">]

// What is not PTX stays.
// BIN-LABEL: gpu.binary @done
// BIN-SAME: bin = "BLOB"
gpu.binary @done [#gpu.object<#nvvm.target<chip = "sm_90a">, bin = "BLOB">]
