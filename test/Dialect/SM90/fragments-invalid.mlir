// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics

func.func @splat_type(%x: f32) {
  // expected-error @+1 {{'sm90.splat' op expected an f32 fragment, got '!sm90.fragment<64x8xbf16>'}}
  %s = sm90.splat %x : !sm90.fragment<64x8xbf16>
  return
}

// -----

func.func @convert_types(%x: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.convert' op expected to round f32 to bf16 or f16, got 'f32' and 'f32'}}
  %s = sm90.convert %x : !sm90.fragment<64x8xf32> to !sm90.fragment<64x8xf32>
  return
}

// -----

func.func @convert_columns(%x: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.convert' op expected 8 columns, got 16}}
  %s = sm90.convert %x : !sm90.fragment<64x8xf32> to !sm90.fragment<64x16xbf16>
  return
}

// -----

func.func @extract_type(%x: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.extract' op expected element type 'f32', got 'bf16'}}
  %s = sm90.extract %x[0] : !sm90.fragment<64x8xf32> to !sm90.fragment<64x8xbf16>
  return
}

// -----

func.func @extract_column(%x: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.extract' op expected the column to be a multiple of 8, got 4}}
  %s = sm90.extract %x[4] : !sm90.fragment<64x8xf32> to !sm90.fragment<64x8xf32>
  return
}

// -----

func.func @extract_columns(%x: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.extract' op columns 8 to 16 exceed the 8 of the source}}
  %s = sm90.extract %x[8] : !sm90.fragment<64x8xf32> to !sm90.fragment<64x8xf32>
  return
}

// -----

func.func @concat_type(%x: !sm90.fragment<64x8xf32>, %y: !sm90.fragment<64x8xbf16>) {
  // expected-error @+1 {{'sm90.concat' op expected element type 'f32', got 'bf16'}}
  %s = sm90.concat %x, %y : !sm90.fragment<64x8xf32>, !sm90.fragment<64x8xbf16> to !sm90.fragment<64x16xf32>
  return
}

// -----

func.func @concat_columns(%x: !sm90.fragment<64x8xf32>) {
  // expected-error @+1 {{'sm90.concat' op expected a result of 16 columns, got 8}}
  %s = sm90.concat %x, %x : !sm90.fragment<64x8xf32>, !sm90.fragment<64x8xf32> to !sm90.fragment<64x8xf32>
  return
}

// -----

func.func @store_matrix_type(%x: !sm90.fragment<64x8xf32>, %t: !sm90.tile<64x8xbf16>) {
  // expected-error @+1 {{'sm90.store_matrix' op expected a fragment of 'bf16', got 'f32'}}
  sm90.store_matrix %x to %t : !sm90.fragment<64x8xf32>, !sm90.tile<64x8xbf16>
  return
}

// -----

func.func @store_matrix_size(%x: !sm90.fragment<64x8xbf16>, %t: !sm90.tile<64x16xbf16>) {
  // expected-error @+1 {{'sm90.store_matrix' op expected a tile of 64x8, got 64x16}}
  sm90.store_matrix %x to %t : !sm90.fragment<64x8xbf16>, !sm90.tile<64x16xbf16>
  return
}
