//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend.h"
#include "Frontend.h"
#include "ObjectCode.h"

#include "sigmoid-attn/Dialect/Attn/Transforms/Machine.h"
#include "sigmoid-attn/Pipelines/Pipelines.h"

using namespace mlir;
using namespace sigmoid_attn;

namespace {
/// Lowers to LLVM, generates an object for the host, and links it.
class CPUBackend : public Backend {
public:
  explicit CPUBackend(std::string host) : host(std::move(host)) {}

  Target target() const override { return Target::CPU; }
  std::string identity() const override { return host; }

  Result<std::string> compile(ModuleOp module,
                              const FunctionSignature &signature,
                              const std::string &pipelineOptions,
                              const DumpFolder &dump) const override;

  Result<std::shared_ptr<Executable>>
  load(std::string_view code, const FunctionSignature &) const override {
    return loadObject(code);
  }

private:
  std::string host;
};
} // namespace

/// Refuses what is for other machines: LLVM ends the process where it cannot
/// select an instruction.
static Status checkOperations(ModuleOp module) {
  DiagnosticCollector diagnostics(module.getContext());
  WalkResult walked = module.walk([](Operation *op) {
    if (mlir::attn::isForAnyCPU(op))
      return WalkResult::advance();
    InFlightDiagnostic error =
        op->emitError("expected operations that any CPU computes, got ")
        << op->getName();
    if (auto symbol = dyn_cast<SymbolOpInterface>(op))
      error << " @" << symbol.getName();
    return WalkResult(error);
  });
  if (walked.wasInterrupted())
    return diagnostics.takeError("");
  return Status::success();
}

Result<std::string> CPUBackend::compile(ModuleOp module,
                                        const FunctionSignature &signature,
                                        const std::string &pipelineOptions,
                                        const DumpFolder &dump) const {
  mlir::attn::LowerToCPUPipelineOptions options;
  Status status = parsePipelineOptions(pipelineOptions, options);
  if (status.ok())
    status = checkOperations(module);
  if (!status.ok())
    return status;
  // A name of C's, such as malloc, is a name like any other for a function that
  // is compiled, so code gets another one.
  FailureOr<StringAttr> name = SymbolTable(module).renameToUnique(
      module.lookupSymbol(signature.name), {});
  if (failed(name))
    return Status::compileError("cannot rename '" + signature.name + "'");
  PassManager passes(module.getContext());
  mlir::attn::buildLowerToCPUPipeline(passes, options);
  status = runPasses(passes, module, dump, "passes",
                     "the lowering to the CPU failed");
  if (!status.ok())
    return status;
  return compileObject(module, name->str(), dump);
}

Result<std::unique_ptr<Backend>> sigmoid_attn::createCPUBackend() {
  Result<std::string> host = describeHost();
  if (!host.ok())
    return host.status();
  return std::unique_ptr<Backend>(std::make_unique<CPUBackend>(*host));
}
