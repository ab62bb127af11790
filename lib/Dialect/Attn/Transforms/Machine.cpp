//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/Machine.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/IR/Intrinsics.h"

using namespace mlir;

namespace {
enum class Machine { Any, NVIDIA, Other };
} // namespace

/// The machine of an LLVM intrinsic.
static Machine getIntrinsicMachine(StringRef name) {
  if (name.starts_with("llvm.nvvm."))
    return Machine::NVIDIA;
  return llvm::Intrinsic::isTargetIntrinsic(
             llvm::Intrinsic::lookupIntrinsicID(name))
             ? Machine::Other
             : Machine::Any;
}

/// The machine of an operation, by its dialect.
static Machine getMachine(Operation *op) {
  if (auto call = dyn_cast<LLVM::CallIntrinsicOp>(op))
    return getIntrinsicMachine(call.getIntrin());
  StringRef dialect = op->getName().getDialectNamespace();
  if (llvm::is_contained({"gpu", "nvgpu", "nvvm", "sm90"}, dialect))
    return Machine::NVIDIA;
  if (llvm::is_contained({"amdgpu", "amx", "arm_neon", "arm_sme", "arm_sve",
                          "rocdl", "spirv", "vcix", "wasmssa", "x86vector",
                          "xegpu", "xevm"},
                         dialect))
    return Machine::Other;
  return Machine::Any;
}

/// Whether `op` is a function that LLVM takes for an intrinsic by its name.
static bool isIntrinsicByName(Operation *op) {
  auto function = dyn_cast<FunctionOpInterface>(op);
  return function && function.getName().starts_with("llvm.");
}

bool attn::isForAnyCPU(Operation *op) {
  return getMachine(op) == Machine::Any && !isa<LLVM::InlineAsmOp>(op) &&
         !isIntrinsicByName(op);
}

bool attn::isForNVIDIA(Operation *op) {
  return getMachine(op) != Machine::Other;
}
