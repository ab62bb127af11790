// The runner reads float32 arrays, converts them to the types of the function,
// and writes results, then written memrefs, as float32.

// REQUIRES: python-numpy

// RUN: %python %S/Inputs/npy.py make %t.a.npy "np.float32([[1, 2, 3], [4, 5, 6]])"
// RUN: %python %S/Inputs/npy.py make %t.half.npy "np.float32(0.5)"
// RUN: %python %S/Inputs/npy.py make %t.out.npy "np.zeros((2, 3), np.float32)"

// RUN: sigmoid-attn-runner %s --entry=tensors --input=%t.a.npy --input=%t.half.npy --output=%t.1.npy --output=%t.2.npy
// RUN: %python %S/Inputs/npy.py check %t.1.npy "[[2, 4, 6], [8, 10, 12]]"
// RUN: %python %S/Inputs/npy.py check %t.2.npy "0.5"

// RUN: sigmoid-attn-runner %s --entry=memrefs --target=cpu --input=%t.a.npy --input=%t.out.npy --output=%t.3.npy
// RUN: %python %S/Inputs/npy.py check %t.3.npy "[[1, 2, 3], [4, 5, 6]]"

// Arithmetic on whole tensors.
// RUN: sigmoid-attn-runner %s --entry=arithmetic --target=cpu --input=%t.a.npy --output=%t.6.npy
// RUN: %python %S/Inputs/npy.py check %t.6.npy "[[0, 2, 6], [12, 20, 30]]"

// RUN: sigmoid-attn-runner %s --entry=undefined --target=cpu --input=%t.a.npy --output=%t.7.npy

// Rounded to bfloat16 on the way in: 257 has nine significant bits.
// RUN: %python %S/Inputs/npy.py make %t.big.npy "np.float32([[257, 259], [1, 2]])"
// RUN: sigmoid-attn-runner %s --entry=tensors --input=%t.big.npy --input=%t.half.npy --output=%t.4.npy --output=%t.5.npy
// RUN: %python %S/Inputs/npy.py check %t.4.npy "[[512, 520], [2, 4]]"

// Repeating prints times, of which only the form is known.
// RUN: sigmoid-attn-runner %s --entry=tensors --input=%t.a.npy --input=%t.half.npy --output=%t.1.npy --output=%t.2.npy --repeat=3 | FileCheck %s
// CHECK: compile: {{[0-9.]+}} s for cpu
// CHECK: run: median {{[0-9.]+}} ms, lowest {{[0-9.]+}}, highest {{[0-9.]+}}, 3 runs

func.func @tensors(%a: tensor<?x?xbf16>, %x: f16) -> (tensor<?x?xbf16>, f16) {
  %twice = linalg.add ins(%a, %a : tensor<?x?xbf16>, tensor<?x?xbf16>) outs(%a : tensor<?x?xbf16>) -> tensor<?x?xbf16>
  return %twice, %x : tensor<?x?xbf16>, f16
}

func.func @arithmetic(%a: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %b = arith.mulf %a, %a : tensor<?x?xf32>
  %c = arith.subf %b, %a : tensor<?x?xf32>
  %d = math.absf %c : tensor<?x?xf32>
  return %d : tensor<?x?xf32>
}

func.func @memrefs(%a: memref<2x3xf32>, %out: memref<2x3xf32>) {
  linalg.copy ins(%a : memref<2x3xf32>) outs(%out : memref<2x3xf32>)
  return
}

// What is undefined is anything, but compiles.
func.func @undefined(%a: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %x = ub.poison : f32
  %b = linalg.fill ins(%x : f32) outs(%a : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %b : tensor<?x?xf32>
}
