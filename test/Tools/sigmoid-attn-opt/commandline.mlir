// The habits of mlir-opt that a user of sigmoid-attn-opt expects.

// RUN: sigmoid-attn-opt --help | FileCheck %s --check-prefix=HELP
// RUN: sigmoid-attn-opt --show-dialects | FileCheck %s --check-prefix=DIALECTS
// RUN: sigmoid-attn-opt --version | FileCheck %s --check-prefix=VERSION
// RUN: not sigmoid-attn-opt %s --no-such-pass 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not sigmoid-attn-opt %t.missing 2>&1 | FileCheck %s --check-prefix=MISSING

// HELP: OVERVIEW: Sigmoid attention optimizer driver
// HELP: Passes:
// HELP: --load-dialect-plugin
// HELP: --load-pass-plugin
// HELP: --split-input-file

// DIALECTS: Available Dialects
// DIALECTS-SAME: attn
// DIALECTS-SAME: linalg

// VERSION: LLVM version 22.1

// UNKNOWN: Unknown command line argument '--no-such-pass'

// MISSING: cannot open input file '{{.*}}.missing'
