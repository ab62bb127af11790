// RUN: sigmoid-attn-opt %s -sm90-pipeline-key-loop -split-input-file -verify-diagnostics

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!p = !sm90.fragment<64x32xbf16>

sm90.kernel @one_product(%n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    // expected-error@+1 {{expected 2 sm90.wgmma in a key loop, got 1}}
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !sm90.pending<64x32xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x32xf32>
      sm90.release %k_ring[%kc] : !ring
      %w = sm90.map %s : (!s) -> !s {
      ^bb0(%x: f32):
        %y = math.tanh %x : f32
        sm90.yield %y : f32
      }
      %p = sm90.convert %w : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %w, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<pipelined>}
  }
  sm90.return
}

// -----

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!p = !sm90.fragment<64x32xbf16>

sm90.kernel @other_sum(%n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    // expected-error@+1 {{expected a product of queries and keys, and one of converted weights and values that adds to what the loop carries}}
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !sm90.pending<64x32xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x32xf32>
      sm90.release %k_ring[%kc] : !ring
      %w = sm90.map %s : (!s) -> !s {
      ^bb0(%x: f32):
        %y = math.tanh %x : f32
        sm90.yield %y : f32
      }
      %p = sm90.convert %w : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o0 : !p, !tile, !s -> !sm90.pending<64x32xf32>
      sm90.commit
      %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x32xf32>
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<pipelined>}
  }
  sm90.return
}

// -----

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!p = !sm90.fragment<64x32xbf16>

sm90.kernel @cursor(%n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    // expected-error@+1 {{expected a key loop to carry the output and to advance a cursor for keys and one for values}}
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !sm90.pending<64x32xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x32xf32>
      sm90.release %k_ring[%kc] : !ring
      %w = sm90.map %s : (!s) -> !s {
      ^bb0(%x: f32):
        %y = math.tanh %x : f32
        sm90.yield %y : f32
      }
      %p = sm90.convert %w : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x32xf32>
      sm90.commit
      %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x32xf32>
      sm90.release %v_ring[%vc] : !ring
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kc, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<pipelined>}
  }
  sm90.return
}

// -----

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!p = !sm90.fragment<64x32xbf16>

sm90.kernel @no_release(%n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    // expected-error@+1 {{expected a key loop to release keys and values}}
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !sm90.pending<64x32xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x32xf32>
      sm90.release %k_ring[%kc] : !ring
      %w = sm90.map %s : (!s) -> !s {
      ^bb0(%x: f32):
        %y = math.tanh %x : f32
        sm90.yield %y : f32
      }
      %p = sm90.convert %w : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x32xf32>
      sm90.commit
      %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x32xf32>
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<pipelined>}
  }
  sm90.return
}

// -----

!tile = !sm90.tile<32x32xbf16>
!q = !sm90.tile<64x32xbf16>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!s = !sm90.fragment<64x32xf32>
!p = !sm90.fragment<64x32xbf16>

sm90.kernel @other_op(%n: i32) {
  %k_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %v_ring = sm90.alloc_ring readers(1) per warpgroup : !ring
  %q = sm90.alloc_tile : !q
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    %start = sm90.start : !cursor
    %o0 = sm90.splat %zero : !s
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%o = %o0, %kc = %start, %vc = %start) -> (!s, !cursor, !cursor) : i32 {
      %k = sm90.wait %k_ring[%kc] : !ring -> !tile
      %ps = sm90.wgmma %q, %k transpose_b : !q, !tile -> !sm90.pending<64x32xf32>
      sm90.commit
      %s = sm90.await %ps : !sm90.pending<64x32xf32>
      sm90.release %k_ring[%kc] : !ring
      %w = sm90.map %s : (!s) -> !s {
      ^bb0(%x: f32):
        %y = math.tanh %x : f32
        sm90.yield %y : f32
      }
      %p = sm90.convert %w : !s to !p
      %v = sm90.wait %v_ring[%vc] : !ring -> !tile
      %po = sm90.wgmma %p, %v into %o : !p, !tile, !s -> !sm90.pending<64x32xf32>
      sm90.commit
      %on = sm90.await %po keep(%p : !p) : !sm90.pending<64x32xf32>
      sm90.release %v_ring[%vc] : !ring
    // expected-error@+1 {{expected no such op in a key loop}}
      nvvm.barrier
      %kn = sm90.advance %kc : !cursor
      %vn = sm90.advance %vc : !cursor
      scf.yield %on, %kn, %vn : !s, !cursor, !cursor
    } {sm90.overlap = #sm90.overlap<pipelined>}
  }
  sm90.return
}

// -----

sm90.kernel @by_twos(%n: i32) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    // expected-error@+1 {{expected a key loop to go up by 1 in i32, and to compare signed numbers}}
    scf.for %j = %c0 to %n step %c2 : i32 {
    } {sm90.overlap = #sm90.overlap<chunked>}
  }
  sm90.return
}

// -----

sm90.kernel @unsigned(%n: i32) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    // expected-error@+1 {{expected a key loop to go up by 1 in i32, and to compare signed numbers}}
    scf.for unsigned %j = %c0 to %n step %c1 : i32 {
    } {sm90.overlap = #sm90.overlap<chunked>}
  }
  sm90.return
}

// -----

sm90.kernel @by_index(%n: i32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  sm90.warp_specialize producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%warpgroup: i32):
    // expected-error@+1 {{expected a key loop to go up by 1 in i32, and to compare signed numbers}}
    scf.for %j = %c0 to %c1 step %c1 {
    } {sm90.overlap = #sm90.overlap<chunked>}
  }
  sm90.return
}
