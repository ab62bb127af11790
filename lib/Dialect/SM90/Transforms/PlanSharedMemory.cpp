//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Places the tiles and barriers of each kernel in shared memory.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/IR/Builders.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_PLANSHAREDMEMORYPASS
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;
using namespace mlir::sm90;

/// Most dynamic shared memory of a block (CUDA C++ Programming Guide, compute
/// capability 9.0): 227 KiB.
static constexpr int64_t kMaxSharedBytes = 232448;
/// Bytes of an mbarrier.
static constexpr int64_t kBarrierBytes = 8;

/// Bytes that the tiles of an allocation take, 0 if it has none.
static int64_t getTileBytes(Operation *op) {
  if (auto tile = dyn_cast<AllocTileOp>(op))
    return tile.getTile().getType().getSizeInBytes();
  if (auto ring = dyn_cast<AllocRingOp>(op)) {
    RingType type = ring.getRing().getType();
    return type.getStages() * type.getStageBytes();
  }
  return 0;
}

/// Places the tiles, whose sizes keep them aligned, and returns their end.
static int64_t placeTiles(KernelOp kernel, Builder &builder) {
  int64_t end = 0;
  for (Operation &op : kernel.getBody().front()) {
    IntegerAttr offset = builder.getI64IntegerAttr(end);
    if (auto tile = dyn_cast<AllocTileOp>(op))
      tile.setOffsetAttr(offset);
    else if (auto ring = dyn_cast<AllocRingOp>(op);
             ring && !ring.getRing().getType().isMessage())
      ring.setOffsetAttr(offset);
    end += getTileBytes(&op);
  }
  return end;
}

/// Places barriers, then messages, from `start` on, and returns their end.
static int64_t placeBarriers(KernelOp kernel, int64_t start, Builder &builder) {
  int64_t end = start;
  auto rings = kernel.getBody().getOps<AllocRingOp>();
  for (AllocRingOp ring : rings) {
    ring.setBarriersAttr(builder.getI64IntegerAttr(end));
    end += 2 * ring.getRing().getType().getStages() * kBarrierBytes;
  }
  for (AllocRingOp ring : rings) {
    RingType type = ring.getRing().getType();
    if (!type.isMessage())
      continue;
    ring.setOffsetAttr(builder.getI64IntegerAttr(end));
    end += type.getStages() * RingType::kMessageBytes;
  }
  return end;
}

static LogicalResult plan(KernelOp kernel) {
  Builder builder(kernel.getContext());
  int64_t end = placeTiles(kernel, builder);
  end = placeBarriers(kernel, end, builder);
  if (end <= kMaxSharedBytes) {
    kernel.setSharedMemory(end);
    return success();
  }
  InFlightDiagnostic error = kernel.emitOpError("needs ")
                             << end << " bytes of shared memory, but a block "
                             << "has at most " << kMaxSharedBytes;
  for (Operation &op : kernel.getBody().front())
    if (int64_t bytes = getTileBytes(&op))
      error.attachNote(op.getLoc()) << "this takes " << bytes << " bytes";
  return error;
}

namespace {

class PlanSharedMemory
    : public sm90::impl::PlanSharedMemoryPassBase<PlanSharedMemory> {
public:
  using PlanSharedMemoryPassBase::PlanSharedMemoryPassBase;

  void runOnOperation() override {
    WalkResult result = getOperation()->walk([](KernelOp kernel) {
      return failed(plan(kernel)) ? WalkResult::interrupt()
                                  : WalkResult::skip();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
