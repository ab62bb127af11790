//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Symbolic counts of slots. A number is a constant plus multiples of terms, and
// a term is a text: two values are the same term if the same operations compute
// them from the same inputs, in whichever role.
//
//===----------------------------------------------------------------------===//

#include "SlotCounts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/raw_ostream.h"

#include <map>

using namespace mlir;
using namespace mlir::sm90;

namespace {

/// A constant plus multiples of terms.
struct Sum {
  int64_t constant = 0;
  std::map<std::string, int64_t> terms;

  static Sum ofTerm(std::string term) {
    Sum sum;
    sum.terms[std::move(term)] = 1;
    return sum;
  }
  static Sum ofConstant(int64_t value) {
    Sum sum;
    sum.constant = value;
    return sum;
  }
  bool isConstant() const { return terms.empty(); }

  /// Adds a multiple of another sum.
  Sum &add(const Sum &other, int64_t factor = 1) {
    constant += factor * other.constant;
    for (const auto &[term, count] : other.terms)
      if ((terms[term] += factor * count) == 0)
        terms.erase(term);
    return *this;
  }

  /// Whether this is a multiple of `other`, which has a term.
  bool isMultipleOf(const Sum &other) const {
    auto [term, count] = *other.terms.begin();
    auto mine = terms.find(term);
    if (mine == terms.end() || mine->second % count != 0)
      return false;
    Sum rest = *this;
    rest.add(other, -mine->second / count);
    return rest.isConstant() && rest.constant == 0;
  }

  std::string str() const {
    std::string text = std::to_string(constant);
    for (const auto &[term, count] : terms)
      text += "+" + std::to_string(count) + "*" + term;
    return text;
  }
};

/// What consumers compare with; the producer is counted first.
struct ProducerState {
  /// What it sends, for each ring of messages.
  DenseMap<Operation *, Sum> messages;
  /// The conditions of its while loops, and what their arguments start and go
  /// on with.
  std::map<std::string, std::string> loops;
};

/// Counts the slots that one role takes of one ring, over its whole program.
class SlotCounter {
public:
  SlotCounter(AllocRingOp ring, bool isProducer, ProducerState &producer)
      : ring(ring), isProducer(isProducer), producer(producer) {}

  Sum count(Block &block) {
    Sum sum;
    for (Operation &op : block)
      sum.add(count(&op));
    return sum;
  }

private:
  Sum count(Operation *op);
  Sum countFor(scf::ForOp loop);
  /// The same, step by step, of a loop of few steps from 0 by ones.
  Sum countEach(scf::ForOp loop, int64_t steps);
  Sum countWhile(scf::WhileOp loop);
  Sum countIf(scf::IfOp branch);
  /// If a condition is that a range has steps: how many it has.
  std::optional<Sum> countSteps(Value condition);

  /// The value as a sum of terms.
  Sum evaluate(Value value);
  Sum computeTerm(Value value);

  /// Whether the producer's loop, or argument, of this name has this text.
  bool isProducers(const std::string &name, const std::string &text);

  AllocRingOp ring;
  bool isProducer;
  ProducerState &producer;
  DenseMap<Value, Sum> values;
  int64_t numWhileLoops = 0;
};

} // namespace

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// A name that only this value has.
static std::string getName(Value value) {
  std::string name;
  llvm::raw_string_ostream(name) << '%' << value.getAsOpaquePointer();
  return name;
}

Sum SlotCounter::computeTerm(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return Sum::ofConstant(constant.getSExtValue());
  Operation *op = value.getDefiningOp();
  if (!op)
    return Sum::ofTerm(getName(value));
  if (isa<arith::AddIOp, arith::SubIOp>(op))
    return evaluate(op->getOperand(0))
        .add(evaluate(op->getOperand(1)), isa<arith::AddIOp>(op) ? 1 : -1);
  if (auto send = dyn_cast<SendOp>(op))
    return evaluate(send.getValue());
  if (auto wait = dyn_cast<WaitOp>(op)) {
    auto sent = producer.messages.find(wait.getRing().getDefiningOp());
    return sent == producer.messages.end() ? Sum::ofTerm(getName(value))
                                           : sent->second;
  }
  if (op->getNumRegions() != 0 || !isMemoryEffectFree(op))
    return Sum::ofTerm(getName(value));
  std::string text = op->getName().getStringRef().str();
  llvm::raw_string_ostream(text)
      << '#' << cast<OpResult>(value).getResultNumber()
      << op->getAttrDictionary();
  for (Value operand : op->getOperands())
    text += "(" + evaluate(operand).str() + ")";
  return Sum::ofTerm(text);
}

