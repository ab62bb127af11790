/*===----------------------------------------------------------------------===*\
|*
|* Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
|* Exceptions. See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* Loads a kernel file and launches it, from C, without the compiler.
|*
|*   c-packed KERNEL.sak
|*
|* takes a kernel of bf16 attention with head dim 64, whose arguments are query,
|* key, value, bias and output.
|*
\*===----------------------------------------------------------------------===*/

#include "sigmoid-attn-c/Runtime.h"

#include <stdint.h>
#include <stdio.h>

enum { kHeads = 2, kLength = 8, kHeadDim = 64 };
enum { kElements = kHeads * kLength * kHeadDim };

static const int64_t kSizes[] = {1, kHeads, kLength, kHeadDim};
static const int64_t kStrides[] = {kElements, kLength *kHeadDim, kHeadDim, 1};

static int fail(void) {
  fprintf(stderr, "c-packed: error: %s\n", sigmoid_attn_runtime_last_error());
  return 1;
}

/* A tensor of ones on the first GPU. */
static int makeTensor(SigmoidAttnArgument *argument) {
  uint16_t ones[kElements];
  int i;
  for (i = 0; i < kElements; ++i)
    ones[i] = 0x3f80; /* 1 in bf16 */
  argument->kind = SigmoidAttnTensorArgument;
  argument->element_type = SigmoidAttnBF16;
  argument->rank = 4;
  argument->sizes = kSizes;
  argument->strides = kStrides;
  return sigmoid_attn_runtime_allocate(0, sizeof(ones), &argument->data) ||
         sigmoid_attn_runtime_copy_to_device(0, argument->data, ones,
                                             sizeof(ones));
}

static int run(SigmoidAttnKernel *kernel) {
  static const SigmoidAttnArgument zero;
  SigmoidAttnArgument arguments[5];
  uint16_t output[kElements];
  int i;
  for (i = 0; i < 5; ++i) {
    arguments[i] = zero;
    if (i != 3 && makeTensor(&arguments[i]))
      return fail();
  }
  /* The scale is 1 / sqrt(64): every score is 8 + bias = 0, and every visible
     key has the weight 1/2. */
  arguments[3].kind = SigmoidAttnRealArgument;
  arguments[3].real = -8;
  if (sigmoid_attn_runtime_launch(kernel, arguments, 5, NULL) ||
      sigmoid_attn_runtime_synchronize(0) ||
      sigmoid_attn_runtime_copy_to_host(0, output, arguments[4].data,
                                        sizeof(output)))
    return fail();
  /* A bf16 is the upper half of a float. */
  for (i = 0; i < kLength; ++i) {
    union {
      uint32_t bits;
      float value;
    } first;
    first.bits = (uint32_t)output[i * kHeadDim] << 16;
    printf("query %d: %.2f\n", i, first.value);
  }
  for (i = 0; i < 5; ++i)
    sigmoid_attn_runtime_free(0, arguments[i].data);
  return 0;
}

int main(int argc, char **argv) {
  SigmoidAttnKernel *kernel = NULL;
  int result;
  if (argc != 2) {
    fprintf(stderr, "usage: c-packed KERNEL.sak\n");
    return 1;
  }
  if (sigmoid_attn_runtime_load_kernel(argv[1], &kernel))
    return fail();
  result = run(kernel);
  sigmoid_attn_runtime_release_kernel(kernel);
  return result;
}
