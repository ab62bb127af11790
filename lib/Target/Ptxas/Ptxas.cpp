//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds and runs ptxas.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Target/Ptxas/Ptxas.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>

using namespace sigmoid_attn;
using llvm::StringRef;

/// The oldest release that knows every instruction the lowering uses.
static constexpr CudaRelease kOldestRelease{12, 4};

/// The oldest release that was seen to compile the functions of a module side
/// by side to the same code as one by one.
static constexpr CudaRelease kOldestParallelRelease{12, 9};

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

namespace {

/// A temporary file that goes away with its owner.
class TemporaryFile {
public:
  static Result<TemporaryFile> create(StringRef suffix,
                                      StringRef content = {}) {
    TemporaryFile file;
    int descriptor;
    llvm::SmallString<128> path;
    if (std::error_code error = llvm::sys::fs::createTemporaryFile(
            "sigmoid-attn", suffix, descriptor, path))
      return cannotWrite(error);
    file.remover = std::make_unique<llvm::FileRemover>(path);
    file.path = path.str().str();
    llvm::raw_fd_ostream stream(descriptor, /*shouldClose=*/true);
    stream << content;
    stream.close();
    if (!stream.has_error())
      return file;
    std::error_code error = stream.error();
    stream.clear_error();
    return cannotWrite(error);
  }

  const std::string &getPath() const { return path; }

  std::string read() const {
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  }

private:
  static Status cannotWrite(std::error_code error) {
    return Status::runtimeError("cannot write a temporary file: " +
                                error.message());
  }

  std::string path;
  std::unique_ptr<llvm::FileRemover> remover;
};

} // namespace

/// Runs a program and returns all that it printed; the error has it too.
static Result<std::string> run(const std::string &program,
                               std::vector<std::string> arguments) {
  Result<TemporaryFile> output = TemporaryFile::create("log");
  if (!output.ok())
    return output.status();
  arguments.insert(arguments.begin(), program);
  std::vector<StringRef> references(arguments.begin(), arguments.end());
  std::optional<StringRef> redirects[] = {
      std::nullopt, StringRef(output->getPath()), StringRef(output->getPath())};
  std::string error;
  int code = llvm::sys::ExecuteAndWait(program, references, std::nullopt,
                                       redirects, /*SecondsToWait=*/0,
                                       /*MemoryLimit=*/0, &error);
  std::string text = output->read();
  if (code == 0)
    return text;
  if (code < 0)
    return Status::unavailable("cannot run " + program + ": " + error);
  return Status::compileError(program + " failed with code " +
                              std::to_string(code) + ":\n" + text);
}

/// The program in the toolkit's folder or on PATH, or "".
static std::string findProgram(StringRef name, StringRef folder) {
  if (!folder.empty())
    if (auto path = llvm::sys::findProgramByName(name, {folder}))
      return *path;
  auto path = llvm::sys::findProgramByName(name);
  return path ? *path : std::string();
}

//===----------------------------------------------------------------------===//
// Which ptxas
//===----------------------------------------------------------------------===//

Result<CudaRelease> sigmoid_attn::parsePtxasRelease(StringRef versionText) {
  CudaRelease release;
  StringRef rest = versionText.split("release ").second;
  if (rest.consumeInteger(10, release.major) || !rest.consume_front(".") ||
      rest.consumeInteger(10, release.minor))
    return Status::unavailable("expected ptxas to name its release, got '" +
                               versionText.trim().str() + "'");
  return release;
}

Status sigmoid_attn::checkPtxasRelease(CudaRelease release) {
  if (release < kOldestRelease)
    return Status::unavailable("expected ptxas " + kOldestRelease.str() +
                               " or newer, got " + release.str());
  return Status::success();
}

bool sigmoid_attn::reusesOperandsEarly(CudaRelease release) {
  return !(release < CudaRelease{12, 8}) && release < CudaRelease{13, 3};
}

/// What ptxas at `path` says of its release.
static Result<CudaRelease> askRelease(const std::string &path) {
  Result<std::string> text = run(path, {"--version"});
  if (!text.ok())
    return text.status();
  Result<CudaRelease> release = parsePtxasRelease(*text);
  return release.ok() ? release : release.status().withContext(path);
}

