//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifiers of the attention operations. Each check names its constraint in
// docs/Spec.md.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"
#include "sigmoid-attn/Dialect/Attn/IR/AttnFormula.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mlir::attn;

static constexpr llvm::StringLiteral kInputNames[] = {"query", "key", "value",
                                                      "output gradient"};
static constexpr llvm::StringLiteral kDimNames[] = {"batch size", "head count",
                                                    "length", "head dim"};

/// One size of one input.
using InputSize = std::pair<AttentionInput, AttentionDim>;

/// Checks that size `dim` of `type`, called `name`, can equal the input size
/// `expected` at run time.
static LogicalResult verifySize(AttentionOpInterface op, StringRef name,
                                ShapedType type, AttentionDim dim,
                                InputSize expected) {
  auto input = cast<ShapedType>(op.getInputs()[expected.first].getType());
  int64_t wanted = input.getDimSize(expected.second);
  int64_t found = type.getDimSize(dim);
  if (ShapedType::isDynamic(wanted) || ShapedType::isDynamic(found) ||
      wanted == found)
    return success();
  return op.emitOpError() << "expected " << name << " " << kDimNames[dim] << " "
                          << wanted << " (" << kDimNames[expected.second]
                          << " of the " << kInputNames[expected.first]
                          << "), got " << found;
}

/// Checks the same size of two inputs against each other.
static LogicalResult verifySameSize(AttentionOpInterface op,
                                    AttentionInput input, AttentionDim dim,
                                    AttentionInput expected) {
  auto type = cast<ShapedType>(op.getInputs()[input].getType());
  return verifySize(op, kInputNames[input], type, dim, {expected, dim});
}

/// C1: tensors in, tensors out; or buffers in, buffers written, no result.
static LogicalResult verifyForm(AttentionOpInterface op) {
  bool tensors = op.hasTensorForm();
  StringRef form = tensors ? "tensor" : "memref";
  for (auto [input, name] : llvm::zip_first(op.getInputs(), kInputNames))
    if (isa<TensorType>(input.getType()) != tensors)
      return op.emitOpError() << "expected " << name << " to be a " << form
                              << " like the query, got " << input.getType();
  size_t outputs = op.getOutputShapes().size();
  size_t results = tensors ? outputs : 0;
  size_t buffers = tensors ? 0 : outputs;
  if (op->getNumResults() != results)
    return op.emitOpError()
           << "expected a result count of " << results << " on " << form
           << "s, got " << op->getNumResults();
  if (op.getOutputBuffers().size() != buffers)
    return op.emitOpError()
           << "expected an outs count of " << buffers << " on " << form
           << "s, got " << op.getOutputBuffers().size();
  return success();
}

/// C6: each key head serves the same number of query heads.
static LogicalResult verifyHeads(AttentionOpInterface op) {
  int64_t heads = cast<ShapedType>(op.getQuery().getType()).getDimSize(kHead);
  int64_t keyHeads = cast<ShapedType>(op.getKey().getType()).getDimSize(kHead);
  if (ShapedType::isDynamic(heads) || ShapedType::isDynamic(keyHeads))
    return success();
  if (keyHeads == 0 ? heads == 0 : heads % keyHeads == 0)
    return success();
  return op.emitOpError() << "expected query head count to be a multiple of "
                          << keyHeads << " (head count of the key), got "
                          << heads;
}

/// C2 to C6: the inputs agree with each other.
static LogicalResult verifyInputs(AttentionOpInterface op) {
  for (auto [input, name] : llvm::zip_first(op.getInputs(), kInputNames)) {
    // attention_c2
    Type found = getElementTypeOrSelf(input.getType());
    if (found != op.getElementType())
      return op.emitOpError() << "expected " << name << " elements of type "
                              << op.getElementType()
                              << " (elements of the query), got " << found;
  }
  // attention_c3
  if (failed(verifySameSize(op, kKey, kBatch, kQuery)) ||
      failed(verifySameSize(op, kValue, kBatch, kQuery)) ||
      // attention_c4
      failed(verifySameSize(op, kValue, kHead, kKey)) ||
      failed(verifySameSize(op, kValue, kLength, kKey)) ||
      // attention_c5
      failed(verifySameSize(op, kKey, kDepth, kQuery)))
    return failure();
  // attention_c6
  return verifyHeads(op);
}

/// C7 and C8: shapes and element types of the outputs.
static LogicalResult verifyOutputs(AttentionOpInterface op) {
  for (auto [shape, type] :
       llvm::zip_equal(op.getOutputShapes(), op.getOutputTypes())) {
    // attention_c7
    for (auto [dim, expected] : llvm::enumerate(shape.sizes))
      if (failed(verifySize(op, shape.name, type,
                            static_cast<AttentionDim>(dim), expected)))
        return failure();
    // attention_c8
    Type found = type.getElementType();
    if (found != op.getElementType() && !found.isF32())
      return op.emitOpError()
             << "expected " << shape.name << " elements of type "
             << op.getElementType() << " (elements of the query) or f32, got "
             << found;
  }
  return success();
}

