// The key loops of a window stand in a loop of two rounds, which LLVM's own
// pipeline counts by a predicate. Nothing else differs from what the passes for
// a kernel by itself make, but which of a sum and a shift comes first.
// RUN: sigmoid-attn-opt %s --attn-nvvm-schedule-pipeline=sigmoid=fast --attn-nvvm-kernel-pipeline --attn-nvvm-to-llvm-pipeline --nvvm-attach-target="O=3 chip=sm_90a features=+ptx83" -o %t
// RUN: sigmoid-attn-opt %t --sm90-translate-to-ptx | sed -f %S/Inputs/lines.sed > %t.own
// RUN: sigmoid-attn-opt %t --gpu-module-to-binary=format=isa | sed -f %S/Inputs/lines.sed > %t.upstream
// RUN: not diff -U0 %t.own %t.upstream > %t.diff
// RUN: FileCheck %s < %t.diff

!q = tensor<?x?x?x64xbf16>

// Lines of the text, without the numbers of registers.
// CHECK: - {{.*}}add.s32 %r, %r, 1;
// CHECK-NOT: {{^[-+].*(tanh|wgmma|mbarrier|bar\.|cp\.|ld\.|st\.|fma|bra)}}
func.func @window(%q: !q, %k: !q, %v: !q, %scale: f32, %bias: f32) -> !q {
  %o = attn.sigmoid_attention %q, %k, %v scale(%scale) bias(%bias) mask<window 100, 0>
    : (!q, !q, !q) -> !q
  return %o : !q
}
