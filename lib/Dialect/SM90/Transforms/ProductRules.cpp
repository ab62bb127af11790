//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rules of asynchronous products.
//
//===----------------------------------------------------------------------===//

#include "RoleState.h"

using namespace mlir;
using namespace mlir::sm90;

void RoleChecker::renameProducts(RoleState &state, ValueRange from,
                                 ValueRange to) {
  state.forEachProduct([&](Product &product) {
    for (auto [before, after] : llvm::zip_equal(from, to))
      if (product.pending && product.pending == before) {
        product.pending = after;
        return;
      }
  });
}

/// The product of that name in a list, or null.
static Product *findProduct(MutableArrayRef<Product> products, Value pending) {
  for (Product &product : products)
    if (product.pending == pending)
      return &product;
  return nullptr;
}

LogicalResult RoleChecker::issue(WgmmaOp op, RoleState &state) {
  if (isProducer)
    return op.emitOpError("is for consumers, but the producer runs it");
  if (Value init = op.getInit(); init && isa<PendingType>(init.getType())) {
    bool found = false;
    state.forEachProduct([&](Product &product) {
      if (product.pending != init)
        return;
      product.pending = nullptr;
      found = true;
    });
    if (!found)
      return op.emitOpError("accumulates on a product that something else "
                            "already took over");
  }
  Product product{op, op.getResult(), {}, state.apart};
  for (Value operand : {op.getA(), Value(op.getB())}) {
    if (!isa<TileType>(operand.getType()))
      continue;
    std::optional<Slot> slot = getSlot(operand);
    if (!slot)
      continue;
    for (Position released : state.getRing(slot->ring.getRing()).release)
      if (released.base == slot->position.base &&
          slot->position.offset < released.offset)
        return op.emitOpError("reads a slot that was already released");
    product.reads.push_back(*slot);
  }
  state.open.push_back(product);
  return success();
}

LogicalResult RoleChecker::await(AwaitOp op, RoleState &state) {
  size_t inFlight = op.getInFlight();
  while (state.groups.size() > inFlight) {
    for (Product &product : state.groups.front()) {
      Value a = product.op.getA();
      bool isKept =
          !product.op.isRegisterA() || llvm::is_contained(op.getKeep(), a);
      if (!isKept) {
        InFlightDiagnostic error = op.emitOpError(
            "completes a product without keeping its register operand alive");
        error.attachNote(product.op.getLoc()) << "the product";
        return error;
      }
      llvm::erase_if(state.apart, [&](const Slot &slot) {
        return llvm::is_contained(product.waitedFor, slot);
      });
      state.complete.push_back(product);
    }
    state.groups.erase(state.groups.begin());
  }
  for (Value pending : op.getPending()) {
    if (Product *product = findProduct(state.complete, pending)) {
      product->pending = nullptr;
      continue;
    }
    if (findProduct(state.open, pending))
      return op.emitOpError("awaits a product that was not committed");
    for (auto [age, group] : llvm::enumerate(llvm::reverse(state.groups)))
      if (findProduct(group, pending))
        return op.emitOpError("awaits a product of the last group but ")
               << age << ", which in_flight(" << inFlight
               << ") leaves in flight";
    return op.emitOpError("awaits a product that something else already took "
                          "over");
  }
  // What is complete and taken needs no memory.
  llvm::erase_if(state.complete,
                 [](Product &product) { return !product.pending; });
  return success();
}

LogicalResult RoleChecker::visitProductOp(Operation *op, RoleState &state) {
  if (auto product = dyn_cast<WgmmaOp>(op))
    return issue(product, state);
  if (auto wait = dyn_cast<AwaitOp>(op))
    return await(wait, state);
  if (isa<CommitOp>(op)) {
    state.groups.push_back(state.open);
    state.open.clear();
  }
  return success();
}
