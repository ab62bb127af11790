//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend.h"

#include "Frontend.h"

using namespace sigmoid_attn;

namespace {
struct TargetName {
  Target target;
  const char *name;
};
} // namespace

static constexpr TargetName kTargetNames[] = {
    {Target::Auto, "auto"}, {Target::CPU, "cpu"}, {Target::SM90, "sm_90a"}};

const char *sigmoid_attn::getTargetName(Target target) {
  for (const TargetName &entry : kTargetNames)
    if (entry.target == target)
      return entry.name;
  return "unknown";
}

Result<Target> sigmoid_attn::parseTarget(std::string_view name) {
  for (const TargetName &entry : kTargetNames)
    if (entry.name == name)
      return entry.target;
  return Status::invalidArgument("unknown target '" + std::string(name) +
                                 "', expected auto, cpu or sm_90a");
}

Result<std::unique_ptr<Backend>> sigmoid_attn::createBackend(Target target) {
  switch (target) {
  case Target::Auto:
    return createAutoBackend();
  case Target::CPU:
    return createCPUBackend();
  case Target::SM90:
    return createSM90Backend();
  }
  return Status::invalidArgument("unknown target " +
                                 std::to_string(static_cast<int>(target)));
}

Status sigmoid_attn::parsePipelineOptions(const std::string &text,
                                          mlir::detail::PassOptions &options) {
  std::string problem;
  llvm::raw_string_ostream problems(problem);
  if (succeeded(options.parseFromString(text, problems)))
    return Status::success();
  return Status::invalidArgument(
      "pipeline options '" + text +
      "' are not valid: " + llvm::StringRef(problem).rtrim().str());
}

Status sigmoid_attn::runPasses(mlir::PassManager &passes, mlir::ModuleOp module,
                               const DumpFolder &dump,
                               const std::string &folder,
                               const std::string &failure) {
  DiagnosticCollector diagnostics(module.getContext());
  if (dump.isEnabled())
    passes.enableIRPrintingToFileTree(
        [](mlir::Pass *, mlir::Operation *) { return false; },
        [](mlir::Pass *, mlir::Operation *) { return true; },
        /*printModuleScope=*/true, /*printAfterOnlyOnChange=*/true,
        /*printAfterOnlyOnFailure=*/false, dump.getPath(folder));
  if (failed(passes.run(module)))
    return diagnostics.takeError(failure);
  return Status::success();
}
