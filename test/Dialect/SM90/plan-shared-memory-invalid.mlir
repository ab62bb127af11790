// RUN: sigmoid-attn-opt %s --sm90-plan-shared-memory -verify-diagnostics

// expected-error @+1 {{needs 262196 bytes of shared memory, but a block has at most 232448}}
sm90.kernel @too_big() {
  // expected-note @+1 {{this takes 65536 bytes}}
  %q = sm90.alloc_tile : !sm90.tile<256x128xbf16>
  // expected-note @+1 {{this takes 196608 bytes}}
  %k = sm90.alloc_ring readers(1) per warpgroup : !sm90.ring<2, !sm90.tile<128x128xbf16>, !sm90.tile<256x128xbf16>>
  // A message counts too, but does not decide.
  %b = sm90.alloc_ring readers(1) per warp : !sm90.ring<1, i32>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}
