// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{expected a tile of bf16 or f16, got 'f32'}}
func.func private @tile_type(!sm90.tile<64x64xf32>)

// -----

// expected-error @+1 {{expected rows to be a positive multiple of 8, got 60}}
func.func private @tile_rows(!sm90.tile<60x64xbf16>)

// -----

// expected-error @+1 {{expected columns to be a positive multiple of 8, got 60}}
func.func private @tile_cols(!sm90.tile<64x60xbf16>)

// -----

// expected-error @+1 {{expected box_rows to be a multiple of 8 and at least the 64 rows, got 32}}
func.func private @tile_box_rows(!sm90.tile<64x64xbf16, box_rows = 32>)

// -----

// expected-error @+1 {{expected 2 sizes, got 1}}
func.func private @tile_rank(!sm90.tile<64xbf16>)

// -----

// expected-error @+1 {{expected at least 1 stage, got 0}}
func.func private @ring_stages(!sm90.ring<0, i32>)

// -----

// expected-error @+1 {{expected a ring to hold tiles or one i32, got 'f32'}}
func.func private @ring_payload(!sm90.ring<2, f32>)

// -----

// expected-error @+1 {{expected a ring to hold whole tiles, got the slice '!sm90.tile<64x64xbf16, box_rows = 128>'}}
func.func private @ring_slice(!sm90.ring<2, !sm90.tile<64x64xbf16, box_rows = 128>>)

// -----

// expected-error @+1 {{expected at least 1 stage, got 0}}
func.func private @cursor_stages(!sm90.cursor<0>)

// -----

// expected-error @+1 {{expected a fragment of f32, bf16 or f16, got 'i32'}}
func.func private @fragment_type(!sm90.fragment<64x8xi32>)

// -----

// expected-error @+1 {{expected 64 rows, one warpgroup's share, got 128}}
func.func private @fragment_rows(!sm90.fragment<128x8xf32>)

// -----

// expected-error @+1 {{expected columns to be a positive multiple of 8, got 12}}
func.func private @fragment_cols(!sm90.fragment<64x12xf32>)

// -----

// expected-error @+1 {{expected a product to accumulate in f32, got 'bf16'}}
func.func private @pending_type(!sm90.pending<64x8xbf16>)
