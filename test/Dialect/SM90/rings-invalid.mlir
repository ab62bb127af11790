// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics

sm90.kernel @tile_slice() {
  // expected-error @+1 {{'sm90.alloc_tile' op expected a whole tile, got the slice '!sm90.tile<64x64xbf16, box_rows = 128>'}}
  %t = sm90.alloc_tile : !sm90.tile<64x64xbf16, box_rows = 128>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @tile_offset() {
  // expected-error @+1 {{expected the offset to be a multiple of 1024, got 512}}
  %t = sm90.alloc_tile at(512) : !sm90.tile<64x64xbf16>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @ring_readers() {
  // expected-error @+1 {{expected at least 1 reader, got 0}}
  %t = sm90.alloc_ring readers(0) per warp : !sm90.ring<1, i32>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @message_scope() {
  // expected-error @+1 {{expected a message ring to be released per warp}}
  %t = sm90.alloc_ring readers(1) per warpgroup : !sm90.ring<1, i32>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @ring_offset() {
  // expected-error @+1 {{expected the offset to be a multiple of 1024, got 8}}
  %t = sm90.alloc_ring readers(1) per warp at(8, barriers 0) : !sm90.ring<1, !sm90.tile<64x64xbf16>>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @ring_barriers() {
  // expected-error @+1 {{expected the barriers' offset to be a multiple of 8, got 4}}
  %t = sm90.alloc_ring readers(1) per warp at(1024, barriers 4) : !sm90.ring<1, !sm90.tile<64x64xbf16>>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @ring_barriers_negative() {
  // expected-error @+1 {{expected the barriers' offset to be a multiple of 8, got -8}}
  %t = sm90.alloc_ring readers(1) per warp at(1024, barriers -8) : !sm90.ring<1, !sm90.tile<64x64xbf16>>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

func.func @slice_type(%t: !sm90.tile<64x128xbf16>, %r: i32) {
  // expected-error @+1 {{'sm90.slice' op expected element type 'bf16', got 'f16'}}
  %s = sm90.slice %t[%r, 0] : !sm90.tile<64x128xbf16>
      to !sm90.tile<64x64xf16>
  return
}

// -----

func.func @slice_box_rows(%t: !sm90.tile<64x128xbf16>, %r: i32) {
  // expected-error @+1 {{'sm90.slice' op expected box_rows = 64, got 32}}
  %s = sm90.slice %t[%r, 0] : !sm90.tile<64x128xbf16>
      to !sm90.tile<32x64xbf16>
  return
}

// -----

func.func @slice_column(%t: !sm90.tile<64x128xbf16>, %r: i32) {
  // expected-error @+1 {{'sm90.slice' op expected the column to be a multiple of 8, got 4}}
  %s = sm90.slice %t[%r, 4] : !sm90.tile<64x128xbf16>
      to !sm90.tile<64x64xbf16>
  return
}

// -----

func.func @slice_columns(%t: !sm90.tile<64x128xbf16>, %r: i32) {
  // expected-error @+1 {{'sm90.slice' op columns 72 to 136 exceed the 128 of the source}}
  %s = sm90.slice %t[%r, 72] : !sm90.tile<64x128xbf16>
      to !sm90.tile<64x64xbf16>
  return
}

// -----

func.func @slice_straddles(%t: !sm90.tile<64x128xbf16>, %r: i32) {
  // expected-error @+1 {{'sm90.slice' op columns 32 to 96 straddle boxes of 64 columns}}
  %s = sm90.slice %t[%r, 32] : !sm90.tile<64x128xbf16>
      to !sm90.tile<64x64xbf16>
  return
}

// -----

func.func @slice_row(%t: !sm90.tile<64x128xbf16>, %r: i32) {
  %c = arith.constant 4 : i32
  // expected-error @+1 {{'sm90.slice' op expected the row to be a multiple of 8, got 4}}
  %s = sm90.slice %t[%c, 0] : !sm90.tile<64x128xbf16>
      to !sm90.tile<32x64xbf16, box_rows = 64>
  return
}

// -----

func.func @slice_rows(%t: !sm90.tile<64x128xbf16>, %r: i32) {
  %c = arith.constant 40 : i32
  // expected-error @+1 {{'sm90.slice' op rows 40 to 72 exceed the 64 of the source}}
  %s = sm90.slice %t[%c, 0] : !sm90.tile<64x128xbf16>
      to !sm90.tile<32x64xbf16, box_rows = 64>
  return
}

// -----

sm90.kernel @message_offset() {
  // expected-error @+1 {{expected the offset of messages to be a multiple of 4, got 2}}
  %t = sm90.alloc_ring readers(1) per warp at(2, barriers 0) : !sm90.ring<1, i32>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

func.func @ring_not_allocated(%r: !sm90.ring<2, !sm90.tile<64x64xbf16>>, %c: !sm90.cursor<2>) {
  // expected-error @+1 {{'sm90.release' op failed to verify that the ring is a result of sm90.alloc_ring}}
  sm90.release %r[%c] : !sm90.ring<2, !sm90.tile<64x64xbf16>>
  return
}

// -----

sm90.kernel @wait_results() {
  %r = sm90.alloc_ring readers(1) per warp : !sm90.ring<2, !sm90.tile<64x64xbf16>>
  %c = sm90.start : !sm90.cursor<2>
  // expected-error @+1 {{'sm90.wait' op expected 1 results for a slot of '!sm90.ring<2, !sm90.tile<64x64xbf16>>', got 2}}
  %t:2 = sm90.wait %r[%c] : !sm90.ring<2, !sm90.tile<64x64xbf16>> -> !sm90.tile<64x64xbf16>, !sm90.tile<64x64xbf16>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @wait_result_type() {
  %r = sm90.alloc_ring readers(1) per warp : !sm90.ring<2, !sm90.tile<64x64xbf16>>
  %c = sm90.start : !sm90.cursor<2>
  // expected-error @+1 {{'sm90.wait' op expected result 0 to be '!sm90.tile<64x64xbf16>', got 'i32'}}
  %t = sm90.wait %r[%c] : !sm90.ring<2, !sm90.tile<64x64xbf16>> -> i32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @reserve_message() {
  %r = sm90.alloc_ring readers(1) per warp : !sm90.ring<2, i32>
  %c = sm90.start : !sm90.cursor<2>
  // expected-error @+1 {{'sm90.reserve' op expected 0 results for a slot of '!sm90.ring<2, i32>', got 1}}
  %t = sm90.reserve %r[%c] : !sm90.ring<2, i32> -> !sm90.tile<64x64xbf16>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}

// -----

sm90.kernel @send_to_tiles(%v: i32) {
  %r = sm90.alloc_ring readers(1) per warp : !sm90.ring<2, !sm90.tile<64x64xbf16>>
  %c = sm90.start : !sm90.cursor<2>
  // expected-error @+1 {{'sm90.send' op expected a message ring, got '!sm90.ring<2, !sm90.tile<64x64xbf16>>'}}
  sm90.send %v to %r[%c] : !sm90.ring<2, !sm90.tile<64x64xbf16>>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}
