// What the runner says of itself and of a wrong command line.

// RUN: sigmoid-attn-runner --help | FileCheck %s --check-prefix=HELP
// HELP: USAGE: sigmoid-attn-runner [options] FILE.mlir
// HELP: --entry=<string>
// HELP: --input=<file>
// HELP: --output=<file>
// HELP: --pipeline-options=<string>
// HELP: --repeat=<int>
// HELP: --target=<string>

// RUN: not sigmoid-attn-runner 2>&1 | FileCheck %s --check-prefix=NOFILE
// NOFILE: sigmoid-attn-runner: error: expected a file to run

// RUN: not sigmoid-attn-runner %s --colour=blue 2>&1 | FileCheck %s --check-prefix=OPTION
// OPTION: Unknown command line argument '--colour=blue'

// RUN: not sigmoid-attn-runner %s --target=gpu 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: error: unknown target 'gpu', expected auto, cpu or sm_90a

// RUN: not sigmoid-attn-runner %s --repeat=-2 2>&1 | FileCheck %s --check-prefix=REPEAT
// REPEAT: error: expected a repeat count of at least 0, got -2

// RUN: not sigmoid-attn-runner %s --pipeline-options=colour=blue 2>&1 | FileCheck %s --check-prefix=PIPELINE
// PIPELINE: error: pipeline options 'colour=blue' are not valid: {{.*}}no such option colour

// RUN: not sigmoid-attn-runner %s --input=%t.missing.npy --output=%t.npy 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: error: cannot read '{{.*}}.missing.npy': no such file or directory

// RUN: not sigmoid-attn-runner %s --output=%t.npy 2>&1 | FileCheck %s --check-prefix=INPUTS
// INPUTS: error: 'f' takes 1 inputs, got 0

func.func @f(%x: f32) -> f32 { return %x : f32 }
