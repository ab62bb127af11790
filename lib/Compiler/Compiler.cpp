//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Compiler/Compiler.h"

#include "Backend.h"
#include "CodeEntry.h"
#include "Frontend.h"

#include "sigmoid-attn/Compiler/DiskCache.h"
#include "sigmoid-attn/Support/File.h"
#include "sigmoid-attn/Support/Log.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Config/llvm-config.h"

#include <cstdlib>
#include <map>
#include <mutex>

using namespace sigmoid_attn;

const char *sigmoid_attn::getVersion() { return SIGMOID_ATTN_VERSION; }

Result<std::vector<Array>>
CompiledFunction::operator()(const std::vector<ArrayView> &arguments) const {
  if (Status status = checkArguments(signature(), arguments); !status.ok())
    return status;
  return state->executable->call(signature(), arguments);
}

static std::string getEnvironment(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

static std::string getCacheDirectory(const CompilerOptions &options) {
  if (options.cacheDirectory)
    return *options.cacheDirectory;
  if (std::getenv("SIGMOID_ATTN_CACHE_DIR"))
    return getEnvironment("SIGMOID_ATTN_CACHE_DIR");
  std::string base = getEnvironment("XDG_CACHE_HOME");
  std::string home = getEnvironment("HOME");
  if (base.empty() && !home.empty())
    base = home + "/.cache";
  return base.empty() ? "" : base + "/sigmoid-attn";
}

class Compiler::Impl {
public:
  explicit Impl(CompilerOptions options)
      : options(std::move(options)),
        dumpDirectory(this->options.dumpDirectory
                          ? *this->options.dumpDirectory
                          : getEnvironment("SIGMOID_ATTN_DUMP")),
        cache(getCacheDirectory(this->options)) {}

  Result<CompiledFunction> compile(std::string_view source,
                                   const std::string &entry,
                                   const std::string &name);

private:
  /// The backend, made at the first use.
  Result<const Backend *> getBackend();

  /// From source to code.
  Result<CodeEntry> compileCode(const Backend &backend, std::string_view source,
                                const std::string &entry,
                                const std::string &name,
                                const std::string &key) const;

  /// The function of an entry of the disk cache, if there is a usable one.
  std::optional<CompiledFunction> loadCached(const Backend &backend,
                                             const std::string &key) const;

  static Result<CompiledFunction> link(const Backend &backend,
                                       const CodeEntry &entry);

  const CompilerOptions options;
  const std::string dumpDirectory;
  const DiskCache cache;

  /// Guards the members below.
  std::mutex mutex;
  std::unique_ptr<Backend> backend;
  std::map<std::string, CompiledFunction> functions;
};

Result<const Backend *> Compiler::Impl::getBackend() {
  std::lock_guard<std::mutex> lock(mutex);
  if (!backend) {
    Result<std::unique_ptr<Backend>> created = createBackend(options.target);
    if (!created.ok())
      return created.status();
    backend = std::move(*created);
  }
  return backend.get();
}

Result<CodeEntry> Compiler::Impl::compileCode(const Backend &backend,
                                              std::string_view source,
                                              const std::string &entry,
                                              const std::string &name,
                                              const std::string &key) const {
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  auto module = parseModule(source, name, context.get());
  if (!module.ok())
    return module.status();
  auto function = selectEntry(**module, entry, name);
  if (!function.ok())
    return function.status();
  // Other entries of the source, which need not be for this target.
  mlir::PassManager passes(context.get());
  passes.addPass(mlir::createSymbolDCEPass());
  Status others = runPasses(passes, **module, DumpFolder(), "passes",
                            "cannot leave out the other functions");
  if (!others.ok())
    return others;
  Status calls = checkNotRecursive(**module);
  if (!calls.ok())
    return calls;
  Result<FunctionSignature> signature = analyzeSignature(*function);
  if (!signature.ok())
    return signature.status().withContext("'" + name + "'");
  DumpFolder dump(dumpDirectory, signature->name + "-" + key.substr(0, 12));
  if (dump.isEnabled()) {
    std::string text;
    llvm::raw_string_ostream(text) << **module;
    dump.write("input.mlir", text);
  }
  Result<std::string> code =
      backend.compile(**module, *signature, options.pipelineOptions, dump);
  if (!code.ok())
    return code.status();
  return CodeEntry{std::move(*signature), std::move(*code)};
}

Result<CompiledFunction> Compiler::Impl::link(const Backend &backend,
                                              const CodeEntry &entry) {
  auto executable = backend.load(entry.code, entry.signature);
  if (!executable.ok())
    return executable.status();
  Target target = (*executable)->target();
  return CompiledFunction(entry.signature, target, std::move(*executable));
}

std::optional<CompiledFunction>
Compiler::Impl::loadCached(const Backend &backend,
                           const std::string &key) const {
  std::optional<std::string> bytes = cache.load(key);
  if (!bytes)
    return std::nullopt;
  std::optional<CodeEntry> entry = deserialize(*bytes);
  Result<CompiledFunction> function =
      entry ? link(backend, *entry)
            : Status::runtimeError("it does not hold compiled code");
  if (function.ok()) {
    log("loaded '" + entry->signature.name + "' from the cache");
    return *function;
  }
  log("cache entry '" + cache.getPath(key) +
      "' is not used: " + function.message());
  return std::nullopt;
}

Result<CompiledFunction> Compiler::Impl::compile(std::string_view source,
                                                 const std::string &entry,
                                                 const std::string &name) {
  Result<const Backend *> backend = getBackend();
  if (!backend.ok())
    return backend.status();
  std::string key =
      hashContent({getVersion(), LLVM_VERSION_STRING, getCompilerBuildId(),
                   getTargetName((*backend)->target()), (*backend)->identity(),
                   options.pipelineOptions, entry, source});
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (auto found = functions.find(key); found != functions.end())
      return found->second;
  }
  // Two threads may compile the same function; the first one to finish wins. A
  // dump is of a compilation, so asking for one makes one.
  std::optional<CompiledFunction> function;
  if (dumpDirectory.empty())
    function = loadCached(**backend, key);
  if (!function) {
    Result<CodeEntry> code = compileCode(**backend, source, entry, name, key);
    if (!code.ok())
      return code.status();
    Result<CompiledFunction> linked = link(**backend, *code);
    if (!linked.ok())
      return linked.status();
    log("compiled '" + code->signature.name + "' for " +
        getTargetName(linked->target()));
    cache.store(key, serialize(*code));
    function = *linked;
  }
  std::lock_guard<std::mutex> lock(mutex);
  return functions.emplace(key, *function).first->second;
}

