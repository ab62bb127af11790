// RUN: not sigmoid-attn-opt %s -attn-select-schedule="loop=round" 2>&1 | FileCheck %s --check-prefix=LOOP
// RUN: not sigmoid-attn-opt %s -attn-select-schedule="ping-pong=maybe" 2>&1 | FileCheck %s --check-prefix=TURNS
// RUN: not sigmoid-attn-opt %s -attn-select-schedule="grid=random" 2>&1 | FileCheck %s --check-prefix=GRID
// RUN: not sigmoid-attn-opt %s -attn-select-schedule="sigmoid=best" 2>&1 | FileCheck %s --check-prefix=SIGMOID
// RUN: not sigmoid-attn-opt %s -attn-select-schedule="key-tile=40" 2>&1 | FileCheck %s --check-prefix=TILE
// RUN: not sigmoid-attn-opt %s -attn-select-schedule="key-tile=112 key-stages=4" 2>&1 | FileCheck %s --check-prefix=FIT
// RUN: not sigmoid-attn-opt %s -attn-select-schedule="cluster=3" 2>&1 | FileCheck %s --check-prefix=CLUSTER
// RUN: sigmoid-attn-opt %s -attn-select-schedule="cluster=2" | FileCheck %s --check-prefix=PAIR
// RUN: not sigmoid-attn-opt %s -attn-select-schedule="output-columns=100" 2>&1 | FileCheck %s --check-prefix=COLUMNS
// RUN: sigmoid-attn-opt %s -attn-select-schedule="output-columns=0" | FileCheck %s --check-prefix=NONE

// LOOP: expected option loop to be pipelined or chunked, got 'round'
// TURNS: expected option ping-pong to be true or false, got 'maybe'
// GRID: expected option grid to be static or dynamic, got 'random'
// SIGMOID: expected option sigmoid to be fast, exact or auto, got 'best'
// TILE: expected key_tile to be a multiple of 16 from 16 to 256, got 40
// CLUSTER: expected cluster to be from 1 to 2, got 3
// COLUMNS: expected output_columns to be a multiple of 64 from 0 to 256, got 100
// NONE: value_stages = 3, {{.*}}loop = pipelined, grid = dynamic>
// Addresses in a cluster take the registers of weights that would wait.
// PAIR: loop = chunked, cluster = 2,
// What was asked for and does not fit is shown as it was first tried.
// FIT: expected at most 232448 bytes of shared memory
func.func @options(%q: tensor<1x2x?x256xbf16>) -> tensor<1x2x?x256xbf16> {
  %o = attn.sigmoid_attention %q, %q, %q : (tensor<1x2x?x256xbf16>, tensor<1x2x?x256xbf16>, tensor<1x2x?x256xbf16>) -> tensor<1x2x?x256xbf16>
  return %o : tensor<1x2x?x256xbf16>
}
