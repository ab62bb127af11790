//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures how long MLIR text takes to become a function that can be called,
// its code loaded into the device:
//
//   sigmoid-attn-compile-time FILE.mlir [auto|cpu|sm_90a]
//
// cold, from the disk cache, and from the memory of the compiler that made it.
// Starting the driver and making a context, which a process does once and for
// whatever uses the GPU, has a row of its own.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Compiler/Compiler.h"
#include "sigmoid-attn/Runtime/Device.h"
#include "sigmoid-attn/Support/File.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

using namespace sigmoid_attn;

static constexpr int kColdRuns = 5;
static constexpr int kCachedRuns = 25;

/// Milliseconds that `call` takes, appended to `times`.
template <typename Call>
static Status time(std::vector<double> &times, Call call) {
  auto start = std::chrono::steady_clock::now();
  Status status = call();
  std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;
  times.push_back(elapsed.count());
  return status;
}

static void print(const char *name, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  std::printf("%-28s %9.3f ms [%.3f-%.3f], %zu runs\n", name,
              times[times.size() / 2], times.front(), times.back(),
              times.size());
}

/// Compiles `source` with a new compiler, whose cache is in `folder`.
static Status compile(const std::string &source, Target target,
                      const std::string &folder,
                      std::unique_ptr<Compiler> &compiler) {
  CompilerOptions options;
  options.target = target;
  options.cacheDirectory = folder;
  options.dumpDirectory = "";
  compiler = std::make_unique<Compiler>(options);
  return compiler->compileSource(source).status();
}

static Status measure(const std::string &source, Target target,
                      const std::string &folder) {
  std::vector<double> start, cold, disk, memory;
  if (target != Target::CPU)
    // Without a GPU, auto has nothing to start.
    if (time(start, [] { return Device::open(0).status(); }).ok())
      print("start of the driver", start);
  for (int i = 0; i < kColdRuns + kCachedRuns; ++i) {
    bool isCold = i < kColdRuns;
    std::string cache = folder + "/" + std::to_string(isCold ? i : 0);
    std::unique_ptr<Compiler> compiler;
    Status status = time(isCold ? cold : disk, [&] {
      return compile(source, target, cache, compiler);
    });
    if (status.ok() && !isCold)
      status = time(memory,
                    [&] { return compiler->compileSource(source).status(); });
    if (!status.ok())
      return status;
  }
  print("cold", cold);
  print("from the disk cache", disk);
  print("from the compiler's memory", memory);
  return Status::success();
}

static Status run(const char *path, const char *targetName) {
  Result<Target> target = parseTarget(targetName);
  if (!target.ok())
    return target.status();
  Result<std::string> source = readFile(path);
  if (!source.ok())
    return source.status();
  llvm::SmallString<64> folder;
  if (std::error_code error =
          llvm::sys::fs::createUniqueDirectory("sigmoid-attn", folder))
    return Status::runtimeError("cannot make a folder: " + error.message());
  llvm::scope_exit remove(
      [&] { (void)llvm::sys::fs::remove_directories(folder); });
  return measure(*source, *target, folder.str().str());
}

int main(int argc, char **argv) {
  if (argc != 2 && argc != 3) {
    std::fprintf(stderr, "usage: sigmoid-attn-compile-time FILE.mlir "
                         "[auto|cpu|sm_90a]\n");
    return 1;
  }
  Status status = run(argv[1], argc == 3 ? argv[2] : "auto");
  if (status.ok())
    return 0;
  std::fprintf(stderr, "sigmoid-attn-compile-time: error: %s\n",
               status.message().c_str());
  return 1;
}
