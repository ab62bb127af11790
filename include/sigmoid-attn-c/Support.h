/*===----------------------------------------------------------------------===*\
|*
|* Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
|* Exceptions. See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* What the C interfaces of the compiler and of the runtime share. Functions
|* that can fail return one of the error codes, 0 for success.
|*
\*===----------------------------------------------------------------------===*/

#ifndef SIGMOID_ATTN_C_SUPPORT_H
#define SIGMOID_ATTN_C_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

/* The values of sigmoid_attn::ErrorCode. */
enum {
  SigmoidAttnSuccess = 0,
  SigmoidAttnInvalidArgument = 1,
  SigmoidAttnCompileError = 2,
  SigmoidAttnUnavailable = 3,
  SigmoidAttnRuntimeError = 4
};

/* The values of sigmoid_attn::ElementType. */
enum {
  SigmoidAttnI1 = 0,
  SigmoidAttnI8 = 1,
  SigmoidAttnI16 = 2,
  SigmoidAttnI32 = 3,
  SigmoidAttnI64 = 4,
  SigmoidAttnF16 = 5,
  SigmoidAttnBF16 = 6,
  SigmoidAttnF32 = 7,
  SigmoidAttnF64 = 8
};

#endif /* SIGMOID_ATTN_C_SUPPORT_H */
