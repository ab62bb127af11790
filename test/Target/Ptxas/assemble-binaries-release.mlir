// A process asks ptxas for its release once, but again if the program has changed. The
// programs stand for ptxas; one logs that it was asked, the other one is replaced when
// it has compiled something.
//
// RUN: rm -rf %t && split-file %s %t && chmod +x %t/same %t/changing %t/older
// RUN: cd %t && sigmoid-attn-opt %t/input.mlir -split-input-file --sm90-assemble-binaries=ptxas=%t/same | FileCheck %s --check-prefix=CODE
// RUN: FileCheck %s --check-prefix=ASKED < %t/log
// RUN: cd %t && not sigmoid-attn-opt %t/input.mlir -split-input-file --sm90-assemble-binaries=ptxas=%t/changing 2>&1 | FileCheck %s --check-prefix=CHANGED

// CODE-COUNT-2: bin = "CODE"
// ASKED: asked
// ASKED-NOT: asked
// CHANGED: error: {{.*}}changing: expected ptxas 12.4 or newer, got 12.3

//--- input.mlir
gpu.binary @a [#gpu.object<#nvvm.target<chip = "sm_90a">, assembly = ".version 8.0">]
// -----
gpu.binary @b [#gpu.object<#nvvm.target<chip = "sm_90a">, assembly = ".version 8.0">]

//--- same
#!/bin/sh
if [ "$1" = --version ]; then echo asked >> log; echo "release 12.9, V12.9.86"; exit; fi
while [ "$1" != -o ]; do shift; done
printf CODE > "$2"

//--- changing
#!/bin/sh
if [ "$1" = --version ]; then echo "release 12.9, V12.9.86"; exit; fi
while [ "$1" != -o ]; do shift; done
printf CODE > "$2"
mv older changing

//--- older
#!/bin/sh
echo "release 12.3, V12.3.107"
