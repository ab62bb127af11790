// The disk cache across processes: the second one loads what the first one
// compiled; a damaged entry is compiled anew and said so; several at once agree.

// REQUIRES: python-numpy
// DEFINE: %{run} = env SIGMOID_ATTN_CACHE_DIR=%t/cache SIGMOID_ATTN_LOG=1 sigmoid-attn-runner %s --input=%t/x.npy --output=%t/y.npy

// RUN: rm -rf %t && mkdir -p %t
// RUN: %python %S/Inputs/npy.py make %t/x.npy "np.float32(3)"
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=MISS
// MISS: sigmoid-attn: compiled 'f' for cpu
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=HIT
// HIT: sigmoid-attn: loaded 'f' from the cache

// RUN: %python %S/Inputs/damage.py %t/cache
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=DAMAGED
// DAMAGED: cache entry '{{.*}}' is not used: its checksum is wrong
// DAMAGED: sigmoid-attn: compiled 'f' for cpu
// RUN: %python %S/Inputs/npy.py check %t/y.npy "3"

// RUN: %python %S/Inputs/at-once.py %t/cache 4 sigmoid-attn-runner %s --input=%t/x.npy --output=%t/y.npy
// RUN: %{run} 2>&1 | FileCheck %s --check-prefix=HIT

// An empty name turns it off.
// RUN: env SIGMOID_ATTN_CACHE_DIR= SIGMOID_ATTN_LOG=1 sigmoid-attn-runner %s --input=%t/x.npy --output=%t/y.npy 2>&1 | FileCheck %s --check-prefix=MISS

func.func @f(%x: f32) -> f32 { return %x : f32 }
