//===- Passes.td - passes that assemble GPU binaries -------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_TARGET_PTXAS_PASSES_TD
#define SIGMOID_ATTN_TARGET_PTXAS_PASSES_TD

include "mlir/Pass/PassBase.td"

def TranslateToPtxPass : Pass<"sm90-translate-to-ptx"> {
  let summary = "Translate GPU modules to PTX, their kernels side by side";
  let description = [{
    Replaces each `gpu.module`, in the LLVM dialect and with one `#nvvm.target`, by
    a `gpu.binary` with its PTX, as `gpu-module-to-binary` with `format=isa` does.
    Kernels that share declarations of variables only are optimized and translated
    by LLVM on a thread each, and their texts joined; tables that LLVM makes of
    branches are then not shared, and have names of their own. Else the text is the
    same, but for `O = 3`: there a kernel that calls no function of its module is
    optimized with fewer of LLVM's passes, which leave no more statements. No
    libraries are linked.

    ```mlir
    gpu.module @kernels [#nvvm.target<chip = "sm_90a">] {
      llvm.func @empty() attributes {nvvm.kernel} {
        llvm.return
      }
    }
    ```
    becomes
    ```mlir
    gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">,
        properties = {O = 2 : i32}, assembly = "...">]
    ```
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::NVVM::NVVMDialect"];
}

def AssembleBinariesPass : Pass<"sm90-assemble-binaries"> {
  let summary = "Assemble the PTX of GPU binaries with ptxas";
  let description = [{
    Replaces each PTX object of a `gpu.binary`, as `sm90-translate-to-ptx` and
    `gpu-module-to-binary` with `format=isa` make them, by what ptxas makes of
    it: a cubin (`format=bin`) or a fat binary of cubin and PTX (`format=fatbin`). With `format=isa`
    nothing changes, and no ptxas is needed: the driver assembles the PTX.

    ptxas is the one that the option names, else the environment's
    SIGMOID_ATTN_PTXAS, else the first in $CUDA_HOME/bin (/usr/local/cuda without
    CUDA_HOME) and on PATH. Releases before 12.4 are refused. Releases 12.8 to
    13.2 can reuse the registers of an asynchronous wgmma's A operand too early:
    `convert-sm90-to-nvvm{keep-operands}` works around that, and
    scripts/check_sass.py looks for it in what ptxas made (none in the kernels of
    the tests with 13.0). SIGMOID_ATTN_LOG says when such a release is used.

    The object's properties keep the release and the log (`ptxas_release`,
    `ptxas_log`). A log that tells of spilled registers, serialized wgmma (C7510
    to C7514) or an ignored register budget (C7508) is an error, or with
    `strict=false` a warning.

    ```mlir
    gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">,
        assembly = "...">]
    ```
    becomes
    ```mlir
    gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">,
        properties = {ptxas_log = "...", ptxas_release = "13.0"}, bin = "...">]
    ```
  }];
  let options = [
    Option<"format", "format", "std::string", "\"bin\"",
           "isa (PTX), bin (cubin) or fatbin">,
    Option<"ptxas", "ptxas", "std::string", "\"\"",
           "Path of ptxas; empty to look for it">,
    Option<"strict", "strict", "bool", "true",
           "Whether spills and serialized wgmma are errors">
  ];
  let dependentDialects = ["::mlir::gpu::GPUDialect",
                           "::mlir::NVVM::NVVMDialect"];
}

#endif // SIGMOID_ATTN_TARGET_PTXAS_PASSES_TD
