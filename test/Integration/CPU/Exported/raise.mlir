// Every exported block holds one attention, and all of it is found.

// RUN: sigmoid-attn-opt %S/Inputs/vit_block_50.mlir --raise-to-attention --canonicalize | FileCheck %s --check-prefix=VIT
// RUN: sigmoid-attn-opt %S/Inputs/vit_block_50.tosa.mlir --raise-to-attention --canonicalize | FileCheck %s --check-prefix=VIT
// RUN: sigmoid-attn-opt %S/Inputs/gpt_block_48.mlir --raise-to-attention --canonicalize | FileCheck %s --check-prefix=GPT
// RUN: sigmoid-attn-opt %S/Inputs/gpt_block_48.tosa.mlir --raise-to-attention --canonicalize | FileCheck %s --check-prefix=GPT
// RUN: sigmoid-attn-opt %S/Inputs/vit_block_1025.mlir --raise-to-attention --canonicalize | FileCheck %s --check-prefix=VIT-LONG
// RUN: sigmoid-attn-opt %S/Inputs/gpt_block_1024.mlir --raise-to-attention --canonicalize | FileCheck %s --check-prefix=GPT-LONG

// The bias is -log(50); the scale is the default one.
// VIT: %[[BIAS:.*]] = arith.constant -3.91202307 : f32
// VIT-NOT: tensor<{{.*}}50x50x
// VIT: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} bias(%[[BIAS]]) : (tensor<2x2x50x32xf32>, tensor<2x2x50x32xf32>, tensor<2x2x50x32xf32>) -> tensor<2x2x50x32xf32>
// VIT-NOT: attn.sigmoid_attention
// VIT-NOT: tensor<{{.*}}50x50x

// Four query heads over two key heads, causal; the bias is -log(48).
// GPT: %[[BIAS:.*]] = arith.constant -3.871{{.*}} : f32
// GPT-NOT: x48x48x
// GPT: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} bias(%[[BIAS]]) mask<causal> : (tensor<1x4x48x16xf32>, tensor<1x2x48x16xf32>, tensor<1x2x48x16xf32>) -> tensor<1x4x48x16xf32>
// GPT-NOT: attn.sigmoid_attention
// GPT-NOT: x48x48x

// VIT-LONG-COUNT-1: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} bias(%{{.*}}) : (tensor<1x2x1025x32xf32>,
// VIT-LONG-NOT: attn.sigmoid_attention

// GPT-LONG-COUNT-1: attn.sigmoid_attention %{{.*}}, %{{.*}}, %{{.*}} bias(%{{.*}}) mask<causal> : (tensor<1x4x1024x16xf32>, tensor<1x2x1024x16xf32>,
// GPT-LONG-NOT: attn.sigmoid_attention
