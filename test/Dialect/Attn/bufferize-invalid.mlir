// RUN: sigmoid-attn-opt %s -one-shot-bufferize="must-infer-memory-space" -verify-diagnostics

!t = tensor<1x1x4x4xf32>
!m = memref<1x1x4x4xf32, 3>
func.func @output_memory_space(%m: !m) -> !t {
  %q = bufferization.to_tensor %m restrict : !m to !t
  // expected-error@+2 {{expected a memory space for 'tensor<1x1x4x4xf32>'}}
  // expected-error@+1 {{failed to bufferize op}}
  %o = attn.sigmoid_attention %q, %q, %q : (!t, !t, !t) -> !t
  return %o : !t
}
