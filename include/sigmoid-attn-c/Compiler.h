/*===----------------------------------------------------------------------===*\
|*
|* Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
|* Exceptions. See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|*
|* The just-in-time compiler for C and for every language that calls C: MLIR or
|* a description of an attention operation in, a function to call out. In
|* libSigmoidAttnC.
|*
|* Functions that can fail return an error code, 0 for success, and set the text
|* that sigmoid_attn_last_error gives. All may be called from several threads at
|* once. Nothing prints, throws or ends the process. Objects are released by
|* their owner, to whom the functions that make them give them. A null object is
|* nothing to release, and has no arguments, results or arrays.
|*
\*===----------------------------------------------------------------------===*/

#ifndef SIGMOID_ATTN_C_COMPILER_H
#define SIGMOID_ATTN_C_COMPILER_H

#include "sigmoid-attn-c/Support.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIGMOID_ATTN_C_API __attribute__((visibility("default")))

/* The values of sigmoid_attn::Target. */
enum {
  SigmoidAttnTargetAuto = 0,
  SigmoidAttnTargetCPU = 1,
  SigmoidAttnTargetSM90 = 2
};

/* The values of sigmoid_attn::SigmoidAttentionSpec::Bias. */
enum {
  SigmoidAttnBiasNone = 0,
  SigmoidAttnBiasScalar = 1,
  SigmoidAttnBiasPerHead = 2,
  SigmoidAttnBiasPerScore = 3
};

typedef struct SigmoidAttnCompiler SigmoidAttnCompiler;
typedef struct SigmoidAttnFunction SigmoidAttnFunction;
typedef struct SigmoidAttnResults SigmoidAttnResults;

/* How to compile; all zeros is the default. */
typedef struct SigmoidAttnCompilerOptions {
  int32_t target;
  /* Options of the target's pipeline, such as "raise=false"; null is none. */
  const char *pipeline_options;
  /* The folder of the disk cache; "" keeps nothing on disk, and null leaves it
     to the environment variable SIGMOID_ATTN_CACHE_DIR. */
  const char *cache_directory;
  /* The folder for the IR after each phase; "" writes nothing, and null leaves
     it to the environment variable SIGMOID_ATTN_DUMP. */
  const char *dump_directory;
} SigmoidAttnCompilerOptions;

/* One attention operation; see sigmoid_attn::SigmoidAttentionSpec for the
   function that it becomes. */
typedef struct SigmoidAttnSpec {
  /* SigmoidAttnF16, SigmoidAttnBF16 or SigmoidAttnF32. */
  int32_t element_type;
  /* 0 or 1 each. */
  int32_t causal;
  int32_t backward;
  int32_t has_scale;
  /* A SigmoidAttnBias value. */
  int32_t bias;
  /* 0 or 1 each: whether there is a window_left, a window_right. */
  int32_t has_window_left;
  int32_t has_window_right;
  int32_t reserved;
  int64_t head_dim;
  /* 0 is the same as head_dim. */
  int64_t value_head_dim;
  int64_t window_left;
  int64_t window_right;
} SigmoidAttnSpec;

/* An array in host memory; a scalar has rank 0. */
typedef struct SigmoidAttnArray {
  int32_t element_type;
  int32_t rank;
  void *data;
  /* As many as the rank. */
  const int64_t *sizes;
  /* As many as the rank, in elements; null is dense row-major. */
  const int64_t *strides;
} SigmoidAttnArray;

/* The text of the calling thread's last failure: lower case, no final period.
   Valid until the thread's next failure. */
SIGMOID_ATTN_C_API const char *sigmoid_attn_last_error(void);

/* The project's version, such as "0.1.0". */
SIGMOID_ATTN_C_API const char *sigmoid_attn_version(void);

/* Makes a compiler; null options are the default ones. */
SIGMOID_ATTN_C_API int
sigmoid_attn_compiler_create(const SigmoidAttnCompilerOptions *options,
                             SigmoidAttnCompiler **compiler);
SIGMOID_ATTN_C_API void
sigmoid_attn_compiler_release(SigmoidAttnCompiler *compiler);

/* Compiles MLIR text or bytecode of `size` bytes. `entry` names the function to
   call; null or "" is the only public one. */
SIGMOID_ATTN_C_API int
sigmoid_attn_compile_source(SigmoidAttnCompiler *compiler, const char *source,
                            size_t size, const char *entry,
                            SigmoidAttnFunction **function);

/* Compiles a file of MLIR text or bytecode. */
SIGMOID_ATTN_C_API int
sigmoid_attn_compile_file(SigmoidAttnCompiler *compiler, const char *path,
                          const char *entry, SigmoidAttnFunction **function);

/* Compiles an attention operation. */
SIGMOID_ATTN_C_API int
sigmoid_attn_compile_spec(SigmoidAttnCompiler *compiler,
                          const SigmoidAttnSpec *spec,
                          SigmoidAttnFunction **function);

/* A function does not need its compiler any more. */
SIGMOID_ATTN_C_API void
sigmoid_attn_function_release(SigmoidAttnFunction *function);

/* What the function was compiled for, never SigmoidAttnTargetAuto. */
SIGMOID_ATTN_C_API int32_t
sigmoid_attn_function_target(const SigmoidAttnFunction *function);

/* The function's type. A type is MLIR's, such as "tensor<?x64xf32>", lives as
   long as the function, and is null beyond the last one. */
SIGMOID_ATTN_C_API size_t
sigmoid_attn_function_num_arguments(const SigmoidAttnFunction *function);
SIGMOID_ATTN_C_API size_t
sigmoid_attn_function_num_results(const SigmoidAttnFunction *function);
SIGMOID_ATTN_C_API const char *
sigmoid_attn_function_argument_type(const SigmoidAttnFunction *function,
                                    size_t index);
SIGMOID_ATTN_C_API const char *
sigmoid_attn_function_result_type(const SigmoidAttnFunction *function,
                                  size_t index);

/* Checks the arguments, runs the function and waits for it. If it refuses them
   (SigmoidAttnInvalidArgument), nothing was run or written. */
SIGMOID_ATTN_C_API int
sigmoid_attn_function_call(const SigmoidAttnFunction *function,
                           const SigmoidAttnArray *arguments, size_t count,
                           SigmoidAttnResults **results);

/* The results of one call, which own the memory of their arrays. */
SIGMOID_ATTN_C_API size_t
sigmoid_attn_results_count(const SigmoidAttnResults *results);
SIGMOID_ATTN_C_API int
sigmoid_attn_results_get(const SigmoidAttnResults *results, size_t index,
                         SigmoidAttnArray *array);
SIGMOID_ATTN_C_API void
sigmoid_attn_results_release(SigmoidAttnResults *results);

#ifdef __cplusplus
}
#endif

#endif /* SIGMOID_ATTN_C_COMPILER_H */
