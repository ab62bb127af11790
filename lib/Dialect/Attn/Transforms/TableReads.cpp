//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bounds of the indices with which score regions read tables. They are reached,
// or code that says so asks for it: a bound that is only safe would refuse
// tables that are large enough. So values that depend on each other are not
// combined, and conditions not looked into.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/TableReads.h"

#include "CallNumber.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::attn;
using sigmoid_attn::RecipeCondition;

/// What is nested deeper is no index that anybody writes.
static constexpr int kDeepest = 64;

//===----------------------------------------------------------------------===//
// Bounds of values
//===----------------------------------------------------------------------===//

namespace {
/// What is known of a value.
struct Bounds {
  Number least, most;
  /// Whether it is known to be 0 or more: sizes, positions and what is made of
  /// them.
  bool isNatural = false;
  /// Whether it is one number in a whole call, which is `most`.
  bool isFixed = false;
  /// The region's arguments that it depends on, a bit each.
  unsigned positions = 0;
};

class BoundsFinder {
public:
  BoundsFinder(AttentionOpInterface op, CallNamer namer)
      : op(op), namer(namer) {}

  Bounds get(Value value);
  Number getSize(Value array, int64_t dim);

private:
  Bounds compute(Value value);
  Bounds computeResult(Operation *definer);
  Bounds getPosition(unsigned number);
  Bounds cast(Operation *definer);
  Bounds combine(Operation *definer);

  AttentionOpInterface op;
  CallNamer namer;
  llvm::DenseMap<Value, Bounds> known;
  int depth = 0;
};
} // namespace

static Bounds fixed(const Number &number, bool isNatural) {
  return {number, number, isNatural, number.has_value()};
}

static bool isZeroOrMore(const Number &number) {
  return number && number->isConstant() && number->constant >= 0;
}

static Bounds sum(const Bounds &a, const Bounds &b) {
  return {add(a.least, b.least), add(a.most, b.most),
          a.isNatural && b.isNatural};
}

static Bounds difference(const Bounds &a, const Bounds &b) {
  return {subtract(a.least, b.most), subtract(a.most, b.least)};
}

static Bounds product(const Bounds &a, const Bounds &b) {
  if (a.isNatural && b.isNatural)
    return {multiply(a.least, b.least), multiply(a.most, b.most), true};
  if (b.isFixed && !a.isFixed)
    return product(b, a);
  // A negative constant turns the bounds around.
  if (a.isFixed && a.most->isConstant())
    return {multiply(a.most, a.most->constant < 0 ? b.most : b.least),
            multiply(a.most, a.most->constant < 0 ? b.least : b.most)};
  return {};
}

static Bounds quotient(const Bounds &a, const Bounds &b) {
  if (!a.isNatural || !b.isFixed || !b.most->isConstant() ||
      b.most->constant < 1)
    return {};
  return {floorDivide(a.least, b.most->constant),
          floorDivide(a.most, b.most->constant), true};
}

static Bounds remainder(const Bounds &a, const Bounds &b, bool isSigned) {
  if (!b.isFixed || !b.isNatural || (isSigned && !a.isNatural))
    return {};
  // A division by 0 has some result, which no table is large enough for.
  CallNumber one{"", 1};
  Number most = subtract(choose("max", b.most, one), one);
  if (a.isNatural && a.most)
    most = choose("min", a.most, most);
  return {CallNumber(), most, true};
}

/// The bound that a minimum or maximum with `other` sets to what has none: one
/// for the whole call, which code would not name if it were not reached.
static Number getClamp(const Number &other, bool isFixed) {
  return isFixed ? other : std::nullopt;
}

static Bounds minimum(const Bounds &a, const Bounds &b, bool isSigned) {
  // Below 0 is above everything.
  if (!isSigned && !a.isNatural)
    return b.isNatural ? Bounds{CallNumber(), getClamp(b.most, b.isFixed), true}
                       : Bounds();
  if (!isSigned && !b.isNatural)
    return {CallNumber(), getClamp(a.most, a.isFixed), true};
  Number most = a.most && b.most ? choose("min", a.most, b.most)
                : a.most         ? getClamp(a.most, a.isFixed)
                                 : getClamp(b.most, b.isFixed);
  return {choose("min", a.least, b.least), most, a.isNatural && b.isNatural};
}

static Bounds maximum(const Bounds &a, const Bounds &b, bool isSigned) {
  if (!isSigned && !(a.isNatural && b.isNatural))
    return {};
  Number least = a.least && b.least ? choose("max", a.least, b.least)
                 : a.least          ? getClamp(a.least, a.isFixed)
                                    : getClamp(b.least, b.isFixed);
  return {least, choose("max", a.most, b.most), a.isNatural || b.isNatural};
}

