//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The parameters of a kernel that computes a function: in the kernel's
/// signature and, at the same position, in the recipe that launches it.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_KERNELINTERFACE_H
#define SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_KERNELINTERFACE_H

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"
#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"
#include "sigmoid-attn/Runtime/Recipe.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::attn {

/// The most queries and keys of a kernel. Positions are 32-bit numbers, with
/// room for sums of two.
constexpr int64_t kLongest = 1 << 30;
/// The same with an origin, where the band may lie beside all keys.
constexpr int64_t kLongestTile = 1 << 29;

/// The names that a recipe gives to a function's arguments and results, and
/// what it asks of them.
class FunctionNames {
public:
  /// Names the arguments of `func`, which computes `op`, after their part in
  /// it. Fails, with an error on the op at fault, if an argument or result
  /// cannot be passed to a kernel.
  static FailureOr<FunctionNames> create(func::FuncOp func,
                                         SigmoidAttentionOp op);

  /// The name of a function argument, or of the buffer that is the function's
  /// result; empty for any other value.
  StringRef getName(Value value) const {
    auto found = names.find(value);
    return found == names.end() ? StringRef() : StringRef(found->second);
  }
  /// The expression of a size or stride of a named tensor.
  std::string getSize(Value tensor, int64_t dimension) const;
  std::string getStride(Value tensor, int64_t dimension) const;

  /// A recipe with the function's arguments and checks, and no variants.
  sigmoid_attn::Recipe getRecipe() const { return recipe; }

private:
  LogicalResult nameOperands(func::FuncOp func, SigmoidAttentionOp op);
  LogicalResult addArgument(Operation *at, Value value,
                            sigmoid_attn::Access access);
  std::vector<std::string> getShape(Value value) const;

  llvm::DenseMap<Value, std::string> names;
  /// The names of the sizes of query, key, value and output.
  llvm::DenseMap<Value, SmallVector<std::string, 4>> sizeNames;
  sigmoid_attn::Recipe recipe;
};

/// The recipe's word for an element type, or nothing if kernels do not take it.
std::optional<sigmoid_attn::ElementType> getRecipeType(Type type);

/// A kernel under construction with its parameters.
class KernelInterface {
public:
  /// Starts an empty kernel at the builder's place, with an entry block that
  /// ends in `sm90.return`.
  KernelInterface(OpBuilder &builder, Location loc, StringRef name,
                  const FunctionNames &names);

  sm90::KernelOp getKernel() { return kernel; }
  const FunctionNames &getNames() const { return names; }

  /// A tensor map over a named 4-D tensor, whose boxes are `rows` x 64.
  Value addTensorMap(Value tensor, int64_t rows);
  /// The address of a named tensor's first element.
  Value addPointer(Value tensor);
  /// The value of an expression over the recipe's names.
  Value addValue(Type type, std::string expression);
  /// The address of a word that is zero when the kernel starts.
  Value addCounter();

  /// Sets the kernel's type, and returns the parameters for its launch.
  std::vector<sigmoid_attn::RecipeParameter> finish();

private:
  Value addArgument(Type type, sigmoid_attn::RecipeParameter parameter);

  sm90::KernelOp kernel;
  const FunctionNames &names;
  Location loc;
  std::vector<sigmoid_attn::RecipeParameter> parameters;
  /// Values that are there already, by type and expression.
  llvm::StringMap<Value> values;
};

} // namespace mlir::attn

#endif // SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_KERNELINTERFACE_H
