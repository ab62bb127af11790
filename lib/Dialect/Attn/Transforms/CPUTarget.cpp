//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the CPU compiler knows about the CPU.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/CPUTarget.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;

/// Bits of this machine's vector registers.
static int64_t getHostVectorBits() {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  if (features.lookup("avx512f"))
    return 512;
  if (features.lookup("avx2"))
    return 256;
  return 128;
}

attn::CPUTarget attn::getCPUTarget(int64_t vectorBits) {
  if (vectorBits == 0)
    vectorBits = getHostVectorBits();
  // 32 registers with AVX-512: 16 accumulators, 2 inputs and a broadcast. More
  // accumulators would save few loads, and 16 hide the latency of an FMA on
  // two units. 16 registers otherwise: 12 accumulators.
  if (vectorBits == 512)
    return {16, 8, 2};
  return {vectorBits / 32, 6, 2};
}

LogicalResult attn::verifyVectorBits(MLIRContext *context, int64_t vectorBits) {
  if (llvm::is_contained({0, 128, 256, 512}, vectorBits))
    return success();
  return emitError(UnknownLoc::get(context),
                   "expected vector-bits to be 0, 128, 256 or 512, got ")
         << vectorBits;
}
