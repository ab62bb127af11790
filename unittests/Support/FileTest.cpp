//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Support/File.h"

#include "gtest/gtest.h"

#include <filesystem>

using namespace sigmoid_attn;
namespace fs = std::filesystem;

static std::string makeFolder(const std::string &name) {
  std::string folder = testing::TempDir() + "/sigmoid-attn-file-" + name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

TEST(File, ReadsWhatWasWritten) {
  std::string path = makeFolder("read") + "/file";
  std::string content("a\0b\n", 4);
  ASSERT_TRUE(writeFileAtomically(path, content).ok());
  EXPECT_EQ(*readFile(path), content);
  ASSERT_TRUE(writeFileAtomically(path, "").ok());
  EXPECT_EQ(*readFile(path), "");
}

TEST(File, MissingFile) {
  std::string path = makeFolder("missing") + "/file";
  Result<std::string> content = readFile(path);
  EXPECT_EQ(content.message(),
            "cannot read '" + path + "': no such file or directory");
  EXPECT_EQ(content.status().code(), ErrorCode::InvalidArgument);
}

TEST(File, FolderInPlaceOfFile) {
  std::string folder = makeFolder("folder");
  EXPECT_EQ(readFile(folder).message(),
            "cannot read '" + folder + "': is a directory");
  std::string inner = folder + "/inner";
  fs::create_directories(inner);
  EXPECT_EQ(writeFileAtomically(inner, "x").message(),
            "cannot write '" + inner + "': is a directory");
  // Nothing temporary stays behind.
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
}

TEST(File, MissingFolder) {
  std::string path = makeFolder("no-folder") + "/missing/file";
  EXPECT_EQ(writeFileAtomically(path, "x").message(),
            "cannot write '" + path + "': no such file or directory");
}

TEST(File, WritesAllOfSeveralFilesOrNone) {
  std::string folder = makeFolder("several");
  std::string first = folder + "/first", second = folder + "/no/second";
  ASSERT_TRUE(writeFileAtomically(first, "old").ok());
  EXPECT_EQ(writeFilesAtomically({{first, "new"}, {second, "new"}}).message(),
            "cannot write '" + second + "': no such file or directory");
  EXPECT_EQ(*readFile(first), "old");
  second = folder + "/second";
  fs::create_directories(second);
  EXPECT_EQ(writeFilesAtomically({{first, "new"}, {second, "new"}}).message(),
            "cannot write '" + second + "': is a directory");
  EXPECT_EQ(*readFile(first), "old");
  fs::remove(second);
  ASSERT_TRUE(writeFilesAtomically({{first, "new"}, {second, "newer"}}).ok());
  EXPECT_EQ(*readFile(first), "new");
  EXPECT_EQ(*readFile(second), "newer");
  // Nothing but the two files stays behind.
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 2);
}
