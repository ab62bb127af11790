// A kernel touches no register of a product in flight. The same is asked of every
// shipped schedule by test/Integration/SM90/assemble.test, where nvdisasm is
// found.
//
// REQUIRES: ptxas, nvdisasm
// RUN: sigmoid-attn-opt %s -attn-lower-to-nvvm-pipeline=format=bin | sigmoid-attn-pack -o %t.sak
// RUN: %python %source_root/scripts/check_sass.py --nvdisasm %nvdisasm %t.sak | FileCheck %s
// CHECK: {{[1-9][0-9]*}} HGMMA, 0 hazards

// RUN: sigmoid-attn-opt %s -attn-lower-to-nvvm-pipeline=format=isa | sigmoid-attn-pack -o %t.ptx.sak
// RUN: not %python %source_root/scripts/check_sass.py --nvdisasm %nvdisasm %t.ptx.sak 2>&1 | FileCheck %s --check-prefix=PTX
// PTX: expected a cubin in the kernel file, found none

!t = tensor<?x?x?x64xbf16>
func.func @attend(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.sigmoid_attention %q, %k, %v mask<causal> : (!t, !t, !t) -> !t
  return %o : !t
}
