//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Errors as values, for the compiler library and for the runtime, which knows
// no LLVM. Nothing of the public API throws or aborts.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_SUPPORT_STATUS_H
#define SIGMOID_ATTN_SUPPORT_STATUS_H

#include <cassert>
#include <optional>
#include <string>
#include <utility>

namespace sigmoid_attn {

/// What kind of failure a Status reports. The values are part of the C API.
enum class ErrorCode {
  /// No failure.
  None = 0,
  /// An argument, a file or an array that the caller passed is wrong.
  InvalidArgument = 1,
  /// The IR does not parse, verify or compile.
  CompileError = 2,
  /// A device, driver or tool that the request needs is not there.
  Unavailable = 3,
  /// The system, the driver or the device failed while it did the work.
  RuntimeError = 4,
};

/// Success, or a failure with its kind and one message for the user: lower
/// case, no final period, naming what was expected and what was found.
class [[nodiscard]] Status {
public:
  /// Success.
  Status() = default;

  static Status success() { return Status(); }

  /// A failure; `code` must not be ErrorCode::None.
  static Status error(ErrorCode code, std::string message) {
    assert(code != ErrorCode::None && "a failure needs a kind");
    Status status;
    status.failureCode = code;
    status.text = std::move(message);
    return status;
  }

  static Status invalidArgument(std::string message) {
    return error(ErrorCode::InvalidArgument, std::move(message));
  }
  static Status compileError(std::string message) {
    return error(ErrorCode::CompileError, std::move(message));
  }
  static Status unavailable(std::string message) {
    return error(ErrorCode::Unavailable, std::move(message));
  }
  static Status runtimeError(std::string message) {
    return error(ErrorCode::RuntimeError, std::move(message));
  }

  bool ok() const { return failureCode == ErrorCode::None; }
  ErrorCode code() const { return failureCode; }

  /// The failure's text; empty on success.
  const std::string &message() const { return text; }

  /// The same failure with `context` and ": " before its text; success stays
  /// success.
  Status withContext(const std::string &context) const {
    return ok() ? *this : error(failureCode, context + ": " + text);
  }

private:
  ErrorCode failureCode = ErrorCode::None;
  std::string text;
};

/// A value, or the Status that says why there is none.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : held(std::move(value)) {}

  /// `failure` must not be success.
  Result(Status failure) : failure(std::move(failure)) {
    assert(!this->failure.ok() && "a result without a value needs a failure");
  }

  bool ok() const { return held.has_value(); }

  /// Success if there is a value, the failure otherwise.
  const Status &status() const { return failure; }
  const std::string &message() const { return failure.message(); }

  /// The value; only to be asked for when ok().
  T &value() & { return *held; }
  const T &value() const & { return *held; }
  T &&value() && { return std::move(*held); }

  T &operator*() & { return *held; }
  const T &operator*() const & { return *held; }
  T &&operator*() && { return std::move(*held); }
  T *operator->() { return &*held; }
  const T *operator->() const { return &*held; }

private:
  std::optional<T> held;
  Status failure;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_SUPPORT_STATUS_H
