//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Compiler/DiskCache.h"

#include "sigmoid-attn/Support/File.h"

#include "gtest/gtest.h"

#include <filesystem>

#include <sys/wait.h>
#include <unistd.h>

using namespace sigmoid_attn;
namespace fs = std::filesystem;

namespace {
/// A cache in a folder of its own, and what it logs.
class DiskCacheTest : public testing::Test {
protected:
  DiskCacheTest() {
    fs::remove_all(folder);
    fs::create_directories(folder);
    setenv("SIGMOID_ATTN_LOG", logFile.c_str(), 1);
  }
  ~DiskCacheTest() override {
    unsetenv("SIGMOID_ATTN_LOG");
    fs::remove_all(folder);
  }

  std::string readLog() {
    Result<std::string> text = readFile(logFile);
    return text.ok() ? *text : "";
  }

  std::string folder =
      testing::TempDir() + "/sigmoid-attn-cache-" +
      testing::UnitTest::GetInstance()->current_test_info()->name();
  std::string logFile = folder + "/log";
  std::string cacheFolder = folder + "/a/b";
  DiskCache cache{cacheFolder};
  std::string key = hashContent({"key"});
};
} // namespace

TEST(HashContent, DependsOnEveryPartAndItsBounds) {
  EXPECT_EQ(hashContent({"ab", "c"}).size(), 64u);
  EXPECT_EQ(hashContent({"ab", "c"}), hashContent({"ab", "c"}));
  EXPECT_NE(hashContent({"ab", "c"}), hashContent({"a", "bc"}));
  EXPECT_NE(hashContent({"ab", "c"}), hashContent({"ab", "c", ""}));
}

TEST(BuildId, IsKnown) { EXPECT_GE(getCompilerBuildId().size(), 16u); }

TEST_F(DiskCacheTest, MissThenHit) {
  EXPECT_EQ(cache.load(key), std::nullopt);
  std::string content("a\0b", 3);
  cache.store(key, content);
  EXPECT_EQ(cache.load(key), content);
  EXPECT_EQ(DiskCache(cacheFolder).load(key), content);
  EXPECT_EQ(cache.load(hashContent({"another"})), std::nullopt);
  EXPECT_EQ(readLog(), "");
}

TEST_F(DiskCacheTest, FolderIsItsOwners) {
  cache.store(key, "content");
  EXPECT_EQ(fs::status(cacheFolder).permissions(), fs::perms::owner_all);
}

TEST_F(DiskCacheTest, NoFolderKeepsNothing) {
  DiskCache none{""};
  none.store(key, "content");
  EXPECT_EQ(none.load(key), std::nullopt);
}

TEST_F(DiskCacheTest, TruncatedAnywhere) {
  cache.store(key, "content");
  std::string entry = *readFile(cache.getPath(key));
  for (size_t size = 0; size < entry.size(); ++size) {
    ASSERT_TRUE(
        writeFileAtomically(cache.getPath(key), entry.substr(0, size)).ok());
    EXPECT_EQ(cache.load(key), std::nullopt) << size;
  }
  EXPECT_NE(readLog().find("is not used: it has another format\n"),
            std::string::npos);
  EXPECT_NE(readLog().find("is not used: it is truncated\n"),
            std::string::npos);
}

TEST_F(DiskCacheTest, EveryFlippedByteIsNoticed) {
  cache.store(key, "content");
  std::string entry = *readFile(cache.getPath(key));
  for (size_t i = 0; i < entry.size(); ++i) {
    std::string damaged = entry;
    damaged[i] ^= 4;
    ASSERT_TRUE(writeFileAtomically(cache.getPath(key), damaged).ok());
    EXPECT_EQ(cache.load(key), std::nullopt) << i;
  }
  EXPECT_NE(readLog().find("is not used: its checksum is wrong\n"),
            std::string::npos);
}

TEST_F(DiskCacheTest, ForeignEntries) {
  cache.store(key, "content");
  std::string entry = *readFile(cache.getPath(key));
  std::string other = hashContent({"another"});
  ASSERT_TRUE(writeFileAtomically(cache.getPath(other), entry).ok());
  EXPECT_EQ(cache.load(other), std::nullopt);
  EXPECT_NE(readLog().find("it belongs to another key\n"), std::string::npos);

  entry[entry.find('\n') - 1] = '0'; // The format's version.
  ASSERT_TRUE(writeFileAtomically(cache.getPath(key), entry).ok());
  EXPECT_EQ(cache.load(key), std::nullopt);
  EXPECT_NE(readLog().find("it has another format\n"), std::string::npos);

  cache.store(key, "new content");
  EXPECT_EQ(cache.load(key), "new content");
}

TEST_F(DiskCacheTest, UnusableFolderIsLogged) {
  ASSERT_TRUE(writeFileAtomically(folder + "/file", "").ok());
  DiskCache blocked{folder + "/file/cache"};
  blocked.store(key, "content");
  EXPECT_EQ(blocked.load(key), std::nullopt);
  EXPECT_NE(readLog().find("cannot make the cache folder"), std::string::npos);
}

TEST_F(DiskCacheTest, UnwritableEntryIsLogged) {
  fs::create_directories(cache.getPath(key) + "/in-the-way");
  cache.store(key, "content");
  EXPECT_NE(readLog().find("compiled code is not cached: "), std::string::npos);
  EXPECT_EQ(cache.load(key), std::nullopt);
  EXPECT_NE(readLog().find("is not used: "), std::string::npos);
}

TEST_F(DiskCacheTest, ProcessesAtOnceSeeWholeEntries) {
  // Each process stores content of its own length; a mixture has a bad checksum
  // and reads as missing.
  auto work = [&](int process) {
    std::string content((process + 1) * 50000, static_cast<char>(process));
    for (int i = 0; i < 50; ++i) {
      cache.store(key, content);
      if (!cache.load(key))
        return 1;
    }
    return 0;
  };
  std::vector<pid_t> children;
  for (int process = 0; process < 4; ++process) {
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0)
      _exit(work(process));
    children.push_back(child);
  }
  for (pid_t child : children) {
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_TRUE(cache.load(key).has_value());
  EXPECT_EQ(readLog(), "");
}
