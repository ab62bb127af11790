// Tables that LLVM makes of branches have a name of their own in each kernel:
// the second one of @a would be called as the first one of @a1 is.
// RUN: sigmoid-attn-opt %s --sm90-translate-to-ptx | FileCheck %s

// CHECK: .b8 switch_$_table_$_a_$_0[
// CHECK-SAME: .b8 switch_$_table_$_a1_$_0[
// CHECK-SAME: .visible .entry a(
// CHECK-SAME: .b8 switch_$_table_$_a1_$_1[
// CHECK-SAME: .visible .entry a1(
// CHECK-SAME: switch_$_table_$_a1_$_1;
gpu.module @kernels [#nvvm.target<O = 3, chip = "sm_90a">] {
  llvm.func @a(%out: !llvm.ptr<1>, %n: i32) attributes {nvvm.kernel} {
    %c0 = llvm.mlir.constant(3 : i32) : i32
    %c1 = llvm.mlir.constant(100 : i32) : i32
    %c2 = llvm.mlir.constant(7 : i32) : i32
    %c3 = llvm.mlir.constant(22 : i32) : i32
    %c4 = llvm.mlir.constant(91 : i32) : i32
    llvm.switch %n : i32, ^end(%c0, %c1 : i32, i32) [
      0: ^end(%c0, %c1 : i32, i32),
      1: ^end(%c1, %c4 : i32, i32),
      2: ^end(%c2, %c2 : i32, i32),
      3: ^end(%c3, %c0 : i32, i32),
      4: ^end(%c4, %c3 : i32, i32)
    ]
  ^end(%x: i32, %y: i32):
    llvm.store volatile %x, %out : i32, !llvm.ptr<1>
    llvm.store volatile %y, %out : i32, !llvm.ptr<1>
    llvm.return
  }
  llvm.func @a1(%out: !llvm.ptr<1>, %n: i32) attributes {nvvm.kernel} {
    %c0 = llvm.mlir.constant(3 : i32) : i32
    %c1 = llvm.mlir.constant(100 : i32) : i32
    %c2 = llvm.mlir.constant(7 : i32) : i32
    %c3 = llvm.mlir.constant(22 : i32) : i32
    %c4 = llvm.mlir.constant(91 : i32) : i32
    llvm.switch %n : i32, ^end(%c0 : i32) [
      0: ^end(%c0 : i32),
      1: ^end(%c1 : i32),
      2: ^end(%c2 : i32),
      3: ^end(%c3 : i32),
      4: ^end(%c4 : i32)
    ]
  ^end(%x: i32):
    llvm.store volatile %x, %out : i32, !llvm.ptr<1>
    llvm.return
  }
}
