//===- AttnSchedule.td - how a GPU kernel computes attention *- tablegen -*-===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNSCHEDULE_TD
#define SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNSCHEDULE_TD

include "sigmoid-attn/Dialect/Attn/IR/AttnDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Attn_LoopForm : I32Enum<"LoopForm", "how the key loop overlaps its work", [
    I32EnumCase<"Pipelined", 0, "pipelined">,
    I32EnumCase<"Chunked", 1, "chunked">]> {
  let cppNamespace = "::mlir::attn";
}

def Attn_GridOrder : I32Enum<"GridOrder", "how blocks get their tiles", [
    I32EnumCase<"Static", 0, "static">,
    I32EnumCase<"Dynamic", 1, "dynamic">]> {
  let cppNamespace = "::mlir::attn";
}

def Attn_SigmoidForm : I32Enum<"SigmoidForm", "the sigmoid's instructions", [
    I32EnumCase<"Fast", 0, "fast">,
    I32EnumCase<"Exact", 1, "exact">,
    I32EnumCase<"Auto", 2, "auto">]> {
  let cppNamespace = "::mlir::attn";
}

def Attn_ScheduleAttr : AttrDef<Attn_Dialect, "Schedule"> {
  let mnemonic = "schedule";
  let summary = "how an sm_90a kernel computes one attention";
  let description = [{
    One producer warp loads tiles by TMA; `consumers` warpgroups of 128 threads
    each own 64 rows of the query tile and multiply.

    * `query_tile`: queries of a tile, 64 for each consumer.
    * `key_tile`: keys and values of one step of the key loop, a multiple of 16
      up to 256.
    * `query_stages`, `key_stages`, `value_stages`: shared-memory tiles of each
      ring.
    * `output_columns`: columns of the output, a multiple of 64, that have a place
      in a shared-memory tile of their own, through which it leaves 64 columns at
      a time. The next tile then need not wait for the copy, and with one stage
      the queries' slot is free as soon as the last scores are there. 0, the
      default, lets all of it leave through the queries' slot at once (where
      values are wider than queries, through a tile of its own).
    * `consumers`: consumer warpgroups, 1 to 4.
    * `producer_registers`, `consumer_registers`: registers of a thread of each
      role, multiples of 8 from 24 to 240 (what `setmaxnreg` takes).
    * `loop`: `pipelined` multiplies queries with the next keys and the last
      weights with their values while the sigmoid runs; `chunked` sends each 16
      keys' weights to their product as soon as they are there.
    * `ping_pong`: the warpgroups take turns, so that one's sigmoid runs under
      another's products: at the tensor cores in a pipelined loop, at the start
      of their sigmoids in a chunked one.
    * `cluster`: blocks, 1 or 2, that work on neighbouring query tiles side by
      side; each loads its share of every key and value tile for all of them.
      They step through the keys that any of their queries sees.
    * `grid`: `static` deals tiles out by block number, `dynamic` by a counter.
    * `sigmoid`: `fast` (tanh), `exact` (exponential and reciprocal), or `auto`:
      the cheapest that keeps the error bound of docs/Spec.md for the bias. That
      is `exact` where the bias is not known before the kernel runs: computed, or
      read from memory, as a tensor of rank 0 is.

    ```mlir
    #attn.schedule<query_tile = 128, key_tile = 128, query_stages = 2,
                   key_stages = 2, value_stages = 2, consumers = 2,
                   producer_registers = 24, consumer_registers = 240,
                   loop = pipelined, ping_pong = true, sigmoid = fast>
    ```
  }];
  let parameters = (ins
    "int64_t":$query_tile,
    "int64_t":$key_tile,
    "int64_t":$query_stages,
    "int64_t":$key_stages,
    "int64_t":$value_stages,
    "int64_t":$consumers,
    "int64_t":$producer_registers,
    "int64_t":$consumer_registers,
    EnumParameter<Attn_LoopForm>:$loop,
    DefaultValuedParameter<"bool", "false">:$ping_pong,
    DefaultValuedParameter<"int64_t", "1">:$cluster,
    DefaultValuedParameter<"int64_t", "0">:$output_columns,
    DefaultValuedParameter<"::mlir::attn::GridOrder",
                           "::mlir::attn::GridOrder::Static">:$grid,
    DefaultValuedParameter<"::mlir::attn::SigmoidForm",
                           "::mlir::attn::SigmoidForm::Auto">:$sigmoid);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNSCHEDULE_TD
