//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend.h"

using namespace sigmoid_attn;

namespace {
struct TargetName {
  Target target;
  const char *name;
};
} // namespace

static constexpr TargetName kTargetNames[] = {
    {Target::Auto, "auto"}, {Target::CPU, "cpu"}, {Target::SM90, "sm_90a"}};

const char *sigmoid_attn::getTargetName(Target target) {
  for (const TargetName &entry : kTargetNames)
    if (entry.target == target)
      return entry.name;
  return "unknown";
}

Result<Target> sigmoid_attn::parseTarget(std::string_view name) {
  for (const TargetName &entry : kTargetNames)
    if (entry.name == name)
      return entry.target;
  return Status::invalidArgument("unknown target '" + std::string(name) +
                                 "', expected auto, cpu or sm_90a");
}

Result<std::unique_ptr<Backend>> sigmoid_attn::createBackend(Target target) {
  switch (target) {
  case Target::Auto:
  case Target::CPU:
    return createCPUBackend();
  case Target::SM90:
    return Status::unavailable(
        "target sm_90a is not available: no NVIDIA Hopper GPU was found");
  }
  return Status::invalidArgument("unknown target " +
                                 std::to_string(static_cast<int>(target)));
}
