//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Names, parameters and the recipe of a kernel.
//
//===----------------------------------------------------------------------===//

#include "KernelInterface.h"

#include "sigmoid-attn/Dialect/Attn/Transforms/TableReads.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::attn;
using sigmoid_attn::Access;
using sigmoid_attn::ElementType;
using sigmoid_attn::RecipeArgument;
using sigmoid_attn::RecipeParameter;

std::optional<ElementType> attn::getRecipeType(Type type) {
  if (type.isBF16())
    return ElementType::BF16;
  if (type.isF16())
    return ElementType::F16;
  if (type.isF32())
    return ElementType::F32;
  if (type.isF64())
    return ElementType::F64;
  if (type.isInteger(32))
    return ElementType::I32;
  // A kernel computes with indices of 64 bits.
  if (type.isInteger(64) || type.isIndex())
    return ElementType::I64;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// FunctionNames
//===----------------------------------------------------------------------===//

std::string FunctionNames::getSize(Value tensor, int64_t dimension) const {
  int64_t size = cast<ShapedType>(tensor.getType()).getDimSize(dimension);
  if (!ShapedType::isDynamic(size))
    return std::to_string(size);
  return (getName(tensor) + ".size." + Twine(dimension)).str();
}

std::string FunctionNames::getStride(Value tensor, int64_t dimension) const {
  return (getName(tensor) + ".stride." + Twine(dimension)).str();
}

std::vector<std::string> FunctionNames::getShape(Value value) const {
  std::vector<std::string> shape;
  auto type = cast<ShapedType>(value.getType());
  auto known = sizeNames.find(value);
  for (int64_t dimension = 0; dimension < type.getRank(); ++dimension) {
    if (!type.isDynamicDim(dimension))
      shape.push_back(std::to_string(type.getDimSize(dimension)));
    else if (known != sizeNames.end())
      shape.push_back(known->second[dimension]);
    else
      shape.push_back((getName(value) + "_size_" + Twine(dimension)).str());
  }
  return shape;
}

LogicalResult FunctionNames::addArgument(Operation *at, Value value,
                                         Access access) {
  RecipeArgument argument;
  argument.name = names[value];
  argument.access = access;
  Type type = value.getType();
  auto memref = dyn_cast<MemRefType>(type);
  std::optional<ElementType> element =
      getRecipeType(memref ? memref.getElementType() : type);
  // Indices have no size in memory.
  if (!element || (memref && memref.getElementType().isIndex()))
    return at->emitError() << "expected argument " << argument.name
                           << " to be a memref or scalar of bf16, f16, f32, "
                              "f64, i32 or i64 on sm_90a, got "
                           << type;
  argument.type = *element;
  argument.isTensor = static_cast<bool>(memref);
  if (memref) {
    argument.shape = getShape(value);
    // Tensor maps need 16 bytes; ordinary loads what an element needs.
    if (!sizeNames.contains(value))
      argument.alignment = memref.getElementTypeBitWidth() / 8;
  }
  recipe.arguments.push_back(std::move(argument));
  return success();
}

LogicalResult FunctionNames::nameOperands(func::FuncOp func,
                                          SigmoidAttentionOp op) {
  // The same buffer in two places has one name, and ties their sizes.
  bool isKeyQuery = op.getKey() == op.getQuery();
  bool isValueQuery = op.getValue() == op.getQuery();
  bool sharesLength = isKeyQuery || isValueQuery;
  std::string keyHeads = sharesLength ? "query_heads" : "key_heads";
  std::string keyLength = sharesLength ? "query_length" : "key_length";
  struct Role {
    StringRef name;
    Value value;
    SmallVector<std::string, 4> sizes;
  };
  for (Role &role : llvm::to_vector<4>(std::initializer_list<Role>{
           {"query",
            op.getQuery(),
            {"batch", "query_heads", "query_length", ""}},
           {"key", op.getKey(), {"batch", keyHeads, keyLength, ""}},
           {"value", op.getValue(), {"batch", keyHeads, keyLength, ""}},
           {"output",
            op.getOutput(),
            {"batch", "query_heads", "query_length", ""}}})) {
    names.try_emplace(role.value, role.name.str());
    sizeNames.try_emplace(role.value, role.sizes);
  }
  // The caller passes those that are arguments, or the only element of one;
  // others are computed.
  for (auto [name, scalar] :
       {std::pair("scale", op.getScale()), {"bias", op.getBias()}}) {
    Value value = scalar;
    if (auto load =
            scalar ? scalar.getDefiningOp<memref::LoadOp>() : memref::LoadOp();
        load && load.getIndices().empty())
      value = load.getMemRef();
    if (isa_and_nonnull<BlockArgument>(value))
      names.try_emplace(value, name);
  }
  for (BlockArgument argument : func.getArguments())
    names.try_emplace(argument,
                      ("argument_" + Twine(argument.getArgNumber())).str());
  return success();
}

FailureOr<FunctionNames> FunctionNames::create(func::FuncOp func,
                                               SigmoidAttentionOp op) {
  FunctionNames result;
  if (failed(result.nameOperands(func, op)))
    return failure();
  result.recipe.name = func.getSymName().str();
  result.recipe.chip = "sm_90a";
  for (auto [name, value] :
       {std::pair<StringRef, Value>("query", op.getQuery()),
        {"key", op.getKey()},
        {"value", op.getValue()}})
    if (!isa<BlockArgument>(value))
      return op.emitOpError("expected ")
             << name << " to be an argument of the function on sm_90a";
  for (BlockArgument argument : func.getArguments())
    if (failed(result.addArgument(func, argument,
                                  argument == op.getOutput() ? Access::Write
                                                             : Access::Read)))
      return failure();
  auto isReturned = [&](Value value) {
    return isa_and_nonnull<memref::AllocOp>(value.getDefiningOp());
  };
  if (!isa<BlockArgument>(op.getOutput())) {
    if (!isReturned(op.getOutput()))
      return op.emitOpError("expected the output to be an argument or the "
                            "result of the function on sm_90a");
    if (failed(result.addArgument(op, op.getOutput(), Access::Write)))
      return failure();
  }
  auto size = [&](Value tensor, int64_t dimension) {
    return result.getSize(tensor, dimension);
  };
  std::string heads = size(op.getQuery(), 1), keyHeads = size(op.getKey(), 1);
  result.recipe.checks.push_back({heads + " % max(" + keyHeads + ", 1)", 0, 0});
  result.recipe.checks.push_back(
      {"min(" + heads + ", 1) - min(" + keyHeads + ", 1)", std::nullopt, 0});
  double longest = op.getOrigin().empty() ? kLongest : kLongestTile;
  result.recipe.checks.push_back(
      {size(op.getQuery(), 2), std::nullopt, longest});
  result.recipe.checks.push_back({size(op.getKey(), 2), std::nullopt, longest});
  if (failed(verifyTableReads(op)))
    return failure();
  auto nameInCall = [&](Value value, std::optional<int64_t> dimension) {
    std::string name = result.getName(value).str();
    if (name.empty() || !dimension)
      return name;
    return name + ".size." + std::to_string(*dimension);
  };
  llvm::append_range(result.recipe.checks, getTableConditions(op, nameInCall));
  return result;
}

//===----------------------------------------------------------------------===//
// KernelInterface
//===----------------------------------------------------------------------===//

KernelInterface::KernelInterface(OpBuilder &builder, Location loc,
                                 StringRef name, const FunctionNames &names)
    : names(names), loc(loc) {
  OperationState state(loc, sm90::KernelOp::getOperationName());
  Region *body = state.addRegion();
  body->emplaceBlock();
  state.addAttribute(SymbolTable::getSymbolAttrName(),
                     builder.getStringAttr(name));
  state.addAttribute(
      sm90::KernelOp::getFunctionTypeAttrName(state.name),
      TypeAttr::get(builder.getFunctionType(TypeRange(), TypeRange())));
  kernel = cast<sm90::KernelOp>(builder.create(state));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&kernel.getBody().front());
  sm90::ReturnOp::create(builder, loc);
}

