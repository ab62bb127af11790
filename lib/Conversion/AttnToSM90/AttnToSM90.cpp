//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: which functions become kernels, and which kernels serve one.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Conversion/Passes.h"

#include "ForwardKernel.h"

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

/// The least bias for which the fast sigmoid keeps the error bound of
/// docs/Spec.md also where all scores are near the bias. Its error is about
/// 5e-7, absolute; beside the rounding of weights and output it may be 1.6e-3
/// of a weight in bf16 and 1.9e-4 in f16.
static double getLeastFastBias(Type elementType) {
  return elementType.isBF16() ? -8.0 : -5.9;
}

namespace {
/// One form of the sigmoid, and the least bias for which it is taken.
struct FormChoice {
  sm90::SigmoidForm form;
  std::optional<double> leastBias;
};
} // namespace

/// The forms that the kernels of `op` need; the first that applies is taken.
static SmallVector<FormChoice, 2> chooseForms(SigmoidAttentionOp op,
                                              const FunctionNames &names) {
  FormChoice fast{sm90::SigmoidForm::Fast, {}};
  FormChoice exact{sm90::SigmoidForm::Exact, {}};
  switch (op.getScheduleAttr().getSigmoid()) {
  case SigmoidForm::Fast:
    return {fast};
  case SigmoidForm::Exact:
    return {exact};
  case SigmoidForm::Auto:
    break;
  }
  // A score region can move scores anywhere.
  if (!op.getScore().empty())
    return {exact};
  if (!op.getBias())
    return {fast};
  double least = getLeastFastBias(AttentionOpInterface(op).getElementType());
  APFloat constant(0.0f);
  if (matchPattern(op.getBias(), m_ConstantFloat(&constant)))
    return {constant.convertToDouble() >= least ? fast : exact};
  if (names.getName(op.getBias()).empty())
    return {exact};
  fast.leastBias = least;
  return {fast, exact};
}

/// The schedule that serves `form`.
static ScheduleAttr getSchedule(SigmoidAttentionOp op, sm90::SigmoidForm form) {
  if (form == sm90::SigmoidForm::Exact)
    if (auto exact = op->getAttrOfType<ScheduleAttr>(kExactScheduleAttrName))
      return exact;
  return op.getScheduleAttr();
}

/// `function` as a name that PTX can write (PTX ISA, "Identifiers").
static std::string getKernelName(StringRef function) {
  std::string name = function.str();
  for (char &letter : name)
    if (!llvm::isAlnum(letter) && letter != '_' && letter != '$')
      letter = '_';
  if (name.empty() || !llvm::isAlpha(name.front()))
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
  if (Attribute exact = op->getDiscardableAttr(kExactScheduleAttrName);
      exact && !isa<ScheduleAttr>(exact))
    return op.emitOpError("expected ")
           << kExactScheduleAttrName << " to be a schedule, got " << exact;
  if (!op.getOrigin().empty())
    return op.emitOpError("expected no origin on sm_90a, where a kernel "
                          "computes a whole attention and tiles it itself");
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
  if (ScheduleAttr exact = getSchedule(op, sm90::SigmoidForm::Exact);
      exact != schedule)
    recipe.info.emplace_back("exact schedule", print(exact));
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

namespace {
struct ConvertAttnToSM90Pass
    : public attn::impl::ConvertAttnToSM90PassBase<ConvertAttnToSM90Pass> {
  using ConvertAttnToSM90PassBase::ConvertAttnToSM90PassBase;

  void runOnOperation() override {
    SmallVector<AttentionOpInterface> ops;
    getOperation().walk([&](AttentionOpInterface op) { ops.push_back(op); });
    if (ops.empty())
      return;
    if (ops.size() > 1) {
      InFlightDiagnostic error =
          ops[1]->emitOpError(
              "expected 1 attention in a module on sm_90a, got ")
          << ops.size() << "; compile each from a module of its own";
      error.attachNote(ops[0].getLoc()) << "the first one";
      return signalPassFailure();
    }
    auto forward = dyn_cast<SigmoidAttentionOp>(*ops[0]);
    if (!forward) {
      ops[0]->emitOpError("expected forward attention on sm_90a (the CPU "
                          "pipeline takes the gradient)");
      return signalPassFailure();
    }
    if (failed(convert(forward)))
      signalPassFailure();
  }

private:
  LogicalResult convert(SigmoidAttentionOp op);
  /// Builds the kernels that `op` needs, each a variant of the recipe.
  LogicalResult buildVariants(OpBuilder &builder, SigmoidAttentionOp op,
                              const KernelShape &shape,
                              const FunctionNames &names, StringRef function,
                              Recipe &recipe);
};
} // namespace

LogicalResult ConvertAttnToSM90Pass::buildVariants(
    OpBuilder &builder, SigmoidAttentionOp op, const KernelShape &shape,
    const FunctionNames &names, StringRef function, Recipe &recipe) {
  SmallVector<FormChoice, 2> choices = chooseForms(op, names);
  for (const FormChoice &choice : choices) {
    ScheduleAttr schedule = getSchedule(op, choice.form);
    Result<KernelPlan> plan = planKernel(schedule, shape);
    if (!plan.ok())
      return op.emitOpError(plan.message());
    RecipeVariant variant;
    variant.name = stringifySigmoidForm(choice.form).str();
    if (choice.leastBias)
      variant.when.push_back(
          {names.getName(op.getBias()).str(), choice.leastBias, std::nullopt});
    std::string name = function.str();
    if (choices.size() > 1)
      name += "_" + variant.name;
    FailureOr<RecipeLaunch> launch = buildForwardKernel(
        builder, op, shape, names, name, schedule, choice.form);
    if (failed(launch))
      return failure();
    launch->sharedMemory = plan->sharedBytes;
    variant.launches.push_back(std::move(*launch));
    recipe.variants.push_back(std::move(variant));
  }
  return success();
}

LogicalResult ConvertAttnToSM90Pass::convert(SigmoidAttentionOp op) {
  auto func = dyn_cast<func::FuncOp>(op->getParentOp());
  if (!func)
    return op.emitOpError("expected func.func as parent on sm_90a, got ")
           << op->getParentOp()->getName();
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

  OpBuilder builder(func);
  auto module = gpu::GPUModuleOp::create(
      builder, func.getLoc(), (func.getSymName() + "_kernels").str());
  builder.setInsertionPointToStart(module.getBody());
  Recipe recipe = names->getRecipe();
  addInfo(op, recipe);
  if (failed(buildVariants(builder, op, *shape, *names,
                           getKernelName(func.getSymName()), recipe)))
    return failure();
  if (sigmoid_attn::Status status = sigmoid_attn::verifyRecipe(recipe);
      !status.ok())
    return op.emitOpError("expected a valid recipe: ") << status.message();
  getOperation()->setAttr(
      kRecipeAttrName,
      builder.getStringAttr(sigmoid_attn::printRecipe(recipe)));
  func.erase();
  return success();
}
