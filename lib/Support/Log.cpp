//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Support/Log.h"

#include <cstdio>
#include <cstdlib>

using namespace sigmoid_attn;

// Read at each use, so that a program can turn the log on while it runs.
static const char *getDestination() {
  const char *value = std::getenv("SIGMOID_ATTN_LOG");
  return value && *value && std::string(value) != "0" ? value : nullptr;
}

bool sigmoid_attn::isLogEnabled() { return getDestination() != nullptr; }

void sigmoid_attn::log(const std::string &message) {
  const char *destination = getDestination();
  if (!destination)
    return;
  // One write for each line keeps lines of several threads and processes whole.
  std::string line = "sigmoid-attn: " + message + "\n";
  std::string name = destination;
  if (name == "1" || name == "stderr") {
    std::fwrite(line.data(), 1, line.size(), stderr);
    return;
  }
  std::FILE *file = std::fopen(destination, "a");
  if (!file)
    return;
  std::fwrite(line.data(), 1, line.size(), file);
  std::fclose(file);
}
