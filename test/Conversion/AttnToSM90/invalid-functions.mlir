// What is around the attention.

// RUN: sigmoid-attn-opt %s -convert-attn-to-sm90 -split-input-file -verify-diagnostics

!t = memref<1x2x?x64xf16>
func.func @gradient(%q: !t, %o: !t) {
  // expected-error@+1 {{expected forward attention on sm_90a (the CPU pipeline takes the gradient)}}
  attn.sigmoid_attention_backward %q, %q, %q, %q outs(%o, %o, %o : !t, !t, !t) : (!t, !t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
// expected-error@+1 {{expected one block on sm_90a, got 2}}
func.func @blocks(%q: !t, %o: !t) {
  cf.br ^next
^next:
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
func.func @inner(%q: !t, %o: !t, %b: i1) {
  scf.if %b {
    // expected-error@+1 {{expected func.func as parent on sm_90a, got scf.if}}
    attn.sigmoid_attention %q, %q, %q outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  }
  return
}

// -----

!t = memref<1x2x?x64xf16>
!s = memref<1x2x?x64xf16, strided<[?, ?, ?, 1], offset: ?>>
func.func @view(%q: !s, %o: !t) {
  %k = memref.cast %q : !s to !t
  // expected-error@+1 {{expected query to be an argument of the function on sm_90a}}
  attn.sigmoid_attention %k, %k, %k outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
!s = memref<1x2x?x64xf16, strided<[?, ?, ?, 1], offset: ?>>
func.func @output(%q: !t, %o: !s) {
  %p = memref.cast %o : !s to !t
  // expected-error@+1 {{expected the output to be an argument or the result of the function on sm_90a}}
  attn.sigmoid_attention %q, %q, %q outs(%p : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
func.func @table(%q: !t, %o: !t, %a: memref<?xf32>) {
  %b = memref.cast %a : memref<?xf32> to memref<4xf32>
  attn.sigmoid_attention %q, %q, %q outs(%o : !t)
      score(%x, %n, %h, %i, %j) {
    // expected-error@+1 {{expected a load from an argument of the function or a constant on sm_90a}}
    %y = memref.load %b[%h] : memref<4xf32>
    attn.yield %y : f32
  } schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
// expected-error@+1 {{expected argument argument_2 to be a memref or scalar of bf16, f16, f32, f64, i32 or i64 on sm_90a, got 'memref<?xindex>'}}
func.func @indices(%q: !t, %o: !t, %a: memref<?xindex>) {
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
// expected-error@+1 {{expected only loads from query and its sizes in constant dimensions on sm_90a}}
func.func @size_of_any_dimension(%q: !t, %o: !t) {
  attn.sigmoid_attention %q, %q, %q outs(%o : !t)
      score(%x, %n, %h, %i, %j) {
    %size = memref.dim %q, %h : !t
    %integer = arith.index_cast %size : index to i32
    %number = arith.sitofp %integer : i32 to f32
    %y = arith.addf %x, %number : f32
    attn.yield %y : f32
  } schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
// expected-error@+1 {{expected no call of a function that becomes a kernel on sm_90a}}
func.func @called(%q: !t, %o: !t) {
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  return
}
func.func @caller(%q: !t, %o: !t) {
  func.call @called(%q, %o) : (!t, !t) -> ()
  return
}

// -----

!t = memref<1x2x?x64xf16>
memref.global "private" @variable : memref<2xf32> = dense<1.0>
func.func @no_constant(%q: !t, %o: !t) {
  %table = memref.get_global @variable : memref<2xf32>
  attn.sigmoid_attention %q, %q, %q outs(%o : !t)
      score(%x, %n, %h, %i, %j) {
    // expected-error@+1 {{expected a load from an argument of the function or a constant on sm_90a}}
    %y = memref.load %table[%h] : memref<2xf32>
    attn.yield %y : f32
  } schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
// expected-error@+1 {{expected no gpu.module beside attention on sm_90a, got @mine}}
gpu.module @mine {
  gpu.func @copy() kernel {
    gpu.return
  }
}
func.func @beside_device_code(%q: !t, %o: !t) {
  // expected-note@+1 {{the attention}}
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  return
}

// -----

!t = memref<1x2x?x64xf16>
// expected-error@+1 {{expected no gpu.binary beside attention on sm_90a, got @mine}}
gpu.binary @mine [#gpu.object<#nvvm.target, "">]
func.func @beside_a_binary(%q: !t, %o: !t) {
  // expected-note@+1 {{the attention}}
  attn.sigmoid_attention %q, %q, %q outs(%o : !t) schedule<query_tile = 64, key_tile = 16, query_stages = 1, key_stages = 1, value_stages = 1, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined> : (!t, !t, !t)
  return
}

// -----

// Without attention device code is not this pass's.
gpu.module @mine {
  gpu.func @copy() kernel {
    gpu.return
  }
}
