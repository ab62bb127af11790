//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parameters and prologue code for what a kernel captures from its function.
//
//===----------------------------------------------------------------------===//

#include "HostValues.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::attn;

/// The space of global memory (PTX ISA, "State Spaces").
static constexpr unsigned kGlobalSpace = 1;

/// Whether `value` is an argument of a host function.
static bool isHostArgument(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && isa<func::FuncOp>(argument.getOwner()->getParentOp());
}

/// The constant global that `buffer` is, if its elements are known.
static memref::GlobalOp getConstantGlobal(Value buffer) {
  auto get = buffer.getDefiningOp<memref::GetGlobalOp>();
  auto global = get ? SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
                          get, get.getNameAttr())
                    : memref::GlobalOp();
  bool isKnown = global && global.getConstant() && global.getInitialValue() &&
                 isa<ElementsAttr>(*global.getInitialValue()) &&
                 LLVM::isCompatibleType(global.getType().getElementType());
  return isKnown ? global : memref::GlobalOp();
}

/// The global of the module of kernels that holds the elements of `source`.
static LLVM::GlobalOp getDeviceGlobal(sm90::KernelOp kernel,
                                      memref::GlobalOp source) {
  Operation *module = kernel->getParentOp();
  Attribute elements = *source.getInitialValue();
  for (auto global : module->getRegion(0).getOps<LLVM::GlobalOp>())
    if (global.getValueAttr() == elements)
      return global;
  OpBuilder builder(kernel);
  MemRefType memref = source.getType();
  Type type = memref.getElementType();
  for (int64_t size : llvm::reverse(memref.getShape()))
    type = LLVM::LLVMArrayType::get(type, size);
  auto global = LLVM::GlobalOp::create(
      builder, source.getLoc(), type, /*isConstant=*/true,
      LLVM::Linkage::Internal, "sigmoid_attn_constant", elements,
      /*alignment=*/0, kGlobalSpace);
  // Named apart from kernels that are to come.
  SymbolTable(module).insert(global);
  return global;
}

Value HostValues::getBase(Value buffer) {
  Value &base = bases[buffer];
  if (base)
    return base;
  auto type = LLVM::LLVMPointerType::get(prologue.getContext(), kGlobalSpace);
  if (memref::GlobalOp global = getConstantGlobal(buffer)) {
    LLVM::GlobalOp device = getDeviceGlobal(kernel.getKernel(), global);
    base = LLVM::AddressOfOp::create(prologue, buffer.getLoc(), type,
                                     device.getSymName());
    return base;
  }
  Value pointer = kernel.addPointer(buffer);
  base =
      LLVM::AddrSpaceCastOp::create(prologue, pointer.getLoc(), type, pointer);
  return base;
}

Value HostValues::getStride(OpBuilder &builder, Value buffer,
                            int64_t dimension) {
  if (isHostArgument(buffer))
    return kernel.addValue(builder.getI64Type(),
                           kernel.getNames().getStride(buffer, dimension));
  // A constant is dense.
  int64_t stride = 1;
  for (int64_t size :
       cast<MemRefType>(buffer.getType()).getShape().drop_front(dimension + 1))
    stride *= size;
  return arith::ConstantIntOp::create(builder, buffer.getLoc(), stride, 64);
}

Value HostValues::getSize(Value buffer, int64_t dimension) {
  Value size = kernel.addValue(prologue.getI64Type(),
                               kernel.getNames().getSize(buffer, dimension));
  return arith::IndexCastOp::create(prologue, size.getLoc(),
                                    prologue.getIndexType(), size);
}

FailureOr<Value> HostValues::load(OpBuilder &builder, memref::LoadOp op) {
  Value buffer = op.getMemRef();
  if (!isHostArgument(buffer) && !getConstantGlobal(buffer))
    return op.emitOpError("expected a load from an argument of the function "
                          "or a constant on sm_90a");
  // Sizes and strides are the caller's, whatever layout the type names.
  Location loc = op.getLoc();
  Type i64 = builder.getI64Type();
  Value offset;
  int64_t last = op.getIndices().size() - 1;
  for (auto [dimension, index] : llvm::enumerate(op.getIndices())) {
    Value term = arith::IndexCastOp::create(builder, loc, i64, index);
    if (static_cast<int64_t>(dimension) != last) {
      Value stride = getStride(builder, buffer, dimension);
      term = arith::MulIOp::create(builder, loc, term, stride);
    }
    offset = offset ? arith::AddIOp::create(builder, loc, offset, term) : term;
  }
  Value address = getBase(buffer);
  Type element = op.getMemRefType().getElementType();
  if (offset)
    address = LLVM::GEPOp::create(builder, loc, address.getType(), element,
                                  address, ValueRange{offset});
  // The kernel writes nothing that it reads.
  return LLVM::LoadOp::create(builder, loc, element, address, /*alignment=*/0,
                              /*isVolatile=*/false, /*isNonTemporal=*/false,
                              /*isInvariant=*/true)
      .getResult();
}

