//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The derivative of a score region, by forward differentiation: each operation
// gets the tangent of its result from the tangents of its operands.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/IR/AttnFormula.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn;

/// Returns the tangent of the result of an operation, given those of its
/// operands. A null tangent is 0.
using Rule =
    std::function<Value(ImplicitLocOpBuilder &, Operation *, ArrayRef<Value>)>;

/// Returns the derivative f'(x) of y = f(x).
using Derivative = Value (*)(ImplicitLocOpBuilder &, Value x, Value y);

//===----------------------------------------------------------------------===//
// Arithmetic on tangents
//===----------------------------------------------------------------------===//

static Value constant(ImplicitLocOpBuilder &b, Type type, double value) {
  return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
}
static Value mul(ImplicitLocOpBuilder &b, Value x, Value y) {
  return b.createOrFold<arith::MulFOp>(x, y);
}
static Value div(ImplicitLocOpBuilder &b, Value x, Value y) {
  return b.createOrFold<arith::DivFOp>(x, y);
}
static Value neg(ImplicitLocOpBuilder &b, Value x) {
  return b.createOrFold<arith::NegFOp>(x);
}
static Value add(ImplicitLocOpBuilder &b, Value x, double y) {
  return b.createOrFold<arith::AddFOp>(x, constant(b, x.getType(), y));
}
static Value scale(ImplicitLocOpBuilder &b, Value x, double y) {
  return mul(b, x, constant(b, x.getType(), y));
}

/// `tangent * factor`, where a null tangent stays null.
static Value chain(ImplicitLocOpBuilder &b, Value tangent, Value factor) {
  return tangent ? mul(b, tangent, factor) : Value();
}
/// The sum of two tangents that may be null.
static Value sum(ImplicitLocOpBuilder &b, Value first, Value second) {
  if (!first || !second)
    return first ? first : second;
  return b.createOrFold<arith::AddFOp>(first, second);
}
/// `condition ? first : second` for tangents that may be null.
static Value choose(ImplicitLocOpBuilder &b, Value condition, Value first,
                    Value second) {
  if (!first && !second)
    return {};
  Type type = (first ? first : second).getType();
  first = first ? first : constant(b, type, 0.0);
  second = second ? second : constant(b, type, 0.0);
  return b.createOrFold<arith::SelectOp>(condition, first, second);
}

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

namespace {
/// The rules of all operations that are known, by type.
class RuleTable {
public:
  RuleTable();

  /// The table, which never changes once it is there.
  static const RuleTable &get() {
    static const RuleTable table;
    return table;
  }

  /// The rule of `op`, null if there is none.
  const Rule *lookup(Operation *op) const {
    auto it = rules.find(op->getName().getTypeID());
    return it == rules.end() ? nullptr : &it->second;
  }

private:
  template <typename OpTy> void add(Rule rule) {
    rules[TypeID::get<OpTy>()] = std::move(rule);
  }
  /// Adds a function of one argument by its derivative.
  template <typename OpTy> void addFunction(Derivative derivative) {
    add<OpTy>([derivative](ImplicitLocOpBuilder &b, Operation *op,
                           ArrayRef<Value> tangents) {
      return chain(b, tangents[0],
                   derivative(b, op->getOperand(0), op->getResult(0)));
    });
  }
  /// Adds operations that are constant between jumps.
  template <typename... OpTys> void addStepFunctions() {
    (add<OpTys>([](ImplicitLocOpBuilder &, Operation *, ArrayRef<Value>) {
       return Value();
     }),
     ...);
  }
  /// Adds an operation that is one of its operands: the first where
  /// `predicate` holds between the two, else the second.
  template <typename OpTy> void addSelection(arith::CmpFPredicate predicate) {
    add<OpTy>(
        [predicate](ImplicitLocOpBuilder &b, Operation *op, ArrayRef<Value> t) {
          Value first = arith::CmpFOp::create(b, predicate, op->getOperand(0),
                                              op->getOperand(1));
          return choose(b, first, t[0], t[1]);
        });
  }
  void addArithmetic();
  void addMultiplications();
  void addExponentials();
  void addFunctions();

  llvm::DenseMap<TypeID, Rule> rules;
};
} // namespace

RuleTable::RuleTable() {
  addArithmetic();
  addMultiplications();
  addExponentials();
  addFunctions();
}

