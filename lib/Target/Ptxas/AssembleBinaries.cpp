//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Assembles the PTX objects of GPU binaries with ptxas.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Support/Log.h"
#include "sigmoid-attn/Target/Ptxas/Passes.h"
#include "sigmoid-attn/Target/Ptxas/Ptxas.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Builders.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_ASSEMBLEBINARIESPASS
#include "sigmoid-attn/Target/Ptxas/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;
using sigmoid_attn::AssembledCode;
using sigmoid_attn::Ptxas;
using sigmoid_attn::Result;

// Problems are reported at a place and not on an op: with the op would be
// printed all of the code in it.

/// Reports what makes the kernels slow; a failure if that is an error.
static LogicalResult reportProblems(gpu::BinaryOp binary, StringRef log,
                                    bool strict) {
  bool failed = false;
  for (const std::string &problem :
       sigmoid_attn::findPerformanceProblems(log)) {
    if (!strict) {
      emitWarning(binary.getLoc(), "ptxas: ") << problem;
      continue;
    }
    emitError(binary.getLoc(), "ptxas: ") << problem;
    failed = true;
  }
  return failure(failed);
}

/// The object's properties with the release and the log.
static DictionaryAttr getProperties(gpu::ObjectAttr object, const Ptxas &ptxas,
                                    StringRef log) {
  Builder builder(object.getContext());
  NamedAttrList properties(object.getProperties());
  properties.set("ptxas_release", builder.getStringAttr(ptxas.release.str()));
  properties.set("ptxas_log", builder.getStringAttr(log));
  return properties.getDictionary(object.getContext());
}

/// What takes the place of an object: itself if it is not PTX for NVIDIA.
static FailureOr<Attribute> assembleObject(gpu::BinaryOp binary,
                                           gpu::ObjectAttr object,
                                           const Ptxas &ptxas, bool fat,
                                           bool strict) {
  auto target = dyn_cast<NVVM::NVVMTargetAttr>(object.getTarget());
  if (!target || object.getFormat() != gpu::CompilationTarget::Assembly)
    return Attribute(object);
  // LLVM ends the text with a zero, which is not PTX.
  StringRef ptx = object.getObject().getValue().rtrim('\0');
  Result<AssembledCode> code =
      sigmoid_attn::assemble(ptxas, ptx, target.getChip());
  if (!code.ok())
    return emitError(binary.getLoc()) << code.message();
  if (failed(reportProblems(binary, code->log, strict)))
    return failure();
  std::string bytes = code->cubin;
  if (fat) {
    Result<std::string> packed =
        sigmoid_attn::makeFatBinary(ptxas, code->cubin, ptx, target.getChip());
    if (!packed.ok())
      return emitError(binary.getLoc()) << packed.message();
    bytes = *packed;
  }
  return Attribute(gpu::ObjectAttr::get(
      target,
      fat ? gpu::CompilationTarget::Fatbin : gpu::CompilationTarget::Binary,
      StringAttr::get(binary.getContext(), bytes),
      getProperties(object, ptxas, code->log), object.getKernels()));
}

namespace {

class AssembleBinaries
    : public sm90::impl::AssembleBinariesPassBase<AssembleBinaries> {
public:
  using AssembleBinariesPassBase::AssembleBinariesPassBase;

  void runOnOperation() override {
    if (format != "isa" && format != "bin" && format != "fatbin") {
      emitError(getOperation()->getLoc(),
                "expected format to be isa, bin or fatbin, got '")
          << format << "'";
      return signalPassFailure();
    }
    SmallVector<gpu::BinaryOp> binaries;
    getOperation()->walk([&](gpu::BinaryOp op) { binaries.push_back(op); });
    if (format == "isa" || binaries.empty())
      return;
    Result<Ptxas> tool = sigmoid_attn::findPtxas(ptxas);
    if (!tool.ok()) {
      emitError(getOperation()->getLoc(), tool.message());
      return signalPassFailure();
    }
    if (sigmoid_attn::reusesOperandsEarly(tool->release))
      sigmoid_attn::log(
          "ptxas " + tool->release.str() +
          " can reuse register operands of wgmma early (fixed in "
          "13.3); convert-sm90-to-nvvm{keep-operands} keeps them");
    for (gpu::BinaryOp binary : binaries) {
      SmallVector<Attribute> objects;
      for (Attribute object : binary.getObjects()) {
        FailureOr<Attribute> assembled =
            assembleObject(binary, cast<gpu::ObjectAttr>(object), *tool,
                           format == "fatbin", strict);
        if (failed(assembled))
          return signalPassFailure();
        objects.push_back(*assembled);
      }
      binary.setObjectsAttr(ArrayAttr::get(&getContext(), objects));
    }
  }
};

} // namespace
