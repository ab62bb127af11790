/*===----------------------------------------------------------------------===*\
|*
|* Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
|* Exceptions. See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* The runtime for C and for every language that calls C: loads kernel files and
|* launches them on NVIDIA GPUs. In libSigmoidAttnRuntime, which needs neither
|* LLVM nor the CUDA Toolkit.
|*
|* Functions that can fail return a SigmoidAttnErrorCode, 0 for success, and set
|* the text that sigmoid_attn_runtime_last_error gives. All may be called from
|* several threads at once.
|*
\*===----------------------------------------------------------------------===*/

#ifndef SIGMOID_ATTN_C_RUNTIME_H
#define SIGMOID_ATTN_C_RUNTIME_H

#include "sigmoid-attn-c/Support.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIGMOID_ATTN_RUNTIME_API __attribute__((visibility("default")))

/* What a SigmoidAttnArgument is. */
enum {
  SigmoidAttnTensorArgument = 0,
  SigmoidAttnRealArgument = 1,
  SigmoidAttnIntegerArgument = 2
};

/* One argument of a kernel, in the order of its recipe. Fill with zeros what
   the kind does not use. */
typedef struct SigmoidAttnArgument {
  int32_t kind;
  /* Tensors: the element type, the rank, the device address of the first
     element, and as many sizes and strides (in elements) as the rank (null is
     allowed at rank 0). */
  int32_t element_type;
  int32_t rank;
  int32_t reserved;
  void *data;
  const int64_t *sizes;
  const int64_t *strides;
  /* Scalars of floating type. */
  double real;
  /* Scalars of integer type. */
  int64_t integer;
} SigmoidAttnArgument;

/* A kernel loaded from a kernel file. */
typedef struct SigmoidAttnKernel SigmoidAttnKernel;

/* The text of the calling thread's last failure: lower case, no final period.
   Valid until the thread's next failure. */
SIGMOID_ATTN_RUNTIME_API const char *sigmoid_attn_runtime_last_error(void);

/* Reads a kernel file of one function. Needs no GPU. Release the kernel after
   use, and not before the graphs that captured its launches. */
SIGMOID_ATTN_RUNTIME_API int
sigmoid_attn_runtime_load_kernel(const char *path, SigmoidAttnKernel **kernel);

/* Takes a kernel file's bytes, which are not needed afterwards. */
SIGMOID_ATTN_RUNTIME_API int
sigmoid_attn_runtime_create_kernel(const void *bytes, size_t size,
                                   SigmoidAttnKernel **kernel);

/* The same of a file of any number of functions, for the one of this name; null
   takes the only one. */
SIGMOID_ATTN_RUNTIME_API int
sigmoid_attn_runtime_load_function(const char *path, const char *function,
                                   SigmoidAttnKernel **kernel);
SIGMOID_ATTN_RUNTIME_API int
sigmoid_attn_runtime_create_function(const void *bytes, size_t size,
                                     const char *function,
                                     SigmoidAttnKernel **kernel);

/* Null is allowed. */
SIGMOID_ATTN_RUNTIME_API void
sigmoid_attn_runtime_release_kernel(SigmoidAttnKernel *kernel);

/* The kernel's recipe as JSON text, which lives as long as the kernel. */
SIGMOID_ATTN_RUNTIME_API const char *
sigmoid_attn_runtime_get_recipe(const SigmoidAttnKernel *kernel);

/* Loads the code into a device, so that no launch has to. */
SIGMOID_ATTN_RUNTIME_API int
sigmoid_attn_runtime_prepare(SigmoidAttnKernel *kernel, int device);

/* Checks arguments without looking at a device. */
SIGMOID_ATTN_RUNTIME_API int
sigmoid_attn_runtime_check(const SigmoidAttnKernel *kernel,
                           const SigmoidAttnArgument *arguments, size_t count);

/* Checks arguments and queues the kernel on a stream (a CUstream or
   cudaStream_t; null is the default stream), which may be capturing. If it
   fails, nothing was queued. */
SIGMOID_ATTN_RUNTIME_API int
sigmoid_attn_runtime_launch(SigmoidAttnKernel *kernel,
                            const SigmoidAttnArgument *arguments, size_t count,
                            void *stream);

/* Sets name to the name of the recipe's variant that the arguments would take
   on a device of sm_count multiprocessors; it lives as long as the kernel. */
SIGMOID_ATTN_RUNTIME_API int sigmoid_attn_runtime_select_variant(
    const SigmoidAttnKernel *kernel, const SigmoidAttnArgument *arguments,
    size_t count, int sm_count, const char **name);

/* The number of GPUs. */
SIGMOID_ATTN_RUNTIME_API int sigmoid_attn_runtime_count_devices(int *count);

/* Multiprocessors and compute capability (90 for 9.0) of a GPU. */
SIGMOID_ATTN_RUNTIME_API int
sigmoid_attn_runtime_describe_device(int device, int *sm_count,
                                     int *compute_capability);

/* Memory of a GPU, for programs without a CUDA library of their own. Copies
   wait until they are done. */
SIGMOID_ATTN_RUNTIME_API int
sigmoid_attn_runtime_allocate(int device, size_t size, void **address);
SIGMOID_ATTN_RUNTIME_API int sigmoid_attn_runtime_free(int device,
                                                       void *address);
SIGMOID_ATTN_RUNTIME_API int
sigmoid_attn_runtime_copy_to_device(int device, void *target,
                                    const void *source, size_t size);
SIGMOID_ATTN_RUNTIME_API int
sigmoid_attn_runtime_copy_to_host(int device, void *target, const void *source,
                                  size_t size);

/* Waits for everything on a GPU, and reports what failed there. */
SIGMOID_ATTN_RUNTIME_API int sigmoid_attn_runtime_synchronize(int device);

#ifdef __cplusplus
}
#endif

#endif /* SIGMOID_ATTN_C_RUNTIME_H */
