//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Support/File.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace sigmoid_attn;

/// `cannot read 'PATH': no such file or directory`.
static Status systemError(const char *action, const std::string &path,
                          int error) {
  std::string reason = std::strerror(error);
  if (!reason.empty() && reason[0] >= 'A' && reason[0] <= 'Z')
    reason[0] += 'a' - 'A';
  std::string text = std::string("cannot ") + action + " '" + path + "': ";
  return Status::invalidArgument(text + reason);
}

Result<std::string> sigmoid_attn::readFile(const std::string &path) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return systemError("read", path, errno);
  struct stat info;
  if (::fstat(file, &info) == 0 && S_ISDIR(info.st_mode)) {
    ::close(file);
    return systemError("read", path, EISDIR);
  }
  std::string content;
  content.reserve(info.st_size + 1);
  char buffer[1 << 16];
  ssize_t count;
  while ((count = ::read(file, buffer, sizeof(buffer))) != 0) {
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      break;
    content.append(buffer, count);
  }
  int error = errno;
  ::close(file);
  if (count < 0)
    return systemError("read", path, error);
  return content;
}

/// Writes everything; returns 0 or the errno of the failure.
static int writeAll(int file, std::string_view content) {
  while (!content.empty()) {
    ssize_t count = ::write(file, content.data(), content.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return errno;
    content.remove_prefix(count);
  }
  return 0;
}

/// Writes a new file beside `path` and returns its name.
static Result<std::string> writeBeside(const std::string &path,
                                       std::string_view content) {
  // Unique among processes by the id and within one by the counter.
  static std::atomic<unsigned> counter{0};
  std::string temporary = path + ".tmp-" + std::to_string(::getpid()) + "-" +
                          std::to_string(counter.fetch_add(1));
  int file =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0)
    return systemError("write", path, errno);
  int error = writeAll(file, content);
  if (::close(file) != 0 && !error)
    error = errno;
  // Renaming over a folder fails; better now than after other files.
  struct stat info;
  if (!error && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode))
    error = EISDIR;
  if (!error)
    return temporary;
  ::unlink(temporary.c_str());
  return systemError("write", path, error);
}

Status sigmoid_attn::writeFilesAtomically(
    const std::vector<std::pair<std::string, std::string>> &files) {
  std::vector<std::string> temporaries;
  Status status = Status::success();
  for (const auto &[path, content] : files) {
    Result<std::string> temporary = writeBeside(path, content);
    if (!temporary.ok()) {
      status = temporary.status();
      break;
    }
    temporaries.push_back(*temporary);
  }
  for (size_t i = 0; i < temporaries.size(); ++i) {
    if (status.ok() &&
        std::rename(temporaries[i].c_str(), files[i].first.c_str()) != 0)
      status = systemError("write", files[i].first, errno);
    if (!status.ok())
      ::unlink(temporaries[i].c_str());
  }
  return status;
}

Status sigmoid_attn::writeFileAtomically(const std::string &path,
                                         std::string_view content) {
  return writeFilesAtomically({{path, std::string(content)}});
}
