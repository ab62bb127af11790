//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestRecipe.h"
#include "sigmoid-attn/Runtime/Kernel.h"
#include "sigmoid-attn/Support/File.h"

#include <cstdlib>

#include <gtest/gtest.h>

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

static KernelFile makeFile() {
  KernelFile file;
  file.recipes = {makeForwardRecipe()};
  file.ptx = "// some PTX\n";
  file.cubin = std::string("\0elf\0", 5);
  return file;
}

TEST(KernelFileTest, roundTripsThroughDisk) {
  std::string path = ::testing::TempDir() + "kernel-file-test.sak";
  ASSERT_TRUE(writeKernelFile(path, makeFile()).ok());
  Result<KernelFile> file = readKernelFile(path);
  ASSERT_TRUE(file.ok()) << file.message();
  EXPECT_EQ(file->ptx, makeFile().ptx);
  EXPECT_EQ(file->cubin, makeFile().cubin);
  EXPECT_EQ(printRecipe(file->recipes[0]), printRecipe(makeFile().recipes[0]));
  remove(path.c_str());
}

TEST(KernelFileTest, missingFileIsNamed) {
  EXPECT_EQ(readKernelFile("/nowhere/kernel.sak").message(),
            "cannot read '/nowhere/kernel.sak': no such file or directory");
}

TEST(KernelFileTest, foreignFileIsNamed) {
  std::string path = ::testing::TempDir() + "kernel-file-foreign.sak";
  ASSERT_TRUE(
      writeFileAtomically(path, "#!/bin/sh\necho this is no kernel\n").ok());
  EXPECT_EQ(readKernelFile(path).message(),
            "'" + path + "': expected a kernel file, got something else");
  remove(path.c_str());
}

TEST(KernelFileTest, everyDamagedByteIsFound) {
  std::string bytes = serializeKernelFile(makeFile());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] ^= 0x20;
    EXPECT_FALSE(parseKernelFile(damaged).ok()) << i;
  }
}

/// A file of version 1 with this content, whose checksum is right.
static std::string makeBytes(const std::string &content) {
  uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char byte : content)
    hash = (hash ^ byte) * 0x100000001b3;
  std::string bytes("SIGATTN\x1a\1\0\0\0", 12);
  for (int i = 0; i < 8; ++i)
    bytes.push_back(static_cast<char>(hash >> (8 * i)));
  return bytes + content;
}

TEST(KernelFileTest, damageIsNamed) {
  auto problemOf = [](const std::string &content) {
    return parseKernelFile(makeBytes(content)).message();
  };
  EXPECT_EQ(problemOf("\1"),
            "damaged kernel file: a section's header is cut off");
  EXPECT_EQ(problemOf(std::string("\2\0\0\0\7\0\0\0\0\0\0\0PTX", 15)),
            "damaged kernel file: a section is cut off");
  EXPECT_EQ(problemOf(std::string("\7\0\0\0\3\0\0\0\0\0\0\0PTX", 15)),
            "damaged kernel file: a section of unknown kind");
  EXPECT_EQ(parseKernelFile(makeBytes("") + "more").message(),
            "damaged kernel file: its checksum does not match");
}

TEST(KernelFileTest, everyCutIsFound) {
  std::string bytes = serializeKernelFile(makeFile());
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(parseKernelFile(bytes.substr(0, size)).ok()) << size;
}

TEST(KernelFileTest, otherVersionsSayWhatToDo) {
  std::string bytes = serializeKernelFile(makeFile());
  bytes[8] = 2;
  EXPECT_EQ(parseKernelFile(bytes).message(),
            "expected a kernel file of version 1, got version 2; pack the "
            "kernel again with this release of sigmoid-attn");
}

TEST(KernelFileTest, codeIsNeeded) {
  KernelFile file = makeFile();
  file.ptx.clear();
  file.cubin.clear();
  EXPECT_EQ(parseKernelFile(serializeKernelFile(file)).message(),
            "damaged kernel file: it holds no code");
}

TEST(KernelFileTest, severalFunctions) {
  KernelFile file = makeFile();
  file.recipes.push_back(makeForwardRecipe());
  EXPECT_EQ(parseKernelFile(serializeKernelFile(file)).message(),
            "expected functions of distinct names in the kernel file, got two "
            "called 'sigmoid_attention'");
  file.recipes[1].name = "other";
  Result<KernelFile> parsed = parseKernelFile(serializeKernelFile(file));
  ASSERT_TRUE(parsed.ok()) << parsed.message();
  ASSERT_EQ(parsed->recipes.size(), 2u);
  EXPECT_EQ(parsed->recipes[1].name, "other");
  EXPECT_EQ((*Kernel::create(*parsed, "other"))->recipe().name, "other");
  EXPECT_EQ(Kernel::create(*parsed).message(),
            "expected the name of one of the kernel file's functions "
            "(sigmoid_attention, other), got none");
  EXPECT_EQ(Kernel::create(*parsed, "third").message(),
            "the kernel file has no function 'third'; it has: "
            "sigmoid_attention, other");
  file.recipes.clear();
  EXPECT_EQ(parseKernelFile(serializeKernelFile(file)).message(),
            "expected a recipe in the kernel file, got none");
}
