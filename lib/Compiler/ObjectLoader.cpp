//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Links object code into the process.
//
//===----------------------------------------------------------------------===//

#include "CallGuard.h"
#include "MemrefCall.h"
#include "ObjectCode.h"

#include "mlir/ExecutionEngine/CRunnerUtils.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"

#include <dlfcn.h>

using namespace llvm::orc;
using namespace sigmoid_attn;

// Any function of the OpenMP runtime that this library is linked with.
extern "C" int omp_get_max_threads(void);

namespace {
/// Linked code. The JIT owns its memory.
class ObjectExecutable : public Executable {
public:
  ObjectExecutable(std::unique_ptr<LLJIT> jit, EntryFunction entry)
      : jit(std::move(jit)), entry(entry) {}

  Result<std::vector<Array>>
  call(const FunctionSignature &signature,
       const std::vector<ArrayView> &arguments) override {
    MemrefCall call(signature, arguments);
    if (Status status = runGuarded(entry, call.getSlots()); !status.ok())
      return status.withContext("'" + signature.name + "'");
    return call.takeResults();
  }

private:
  std::unique_ptr<LLJIT> jit;
  EntryFunction entry;
};
} // namespace

/// Makes the symbols that code calls visible to `jit`: the process's own (the C
/// library, but for what is guarded), the OpenMP runtime and MLIR's copy of
/// strided memrefs. The latter two may be private to this library if it was
/// loaded as a plugin.
static llvm::Error addSymbolSources(LLJIT &jit) {
  JITDylib &dylib = jit.getMainJITDylib();
  char prefix = jit.getDataLayout().getGlobalPrefix();
  auto process = DynamicLibrarySearchGenerator::GetForCurrentProcess(prefix);
  if (!process)
    return process.takeError();
  dylib.addGenerator(std::move(*process));
  Dl_info openmp;
  if (dladdr(reinterpret_cast<void *>(&omp_get_max_threads), &openmp)) {
    auto library =
        DynamicLibrarySearchGenerator::Load(openmp.dli_fname, prefix);
    if (!library)
      return library.takeError();
    dylib.addGenerator(std::move(*library));
  }
  auto math = DynamicLibrarySearchGenerator::Load("libm.so.6", prefix);
  if (!math)
    return math.takeError();
  dylib.addGenerator(std::move(*math));
  auto symbol = [&](const char *name, auto *function) {
    return SymbolMap::value_type(
        jit.mangleAndIntern(name),
        ExecutorSymbolDef(ExecutorAddr::fromPtr(function),
                          llvm::JITSymbolFlags::Exported));
  };
  return dylib.define(absoluteSymbols({symbol("memrefCopy", &memrefCopy),
                                       symbol("malloc", &guardedMalloc),
                                       symbol("abort", &guardedAbort)}));
}

Result<std::shared_ptr<Executable>>
sigmoid_attn::loadObject(std::string_view object) {
  auto fail = [](llvm::Error error, const std::string &context = "") {
    return Status::runtimeError("cannot link the compiled code: " + context +
                                takeMessage(std::move(error)));
  };
  Result<JITTargetMachineBuilder> host = detectHost();
  if (!host.ok())
    return host.status();
  // The code has no static constructors, which is what the platform is for.
  auto jit = LLJITBuilder()
                 .setJITTargetMachineBuilder(*host)
                 .setPlatformSetUp(setUpInactivePlatform)
                 .create();
  if (!jit)
    return fail(jit.takeError());
  // The session also tells an error of the lookup on the side.
  std::string details;
  (*jit)->getExecutionSession().setErrorReporter([&](llvm::Error error) {
    details += takeMessage(std::move(error)) + "; ";
  });
  if (llvm::Error error = addSymbolSources(**jit))
    return fail(std::move(error));
  if (llvm::Error error =
          (*jit)->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(
              llvm::StringRef(object), kEntrySymbol)))
    return fail(std::move(error));
  auto entry = (*jit)->lookup(kEntrySymbol);
  (*jit)->getExecutionSession().setErrorReporter(
      [](llvm::Error error) { llvm::consumeError(std::move(error)); });
  if (!entry)
    return fail(entry.takeError(), details);
  return std::shared_ptr<Executable>(std::make_shared<ObjectExecutable>(
      std::move(*jit), entry->toPtr<EntryFunction>()));
}