/// C9 for one buffer, called `name`.
static LogicalResult verifyLayout(AttentionOpInterface op, StringRef name,
                                  Type type) {
  auto memref = cast<MemRefType>(type);
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(memref.getStridesAndOffset(strides, offset)))
    return op.emitOpError() << "expected " << name
                            << " to have a strided layout, got " << memref;
  if (int64_t found = strides.back();
      found != 1 && !ShapedType::isDynamic(found))
    return op.emitOpError()
           << "expected " << name << " to have an innermost stride of 1, got "
           << found;
  return success();
}

/// C9: the head dim is contiguous in every buffer.
static LogicalResult verifyLayouts(AttentionOpInterface op) {
  if (op.hasTensorForm())
    return success();
  for (auto [input, name] : llvm::zip_first(op.getInputs(), kInputNames))
    if (failed(verifyLayout(op, name, input.getType())))
      return failure();
  for (auto [shape, buffer] :
       llvm::zip_equal(op.getOutputShapes(), op.getOutputBuffers()))
    if (failed(verifyLayout(op, shape.name, buffer.getType())))
      return failure();
  return success();
}

/// C11: the signature of the score region.
static LogicalResult verifyScoreSignature(AttentionOpInterface op) {
  Block &body = op.getScore().front();
  Builder builder(op.getContext());
  Type index = builder.getIndexType();
  Type expected[] = {builder.getF32Type(), index, index, index, index};
  if (body.getArgumentTypes() != TypeRange(expected))
    return op.emitOpError()
           << "expected the score region to take (f32, index, index, index, "
              "index), got ("
           << body.getArgumentTypes() << ")";
  Operation *terminator = body.getTerminator();
  if (isa<YieldOp>(terminator))
    return success();
  InFlightDiagnostic diagnostic =
      op.emitOpError() << "expected the score region to end with attn.yield, "
                          "got "
                       << terminator->getName();
  diagnostic.attachNote(terminator->getLoc()) << "the terminator is here";
  return diagnostic;
}

/// The buffer that `value` is a view of.
static Value getViewedBuffer(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

/// C12: how often and in which order the score region runs is not defined, so
/// it may read memory from outside, but not change it.
static LogicalResult verifyScoreEffects(AttentionOpInterface op) {
  Region &region = op.getScore();
  auto fail = [&](Operation &nested, StringRef problem) {
    InFlightDiagnostic diagnostic =
        op.emitOpError() << "expected the score region to have no effects "
                            "other than reads, got an operation with "
                         << problem;
    diagnostic.attachNote(nested.getLoc()) << "the operation is here";
    return diagnostic;
  };
  for (Operation &nested : region.front()) {
    auto effects = getEffectsRecursively(&nested);
    if (!effects)
      return fail(nested, "unknown effects");
    for (MemoryEffects::EffectInstance &effect : *effects) {
      if (isa<MemoryEffects::Read>(effect.getEffect()))
        continue;
      Value value = effect.getValue();
      if (!value ||
          !region.isAncestor(getViewedBuffer(value).getParentRegion()))
        return fail(nested, "a write to memory from outside of it");
    }
  }
  return success();
}

LogicalResult attn::detail::verifyAttention(Operation *operation) {
  auto op = cast<AttentionOpInterface>(operation);
  // attention_c1 to attention_c9
  if (failed(verifyForm(op)) || failed(verifyInputs(op)) ||
      failed(verifyOutputs(op)) || failed(verifyLayouts(op)))
    return failure();
  // attention_c10
  if (size_t found = op.getOrigin().size(); found != 0 && found != 5)
    return op.emitOpError() << "expected origin to have 5 values (batch, head, "
                               "query, key, diagonal), got "
                            << found;
  if (!op.hasScore())
    return success();
  // attention_c11, attention_c12
  if (failed(verifyScoreSignature(op)))
    return failure();
  return verifyScoreEffects(op);
}

LogicalResult SigmoidAttentionBackwardOp::verifyRegions() {
  AttentionOpInterface op = *this;
  // sigmoid_attention_backward_c13
  if (failed(verifySameSize(op, kOutputGradient, kBatch, kQuery)) ||
      failed(verifySameSize(op, kOutputGradient, kHead, kQuery)) ||
      failed(verifySameSize(op, kOutputGradient, kLength, kQuery)))
    return failure();
  if (failed(verifySameSize(op, kOutputGradient, kDepth, kValue)))
    return failure();
  // sigmoid_attention_backward_c14
  Operation *culprit = findNonDifferentiable(getScore());
  if (!culprit)
    return success();
  InFlightDiagnostic diagnostic =
      emitOpError()
      << "expected a score region that can be differentiated, got "
      << culprit->getName() << " of the score";
  diagnostic.attachNote(culprit->getLoc()) << "the operation is here";
  return diagnostic;
}
