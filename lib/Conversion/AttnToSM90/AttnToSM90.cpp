//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: which functions become kernels, and which kernels serve each.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Conversion/Passes.h"

#include "ForwardKernel.h"
#include "KernelChoice.h"

#include "sigmoid-attn/Dialect/Attn/Transforms/ScheduleChoice.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::attn {
#define GEN_PASS_DEF_CONVERTATTNTOSM90PASS
#include "sigmoid-attn/Conversion/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;
using sigmoid_attn::Recipe;
using sigmoid_attn::RecipeLaunch;
using sigmoid_attn::RecipeVariant;
using sigmoid_attn::Result;

/// `function` as a name that PTX can write.
static std::string getKernelName(StringRef function) {
  std::string name = function.str();
  for (char &letter : name)
    if (!llvm::isAlnum(letter) && letter != '_' && letter != '$')
      letter = '_';
  if (!sm90::isPTXIdentifier(name))
    name = "kernel_" + name;
  return name;
}

/// What the function may hold besides the attention.
static LogicalResult checkBody(func::FuncOp func, SigmoidAttentionOp op) {
  if (!func.getBody().hasOneBlock())
    return func.emitOpError("expected one block on sm_90a, got ")
           << func.getBody().getBlocks().size();
  for (Operation &other : func.getBody().front()) {
    if (&other == op || other.hasTrait<OpTrait::IsTerminator>() ||
        isMemoryEffectFree(&other) || isa<memref::LoadOp>(other))
      continue;
    if (auto alloc = dyn_cast<memref::AllocOp>(other);
        alloc && alloc.getResult() == op.getOutput())
      continue;
    return other.emitOpError("expected only scalar arithmetic beside the "
                             "attention on sm_90a");
  }
  Operation *end = func.getBody().front().getTerminator();
  for (Value returned : end->getOperands())
    if (returned != op.getOutput() || isa<BlockArgument>(returned))
      return end->emitOpError("expected the attention's output to be the only "
                              "result on sm_90a");
  return success();
}

/// What of the attention kernels do not serve, beyond the planner's checks.
static LogicalResult checkAttention(SigmoidAttentionOp op) {
  AttentionOpInterface attention = op;
  if (attention.hasTensorForm())
    return op.emitOpError("expected buffers, got tensors; bufferize first");
  if (!op.getScheduleAttr())
    return op.emitOpError(
        "expected a schedule; attn-select-schedule chooses one");
  for (StringRef name : {kExactScheduleAttrName, kLongScheduleAttrName})
    if (Attribute other = op->getDiscardableAttr(name);
        other && !isa<ScheduleAttr>(other))
      return op.emitOpError("expected ")
             << name << " to be a schedule, got " << other;
  Type type = cast<ShapedType>(op.getOutput().getType()).getElementType();
  if (type != attention.getElementType())
    return op.emitOpError("expected output elements of ")
           << attention.getElementType() << " (as the inputs) on sm_90a, got "
           << type;
  return success();
}

/// The mask in the recipe's words: none, causal, or a window with `*` for a
/// side without bound.
static std::string describeMask(MaskAttr mask) {
  if (!mask || mask.isUnbounded())
    return "none";
  if (mask.isCausal())
    return "causal";
  auto describe = [](std::optional<int64_t> bound) {
    return bound ? std::to_string(*bound) : "*";
  };
  return "window " + describe(mask.getLeft()) + " " + describe(mask.getRight());
}

/// Facts for people and tools: how the kernels were made.
static void addInfo(SigmoidAttentionOp op, Recipe &recipe) {
  auto print = [](Attribute attribute) {
    std::string text;
    llvm::raw_string_ostream(text) << attribute;
    return text;
  };
  ScheduleAttr schedule = op.getScheduleAttr();
  recipe.info.emplace_back("schedule", print(schedule));
  if (ScheduleAttr exact = getExactSchedule(op); exact != schedule)
    recipe.info.emplace_back("exact schedule", print(exact));
  if (ScheduleAttr longer = getLongSchedule(op))
    recipe.info.emplace_back("long schedule", print(longer));
  recipe.info.emplace_back("sigmoid",
                           stringifySigmoidForm(schedule.getSigmoid()).str());
  recipe.info.emplace_back("mask", describeMask(op.getMaskAttr()));
  // A number that the caller does not pass.
  auto addNumber = [&](StringRef name, Value value, double absent) {
    APFloat constant(absent);
    if (value && !matchPattern(value, m_ConstantFloat(&constant)))
      return;
    recipe.info.emplace_back(
        name.str(), llvm::formatv("{0}", constant.convertToDouble()).str());
  };
  int64_t headDim = cast<ShapedType>(op.getQuery().getType()).getDimSize(3);
  addNumber("scale", op.getScale(), 1.0 / std::sqrt(double(headDim)));
  addNumber("bias", op.getBias(), 0.0);
}

