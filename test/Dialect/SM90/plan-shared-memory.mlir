// RUN: sigmoid-attn-opt %s --sm90-plan-shared-memory | FileCheck %s

// Tiles first, then the barriers, full and empty, then messages.
// CHECK-LABEL: sm90.kernel @plan() attributes {shared_memory = 41052 : i64}
sm90.kernel @plan() {
  // CHECK: sm90.alloc_ring readers(1) per warpgroup at(0, barriers 40960) : !sm90.ring<2, !sm90.tile<64x72xbf16>>
  %a = sm90.alloc_ring readers(1) per warpgroup : !sm90.ring<2, !sm90.tile<64x72xbf16>>
  // CHECK: sm90.alloc_ring readers(1) per warp at(41040, barriers 40992) : !sm90.ring<2, i32>
  %b = sm90.alloc_ring readers(1) per warp : !sm90.ring<2, i32>
  // What has a place gets a new one.
  // CHECK: sm90.alloc_tile at(32768) : !sm90.tile<64x64xbf16>
  %c = sm90.alloc_tile at(0) : !sm90.tile<64x64xbf16>
  // CHECK: sm90.alloc_ring readers(1) per warp at(41048, barriers 41024)
  %d = sm90.alloc_ring readers(1) per warp : !sm90.ring<1, i32>
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%wg: i32):
  }
  sm90.return
}
