// Each phase takes up where the one before it ended.

// RUN: sigmoid-attn-opt %s --attn-cpu-raising-pipeline | FileCheck %s --check-prefix=RAISED
// RUN: sigmoid-attn-opt %s --attn-cpu-raising-pipeline=raise=false | FileCheck %s --check-prefix=UNFUSED
// RUN: sigmoid-attn-opt %s --attn-cpu-raising-pipeline --attn-cpu-fusion-pipeline --attn-cpu-bufferization-pipeline | FileCheck %s --check-prefix=BUFFERS
// RUN: sigmoid-attn-opt %s --attn-cpu-raising-pipeline --attn-cpu-fusion-pipeline --attn-cpu-bufferization-pipeline --attn-cpu-loops-pipeline=vector-bits=256 | FileCheck %s --check-prefix=LOOPS
// RUN: sigmoid-attn-opt %s --attn-lower-to-cpu-pipeline | FileCheck %s --check-prefix=LLVM
// RUN: sigmoid-attn-opt %s --attn-lower-to-cpu-pipeline=raise=false | FileCheck %s --check-prefix=LLVM

// RAISED: attn.sigmoid_attention
// UNFUSED-NOT: attn.sigmoid_attention
// UNFUSED: linalg.batch_matmul
// UNFUSED: linalg.batch_matmul

// BUFFERS: func.func @f(%{{.*}}: memref<2x?x16xf32, strided<[?, ?, 1], offset: ?>>, {{.*}}) -> memref<2x?x16xf32>
// BUFFERS: attn.sigmoid_attention {{.*}} outs(

// No buffer of the scores, queries x keys, and nothing but loops and vectors.
// LOOPS-NOT: linalg
// LOOPS-NOT: attn
// LOOPS-NOT: memref<{{.*}}?x?xf32>
// LOOPS: scf.parallel
// LOOPS: scf.for
// LOOPS: vector.fma {{.*}} : vector<8xf32>
// LOOPS: scf.reduce

// LLVM-DAG: llvm.func @f(
// LLVM-DAG: llvm.func @_mlir_ciface_f(
// LLVM-DAG: omp.wsloop
// LLVM-DAG: llvm.intr.fma
// LLVM-NOT: unrealized_conversion_cast

func.func @f(%q: tensor<2x?x16xf32>, %k: tensor<2x16x?xf32>, %v: tensor<2x?x16xf32>) -> tensor<2x?x16xf32> {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c1 : tensor<2x?x16xf32>
  %m = tensor.dim %k, %c2 : tensor<2x16x?xf32>
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %scale = arith.constant 0.25 : f32
  %se = tensor.empty(%n, %m) : tensor<2x?x?xf32>
  %sz = linalg.fill ins(%zero : f32) outs(%se : tensor<2x?x?xf32>) -> tensor<2x?x?xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<2x?x16xf32>, tensor<2x16x?xf32>) outs(%sz : tensor<2x?x?xf32>) -> tensor<2x?x?xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(b, i, j) -> (b, i, j)>, affine_map<(b, i, j) -> (b, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s : tensor<2x?x?xf32>) outs(%se : tensor<2x?x?xf32>) {
  ^bb0(%x: f32, %y: f32):
    %a = arith.mulf %x, %scale : f32
    %b = arith.negf %a : f32
    %c = math.exp %b : f32
    %d = arith.addf %one, %c : f32
    %e = arith.divf %one, %d : f32
    linalg.yield %e : f32
  } -> tensor<2x?x?xf32>
  %oe = tensor.empty(%n) : tensor<2x?x16xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%oe : tensor<2x?x16xf32>) -> tensor<2x?x16xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x?x?xf32>, tensor<2x?x16xf32>) outs(%oz : tensor<2x?x16xf32>) -> tensor<2x?x16xf32>
  return %o : tensor<2x?x16xf32>
}
