//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Addresses, thread numbers and pins that every part of the lowering uses.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace mlir::sm90;

//===----------------------------------------------------------------------===//
// LoweringBuilder
//===----------------------------------------------------------------------===//

Value LoweringBuilder::i32(int64_t value) {
  return arith::ConstantOp::create(*this, getI32IntegerAttr(value));
}

Value LoweringBuilder::add(Value a, Value b) {
  return createOrFold<arith::AddIOp>(a, b);
}

Value LoweringBuilder::mul(Value a, int64_t b) {
  return createOrFold<arith::MulIOp>(a, i32(b));
}

Value LoweringBuilder::andi(Value a, int64_t b) {
  return createOrFold<arith::AndIOp>(a, i32(b));
}

Value LoweringBuilder::xori(Value a, Value b) {
  return createOrFold<arith::XOrIOp>(a, b);
}

Value LoweringBuilder::shl(Value a, int64_t bits) {
  return createOrFold<arith::ShLIOp>(a, i32(bits));
}

Value LoweringBuilder::shr(Value a, int64_t bits) {
  return createOrFold<arith::ShRUIOp>(a, i32(bits));
}

Value LoweringBuilder::equal(Value a, int64_t b) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, a, i32(b));
}

Value LoweringBuilder::less(Value a, int64_t b) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::ult, a, i32(b));
}

Value LoweringBuilder::thread() {
  return NVVM::ThreadIdXOp::create(*this, getI32Type());
}

Value LoweringBuilder::threadHere() {
  return createAsm(getI32Type(), {}, "mov.u32 $0, %tid.x;", "=r").getRes();
}

/// Blocks of a cluster of the kernel around `op`, converted or not.
static int64_t getClusterSize(Operation *op) {
  for (; op; op = op->getParentOp()) {
    if (auto kernel = dyn_cast<KernelOp>(op))
      return kernel.getCluster();
    if (auto func = dyn_cast<LLVM::LLVMFuncOp>(op))
      if (auto size = func->getAttrOfType<DenseI32ArrayAttr>(
              NVVM::NVVMDialect::getClusterDimAttrName()))
        return size[0];
  }
  return 1;
}

LLVM::GlobalOp sm90::getDynamicShared(OpBuilder &builder, Operation *op) {
  Operation *module = SymbolTable::getNearestSymbolTable(op);
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), 0);
  for (auto global : module->getRegion(0).getOps<LLVM::GlobalOp>())
    if (global.getAddrSpace() == kSharedSpace && global.getType() == type)
      return global;
  // A kernel may have any name, and keeps it.
  std::string name = kDynamicSharedSymbol.str();
  for (int number = 1; SymbolTable::lookupSymbolIn(module, name); ++number)
    name = (kDynamicSharedSymbol + "_" + Twine(number)).str();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&module->getRegion(0).front());
  return LLVM::GlobalOp::create(builder, op->getLoc(), type,
                                /*isConstant=*/false, LLVM::Linkage::External,
                                name, Attribute(), /*alignment=*/1024,
                                kSharedSpace);
}

bool LoweringBuilder::isInCluster() {
  return getClusterSize(getInsertionBlock()->getParentOp()) > 1;
}

Value LoweringBuilder::sharedPointer(Value address) {
  // The symbol's address has the block's number; ptxas can make it anew
  // wherever it is wanted.
  if (isInCluster())
    return LLVM::GEPOp::create(
        *this, LLVM::LLVMPointerType::get(getContext(), kSharedSpace),
        getI8Type(),
        LLVM::AddressOfOp::create(
            *this, getDynamicShared(*this, getInsertionBlock()->getParentOp())),
        ValueRange{add(address, -kDynamicSharedBase)});
  return LLVM::IntToPtrOp::create(
      *this, LLVM::LLVMPointerType::get(getContext(), kSharedSpace), address);
}

Value LoweringBuilder::offset(Value pointer, int64_t bytes) {
  if (bytes == 0)
    return pointer;
  return LLVM::GEPOp::create(
      *this, pointer.getType(), getI8Type(), pointer,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(bytes)});
}

Value LoweringBuilder::rank() {
  return NVVM::ClusterId::create(*this, getI32Type());
}

Value LoweringBuilder::sharedPointer(Value address, Value block) {
  auto type = LLVM::LLVMPointerType::get(
      getContext(),
      static_cast<unsigned>(NVVM::NVVMMemorySpace::SharedCluster));
  return NVVM::MapaOp::create(*this, type, sharedPointer(address), block);
}

