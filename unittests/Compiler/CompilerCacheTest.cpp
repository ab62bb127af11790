//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestCompiler.h"

#include "sigmoid-attn/Compiler/DiskCache.h"
#include "sigmoid-attn/Support/File.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <filesystem>

using namespace sigmoid_attn;
namespace fs = std::filesystem;

namespace {
/// Compilers that share a cache folder, and what they log: each says whether it
/// compiled or loaded.
class CompilerCache : public testing::Test {
protected:
  CompilerCache() {
    fs::remove_all(folder);
    fs::create_directories(folder);
    setenv("SIGMOID_ATTN_LOG", (folder + "/log").c_str(), 1);
  }
  ~CompilerCache() override {
    unsetenv("SIGMOID_ATTN_LOG");
    fs::remove_all(folder);
  }

  /// Compiles in a new compiler, checks the function, returns the new log.
  std::string compile(const char *source, CompilerOptions options) {
    fs::remove(folder + "/log");
    options.cacheDirectory = folder + "/cache";
    Result<CompiledFunction> function = Compiler(options).compileSource(source);
    EXPECT_TRUE(function.ok()) << function.message();
    std::vector<float> one{1};
    EXPECT_EQ(getFloats((*(*function)({makeView(one), makeView(one)}))[0]),
              std::vector<float>{2});
    Result<std::string> log = readFile(folder + "/log");
    return log.ok() ? *log : "";
  }
  std::string compile() { return compile(kAddSource, makeOptions()); }

  std::vector<std::string> getEntries() {
    std::vector<std::string> entries;
    for (const auto &file : fs::directory_iterator(folder + "/cache"))
      if (file.path().extension() != ".timestamp")
        entries.push_back(file.path());
    return entries;
  }

  std::string folder =
      testing::TempDir() + "/sigmoid-attn-compiler-" +
      testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string compiled = "sigmoid-attn: compiled 'add' for cpu\n";
  const std::string loaded = "sigmoid-attn: loaded 'add' from the cache\n";
};
} // namespace

TEST_F(CompilerCache, MissThenHit) {
  EXPECT_EQ(compile(), compiled);
  EXPECT_EQ(getEntries().size(), 1u);
  EXPECT_EQ(compile(), loaded);
}

TEST_F(CompilerCache, MemoryHitReturnsTheSameFunction) {
  Compiler compiler(makeOptions());
  Result<CompiledFunction> first = compiler.compileSource(kAddSource);
  Result<CompiledFunction> second = compiler.compileSource(kAddSource);
  EXPECT_EQ(&first->signature(), &second->signature());
}

TEST_F(CompilerCache, OtherSourceOrOptionsMiss) {
  EXPECT_EQ(compile(), compiled);
  std::string other = std::string(kAddSource) + "// a comment\n";
  EXPECT_EQ(compile(other.c_str(), makeOptions()), compiled);
  CompilerOptions options = makeOptions();
  options.pipelineOptions = "raise=false";
  EXPECT_EQ(compile(kAddSource, options), compiled);
  EXPECT_EQ(getEntries().size(), 3u);
}

TEST_F(CompilerCache, DamagedEntryIsCompiledAnew) {
  compile();
  std::string path = getEntries().at(0);
  std::string entry = *readFile(path);
  entry[entry.size() / 2] ^= 1;
  ASSERT_TRUE(writeFileAtomically(path, entry).ok());
  EXPECT_EQ(compile(), "sigmoid-attn: cache entry '" + path +
                           "' is not used: its checksum is wrong\n" + compiled);
  EXPECT_EQ(compile(), loaded);
}

TEST_F(CompilerCache, TruncatedEntryIsCompiledAnew) {
  compile();
  std::string path = getEntries().at(0);
  ASSERT_TRUE(writeFileAtomically(path, readFile(path)->substr(0, 99)).ok());
  EXPECT_EQ(compile(), "sigmoid-attn: cache entry '" + path +
                           "' is not used: it is truncated\n" + compiled);
  EXPECT_EQ(compile(), loaded);
}

TEST_F(CompilerCache, ForeignEntryIsCompiledAnew) {
  compile();
  std::string path = getEntries().at(0);
  ASSERT_TRUE(writeFileAtomically(path, "something else").ok());
  EXPECT_EQ(compile(), "sigmoid-attn: cache entry '" + path +
                           "' is not used: it has another format\n" + compiled);
}

TEST_F(CompilerCache, EntryWithoutCodeIsCompiledAnew) {
  compile();
  std::string path = getEntries().at(0);
  std::string key = path.substr(path.rfind('-') + 1);
  DiskCache(folder + "/cache").store(key, "no code");
  EXPECT_EQ(compile(), "sigmoid-attn: cache entry '" + path +
                           "' is not used: it does not hold compiled code\n" +
                           compiled);
  EXPECT_EQ(compile(), loaded);
}

TEST_F(CompilerCache, UnusableDumpFolderIsLogged) {
  CompilerOptions options = makeOptions();
  ASSERT_TRUE(writeFileAtomically(folder + "/file", "").ok());
  options.dumpDirectory = folder + "/file";
  std::string log = compile(kAddSource, options);
  EXPECT_NE(log.find("cannot make the dump folder '" + folder + "/file/add-"),
            std::string::npos)
      << log;
}

TEST_F(CompilerCache, DumpCompilesAndWritesThePhases) {
  compile();
  CompilerOptions options = makeOptions();
  options.dumpDirectory = folder + "/dump";
  EXPECT_EQ(compile(kAddSource, options), compiled);
  std::string dump = fs::directory_iterator(folder + "/dump")->path();
  for (const char *file : {"input.mlir", "module.ll", "optimized.ll", "code.s",
                           "code.o", "passes"})
    EXPECT_TRUE(fs::exists(dump + "/" + file)) << file;
}

TEST_F(CompilerCache, EnvironmentNamesTheFolder) {
  setenv("SIGMOID_ATTN_CACHE_DIR", (folder + "/from-env").c_str(), 1);
  CompilerOptions options = makeOptions();
  options.cacheDirectory.reset();
  EXPECT_TRUE(Compiler(options).compileSource(kAddSource).ok());
  EXPECT_TRUE(fs::exists(folder + "/from-env"));

  unsetenv("SIGMOID_ATTN_CACHE_DIR");
  setenv("XDG_CACHE_HOME", (folder + "/xdg").c_str(), 1);
  EXPECT_TRUE(Compiler(options).compileSource(kAddSource).ok());
  EXPECT_TRUE(fs::exists(folder + "/xdg/sigmoid-attn"));

  // Empty turns the cache off.
  setenv("SIGMOID_ATTN_CACHE_DIR", "", 1);
  fs::remove_all(folder + "/xdg");
  EXPECT_TRUE(Compiler(options).compileSource(kAddSource).ok());
  EXPECT_FALSE(fs::exists(folder + "/xdg"));
  unsetenv("SIGMOID_ATTN_CACHE_DIR");
  unsetenv("XDG_CACHE_HOME");
}
