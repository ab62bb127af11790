//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernel and roles: syntax and verification.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::sm90;

//===----------------------------------------------------------------------===//
// KernelOp
//===----------------------------------------------------------------------===//

ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  auto buildType = [](Builder &builder, ArrayRef<Type> arguments,
                      ArrayRef<Type> results,
                      function_interface_impl::VariadicFlag, std::string &) {
    return builder.getFunctionType(arguments, results);
  };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false,
      getFunctionTypeAttrName(result.name), buildType,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void KernelOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(
      printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
      getArgAttrsAttrName(), getResAttrsAttrName());
}

bool sm90::isPTXIdentifier(StringRef name) {
  auto follows = [](char letter) {
    return llvm::isAlnum(letter) || letter == '_' || letter == '$';
  };
  if (!llvm::all_of(name, follows) || name == "WARP_SZ")
    return false;
  return !name.empty() && (llvm::isAlpha(name.front()) ||
                           (!llvm::isDigit(name.front()) && name.size() > 1));
}

LogicalResult KernelOp::verifyRegions() {
  if (!isPTXIdentifier(getSymName()))
    return emitOpError("expected a name that PTX can write (letters, digits, _ "
                       "and $, no digit first), got \"")
           << getSymName() << "\"";
  if (getNumResults() != 0)
    return emitOpError("expected no results, got ") << getNumResults();
  if (!llvm::is_contained({1, 2, 4, 8}, int64_t(getCluster())))
    return emitOpError("expected a cluster of 1, 2, 4 or 8 blocks, got ")
           << int64_t(getCluster());
  auto [index, type] = [&]() -> std::pair<unsigned, Type> {
    for (auto [index, type] : llvm::enumerate(getArgumentTypes()))
      if (!type.isIntOrFloat() &&
          !isa<LLVM::LLVMPointerType, nvgpu::TensorMapDescriptorType>(type))
        return {index, type};
    return {0, Type()};
  }();
  if (type)
    return emitOpError("expected argument ")
           << index << " to be a scalar, a pointer or a tensor map, got "
           << type;
  auto roles = getBody().getOps<WarpSpecializeOp>();
  int64_t numRoles = std::distance(roles.begin(), roles.end());
  if (numRoles != 1)
    return emitOpError("expected 1 sm90.warp_specialize, got ") << numRoles;
  if (!isa<ReturnOp>((*roles.begin())->getNextNode()))
    return emitOpError("expected sm90.return right after sm90.warp_specialize");
  return success();
}

WarpSpecializeOp KernelOp::getRoles() {
  return *getBody().getOps<WarpSpecializeOp>().begin();
}

//===----------------------------------------------------------------------===//
// WarpSpecializeOp
//===----------------------------------------------------------------------===//

/// Whether setmaxnreg takes the register count.
static bool isRegisterBudget(int64_t registers) {
  return registers >= 24 && registers <= 240 && registers % 8 == 0;
}

LogicalResult WarpSpecializeOp::verifyRegions() {
  int64_t consumers = getNumConsumers();
  if (consumers < 1 || consumers > 7)
    return emitOpError("expected 1 to 7 consumers, got ") << consumers;
  for (int64_t registers : {getProducerRegisters(), getConsumerRegisters()})
    if (!isRegisterBudget(registers))
      return emitOpError("expected register budgets to be multiples of 8 from "
                         "24 to 240, got ")
             << registers;
  int64_t wanted = getProducerRegisters() + consumers * getConsumerRegisters();
  int64_t given = (1 + consumers) * getLaunchRegisters();
  if (wanted > given)
    return emitOpError("register budgets do not fit: ")
           << getProducerRegisters() << " + " << consumers << " * "
           << getConsumerRegisters() << " = " << wanted << ", but a block of "
           << getNumThreads() << " threads is given " << (1 + consumers)
           << " * " << getLaunchRegisters() << " = " << given;
  if (getProducer().getNumArguments() != 0)
    return emitOpError("expected no arguments of the producer region, got ")
           << getProducer().getNumArguments();
  if (getConsumer().getNumArguments() != 1 ||
      !getConsumer().getArgument(0).getType().isInteger(32))
    return emitOpError("expected the consumer region to have one i32 argument, "
                       "the warpgroup's number");
  for (Region *region : getRegions())
    if (region->front().getTerminator()->getNumOperands() != 0)
      return emitOpError("expected its regions to yield nothing");
  return success();
}
