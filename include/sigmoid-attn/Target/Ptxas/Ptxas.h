//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The assembler of NVIDIA GPUs as a program: finding it, refusing versions
/// that are known to be bad, running it and reading what it says.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_TARGET_PTXAS_PTXAS_H
#define SIGMOID_ATTN_TARGET_PTXAS_PTXAS_H

#include "sigmoid-attn/Support/Status.h"

#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace sigmoid_attn {

/// A release of the CUDA Toolkit.
struct CudaRelease {
  int major = 0, minor = 0;

  bool operator<(const CudaRelease &other) const {
    return major != other.major ? major < other.major : minor < other.minor;
  }
  std::string str() const {
    return std::to_string(major) + "." + std::to_string(minor);
  }
};

/// A ptxas that may be used.
struct Ptxas {
  std::string path;
  CudaRelease release;
};

/// What ptxas made of a kernel.
struct AssembledCode {
  std::string cubin;
  std::string log;
};

/// The release that `ptxas --version` names in its output.
Result<CudaRelease> parsePtxasRelease(llvm::StringRef versionText);

/// Whether kernels may be assembled by this release; if not, the error says
/// why.
Status checkPtxasRelease(CudaRelease release);

/// Whether this release can reuse the registers of an asynchronous register-A
/// wgmma before they are read (12.8 to 13.2), so that kernels need the
/// lowering's keep-operands.
bool reusesOperandsEarly(CudaRelease release);

/// The ptxas named by `option` if that is not empty, else by the environment's
/// SIGMOID_ATTN_PTXAS, else the first one in $CUDA_HOME/bin (/usr/local/cuda if
/// that is not set) and on PATH. Its release has been checked.
Result<Ptxas> findPtxas(llvm::StringRef option);

/// Assembles PTX for a chip (`sm_90a`). The error has ptxas's own text.
Result<AssembledCode> assemble(const Ptxas &ptxas, llvm::StringRef ptx,
                               llvm::StringRef chip);

/// Packs a cubin and its PTX into a fat binary with the `fatbinary` tool beside
/// ptxas or on PATH.
Result<std::string> makeFatBinary(const Ptxas &ptxas, llvm::StringRef cubin,
                                  llvm::StringRef ptx, llvm::StringRef chip);

/// What in a log means that the kernel is slow although it runs: spilled
/// registers, products that do not overlap, ignored register budgets. One line
/// each, with the function it concerns.
std::vector<std::string> findPerformanceProblems(llvm::StringRef log);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_TARGET_PTXAS_PTXAS_H