Compiler::Compiler(CompilerOptions options)
    : impl(std::make_unique<Impl>(std::move(options))) {}
Compiler::~Compiler() = default;
Compiler::Compiler(Compiler &&) = default;
Compiler &Compiler::operator=(Compiler &&) = default;

Result<CompiledFunction> Compiler::compileSource(std::string_view source,
                                                 const std::string &entry,
                                                 const std::string &name) {
  return impl->compile(source, entry, name);
}

Result<CompiledFunction> Compiler::compileFile(const std::string &path,
                                               const std::string &entry) {
  Result<std::string> source = readFile(path);
  if (!source.ok())
    return source.status();
  return impl->compile(*source, entry, path);
}

Result<CompiledFunction> Compiler::compileModule(mlir::ModuleOp module,
                                                 const std::string &entry) {
  if (!module)
    return Status::invalidArgument("expected a module, got null");
  // Through bytecode, so that the caller's context needs none of the dialects
  // and interfaces of lowering, and the cache sees the content.
  std::string source;
  llvm::raw_string_ostream stream(source);
  if (failed(mlir::writeBytecodeToFile(module, stream)))
    return Status::compileError("cannot serialize the module");
  return impl->compile(source, entry, "module");
}

Result<CompiledFunction> Compiler::compile(const SigmoidAttentionSpec &spec) {
  Result<std::string> source = buildSource(spec);
  if (!source.ok())
    return source.status();
  Result<CompiledFunction> function = impl->compile(*source, "", "description");
  if (!function.ok())
    return function;
  return function->withConditions(getConditions(spec));
}
