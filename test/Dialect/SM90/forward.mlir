// RUN: sigmoid-attn-opt %s | sigmoid-attn-opt | FileCheck %s
// RUN: sigmoid-attn-opt %s -mlir-print-op-generic | sigmoid-attn-opt | FileCheck %s

// The whole forward of sigmoid attention, d = 128, written by hand: 128 queries
// by 128 keys a tile, two consumer warpgroups, rings of 2 stages. The product
// P V of a block stays in flight under the sigmoid of the next one.
//
//   producer:  for each query tile: load Q; for each key block: load K, load V
//   consumer:  for each query tile:
//                S = Q K(0)^T, P = sigmoid(S)
//                for j = 1..: S = Q K(j)^T | O += P V(j-1); await S;
//                             T = sigmoid(S); await O; P = T in bf16
//                O += P V(last); store O through Q's memory

!q_map = !nvgpu.tensormap.descriptor<tensor = memref<1x1x128x64xbf16, 3>, swizzle = swizzle_128b, l2promo = l2promo_256b, oob = zero, interleave = none>
!kv_map = !nvgpu.tensormap.descriptor<tensor = memref<1x1x128x64xbf16, 3>, swizzle = swizzle_128b, l2promo = l2promo_256b, oob = zero, interleave = none>
!o_map = !nvgpu.tensormap.descriptor<tensor = memref<1x1x64x64xbf16, 3>, swizzle = swizzle_128b, l2promo = l2promo_256b, oob = zero, interleave = none>
!tile = !sm90.tile<128x128xbf16>
!mine = !sm90.tile<64x128xbf16, box_rows = 128>
!ring = !sm90.ring<2, !tile>
!cursor = !sm90.cursor<2>
!acc = !sm90.fragment<64x128xf32>
!pending = !sm90.pending<64x128xf32>
!p = !sm90.fragment<64x128xbf16>

