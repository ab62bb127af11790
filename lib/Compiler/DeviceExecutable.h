//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled kernels behind the interface of host functions: arrays go to the
// device, and results come back.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_COMPILER_DEVICEEXECUTABLE_H
#define SIGMOID_ATTN_LIB_COMPILER_DEVICEEXECUTABLE_H

#include "sigmoid-attn/Compiler/CompiledFunction.h"
#include "sigmoid-attn/Runtime/Device.h"
#include "sigmoid-attn/Runtime/Kernel.h"

namespace sigmoid_attn {

/// A kernel whose recipe lists the function's arguments and then its results.
class DeviceExecutable : public Executable {
public:
  /// Refuses a kernel whose recipe is not of a function of this signature.
  static Result<std::shared_ptr<Executable>>
  create(std::shared_ptr<Kernel> kernel, Device device,
         const FunctionSignature &signature);

  Result<std::vector<Array>>
  call(const FunctionSignature &signature,
       const std::vector<ArrayView> &arguments) override;

  Target target() const override { return Target::SM90; }
  std::shared_ptr<Kernel> kernel() const override { return compiledKernel; }

private:
  DeviceExecutable(std::shared_ptr<Kernel> kernel, Device device)
      : compiledKernel(std::move(kernel)), device(std::move(device)) {}

  std::shared_ptr<Kernel> compiledKernel;
  Device device;
};

/// The first GPU that runs sm_90a code, or Unavailable with what to do.
Result<Device> findHopperDevice();

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_COMPILER_DEVICEEXECUTABLE_H