void RuleTable::addArithmetic() {
  add<arith::AddFOp>([](ImplicitLocOpBuilder &b, Operation *,
                        ArrayRef<Value> t) { return sum(b, t[0], t[1]); });
  add<arith::SubFOp>(
      [](ImplicitLocOpBuilder &b, Operation *, ArrayRef<Value> t) {
        return sum(b, t[0], t[1] ? neg(b, t[1]) : Value());
      });
  add<arith::NegFOp>([](ImplicitLocOpBuilder &b, Operation *,
                        ArrayRef<Value> t) { return neg(b, t[0]); });
  add<arith::ExtFOp>(
      [](ImplicitLocOpBuilder &b, Operation *op, ArrayRef<Value> t) -> Value {
        return arith::ExtFOp::create(b, op->getResult(0).getType(), t[0]);
      });
  add<arith::TruncFOp>(
      [](ImplicitLocOpBuilder &b, Operation *op, ArrayRef<Value> t) -> Value {
        return arith::TruncFOp::create(b, op->getResult(0).getType(), t[0]);
      });
  add<arith::SelectOp>(
      [](ImplicitLocOpBuilder &b, Operation *op, ArrayRef<Value> t) {
        return choose(b, op->getOperand(0), t[1], t[2]);
      });
  addSelection<arith::MaximumFOp>(arith::CmpFPredicate::OGE);
  addSelection<arith::MaxNumFOp>(arith::CmpFPredicate::OGE);
  addSelection<arith::MinimumFOp>(arith::CmpFPredicate::OLE);
  addSelection<arith::MinNumFOp>(arith::CmpFPredicate::OLE);
  addStepFunctions<arith::CmpFOp, arith::FPToSIOp, arith::FPToUIOp,
                   math::CeilOp, math::FloorOp, math::RoundOp,
                   math::RoundEvenOp, math::TruncOp, math::IsFiniteOp,
                   math::IsInfOp, math::IsNaNOp, math::IsNormalOp>();
}

void RuleTable::addMultiplications() {
  add<arith::MulFOp>(
      [](ImplicitLocOpBuilder &b, Operation *op, ArrayRef<Value> t) {
        return sum(b, chain(b, t[0], op->getOperand(1)),
                   chain(b, t[1], op->getOperand(0)));
      });
  add<math::FmaOp>(
      [](ImplicitLocOpBuilder &b, Operation *op, ArrayRef<Value> t) {
        Value product = sum(b, chain(b, t[0], op->getOperand(1)),
                            chain(b, t[1], op->getOperand(0)));
        return sum(b, product, t[2]);
      });
  // y = p / q: (p' - y q') / q.
  add<arith::DivFOp>(
      [](ImplicitLocOpBuilder &b, Operation *op, ArrayRef<Value> t) {
        Value divisor = chain(b, t[1], op->getResult(0));
        Value numerator = sum(b, t[0], divisor ? neg(b, divisor) : Value());
        return div(b, numerator, op->getOperand(1));
      });
  // y = x^n: n x^(n-1) x' + y log(x) n'.
  add<math::PowFOp>(
      [](ImplicitLocOpBuilder &b, Operation *op, ArrayRef<Value> t) {
        Value base = op->getOperand(0), exponent = op->getOperand(1);
        Value result;
        if (t[0]) {
          Value power = math::PowFOp::create(b, base, ::add(b, exponent, -1.0));
          result = mul(b, t[0], mul(b, exponent, power));
        }
        if (!t[1])
          return result;
        Value growth = mul(b, op->getResult(0), math::LogOp::create(b, base));
        return sum(b, result, mul(b, t[1], growth));
      });
}

void RuleTable::addExponentials() {
  using B = ImplicitLocOpBuilder;
  addFunction<math::ExpOp>([](B &, Value, Value y) { return y; });
  addFunction<math::Exp2Op>(
      [](B &b, Value, Value y) { return ::scale(b, y, llvm::numbers::ln2); });
  addFunction<math::ExpM1Op>(
      [](B &b, Value, Value y) { return ::add(b, y, 1.0); });
  addFunction<math::LogOp>([](B &b, Value x, Value) {
    return div(b, constant(b, x.getType(), 1.0), x);
  });
  addFunction<math::Log2Op>([](B &b, Value x, Value) {
    return div(b, constant(b, x.getType(), 1.0 / llvm::numbers::ln2), x);
  });
  addFunction<math::Log1pOp>([](B &b, Value x, Value) {
    return div(b, constant(b, x.getType(), 1.0), ::add(b, x, 1.0));
  });
  addFunction<math::TanhOp>(
      [](B &b, Value, Value y) { return ::add(b, neg(b, mul(b, y, y)), 1.0); });
  // 2/sqrt(pi) exp(-x^2)
  addFunction<math::ErfOp>([](B &b, Value x, Value) {
    Value bell = math::ExpOp::create(b, neg(b, mul(b, x, x)));
    return ::scale(b, bell, 2.0 * llvm::numbers::inv_sqrtpi);
  });
}

