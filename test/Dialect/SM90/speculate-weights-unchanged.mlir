// Loops of another form are left as they are.

// RUN: sigmoid-attn-opt %s -attn-nvvm-kernel-pipeline -o %t
// RUN: sigmoid-attn-opt %t -sm90-speculate-weights | FileCheck %s --check-prefix=RUNS
// RUNS: sm90.resort

// Weights that are another function of the exponentials.
// RUN: sed 's/= arith.negf \(.*\) : f32/= math.absf \1 : f32/' %t | sigmoid-attn-opt -sm90-speculate-weights | FileCheck %s

// A middle way through decisions that is another function.
// RUN: sed 's/= arith.negf \(%%[0-9]* \): f32/= math.absf \1: f32/' %t | sigmoid-attn-opt -sm90-speculate-weights | FileCheck %s

// A last way through decisions that is another function.
// RUN: sed 's/= sm90.from_odds \(.*\) : vector/= math.absf \1 : vector/' %t | sigmoid-attn-opt -sm90-speculate-weights | FileCheck %s

// A first half of a step that cannot be done twice.
// RUN: sed '/nvvm.vote.sync/i nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}' %t | sigmoid-attn-opt -sm90-speculate-weights | FileCheck %s

// Chunks that do not go through all rows of a tile, one after the other.
// RUN: sed 's/sm90.slice \(.*\)\[%%c16_i32, 0\]/sm90.slice \1[%%c0_i32, 0]/' %t | sigmoid-attn-opt -sm90-speculate-weights | FileCheck %s

// A vote that is for something else, too.
// RUN: sed 's/%%\([0-9]*\) = nvvm.vote.sync.*/&\n%%vote\1 = arith.extui %%\1 : i1 to i32/' %t | sigmoid-attn-opt -sm90-speculate-weights | FileCheck %s

// A region in the second half.
// RUN: sed 's/sm90.commit/sm90.commit\nscf.execute_region { scf.yield }/' %t | sigmoid-attn-opt -sm90-speculate-weights | FileCheck %s

// An output that something else reads.
// RUN: sed 's/%%\([0-9]*\):2 = sm90.await.*/&\n%%pin\1 = sm90.pin %%\1#0 : !sm90.fragment<64x16xf32>/' %t | sigmoid-attn-opt -sm90-speculate-weights | FileCheck %s

// Steps that are compared without sign.
// RUN: sed 's/scf.for %%/scf.for unsigned %%/' %t | sigmoid-attn-opt -sm90-speculate-weights | FileCheck %s

// Another step than one.
// RUN: sed 's/step %%c1_i32 iter_args/step %%c16_i32 iter_args/' %t | sigmoid-attn-opt -sm90-speculate-weights | FileCheck %s

// CHECK: sm90.kernel
// CHECK-NOT: sm90.resort

!q = memref<?x?x?x16xbf16>

func.func @runs(%q: !q, %k: !q, %v: !q, %bias: f32, %o: !q) {
  attn.sigmoid_attention %q, %k, %v outs(%o : !q) bias(%bias) schedule<query_tile = 64, key_tile = 32, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 240, loop = chunked, sigmoid = exact> : (!q, !q, !q)
  return
}
