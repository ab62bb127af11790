//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reading tensors as expressions.
//
//===----------------------------------------------------------------------===//

#include "TensorReader.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::attn::raise;

/// Expressions between two contractions are far smaller than this. What is
/// larger is not looked into, so that no input takes more stack or time than
/// there is.
static constexpr unsigned kMaxDepth = 256;
static constexpr unsigned kMaxTreeSize = 10000;

const Expr *TensorReader::read(Value tensor, ArrayRef<AxisList> given) {
  SmallVector<AxisList> indices = space.resolveAll(given);
  for (auto &[knownTensor, knownIndices, known] : cache)
    if (knownTensor == tensor && knownIndices == indices)
      return known;
  const Expr *expr = nullptr;
  if (depth < kMaxDepth) {
    ++depth;
    expr = readUncached(tensor, indices);
    --depth;
  }
  if (!expr || expr->treeSize > kMaxTreeSize)
    expr = pool.element(tensor, space.resolveAll(indices));
  else if (Operation *op = tensor.getDefiningOp())
    visited.insert(op);
  if (!expr->home) {
    expr->home = tensor;
    expr->homeIndices = space.resolveAll(indices);
  }
  cache.emplace_back(tensor, std::move(indices), expr);
  return expr;
}

const Expr *TensorReader::readUncached(Value tensor,
                                       ArrayRef<AxisList> indices) {
  Operation *op = tensor.getDefiningOp();
  if (!op)
    return nullptr;
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return readConstant(constant, indices);
  if (op->getBlock() != block)
    return nullptr;
  if (auto cast = dyn_cast<tensor::CastOp>(op))
    return isa<RankedTensorType>(cast.getSource().getType())
               ? read(cast.getSource(), indices)
               : nullptr;
  if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op))
    return readReshape(op, indices);
  if (auto splat = dyn_cast<tensor::SplatOp>(op))
    return readScalar(splat.getInput());
  if (auto elements = dyn_cast<tensor::FromElementsOp>(op))
    return elements.getElements().size() == 1
               ? readScalar(elements.getElements().front())
               : nullptr;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return readLinalg(linalgOp, cast<OpResult>(tensor).getResultNumber(),
                      indices);
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Reshapes and constants
//===----------------------------------------------------------------------===//

const Expr *TensorReader::readReshape(Operation *op,
                                      ArrayRef<AxisList> indices) {
  SmallVector<AxisList> source;
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    for (const ReassociationIndices &group : expand.getReassociationIndices()) {
      AxisList &list = source.emplace_back();
      for (int64_t dim : group)
        llvm::append_range(list, indices[dim]);
    }
    return read(expand.getSrc(), source);
  }
  auto collapse = cast<tensor::CollapseShapeOp>(op);
  ArrayRef<int64_t> shape = collapse.getSrcType().getShape();
  for (auto [dim, group] :
       llvm::enumerate(collapse.getReassociationIndices())) {
    auto parts =
        space.split(indices[dim], shape.slice(group.front(), group.size()));
    if (failed(parts))
      return nullptr;
    llvm::append_range(source, *parts);
  }
  return read(collapse.getSrc(), source);
}

/// Whether the elements are 0, 1, 2, ...: an index that was written out.
static bool isIota(DenseElementsAttr elements) {
  if (elements.getType().getRank() != 1 || elements.getNumElements() < 2)
    return false;
  if (isa<FloatType>(elements.getElementType())) {
    for (auto [i, value] : llvm::enumerate(elements.getValues<APFloat>()))
      if (!value.isExactlyValue(static_cast<double>(i)))
        return false;
    return true;
  }
  for (auto [i, value] : llvm::enumerate(elements.getValues<APInt>()))
    if (value.getBitWidth() == 1 || value != i)
      return false;
  return true;
}

/// The two values that the elements take, or nothing if they take more.
static std::optional<std::pair<double, double>>
getTwoValues(DenseElementsAttr elements) {
  if (!isa<FloatType>(elements.getElementType()) || elements.empty())
    return std::nullopt;
  std::optional<APFloat> first, second;
  for (const APFloat &value : elements.getValues<APFloat>()) {
    if (!first)
      first = value;
    // Both zeros are one value: masks are made by products with negatives.
    if (*first == value)
      continue;
    if (!second)
      second = value;
    if (!(*second == value))
      return std::nullopt;
  }
  if (!second)
    return std::nullopt;
  bool loses = false;
  for (APFloat *value : {&*first, &*second})
    value->convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &loses);
  return std::pair(first->convertToDouble(), second->convertToDouble());
}

const Expr *TensorReader::readConstant(arith::ConstantOp op,
                                       ArrayRef<AxisList> indices) {
  auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!elements)
    return nullptr;
  Type type = elements.getElementType();
  bool isFloat = isa<FloatType>(type);
  if (elements.isSplat()) {
    if (isFloat)
      return pool.number(FloatAttr::get(type, elements.getSplatValue<APFloat>())
                             .getValueAsDouble());
    return pool.integer(elements.getSplatValue<APInt>().getSExtValue(), type);
  }
  if (isIota(elements)) {
    const Expr *index = pool.index(op.getContext(), indices[0]);
    return pool.apply(isFloat ? Fn::IntToFloat : Fn::CastI, {index},
                      isFloat ? Type() : type, /*detail=*/1);
  }
  // A mask that was added up or multiplied out: a choice between two numbers.
  if (auto values = getTwoValues(elements)) {
    const Expr *first = pool.apply(
        Fn::CmpF,
        {pool.element(op.getResult(), indices), pool.number(values->first)},
        IntegerType::get(op.getContext(), 1),
        static_cast<int64_t>(arith::CmpFPredicate::OEQ));
    return pool.apply(Fn::Select, {first, pool.number(values->first),
                                   pool.number(values->second)});
  }
  return nullptr;
}