void RuleTable::addFunctions() {
  using B = ImplicitLocOpBuilder;
  addFunction<math::SqrtOp>([](B &b, Value, Value y) {
    return div(b, constant(b, y.getType(), 0.5), y);
  });
  addFunction<math::RsqrtOp>(
      [](B &b, Value x, Value y) { return div(b, ::scale(b, y, -0.5), x); });
  addFunction<math::SinOp>(
      [](B &b, Value x, Value) -> Value { return math::CosOp::create(b, x); });
  addFunction<math::CosOp>([](B &b, Value x, Value) -> Value {
    return neg(b, math::SinOp::create(b, x));
  });
  addFunction<math::AtanOp>([](B &b, Value x, Value) {
    return div(b, constant(b, x.getType(), 1.0), ::add(b, mul(b, x, x), 1.0));
  });
  // The sign of x; 0 at 0.
  addFunction<math::AbsFOp>([](B &b, Value x, Value y) -> Value {
    Value zero = constant(b, x.getType(), 0.0);
    Value sign = math::CopySignOp::create(b, constant(b, x.getType(), 1.0), x);
    Value isZero = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, y, zero);
    return arith::SelectOp::create(b, isZero, zero, sign);
  });
}

//===----------------------------------------------------------------------===//
// Differentiation
//===----------------------------------------------------------------------===//

/// Whether a result of `op` depends on one of the values in `active`.
static bool usesAny(Operation &op, const DenseSet<Value> &active) {
  return op
      .walk([&](Operation *nested) {
        for (Value operand : nested->getOperands())
          if (active.contains(operand))
            return WalkResult::interrupt();
        return WalkResult::advance();
      })
      .wasInterrupted();
}

Operation *attn::findNonDifferentiable(Region &score) {
  if (score.empty())
    return nullptr;
  Block &body = score.front();
  DenseSet<Value> active = {body.getArgument(0)};
  for (Operation &op : body.without_terminator()) {
    if (!usesAny(op, active))
      continue;
    if (!RuleTable::get().lookup(&op) ||
        !isa<FloatType, IntegerType>(op.getResult(0).getType()))
      return &op;
    if (isa<FloatType>(op.getResult(0).getType()))
      active.insert(op.getResult(0));
  }
  return nullptr;
}

/// The tangent of the clone `op`, null for 0, from those of its operands.
static Value differentiate(ImplicitLocOpBuilder &builder, Operation &op,
                           ArrayRef<Value> tangents) {
  if (llvm::none_of(tangents, [](Value tangent) { return tangent; }))
    return {};
  const Rule *rule = RuleTable::get().lookup(&op);
  return rule ? (*rule)(builder, &op, tangents) : Value();
}

ScoreAndDerivative attn::inlineScoreAndDerivative(
    OpBuilder &builder, Location loc, AttentionOpInterface op, Value score,
    const ScorePosition &global, IRMapping *mapping) {
  ImplicitLocOpBuilder b(loc, builder);
  Value one = constant(b, score.getType(), 1.0);
  if (!op.hasScore())
    return {score, one};
  Block &body = op.getScore().front();
  IRMapping local = mapping ? *mapping : IRMapping();
  Value arguments[] = {score, global.batch, global.head, global.query,
                       global.key};
  local.map(body.getArguments(), ValueRange(arguments));
  DenseMap<Value, Value> tangents = {{body.getArgument(0), one}};
  for (Operation &nested : body.without_terminator()) {
    Operation *clone = b.clone(nested, local);
    auto operands = llvm::map_to_vector(nested.getOperands(), [&](Value value) {
      return tangents.lookup(value);
    });
    if (Value tangent = differentiate(b, *clone, operands))
      tangents[nested.getResult(0)] = tangent;
  }
  Value yielded = cast<YieldOp>(body.getTerminator()).getScore();
  Value tangent = tangents.lookup(yielded);
  return {local.lookupOrDefault(yielded),
          tangent ? tangent : constant(b, score.getType(), 0.0)};
}