/// The same, asked once as long as the file stays what it is: each compilation
/// wants to know it twice, and starting a program takes as long as all else
/// that a compilation from the cache does.
static Result<CudaRelease> getRelease(const std::string &path) {
  using File =
      std::tuple<llvm::sys::fs::UniqueID, llvm::sys::TimePoint<>, uint64_t>;
  static std::mutex mutex;
  static std::map<std::string, std::pair<File, CudaRelease>> releases;
  llvm::sys::fs::file_status status;
  if (llvm::sys::fs::status(path, status))
    return askRelease(path);
  File file(status.getUniqueID(), status.getLastModificationTime(),
            status.getSize());
  {
    std::lock_guard<std::mutex> lock(mutex);
    auto known = releases.find(path);
    if (known != releases.end() && known->second.first == file)
      return known->second.second;
  }
  Result<CudaRelease> release = askRelease(path);
  if (!release.ok())
    return release;
  std::lock_guard<std::mutex> lock(mutex);
  releases.insert_or_assign(path, std::pair(file, *release));
  return release;
}

Result<Ptxas> sigmoid_attn::findPtxas(StringRef option) {
  std::string path = option.str();
  if (const char *named = std::getenv("SIGMOID_ATTN_PTXAS");
      path.empty() && named)
    path = named;
  if (path.empty()) {
    const char *home = std::getenv("CUDA_HOME");
    llvm::SmallString<128> folder(home ? home : "/usr/local/cuda");
    llvm::sys::path::append(folder, "bin");
    path = findProgram("ptxas", folder);
  }
  if (path.empty())
    return Status::unavailable(
        "found no ptxas: name one by the option ptxas or the environment's "
        "SIGMOID_ATTN_PTXAS or put it on PATH; format=isa needs none");
  if (!llvm::sys::fs::can_execute(path))
    return Status::unavailable("expected ptxas at " + path +
                               ", found no program there");
  Result<CudaRelease> release = getRelease(path);
  if (!release.ok())
    return release.status();
  if (Status status = checkPtxasRelease(*release); !status.ok())
    return status.withContext(path);
  return Ptxas{path, *release};
}

//===----------------------------------------------------------------------===//
// Assembling
//===----------------------------------------------------------------------===//

Result<AssembledCode> sigmoid_attn::assemble(const Ptxas &ptxas, StringRef ptx,
                                             StringRef chip) {
  Result<TemporaryFile> source = TemporaryFile::create("ptx", ptx);
  if (!source.ok())
    return source.status();
  Result<TemporaryFile> target = TemporaryFile::create("cubin");
  if (!target.ok())
    return target.status();
  std::vector<std::string> arguments{
      "-arch=" + chip.str(), "-O3", "-v",
      source->getPath(),     "-o",  target->getPath()};
  // Kernels side by side, on a thread each: as many threads as the machine has
  // processors, which ptxas would start for 0, hold each other up.
  size_t numKernels = ptx.count(".entry");
  if (numKernels > 1 && !(ptxas.release < kOldestParallelRelease))
    arguments.push_back("-split-compile=" + std::to_string(numKernels));
  Result<std::string> log = run(ptxas.path, arguments);
  if (!log.ok())
    return log.status();
  AssembledCode code{target->read(), *log};
  if (code.cubin.empty())
    return Status::compileError(ptxas.path + " wrote no cubin:\n" + code.log);
  return code;
}

Result<std::string> sigmoid_attn::makeFatBinary(const Ptxas &ptxas,
                                                StringRef cubin, StringRef ptx,
                                                StringRef chip) {
  std::string program =
      findProgram("fatbinary", llvm::sys::path::parent_path(ptxas.path));
  if (program.empty())
    return Status::unavailable("found no fatbinary beside " + ptxas.path +
                               " or on PATH; format=bin needs none");
  Result<TemporaryFile> elf = TemporaryFile::create("cubin", cubin);
  if (!elf.ok())
    return elf.status();
  Result<TemporaryFile> text = TemporaryFile::create("ptx", ptx);
  if (!text.ok())
    return text.status();
  Result<TemporaryFile> target = TemporaryFile::create("fatbin");
  if (!target.ok())
    return target.status();
  std::string architecture = chip.str();
  if (StringRef(architecture).starts_with("sm_"))
    architecture.erase(0, 3);
  auto getImage = [&](const char *kind, const std::string &path) {
    return std::string("--image3=kind=") + kind + ",sm=" + architecture +
           ",file=" + path;
  };
  Result<std::string> log =
      run(program,
          {"-64", "--create=" + target->getPath(),
           getImage("elf", elf->getPath()), getImage("ptx", text->getPath())});
  if (!log.ok())
    return log.status();
  return target->read();
}
