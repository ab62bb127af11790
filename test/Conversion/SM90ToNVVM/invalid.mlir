// RUN: sigmoid-attn-opt %s --convert-sm90-to-nvvm -split-input-file -verify-diagnostics

sm90.kernel @ring_without_place() {
  // expected-error @+1 {{expected a place in shared memory: run sm90-plan-shared-memory first}}
  %r = sm90.alloc_ring readers(1) per warp : !sm90.ring<2, i32>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @tile_without_place() {
  // expected-error @+1 {{expected a place in shared memory: run sm90-plan-shared-memory first}}
  %t = sm90.alloc_tile : !sm90.tile<64x64xbf16>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @function_of_a_library() {
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
    %s = sm90.splat %zero : !sm90.fragment<64x8xf32>
    %p = sm90.map %s : (!sm90.fragment<64x8xf32>) -> !sm90.fragment<64x8xf32> {
    ^bb1(%x: f32):
      // expected-error @+1 {{expected a function that sm_90a computes, or that attn-approximate-math replaces, got math.sin of 'f32'}}
      %y = math.sin %x : f32
      sm90.yield %y : f32
    }
  }
  sm90.return
}
