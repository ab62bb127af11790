// RUN: sigmoid-attn-opt %s | sigmoid-attn-opt | FileCheck %s
// RUN: sigmoid-attn-opt %s -mlir-print-op-generic | sigmoid-attn-opt | FileCheck %s

// The forward at d = 64 in the chunked schedule, written by hand: 256 queries by
// 64 keys a tile, four consumer warpgroups, rings of 6 stages, and one buffer of
// scores. For every 16 keys: sigmoid, round, issue that step of P V at once;
// after the last one issue Q K^T of the next block; one wait for all of it.
// Registers hold 64 x 64 scores and output, and never more than 16 keys of P.

!q_map = !nvgpu.tensormap.descriptor<tensor = memref<1x1x256x64xbf16, 3>, swizzle = swizzle_128b, l2promo = l2promo_256b, oob = zero, interleave = none>
!kv_map = !nvgpu.tensormap.descriptor<tensor = memref<1x1x64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = l2promo_256b, oob = zero, interleave = none>
!q_tile = !sm90.tile<256x64xbf16>
!mine = !sm90.tile<64x64xbf16, box_rows = 256>
!tile = !sm90.tile<64x64xbf16>
!v_chunk = !sm90.tile<16x64xbf16, box_rows = 64>
!q_ring = !sm90.ring<2, !q_tile>
!ring = !sm90.ring<6, !tile>
!tiles = !sm90.ring<2, i32>
!acc = !sm90.fragment<64x64xf32>
!pending = !sm90.pending<64x64xf32>
!chunk = !sm90.fragment<64x16xf32>
!p_chunk = !sm90.fragment<64x16xbf16>

