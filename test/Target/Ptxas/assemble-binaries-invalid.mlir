// Programs that stand for ptxas, because a good one says none of this.
// Messages come without the op, which holds all of the code.
//
// RUN: rm -rf %t && split-file %s %t && chmod +x %t/old %t/slow %t/broken %t/mute %t/empty %t/garbage %t/good/ptxas
// RUN: not sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries=ptxas=%t/none 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries=ptxas=%t/old 2>&1 | FileCheck %s --check-prefix=OLD
// RUN: not sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries=ptxas=%t/mute 2>&1 | FileCheck %s --check-prefix=MUTE
// RUN: not sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries=ptxas=%t/slow 2>&1 | FileCheck %s --check-prefix=SLOW --implicit-check-not="see current operation"
// RUN: sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries='ptxas=%t/slow strict=false' 2>&1 | FileCheck %s --check-prefix=LAX
// RUN: not sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries=ptxas=%t/broken 2>&1 | FileCheck %s --check-prefix=BROKEN --implicit-check-not="see current operation"
// RUN: not sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries=format=elf 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: env SIGMOID_ATTN_PTXAS=%t/old not sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries 2>&1 | FileCheck %s --check-prefix=OLD
// RUN: env -u SIGMOID_ATTN_PTXAS CUDA_HOME=%t PATH=%t not %bin_dir/sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries 2>%t/missing; FileCheck %s --check-prefix=MISSING --implicit-check-not="see current operation" < %t/missing

// RUN: env SIGMOID_ATTN_LOG=1 sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries='ptxas=%t/slow strict=false' 2>&1 | FileCheck %s --check-prefix=LOG

// LOG: ptxas 13.0 can reuse register operands of wgmma early (fixed in 13.3); convert-sm90-to-nvvm{keep-operands} keeps them
// RUN: not sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries=ptxas=%t/empty 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: not sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries=ptxas=%t/garbage 2>&1 | FileCheck %s --check-prefix=GARBAGE
// RUN: env PATH=%t not %bin_dir/sigmoid-attn-opt %t/input.mlir '--sm90-assemble-binaries=ptxas=%t/good/ptxas format=fatbin' 2>%t/alone; FileCheck %s --check-prefix=ALONE < %t/alone
// RUN: env TMPDIR=%t/nowhere not sigmoid-attn-opt %t/input.mlir --sm90-assemble-binaries=ptxas=%t/good/ptxas 2>&1 | FileCheck %s --check-prefix=NOWHERE

// NONE: error: expected ptxas at {{.*}}/none, found no program there
// OLD: error: {{.*}}/old: expected ptxas 12.4 or newer, got 12.3
// MUTE: error: {{.*}}/mute: expected ptxas to name its release, got 'hello'
// SLOW: error: ptxas: (C7512) Potential Performance Loss: wgmma.mma_async instructions are serialized
// SLOW: error: ptxas: fwd spills registers: 8 bytes of stores, 12 bytes of loads
// LAX: warning: ptxas: (C7512)
// LAX: bin = "CODE"
// BROKEN: error: {{.*}}/broken failed with code 1:
// BROKEN-NEXT: ptxas fatal : no such thing
// FORMAT: error: expected format to be isa, bin or fatbin, got 'elf'
// MISSING: error: found no ptxas: name one by the option ptxas or the environment's SIGMOID_ATTN_PTXAS or put it on PATH; format=isa needs none
// EMPTY: error: {{.*}}/empty wrote no cubin:
// EMPTY-NEXT: nothing to do
// GARBAGE: error: cannot run {{.*}}/garbage: {{.+}}
// ALONE: error: found no fatbinary beside {{.*}}/good/ptxas or on PATH; format=bin needs none
// NOWHERE: error: cannot write a temporary file: No such file or directory

//--- input.mlir
gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a">, assembly = ".version 8.0">]

//--- old
#!/bin/sh
echo "Cuda compilation tools, release 12.3, V12.3.107"

//--- mute
#!/bin/sh
echo "hello"

//--- slow
#!/bin/sh
if [ "$1" = --version ]; then echo "release 13.0, V13.0.88"; exit; fi
while [ "$1" != -o ]; do shift; done
printf CODE > "$2"
echo "ptxas info    : (C7519) warpgroup.arrive is injected"
echo "ptxas info    : (C7512) Potential Performance Loss: wgmma.mma_async instructions are serialized due to insufficient register resources"
echo "ptxas info    : Function properties for fwd"
echo "    16 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads"

//--- broken
#!/bin/sh
if [ "$1" = --version ]; then echo "release 13.0, V13.0.88"; exit; fi
echo "ptxas fatal : no such thing" >&2
exit 1

//--- empty
#!/bin/sh
if [ "$1" = --version ]; then echo "release 13.0, V13.0.88"; exit; fi
echo "nothing to do"

//--- garbage
no program

//--- good/ptxas
#!/bin/sh
if [ "$1" = --version ]; then echo "release 13.0, V13.0.88"; exit; fi
while [ "$1" != -o ]; do shift; done
printf CODE > "$2"
