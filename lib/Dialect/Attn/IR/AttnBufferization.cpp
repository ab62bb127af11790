//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bufferization of the attention operations: inputs become the buffers that
// they are in, results new buffers, or the buffers that they are materialized
// in anyway. Tensors that the score region captures are bufferized by the
// operations that use them.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"
#include "sigmoid-attn/Dialect/Attn/IR/AttnFormula.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::bufferization;

/// The identity-layout buffer type of an output of type `type`.
static FailureOr<MemRefType>
getOutputBufferType(AttentionOpInterface op, TensorType type,
                    const BufferizationOptions &options) {
  std::optional<Attribute> space = options.defaultMemorySpaceFn(type);
  if (!space)
    return op.emitOpError("expected a memory space for ") << type;
  return cast<MemRefType>(getMemRefTypeWithStaticIdentityLayout(type, *space));
}

/// Whether the op can take buffers of this type: the head dim is not known to
/// have gaps.
static bool hasContiguousHeadDim(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) &&
         (strides.back() == 1 || ShapedType::isDynamic(strides.back()));
}

/// The buffer that the one use of `result` copies it to, if the op can write
/// there at once; else null.
static Value findDestination(OpResult result) {
  if (!result.hasOneUse())
    return {};
  Operation *op = result.getOwner();
  auto user = dyn_cast<MaterializeInDestinationOp>(*result.user_begin());
  // `restrict` says that no tensor is in this buffer.
  if (!user || !user.getRestrict() || user->getBlock() != op->getBlock())
    return {};
  auto type = dyn_cast<MemRefType>(user.getDest().getType());
  if (!type || !hasContiguousHeadDim(type) ||
      type.getShape() != cast<ShapedType>(result.getType()).getShape())
    return {};
  Operation *definition = user.getDest().getDefiningOp();
  if (definition && definition->getBlock() == op->getBlock() &&
      !definition->isBeforeInBlock(op))
    return {};
  for (Operation *next = op->getNextNode(); next != user;
       next = next->getNextNode())
    if (!isMemoryEffectFree(next))
      return {};
  return user.getDest();
}

/// The buffer of output number `output`, a new one if need be.
static FailureOr<Value>
createOutputBuffer(RewriterBase &rewriter, AttentionOpInterface op,
                   unsigned output, const BufferizationOptions &options) {
  if (Value destination = findDestination(op->getResult(output)))
    return destination;
  auto tensorType = cast<TensorType>(op->getResult(output).getType());
  FailureOr<MemRefType> type = getOutputBufferType(op, tensorType, options);
  if (failed(type))
    return failure();
  SmallVector<Value> dynamicSizes;
  for (auto [dim, source] :
       llvm::enumerate(op.getOutputShapes()[output].sizes)) {
    if (!type->isDynamicDim(dim))
      continue;
    OpFoldResult size = getMixedSize(
        rewriter, op.getLoc(), op.getInputs()[source.first], source.second);
    dynamicSizes.push_back(
        getValueOrCreateConstantIndexOp(rewriter, op.getLoc(), size));
  }
  return options.createAlloc(rewriter, op.getLoc(), *type, dynamicSizes);
}

/// The buffer of an input, or a copy of it if its head dim is known not to be
/// contiguous, which the op does not take.
static FailureOr<Value> getInputBuffer(RewriterBase &rewriter, Location loc,
                                       Value input,
                                       const BufferizationOptions &options,
                                       const BufferizationState &state) {
  FailureOr<Value> buffer = getBuffer(rewriter, input, options, state);
  if (failed(buffer))
    return failure();
  auto type = cast<MemRefType>(buffer->getType());
  if (hasContiguousHeadDim(type))
    return buffer;
  auto contiguous =
      MemRefType::get(type.getShape(), type.getElementType(),
                      MemRefLayoutAttrInterface(), type.getMemorySpace());
  SmallVector<Value> dynamicSizes;
  for (unsigned dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      dynamicSizes.push_back(getValueOrCreateConstantIndexOp(
          rewriter, loc, getMixedSize(rewriter, loc, *buffer, dim)));
  FailureOr<Value> copy =
      options.createAlloc(rewriter, loc, contiguous, dynamicSizes);
  if (failed(copy) ||
      failed(options.createMemCpy(rewriter, loc, *buffer, *copy)))
    return failure();
  return copy;
}

namespace {
template <typename OpTy>
struct AttentionBufferization
    : BufferizableOpInterface::ExternalModel<AttentionBufferization<OpTy>,
                                             OpTy> {
  bool bufferizesToAllocation(Operation *, Value) const { return true; }
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }

  /// The score region runs for every score, in any order.
  bool isRepetitiveRegion(Operation *, unsigned) const { return true; }
  bool isParallelRegion(Operation *, unsigned) const { return true; }

  FailureOr<BufferLikeType> getBufferType(Operation *op, Value value,
                                          const BufferizationOptions &options,
                                          const BufferizationState &,
                                          SmallVector<Value> &) const {
    FailureOr<MemRefType> type =
        getOutputBufferType(cast<AttentionOpInterface>(op),
                            cast<TensorType>(value.getType()), options);
    if (failed(type))
      return failure();
    return cast<BufferLikeType>(*type);
  }

  LogicalResult bufferize(Operation *operation, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto op = cast<AttentionOpInterface>(operation);
    SmallVector<Value> inputs, outputs;
    for (Value input : op.getInputs()) {
      FailureOr<Value> buffer =
          getInputBuffer(rewriter, op.getLoc(), input, options, state);
      if (failed(buffer))
        return failure();
      inputs.push_back(*buffer);
    }
    for (unsigned output : llvm::seq(op->getNumResults())) {
      FailureOr<Value> buffer =
          createOutputBuffer(rewriter, op, output, options);
      if (failed(buffer))
        return failure();
      outputs.push_back(*buffer);
    }
    AttentionOpInterface bufferized =
        op.createLike(rewriter, TypeRange(), inputs, outputs, op.getOrigin());
    rewriter.inlineRegionBefore(op.getScore(), bufferized.getScore(),
                                bufferized.getScore().begin());
    replaceOpWithBufferizedValues(rewriter, op, outputs);
    return success();
  }
};
} // namespace

void attn::detail::attachBufferization(MLIRContext &context) {
  SigmoidAttentionOp::attachInterface<
      AttentionBufferization<SigmoidAttentionOp>>(context);
  SigmoidAttentionBackwardOp::attachInterface<
      AttentionBufferization<SigmoidAttentionBackwardOp>>(context);
}
