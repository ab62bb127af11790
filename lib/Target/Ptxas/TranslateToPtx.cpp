//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Translates GPU modules to PTX, the kernels of a module side by side. The work
// on each is upstream's.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Target/Ptxas/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Threading.h"
#include "mlir/Target/LLVM/ModuleToObject.h"
#include "mlir/Target/LLVM/NVVM/Utils.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetMachine.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_TRANSLATETOPTXPASS
#include "sigmoid-attn/Target/Ptxas/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;

/// LLVM's pipeline of level 3 without the passes that find nothing in a kernel:
/// what follows calls, vectorizes or only comes again. instcombine, which is a
/// third of the time, comes three times of eight.
static constexpr llvm::StringLiteral kKernelPasses =
    "nvvm-reflect,function(nvvm-intr-range,sroa),ipsccp,function("
    "instcombine<no-verify-fixpoint>,simplifycfg<switch-range-to-icmp>,"
    "early-cse<memssa>,speculative-execution<only-if-divergent-target>,"
    "jump-threading,correlated-propagation,reassociate,"
    "loop-mssa(loop-instsimplify,loop-simplifycfg,licm<no-allowspeculation>,"
    "loop-rotate<header-duplication>,licm,"
    "simple-loop-unswitch<nontrivial;trivial>),"
    "instcombine<no-verify-fixpoint>,"
    "loop(loop-idiom,indvars,loop-deletion,loop-unroll-full),"
    "gvn,bdce,adce,dse,loop-mssa(licm),"
    "simplifycfg<forward-switch-cond;switch-range-to-icmp;switch-to-arithmetic;"
    "switch-to-lookup;no-keep-loops;hoist-common-insts;sink-common-insts>,"
    "loop-unroll<O3>,instcombine<no-verify-fixpoint>,loop-mssa(licm),"
    "instsimplify,div-rem-pairs)";

namespace {

/// One GPU module on its way to PTX, in an LLVM context of its own.
class Translation : public LLVM::ModuleToObject {
public:
  Translation(gpu::GPUModuleOp module, NVVM::NVVMTargetAttr target)
      : ModuleToObject(*module, target.getTriple(), target.getChip(),
                       target.getFeatures(), target.getO()) {}

  /// Its PTX, or "" after an error. `part` is its number, if it is one of
  /// several whose texts are to be joined.
  std::string compile(std::optional<size_t> part = {}) {
    FailureOr<llvm::TargetMachine *> machine = getOrCreateTargetMachine();
    if (failed(machine))
      return "";
    std::unique_ptr<llvm::Module> code = translateToLLVMIR(context);
    if (!code) {
      getOperation().emitError("cannot translate it to LLVM IR");
      return "";
    }
    setDataLayoutAndTriple(*code);
    if (failed(optimize(*code, **machine)))
      return "";
    // Tables that LLVM makes of branches are named after the kernel, which does
    // not keep @a's second one apart from @a1's first.
    for (llvm::GlobalVariable &global : code->globals())
      if (part && global.hasLocalLinkage())
        global.setName(global.getName() + "." + llvm::Twine(*part));
    FailureOr<SmallString<0>> ptx = translateModuleToISA(
        *code, **machine, [&] { return getOperation().emitError(); });
    return failed(ptx) ? std::string() : ptx->str().str();
  }

private:
  /// Optimizes code: a kernel by itself with the passes for it.
  LogicalResult optimize(llvm::Module &code, llvm::TargetMachine &machine) {
    auto isDefined = [](const llvm::Function &f) { return !f.isDeclaration(); };
    if (optLevel != 3 || llvm::count_if(code, isDefined) != 1)
      return optimizeModule(code, optLevel);
    machine.setOptLevel(llvm::CodeGenOptLevel::Aggressive);
    llvm::LoopAnalysisManager loops;
    llvm::FunctionAnalysisManager functions;
    llvm::CGSCCAnalysisManager calls;
    llvm::ModuleAnalysisManager modules;
    llvm::PassBuilder builder(&machine);
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(calls);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, calls, modules);
    llvm::ModulePassManager passes;
    if (llvm::Error error = builder.parsePassPipeline(passes, kKernelPasses))
      return getOperation().emitError() << llvm::toString(std::move(error));
    passes.run(code, modules);
    return success();
  }

  llvm::LLVMContext context;
};

} // namespace

/// Whether this is a kernel; not if it has debug information, which describes
/// the whole text that it is in.
static bool isKernel(Operation &op) {
  auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
  return function && !function.isExternal() &&
         function->hasAttr(NVVM::NVVMDialect::getKernelFuncAttrName()) &&
         !function.getLoc()
              ->findInstanceOf<FusedLocWith<LLVM::DISubprogramAttr>>();
}

