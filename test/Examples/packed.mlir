// The examples that launch kernel files, in C++ and C. Without a GPU they say
// what is missing.

// UNSUPPORTED: cuda

// RUN: not %build_root/examples/cpp-packed %t.missing.sak 2>&1 | FileCheck %s --check-prefix=CPP-MISSING
// CPP-MISSING: cpp-packed: error: cannot read '{{.*}}missing.sak': no such file or directory

// RUN: not %build_root/examples/c-packed %t.missing.sak 2>&1 | FileCheck %s --check-prefix=C-MISSING
// C-MISSING: c-packed: error: cannot read

// RUN: sigmoid-attn-pack %S/Inputs/packed.mlir -o %t.sak
// RUN: not %build_root/examples/cpp-packed %t.sak 2>&1 | FileCheck %s
// RUN: not %build_root/examples/c-packed %t.sak 2>&1 | FileCheck %s
// CHECK: packed: error: no NVIDIA {{driver|GPU}}: {{.*}};
