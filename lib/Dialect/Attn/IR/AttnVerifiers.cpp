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

/// The sizes of an attention problem.
enum ProblemSize : unsigned {
  kBatches,
  kQueryHeads,
  kKeyHeads,
  kQueries,
  kKeys,
  kHeadDim,
  kValueHeadDim,
  kNumProblemSizes
};

/// The size of the problem that size `dim` of `input` is.
static ProblemSize getProblemSize(AttentionInput input, AttentionDim dim) {
  bool ofKeys = input == kKey || input == kValue;
  switch (dim) {
  case kBatch:
    return kBatches;
  case kHead:
    return ofKeys ? kKeyHeads : kQueryHeads;
  case kLength:
    return ofKeys ? kKeys : kQueries;
  case kDepth:
    return input == kQuery || input == kKey ? kHeadDim : kValueHeadDim;
  }
  llvm_unreachable("unknown attention dimension");
}

namespace {
/// Checks sizes against the first static one of the same problem size, so that
/// two sizes that contradict each other are found whatever lies between them.
class SizeChecker {
public:
  explicit SizeChecker(AttentionOpInterface op) : op(op) {}

  /// Checks size `dim` of `type`, called `name`, which is problem size `size`.
  LogicalResult check(StringRef name, ShapedType type, AttentionDim dim,
                      ProblemSize size) {
    int64_t found = type.getDimSize(dim);
    if (ShapedType::isDynamic(found))
      return success();
    std::optional<Known> &known = sizes[size];
    if (!known)
      known = Known{found, name, dim};
    if (known->value == found)
      return success();
    return op.emitOpError()
           << "expected " << name << " " << kDimNames[dim] << " "
           << known->value << " (" << kDimNames[known->dim] << " of the "
           << known->name << "), got " << found;
  }

  /// Checks size `dim` of `input`.
  LogicalResult check(AttentionInput input, AttentionDim dim) {
    return check(kInputNames[input],
                 cast<ShapedType>(op.getInputs()[input].getType()), dim,
                 getProblemSize(input, dim));
  }

  /// The static value of `size`; nullopt if none was found.
  std::optional<int64_t> get(ProblemSize size) const {
    return sizes[size] ? std::optional(sizes[size]->value) : std::nullopt;
  }

private:
  /// A static size, and where it was found.
  struct Known {
    int64_t value;
    StringRef name;
    AttentionDim dim;
  };

  AttentionOpInterface op;
  std::array<std::optional<Known>, kNumProblemSizes> sizes;
};
} // namespace

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

/// C2: one element type.
static LogicalResult verifyElementTypes(AttentionOpInterface op) {
  for (auto [input, name] : llvm::zip_first(op.getInputs(), kInputNames)) {
    Type found = getElementTypeOrSelf(input.getType());
    if (found != op.getElementType())
      return op.emitOpError() << "expected " << name << " elements of type "
                              << op.getElementType()
                              << " (elements of the query), got " << found;
  }
  return success();
}

/// C6: each key head serves the same number of query heads.
static LogicalResult verifyHeads(AttentionOpInterface op,
                                 const SizeChecker &sizes) {
  std::optional<int64_t> heads = sizes.get(kQueryHeads);
  std::optional<int64_t> keyHeads = sizes.get(kKeyHeads);
  if (!heads || !keyHeads)
    return success();
  if (*keyHeads == 0 ? *heads == 0 : *heads % *keyHeads == 0)
    return success();
  return op.emitOpError() << "expected query head count to be a multiple of "
                          << *keyHeads << " (head count of the key), got "
                          << *heads;
}

/// C3 to C6, and C13: the shapes of the inputs.
static LogicalResult verifyInputs(AttentionOpInterface op, SizeChecker &sizes) {
  // attention_c3
  for (AttentionInput input : {kQuery, kKey, kValue})
    if (failed(sizes.check(input, kBatch)))
      return failure();
  // attention_c4
  for (AttentionDim dim : {kHead, kLength})
    if (failed(sizes.check(kKey, dim)) || failed(sizes.check(kValue, dim)))
      return failure();
  // attention_c5
  if (failed(sizes.check(kQuery, kDepth)) || failed(sizes.check(kKey, kDepth)))
    return failure();
  if (sizes.get(kHeadDim) == 0)
    return op.emitOpError("expected a head dim of at least 1, got 0");
  // attention_c6
  if (failed(sizes.check(kQuery, kHead)) || failed(verifyHeads(op, sizes)) ||
      failed(sizes.check(kQuery, kLength)) ||
      failed(sizes.check(kValue, kDepth)))
    return failure();
  // sigmoid_attention_backward_c13
  if (op.getInputs().size() > kOutputGradient)
    for (AttentionDim dim : {kBatch, kHead, kLength, kDepth})
      if (failed(sizes.check(kOutputGradient, dim)))
        return failure();
  return success();
}

/// C7 and C8: shapes and element types of the outputs.
static LogicalResult verifyOutputs(AttentionOpInterface op,
                                   SizeChecker &sizes) {
  for (auto [shape, type] :
       llvm::zip_equal(op.getOutputShapes(), op.getOutputTypes())) {
    // attention_c7
    for (auto [position, source] : llvm::enumerate(shape.sizes))
      if (failed(sizes.check(shape.name, type,
                             static_cast<AttentionDim>(position),
                             getProblemSize(source.first, source.second))))
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

/// C11: a score is scalar code, not a computation on whole arrays.
static LogicalResult verifyNotNested(AttentionOpInterface op) {
  AttentionOpInterface nested;
  op.getScore().walk([&](AttentionOpInterface found) {
    nested = found;
    return WalkResult::interrupt();
  });
  if (!nested)
    return success();
  InFlightDiagnostic diagnostic =
      op.emitOpError()
      << "expected the score region to hold no attention operation, got "
      << nested->getName();
  diagnostic.attachNote(nested.getLoc()) << "the operation is here";
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
  SizeChecker sizes(op);
  // attention_c1 to attention_c9
  if (failed(verifyForm(op)) || failed(verifyElementTypes(op)) ||
      failed(verifyInputs(op, sizes)) || failed(verifyOutputs(op, sizes)) ||
      failed(verifyLayouts(op)))
    return failure();
  // attention_c10
  if (size_t found = op.getOrigin().size(); found != 0 && found != 5)
    return op.emitOpError() << "expected origin to have 5 values (batch, head, "
                               "query, key, diagonal), got "
                            << found;
  if (!op.hasScore())
    return success();
  // attention_c11, attention_c12
  if (failed(verifyScoreSignature(op)) || failed(verifyNotNested(op)))
    return failure();
  return verifyScoreEffects(op);
}

LogicalResult SigmoidAttentionBackwardOp::verifyRegions() {
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
