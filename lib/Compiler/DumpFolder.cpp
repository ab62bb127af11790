//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DumpFolder.h"

#include "sigmoid-attn/Support/File.h"
#include "sigmoid-attn/Support/Log.h"

#include "llvm/Support/FileSystem.h"

using namespace sigmoid_attn;

DumpFolder::DumpFolder(const std::string &root, const std::string &name) {
  if (root.empty())
    return;
  std::string path = root + "/" + name;
  if (std::error_code error = llvm::sys::fs::create_directories(path))
    log("cannot make the dump folder '" + path + "': " + error.message());
  else
    folder = path;
}

void DumpFolder::write(const std::string &file,
                       std::string_view content) const {
  if (!isEnabled())
    return;
  if (Status status = writeFileAtomically(getPath(file), content); !status.ok())
    log("dump: " + status.message());
}
