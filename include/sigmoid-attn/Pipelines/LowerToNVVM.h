//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The GPU compiler: from a function with attention to a kernel's code and the
/// recipe that launches it. docs/Lowering.md shows the IR after each phase.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_PIPELINES_LOWERTONVVM_H
#define SIGMOID_ATTN_PIPELINES_LOWERTONVVM_H

#include "mlir/Pass/PassOptions.h"

namespace mlir {
class OpPassManager;

namespace attn {

/// Options of the GPU compiler.
struct LowerToNVVMPipelineOptions
    : public PassPipelineOptions<LowerToNVVMPipelineOptions> {
  Option<bool> raise{
      *this, "raise",
      llvm::cl::desc("Find unfused attention and raise it to the attn dialect "
                     "(default true)"),
      llvm::cl::init(true)};
  // The options of attn-select-schedule, by its names.
  Option<int64_t> keyTile{*this, "key-tile", llvm::cl::desc("Keys of a tile"),
                          llvm::cl::init(0)};
  Option<int64_t> queryStages{*this, "query-stages",
                              llvm::cl::desc("Query tiles in shared memory"),
                              llvm::cl::init(0)};
  Option<int64_t> keyStages{*this, "key-stages",
                            llvm::cl::desc("Key tiles in shared memory"),
                            llvm::cl::init(0)};
  Option<int64_t> valueStages{*this, "value-stages",
                              llvm::cl::desc("Value tiles in shared memory"),
                              llvm::cl::init(0)};
  Option<int64_t> consumers{*this, "consumers",
                            llvm::cl::desc("Consumer warpgroups"),
                            llvm::cl::init(0)};
  Option<int64_t> producerRegisters{
      *this, "producer-registers",
      llvm::cl::desc("Registers of a producer thread"), llvm::cl::init(0)};
  Option<int64_t> consumerRegisters{
      *this, "consumer-registers",
      llvm::cl::desc("Registers of a consumer thread"), llvm::cl::init(0)};
  Option<std::string> loop{*this, "loop",
                           llvm::cl::desc("pipelined or chunked")};
  Option<std::string> pingPong{*this, "ping-pong",
                               llvm::cl::desc("true or false")};
  Option<int64_t> cluster{
      *this, "cluster",
      llvm::cl::desc("Blocks that share tiles of keys and values"),
      llvm::cl::init(0)};
  Option<int64_t> outputColumns{
      *this, "output-columns",
      llvm::cl::desc("Columns of the tile of its own that the output leaves "
                     "through; 0 for none (default: the compiler's choice)"),
      llvm::cl::init(-1)};
  Option<std::string> grid{*this, "grid", llvm::cl::desc("static or dynamic")};
  Option<std::string> sigmoid{*this, "sigmoid",
                              llvm::cl::desc("fast, exact or auto")};
  Option<std::string> chip{
      *this, "chip", llvm::cl::desc("Chip to compile for (default sm_90a)"),
      llvm::cl::init("sm_90a")};
  Option<std::string> format{
      *this, "format",
      llvm::cl::desc("isa (PTX, the default), bin (cubin) or fatbin; the last "
                     "two need ptxas"),
      llvm::cl::init("isa")};
  Option<std::string> ptxas{
      *this, "ptxas",
      llvm::cl::desc("Path of ptxas (default: from SIGMOID_ATTN_PTXAS or "
                     "PATH)")};
  Option<bool> strict{
      *this, "strict",
      llvm::cl::desc("Refuse code that ptxas spills or serializes (default "
                     "true)"),
      llvm::cl::init(true)};
};

/// Attention on tensors or buffers to attention on buffers with a schedule.
void buildNVVMSchedulePipeline(OpPassManager &pm,
                               const LowerToNVVMPipelineOptions &options);

/// Scheduled attention to an sm90 kernel by roles, overlapped and split.
void buildNVVMKernelPipeline(OpPassManager &pm,
                             const LowerToNVVMPipelineOptions &options);

/// sm90 kernels to the LLVM dialect.
void buildNVVMToLLVMPipeline(OpPassManager &pm,
                             const LowerToNVVMPipelineOptions &options);

/// GPU modules in the LLVM dialect to binaries.
void buildNVVMBinaryPipeline(OpPassManager &pm,
                             const LowerToNVVMPipelineOptions &options);

/// The whole GPU compiler: the phases above, in their order.
void buildLowerToNVVMPipeline(OpPassManager &pm,
                              const LowerToNVVMPipelineOptions &options);

/// Registers the GPU compiler and its phases by their flags.
void registerNVVMPipelines();

} // namespace attn
} // namespace mlir

#endif // SIGMOID_ATTN_PIPELINES_LOWERTONVVM_H
