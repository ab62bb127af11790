//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks that the roles of a kernel keep the protocol of rings and products.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "ClusterRules.h"
#include "CopyRules.h"
#include "RoleState.h"
#include "SlotCounts.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_VERIFYKERNELSPASS
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;
using namespace mlir::sm90;

/// Checks that as many warpgroups release a ring as its barriers count.
static LogicalResult verifyArrivals(KernelOp kernel) {
  int64_t consumers = kernel.getRoles().getNumConsumers();
  for (AllocRingOp ring : kernel.getBody().getOps<AllocRingOp>())
    if (ring.getReaders() != consumers)
      return ring.emitOpError("counts arrivals of ")
             << ring.getReaders() << " readers, but " << consumers
             << " consumers release its slots";
  return success();
}

/// Checks that what belongs to one role is not run by every thread.
static LogicalResult verifyPrologue(KernelOp kernel) {
  WalkResult result =
      kernel.getBody().walk<WalkOrder::PreOrder>([](Operation *op) {
        if (isa<WarpSpecializeOp>(op))
          return WalkResult::skip();
        if (!isa<ReserveOp, SendOp, WaitOp, TryWaitOp, ReleaseOp, TmaLoadOp,
                 TmaStoreOp, WgmmaOp, CommitOp, AwaitOp>(op))
          return WalkResult::advance();
        op->emitOpError("is outside the roles, where every thread runs it");
        return WalkResult::interrupt();
      });
  return failure(result.wasInterrupted());
}

static LogicalResult verifyKernel(KernelOp kernel) {
  WarpSpecializeOp roles = kernel.getRoles();
  if (failed(verifyArrivals(kernel)) || failed(verifyPrologue(kernel)) ||
      failed(RoleChecker(kernel, /*isProducer=*/true)
                 .check(roles.getProducer())) ||
      failed(
          RoleChecker(kernel, /*isProducer=*/false).check(roles.getConsumer())))
    return failure();
  if (failed(verifyCopies(roles)) || failed(verifySlotCounts(kernel)))
    return failure();
  return verifySharedRings(kernel);
}

namespace {

class VerifyKernels : public sm90::impl::VerifyKernelsPassBase<VerifyKernels> {
public:
  using VerifyKernelsPassBase::VerifyKernelsPassBase;

  void runOnOperation() override {
    WalkResult result = getOperation()->walk([](KernelOp kernel) {
      return failed(verifyKernel(kernel)) ? WalkResult::interrupt()
                                          : WalkResult::skip();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};

} // namespace
