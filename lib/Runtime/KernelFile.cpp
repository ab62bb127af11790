//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Runtime/KernelFile.h"

#include "sigmoid-attn/Support/File.h"

#include <cstring>
#include <set>

using namespace sigmoid_attn;

static constexpr char kMagic[8] = {'S', 'I', 'G', 'A', 'T', 'T', 'N', '\x1a'};
static constexpr uint32_t kContainerVersion = 1;

/// What a section holds. A section that a reader does not know is an error: a
/// new kind comes with a new version.
enum SectionKind : uint32_t { kRecipeSection = 1, kPTXSection, kCubinSection };

/// The bytes before the checksummed part: magic, version, checksum.
static constexpr size_t kHeaderSize = 8 + 4 + 8;
static constexpr size_t kSectionHeaderSize = 4 + 8;

/// FNV-1a, 64 bits: finds damage, does not resist forgery.
static uint64_t checksum(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char byte : bytes)
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

/// Appends `value` in little-endian order.
template <typename Integer>
static void append(std::string &out, Integer value) {
  for (size_t i = 0; i < sizeof(value); ++i)
    out.push_back(static_cast<char>(value >> (8 * i)));
}

/// Removes an integer from the front of `bytes`, which must hold it.
template <typename Integer> static Integer take(std::string_view &bytes) {
  Integer value = 0;
  for (size_t i = 0; i < sizeof(value); ++i)
    value |= static_cast<Integer>(static_cast<unsigned char>(bytes[i]))
             << (8 * i);
  bytes.remove_prefix(sizeof(value));
  return value;
}

static std::string joinNames(const KernelFile &file) {
  std::string names;
  for (const Recipe &recipe : file.recipes)
    names += (names.empty() ? "" : ", ") + recipe.name;
  return names;
}

Result<const Recipe *> sigmoid_attn::findFunction(const KernelFile &file,
                                                  const std::string &name) {
  if (name.empty() && file.recipes.size() == 1)
    return &file.recipes.front();
  if (name.empty())
    return Status::invalidArgument(
        "expected the name of one of the kernel file's functions (" +
        joinNames(file) + "), got none");
  for (const Recipe &recipe : file.recipes)
    if (recipe.name == name)
      return &recipe;
  return Status::invalidArgument("the kernel file has no function '" + name +
                                 "'; it has: " + joinNames(file));
}

Status sigmoid_attn::verifyKernelFile(const KernelFile &file) {
  if (file.recipes.empty())
    return Status::invalidArgument(
        "expected a recipe in the kernel file, got none");
  std::set<std::string> names;
  for (const Recipe &recipe : file.recipes)
    if (!names.insert(recipe.name).second)
      return Status::invalidArgument(
          "expected functions of distinct names in the kernel file, got two "
          "called '" +
          recipe.name + "'");
  if (file.ptx.empty() && file.cubin.empty())
    return Status::invalidArgument(joinNames(file) +
                                   ": expected PTX or a cubin, got neither");
  return Status::success();
}

std::string sigmoid_attn::serializeKernelFile(const KernelFile &file) {
  std::string body;
  auto addSection = [&](SectionKind kind, std::string_view content) {
    append<uint32_t>(body, kind);
    append<uint64_t>(body, content.size());
    body.append(content);
  };
  for (const Recipe &recipe : file.recipes)
    addSection(kRecipeSection, printRecipe(recipe));
  if (!file.ptx.empty())
    addSection(kPTXSection, file.ptx);
  if (!file.cubin.empty())
    addSection(kCubinSection, file.cubin);

  std::string out(kMagic, sizeof(kMagic));
  append<uint32_t>(out, kContainerVersion);
  append<uint64_t>(out, checksum(body));
  return out + body;
}

static Status damaged(const char *what) {
  return Status::invalidArgument(std::string("damaged kernel file: ") + what);
}

/// Reads the sections of `body` into `file`.
static Status parseSections(std::string_view body, KernelFile &file) {
  while (!body.empty()) {
    if (body.size() < kSectionHeaderSize)
      return damaged("a section's header is cut off");
    uint32_t kind = take<uint32_t>(body);
    uint64_t size = take<uint64_t>(body);
    if (size > body.size())
      return damaged("a section is cut off");
    std::string content(body.substr(0, size));
    body.remove_prefix(size);
    if (kind == kRecipeSection) {
      Result<Recipe> recipe = parseRecipe(content);
      if (!recipe.ok())
        return recipe.status();
      file.recipes.push_back(std::move(*recipe));
    } else if (kind == kPTXSection)
      file.ptx = std::move(content);
    else if (kind == kCubinSection)
      file.cubin = std::move(content);
    else
      return damaged("a section of unknown kind");
  }
  return Status::success();
}

Result<KernelFile> sigmoid_attn::parseKernelFile(std::string_view bytes) {
  if (bytes.size() < kHeaderSize ||
      memcmp(bytes.data(), kMagic, sizeof(kMagic)) != 0)
    return Status::invalidArgument(
        "expected a kernel file, got something else");
  bytes.remove_prefix(sizeof(kMagic));
  uint32_t version = take<uint32_t>(bytes);
  if (version != kContainerVersion)
    return Status::invalidArgument(
        "expected a kernel file of version " +
        std::to_string(kContainerVersion) + ", got version " +
        std::to_string(version) +
        "; pack the kernel again with this release of sigmoid-attn");
  uint64_t expected = take<uint64_t>(bytes);
  if (checksum(bytes) != expected)
    return damaged("its checksum does not match");
  KernelFile file;
  Status status = parseSections(bytes, file);
  if (status.ok() && file.ptx.empty() && file.cubin.empty())
    status = damaged("it holds no code");
  if (status.ok())
    status = verifyKernelFile(file);
  if (!status.ok())
    return status;
  return file;
}

Result<KernelFile> sigmoid_attn::readKernelFile(const std::string &path) {
  Result<std::string> bytes = readFile(path);
  if (!bytes.ok())
    return bytes.status();
  Result<KernelFile> file = parseKernelFile(*bytes);
  if (!file.ok())
    return file.status().withContext("'" + path + "'");
  return file;
}

Status sigmoid_attn::writeKernelFile(const std::string &path,
                                     const KernelFile &file) {
  return writeFileAtomically(path, serializeKernelFile(file));
}
