//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes object code for the host from a module of the LLVM dialect.
//
//===----------------------------------------------------------------------===//

#include "Frontend.h"
#include "ObjectCode.h"

#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace mlir;
using namespace sigmoid_attn;

std::string sigmoid_attn::takeMessage(llvm::Error error) {
  std::string text = llvm::toString(std::move(error));
  while (!text.empty() && (text.back() == '\n' || text.back() == '.'))
    text.pop_back();
  return text;
}

Result<llvm::orc::JITTargetMachineBuilder> sigmoid_attn::detectHost() {
  static const bool initialized = [] {
    return !llvm::InitializeNativeTarget() &&
           !llvm::InitializeNativeTargetAsmPrinter() &&
           !llvm::InitializeNativeTargetAsmParser();
  }();
  if (!initialized)
    return Status::unavailable("LLVM was built without code generation for "
                               "this processor");
  auto builder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return Status::unavailable("cannot detect this processor: " +
                               takeMessage(builder.takeError()));
  builder->setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  // What JITLink expects of objects in memory.
  builder->setRelocationModel(llvm::Reloc::PIC_);
  builder->setCodeModel(llvm::CodeModel::Small);
  return std::move(*builder);
}

Result<std::string> sigmoid_attn::describeHost() {
  Result<llvm::orc::JITTargetMachineBuilder> builder = detectHost();
  if (!builder.ok())
    return builder.status();
  return builder->getTargetTriple().str() + " " + builder->getCPU() + " " +
         builder->getFeatures().getString();
}

/// Adds a function that unpacks a list of addresses and calls the C interface:
/// only code can pass a bfloat or an i1 the way code expects it.
static void addEntry(llvm::Function *interface) {
  llvm::Module *module = interface->getParent();
  if (llvm::GlobalValue *taken = module->getNamedValue(kEntrySymbol))
    taken->setName("renamed");
  llvm::IRBuilder<> builder(module->getContext());
  auto *type = llvm::FunctionType::get(
      builder.getVoidTy(), {builder.getPtrTy()}, /*isVarArg=*/false);
  auto *entry = llvm::Function::Create(type, llvm::Function::ExternalLinkage,
                                       kEntrySymbol, module);
  builder.SetInsertPoint(
      llvm::BasicBlock::Create(module->getContext(), "", entry));
  unsigned position = 0;
  auto nextAddress = [&] {
    llvm::Value *slot = builder.CreateConstGEP1_64(
        builder.getPtrTy(), entry->getArg(0), position++);
    return builder.CreateLoad(builder.getPtrTy(), slot);
  };
  SmallVector<llvm::Value *> arguments;
  for (llvm::Argument &argument : interface->args()) {
    llvm::Value *address = nextAddress();
    arguments.push_back(argument.getType()->isPointerTy()
                            ? address
                            : builder.CreateLoad(argument.getType(), address));
  }
  llvm::Value *result = builder.CreateCall(interface, arguments);
  if (!result->getType()->isVoidTy())
    builder.CreateStore(result, nextAddress());
  builder.CreateRetVoid();
}

static void optimize(llvm::Module &module, llvm::TargetMachine *machine) {
  llvm::LoopAnalysisManager loopAnalyses;
  llvm::FunctionAnalysisManager functionAnalyses;
  llvm::CGSCCAnalysisManager sccAnalyses;
  llvm::ModuleAnalysisManager moduleAnalyses;
  llvm::PassBuilder builder(machine);
  builder.registerModuleAnalyses(moduleAnalyses);
  builder.registerCGSCCAnalyses(sccAnalyses);
  builder.registerFunctionAnalyses(functionAnalyses);
  builder.registerLoopAnalyses(loopAnalyses);
  builder.crossRegisterProxies(loopAnalyses, functionAnalyses, sccAnalyses,
                               moduleAnalyses);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, moduleAnalyses);
}

/// Assembly or an object; empty if the target cannot make it.
static std::string emit(llvm::Module &module, llvm::TargetMachine *machine,
                        llvm::CodeGenFileType type) {
  SmallVector<char, 0> code;
  llvm::raw_svector_ostream stream(code);
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, stream, nullptr, type))
    return "";
  passes.run(module);
  return std::string(code.begin(), code.end());
}

static void dumpModule(const DumpFolder &dump, const char *file,
                       const llvm::Module &module) {
  if (!dump.isEnabled())
    return;
  std::string text;
  llvm::raw_string_ostream(text) << module;
  dump.write(file, text);
}

/// LLVM IR of a module of the LLVM dialect.
static Result<std::unique_ptr<llvm::Module>>
translate(ModuleOp module, llvm::LLVMContext &context,
          const std::string &name) {
  DiagnosticCollector diagnostics(module.getContext());
  // Verified here: the translation prints what is wrong to standard error.
  std::unique_ptr<llvm::Module> code = translateModuleToLLVMIR(
      module, context, name, /*disableVerification=*/true);
  if (!code)
    return diagnostics.takeError("cannot translate the module to LLVM IR");
  std::string problem;
  llvm::raw_string_ostream problems(problem);
  if (llvm::verifyModule(*code, &problems))
    return Status::compileError("LLVM refuses the module: " +
                                llvm::StringRef(problem).rtrim().str());
  return code;
}

/// The errors of an LLVM context, which would otherwise end the process.
static void collectErrors(const llvm::DiagnosticInfo *info, void *errors) {
  if (info->getSeverity() != llvm::DS_Error)
    return;
  llvm::raw_string_ostream stream(*static_cast<std::string *>(errors));
  llvm::DiagnosticPrinterRawOStream printer(stream);
  info->print(printer);
}

Result<std::string> sigmoid_attn::compileObject(ModuleOp module,
                                                const std::string &name,
                                                const DumpFolder &dump) {
  Result<llvm::orc::JITTargetMachineBuilder> host = detectHost();
  if (!host.ok())
    return host.status();
  auto machine = host->createTargetMachine();
  if (!machine)
    return Status::unavailable(takeMessage(machine.takeError()));

  llvm::LLVMContext context;
  std::string errors;
  context.setDiagnosticHandlerCallBack(collectErrors, &errors);
  Result<std::unique_ptr<llvm::Module>> translated =
      translate(module, context, name);
  if (!translated.ok())
    return translated.status();
  std::unique_ptr<llvm::Module> code = std::move(*translated);
  llvm::Function *interface = code->getFunction("_mlir_ciface_" + name);
  if (!interface || interface->isDeclaration())
    return Status::compileError("the lowering left '" + name +
                                "' without a C interface");
  code->setTargetTriple((*machine)->getTargetTriple());
  code->setDataLayout((*machine)->createDataLayout());
  addEntry(interface);
  // Only the entry is looked up; the rest can be inlined and dropped.
  for (llvm::GlobalValue &global : code->global_values())
    if (!global.isDeclaration() && global.getName() != kEntrySymbol)
      global.setLinkage(llvm::GlobalValue::InternalLinkage);
  dumpModule(dump, "module.ll", *code);
  optimize(*code, machine->get());
  dumpModule(dump, "optimized.ll", *code);
  if (dump.isEnabled())
    dump.write("code.s", emit(*llvm::CloneModule(*code), machine->get(),
                              llvm::CodeGenFileType::AssemblyFile));
  std::string object =
      emit(*code, machine->get(), llvm::CodeGenFileType::ObjectFile);
  if (object.empty() || !errors.empty())
    return Status::compileError("cannot generate code: " + errors);
  dump.write("code.o", object);
  return object;
}
