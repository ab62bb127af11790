//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads off the IR how a function is called: the types of its arguments, which
// of them it writes, and which sizes must agree.
//
//===----------------------------------------------------------------------===//

#include "Frontend.h"

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"
#include "sigmoid-attn/Dialect/Attn/Transforms/TableReads.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace sigmoid_attn;

static std::optional<ElementType> convertElementType(Type type) {
  if (type.isIndex())
    return ElementType::I64;
  // Signed and unsigned integers print another name, and are not supported by
  // the lowerings either.
  std::string name;
  llvm::raw_string_ostream(name) << type;
  return parseElementType(name);
}

static std::vector<int64_t> convertSizes(ArrayRef<int64_t> sizes) {
  std::vector<int64_t> converted;
  for (int64_t size : sizes)
    converted.push_back(ShapedType::isDynamic(size) ? kDynamic : size);
  return converted;
}

static std::optional<ValueType> convertType(Type type) {
  ValueType converted;
  Type element = type;
  converted.kind = ValueType::Kind::Scalar;
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    if (tensor.getEncoding())
      return std::nullopt;
    converted.kind = ValueType::Kind::Tensor;
    converted.shape = convertSizes(tensor.getShape());
    element = tensor.getElementType();
  } else if (auto memref = dyn_cast<MemRefType>(type)) {
    SmallVector<int64_t> strides;
    int64_t offset;
    if (memref.getMemorySpace() || !memref.isStrided() ||
        failed(memref.getStridesAndOffset(strides, offset)))
      return std::nullopt;
    converted.kind = ValueType::Kind::Memref;
    converted.shape = convertSizes(memref.getShape());
    converted.strides = convertSizes(strides);
    converted.offset = ShapedType::isDynamic(offset) ? 0 : offset;
    element = memref.getElementType();
  }
  std::optional<ElementType> elementType = convertElementType(element);
  if (!elementType)
    return std::nullopt;
  converted.elementType = *elementType;
  return converted;
}

/// Whether something may write to the memory behind `memref`. Looks through
/// views; an op of unknown effects counts as a writer.
static bool mayBeWritten(Value memref) {
  for (OpOperand &use : memref.getUses()) {
    Operation *user = use.getOwner();
    if (isa<ViewLikeOpInterface>(user)) {
      if (llvm::any_of(user->getResults(), mayBeWritten))
        return true;
      continue;
    }
    auto effects = dyn_cast<MemoryEffectOpInterface>(user);
    if (!effects)
      return true;
    SmallVector<MemoryEffects::EffectInstance> instances;
    effects.getEffectsOnValue(memref, instances);
    if (llvm::any_of(instances, [](const auto &instance) {
          return isa<MemoryEffects::Write>(instance.getEffect());
        }))
      return true;
  }
  return false;
}

namespace {
/// A size that is a constant or that of an argument.
struct Size {
  std::optional<int64_t> constant;
  int64_t argument = 0;
  int64_t dim = 0;
};

/// Collects the relations between sizes on which ops rely. One that does not
/// lead back to constants and arguments is left to the types.
class ConditionCollector {
public:
  ConditionCollector(func::FuncOp function, FunctionSignature &signature)
      : function(function), signature(signature) {}

  void require(SizeCondition::Kind kind, Value lhs, int64_t lhsDim, Value rhs,
               int64_t rhsDim);
  /// What the score region of `op` reads has to be there.
  void requireTables(mlir::attn::AttentionOpInterface op);

private:
  /// The number of an argument of the function.
  std::optional<int64_t> getArgument(Value value);
  std::optional<Size> resolve(Value value, int64_t dim);
  /// The name of an integer or of a size in the signature's expressions.
  std::string getName(Value value, std::optional<int64_t> dim);

  func::FuncOp function;
  FunctionSignature &signature;
};
} // namespace

std::optional<int64_t> ConditionCollector::getArgument(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != &function.getBody().front())
    return std::nullopt;
  return argument.getArgNumber();
}

