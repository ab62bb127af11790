// A pass that fails leaves a file which says how to run it again.

// RUN: not sigmoid-attn-opt %s --attn-select-schedule --mlir-pass-pipeline-crash-reproducer=%t.mlir 2>&1 \
// RUN: | FileCheck %s --check-prefix=ERROR
// RUN: FileCheck %s --check-prefix=FILE < %t.mlir
// RUN: not sigmoid-attn-opt --run-reproducer %t.mlir 2>&1 | FileCheck %s --check-prefix=AGAIN

// ERROR: error: Failures have been detected while processing an MLIR pass pipeline
// ERROR: reproducer generated at `{{.*}}.mlir`

// FILE: attn.sigmoid_attention
// FILE: mlir_reproducer
// FILE: pipeline: "builtin.module(attn-select-schedule

// AGAIN: error: 'attn.sigmoid_attention' op

func.func @f32_has_no_schedule(%q: tensor<1x1x64x64xf32>) -> tensor<1x1x64x64xf32> {
  %o = attn.sigmoid_attention %q, %q, %q : (tensor<1x1x64x64xf32>, tensor<1x1x64x64xf32>, tensor<1x1x64x64xf32>) -> tensor<1x1x64x64xf32>
  return %o : tensor<1x1x64x64xf32>
}
