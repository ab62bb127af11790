//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// CUDA contexts: which one a launch belongs to, and what the runtime keeps for
/// each. The runtime makes no contexts of its own: it uses the caller's current
/// one or a device's primary one, which PyTorch and the CUDA runtime use too.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_RUNTIME_CONTEXT_H
#define SIGMOID_ATTN_LIB_RUNTIME_CONTEXT_H

#include "CounterPool.h"
#include "Driver.h"

namespace sigmoid_attn {

/// What the runtime knows of one context. Lives as long as the process.
struct ContextState {
  explicit ContextState(const cuda::Driver &driver) : counters(driver) {}

  unsigned long long id = 0;
  cuda::CUcontext handle = nullptr;
  int device = 0;
  std::string deviceName;
  int smCount = 0;
  /// 90 for 9.0.
  int computeCapability = 0;
  CounterPool counters;

  /// Whether the context still exists: a destroyed one's handle may name a
  /// newer context, which has another id.
  bool isAlive(const cuda::Driver &driver) const {
    return isContext(driver, handle, id);
  }
  static bool isContext(const cuda::Driver &driver, cuda::CUcontext handle,
                        unsigned long long id) {
    unsigned long long found = 0;
    return driver.ctxGetId(handle, &found) == cuda::CUDA_SUCCESS && found == id;
  }
};

/// Makes a context current for the life of the object.
class CurrentContext {
public:
  CurrentContext(const cuda::Driver &driver, cuda::CUcontext context);
  ~CurrentContext();
  CurrentContext(const CurrentContext &) = delete;
  CurrentContext &operator=(const CurrentContext &) = delete;

  /// Whether the context could be made current.
  const Status &status() const { return result; }

private:
  const cuda::Driver &driver;
  bool pushed = false;
  Status result;
};

/// Lets the thread allocate and load modules while one of its streams captures
/// a graph, for the life of the object; none of it becomes part of the graph.
class RelaxedCapture {
public:
  explicit RelaxedCapture(const cuda::Driver &driver) : driver(driver) {
    (void)driver.threadExchangeStreamCaptureMode(&mode);
  }
  ~RelaxedCapture() { (void)driver.threadExchangeStreamCaptureMode(&mode); }
  RelaxedCapture(const RelaxedCapture &) = delete;
  RelaxedCapture &operator=(const RelaxedCapture &) = delete;

private:
  const cuda::Driver &driver;
  int mode = cuda::CU_STREAM_CAPTURE_MODE_RELAXED;
};

/// The context for work on `stream` and memory of `device`: the stream's own,
/// or for the default stream the current one if it is on that device, or else
/// the device's primary context.
Result<cuda::CUcontext> findContext(const cuda::Driver &driver,
                                    cuda::CUstream stream, int device);

/// What is known of `context`, which must be current.
Result<ContextState *> getContextState(const cuda::Driver &driver,
                                       cuda::CUcontext context);

/// The primary context of `device`, held until the process ends.
Result<cuda::CUcontext> getPrimaryContext(const cuda::Driver &driver,
                                          int device);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_RUNTIME_CONTEXT_H
