//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Values of the host function inside the kernel: scalars become parameters,
/// what is computed from them is computed in the kernel's prologue, and loads
/// from captured buffers read global memory.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_HOSTVALUES_H
#define SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_HOSTVALUES_H

#include "KernelInterface.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::attn {

class HostValues {
public:
  /// `prologue` inserts where every thread of the kernel passes first.
  HostValues(KernelInterface &kernel, OpBuilder prologue)
      : kernel(kernel), prologue(prologue) {}

  /// The kernel's value for `value`, a scalar of the host function. An error
  /// on its definition if it does not depend on parameters alone.
  FailureOr<Value> get(Value value);

  /// Makes code that was copied from the host function into `region` stand
  /// alone: replaces loads from buffers of the host, their sizes and scalars.
  LogicalResult isolate(Region &region);

private:
  FailureOr<Value> clone(Operation *op);
  FailureOr<Value> load(OpBuilder &builder, memref::LoadOp op);
  /// The address of a host buffer's first element, in global memory. A constant
  /// is copied to the module of kernels.
  Value getBase(Value buffer);
  /// A host buffer's stride, as an i64.
  Value getStride(OpBuilder &builder, Value buffer, int64_t dimension);
  /// The size of a host buffer, as an index.
  Value getSize(Value buffer, int64_t dimension);

  KernelInterface &kernel;
  OpBuilder prologue;
  llvm::DenseMap<Value, Value> known;
  llvm::DenseMap<Value, Value> bases;
};

} // namespace mlir::attn

#endif // SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_HOSTVALUES_H
