// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics

func.func @transposed_registers(%a: !sm90.fragment<64x64xbf16>, %b: !sm90.tile<64x64xbf16>) {
  // expected-error @+1 {{'sm90.wgmma' op expected transpose_a only on a tile}}
  %p = sm90.wgmma %a transpose_a, %b : !sm90.fragment<64x64xbf16>, !sm90.tile<64x64xbf16>
      -> !sm90.pending<64x64xf32>
  return
}

// -----

func.func @types(%a: !sm90.tile<64x64xbf16>, %b: !sm90.tile<64x64xf16>) {
  // expected-error @+1 {{'sm90.wgmma' op expected a and b of the same type, got 'bf16' and 'f16'}}
  %p = sm90.wgmma %a, %b : !sm90.tile<64x64xbf16>, !sm90.tile<64x64xf16>
      -> !sm90.pending<64x64xf32>
  return
}

// -----

func.func @rows(%a: !sm90.tile<128x64xbf16>, %b: !sm90.tile<64x64xbf16>) {
  // expected-error @+1 {{'sm90.wgmma' op expected 64 rows of a, got 128}}
  %p = sm90.wgmma %a, %b : !sm90.tile<128x64xbf16>, !sm90.tile<64x64xbf16>
      -> !sm90.pending<64x64xf32>
  return
}

// -----

func.func @contraction(%a: !sm90.tile<64x64xbf16>, %b: !sm90.tile<32x64xbf16>) {
  // expected-error @+1 {{'sm90.wgmma' op expected contractions of the same length, got 64 in a and 32 in b}}
  %p = sm90.wgmma %a, %b : !sm90.tile<64x64xbf16>, !sm90.tile<32x64xbf16>
      -> !sm90.pending<64x64xf32>
  return
}

// -----

func.func @contraction_step(%a: !sm90.tile<64x24xbf16>, %b: !sm90.tile<24x64xbf16>) {
  // expected-error @+1 {{'sm90.wgmma' op expected a contraction that is a multiple of 16, got 24}}
  %p = sm90.wgmma %a, %b : !sm90.tile<64x24xbf16>, !sm90.tile<24x64xbf16>
      -> !sm90.pending<64x64xf32>
  return
}

// -----

func.func @columns(%a: !sm90.tile<64x64xbf16>, %b: !sm90.tile<64x264xbf16>) {
  // expected-error @+1 {{'sm90.wgmma' op expected at most 256 columns of b, got 264}}
  %p = sm90.wgmma %a, %b : !sm90.tile<64x64xbf16>, !sm90.tile<64x264xbf16>
      -> !sm90.pending<64x264xf32>
  return
}

// -----

func.func @result(%a: !sm90.tile<64x64xbf16>, %b: !sm90.tile<64x64xbf16>) {
  // expected-error @+1 {{'sm90.wgmma' op expected a result of 64 columns, got 32}}
  %p = sm90.wgmma %a, %b : !sm90.tile<64x64xbf16>, !sm90.tile<64x64xbf16>
      -> !sm90.pending<64x32xf32>
  return
}

// -----

func.func @init(%a: !sm90.tile<64x64xbf16>, %b: !sm90.tile<64x64xbf16>, %i: !sm90.fragment<64x32xf32>) {
  // expected-error @+1 {{'sm90.wgmma' op expected to accumulate on '!sm90.fragment<64x64xf32>', got '!sm90.fragment<64x32xf32>'}}
  %p = sm90.wgmma %a, %b into %i : !sm90.tile<64x64xbf16>, !sm90.tile<64x64xbf16>, !sm90.fragment<64x32xf32>
      -> !sm90.pending<64x64xf32>
  return
}

// -----

func.func @await_nothing() {
  // expected-error @+1 {{'sm90.await' op expected at least 1 pending fragment}}
  "sm90.await"() {operandSegmentSizes = array<i32: 0, 0>} : () -> ()
  return
}

// -----

func.func @await_in_flight(%p: !sm90.pending<64x64xf32>) {
  // expected-error @+1 {{'sm90.await' op expected at most 7 groups in flight, got 8}}
  %s = sm90.await %p in_flight(8) : !sm90.pending<64x64xf32>
  return
}
