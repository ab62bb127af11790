// What a model does around its attention is refused with its place, not lost.

// RUN: sigmoid-attn-opt %s -attn-lower-to-nvvm-pipeline=format=isa -split-input-file -verify-diagnostics

!t = tensor<1x2x?x64xbf16>
func.func @sum_before(%q: !t, %k: !t, %v: !t) -> !t {
  // expected-error@+1 {{expected only scalar arithmetic beside the attention on sm_90a}}
  %s = arith.addf %q, %q : !t
  %o = attn.sigmoid_attention %s, %k, %v : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x?x64xf32>
func.func @f32(%q: !t, %k: !t, %v: !t) -> !t {
  // expected-error@+1 {{expected query elements of bf16 or f16 on sm_90a, got f32 (the CPU pipeline takes f32)}}
  %o = attn.sigmoid_attention %q, %k, %v : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x?x64xbf16>
func.func @gradient(%q: !t, %k: !t, %v: !t, %do: !t) -> (!t, !t, !t) {
  // expected-error@+1 {{expected forward attention on sm_90a (the CPU pipeline takes the gradient)}}
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %v, %do : (!t, !t, !t, !t) -> (!t, !t, !t)
  return %dq, %dk, %dv : !t, !t, !t
}

// -----

!t = tensor<1x2x?x64xbf16>
func.func @function_of_a_library(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.sigmoid_attention %q, %k, %v score(%x, %b, %h, %i, %j) {
    // expected-error@+1 {{expected a function that sm_90a computes, or that attn-approximate-math replaces, got math.atan of 'f32'}}
    %y = math.atan %x : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x?x64xbf16>
func.func @wide_function(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.sigmoid_attention %q, %k, %v score(%x, %b, %h, %i, %j) {
    %wide = arith.extf %x : f32 to f64
    // expected-error@+1 {{replaces, got math.tanh of 'f64'}}
    %tanh = math.tanh %wide fastmath<afn> : f64
    %y = arith.truncf %tanh : f64 to f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x?x64xbf16>
func.func @function_that_nothing_lowers(%q: !t, %k: !t, %v: !t) -> !t {
  %zero = arith.constant 0.0 : f32
  %o = attn.sigmoid_attention %q, %k, %v score(%x, %b, %h, %i, %j) {
    // expected-error@+1 {{replaces, got math.isinf of 'f32'}}
    %is_infinite = math.isinf %x : f32
    %y = arith.select %is_infinite, %zero, %x : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x?x64xbf16>
func.func @intrinsic(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.sigmoid_attention %q, %k, %v score(%x, %b, %h, %i, %j) {
    // expected-error@+1 {{replaces, got llvm.intr.sin of 'f32'}}
    %y = llvm.intr.sin(%x) : (f32) -> f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x2x?x64xbf16>
func.func @other_machine(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.sigmoid_attention %q, %k, %v score(%x, %b, %h, %i, %j) {
    // expected-error@+1 {{expected an operation that sm_90a computes, got rocdl.workitem.id.x}}
    %lane = rocdl.workitem.id.x : i32
    %number = arith.sitofp %lane : i32 to f32
    %y = arith.addf %x, %number : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}
