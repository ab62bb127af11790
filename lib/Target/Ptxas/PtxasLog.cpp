//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the log of ptxas -v.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Target/Ptxas/Ptxas.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace sigmoid_attn;
using llvm::StringRef;

/// The messages that cost speed. C7519, an injected warpgroup.arrive, does not.
static constexpr StringRef kCodes[] = {
    "(C7508)", // setmaxnreg ignored
    "(C7510)", // wgmma serialized: accumulators touched while in flight
    "(C7511)", // wgmma serialized
    "(C7512)", // wgmma serialized: not enough registers
    "(C7513)", // wgmma serialized: an input register written in flight
    "(C7514)", // wgmma serialized: accumulators read in the next iteration
    "(C7515)", // wgmma serialized: accumulators written in flight
    "(C7516)", // wgmma serialized: ill-formed stage
};

/// Whether a line says that something makes the kernel slow.
static bool isProblem(StringRef line) {
  if (line.contains("wgmma.mma_async instructions are serialized"))
    return true;
  return llvm::any_of(kCodes,
                      [&](StringRef code) { return line.contains(code); });
}

/// The number before ` bytes ` + `what` in a line, or 0.
static unsigned getBytes(StringRef line, StringRef what) {
  unsigned bytes = 0;
  StringRef before = line.split((" bytes " + what).str()).first;
  if (before.size() == line.size())
    return 0;
  StringRef number = before.rsplit(' ').second;
  return number.getAsInteger(10, bytes) ? 0 : bytes;
}

/// `line` without `ptxas info    : ` and the like.
static StringRef dropPrefix(StringRef line) {
  if (!line.starts_with("ptxas"))
    return line.trim();
  return line.split(" : ").second.trim();
}

std::vector<std::string> sigmoid_attn::findPerformanceProblems(StringRef log) {
  std::vector<std::string> problems;
  std::string function;
  llvm::SmallVector<StringRef> lines;
  log.split(lines, '\n');
  for (StringRef line : lines) {
    StringRef text = dropPrefix(line);
    if (text.consume_front("Function properties for ")) {
      function = text.trim().str();
      continue;
    }
    if (isProblem(line)) {
      problems.push_back(text.str());
      continue;
    }
    unsigned stores = getBytes(line, "spill stores");
    unsigned loads = getBytes(line, "spill loads");
    if (stores || loads)
      problems.push_back(
          function + " spills registers: " + std::to_string(stores) +
          " bytes of stores, " + std::to_string(loads) + " bytes of loads");
  }
  return problems;
}