/// The attentions in `module`, in its order. An error on one that is no forward
/// attention, or not the only one of its function.
static FailureOr<SmallVector<SigmoidAttentionOp>> collectOps(ModuleOp module) {
  SmallVector<SigmoidAttentionOp> ops;
  llvm::DenseMap<Operation *, Operation *> firstOfFunction;
  WalkResult walked = module.walk([&](AttentionOpInterface op) -> WalkResult {
    auto forward = dyn_cast<SigmoidAttentionOp>(op.getOperation());
    if (!forward)
      return op.emitOpError("expected forward attention on sm_90a (the CPU "
                            "pipeline takes the gradient)");
    auto [first, isFirst] = firstOfFunction.try_emplace(
        op->getParentOfType<func::FuncOp>(), op.getOperation());
    if (!isFirst) {
      InFlightDiagnostic error =
          op.emitOpError("expected 1 attention in a function on sm_90a, got "
                         "another one; put each in a function of its own");
      error.attachNote(first->second->getLoc()) << "the first one";
      return error;
    }
    ops.push_back(forward);
    return WalkResult::advance();
  });
  if (walked.wasInterrupted())
    return failure();
  return ops;
}

/// Device code of others would be lowered with the kernels, which it need not
/// be made for, and has no place in their file.
static LogicalResult checkNoDeviceCode(ModuleOp module,
                                       SigmoidAttentionOp first) {
  WalkResult walked = module.walk([&](Operation *op) -> WalkResult {
    if (!isa<gpu::GPUModuleOp, gpu::BinaryOp>(op))
      return WalkResult::advance();
    InFlightDiagnostic error = op->emitError("expected no ")
                               << op->getName()
                               << " beside attention on sm_90a, got @"
                               << cast<SymbolOpInterface>(op).getName();
    error.attachNote(first.getLoc()) << "the attention";
    return error;
  });
  return failure(walked.wasInterrupted());
}

namespace {
struct ConvertAttnToSM90Pass
    : public attn::impl::ConvertAttnToSM90PassBase<ConvertAttnToSM90Pass> {
  using ConvertAttnToSM90PassBase::ConvertAttnToSM90PassBase;

  void runOnOperation() override {
    FailureOr<SmallVector<SigmoidAttentionOp>> ops = collectOps(getOperation());
    if (failed(ops))
      return signalPassFailure();
    if (ops->empty())
      return;
    if (failed(checkNoDeviceCode(getOperation(), ops->front())))
      return signalPassFailure();
    OpBuilder builder = startKernels(ops->front());
    SmallVector<Attribute> recipes;
    for (SigmoidAttentionOp op : *ops) {
      FailureOr<Recipe> recipe = convert(builder, op);
      if (failed(recipe))
        return signalPassFailure();
      recipes.push_back(
          builder.getStringAttr(sigmoid_attn::printRecipe(*recipe)));
    }
    // What the functions alone read is in the module of kernels now.
    for (auto global :
         llvm::make_early_inc_range(getOperation().getOps<memref::GlobalOp>()))
      if (global.isPrivate() &&
          SymbolTable::symbolKnownUseEmpty(global, getOperation()))
        global.erase();
    getOperation()->setAttr(
        kRecipeAttrName,
        recipes.size() == 1 ? recipes.front() : builder.getArrayAttr(recipes));
  }

private:
  /// Makes the module of all kernels before the function of `first`, and
  /// returns a builder at its start.
  OpBuilder startKernels(SigmoidAttentionOp first);
  /// Replaces the function of `op` by kernels, and returns how to launch them.
  FailureOr<Recipe> convert(OpBuilder &builder, SigmoidAttentionOp op);
  /// Builds the kernels that `op` needs, each a variant of the recipe.
  LogicalResult buildVariants(OpBuilder &builder, SigmoidAttentionOp op,
                              const KernelShape &shape,
                              const FunctionNames &names, StringRef function,
                              Recipe &recipe);
};
} // namespace

