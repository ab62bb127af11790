//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Names of problems, and the MLIR that solves them.
//
//===----------------------------------------------------------------------===//

#include "Problem.h"

#include <cstdlib>
#include <sstream>

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

bool Problem::isVisible(int64_t i, int64_t j) const {
  int64_t diagonal = keyLength - queryLength;
  if (origin) {
    i += (*origin)[2];
    j += (*origin)[3];
    diagonal = (*origin)[4];
  }
  int64_t distance = j - i - diagonal;
  if (causal)
    return distance <= 0;
  return (!left || distance >= -*left) && (!right || distance <= *right);
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

static const char *kScoreNames[] = {"", "_perhead", "_perscore", "_alibi",
                                    "_softcap"};
static const char *kLayoutNames[] = {"", "_lengthmajor", "_padded",
                                     "_unaligned", "_sharedkeys"};

static std::string formatBound(std::optional<int64_t> bound,
                               const char *unbounded) {
  return bound ? std::to_string(*bound) : unbounded;
}

/// A number without the characters that test names may not have.
static std::string formatNumber(float value) {
  std::ostringstream text;
  text << value;
  std::string name = text.str();
  for (char &character : name)
    if (character == '-')
      character = 'm';
    else if (!isalnum(character))
      character = 'p';
  return name;
}

std::string test::getName(const Problem &p) {
  std::ostringstream name;
  name << (p.backward ? "bwd_" : "fwd_") << getElementTypeName(p.type) << "_b"
       << p.batch << "_h" << p.heads << "_hk" << p.keyHeads << "_q"
       << p.queryLength << "_k" << p.keyLength << "_d" << p.headDim;
  if (p.valueHeadDim != p.headDim)
    name << "_dv" << p.valueHeadDim;
  if (p.causal)
    name << "_causal";
  if (p.left || p.right)
    name << "_window_" << formatBound(p.left, "all") << "_"
         << formatBound(p.right, "all");
  name << kScoreNames[static_cast<int>(p.score)]
       << kLayoutNames[static_cast<int>(p.layout)];
  if (p.scale)
    name << "_scale" << formatNumber(*p.scale);
  if (p.bias != 0)
    name << "_bias" << formatNumber(p.bias);
  name << (p.content == Content::UnitValues ? "_ones" : "")
       << (p.form == Form::Tensor ? "_tensor" : "")
       << (p.wideResult ? "_wide" : "") << (p.dynamicHeadDim ? "_dyn" : "")
       << (p.scalarArrays ? "_arrays" : "");
  if (p.origin) {
    name << "_at";
    for (int64_t number : *p.origin)
      name << (number < 0 ? "_m" : "_") << std::abs(number);
  }
  return name.str();
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

namespace {

/// Writes the module of one problem.
class ModuleWriter {
public:
  explicit ModuleWriter(const Problem &problem) : problem(problem) {}
  std::string write();

private:
  std::string shapedType(int64_t headDim, ElementType type) const;
  std::string extraType(const char *sizes) const;
  void writeExtraArguments();
  void writeClauses();
  void writeScoreRegion();
  void writeOp();

  bool isTensor() const { return problem.form == Form::Tensor; }
  std::string key() const { return shapedType(problem.headDim, problem.type); }
  std::string value() const {
    return shapedType(problem.valueHeadDim, problem.type);
  }
  std::string result(int64_t headDim) const {
    return shapedType(headDim, problem.resultType());
  }

  const Problem &problem;
  std::ostringstream text;
};

} // namespace

std::string ModuleWriter::shapedType(int64_t headDim, ElementType type) const {
  std::string dim = problem.dynamicHeadDim ? "?" : std::to_string(headDim);
  std::string sizes = "?x?x?x" + dim + "x" + getElementTypeName(type);
  if (isTensor())
    return "tensor<" + sizes + ">";
  return "memref<" + sizes + ", strided<[?, ?, ?, 1], offset: ?>>";
}

/// The type of the array that the score region reads.
std::string ModuleWriter::extraType(const char *sizes) const {
  std::string element = *sizes ? "xf32>" : "f32>";
  return (isTensor() ? "tensor<" : "memref<") + (sizes + element);
}

void ModuleWriter::writeExtraArguments() {
  std::string scalar = problem.scalarArrays ? extraType("") : "f32";
  const char *suffix = problem.scalarArrays ? "_array" : "";
  if (problem.scale)
    text << ", %scale" << suffix << ": " << scalar;
  text << ", %bias" << suffix << ": " << scalar;
  if (problem.score == Score::PerHead || problem.score == Score::Alibi)
    text << ", %extra: " << extraType("?");
  if (problem.score == Score::PerScore)
    text << ", %extra: " << extraType("?x?x?");
  for (int index = 0; problem.origin && index < 5; ++index)
    text << ", %o" << index << ": i64";
}

void ModuleWriter::writeClauses() {
  if (problem.scale)
    text << " scale(%scale)";
  text << " bias(%bias)";
  if (problem.causal)
    text << " mask<causal>";
  else if (problem.isMasked())
    text << " mask<window " << formatBound(problem.left, "*") << ", "
         << formatBound(problem.right, "*") << ">";
  if (problem.origin)
    text << " origin(%i0, %i1, %i2, %i3, %i4)";
}

void ModuleWriter::writeScoreRegion() {
  if (problem.score == Score::None)
    return;
  text << "\n      score(%s, %b, %h, %i, %j) {\n";
  const char *load = isTensor() ? "tensor.extract" : "memref.load";
  if (problem.score == Score::PerHead || problem.score == Score::Alibi)
    text << "    %x = " << load << " %extra[%h] : " << extraType("?") << "\n";
  if (problem.score == Score::PerScore)
    text << "    %x = " << load
         << " %extra[%h, %i, %j] : " << extraType("?x?x?") << "\n";
  switch (problem.score) {
  case Score::None:
    break;
  case Score::PerHead:
  case Score::PerScore:
    text << "    %y = arith.addf %s, %x : f32\n";
    break;
  case Score::Alibi:
    text << R"(    %ahead = arith.addi %i, %diagonal : index
    %away = arith.subi %ahead, %j : index
    %integer = arith.index_cast %away : index to i32
    %signed = arith.sitofp %integer : i32 to f32
    %distance = math.absf %signed : f32
    %penalty = arith.mulf %x, %distance : f32
    %y = arith.subf %s, %penalty : f32
)";
    break;
  case Score::SoftCap:
    text << R"(    %cap = arith.constant 4.0 : f32
    %ratio = arith.divf %s, %cap : f32
    %tanh = math.tanh %ratio : f32
    %y = arith.mulf %tanh, %cap : f32
)";
    break;
  }
  text << "    attn.yield %y : f32\n  }";
}

