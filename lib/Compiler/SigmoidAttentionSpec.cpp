//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The description of an attention operation as MLIR text. Text, not ops: a
// known description then costs a look into the cache, and no MLIR.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Compiler/SigmoidAttentionSpec.h"

#include <sstream>

using namespace sigmoid_attn;
using Bias = SigmoidAttentionSpec::Bias;

static Status checkSpec(const SigmoidAttentionSpec &spec) {
  bool hasType = spec.elementType == ElementType::F16 ||
                 spec.elementType == ElementType::BF16 ||
                 spec.elementType == ElementType::F32;
  int type = static_cast<int>(spec.elementType);
  if (!hasType)
    return Status::invalidArgument(
        "expected element type f16, bf16 or f32, got " +
        (type >= 0 && type < kNumElementTypes
             ? std::string(getElementTypeName(spec.elementType))
             : std::to_string(type)));
  if (spec.headDim < 1)
    return Status::invalidArgument("expected a head dim of at least 1, got " +
                                   std::to_string(spec.headDim));
  if (spec.valueHeadDim < 0)
    return Status::invalidArgument(
        "expected a value head dim of at least 0, got " +
        std::to_string(spec.valueHeadDim));
  if (spec.bias < Bias::None || spec.bias > Bias::PerScore)
    return Status::invalidArgument("unknown kind of bias " +
                                   std::to_string(static_cast<int>(spec.bias)));
  if (spec.causal && (spec.windowLeft || spec.windowRight))
    return Status::invalidArgument(
        "expected a causal mask or a window, got both");
  for (const auto &[side, name] : {std::pair(spec.windowLeft, "left"),
                                   std::pair(spec.windowRight, "right")})
    if (side && *side < 0)
      return Status::invalidArgument(std::string("expected a ") + name +
                                     " window of at least 0, got " +
                                     std::to_string(*side));
  return Status::success();
}

static std::string formatMask(const SigmoidAttentionSpec &spec) {
  if (spec.causal)
    return " mask<causal>";
  if (!spec.windowLeft && !spec.windowRight)
    return "";
  auto format = [](std::optional<int64_t> side) {
    return side ? std::to_string(*side) : "*";
  };
  return " mask<window " + format(spec.windowLeft) + ", " +
         format(spec.windowRight) + ">";
}

/// The score region that adds a bias array.
static std::string formatScore(Bias bias) {
  bool perHead = bias == Bias::PerHead;
  if (!perHead && bias != Bias::PerScore)
    return "";
  return std::string(" score(%s, %batch, %head, %i, %j) {\n"
                     "    %x = tensor.extract %bias[%head") +
         (perHead ? "] : tensor<?xf32>\n" : ", %i, %j] : tensor<?x?x?xf32>\n") +
         "    %y = arith.addf %s, %x : f32\n"
         "    attn.yield %y : f32\n"
         "  }";
}

Result<std::string>
sigmoid_attn::buildSource(const SigmoidAttentionSpec &spec) {
  if (Status status = checkSpec(spec); !status.ok())
    return status;
  const char *element = getElementTypeName(spec.elementType);
  auto makeType = [&](int64_t headDim) {
    return "tensor<?x?x?x" + std::to_string(headDim) + "x" + element + ">";
  };
  // Query and key share a type, and so do value and output.
  std::string narrow = makeType(spec.headDim);
  std::string wide =
      makeType(spec.valueHeadDim ? spec.valueHeadDim : spec.headDim);
  std::string results =
      spec.backward ? "(" + narrow + ", " + narrow + ", " + wide + ")" : wide;

  std::ostringstream text;
  std::string name =
      spec.backward ? "sigmoid_attention_backward" : "sigmoid_attention";
  text << "func.func @" << name << "(%q: " << narrow << ", %k: " << narrow
       << ", %v: " << wide;
  if (spec.backward)
    text << ", %do: " << wide;
  if (spec.hasScale)
    text << ", %scale: f32";
  if (spec.bias == Bias::Scalar)
    text << ", %bias: f32";
  else if (spec.bias == Bias::PerHead)
    text << ", %bias: tensor<?xf32>";
  else if (spec.bias == Bias::PerScore)
    text << ", %bias: tensor<?x?x?xf32>";
  text << ") -> " << results << " {\n  "
       << (spec.backward ? "%dq, %dk, %dv" : "%o") << " = attn." << name
       << " %q, %k, %v" << (spec.backward ? ", %do" : "")
       << (spec.hasScale ? " scale(%scale)" : "")
       << (spec.bias == Bias::Scalar ? " bias(%bias)" : "") << formatMask(spec)
       << formatScore(spec.bias) << " : (" << narrow << ", " << narrow << ", "
       << wide << (spec.backward ? ", " + wide : "") << ") -> " << results
       << "\n  return " << (spec.backward ? "%dq, %dk, %dv : " : "%o : ")
       << (spec.backward ? narrow + ", " + narrow + ", " + wide : wide)
       << "\n}\n";
  return text.str();
}

std::vector<SizeCondition>
sigmoid_attn::getConditions(const SigmoidAttentionSpec &spec) {
  if (spec.bias != Bias::PerHead && spec.bias != Bias::PerScore)
    return {};
  // Bias comes last, after query, key, value, the output's gradient and scale.
  int64_t bias = 3 + spec.backward + spec.hasScale;
  auto equal = [&](int64_t dim, int64_t argument, int64_t argumentDim) {
    return SizeCondition{SizeCondition::Kind::Equal, bias, dim, argument,
                         argumentDim};
  };
  constexpr int64_t kQuery = 0, kKey = 1;
  std::vector<SizeCondition> conditions{equal(0, kQuery, 1)};
  if (spec.bias == Bias::PerScore) {
    conditions.push_back(equal(1, kQuery, 2));
    conditions.push_back(equal(2, kKey, 2));
  }
  return conditions;
}
