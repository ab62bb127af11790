//===- Passes.td - passes on the sm90 dialect --------------*- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_TRANSFORMS_PASSES_TD
#define SIGMOID_ATTN_DIALECT_SM90_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def LinearizeScoresPass : Pass<"sm90-linearize-scores"> {
  let summary = "Compute what scores add up of by row and step, not by element";
  let description = [{
    Moves what a map computes alike for every element out of it, and out of the
    loops around it as far as its operands allow; so a slope that belongs to the
    head is loaded once for each tile. Loads by an index that comes from memory or
    a choice stay beside the map.

    Then the scores of sigmoids: one that is a sum of a multiple of the map's
    element, a multiple of the column as a number, and a rest, becomes two
    `math.fma`, whatever else it adds one each. The number is that of the
    thread's first column, converted once for each row, plus the column's offset
    from there, a constant; of an absolute value, so is the number in it. Scores
    chosen by `arith.select` are rewritten on each side.

    Sums of integers are taken not to wrap around between a thread's columns.
    Products of fewer than 64 bits or by more than 2^31, and what is cut off to
    fewer than 32 bits, are left.

    Numbers: sums are added in another order, a column's number beyond 2^24 is
    rounded once more, and its factor meets the number of the thread's first
    column: each within a rounding of f32 of the largest summand or such product,
    which have to be finite.

    ```mlir
    ^bb0(%s: f32, %row: i32, %col: i32):
      %x = math.fma %s, %scale, %bias : f32
      %j = arith.addi %first, %col : i32
      %n = arith.sitofp %j : i32 to f32
      %a = arith.mulf %slope, %n : f32
      %y = arith.addf %x, %a : f32
      %p = sm90.sigmoid fast %y : f32
    ```
    becomes
    ```mlir
    ^bb0(%s: f32, %row: i32, %col: i32, %offset: i32):
      %c = arith.subi %col, %offset : i32
      %j = arith.addi %first, %c : i32
      %n = arith.sitofp %j : i32 to f32
      %r = math.fma %n, %slope, %bias : f32
      %o = arith.sitofp %offset : i32 to f32
      %t = math.fma %o, %slope, %r : f32
      %y = math.fma %s, %scale, %t : f32
      %p = sm90.sigmoid fast %y : f32
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
}

def ExpandSigmoidPass : Pass<"sm90-expand-sigmoid"> {
  let summary = "Write each sigmoid in the instructions of its form";
  let description = [{
    `fast` becomes `tanh(x / 2) + 1`, which is twice the sigmoid; the sum of
    products with these weights is halved at the end of the key loop. `exact`
    becomes `sm90.from_odds`, `e / (1 + e)`, of `e = ex2(x log2 e)`, by pairs of columns
    where the weights go to a product. In key loops with up to 128 columns of output,
    whose products do not hide quotients, each warp decides about a step's weights by
    their largest `e`: up to 1/64 (f16: 1/128) `e - e^2` does, up to 1/16 (f16: 1/32)
    `e - e^2 + e^3`, beyond it quotients. Chunks of weights that are decided about
    together share the votes. In wider ones all but the argument of the exponential or
    the tanh, in either form, stands behind the branch on a mask, if each side of it
    gives such sigmoids. The constant factor of `x` moves into the scale and bias that
    made it, and through selects.

    Numbers: `fast` has an absolute error of about 5e-7, so its relative error
    grows as weights shrink; `exact` is within 2.5e-4 (bf16) or 6.2e-5 (f16)
    relative where a series is taken, and elsewhere within 1e-6 for scores down to -10
    and a rounding of the score, 1e-7 of it, below. A score of -inf gives exactly 0 in both.

    ```mlir
    %x = math.fma %s, %scale, %bias : f32
    %p = sm90.sigmoid fast %x : f32
    ```
    becomes, with up to 128 columns of output,
    ```mlir
    %x = math.fma %s, %half_scale, %half_bias : f32
    %t = math.tanh %x fastmath<afn> : f32
    %p = arith.addf %t, %one : f32
    ```
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect",
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect"
  ];
}

def SpecializeWarpsPass : Pass<"sm90-specialize-warps"> {
  let summary = "Move the filling of rings to the producer";
  let description = [{
    Takes a kernel whose producer region is empty and whose consumer region
    fills rings and empties them in one thread of control. The producer gets the
    loops and the arithmetic that lead to `sm90.reserve`, `sm90.tma_load` and
    `sm90.send`, with cursors of its own; the consumers lose these ops. Where
    the consumers receive a message, the producer goes on with what it sent.

    ```mlir
    sm90.warp_specialize producer registers(24) {
    } consumers(2) registers(240) {
    ^bb0(%warpgroup: i32):
      %slot = sm90.reserve %ring[%c] : !ring -> !tile
      sm90.tma_load %map[%b, %h, %row, %zero] to %slot signals %ring[%c] : !map, !tile, !ring
      %tile = sm90.wait %ring[%c] : !ring -> !tile
      ...
    ```
    becomes
    ```mlir
    sm90.warp_specialize producer registers(24) {
      %slot = sm90.reserve %ring[%c] : !ring -> !tile
      sm90.tma_load %map[%b, %h, %row, %zero] to %slot signals %ring[%c] : !map, !tile, !ring
    } consumers(2) registers(240) {
    ^bb0(%warpgroup: i32):
      %tile = sm90.wait %ring[%c] : !ring -> !tile
      ...
    ```
  }];
}

def SkipHiddenKeysPass : Pass<"sm90-skip-hidden-keys"> {
  let summary = "Let warpgroups pass over keys that none of their rows sees";
  let description = [{
    Runs on the consumers' key loops, which all take as many steps as the tile of
    queries has keys to see. Where the weights are zeros unless
    `begin <= step < end` (one or both comparisons), with bounds that may be the
    warpgroup's own, the loop keeps these steps. In those before and behind it
    the warpgroup waits for the slots of keys and values and gives them back
    unread. The other warpgroups are not held up, as long as the rings have slots.

    Loops with turns, in which each warpgroup has to take as many steps as the
    others, are left as they are. Results do not change, but for a value of NaN or
    infinity that a weight of zero would have met.

    ```mlir
    scf.for %j = %lo to %hi step %c1 iter_args(%o = %zero, %ck = ..., %cv = ...) {
      %seen = arith.cmpi slt, %j, %end : i32
      %p = scf.if %seen -> !fragment { weights } else { sm90.splat %zero }
      ...
    }
    ```
    becomes
    ```mlir
    scf.for %j = %lo to %end step %c1 iter_args(%o = %zero, %ck = ..., %cv = ...) {
      weights ...
    }
    scf.for %j = %end to %hi step %c1 iter_args(%ck = ..., %cv = ...) {
      sm90.wait %keys[%ck];  sm90.wait %values[%cv]
      nvvm.barrier id = %warpgroup + 1 number_of_threads = 128
      sm90.release %keys[%ck];  sm90.release %values[%cv]
    }
    ```
  }];
  let dependentDialects = ["arith::ArithDialect", "NVVM::NVVMDialect",
                           "scf::SCFDialect"];
}

def PipelineKeyLoopPass : Pass<"sm90-pipeline-key-loop"> {
  let summary = "Overlap the products of a key loop with its sigmoids";
  let description = [{
    Rewrites each key loop of a consumer that has an `sm90.overlap` attribute.
    Its steps are of i32 and go up by 1.
    Each step of such a loop multiplies queries with keys, makes weights of the
    products, and adds the product of weights and values to the output.

    * `#sm90.overlap<pipelined>`: the first step's weights come before the loop.
      Then each step issues its product of scores and the last step's product
      with values, and makes its weights while the latter is in flight. `turns`
      adds named barriers by which warpgroups issue one after the other.
      Weights that depend on a decision about a whole step of them are made up
      to that; the rest waits until the next step's scores are issued, if the
      registers hold the scores of two steps.
    * `#sm90.overlap<chunked>`: the first step's scores come before the loop.
      Then each step makes its weights by 16 keys and issues the product of
      these at once, where a decision comes first for 64 keys after its
      exponentials; behind the last one it issues the next step's scores, and
      waits for all. With `turns` a warpgroup begins its weights when the one
      before has made its share of a step's, at equal distances. An
      `nvvm.pmevent`, across which ptxas moves nothing, keeps weights behind
      what was waited for, where turns or many warpgroups need that.

      The last step issues no further scores, and so stands behind the loop. But
      where weights depend on decisions and not on positions, as with a mask,
      where keys and values have up to 64 columns, and where one loop of the
      producer brings both, behind all else that consumers wait for before their
      loop, it does issue them, as a step of the loop:
      the producer then loads one tile of keys more than there are steps, whose
      scores nothing uses. Its rows past the end of the keys are zeros. That is
      less code by a copy of a step, for a product a tile.

    A loop without steps keeps its initial values, behind a branch. Results do
    not change, except that a chunk's products add up in the same order as a
    whole step's.

    ```mlir
    scf.for %j = %lo to %hi step %c1 iter_args(%o = %zero, ...) {
      %s = S(j);  %p = P(%s);  %o1 = %o + %p V(j)
    } {sm90.overlap = #sm90.overlap<pipelined>}
    ```
    becomes
    ```mlir
    %p0 = P(S(lo))
    scf.for %j = %lo + 1 to %hi step %c1 iter_args(%o = %zero, %p = %p0, ...) {
      issue S(j);  issue %o + %p V(j - 1);  await S(j)
      %next = P(S(j));  await %o
    }
    %o + %p V(hi - 1)
    ```
  }];
  let dependentDialects = [
    "::mlir::NVVM::NVVMDialect", "::mlir::arith::ArithDialect",
    "::mlir::scf::SCFDialect"
  ];
}

def PipelineTileLoopPass : Pass<"sm90-pipeline-tile-loop"> {
  let summary = "Start the next tile's first product before storing this one";
  let description = [{
    Runs after `sm90-pipeline-key-loop`, on the consumers' loops over tiles. A
    tile begins with a product of its queries and first keys that nothing else
    runs under, and ends with the store of its output, which no product runs
    under. Each tile now issues the next one's first product before it stores its
    own output, and hands the scores on. It peeks at the next tile's queries and
    keys: the next iteration takes and releases their slots, the keys' without
    waiting again. A tile that does not
    exist or sees no keys has no first product.

    Loops are left as they are where the ring of queries has less than two
    stages or the ring of keys less than three, or where scores and output do not
    fit in registers together. Results do not change.

    ```mlir
    scf.for %tile = %block to %tiles step %grid {
      %q = wait for queries of %tile
      %s = S(%q, first keys)
      %o = ...
      store %o
    }
    ```
    becomes
    ```mlir
    %first = S(queries and keys of %block)
    scf.for %tile = %block to %tiles step %grid iter_args(%s = %first) {
      %q = wait for queries of %tile
      %o = ...
      issue %next = S(queries and keys of %tile + %grid)
      store %o;  await %next
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
}

def ReleaseEarlyPass : Pass<"sm90-release-early"> {
  let summary = "Give slots back as soon as the last product has read them";
  let description = [{
    In a ring of one stage, a `sm90.release` behind a branch in which the slot is
    read last moves into the branch, to behind the await of the last product that
    reads it. Where no product of that block reads it, the warpgroup's warps meet
    at a barrier before one of their threads gives it back. Slots that stores
    read or write stay where they are, and so do those that more than one wait
    is for, or whose last product is awaited in the same block.

    ```mlir
    %q = wait for queries
    scf.if %any {
      scf.for ... { S(%q, keys) }
      last product with values
    } else {
    }
    release %q
    ```
    becomes
    ```mlir
    %q = wait for queries
    scf.if %any {
      scf.for ... { S(%q, keys) }
      release %q
      last product with values
    } else {
      barrier of the warpgroup;  release %q
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::NVVM::NVVMDialect"];
}

def SplitMaskedKeysPass : Pass<"sm90-split-masked-keys"> {
  let summary = "Split key loops where their mask begins and ends to matter";
  let description = [{
    A loop that chooses between masked and unmasked weights by
    `begin <= step < end` (one or both comparisons) becomes two loops, one after
    the other, in neither of which anything is left to choose. With both bounds
    the steps before and behind the range are the same loop: the two loops are in
    one of two rounds, the second of which takes no step in the range. Results do
    not change. A loop that sums 192 columns of output or more keeps the
    choice: its products take longer than all else, so that the branch costs
    little or no time, and a second loop a third of the kernel's compilation.

    ```mlir
    scf.for %j = %lo to %hi step %c1 {
      %full = arith.cmpi slt, %j, %end : i32
      %p = scf.if %full -> !fragment { unmasked } else { masked }
    }
    ```
    becomes
    ```mlir
    scf.for %j = %lo to %middle step %c1 { unmasked }
    scf.for %j = %middle to %hi step %c1 { masked }
    ```
  }];
}

def SpeculateWeightsPass : Pass<"sm90-speculate-weights"> {
  let summary = "Send weights to their product before a decision on their series";
  let description = [{
    Runs on chunked key loops whose steps decide by their largest exponentials `e`
    how weights become of them, where scores get nothing but a scale and a bias and
    the output has up to 64 columns. In such a step no product can be issued before
    the exponentials that are decided about together are there. Now a step sends
    weights of the short series to their product as they come, with saturation, so
    that they are between 0 and 1 whatever `e` is; the warpgroup decides when it has
    issued them. If one was too large, the same products are added once more with the
    opposite sign, and the step, whose scores have stayed in their registers, is done
    again by a loop of quotients alone, whose products have no decision to wait for.
    `sm90.resort` marks that loop. Where a step has more than 64 keys, and so much code,
    its weights are taken back by one product.

    Runs of such steps and steps with quotients follow each other. After a run of 8
    steps or more 1 step takes quotients; after shorter ones 1, 4, 16 and so on. What is
    counted belongs to the tile. All steps take them if there are less than 8, or if the
    bias alone does not make weights so small that one normal score in 100,000 is too
    large: above -7.53 (f16: -8.22). A turn is taken once a step. Loops that do anything
    else are left, and so are those of steps of more than 64 keys in a loop over
    tickets, which would spill.

    Numbers: weights and output of a run are in multiples of `a` = 1 - 1/32 (f16: 1 -
    1/64), with which `f - f^2` is within 2.6e-4 (6.2e-5) of the weight up to `e` =
    1/26.5 (1/53). Taking products back leaves a rounding of f32 of what was
    added; infinite values leave a NaN.

    Comes behind `sm90-verify-kernels`, which refuses the result: it cannot count the
    slots of loops that end by what they compute, nor follow weights that a loop passes
    on. Every step takes one slot of keys and one of values, as before, but waits
    again for values whose products it took back.

    ```mlir
    scf.for %j = %lo to %hi step %c1 iter_args(%o = ..., %s = ...) { decide, weigh }
    ```
    becomes
    ```mlir
    scf.while (%j = %lo, %n = %c0, %o = ..., %s = ...) { %j < %hi } do {
      scf.for %i = %j to %j + %n step %c1 iter_args(...) { quotients }
      scf.while (...) {
        issue short weights;  %right = vote
        scf.condition(%right and there are more)
      } do { issue the next step's scores;  await all }
      scf.if %right { the next step's scores } else { take back }
    }
    ```
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect",
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect"
  ];
}

def PlanSharedMemoryPass : Pass<"sm90-plan-shared-memory"> {
  let summary = "Place the tiles and barriers of each kernel in shared memory";
  let description = [{
    Gives every `sm90.alloc_ring` and `sm90.alloc_tile` of a kernel its offset:
    tiles first, in the order of the program, each a multiple of 1024 bytes,
    then messages and barriers. The kernel's `shared_memory` becomes the sum. A
    kernel that needs more than the 227 KiB that a block can have is refused,
    with what each allocation takes. What already has a place is placed anew.

    ```mlir
    %ring = sm90.alloc_ring readers(2) per warpgroup
        : !sm90.ring<2, !sm90.tile<128x64xbf16>>
    ```
    becomes
    ```mlir
    %ring = sm90.alloc_ring readers(2) per warpgroup at(0, barriers 32768)
        : !sm90.ring<2, !sm90.tile<128x64xbf16>>
    ```
  }];
}

def VerifyKernelsPass : Pass<"sm90-verify-kernels"> {
  let summary = "Check that the roles of kernels keep the rules of rings and products";
  let description = [{
    Follows the producer and the consumers through their loops and branches and
    reports, at the operation at fault, what would hang or read the wrong data:

    - arrivals: as many warpgroups release a ring as its barriers count; a slot
      is armed for as many bytes as the copies into it bring;
    - phases: each role takes the slots of a ring, and releases them, one after
      the other from the first on. A cursor stands for start plus advances; a
      loop that uses a ring must carry a cursor that is at the ring's next slot
      when an iteration ends, and a branch must leave it where the other does;
    - warpgroups: where one thread releases a slot for its warpgroup, all its
      warps have seen the slot full, because a product issued behind the wait is
      complete or they met at a barrier of their own. A warp that waits longer
      could miss that the slot is filled again, and wait for ever;
    - `ready`: a wait with the constant `true` is for a slot that was peeked at, if
      it is carried by a loop in the iteration before, too. A branch that peeks is
      taken to be taken, and that other values of `ready` are answers of a
      `sm90.try_wait` of the same slot is taken for granted;
    - barriers: one of the warpgroup's own counts 128 threads and has the number
      of the warpgroup plus a constant, or counts all consumers' threads and has a
      constant number. Others, such as those of turns, hold no warpgroup together.
      None is in a branch that threads of a warpgroup take apart;
    - reuse: a slot is released after it was waited for, when no product in
      flight and no bulk store reads it, and no reader holds more slots than
      there are;
    - counts: both roles handle the same number of slots of a ring, by symbolic
      sums over their loops and branches that come out equal, if no loop's upper
      bound lies below its lower one. Loops over tiles go on under the same
      condition in both roles;
    - products: a pending result is taken over once, and awaited only when its
      group was committed and is not among those that may stay in flight; an
      operand in registers is kept until then; nothing stays in flight at the
      end or differs from iteration to iteration;
    - clusters: the producers of a cluster's blocks fill the same slots of a
      shared ring, with shares of the same tiles;
    - writes to a tile are fenced and the warpgroup synchronised before a bulk
      store reads it; what an `sm90.alloc_tile` gave is overwritten, and the
      kernel ends, only when the store has read its boxes (of all rows: those of
      warpgroups are not told apart); no role waits at the block's barrier.

    The IR does not change.
  }];
}

#endif // SIGMOID_ATTN_DIALECT_SM90_TRANSFORMS_PASSES_TD