/// The inline assembly constraint of a 32-bit register of the type.
static StringRef getConstraint(Type type) { return type.isF32() ? "f" : "r"; }

LLVM::InlineAsmOp LoweringBuilder::createAsm(Type result, ValueRange operands,
                                             StringRef text,
                                             StringRef constraints) {
  return LLVM::InlineAsmOp::create(
      *this, result ? TypeRange(result) : TypeRange(), operands, text,
      constraints, /*has_side_effects=*/true, /*is_align_stack=*/false,
      LLVM::TailCallKind::None,
      LLVM::AsmDialectAttr::get(getContext(), LLVM::AsmDialect::AD_ATT),
      /*operand_attrs=*/ArrayAttr());
}

SmallVector<Value> LoweringBuilder::pin(ValueRange registers) {
  SmallVector<std::string> outputs, inputs;
  for (auto [index, value] : llvm::enumerate(registers)) {
    outputs.push_back(("=" + getConstraint(value.getType())).str());
    inputs.push_back(std::to_string(index));
  }
  std::string constraints =
      llvm::join(outputs, ",") + "," + llvm::join(inputs, ",");
  if (registers.size() == 1)
    return {
        createAsm(registers[0].getType(), registers, "", constraints).getRes()};
  auto type = LLVM::LLVMStructType::getLiteral(
      getContext(), llvm::to_vector(registers.getTypes()));
  Value result = createAsm(type, registers, "", constraints).getRes();
  SmallVector<Value> pinned;
  for (int64_t index = 0, end = registers.size(); index < end; ++index)
    pinned.push_back(LLVM::ExtractValueOp::create(*this, result, index));
  return pinned;
}

void LoweringBuilder::keep(ValueRange registers) {
  // An assembly without text would not reach ptxas. No thread has this number,
  // but ptxas does not know that.
  std::string text = "{.reg .pred p; setp.eq.u32 p, $0, 0xffffffff; ";
  std::string constraints = "r";
  SmallVector<Value> operands = {thread()};
  for (auto [index, value] : llvm::enumerate(registers)) {
    text += "@p st.shared.b32 [0], $" + std::to_string(index + 1) + "; ";
    constraints += ("," + getConstraint(value.getType())).str();
    operands.push_back(value);
  }
  createAsm(Type(), operands, text + "}", constraints);
}

//===----------------------------------------------------------------------===//
// Rings and fragments
//===----------------------------------------------------------------------===//

AllocRingOp sm90::getAllocation(Value ring) {
  return ring.getDefiningOp<AllocRingOp>();
}

int64_t sm90::getNumBlocks(ArrayRef<AllocRingOp> rings) {
  int64_t blocks = 1;
  for (AllocRingOp ring : rings)
    blocks = std::max<int64_t>(blocks, ring.getCluster());
  return blocks;
}

Value sm90::getFullBarrier(LoweringBuilder &builder, AllocRingOp ring,
                           Value stage) {
  return builder.add(builder.mul(stage, kBarrierBytes),
                     kDynamicSharedBase + *ring.getBarriers());
}

Value sm90::getEmptyBarrier(LoweringBuilder &builder, AllocRingOp ring,
                            Value stage) {
  int64_t stages = ring.getRing().getType().getStages();
  return builder.add(builder.mul(stage, kBarrierBytes),
                     kDynamicSharedBase + *ring.getBarriers() +
                         stages * kBarrierBytes);
}

Value sm90::getPayload(LoweringBuilder &builder, AllocRingOp ring, Value stage,
                       unsigned index) {
  RingType type = ring.getRing().getType();
  int64_t base = kDynamicSharedBase + *ring.getOffset();
  if (type.isMessage())
    return builder.add(builder.mul(stage, RingType::kMessageBytes), base);
  for (Type before : type.getPayload().take_front(index))
    base += cast<TileType>(before).getSizeInBytes();
  return builder.add(builder.mul(stage, type.getStageBytes()), base);
}

// PTX ISA, "Register fragments for wgmma.mma_async.m64nNk16", matrix D.
std::pair<Value, Value> sm90::getFragmentOrigin(LoweringBuilder &builder) {
  Value lane = builder.lane();
  Value warpRow = builder.shl(builder.warp(), 4);
  Value row = builder.add(warpRow, builder.shr(lane, 2));
  Value col = builder.shl(builder.andi(lane, 3), 1);
  return {row, col};
}
