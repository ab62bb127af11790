//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bufferization with the function signatures that callers from outside use.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"

namespace mlir {
namespace attn {
#define GEN_PASS_DEF_BUFFERIZEPASS
#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace attn
} // namespace mlir

using namespace mlir;
using namespace mlir::attn;

/// The memref type of a tensor argument.
static bufferization::BufferLikeType
getArgumentType(bufferization::TensorLikeType type, Attribute memorySpace,
                func::FuncOp, const bufferization::BufferizationOptions &) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> strides(tensor.getRank(), ShapedType::kDynamic);
  if (!strides.empty())
    strides.back() = 1;
  auto layout =
      StridedLayoutAttr::get(type.getContext(), ShapedType::kDynamic, strides);
  return cast<bufferization::BufferLikeType>(MemRefType::get(
      tensor.getShape(), tensor.getElementType(), layout, memorySpace));
}

static bufferization::OneShotBufferizationOptions getOptions() {
  bufferization::OneShotBufferizationOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.allowReturnAllocsFromLoops = true;
  options.functionArgTypeConverterFn = getArgumentType;
  options.inferFunctionResultLayout = true;
  return options;
}

/// Refuses what has no memref type; marks the arguments of `function` as read
/// only.
static LogicalResult prepareArguments(func::FuncOp function) {
  for (auto [types, what] :
       {std::pair(function.getArgumentTypes(), "arguments"),
        std::pair(function.getResultTypes(), "results")})
    for (Type type : types)
      if (isa<UnrankedTensorType>(type))
        return function.emitError("expected ")
               << what << " of ranked tensor type, got " << type;
  if (function.isDeclaration())
    return success();
  OpBuilder builder(function.getContext());
  for (BlockArgument argument : function.getArguments())
    if (isa<TensorType>(argument.getType()))
      function.setArgAttr(
          argument.getArgNumber(),
          bufferization::BufferizationDialect::kWritableAttrName,
          builder.getBoolAttr(false));
  return success();
}

/// A buffer with the contents of `value` in row-major layout that nothing
/// else that the function returns or was given aliases. `returned` holds the
/// buffers that are returned already.
static Value getOwnBuffer(OpBuilder &builder, Value value,
                          SmallPtrSetImpl<Operation *> &returned) {
  auto type = cast<MemRefType>(value.getType());
  auto resultType = MemRefType::get(type.getShape(), type.getElementType());
  Operation *allocation = value.getDefiningOp<memref::AllocOp>();
  if (allocation && type == resultType && returned.insert(allocation).second)
    return value;
  Location loc = value.getLoc();
  SmallVector<Value> sizes;
  for (int64_t dim : llvm::seq<int64_t>(0, type.getRank()))
    if (type.isDynamicDim(dim))
      sizes.push_back(memref::DimOp::create(builder, loc, value, dim));
  Value copy = memref::AllocOp::create(builder, loc, resultType, sizes);
  memref::CopyOp::create(builder, loc, value, copy);
  return copy;
}

/// Makes the results of `function` numbered in `results` buffers of their own.
static void ownResults(func::FuncOp function, ArrayRef<unsigned> results) {
  SmallVector<Type> types(function.getResultTypes());
  function.walk([&](func::ReturnOp op) {
    OpBuilder builder(op);
    SmallPtrSet<Operation *, 4> returned;
    for (unsigned result : results) {
      Value own = getOwnBuffer(builder, op.getOperand(result), returned);
      op->setOperand(result, own);
      types[result] = own.getType();
    }
  });
  function.setFunctionType(FunctionType::get(
      function.getContext(), function.getArgumentTypes(), types));
}

namespace {
struct BufferizePass : attn::impl::BufferizePassBase<BufferizePass> {
  void runOnOperation() override {
    // Results that are tensors now, by function.
    SmallVector<std::pair<func::FuncOp, SmallVector<unsigned>>> results;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (failed(prepareArguments(function)))
        return signalPassFailure();
      if (function.isDeclaration())
        continue;
      results.emplace_back(function, SmallVector<unsigned>());
      for (auto [number, type] : llvm::enumerate(function.getResultTypes()))
        if (isa<TensorType>(type))
          results.back().second.push_back(number);
    }
    bufferization::BufferizationState state;
    if (failed(bufferization::runOneShotModuleBufferize(getOperation(),
                                                        getOptions(), state)))
      return signalPassFailure();
    for (auto &[function, numbers] : results)
      ownResults(function, numbers);
  }
};
} // namespace