OpBuilder ConvertAttnToSM90Pass::startKernels(SigmoidAttentionOp first) {
  Operation *place = first;
  while (place->getParentOp() != getOperation())
    place = place->getParentOp();
  auto name =
      place->getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName());
  OpBuilder builder(&getContext());
  auto module = gpu::GPUModuleOp::create(builder, place->getLoc(),
                                         (name ? name.str() : "") + "_kernels");
  SymbolTable(getOperation()).insert(module, Block::iterator(place));
  builder.setInsertionPointToStart(module.getBody());
  return builder;
}

/// `name`, or where the module of kernels has it already, one like it.
static std::string makeUnique(OpBuilder &builder, const std::string &name) {
  Operation *module = builder.getInsertionBlock()->getParentOp();
  std::string unique = name;
  for (int number = 1; SymbolTable::lookupSymbolIn(module, unique); ++number)
    unique = name + "_" + std::to_string(number);
  return unique;
}

LogicalResult ConvertAttnToSM90Pass::buildVariants(
    OpBuilder &builder, SigmoidAttentionOp op, const KernelShape &shape,
    const FunctionNames &names, StringRef function, Recipe &recipe) {
  SmallVector<KernelChoice, 4> choices = chooseKernels(op, names);
  for (const KernelChoice &choice : choices) {
    Result<KernelPlan> plan = planKernel(choice.schedule, shape);
    if (!plan.ok())
      return op.emitOpError(plan.message());
    RecipeVariant variant;
    variant.name = stringifySigmoidForm(choice.form).str();
    if (choice.leastBias)
      variant.when.push_back(
          {names.getName(op.getBias()).str(), choice.leastBias, std::nullopt});
    if (choice.leastQueries) {
      variant.name += "_long";
      variant.when.push_back({names.getSize(op.getQuery(), 2),
                              static_cast<double>(*choice.leastQueries),
                              std::nullopt});
    }
    std::string name = function.str();
    if (choices.size() > 1)
      name += "_" + variant.name;
    FailureOr<RecipeLaunch> launch =
        buildForwardKernel(builder, op, shape, names, makeUnique(builder, name),
                           choice.schedule, choice.form);
    if (failed(launch))
      return failure();
    launch->sharedMemory = plan->sharedBytes;
    variant.launches.push_back(std::move(*launch));
    recipe.variants.push_back(std::move(variant));
  }
  return success();
}

FailureOr<Recipe> ConvertAttnToSM90Pass::convert(OpBuilder &builder,
                                                 SigmoidAttentionOp op) {
  auto func = dyn_cast<func::FuncOp>(op->getParentOp());
  if (!func)
    return op.emitOpError("expected func.func as parent on sm_90a, got ")
           << op->getParentOp()->getName();
  if (!SymbolTable::symbolKnownUseEmpty(func, getOperation()))
    return func.emitOpError("expected no call of a function that becomes a "
                            "kernel on sm_90a");
  if (failed(checkAttention(op)))
    return failure();
  Result<KernelShape> shape = getKernelShape(op);
  if (!shape.ok())
    return op.emitOpError(shape.message());
  if (Result<KernelPlan> plan = planKernel(op.getScheduleAttr(), *shape);
      !plan.ok())
    return op.emitOpError(plan.message());
  if (failed(checkBody(func, op)))
    return failure();
  FailureOr<FunctionNames> names = FunctionNames::create(func, op);
  if (failed(names))
    return failure();

  Recipe recipe = names->getRecipe();
  addInfo(op, recipe);
  if (failed(buildVariants(builder, op, *shape, *names,
                           getKernelName(func.getSymName()), recipe)))
    return failure();
  if (sigmoid_attn::Status status = sigmoid_attn::verifyRecipe(recipe);
      !status.ok())
    return op.emitOpError("expected a valid recipe: ") << status.message();
  func.erase();
  return recipe;
}
