/*===----------------------------------------------------------------------===*\
|*
|* Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
|* Exceptions. See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* Compiles a function just in time and calls it, from C.
|*
|*   c-jit [cpu|sm_90a]
|*
|* Without a target it takes the GPU if there is one.
|*
\*===----------------------------------------------------------------------===*/

#include "sigmoid-attn-c/Compiler.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* One query for each of two heads over three keys that the heads share. A score
   region gives each head a bias of its own. */
static const char *const kSource =
    "func.func @attend(%q: tensor<1x2x1x64xbf16>, %k: tensor<1x1x3x64xbf16>,\n"
    "                  %bias: tensor<2xf32>) -> tensor<1x2x1x64xbf16> {\n"
    "  %o = attn.sigmoid_attention %q, %k, %k\n"
    "      score(%s, %batch, %head, %i, %j) {\n"
    "    %b = tensor.extract %bias[%head] : tensor<2xf32>\n"
    "    %y = arith.addf %s, %b : f32\n"
    "    attn.yield %y : f32\n"
    "  } : (tensor<1x2x1x64xbf16>, tensor<1x1x3x64xbf16>,\n"
    "       tensor<1x1x3x64xbf16>) -> tensor<1x2x1x64xbf16>\n"
    "  return %o : tensor<1x2x1x64xbf16>\n"
    "}\n";

static int fail(void) {
  fprintf(stderr, "c-jit: error: %s\n", sigmoid_attn_last_error());
  return 1;
}

static int run(const SigmoidAttnFunction *attend) {
  uint16_t queries[2 * 64], keys[3 * 64];
  float biases[2] = {-8.0f, -100.0f};
  int64_t query_sizes[] = {1, 2, 1, 64}, key_sizes[] = {1, 1, 3, 64};
  int64_t bias_sizes[] = {2};
  for (int i = 0; i < 2 * 64; ++i)
    queries[i] = 0x3f80; /* 1 in bf16 */
  for (int i = 0; i < 3 * 64; ++i)
    keys[i] = 0x3f80;
  SigmoidAttnArray arguments[] = {
      {SigmoidAttnBF16, 4, queries, query_sizes, NULL},
      {SigmoidAttnBF16, 4, keys, key_sizes, NULL},
      {SigmoidAttnF32, 1, biases, bias_sizes, NULL},
  };

  SigmoidAttnResults *results;
  if (sigmoid_attn_function_call(attend, arguments, 3, &results))
    return fail();
  SigmoidAttnArray output;
  if (sigmoid_attn_results_get(results, 0, &output))
    return fail();
  printf("target: %s\n",
         sigmoid_attn_function_target(attend) == SigmoidAttnTargetCPU
             ? "cpu"
             : "sm_90a");
  /* Head 0: q.k / 8 - 8 is 0, so three keys of weight 1/2. Head 1: none. A bf16
     is the upper half of a float. */
  for (int head = 0; head < 2; ++head) {
    union {
      uint32_t bits;
      float value;
    } first;
    first.bits = (uint32_t)((uint16_t *)output.data)[head * 64] << 16;
    printf("head %d: %.2f\n", head, first.value);
  }
  sigmoid_attn_results_release(results);
  return 0;
}

int main(int argc, char **argv) {
  SigmoidAttnCompilerOptions options = {0};
  if (argc > 2 || (argc == 2 && strcmp(argv[1], "cpu") != 0 &&
                   strcmp(argv[1], "sm_90a") != 0)) {
    fprintf(stderr, "usage: c-jit [cpu|sm_90a]\n");
    return 1;
  }
  options.target = argc < 2                       ? SigmoidAttnTargetAuto
                   : strcmp(argv[1], "cpu") == 0 ? SigmoidAttnTargetCPU
                                                  : SigmoidAttnTargetSM90;
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
