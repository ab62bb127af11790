// Releases that do it well compile the kernels of a module side by side, on a thread
// each; older ones are not asked to, and nobody is for one kernel. The program stands
// for ptxas and logs how it was called.
//
// RUN: rm -rf %t && split-file %s %t && chmod +x %t/new %t/old
// RUN: sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries=ptxas=%t/new | FileCheck %s --check-prefix=NEW
// RUN: sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries=ptxas=%t/old | FileCheck %s --check-prefix=OLD

// NEW: ptxas_log = "-arch=sm_90a -O3 -v {{[^ ]*}}.ptx -o {{[^ ]*}}.cubin -split-compile=2\0A"
// NEW: ptxas_log = "-arch=sm_90a -O3 -v {{[^ ]*}}.ptx -o {{[^ ]*}}.cubin\0A"
// OLD: ptxas_log = "-arch=sm_90a -O3 -v {{[^ ]*}}.ptx -o {{[^ ]*}}.cubin\0A"

//--- input.mlir
gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">, assembly = ".version 8.0\0A.visible .entry a() { ret; }\0A.visible .entry b() { ret; }">]
gpu.binary @kernel [#gpu.object<#nvvm.target<chip = "sm_90a">, assembly = ".version 8.0\0A.visible .entry a() { ret; }">]

//--- new
#!/bin/sh
if [ "$1" = --version ]; then echo "release 12.9, V12.9.86"; exit; fi
echo "$@"
while [ "$1" != -o ]; do shift; done
printf CODE > "$2"

//--- old
#!/bin/sh
if [ "$1" = --version ]; then echo "release 12.8, V12.8.93"; exit; fi
echo "$@"
while [ "$1" != -o ]; do shift; done
printf CODE > "$2"
