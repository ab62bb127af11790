//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chooses kernels by the sigmoid's form and the number of queries.
//
//===----------------------------------------------------------------------===//

#include "KernelChoice.h"

#include "sigmoid-attn/Dialect/Attn/Transforms/ScheduleChoice.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::attn;

/// The least bias for which the fast sigmoid keeps the error bound of
/// docs/Spec.md also where all scores are near the bias. Its error is about
/// 5e-7, absolute; beside the rounding of weights and output it may be 1.6e-3
/// of a weight in bf16 and 1.9e-4 in f16.
static double getLeastFastBias(Type elementType) {
  return elementType.isBF16() ? -8.0 : -5.9;
}

/// The forms that the kernels of `op` need; the first that applies is taken.
static SmallVector<KernelChoice, 2> chooseForms(SigmoidAttentionOp op,
                                                const FunctionNames &names) {
  KernelChoice fast{sm90::SigmoidForm::Fast, {}};
  KernelChoice exact{sm90::SigmoidForm::Exact, {}};
  switch (op.getScheduleAttr().getSigmoid()) {
  case SigmoidForm::Fast:
    return {fast};
  case SigmoidForm::Exact:
    return {exact};
  case SigmoidForm::Auto:
    break;
  }
  // A score region can move scores anywhere.
  if (!op.getScore().empty())
    return {exact};
  if (!op.getBias())
    return {fast};
  double least = getLeastFastBias(AttentionOpInterface(op).getElementType());
  APFloat constant(0.0f);
  bool isConstant = matchPattern(op.getBias(), m_ConstantFloat(&constant));
  if (!isConstant && names.getName(op.getBias()).empty())
    return {exact};
  exact.isBiasLow = AttentionOpInterface(op).getElementType().isBF16();
  if (isConstant)
    return {constant.convertToDouble() >= least ? fast : exact};
  fast.leastBias = least;
  return {fast, exact};
}

ScheduleAttr attn::getExactSchedule(SigmoidAttentionOp op) {
  auto exact = op->getAttrOfType<ScheduleAttr>(kExactScheduleAttrName);
  return exact ? exact : op.getScheduleAttr();
}

ScheduleAttr attn::getLongSchedule(SigmoidAttentionOp op) {
  return op->getAttrOfType<ScheduleAttr>(kLongScheduleAttrName);
}

SmallVector<KernelChoice, 4> attn::chooseKernels(SigmoidAttentionOp op,
                                                 const FunctionNames &names) {
  SmallVector<KernelChoice, 4> kernels;
  int64_t queries = cast<ShapedType>(op.getQuery().getType()).getDimSize(2);
  bool isKnown = !ShapedType::isDynamic(queries);
  ScheduleAttr longer = getLongSchedule(op);
  for (KernelChoice choice : chooseForms(op, names)) {
    bool isFast = choice.form == sm90::SigmoidForm::Fast;
    // With larger weights the exact form takes quotients in each step, and then
    // large steps are no better.
    bool mayBeLong = longer && (isFast || choice.isBiasLow) &&
                     (!isKnown || queries >= kLongQueries);
    choice.schedule = isFast ? op.getScheduleAttr() : getExactSchedule(op);
    if (mayBeLong) {
      KernelChoice ofLong = choice;
      ofLong.leastQueries = kLongQueries;
      ofLong.schedule = longer;
      kernels.push_back(ofLong);
    }
    // A type that tells the length leaves one of both.
    if (!mayBeLong || !isKnown)
      kernels.push_back(choice);
  }
  return kernels;
}
