//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Runtime/Recipe.h"

#include "Json.h"
#include "RecipeVariables.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

using namespace sigmoid_attn;

//===----------------------------------------------------------------------===//
// Makers, variables
//===----------------------------------------------------------------------===//

RecipeParameter RecipeParameter::tensorMap(std::string tensor,
                                           std::vector<int> dimensions,
                                           std::vector<int64_t> box,
                                           int swizzle, int l2Promotion) {
  RecipeParameter parameter;
  parameter.kind = Kind::TensorMap;
  parameter.tensor = std::move(tensor);
  parameter.dimensions = std::move(dimensions);
  parameter.box = std::move(box);
  parameter.swizzle = swizzle;
  parameter.l2Promotion = l2Promotion;
  return parameter;
}

RecipeParameter RecipeParameter::pointer(std::string tensor) {
  RecipeParameter parameter;
  parameter.kind = Kind::Pointer;
  parameter.tensor = std::move(tensor);
  return parameter;
}

RecipeParameter RecipeParameter::byValue(ElementType type, std::string value) {
  RecipeParameter parameter;
  parameter.kind = Kind::Value;
  parameter.type = type;
  parameter.value = std::move(value);
  return parameter;
}

RecipeParameter RecipeParameter::counter() {
  RecipeParameter parameter;
  parameter.kind = Kind::Counter;
  return parameter;
}

std::optional<int64_t> sigmoid_attn::parseSize(const std::string &text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  errno = 0;
  int64_t size = strtoll(text.c_str(), nullptr, 10);
  if (errno == ERANGE)
    return std::nullopt;
  return size;
}

int sigmoid_attn::findArgument(const Recipe &recipe, const std::string &name) {
  for (size_t i = 0; i < recipe.arguments.size(); ++i)
    if (recipe.arguments[i].name == name)
      return static_cast<int>(i);
  return -1;
}

int RecipeVariables::find(const std::string &name) const {
  for (size_t i = 0; i < list.size(); ++i)
    if (list[i].name == name)
      return static_cast<int>(i);
  return -1;
}

RecipeVariables::RecipeVariables(const Recipe &recipe) {
  for (const RecipeArgument &argument : recipe.arguments) {
    shapeName.emplace_back();
    for (const std::string &size : argument.shape) {
      int place = -1;
      if (!parseSize(size)) {
        place = find(size);
        if (place < 0) {
          place = static_cast<int>(list.size());
          list.push_back({size, true});
        }
      }
      shapeName.back().push_back(place);
    }
  }
  for (const RecipeArgument &argument : recipe.arguments) {
    first.push_back(static_cast<int>(list.size()));
    if (!argument.isTensor) {
      list.push_back({argument.name, argument.type == ElementType::I32 ||
                                         argument.type == ElementType::I64});
      continue;
    }
    for (size_t d = 0; d < argument.shape.size(); ++d) {
      std::string number = std::to_string(d);
      list.push_back({argument.name + ".size." + number, true});
      list.push_back({argument.name + ".stride." + number, true});
    }
  }
  smCount = static_cast<int>(list.size());
  list.push_back({"sm_count", true});
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

using json::printNumber;
using json::quote;

/// `elements` printed by `print`, between brackets.
template <typename Range, typename Print>
static std::string printList(const Range &elements, Print print,
                             const char *separator = ", ") {
  std::string out;
  for (const auto &element : elements)
    out += (out.empty() ? "" : separator) + print(element);
  return "[" + out + "]";
}

static std::string printInteger(int64_t value) { return std::to_string(value); }

static std::string printCondition(const RecipeCondition &condition) {
  std::string out = "{\"value\": " + quote(condition.value);
  if (condition.min)
    out += ", \"min\": " + printNumber(*condition.min);
  if (condition.max)
    out += ", \"max\": " + printNumber(*condition.max);
  if (!condition.argument.empty())
    out += ", \"argument\": " + quote(condition.argument);
  return out + "}";
}

static std::string printArgument(const RecipeArgument &argument) {
  std::string out = "\n    {\"name\": " + quote(argument.name) +
                    ", \"type\": " + quote(getElementTypeName(argument.type));
  if (!argument.isTensor)
    return out + ", \"tensor\": false}";
  return out + ", \"tensor\": true, \"access\": " +
         (argument.access == Access::Write ? "\"write\"" : "\"read\"") +
         ",\n     \"shape\": " + printList(argument.shape, quote) +
         ", \"alignment\": " + printInteger(argument.alignment) + "}";
}

static std::string printParameter(const RecipeParameter &parameter) {
  std::string out = "\n            {\"kind\": ";
  switch (parameter.kind) {
  case RecipeParameter::Kind::TensorMap:
    return out + "\"tensor_map\", \"tensor\": " + quote(parameter.tensor) +
           ", \"dimensions\": " +
           printList(parameter.dimensions, printInteger) +
           ", \"box\": " + printList(parameter.box, printInteger) +
           ", \"swizzle\": " + printInteger(parameter.swizzle) +
           ", \"l2_promotion\": " + printInteger(parameter.l2Promotion) + "}";
  case RecipeParameter::Kind::Pointer:
    return out + "\"pointer\", \"tensor\": " + quote(parameter.tensor) + "}";
  case RecipeParameter::Kind::Value:
    return out +
           "\"value\", \"type\": " + quote(getElementTypeName(parameter.type)) +
           ", \"value\": " + quote(parameter.value) + "}";
  case RecipeParameter::Kind::Counter:
    break;
  }
  return out + "\"counter\"}";
}

static std::string printLaunch(const RecipeLaunch &launch) {
  return "\n        {\n          \"kernel\": " + quote(launch.kernel) +
         ",\n          \"threads\": " + printInteger(launch.threads) +
         ",\n          \"shared_memory\": " +
         printInteger(launch.sharedMemory) + ",\n          \"cluster\": " +
         printList(launch.cluster, printInteger) +
         ",\n          \"grid\": " + printList(launch.grid, quote) +
         ",\n          \"parameters\": " +
         printList(launch.parameters, printParameter, ",") + "\n        }";
}

static std::string printVariant(const RecipeVariant &variant) {
  return "\n    {\n      \"name\": " + quote(variant.name) +
         ",\n      \"when\": " + printList(variant.when, printCondition) +
         ",\n      \"launches\": " +
         printList(variant.launches, printLaunch, ",") + "\n    }";
}

std::string sigmoid_attn::printRecipe(const Recipe &recipe) {
  auto printFact = [](const std::pair<std::string, std::string> &fact) {
    return "[" + quote(fact.first) + ", " + quote(fact.second) + "]";
  };
  return "{\n  \"version\": " + printInteger(kRecipeVersion) +
         ",\n  \"name\": " + quote(recipe.name) +
         ",\n  \"chip\": " + quote(recipe.chip) + ",\n  \"arguments\": " +
         printList(recipe.arguments, printArgument, ",") +
         ",\n  \"checks\": " + printList(recipe.checks, printCondition) +
         ",\n  \"variants\": " + printList(recipe.variants, printVariant, ",") +
         ",\n  \"info\": " + printList(recipe.info, printFact) + "\n}\n";
}