Sum SlotCounter::evaluate(Value value) {
  if (auto known = values.find(value); known != values.end())
    return known->second;
  Sum sum = computeTerm(value);
  values[value] = sum;
  return sum;
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

/// The sum over a loop's iterations of what one counts.
static Sum distribute(const Sum &body, const std::string &loop) {
  Sum sum;
  if (body.constant != 0)
    sum.add(Sum::ofTerm(loop), body.constant);
  for (const auto &[term, count] : body.terms)
    sum.add(Sum::ofTerm(loop + "{" + term + "}"), count);
  return sum;
}

Sum SlotCounter::countEach(scf::ForOp loop, int64_t steps) {
  Sum sum;
  DenseMap<Value, Sum> outside = values;
  SmallVector<Sum> carried = llvm::map_to_vector(
      loop.getInitArgs(), [&](Value init) { return evaluate(init); });
  for (int64_t step = 0; step < steps; ++step) {
    values = outside;
    values[loop.getInductionVar()] = Sum::ofConstant(step);
    for (auto [argument, value] :
         llvm::zip_equal(loop.getRegionIterArgs(), carried))
      values[argument] = value;
    sum.add(count(*loop.getBody()));
    for (auto [value, yielded] :
         llvm::zip_equal(carried, loop.getYieldedValues()))
      value = evaluate(yielded);
  }
  values = outside;
  return sum;
}

/// Whether a message is sent or received in the loop, of which the steps are
/// not told apart.
static bool hasMessages(scf::ForOp loop) {
  return loop
      .walk([](Operation *op) {
        auto wait = dyn_cast<WaitOp>(op);
        bool receives = wait && wait.getRing().getType().isMessage();
        return isa<SendOp>(op) || receives ? WalkResult::interrupt()
                                           : WalkResult::advance();
      })
      .wasInterrupted();
}

Sum SlotCounter::countFor(scf::ForOp loop) {
  constexpr int64_t kFewSteps = 4;
  std::optional<APInt> steps = loop.getStaticTripCount();
  if (steps && steps->sle(kFewSteps) &&
      matchPattern(loop.getLowerBound(), m_Zero()) &&
      matchPattern(loop.getStep(), m_One()) && !hasMessages(loop))
    return countEach(loop, steps->getSExtValue());
  Sum lower = evaluate(loop.getLowerBound());
  Sum upper = evaluate(loop.getUpperBound());
  Sum step = evaluate(loop.getStep());
  std::string range =
      "(" + lower.str() + ";" + upper.str() + ";" + step.str() + ")";
  values[loop.getInductionVar()] = Sum::ofTerm("index" + range);
  Sum body = count(*loop.getBody());
  bool byOne = step.isConstant() && step.constant == 1;
  if (!body.isConstant() || !byOne)
    return distribute(body, "trips" + range);
  Sum sum;
  return sum.add(upper, body.constant).add(lower, -body.constant);
}

bool SlotCounter::isProducers(const std::string &name,
                              const std::string &text) {
  if (isProducer)
    producer.loops[name] = text;
  return producer.loops[name] == text;
}

Sum SlotCounter::countWhile(scf::WhileOp loop) {
  std::string name = "while" + std::to_string(numWhileLoops++);
  DenseMap<Value, Sum> outside = values;
  int64_t numOutside = numWhileLoops;
  SmallVector<bool> isOwn(loop.getInits().size(), false);
  while (true) {
    auto getArgument = [&](size_t number) {
      return name + (isOwn[number] ? "'[" : "[") + std::to_string(number) + "]";
    };
    for (auto [number, argument] : llvm::enumerate(loop.getBeforeArguments()))
      values[argument] = Sum::ofTerm(getArgument(number));
    Sum before = count(*loop.getBeforeBody());
    for (auto [argument, passed] : llvm::zip_equal(
             loop.getAfterArguments(), loop.getConditionOp().getArgs()))
      values[argument] = evaluate(passed);
    Sum after = count(*loop.getAfterBody());
    // It is the same as the producer's if it starts and goes on alike.
    bool hasChanged = false;
    for (auto [number, init, next] :
         llvm::enumerate(loop.getInits(), loop.getYieldOp().getOperands())) {
      std::string text = evaluate(init).str() + ";" + evaluate(next).str();
      if (isOwn[number] || isProducers(getArgument(number), text))
        continue;
      isOwn[number] = hasChanged = true;
    }
    if (!hasChanged) {
      Value condition = loop.getConditionOp().getCondition();
      if (!isProducers(name, evaluate(condition).str()))
        name += "'";
      // A sum over the iterations is that of each part of what one takes.
      Sum sum = distribute(before, name + ".tests");
      return sum.add(distribute(after, name + ".trips"));
    }
    values = outside;
    numWhileLoops = numOutside;
  }
}

std::optional<Sum> SlotCounter::countSteps(Value condition) {
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  if (!compare)
    return std::nullopt;
  Sum lower = evaluate(compare.getLhs()), upper = evaluate(compare.getRhs());
  if (compare.getPredicate() == arith::CmpIPredicate::sgt)
    std::swap(lower, upper);
  else if (compare.getPredicate() != arith::CmpIPredicate::slt)
    return std::nullopt;
  Sum steps = upper.add(lower, -1);
  return steps.isConstant() ? std::nullopt : std::optional<Sum>(steps);
}

Sum SlotCounter::countIf(scf::IfOp branch) {
  Sum yes = count(*branch.thenBlock());
  Sum no;
  if (branch.elseBlock())
    no = count(*branch.elseBlock());
  if (yes.str() == no.str())
    return yes;
  // Where a loop's first or last step stands apart, so does the case that it
  // has none. In that case its count is 0 as well.
  std::optional<Sum> steps = countSteps(branch.getCondition());
  if (steps && Sum(yes).add(no, -1).isMultipleOf(*steps))
    return yes;
  return Sum::ofTerm("if(" + evaluate(branch.getCondition()).str() + "){" +
                     yes.str() + "}{" + no.str() + "}");
}

Sum SlotCounter::count(Operation *op) {
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return countFor(loop);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return countWhile(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return countIf(branch);
  Value used;
  if (auto wait = dyn_cast<WaitOp>(op); wait && !wait.getPeek())
    used = wait.getRing();
  if (auto reserve = dyn_cast<ReserveOp>(op))
    used = reserve.getRing();
  // What is sent is the same term for those who receive it.
  if (auto send = dyn_cast<SendOp>(op))
    producer.messages[send.getRing().getDefiningOp()] =
        evaluate(send.getValue());
  return Sum::ofConstant(used && used == ring.getRing() ? 1 : 0);
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

/// The first wait or reserve of the ring in a region.
static Operation *findUser(Region &region, AllocRingOp ring) {
  Operation *user = nullptr;
  region.walk([&](Operation *op) {
    bool uses =
        isa<WaitOp, ReserveOp>(op) && op->getOperand(0) == ring.getRing();
    user = uses ? op : nullptr;
    return uses ? WalkResult::interrupt() : WalkResult::advance();
  });
  return user;
}

static LogicalResult verifyRing(WarpSpecializeOp roles, AllocRingOp ring,
                                ProducerState &state) {
  Operation *writer = findUser(roles.getProducer(), ring);
  Operation *reader = findUser(roles.getConsumer(), ring);
  if (!writer && !reader)
    return success();
  if (!writer)
    return reader->emitOpError("waits for a ring that the producer never "
                               "fills");
  if (!reader)
    return writer->emitOpError("fills a ring that no consumer reads");
  Sum difference = SlotCounter(ring, /*isProducer=*/true, state)
                       .count(roles.getProducer().front());
  difference.add(SlotCounter(ring, /*isProducer=*/false, state)
                     .count(roles.getConsumer().front()),
                 -1);
  if (difference.isConstant() && difference.constant == 0)
    return success();
  InFlightDiagnostic error = ring.emitOpError();
  if (difference.isConstant())
    error << "is filled " << std::abs(difference.constant) << " slots "
          << (difference.constant > 0 ? "more" : "less")
          << " than consumers take";
  else
    error << "expected producer and consumers to handle the same number of "
             "slots, whatever the sizes";
  error.attachNote(writer->getLoc()) << "filled here";
  error.attachNote(reader->getLoc()) << "taken here";
  return error;
}

LogicalResult sm90::verifySlotCounts(KernelOp kernel) {
  WarpSpecializeOp roles = kernel.getRoles();
  ProducerState state;
  for (AllocRingOp ring : kernel.getBody().getOps<AllocRingOp>())
    if (failed(verifyRing(roles, ring, state)))
      return failure();
  return success();
}