Number BoundsFinder::getSize(Value array, int64_t dim) {
  auto type = mlir::cast<ShapedType>(array.getType());
  if (!type.isDynamicDim(dim))
    return makeNumber("", type.getDimSize(dim));
  std::string name = namer(array, dim);
  return name.empty() ? Number() : makeNumber(std::move(name), 0);
}

/// Argument `number` of the region: 1 to 4 are batch, head, query and key.
Bounds BoundsFinder::getPosition(unsigned number) {
  Number size = number == 4 ? getSize(op.getKey(), kLength)
                            : getSize(op.getQuery(), number - 1);
  Bounds origin = op.getOrigin().empty() ? fixed(CallNumber(), true)
                                         : get(op.getOrigin()[number - 1]);
  if (!origin.isFixed)
    return {};
  return {origin.most, add(origin.most, subtract(size, CallNumber{"", 1})),
          origin.isNatural, false, 1u << number};
}

/// The width of the integers of a type.
static unsigned getWidth(Type type) {
  return type.isIndex() ? IndexType::kInternalStorageBitWidth
                        : type.getIntOrFloatBitWidth();
}

Bounds BoundsFinder::cast(Operation *definer) {
  Value source = definer->getOperand(0);
  Bounds bounds = get(source);
  // Lengths and counts of heads that have tiles fit 32 bits.
  if (std::min(getWidth(source.getType()),
               getWidth(definer->getResult(0).getType())) < 32)
    return {};
  bool isUnsigned = isa<arith::ExtUIOp, arith::IndexCastUIOp>(definer);
  return isUnsigned && !bounds.isNatural ? Bounds() : bounds;
}

Bounds BoundsFinder::combine(Operation *definer) {
  Bounds a = get(definer->getOperand(0)), b = get(definer->getOperand(1));
  // Both at their bounds at once, they would have to be independent.
  if (a.positions & b.positions)
    return {};
  Bounds result =
      TypeSwitch<Operation *, Bounds>(definer)
          .Case<arith::AddIOp>([&](auto) { return sum(a, b); })
          .Case<arith::SubIOp>([&](auto) { return difference(a, b); })
          .Case<arith::MulIOp>([&](auto) { return product(a, b); })
          .Case<arith::DivUIOp, arith::DivSIOp, arith::FloorDivSIOp>(
              [&](auto) { return quotient(a, b); })
          .Case<arith::RemUIOp>([&](auto) { return remainder(a, b, false); })
          .Case<arith::RemSIOp>([&](auto) { return remainder(a, b, true); })
          .Case<arith::MinUIOp>([&](auto) { return minimum(a, b, false); })
          .Case<arith::MinSIOp>([&](auto) { return minimum(a, b, true); })
          .Case<arith::MaxUIOp>([&](auto) { return maximum(a, b, false); })
          .Case<arith::MaxSIOp>([&](auto) { return maximum(a, b, true); })
          .Default([](Operation *) { return Bounds(); });
  // Of fixed operands both bounds are the result.
  result.isFixed = a.isFixed && b.isFixed && result.least && result.most &&
                   result.least->str() == result.most->str();
  result.isNatural |= isZeroOrMore(result.least);
  result.positions = a.positions | b.positions;
  return result;
}

Bounds BoundsFinder::computeResult(Operation *definer) {
  if (auto dim = dyn_cast<tensor::DimOp>(definer);
      dim && dim.getConstantIndex())
    return fixed(getSize(dim.getSource(), *dim.getConstantIndex()), true);
  if (auto dim = dyn_cast<memref::DimOp>(definer);
      dim && dim.getConstantIndex())
    return fixed(getSize(dim.getSource(), *dim.getConstantIndex()), true);
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
          arith::ExtUIOp, arith::TruncIOp>(definer))
    return cast(definer);
  if (definer->getNumOperands() == 2)
    return combine(definer);
  return {};
}

Bounds BoundsFinder::compute(Value value) {
  if (!value.getType().isIntOrIndex())
    return {};
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant))) {
    std::optional<int64_t> number = constant.trySExtValue();
    return fixed(makeNumber("", number), number && *number >= 0);
  }
  if (Operation *definer = value.getDefiningOp())
    return computeResult(definer);
  auto argument = mlir::cast<BlockArgument>(value);
  if (argument.getOwner() == &op.getScore().front())
    return getPosition(argument.getArgNumber());
  std::string name = namer(value, std::nullopt);
  return name.empty() ? Bounds() : fixed(makeNumber(std::move(name), 0), false);
}

Bounds BoundsFinder::get(Value value) {
  if (auto found = known.find(value); found != known.end())
    return found->second;
  if (depth == kDeepest)
    return {};
  ++depth;
  Bounds bounds = compute(value);
  --depth;
  known[value] = bounds;
  return bounds;
}

