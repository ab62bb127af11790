// RUN: sigmoid-attn-opt %s --sm90-translate-to-ptx -split-input-file -verify-diagnostics

// expected-error@+1 {{expected one target, for NVIDIA, as nvvm-attach-target attaches it, got none}}
gpu.module @no_target {
}

// -----

// expected-error@+1 {{expected one target, for NVIDIA, as nvvm-attach-target attaches it, got [#rocdl.target]}}
gpu.module @other_target [#rocdl.target] {
}

// -----

// expected-error@+1 {{cannot translate it to LLVM IR}}
gpu.module @not_lowered [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel(%x: i32) attributes {nvvm.kernel} {
    // expected-error@+1 {{cannot be converted to LLVM IR: missing `LLVMTranslationDialectInterface` registration for dialect for op: arith.addi}}
    %y = arith.addi %x, %x : i32
    llvm.return
  }
}

// -----

// expected-error@+1 {{Failed to lookup target for triple 'no-such-machine'}}
gpu.module @no_machine [#nvvm.target<triple = "no-such-machine">] {
  llvm.func @first() attributes {nvvm.kernel} {
    llvm.return
  }
  llvm.func @second() attributes {nvvm.kernel} {
    llvm.return
  }
}
