//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Compiler/DiskCache.h"

#include "sigmoid-attn/Support/File.h"
#include "sigmoid-attn/Support/Log.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/CachePruning.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <link.h>

using namespace sigmoid_attn;

// An entry is this header and the content. The number grows with the format.
static constexpr char kMagic[] = "SIGMOID-ATTN-CACHE-1\n";
static constexpr size_t kMagicSize = sizeof(kMagic) - 1;
static constexpr size_t kHashSize = 64;
static constexpr size_t kHeaderSize = kMagicSize + 2 * kHashSize;

static constexpr uint64_t kMaximalBytes = uint64_t(1) << 30;

std::string
sigmoid_attn::hashContent(const std::vector<std::string_view> &parts) {
  llvm::BLAKE3 hasher;
  for (std::string_view part : parts) {
    // The length keeps "ab", "c" apart from "a", "bc".
    uint64_t size = part.size();
    hasher.update(
        llvm::StringRef(reinterpret_cast<char *>(&size), sizeof(size)));
    hasher.update(llvm::StringRef(part));
  }
  auto hash = hasher.final<32>();
  return llvm::toHex(hash, /*LowerCase=*/true);
}

namespace {
/// What the walk over the loaded objects looks for and finds.
struct BuildIdSearch {
  uintptr_t address;
  std::string buildId;
};
} // namespace

/// Reads the build id, a hash that the linker made of the whole binary, from
/// the notes of the object that contains the address.
static int findBuildId(dl_phdr_info *info, size_t, void *data) {
  auto *search = static_cast<BuildIdSearch *>(data);
  bool contains = false;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) &segment = info->dlpi_phdr[i];
    uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
    contains |= segment.p_type == PT_LOAD && search->address >= begin &&
                search->address - begin < segment.p_memsz;
  }
  for (int i = 0; contains && i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) &segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE)
      continue;
    const char *note =
        reinterpret_cast<const char *>(info->dlpi_addr + segment.p_vaddr);
    const char *end = note + segment.p_memsz;
    while (note + sizeof(ElfW(Nhdr)) <= end) {
      auto *header = reinterpret_cast<const ElfW(Nhdr) *>(note);
      const char *name = note + sizeof(*header);
      const char *content = name + (header->n_namesz + 3) / 4 * 4;
      note = content + (header->n_descsz + 3) / 4 * 4;
      if (header->n_type == NT_GNU_BUILD_ID && note <= end)
        search->buildId =
            llvm::toHex(llvm::StringRef(content, header->n_descsz));
    }
  }
  return contains;
}

std::string sigmoid_attn::getCompilerBuildId() {
  static const std::string buildId = [] {
    BuildIdSearch search{reinterpret_cast<uintptr_t>(&findBuildId), ""};
    dl_iterate_phdr(findBuildId, &search);
    return search.buildId;
  }();
  return buildId;
}

std::string DiskCache::getPath(const std::string &key) const {
  // LLVM's pruning touches only files that start so, as a guard against a
  // folder that holds something else.
  return directory + "/llvmcache-" + key;
}

std::optional<std::string> DiskCache::load(const std::string &key) const {
  if (directory.empty())
    return std::nullopt;
  std::string path = getPath(key);
  if (!llvm::sys::fs::exists(path))
    return std::nullopt;
  auto reject = [&](const std::string &reason) {
    log("cache entry '" + path + "' is not used: " + reason);
    return std::nullopt;
  };
  Result<std::string> entry = readFile(path);
  if (!entry.ok())
    return reject(entry.message());
  std::string_view text = *entry;
  if (text.substr(0, kMagicSize) != kMagic)
    return reject("it has another format");
  if (text.size() < kHeaderSize)
    return reject("it is truncated");
  if (text.substr(kMagicSize, kHashSize) != key)
    return reject("it belongs to another key");
  std::string_view content = text.substr(kHeaderSize);
  if (text.substr(kMagicSize + kHashSize, kHashSize) != hashContent({content}))
    return reject("its checksum is wrong");
  entry->erase(0, kHeaderSize);
  return std::move(*entry);
}

void DiskCache::store(const std::string &key, std::string_view content) const {
  if (directory.empty())
    return;
  // The folder holds code that gets run: only its owner may write to it.
  if (std::error_code error = llvm::sys::fs::create_directories(
          directory, /*IgnoreExisting=*/true, llvm::sys::fs::owner_all)) {
    log("cannot make the cache folder '" + directory + "': " + error.message());
    return;
  }
  std::string entry = kMagic + key + hashContent({content});
  entry += content;
  if (Status status = writeFileAtomically(getPath(key), entry); !status.ok()) {
    log("compiled code is not cached: " + status.message());
    return;
  }
  llvm::CachePruningPolicy policy;
  policy.MaxSizeBytes = kMaximalBytes;
  llvm::pruneCache(directory, policy);
}
