// Arrays that the runner refuses: one message, exit status 1, no output file.

// REQUIRES: python-numpy
// DEFINE: %{make} = %python %S/Inputs/npy.py make
// DEFINE: %{run} = not sigmoid-attn-runner %s --input=%t/a.npy --input=%t/b.npy --output=%t/o.npy

// RUN: rm -rf %t && mkdir -p %t
// RUN: %{make} %t/a.npy "np.ones((2, 3), np.float32)"

// RUN: %{make} %t/b.npy "np.ones((2, 3, 1), np.float32)"
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=RANK
// RANK: error: argument 1 of 'f': expected rank 2 for tensor<?x3xf32>, got rank 3

// RUN: %{make} %t/b.npy "np.ones((2, 4), np.float32)"
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=SHAPE
// SHAPE: error: argument 1 of 'f': expected shape ?x3, got 2x4

// RUN: %{make} %t/b.npy "np.ones((5, 3), np.float32)"
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=AGREE
// AGREE: error: argument 1 of 'f': expected dimension 0 to be 2 (dimension 0 of argument 0), got 5

// RUN: %{make} %t/b.npy "np.ones((2, 3), np.float64)"
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: error: '{{.*}}b.npy': expected float32 data ('<f4'), got '<f8'

// RUN: %{make} %t/b.npy "np.ones((2, 3), '>f4')"
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=ENDIAN
// ENDIAN: error: '{{.*}}b.npy': expected float32 data ('<f4'), got '>f4'

// RUN: %{make} %t/b.npy "np.asfortranarray(np.ones((2, 3), np.float32))"
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=ORDER
// ORDER: error: '{{.*}}b.npy': expected data in C order, got Fortran order

// RUN: %{make} %t/b.npy "np.ones((2, 3), np.float32)"
// RUN: %python %S/Inputs/npy.py truncate %t/b.npy -1
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=SHORT
// SHORT: error: '{{.*}}b.npy': expected 24 bytes of data for shape 2x3, got 23
// RUN: %python %S/Inputs/npy.py truncate %t/b.npy 30
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=HEADER
// HEADER: error: '{{.*}}b.npy': is truncated in its header
// RUN: %python %S/Inputs/npy.py truncate %t/b.npy 0
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=MAGIC

// RUN: %{make} %t/b.npy "np.ones((2, 3), np.float32)"
// RUN: %python %S/Inputs/npy.py patch %t/b.npy 0 00
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=MAGIC
// MAGIC: error: '{{.*}}b.npy': is not a .npy file
// RUN: %{make} %t/b.npy "np.ones((2, 3), np.float32)"
// RUN: %python %S/Inputs/npy.py patch %t/b.npy 6 0900
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=VERSION
// VERSION: error: '{{.*}}b.npy': has .npy version 9.0, expected 1.0, 2.0 or 3.0

// RUN: rm %t/b.npy
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: error: cannot read '{{.*}}b.npy': no such file or directory

// RUN: %{make} %t/b.npy "np.ones((2, 3), np.float32)"
// RUN: %{run} --output=%t/o2.npy 2>&1 | FileCheck %s --check-prefix=OUTPUTS
// OUTPUTS: error: 'f' gives 1 outputs, got 2
// RUN: %{run} --input=%t/a.npy 2>&1 | FileCheck %s --check-prefix=INPUTS
// INPUTS: error: 'f' takes 2 inputs, got 3
// RUN: not sigmoid-attn-runner %s --input=%t/a.npy --input=%t/b.npy --output=%t/missing/o.npy 2>&1 | FileCheck %s --check-prefix=FOLDER
// FOLDER: error: cannot write '{{.*}}missing/o.npy': no such file or directory

// RUN: not ls %t/o.npy %t/o2.npy

func.func @f(%a: tensor<?x3xf32>, %b: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %sum = linalg.add ins(%a, %b : tensor<?x3xf32>, tensor<?x3xf32>) outs(%a : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %sum : tensor<?x3xf32>
}