std::optional<Size> ConditionCollector::resolve(Value value, int64_t dim) {
  auto type = cast<ShapedType>(value.getType());
  Size size;
  if (!type.isDynamicDim(dim)) {
    size.constant = type.getDimSize(dim);
    return size;
  }
  AffineMap map;
  ValueDimList operands;
  if (failed(ValueBoundsConstraintSet::computeBound(
          map, operands, presburger::BoundType::EQ,
          ValueBoundsConstraintSet::Variable(value, dim),
          [&](Value candidate, std::optional<int64_t>,
              ValueBoundsConstraintSet &) {
            return getArgument(candidate).has_value();
          })))
    return std::nullopt;
  AffineExpr expression = map.getResult(0);
  if (auto constant = dyn_cast<AffineConstantExpr>(expression)) {
    size.constant = constant.getValue();
    return size;
  }
  unsigned position = 0;
  if (auto variable = dyn_cast<AffineDimExpr>(expression))
    position = variable.getPosition();
  else if (auto symbol = dyn_cast<AffineSymbolExpr>(expression))
    position = map.getNumDims() + symbol.getPosition();
  else
    return std::nullopt;
  auto [source, sourceDim] = operands[position];
  std::optional<int64_t> argument = getArgument(source);
  if (!argument || !sourceDim)
    return std::nullopt;
  size.argument = *argument;
  size.dim = *sourceDim;
  return size;
}

void ConditionCollector::require(SizeCondition::Kind kind, Value lhs,
                                 int64_t lhsDim, Value rhs, int64_t rhsDim) {
  std::optional<Size> size = resolve(lhs, lhsDim);
  std::optional<Size> other = resolve(rhs, rhsDim);
  if (!size || !other)
    return;
  if (size->constant && other->constant)
    return; // The verifier's business.
  if (size->constant) {
    std::swap(size, other);
    if (kind == SizeCondition::Kind::MultipleOf)
      kind = SizeCondition::Kind::DivisorOf;
  }
  SizeCondition condition;
  condition.kind = kind;
  condition.argument = size->argument;
  condition.dim = size->dim;
  if (other->constant) {
    condition.value = *other->constant;
  } else {
    condition.otherArgument = other->argument;
    condition.otherDim = other->dim;
    // An error names the later argument.
    if (kind == SizeCondition::Kind::Equal &&
        condition.argument < condition.otherArgument) {
      std::swap(condition.argument, condition.otherArgument);
      std::swap(condition.dim, condition.otherDim);
    }
    if (condition.argument == condition.otherArgument &&
        condition.dim == condition.otherDim)
      return;
  }
  signature.conditions.push_back(condition);
}

std::string ConditionCollector::getName(Value value,
                                        std::optional<int64_t> dim) {
  auto name = [](int64_t argument) {
    return "argument_" + std::to_string(argument);
  };
  if (!dim) {
    std::optional<int64_t> argument = getArgument(value);
    Type type = value.getType();
    bool isKnown = type.isIndex() || type.isInteger(32) || type.isInteger(64);
    return argument && isKnown ? name(*argument) : "";
  }
  std::optional<Size> size = resolve(value, *dim);
  if (!size)
    return "";
  return size->constant
             ? std::to_string(*size->constant)
             : name(size->argument) + ".size." + std::to_string(size->dim);
}

void ConditionCollector::requireTables(mlir::attn::AttentionOpInterface op) {
  auto getCallName = [&](Value value, std::optional<int64_t> dim) {
    return getName(value, dim);
  };
  for (mlir::attn::TableRead &read :
       mlir::attn::getTableReads(op, getCallName)) {
    IndexCondition condition;
    condition.dim = read.dim;
    // Sizes of values inside may be equal only by what arguments they have.
    if (read.least && !(read.least->isConstant() && read.least->constant >= 0))
      condition.least = read.least->str();
    std::optional<Size> size = resolve(read.table, read.dim);
    if (std::optional<int64_t> argument = getArgument(read.table)) {
      condition.argument = *argument;
    } else if (size && !size->constant) {
      condition.argument = size->argument;
      condition.dim = size->dim;
    } else if (size) {
      condition.size = *size->constant;
    }
    // What is constant, verifyTableReads looks at.
    if (read.most && size && !(size->constant && read.most->isConstant())) {
      ++read.most->constant;
      condition.end = read.most->str();
    }
    if (!condition.least.empty() || !condition.end.empty())
      signature.indices.push_back(std::move(condition));
  }
}

/// The shapes of docs/Spec.md: one batch, heads in whole groups, key and value
/// of one length, query and key of one head dim.
static void requireAttentionShapes(ConditionCollector &conditions, Value query,
                                   Value key, Value value) {
  auto equal = SizeCondition::Kind::Equal;
  conditions.require(equal, key, 0, query, 0);
  conditions.require(equal, value, 0, query, 0);
  conditions.require(SizeCondition::Kind::MultipleOf, query, 1, key, 1);
  conditions.require(equal, value, 1, key, 1);
  conditions.require(equal, value, 2, key, 2);
  conditions.require(equal, key, 3, query, 3);
}