Value KernelInterface::addArgument(Type type, RecipeParameter parameter) {
  parameters.push_back(std::move(parameter));
  return kernel.getBody().front().addArgument(type, loc);
}

Value KernelInterface::addTensorMap(Value tensor, int64_t rows) {
  Type element = cast<MemRefType>(tensor.getType()).getElementType();
  MLIRContext *context = element.getContext();
  constexpr int64_t kColumns = sm90::TileType::kBoxCols;
  auto box = MemRefType::get(
      {1, 1, rows, kColumns}, element, MemRefLayoutAttrInterface(),
      IntegerAttr::get(IntegerType::get(context, 64), 3));
  auto type = nvgpu::TensorMapDescriptorType::get(
      context, box, nvgpu::TensorMapSwizzleKind::SWIZZLE_128B,
      nvgpu::TensorMapL2PromoKind::L2PROMO_256B,
      nvgpu::TensorMapOOBKind::OOB_ZERO,
      nvgpu::TensorMapInterleaveKind::INTERLEAVE_NONE);
  return addArgument(
      type, RecipeParameter::tensorMap(names.getName(tensor).str(),
                                       {3, 2, 1, 0}, {kColumns, rows, 1, 1}));
}

Value KernelInterface::addPointer(Value tensor) {
  return addArgument(LLVM::LLVMPointerType::get(kernel.getContext()),
                     RecipeParameter::pointer(names.getName(tensor).str()));
}

Value KernelInterface::addValue(Type type, std::string expression) {
  std::optional<ElementType> element = getRecipeType(type);
  std::string key = std::to_string(static_cast<int>(*element)) + expression;
  Value &value = values[key];
  if (!value)
    value = addArgument(type, RecipeParameter::byValue(*element, expression));
  return value;
}

Value KernelInterface::addCounter() {
  return addArgument(LLVM::LLVMPointerType::get(kernel.getContext()),
                     RecipeParameter::counter());
}

std::vector<RecipeParameter> KernelInterface::finish() {
  kernel.setFunctionType(FunctionType::get(
      kernel.getContext(), kernel.getBody().front().getArgumentTypes(), {}));
  return std::move(parameters);
}