gpu.module @kernels {
  // CHECK-LABEL: sm90.kernel @forward_chunked
  sm90.kernel @forward_chunked(%q_map: !q_map, %k_map: !kv_map, %v_map: !kv_map, %o_map: !kv_map,
                               %half_scale: f32, %half_bias: f32, %heads: i32, %q_tiles: i32,
                               %key_blocks: i32, %num_tiles: i32, %counter: !llvm.ptr<1>) {
    %q_ring = sm90.alloc_ring readers(4) per warpgroup : !q_ring
    // CHECK: sm90.alloc_ring readers(4) per warp :
    %k_ring = sm90.alloc_ring readers(4) per warp : !ring
    %v_ring = sm90.alloc_ring readers(4) per warp : !ring
    // The producer draws tiles from a counter and tells the consumers.
    // CHECK: sm90.alloc_ring readers(4) per warp : !sm90.ring<2, i32>
    %tile_ring = sm90.alloc_ring readers(4) per warp : !tiles
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %c48 = arith.constant 48 : i32
    %c64 = arith.constant 64 : i32
    %c128 = arith.constant 128 : i32
    %c256 = arith.constant 256 : i32
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %half = arith.constant 0.5 : f32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %grid = nvvm.read.ptx.sreg.nctaid.x : i32
    %last_tile = arith.subi %num_tiles, %c1 : i32
    %q_start = sm90.start : !sm90.cursor<2>
    %kv_start = sm90.start : !sm90.cursor<6>
    // CHECK: sm90.warp_specialize producer registers(24)
    sm90.warp_specialize producer registers(24) {
      scf.while (%t = %block, %qc = %q_start, %kvc = %kv_start)
          : (i32, !sm90.cursor<2>, !sm90.cursor<6>) -> (i32, !sm90.cursor<2>, !sm90.cursor<6>) {
        // CHECK: sm90.send %{{.*}} to %{{.*}}[%{{.*}}] : !sm90.ring<2, i32>
        sm90.reserve %tile_ring[%qc] : !tiles
        sm90.send %t to %tile_ring[%qc] : !tiles
        %more = arith.cmpi ult, %t, %num_tiles : i32
        scf.condition(%more) %t, %qc, %kvc : i32, !sm90.cursor<2>, !sm90.cursor<6>
      } do {
      ^bb0(%t: i32, %qc: !sm90.cursor<2>, %kvc: !sm90.cursor<6>):
        %i = arith.remui %t, %q_tiles : i32
        %bh = arith.divui %t, %q_tiles : i32
        %h = arith.remui %bh, %heads : i32
        %b = arith.divui %bh, %heads : i32
        %row = arith.muli %i, %c256 : i32
        %q = sm90.reserve %q_ring[%qc] : !q_ring -> !q_tile
        sm90.tma_load %q_map[%b, %h, %row, %c0] to %q signals %q_ring[%qc] : !q_map, !q_tile, !q_ring
        %next = scf.for %j = %c0 to %key_blocks step %c1 iter_args(%c = %kvc) -> (!sm90.cursor<6>) : i32 {
          %key = arith.muli %j, %c64 : i32
          %k = sm90.reserve %k_ring[%c] : !ring -> !tile
          sm90.tma_load %k_map[%b, %h, %key, %c0] to %k signals %k_ring[%c] : !kv_map, !tile, !ring
          %v = sm90.reserve %v_ring[%c] : !ring -> !tile
          sm90.tma_load %v_map[%b, %h, %key, %c0] to %v signals %v_ring[%c] : !kv_map, !tile, !ring
          %cn = sm90.advance %c : !sm90.cursor<6>
          scf.yield %cn : !sm90.cursor<6>
        }
        %qn = sm90.advance %qc : !sm90.cursor<2>
        // The last ticket of a launch is the last tile: then the counter is 0 again.
        %drawn = llvm.atomicrmw uinc_wrap %counter, %last_tile monotonic : !llvm.ptr<1>, i32
        %tn = arith.addi %drawn, %grid : i32
        scf.yield %tn, %qn, %next : i32, !sm90.cursor<2>, !sm90.cursor<6>
      }
    } consumers(4) registers(112) {
    ^bb0(%wg: i32):
      %my_row = arith.muli %wg, %c64 : i32
      %my_barrier = arith.addi %wg, %c1 : i32
      %leader = sm90.leader
      scf.while (%qc = %q_start, %kvc = %kv_start)
          : (!sm90.cursor<2>, !sm90.cursor<6>) -> (i32, !sm90.cursor<2>, !sm90.cursor<6>) {
        // CHECK: sm90.wait %{{.*}}[%{{.*}}] : !sm90.ring<2, i32> -> i32
        %t = sm90.wait %tile_ring[%qc] : !tiles -> i32
        sm90.release %tile_ring[%qc] : !tiles
        %more = arith.cmpi ult, %t, %num_tiles : i32
        scf.condition(%more) %t, %qc, %kvc : i32, !sm90.cursor<2>, !sm90.cursor<6>
      } do {
      ^bb0(%t: i32, %qc: !sm90.cursor<2>, %kvc: !sm90.cursor<6>):
        %i = arith.remui %t, %q_tiles : i32
        %bh = arith.divui %t, %q_tiles : i32
        %h = arith.remui %bh, %heads : i32
        %b = arith.divui %bh, %heads : i32
        %q_all = sm90.wait %q_ring[%qc] : !q_ring -> !q_tile
        %q = sm90.slice %q_all[%my_row, 0] : !q_tile to !mine
        %k0 = sm90.wait %k_ring[%kvc] : !ring -> !tile
        %ps0 = sm90.wgmma %q, %k0 transpose_b : !mine, !tile -> !pending
        sm90.commit
        %s0 = sm90.await %ps0 : !pending
        sm90.release %k_ring[%kvc] : !ring
        %o0 = sm90.splat %zero : !acc
        %kc1 = sm90.advance %kvc : !sm90.cursor<6>

        // Every block but the last: its P V, and the next block's scores.
        %last = arith.subi %key_blocks, %c1 : i32
        %r:4 = scf.for %j = %c0 to %last step %c1
            iter_args(%s = %s0, %o = %o0, %kc = %kc1, %vc = %kvc)
            -> (!acc, !acc, !sm90.cursor<6>, !sm90.cursor<6>) : i32 {
          // Asked early, so that the answer is there when it is needed.
          // CHECK: sm90.try_wait %{{.*}} suspend :
          %k_ready = sm90.try_wait %k_ring[%kc] suspend : !ring
          %v = sm90.wait %v_ring[%vc] : !ring -> !tile
          // CHECK: sm90.extract %{{.*}}[0] : !sm90.fragment<64x64xf32> to !sm90.fragment<64x16xf32>
          %as0 = sm90.extract %s[0] : !acc to !chunk
          %aw0 = sm90.map %as0 : (!chunk) -> !chunk {
          ^bb0(%x: f32):
            %y = math.fma %x, %half_scale, %half_bias : f32
            %z = math.tanh %y fastmath<afn> : f32
            %u = arith.addf %z, %one : f32
            sm90.yield %u : f32
          }
          %ap0 = sm90.convert %aw0 : !chunk to !p_chunk
          %av0 = sm90.slice %v[%c0, 0] : !tile to !v_chunk
          %ao0 = sm90.wgmma %ap0, %av0 into %o : !p_chunk, !v_chunk, !acc -> !pending
          sm90.commit
          %as1 = sm90.extract %s[16] : !acc to !chunk
          %aw1 = sm90.map %as1 : (!chunk) -> !chunk {
          ^bb0(%x: f32):
            %y = math.fma %x, %half_scale, %half_bias : f32
            %z = math.tanh %y fastmath<afn> : f32
            %u = arith.addf %z, %one : f32
            sm90.yield %u : f32
          }
          %ap1 = sm90.convert %aw1 : !chunk to !p_chunk
          %av1 = sm90.slice %v[%c16, 0] : !tile to !v_chunk
          %ao1 = sm90.wgmma %ap1, %av1 into %ao0 : !p_chunk, !v_chunk, !pending -> !pending
          sm90.commit
          %as2 = sm90.extract %s[32] : !acc to !chunk
          %aw2 = sm90.map %as2 : (!chunk) -> !chunk {
          ^bb0(%x: f32):
            %y = math.fma %x, %half_scale, %half_bias : f32
            %z = math.tanh %y fastmath<afn> : f32
            %u = arith.addf %z, %one : f32
            sm90.yield %u : f32
          }
          %ap2 = sm90.convert %aw2 : !chunk to !p_chunk
          %av2 = sm90.slice %v[%c32, 0] : !tile to !v_chunk
          %ao2 = sm90.wgmma %ap2, %av2 into %ao1 : !p_chunk, !v_chunk, !pending -> !pending
          sm90.commit
          %as3 = sm90.extract %s[48] : !acc to !chunk
          %aw3 = sm90.map %as3 : (!chunk) -> !chunk {
          ^bb0(%x: f32):
            %y = math.fma %x, %half_scale, %half_bias : f32
            %z = math.tanh %y fastmath<afn> : f32
            %u = arith.addf %z, %one : f32
            sm90.yield %u : f32
          }
          %ap3 = sm90.convert %aw3 : !chunk to !p_chunk
          %av3 = sm90.slice %v[%c48, 0] : !tile to !v_chunk
          %ao3 = sm90.wgmma %ap3, %av3 into %ao2 : !p_chunk, !v_chunk, !pending -> !pending
          sm90.commit
          %k = sm90.wait %k_ring[%kc] ready(%k_ready) : !ring -> !tile
          %ps = sm90.wgmma %q, %k transpose_b : !mine, !tile -> !pending
          sm90.commit
          // CHECK: sm90.await %{{.*}}, %{{.*}} keep(
          %sn, %on = sm90.await %ps, %ao3 keep(%ap0, %ap1, %ap2, %ap3 : !p_chunk, !p_chunk, !p_chunk, !p_chunk) : !pending, !pending
          sm90.release %v_ring[%vc] : !ring
          sm90.release %k_ring[%kc] : !ring
          %kn = sm90.advance %kc : !sm90.cursor<6>
          %vn = sm90.advance %vc : !sm90.cursor<6>
          scf.yield %sn, %on, %kn, %vn : !acc, !acc, !sm90.cursor<6>, !sm90.cursor<6>
        }
        %v_last = sm90.wait %v_ring[%r#3] : !ring -> !tile
        // CHECK: sm90.extract %{{.*}}[0] : !sm90.fragment<64x64xf32> to !sm90.fragment<64x16xf32>
        %bs0 = sm90.extract %r#0[0] : !acc to !chunk
        %bw0 = sm90.map %bs0 : (!chunk) -> !chunk {
        ^bb0(%x: f32):
          %y = math.fma %x, %half_scale, %half_bias : f32
          %z = math.tanh %y fastmath<afn> : f32
          %u = arith.addf %z, %one : f32
          sm90.yield %u : f32
        }
        %bp0 = sm90.convert %bw0 : !chunk to !p_chunk
        %bv0 = sm90.slice %v_last[%c0, 0] : !tile to !v_chunk
        %bo0 = sm90.wgmma %bp0, %bv0 into %r#1 : !p_chunk, !v_chunk, !acc -> !pending
        sm90.commit
        %bs1 = sm90.extract %r#0[16] : !acc to !chunk
        %bw1 = sm90.map %bs1 : (!chunk) -> !chunk {
        ^bb0(%x: f32):
          %y = math.fma %x, %half_scale, %half_bias : f32
          %z = math.tanh %y fastmath<afn> : f32
          %u = arith.addf %z, %one : f32
          sm90.yield %u : f32
        }
        %bp1 = sm90.convert %bw1 : !chunk to !p_chunk
        %bv1 = sm90.slice %v_last[%c16, 0] : !tile to !v_chunk
        %bo1 = sm90.wgmma %bp1, %bv1 into %bo0 : !p_chunk, !v_chunk, !pending -> !pending
        sm90.commit
        %bs2 = sm90.extract %r#0[32] : !acc to !chunk
        %bw2 = sm90.map %bs2 : (!chunk) -> !chunk {
        ^bb0(%x: f32):
          %y = math.fma %x, %half_scale, %half_bias : f32
          %z = math.tanh %y fastmath<afn> : f32
          %u = arith.addf %z, %one : f32
          sm90.yield %u : f32
        }
        %bp2 = sm90.convert %bw2 : !chunk to !p_chunk
        %bv2 = sm90.slice %v_last[%c32, 0] : !tile to !v_chunk
        %bo2 = sm90.wgmma %bp2, %bv2 into %bo1 : !p_chunk, !v_chunk, !pending -> !pending
        sm90.commit
        %bs3 = sm90.extract %r#0[48] : !acc to !chunk
        %bw3 = sm90.map %bs3 : (!chunk) -> !chunk {
        ^bb0(%x: f32):
          %y = math.fma %x, %half_scale, %half_bias : f32
          %z = math.tanh %y fastmath<afn> : f32
          %u = arith.addf %z, %one : f32
          sm90.yield %u : f32
        }
        %bp3 = sm90.convert %bw3 : !chunk to !p_chunk
        %bv3 = sm90.slice %v_last[%c48, 0] : !tile to !v_chunk
        %bo3 = sm90.wgmma %bp3, %bv3 into %bo2 : !p_chunk, !v_chunk, !pending -> !pending
        sm90.commit
        %ol = sm90.await %bo3 keep(%bp0, %bp1, %bp2, %bp3 : !p_chunk, !p_chunk, !p_chunk, !p_chunk) : !pending
        sm90.release %v_ring[%r#3] : !ring
        %vc_end = sm90.advance %r#3 : !sm90.cursor<6>
        %oh = sm90.map %ol : (!acc) -> !acc {
        ^bb0(%x: f32):
          %y = arith.mulf %x, %half : f32
          sm90.yield %y : f32
        }
        %ob = sm90.convert %oh : !acc to !sm90.fragment<64x64xbf16>
        sm90.store_matrix %ob to %q : !sm90.fragment<64x64xbf16>, !mine
        nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
        nvvm.barrier id = %my_barrier number_of_threads = %c128
        scf.if %leader {
          %row0 = arith.muli %i, %c256 : i32
          %row = arith.addi %row0, %my_row : i32
          sm90.tma_store %q to %o_map[%b, %h, %row, %c0] : !mine, !kv_map
          nvvm.cp.async.bulk.commit.group
          nvvm.cp.async.bulk.wait_group 0 {read}
        }
        sm90.release %q_ring[%qc] : !q_ring
        %qn = sm90.advance %qc : !sm90.cursor<2>
        scf.yield %qn, %vc_end : !sm90.cursor<2>, !sm90.cursor<6>
      }
    }
    sm90.return
  }
}