/// A value with the output's shape: query's, with value's head dim.
static void requireOutputShape(ConditionCollector &conditions, Value output,
                               Value query, Value value) {
  for (int64_t dim = 0; dim < 3; ++dim)
    conditions.require(SizeCondition::Kind::Equal, output, dim, query, dim);
  conditions.require(SizeCondition::Kind::Equal, output, 3, value, 3);
}

static void requireSameShape(ConditionCollector &conditions, Value lhs,
                             Value rhs) {
  for (int64_t dim = 0; dim < 4; ++dim)
    conditions.require(SizeCondition::Kind::Equal, lhs, dim, rhs, dim);
}

/// Operands that a linalg op indexes by the same loop have the same size.
static void requireLoopRanges(ConditionCollector &conditions,
                              linalg::LinalgOp op) {
  SmallVector<std::optional<std::pair<Value, int64_t>>> loops(op.getNumLoops());
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<ShapedType>(operand.get().getType()))
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [dim, expression] : llvm::enumerate(map.getResults())) {
      auto loop = dyn_cast<AffineDimExpr>(expression);
      if (!loop)
        continue;
      auto &first = loops[loop.getPosition()];
      if (!first)
        first = {operand.get(), dim};
      else
        conditions.require(SizeCondition::Kind::Equal, operand.get(), dim,
                           first->first, first->second);
    }
  }
}

static void collectConditions(func::FuncOp function,
                              FunctionSignature &signature) {
  ConditionCollector conditions(function, signature);
  function.walk([&](Operation *op) {
    if (auto forward = dyn_cast<mlir::attn::SigmoidAttentionOp>(op)) {
      requireAttentionShapes(conditions, forward.getQuery(), forward.getKey(),
                             forward.getValue());
      if (Value output = forward.getOutput())
        requireOutputShape(conditions, output, forward.getQuery(),
                           forward.getValue());
      conditions.requireTables(
          mlir::cast<mlir::attn::AttentionOpInterface>(op));
    } else if (auto backward =
                   dyn_cast<mlir::attn::SigmoidAttentionBackwardOp>(op)) {
      Value query = backward.getQuery(), key = backward.getKey(),
            value = backward.getValue();
      requireAttentionShapes(conditions, query, key, value);
      requireOutputShape(conditions, backward.getOutputGradient(), query,
                         value);
      auto attention =
          mlir::cast<mlir::attn::AttentionOpInterface>(backward.getOperation());
      for (auto [output, shape] :
           llvm::zip(backward.getOutputs(), attention.getOutputShapes()))
        requireSameShape(conditions, output,
                         attention.getInputs()[shape.sizes[0].first]);
      conditions.requireTables(attention);
    } else if (auto structured = dyn_cast<linalg::LinalgOp>(op)) {
      requireLoopRanges(conditions, structured);
    }
  });
}

Result<FunctionSignature>
sigmoid_attn::analyzeSignature(func::FuncOp function) {
  FunctionSignature signature;
  signature.name = function.getName().str();
  auto convert = [&](Type type, const char *role,
                     size_t index) -> Result<ValueType> {
    if (std::optional<ValueType> converted = convertType(type))
      return *converted;
    std::string text;
    llvm::raw_string_ostream(text)
        << role << " " << index << " of '" << signature.name << "' has type '"
        << type
        << "', expected a ranked tensor, a strided memref or a scalar of i1, "
           "i8, i16, i32, i64, index, f16, bf16, f32 or f64";
    return Status::invalidArgument(text);
  };
  for (auto [index, argument] : llvm::enumerate(function.getArguments())) {
    Result<ValueType> type = convert(argument.getType(), "argument", index);
    if (!type.ok())
      return type.status();
    type->written =
        isa<MemRefType>(argument.getType()) && mayBeWritten(argument);
    signature.arguments.push_back(*type);
  }
  for (auto [index, resultType] : llvm::enumerate(function.getResultTypes())) {
    Result<ValueType> type = convert(resultType, "result", index);
    if (!type.ok())
      return type.status();
    signature.results.push_back(*type);
  }
  collectConditions(function, signature);
  return signature;
}