void ModuleWriter::writeOp() {
  std::string q = key(), k = key(), v = value();
  std::string dq = result(problem.headDim), dv = result(problem.valueHeadDim);
  const char *dim = isTensor() ? "tensor.dim" : "memref.dim";
  for (const char *scalar : {"scale", "bias"})
    if (problem.scalarArrays && (*scalar == 'b' || problem.scale))
      text << "  %" << scalar << " = "
           << (isTensor() ? "tensor.extract %" : "memref.load %") << scalar
           << "_array[] : " << extraType("") << "\n";
  if (problem.score == Score::Alibi)
    text << "  %two = arith.constant 2 : index\n"
         << "  %lq = " << dim << " %q, %two : " << q << "\n"
         << "  %lk = " << dim << " %k, %two : " << k << "\n"
         << "  %diagonal = arith.subi %lk, %lq : index\n";
  for (int index = 0; problem.origin && index < 5; ++index)
    text << "  %i" << index << " = arith.index_cast %o" << index
         << " : i64 to index\n";
  if (isTensor())
    text << (problem.backward ? "  %dq, %dk, %dv = " : "  %out = ");
  text << (problem.backward
               ? "  attn.sigmoid_attention_backward %q, %k, %v, %do"
               : "  attn.sigmoid_attention %q, %k, %v");
  if (!isTensor() && problem.backward)
    text << " outs(%dq, %dk, %dv : " << dq << ", " << dq << ", " << dv << ")";
  else if (!isTensor())
    text << " outs(%out : " << dv << ")";
  writeClauses();
  writeScoreRegion();
  text << " : (" << q << ", " << k << ", " << v
       << (problem.backward ? ", " + v : "") << ")";
  if (!isTensor())
    text << "\n  return\n";
  else if (problem.backward)
    text << " -> (" << dq << ", " << dq << ", " << dv << ")\n"
         << "  return %dq, %dk, %dv : " << dq << ", " << dq << ", " << dv
         << "\n";
  else
    text << " -> " << dv << "\n  return %out : " << dv << "\n";
}

std::string ModuleWriter::write() {
  std::string dq = result(problem.headDim), dv = result(problem.valueHeadDim);
  text << "func.func @run(%q: " << key() << ", %k: " << key()
       << ", %v: " << value();
  if (problem.backward)
    text << ", %do: " << value();
  if (!isTensor() && problem.backward)
    text << ", %dq: " << dq << ", %dk: " << dq << ", %dv: " << dv;
  else if (!isTensor())
    text << ", %out: " << dv;
  writeExtraArguments();
  text << ")";
  if (isTensor() && problem.backward)
    text << " -> (" << dq << ", " << dq << ", " << dv << ")";
  else if (isTensor())
    text << " -> " << dv;
  text << " {\n";
  writeOp();
  text << "}\n";
  return text.str();
}

std::string test::buildModule(const Problem &problem) {
  return ModuleWriter(problem).write();
}
