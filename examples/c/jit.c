/*===----------------------------------------------------------------------===*\
|*
|* Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
|* Exceptions. See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|*
|* Compiles a function just in time and calls it, from C.
|*
\*===----------------------------------------------------------------------===*/

#include "sigmoid-attn-c/Compiler.h"

#include <stdio.h>
#include <string.h>

/* One query for each of two heads over three keys that the heads share. A score
   region gives each head a bias of its own. */
static const char *const kSource =
    "func.func @attend(%q: tensor<1x2x1x4xf32>, %k: tensor<1x1x3x4xf32>,\n"
    "                  %bias: tensor<2xf32>) -> tensor<1x2x1x4xf32> {\n"
    "  %o = attn.sigmoid_attention %q, %k, %k\n"
    "      score(%s, %batch, %head, %i, %j) {\n"
    "    %b = tensor.extract %bias[%head] : tensor<2xf32>\n"
    "    %y = arith.addf %s, %b : f32\n"
    "    attn.yield %y : f32\n"
    "  } : (tensor<1x2x1x4xf32>, tensor<1x1x3x4xf32>,\n"
    "       tensor<1x1x3x4xf32>) -> tensor<1x2x1x4xf32>\n"
    "  return %o : tensor<1x2x1x4xf32>\n"
    "}\n";

static int fail(void) {
  fprintf(stderr, "c-jit: error: %s\n", sigmoid_attn_last_error());
  return 1;
}

static int run(const SigmoidAttnFunction *attend) {
  float queries[2 * 4], keys[3 * 4], biases[2] = {-2.0f, -100.0f};
  int64_t query_sizes[] = {1, 2, 1, 4}, key_sizes[] = {1, 1, 3, 4};
  int64_t bias_sizes[] = {2};
  for (int i = 0; i < 8; ++i)
    queries[i] = 1.0f;
  for (int i = 0; i < 12; ++i)
    keys[i] = 1.0f;
  SigmoidAttnArray arguments[] = {
      {SigmoidAttnF32, 4, queries, query_sizes, NULL},
      {SigmoidAttnF32, 4, keys, key_sizes, NULL},
      {SigmoidAttnF32, 1, biases, bias_sizes, NULL},
  };

  SigmoidAttnResults *results;
  if (sigmoid_attn_function_call(attend, arguments, 3, &results))
    return fail();
  SigmoidAttnArray output;
  if (sigmoid_attn_results_get(results, 0, &output))
    return fail();
  /* Head 0: q.k / 2 - 2 is 0, so three keys of weight 1/2. Head 1: none. */
  for (int head = 0; head < 2; ++head)
    printf("head %d: %.2f\n", head, ((float *)output.data)[head * 4]);
  sigmoid_attn_results_release(results);
  return 0;
}

int main(void) {
  SigmoidAttnCompilerOptions options = {0};
  options.target = SigmoidAttnTargetCPU;
  SigmoidAttnCompiler *compiler;
  if (sigmoid_attn_compiler_create(&options, &compiler))
    return fail();
  SigmoidAttnFunction *attend;
  if (sigmoid_attn_compile_source(compiler, kSource, strlen(kSource), "attend",
                                  &attend))
    return fail();
  int status = run(attend);
  sigmoid_attn_function_release(attend);
  sigmoid_attn_compiler_release(compiler);
  return status;
}
