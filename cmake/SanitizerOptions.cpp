//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Defaults of the sanitizers, linked into every program of the asan+ubsan
// preset. Each option is here because MLIR, LLVM and the code that the JIT
// makes are not instrumented; nothing is switched off for the project's own
// code. The environment (ASAN_OPTIONS, ...) overrides them.
//
//===----------------------------------------------------------------------===//

extern "C" {

const char *__asan_default_options() {
  // - detect_container_overflow: a vector that libMLIR grew has no annotations
  //   of its spare capacity, and one that we grew has them.
  // - allow_user_poisoning: our half of a BumpPtrAllocator poisons a new slab,
  //   and libMLIR's half hands out parts of it without lifting that.
  // - use_sigaltstack: LLVM installs its own alternative stack for signals.
  // - alloc_dealloc_mismatch: LLVM's allocator functions are compiled without
  //   the sized forms that the check expects.
  return "detect_container_overflow=0:allow_user_poisoning=0:"
         "use_sigaltstack=0:alloc_dealloc_mismatch=0:"
         "detect_stack_use_after_return=1";
}

const char *__ubsan_default_options() {
  return "print_stacktrace=1:halt_on_error=1";
}

const char *__lsan_default_suppressions() {
  // Thread pools and registries that live until the process ends.
  return "leak:libomp.so\n"
         "leak:libLLVM.so\n"
         "leak:libMLIR.so\n";
}

} // extern "C"
