// Kernels that are compiled side by side make the text that LLVM makes of them
// together: upstream's but for the time that it notes and the zero at the end.
// RUN: sigmoid-attn-opt %s --sm90-translate-to-ptx -o %t.own
// RUN: sigmoid-attn-opt %s --gpu-module-to-binary=format=isa | sed -e 's/LLVMIRToISATimeInMs = [0-9]* : i64, //' -e 's/\\00"/"/' > %t.upstream
// RUN: diff %t.own %t.upstream
// RUN: FileCheck %s < %t.own

#target = #nvvm.target<O = 3, chip = "sm_90a", features = "+ptx83">
module attributes {gpu.container_module} {
  // CHECK: gpu.binary @split [#gpu.object<#nvvm.target<
  // CHECK-SAME: properties = {O = 3 : i32}, assembly =
  // CHECK-SAME: .extern .shared .align 16 .b8 buffer[];
  // CHECK-SAME: .visible .entry first({{.*}}$L__BB0_{{.*}}.visible .entry second({{.*}}$L__BB1_{{.*}}.visible .entry third(
  gpu.module @split [#target] {
    llvm.mlir.global external @buffer() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<0 x i8>
    llvm.func @first(%n: i32) attributes {nvvm.kernel} {
      %zero = llvm.mlir.constant(0 : i32) : i32
      %more = llvm.icmp "sgt" %n, %zero : i32
      llvm.cond_br %more, ^body, ^end
    ^body:
      %buffer = llvm.mlir.addressof @buffer : !llvm.ptr<3>
      llvm.store volatile %n, %buffer : i32, !llvm.ptr<3>
      llvm.br ^end
    ^end:
      nvvm.barrier0
      llvm.return
    }
    llvm.func @second(%n: i32) attributes {nvvm.kernel} {
      %zero = llvm.mlir.constant(0 : i32) : i32
      %more = llvm.icmp "slt" %n, %zero : i32
      llvm.cond_br %more, ^body, ^end
    ^body:
      %buffer = llvm.mlir.addressof @buffer : !llvm.ptr<3>
      llvm.store volatile %n, %buffer : i32, !llvm.ptr<3>
      llvm.br ^end
    ^end:
      nvvm.barrier0
      llvm.return
    }
    llvm.func @third() attributes {nvvm.kernel} {
      llvm.return
    }
  }

  // A variable has one definition, and a function that is called is with its
  // callers: these stay together.
  // CHECK: gpu.binary @together
  gpu.module @together [#target] {
    llvm.mlir.global internal @count(7 : i32) {addr_space = 1 : i32} : i32
    llvm.func @touch() attributes {no_inline} {
      %count = llvm.mlir.addressof @count : !llvm.ptr<1>
      %n = llvm.load volatile %count : !llvm.ptr<1> -> i32
      llvm.store volatile %n, %count : i32, !llvm.ptr<1>
      llvm.return
    }
    llvm.func @one() attributes {nvvm.kernel} {
      llvm.call @touch() : () -> ()
      llvm.return
    }
    llvm.func @other() attributes {nvvm.kernel} {
      llvm.call @touch() : () -> ()
      llvm.call @touch() : () -> ()
      llvm.return
    }
  }

  // CHECK: gpu.binary @none
  gpu.module @none [#target] {
  }
}
