//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend.h"
#include "ObjectCode.h"

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

Result<std::string> CPUBackend::compile(ModuleOp module,
                                        const FunctionSignature &signature,
                                        const std::string &pipelineOptions,
                                        const DumpFolder &dump) const {
  mlir::attn::LowerToCPUPipelineOptions options;
  Status status = parsePipelineOptions(pipelineOptions, options);
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
  status = runPasses(passes, module, dump, "the lowering to the CPU failed");
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
