//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend.h"
#include "DeviceExecutable.h"

#include "sigmoid-attn/Pipelines/LowerToNVVM.h"
#include "sigmoid-attn/Support/Log.h"
#include "sigmoid-attn/Target/KernelFile/Export.h"
#include "sigmoid-attn/Target/Ptxas/Ptxas.h"

using namespace mlir;
using namespace sigmoid_attn;

namespace {

/// Compiles a function of one attention operation to a kernel file.
class SM90Backend : public Backend {
public:
  explicit SM90Backend(Device device) : device(std::move(device)) {
    Result<Ptxas> found = findPtxas("");
    if (found.ok())
      ptxas = *found;
    else
      log("no ptxas, so the driver compiles kernels when it loads them: " +
          found.message());
  }

  Target target() const override { return Target::SM90; }

  std::string identity() const override {
    return ptxas ? "sm_90a, ptxas " + ptxas->release.str() : "sm_90a, PTX";
  }

  Result<std::string> compile(ModuleOp module,
                              const FunctionSignature &signature,
                              const std::string &pipelineOptions,
                              const DumpFolder &dump) const override;

  Result<std::shared_ptr<Executable>>
  load(std::string_view code,
       const FunctionSignature &signature) const override;

private:
  Device device;
  std::optional<Ptxas> ptxas;
};

/// The GPU's backend for what it can compile, the CPU's for the rest.
class AutoBackend : public Backend {
public:
  AutoBackend(std::unique_ptr<Backend> gpu, std::unique_ptr<Backend> cpu)
      : gpu(std::move(gpu)), cpu(std::move(cpu)) {}

  Target target() const override { return Target::Auto; }

  std::string identity() const override {
    return gpu->identity() + "; " + cpu->identity();
  }

  Result<std::string> compile(ModuleOp module,
                              const FunctionSignature &signature,
                              const std::string &pipelineOptions,
                              const DumpFolder &dump) const override;

  Result<std::shared_ptr<Executable>>
  load(std::string_view code,
       const FunctionSignature &signature) const override;

private:
  /// The first byte of code says whose it is.
  static constexpr char kGPU = 'G', kCPU = 'C';

  std::unique_ptr<Backend> gpu;
  std::unique_ptr<Backend> cpu;
};

} // namespace

/// Lowers the module to code, with dumps of each phase's passes.
static Status lower(ModuleOp module,
                    const mlir::attn::LowerToNVVMPipelineOptions &options,
                    const DumpFolder &dump) {
  MLIRContext *context = module.getContext();
  PassManager kernel(context), llvm(context), binary(context);
  mlir::attn::buildNVVMSchedulePipeline(kernel, options);
  mlir::attn::buildNVVMKernelPipeline(kernel, options);
  mlir::attn::buildNVVMToLLVMPipeline(llvm, options);
  mlir::attn::buildNVVMBinaryPipeline(binary, options);
  // Here each of the passes would read thousands of operations once more. The
  // next phase checks what all of them made, before it leaves MLIR.
  llvm.enableVerifier(false);
  std::pair<PassManager *, const char *> phases[] = {
      {&kernel, "passes-1-kernel"},
      {&llvm, "passes-2-llvm"},
      {&binary, "passes-3-binary"}};
  for (auto [passes, folder] : phases) {
    // From here on there are kernels, to go on a thread each.
    if (passes == &llvm && !dump.isEnabled())
      context->enableMultithreading();
    Status status = runPasses(*passes, module, dump, folder,
                              "the lowering to sm_90a failed");
    if (!status.ok())
      return status;
  }
  return Status::success();
}

Result<std::string> SM90Backend::compile(ModuleOp module,
                                         const FunctionSignature &signature,
                                         const std::string &pipelineOptions,
                                         const DumpFolder &dump) const {
  mlir::attn::LowerToNVVMPipelineOptions options;
  options.format = ptxas ? "bin" : "isa";
  // A score region may take more registers than there are: slow code is better
  // than none.
  options.strict = false;
  Status status = parsePipelineOptions(pipelineOptions, options);
  if (!status.ok())
    return status;
  status = lower(module, options, dump);
  if (!status.ok())
    return status;
  if (!module->hasAttr(mlir::attn::kRecipeAttrName))
    return Status::compileError(
        "'" + signature.name +
        "' makes no kernel for sm_90a: expected one attn.sigmoid_attention, or "
        "linalg that is one, got none; the target cpu compiles any function");
  Result<KernelFile> file = mlir::attn::exportKernelFile(module);
  if (!file.ok())
    return Status::compileError(
        "'" + signature.name +
        "' makes no kernel for sm_90a: " + file.message());
  if (dump.isEnabled()) {
    dump.write("recipe.json", printRecipe(file->recipes.front()));
    dump.write("kernel.ptx", file->ptx);
    dump.write("kernel.cubin", file->cubin);
  }
  return serializeKernelFile(*file);
}

Result<std::shared_ptr<Executable>>
SM90Backend::load(std::string_view code,
                  const FunctionSignature &signature) const {
  Result<KernelFile> file = parseKernelFile(code);
  if (!file.ok())
    return file.status();
  Result<std::shared_ptr<Kernel>> kernel =
      Kernel::create(std::move(*file), signature.name);
  if (!kernel.ok())
    return kernel.status();
  Status status = (*kernel)->prepare(device.ordinal());
  if (!status.ok())
    return status;
  return DeviceExecutable::create(*kernel, device, signature);
}

Result<std::string> AutoBackend::compile(ModuleOp module,
                                         const FunctionSignature &signature,
                                         const std::string &pipelineOptions,
                                         const DumpFolder &dump) const {
  // Lowering works in place, and a second one may be needed.
  OwningOpRef<ModuleOp> copy = module.clone();
  Result<std::string> code =
      gpu->compile(*copy, signature, pipelineOptions, dump);
  if (code.ok())
    return kGPU + *code;
  log("'" + signature.name + "' runs on the CPU: " + code.message());
  code = cpu->compile(module, signature, pipelineOptions, dump);
  if (!code.ok())
    return code.status();
  return kCPU + *code;
}

Result<std::shared_ptr<Executable>>
AutoBackend::load(std::string_view code,
                  const FunctionSignature &signature) const {
  if (code.empty() || (code[0] != kGPU && code[0] != kCPU))
    return Status::runtimeError("expected code for the GPU or the CPU");
  const Backend &backend = code[0] == kGPU ? *gpu : *cpu;
  return backend.load(code.substr(1), signature);
}

Result<std::unique_ptr<Backend>> sigmoid_attn::createSM90Backend() {
  Result<Device> device = findHopperDevice();
  if (!device.ok())
    return device.status().withContext("target sm_90a is not available");
  return std::unique_ptr<Backend>(
      std::make_unique<SM90Backend>(std::move(*device)));
}

Result<std::unique_ptr<Backend>> sigmoid_attn::createAutoBackend() {
  Result<std::unique_ptr<Backend>> cpu = createCPUBackend();
  Result<std::unique_ptr<Backend>> gpu = createSM90Backend();
  if (!gpu.ok())
    log(gpu.message() + "; taking the CPU");
  if (!gpu.ok() || !cpu.ok())
    return cpu;
  return std::unique_ptr<Backend>(
      std::make_unique<AutoBackend>(std::move(*gpu), std::move(*cpu)));
}
