//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CounterPool.h"

#include "Context.h"

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;

/// Slots that one allocation holds.
static constexpr size_t kSlotsPerBlock = 512;

Result<CUdeviceptr> CounterPool::acquire(CUstream stream) {
  int capture = CU_STREAM_CAPTURE_STATUS_NONE;
  uint64_t captureId = 0;
  CUgraph graph = nullptr;
  Status status =
      driver.check(driver.streamGetCaptureInfo(stream, &capture, &captureId,
                                               &graph, nullptr, nullptr),
                   "cuStreamGetCaptureInfo");
  if (!status.ok())
    return status;
  if (capture == CU_STREAM_CAPTURE_STATUS_ACTIVE)
    return acquireForGraph(graph);

  unsigned long long id = 0;
  status = driver.check(driver.streamGetId(stream, &id), "cuStreamGetId");
  if (!status.ok())
    return status;
  {
    std::shared_lock<std::shared_mutex> lock(mutex);
    auto found = ofStream.find(id);
    if (found != ofStream.end())
      return found->second;
  }
  std::unique_lock<std::shared_mutex> lock(mutex);
  auto found = ofStream.find(id);
  if (found != ofStream.end())
    return found->second;
  Result<CUdeviceptr> slot = takeFree();
  if (slot.ok())
    ofStream.emplace(id, *slot);
  return slot;
}

namespace {

/// What a graph's user object needs to give its slot back.
struct GraphSlot {
  std::shared_mutex *mutex;
  std::vector<CUdeviceptr> *freeSlots;
  CUdeviceptr slot;
};

} // namespace

/// Runs when the last graph that holds the slot is gone; may not call CUDA.
static void releaseGraphSlot(void *data) {
  auto *held = static_cast<GraphSlot *>(data);
  {
    std::unique_lock<std::shared_mutex> lock(*held->mutex);
    held->freeSlots->push_back(held->slot);
  }
  delete held;
}

Result<CUdeviceptr> CounterPool::acquireForGraph(CUgraph graph) {
  Result<CUdeviceptr> slot = [&] {
    std::unique_lock<std::shared_mutex> lock(mutex);
    return takeFree();
  }();
  if (!slot.ok())
    return slot;
  auto *held = new GraphSlot{&mutex, &freeSlots, *slot};
  CUuserObject object = nullptr;
  Status status =
      driver.check(driver.userObjectCreate(&object, held, releaseGraphSlot, 1,
                                           CU_USER_OBJECT_NO_DESTRUCTOR_SYNC),
                   "cuUserObjectCreate");
  if (!status.ok()) {
    releaseGraphSlot(held);
    return status;
  }
  // From here on the graph owns the object, and the object the slot.
  status = driver.check(
      driver.graphRetainUserObject(graph, object, 1, CU_GRAPH_USER_OBJECT_MOVE),
      "cuGraphRetainUserObject");
  if (status.ok())
    return slot;
  (void)driver.userObjectRelease(object, 1);
  return status;
}

/// Takes a slot from the free ones; the caller holds the lock.
Result<CUdeviceptr> CounterPool::takeFree() {
  if (freeSlots.empty()) {
    Status status = grow();
    if (!status.ok())
      return status.withContext("counters of a dynamic grid");
  }
  CUdeviceptr slot = freeSlots.back();
  freeSlots.pop_back();
  return slot;
}

/// Allocates and zeroes a block of slots, also while the thread captures a
/// graph. A stream of its own orders the zeroing with nothing of the caller's.
Status CounterPool::grow() {
  RelaxedCapture relaxed(driver);
  constexpr size_t size = kSlotsPerBlock * kSlotBytes;
  CUdeviceptr block = 0;
  Status status = driver.check(driver.memAlloc(&block, size), "cuMemAlloc");
  if (!status.ok())
    return status;
  CUstream stream = nullptr;
  status = driver.check(driver.streamCreate(&stream, CU_STREAM_NON_BLOCKING),
                        "cuStreamCreate");
  if (status.ok()) {
    status = driver.check(driver.memsetD8Async(block, 0, size, stream),
                          "cuMemsetD8Async");
    if (status.ok())
      status =
          driver.check(driver.streamSynchronize(stream), "cuStreamSynchronize");
    (void)driver.streamDestroy(stream);
  }
  if (!status.ok()) {
    (void)driver.memFree(block);
    return status;
  }
  // The last slot is handed out first; order does not matter.
  for (size_t i = 0; i < kSlotsPerBlock; ++i)
    freeSlots.push_back(block + i * kSlotBytes);
  return Status::success();
}