gpu.module @kernels {
  // CHECK-LABEL: sm90.kernel @forward
  sm90.kernel @forward(%q_map: !q_map, %k_map: !kv_map, %v_map: !kv_map, %o_map: !o_map,
                       %half_scale: f32, %half_bias: f32, %heads: i32, %q_tiles: i32,
                       %key_blocks: i32, %num_tiles: i32) {
    // CHECK: sm90.alloc_ring readers(2) per warpgroup
    %q_ring = sm90.alloc_ring readers(2) per warpgroup : !ring
    %k_ring = sm90.alloc_ring readers(2) per warpgroup : !ring
    %v_ring = sm90.alloc_ring readers(2) per warpgroup : !ring
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c64 = arith.constant 64 : i32
    %c128 = arith.constant 128 : i32
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %half = arith.constant 0.5 : f32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %grid = nvvm.read.ptx.sreg.nctaid.x : i32
    %start = sm90.start : !cursor
    // CHECK: sm90.warp_specialize producer registers(24)
    sm90.warp_specialize producer registers(24) {
      scf.for %t = %block to %num_tiles step %grid
          iter_args(%qc = %start, %kvc = %start) -> (!cursor, !cursor) : i32 {
        %i = arith.remui %t, %q_tiles : i32
        %bh = arith.divui %t, %q_tiles : i32
        %h = arith.remui %bh, %heads : i32
        %b = arith.divui %bh, %heads : i32
        %row = arith.muli %i, %c128 : i32
        // CHECK: sm90.reserve %{{.*}}[%{{.*}}] : !sm90.ring<2, !sm90.tile<128x128xbf16>> -> !sm90.tile<128x128xbf16>
        %q = sm90.reserve %q_ring[%qc] : !ring -> !tile
        sm90.tma_load %q_map[%b, %h, %row, %c0] to %q signals %q_ring[%qc] : !q_map, !tile, !ring
        %next = scf.for %j = %c0 to %key_blocks step %c1 iter_args(%c = %kvc) -> (!cursor) : i32 {
          %key = arith.muli %j, %c128 : i32
          %k = sm90.reserve %k_ring[%c] : !ring -> !tile
          sm90.tma_load %k_map[%b, %h, %key, %c0] to %k signals %k_ring[%c] : !kv_map, !tile, !ring
          %v = sm90.reserve %v_ring[%c] : !ring -> !tile
          sm90.tma_load %v_map[%b, %h, %key, %c0] to %v signals %v_ring[%c] : !kv_map, !tile, !ring
          %cn = sm90.advance %c : !cursor
          scf.yield %cn : !cursor
        }
        %qn = sm90.advance %qc : !cursor
        scf.yield %qn, %next : !cursor, !cursor
      }
    // CHECK: } consumers(2) registers(240) {
    // CHECK-NEXT: ^bb0(%{{.*}}: i32):
    } consumers(2) registers(240) {
    ^bb0(%wg: i32):
      %my_row = arith.muli %wg, %c64 : i32
      // Named barrier of this warpgroup for the epilogue; 0 is the block's.
      %my_barrier = arith.addi %wg, %c1 : i32
      %leader = sm90.leader
      scf.for %t = %block to %num_tiles step %grid
          iter_args(%qc = %start, %kvc = %start) -> (!cursor, !cursor) : i32 {
        %i = arith.remui %t, %q_tiles : i32
        %bh = arith.divui %t, %q_tiles : i32
        %h = arith.remui %bh, %heads : i32
        %b = arith.divui %bh, %heads : i32
        %q_all = sm90.wait %q_ring[%qc] : !ring -> !tile
        // CHECK: sm90.slice %{{.*}}[%{{.*}}, 0] : !sm90.tile<128x128xbf16> to !sm90.tile<64x128xbf16, box_rows = 128>
        %q = sm90.slice %q_all[%my_row, 0] : !tile to !mine

        // First block: its product and sigmoid stand alone.
        %k0 = sm90.wait %k_ring[%kvc] : !ring -> !tile
        // CHECK: sm90.wgmma %{{.*}}, %{{.*}} transpose_b : !sm90.tile<64x128xbf16, box_rows = 128>, !sm90.tile<128x128xbf16> -> !sm90.pending<64x128xf32>
        %ps0 = sm90.wgmma %q, %k0 transpose_b : !mine, !tile -> !pending
        sm90.commit
        %s0 = sm90.await %ps0 : !pending
        sm90.release %k_ring[%kvc] : !ring
        %t0 = sm90.map %s0 : (!acc) -> !acc {
        ^bb0(%x: f32):
          %y = math.fma %x, %half_scale, %half_bias : f32
          %th = math.tanh %y fastmath<afn> : f32
          %w = arith.addf %th, %one : f32
          sm90.yield %w : f32
        }
        // CHECK: sm90.convert %{{.*}} : !sm90.fragment<64x128xf32> to !sm90.fragment<64x128xbf16>
        %p0 = sm90.convert %t0 : !acc to !p
        %o0 = sm90.splat %zero : !acc
        %kc1 = sm90.advance %kvc : !cursor

        %r:4 = scf.for %j = %c1 to %key_blocks step %c1
            iter_args(%o = %o0, %p = %p0, %kc = %kc1, %vc = %kvc)
            -> (!acc, !p, !cursor, !cursor) : i32 {
          %k = sm90.wait %k_ring[%kc] : !ring -> !tile
          %ps = sm90.wgmma %q, %k transpose_b : !mine, !tile -> !pending
          sm90.commit
          %v = sm90.wait %v_ring[%vc] : !ring -> !tile
          // CHECK: sm90.wgmma %{{.*}}, %{{.*}} into %{{.*}} : !sm90.fragment<64x128xbf16>, !sm90.tile<128x128xbf16>, !sm90.fragment<64x128xf32> -> !sm90.pending<64x128xf32>
          %po = sm90.wgmma %p, %v into %o : !p, !tile, !acc -> !pending
          sm90.commit
          // CHECK: sm90.await %{{.*}} in_flight(1) : !sm90.pending<64x128xf32>
          %s = sm90.await %ps in_flight(1) : !pending
          sm90.release %k_ring[%kc] : !ring
          // CHECK: sm90.map %{{.*}} : (!sm90.fragment<64x128xf32>) -> !sm90.fragment<64x128xf32>
          %th = sm90.map %s : (!acc) -> !acc {
          ^bb0(%x: f32):
            %y = math.fma %x, %half_scale, %half_bias : f32
            %z = math.tanh %y fastmath<afn> : f32
            %w = arith.addf %z, %one : f32
            sm90.yield %w : f32
          }
          // The sigmoid is done here, while P V is in flight; rounding it waits,
          // for the registers of the last P are still being read.
          // CHECK: sm90.pin
          %tp = sm90.pin %th : !acc
          // CHECK: sm90.await %{{.*}} keep(%{{.*}} : !sm90.fragment<64x128xbf16>) : !sm90.pending<64x128xf32>
          %on = sm90.await %po keep(%p : !p) : !pending
          sm90.release %v_ring[%vc] : !ring
          %pn = sm90.convert %tp : !acc to !p
          %kn = sm90.advance %kc : !cursor
          %vn = sm90.advance %vc : !cursor
          scf.yield %on, %pn, %kn, %vn : !acc, !p, !cursor, !cursor
        }
        %vl = sm90.wait %v_ring[%r#3] : !ring -> !tile
        %pol = sm90.wgmma %r#1, %vl into %r#0 : !p, !tile, !acc -> !pending
        sm90.commit
        %ol = sm90.await %pol keep(%r#1 : !p) : !pending
        sm90.release %v_ring[%r#3] : !ring
        %vc_end = sm90.advance %r#3 : !cursor

        // Epilogue: P was twice the sigmoid. O leaves through this warpgroup's
        // rows of Q, which it alone has read.
        %oh = sm90.map %ol : (!acc) -> !acc {
        ^bb0(%x: f32):
          %y = arith.mulf %x, %half : f32
          sm90.yield %y : f32
        }
        %ob = sm90.convert %oh : !acc to !p
        // CHECK: sm90.store_matrix
        sm90.store_matrix %ob to %q : !p, !mine
        nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
        nvvm.barrier id = %my_barrier number_of_threads = %c128
        scf.if %leader {
          %row0 = arith.muli %i, %c128 : i32
          %row = arith.addi %row0, %my_row : i32
          // CHECK: sm90.tma_store
          sm90.tma_store %q to %o_map[%b, %h, %row, %c0] : !mine, !o_map
          nvvm.cp.async.bulk.commit.group
          nvvm.cp.async.bulk.wait_group 0 {read}
        }
        // The store has read the slot when its thread gets here.
        sm90.release %q_ring[%qc] : !ring
        %qn = sm90.advance %qc : !cursor
        scf.yield %qn, %vc_end : !cursor, !cursor
      }
    }
    sm90.return
  }
}