/// Whether this declares a variable, which several modules may do.
static bool isDeclaration(Operation *op) {
  auto global = dyn_cast<LLVM::GlobalOp>(op);
  return global && !global.getValueOrNull() &&
         global.getInitializerRegion().empty();
}

/// Moves all kernels but the first to modules of their own, if they share
/// declarations only. Returns all modules, the given one first.
static SmallVector<gpu::GPUModuleOp> split(gpu::GPUModuleOp module) {
  SmallVector<gpu::GPUModuleOp> parts = {module};
  SmallVector<LLVM::LLVMFuncOp> kernels;
  SmallVector<Operation *> declarations;
  for (Operation &op : module.getOps())
    if (isKernel(op))
      kernels.push_back(cast<LLVM::LLVMFuncOp>(op));
    else
      declarations.push_back(&op);
  if (kernels.empty() || !llvm::all_of(declarations, isDeclaration))
    return parts;
  OpBuilder builder(module);
  for (LLVM::LLVMFuncOp kernel : llvm::drop_begin(kernels)) {
    auto part =
        gpu::GPUModuleOp::create(builder, module.getLoc(), module.getName());
    part->setAttrs(module->getAttrDictionary());
    for (Operation *declaration : declarations)
      part.getBody()->push_back(declaration->clone());
    kernel->moveBefore(part.getBody(), part.getBody()->end());
    parts.push_back(part);
  }
  return parts;
}

/// Appends the text of one more kernel, as if LLVM had compiled it behind those
/// in `joined`: without what is declared there, and labels numbered on.
static void append(std::string &joined, StringRef text, size_t number) {
  // Release, target and address size, then declarations, then the kernel: with
  // an empty line between.
  StringRef rest = text.split(".address_size").second.split("\n\n").second;
  auto [declarations, kernel] = rest.split("\n\n");
  for (StringRef line : llvm::split(declarations, '\n'))
    if (!line.starts_with(".extern") || !StringRef(joined).contains(line))
      joined += (line + "\n").str();
  SmallVector<StringRef> pieces;
  kernel.split(pieces, "$L__BB0_");
  joined += llvm::join(pieces, "$L__BB" + std::to_string(number) + "_");
}

/// Compiles modules side by side and joins their texts; "" after an error.
static std::string compile(ArrayRef<gpu::GPUModuleOp> parts,
                           NVVM::NVVMTargetAttr target) {
  if (parts.size() == 1)
    return Translation(parts.front(), target).compile();
  std::vector<std::string> texts(parts.size());
  // Each reads its own operations only, and the context as passes may.
  parallelFor(target.getContext(), 0, parts.size(), [&](size_t i) {
    texts[i] = Translation(parts[i], target).compile(i);
  });
  if (llvm::is_contained(texts, ""))
    return "";
  std::string joined = texts.front();
  for (size_t i = 1; i < texts.size(); ++i)
    append(joined, texts[i], i);
  return joined;
}

/// Replaces a module by its PTX.
static LogicalResult translate(gpu::GPUModuleOp module) {
  ArrayAttr targets = module.getTargetsAttr();
  auto target = targets && targets.size() == 1
                    ? dyn_cast<NVVM::NVVMTargetAttr>(targets[0])
                    : nullptr;
  if (!target) {
    InFlightDiagnostic error = module.emitError(
        "expected one target, for NVIDIA, as nvvm-attach-target attaches it, "
        "got ");
    return targets ? error << targets : error << "none";
  }
  SmallVector<gpu::GPUModuleOp> parts = split(module);
  std::string ptx = compile(parts, target);
  if (ptx.empty())
    return failure();
  OpBuilder builder(module);
  Attribute object = gpu::ObjectAttr::get(
      target, gpu::CompilationTarget::Assembly, builder.getStringAttr(ptx),
      builder.getDictionaryAttr(
          builder.getNamedAttr("O", builder.getI32IntegerAttr(target.getO()))),
      /*kernels=*/nullptr);
  gpu::BinaryOp::create(builder, module.getLoc(), module.getName(),
                        /*offloadingHandler=*/nullptr,
                        ArrayRef<Attribute>(object));
  for (gpu::GPUModuleOp part : parts)
    part.erase();
  return success();
}

namespace {

class TranslateToPtx
    : public sm90::impl::TranslateToPtxPassBase<TranslateToPtx> {
public:
  using TranslateToPtxPassBase::TranslateToPtxPassBase;

  void runOnOperation() override {
    NVVM::SerializeGPUModuleBase::init();
    SmallVector<gpu::GPUModuleOp> modules;
    getOperation()->walk([&](gpu::GPUModuleOp op) { modules.push_back(op); });
    for (gpu::GPUModuleOp module : modules)
      if (failed(translate(module)))
        return signalPassFailure();
  }
};

} // namespace