/// A scalar of the block: constants and arithmetic are followed.
const Expr *TensorReader::readScalar(Value scalar) {
  if (const Expr *known = scalars.lookup(scalar))
    return known;
  ++depth;
  const Expr *expr = depth < kMaxDepth ? readScalarUncached(scalar) : nullptr;
  --depth;
  if (!expr || expr->treeSize > kMaxTreeSize)
    expr = pool.scalar(scalar);
  return scalars[scalar] = expr;
}

const Expr *TensorReader::readScalarUncached(Value scalar) {
  Operation *op = scalar.getDefiningOp();
  if (!op)
    return nullptr;
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return extract.getTensor().getType().getRank() == 0
               ? read(extract.getTensor(), {})
               : nullptr;
  SmallVector<const Expr *> operands;
  if (isa_and_nonnull<arith::ArithDialect, math::MathDialect>(op->getDialect()))
    for (Value operand : op->getOperands())
      operands.push_back(readScalar(operand));
  return pool.apply(op, operands, dropCasts);
}

//===----------------------------------------------------------------------===//
// Linalg
//===----------------------------------------------------------------------===//

/// The index of each loop of an elementwise operation, from the indices of its
/// result. Nothing if they do not determine it.
static std::optional<SmallVector<AxisList>>
getLoopIndices(linalg::LinalgOp op, AffineMap resultMap,
               ArrayRef<AxisList> indices) {
  SmallVector<AxisList> loops(op.getNumLoops());
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  llvm::SmallBitVector known(op.getNumLoops());
  for (auto [position, expr] : llvm::enumerate(resultMap.getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim) {
      if (!isa<AffineConstantExpr>(expr) || !indices[position].empty())
        return std::nullopt;
      continue;
    }
    loops[dim.getPosition()] = indices[position];
    known.set(dim.getPosition());
  }
  for (auto [loop, size] : llvm::enumerate(sizes))
    if (!known.test(loop) && size != 1)
      return std::nullopt;
  return loops;
}

/// Reads the element of an operand that one iteration of the loops sees.
const Expr *TensorReader::readOperand(linalg::LinalgOp op, OpOperand &operand,
                                      ArrayRef<AxisList> loops) {
  if (!isa<RankedTensorType>(operand.get().getType()))
    return readScalar(operand.get());
  SmallVector<AxisList> indices;
  for (AffineExpr expr : op.getMatchingIndexingMap(&operand).getResults()) {
    AxisList &list = indices.emplace_back();
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      list = loops[dim.getPosition()];
    else if (auto constant = dyn_cast<AffineConstantExpr>(expr);
             !constant || constant.getValue() != 0)
      return nullptr;
  }
  return read(operand.get(), indices);
}

const Expr *TensorReader::readBodyValue(Value value, const BodyValues &values) {
  if (const Expr *known = values.lookup(value))
    return known;
  // Captured from above the body.
  return readScalar(value);
}

/// Reads the operations of the body in order. False if one has no expression.
bool TensorReader::readBody(linalg::LinalgOp op, ArrayRef<AxisList> loops,
                            BodyValues &values) {
  for (Operation &nested : op.getBlock()->without_terminator()) {
    const Expr *expr = nullptr;
    if (auto index = dyn_cast<linalg::IndexOp>(nested)) {
      expr = pool.index(op.getContext(), space.resolve(loops[index.getDim()]));
    } else {
      SmallVector<const Expr *> operands;
      for (Value operand : nested.getOperands())
        operands.push_back(readBodyValue(operand, values));
      expr = pool.apply(&nested, operands, dropCasts);
    }
    if (!expr)
      return false;
    values[nested.getResult(0)] = expr;
  }
  return true;
}

const Expr *TensorReader::readLinalg(linalg::LinalgOp op, unsigned result,
                                     ArrayRef<AxisList> indices) {
  if (op.getNumLoops() != op.getNumParallelLoops() ||
      !op.hasPureTensorSemantics())
    return nullptr;
  OpOperand *init = op.getDpsInitOperand(result);
  auto loops = getLoopIndices(op, op.getMatchingIndexingMap(init), indices);
  if (!loops)
    return nullptr;
  BodyValues values;
  Block *body = op.getBlock();
  for (OpOperand &operand : op->getOpOperands()) {
    if (operand.getOperandNumber() >= body->getNumArguments())
      break;
    BlockArgument argument = body->getArgument(operand.getOperandNumber());
    if (argument.use_empty())
      continue;
    values[argument] = readOperand(op, operand, *loops);
    if (!values[argument])
      return nullptr;
  }
  if (!readBody(op, *loops, values))
    return nullptr;
  return readBodyValue(body->getTerminator()->getOperand(result), values);
}