//===----------------------------------------------------------------------===//
// Reads
//===----------------------------------------------------------------------===//

SmallVector<TableRead> attn::getTableReads(AttentionOpInterface op,
                                           CallNamer namer) {
  SmallVector<TableRead> reads;
  if (!op.hasScore())
    return reads;
  BoundsFinder finder(op, namer);
  auto addRead = [&](Operation &read, Value table, OperandRange indices) {
    if (op.getScore().isAncestor(table.getParentRegion()))
      return;
    for (auto [dim, index] : llvm::enumerate(indices)) {
      Bounds bounds = finder.get(index);
      if (bounds.isNatural)
        bounds.least = CallNumber();
      // A table that is always large enough needs no look at the call.
      int64_t size = mlir::cast<ShapedType>(table.getType()).getDimSize(dim);
      if (bounds.most && bounds.most->limit && *bounds.most->limit < size)
        bounds.most = CallNumber{"", *bounds.most->limit};
      reads.push_back(
          {&read, table, static_cast<int64_t>(dim), bounds.least, bounds.most});
    }
  };
  // Only what no condition guards: it may be there for the index's sake.
  for (Operation &nested : op.getScore().front()) {
    if (auto extract = dyn_cast<tensor::ExtractOp>(nested))
      addRead(nested, extract.getTensor(), extract.getIndices());
    else if (auto load = dyn_cast<memref::LoadOp>(nested))
      addRead(nested, load.getMemRef(), load.getIndices());
  }
  return reads;
}

/// The condition that `number` is 0 or more.
static RecipeCondition requireZeroOrMore(const CallNumber &number) {
  RecipeCondition condition;
  double constant = number.constant;
  StringRef text = number.text;
  // `size <= 1` reads better than `-size >= -1`.
  if (text.consume_front("-") && group(text.str()) == text) {
    condition.value = text.str();
    condition.max = constant;
  } else {
    condition.value = number.text;
    condition.min = 0 - constant;
  }
  return condition;
}

std::vector<RecipeCondition> attn::getTableConditions(AttentionOpInterface op,
                                                      CallNamer namer) {
  std::vector<RecipeCondition> conditions;
  auto require = [&](const Number &number, const std::string &argument) {
    // What is constant, verifyTableReads looks at.
    if (!number || number->isConstant())
      return;
    RecipeCondition condition = requireZeroOrMore(*number);
    condition.argument = argument;
    bool isKnown = llvm::any_of(conditions, [&](const RecipeCondition &other) {
      return other.value == condition.value && other.min == condition.min &&
             other.max == condition.max && other.argument == argument;
    });
    if (!isKnown)
      conditions.push_back(std::move(condition));
  };
  BoundsFinder sizes(op, namer);
  for (const TableRead &read : getTableReads(op, namer)) {
    std::string argument = namer(read.table, std::nullopt);
    require(read.least, argument);
    Number size = sizes.getSize(read.table, read.dim);
    // The message gives a size that the type has, too.
    if (size && size->isConstant() && !argument.empty() && read.most &&
        !read.most->isConstant())
      size = makeNumber(namer(read.table, read.dim), 0);
    require(subtract(subtract(size, read.most), CallNumber{"", 1}), argument);
  }
  return conditions;
}

LogicalResult attn::verifyTableReads(AttentionOpInterface op) {
  if (op.isKnownToBeEmpty())
    return success();
  // Sizes that only a call knows may drop out of a difference.
  llvm::DenseMap<std::pair<Value, int64_t>, std::string> names;
  auto getName = [&](Value value, std::optional<int64_t> dim) {
    std::string &name = names[{value, dim.value_or(-1)}];
    if (name.empty())
      name = "name_" + std::to_string(names.size());
    return name;
  };
  BoundsFinder sizes(op, getName);
  LogicalResult result = success();
  for (const TableRead &read : getTableReads(op, getName)) {
    Number size = sizes.getSize(read.table, read.dim);
    Number after = subtract(read.most, size);
    if (read.least && read.least->isConstant() && read.least->constant < 0)
      result = read.op->emitOpError("expected an index of at least 0 in "
                                    "dimension ")
               << read.dim << " of the table, got " << read.least->constant;
    else if (!after || !after->isConstant() || after->constant < 0)
      continue;
    else if (size->isConstant())
      result = read.op->emitOpError("expected a table of at least ")
               << read.most->constant + 1 << " in dimension " << read.dim
               << ", got " << size->constant;
    else
      result = read.op->emitOpError("expected an index below the table's size "
                                    "in dimension ")
               << read.dim << ", got up to that size + " << after->constant;
  }
  return result;
}