FailureOr<Value> HostValues::clone(Operation *op) {
  if (auto load = dyn_cast<memref::LoadOp>(op)) {
    // Copied first: its indices have to be the kernel's.
    IRMapping mapping;
    for (Value index : load.getIndices()) {
      FailureOr<Value> value = get(index);
      if (failed(value))
        return failure();
      mapping.map(index, *value);
    }
    auto copy = cast<memref::LoadOp>(prologue.clone(*op, mapping));
    FailureOr<Value> value = this->load(prologue, copy);
    copy.erase();
    return value;
  }
  if (auto dim = dyn_cast<memref::DimOp>(op))
    if (std::optional<int64_t> dimension = dim.getConstantIndex();
        dimension && isHostArgument(dim.getSource()))
      return getSize(dim.getSource(), *dimension);
  if (!isMemoryEffectFree(op) || op->getNumRegions() != 0 ||
      op->getNumResults() != 1)
    return op->emitOpError("expected only scalar arithmetic beside the "
                           "attention on sm_90a");
  IRMapping mapping;
  for (Value operand : op->getOperands()) {
    FailureOr<Value> value = get(operand);
    if (failed(value))
      return failure();
    mapping.map(operand, *value);
  }
  return prologue.clone(*op, mapping)->getResult(0);
}

FailureOr<Value> HostValues::get(Value value) {
  if (Value found = known.lookup(value))
    return found;
  FailureOr<Value> result;
  if (Operation *op = value.getDefiningOp()) {
    result = clone(op);
  } else {
    Type type = value.getType();
    StringRef name = kernel.getNames().getName(value);
    if (!getRecipeType(type))
      return emitError(value.getLoc())
             << "expected only loads from " << name
             << " and its sizes in constant dimensions on sm_90a";
    Type passed = type.isIndex() ? prologue.getI64Type() : type;
    Value parameter = kernel.addValue(passed, name.str());
    if (type.isIndex())
      parameter =
          arith::IndexCastOp::create(prologue, value.getLoc(), type, parameter);
    result = parameter;
  }
  if (succeeded(result))
    known[value] = *result;
  return result;
}

LogicalResult HostValues::isolate(Region &region) {
  WalkResult walked = region.walk([&](Operation *op) -> WalkResult {
    OpBuilder builder(op);
    FailureOr<Value> replacement = failure();
    if (auto load = dyn_cast<memref::LoadOp>(op))
      // One number is the same for every score, and always there.
      replacement =
          load.getIndices().empty() ? clone(load) : this->load(builder, load);
    else if (auto dim = dyn_cast<memref::DimOp>(op);
             dim && isHostArgument(dim.getSource()) && dim.getConstantIndex())
      replacement = getSize(dim.getSource(), *dim.getConstantIndex());
    else
      return WalkResult::advance();
    if (failed(replacement))
      return WalkResult::interrupt();
    op->getResult(0).replaceAllUsesWith(*replacement);
    op->erase();
    return WalkResult::skip();
  });
  if (walked.wasInterrupted())
    return failure();
  walked = region.walk([&](Operation *op) -> WalkResult {
    for (OpOperand &operand : op->getOpOperands()) {
      Operation *definer = operand.get().getDefiningOp();
      bool isHost = definer ? !kernel.getKernel()->isProperAncestor(definer)
                            : isHostArgument(operand.get());
      if (!isHost)
        continue;
      FailureOr<Value> value = get(operand.get());
      if (failed(value))
        return WalkResult::interrupt();
      operand.set(*value);
    }
    return WalkResult::advance();
  });
  return failure(walked.wasInterrupted());
}
