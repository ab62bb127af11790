//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads a recipe's text. Each function reads one kind of object; an object
// names its fields once, and whatever is missing or unknown is refused.
//
//===----------------------------------------------------------------------===//

#include "Json.h"
#include "sigmoid-attn/Runtime/Recipe.h"

#include <cstdlib>
#include <functional>

using namespace sigmoid_attn;
using json::Value;

namespace {

/// Reads one field's value; returns what was expected, or null if it is right.
using FieldReader = std::function<std::string(const Value &)>;

/// One field of an object.
struct Field {
  const char *name;
  bool required;
  FieldReader read;
};

} // namespace

/// Reads the object `value` by `fields`; returns an empty text or the problem.
static std::string readObject(const Value &value,
                              const std::vector<Field> &fields) {
  if (value.kind != Value::Kind::Object)
    return std::string("expected an object, got ") + json::describe(value.kind);
  for (const auto &[name, member] : value.members) {
    bool known = false;
    for (const Field &field : fields) {
      if (name != field.name)
        continue;
      known = true;
      std::string problem = field.read(member);
      if (!problem.empty())
        return "\"" + name + "\": " + problem;
    }
    if (!known)
      return "unknown field \"" + name + "\"";
  }
  for (const Field &field : fields)
    if (field.required && !value.find(field.name))
      return std::string("missing field \"") + field.name + "\"";
  return "";
}

static std::string expectKind(const Value &value, Value::Kind kind) {
  if (value.kind == kind)
    return "";
  return std::string("expected ") + json::describe(kind) + ", got " +
         json::describe(value.kind);
}

static FieldReader readString(std::string &out) {
  return [&out](const Value &value) {
    out = value.text;
    return expectKind(value, Value::Kind::String);
  };
}

static FieldReader readBool(bool &out) {
  return [&out](const Value &value) {
    out = value.boolean;
    return expectKind(value, Value::Kind::Bool);
  };
}

template <typename Integer>
static std::string toInteger(const Value &value, Integer &out) {
  std::string problem = expectKind(value, Value::Kind::Number);
  if (!problem.empty())
    return problem;
  char *end = nullptr;
  long long number = strtoll(value.text.c_str(), &end, 10);
  out = static_cast<Integer>(number);
  if (*end || out != number || std::to_string(number) != value.text)
    return "expected an integer, got " + value.text;
  return "";
}

template <typename Integer> static FieldReader readInteger(Integer &out) {
  return [&out](const Value &value) { return toInteger(value, out); };
}

static FieldReader readNumber(std::optional<double> &out) {
  return [&out](const Value &value) {
    out = strtod(value.text.c_str(), nullptr);
    return expectKind(value, Value::Kind::Number);
  };
}

/// Reads an array by `element(value, i)`, after `resize(count)`.
static std::string
readArray(const Value &value, const std::function<std::string(size_t)> &resize,
          const std::function<std::string(const Value &, size_t)> &element) {
  std::string problem = expectKind(value, Value::Kind::Array);
  if (problem.empty())
    problem = resize(value.elements.size());
  for (size_t i = 0; problem.empty() && i < value.elements.size(); ++i) {
    problem = element(value.elements[i], i);
    if (!problem.empty())
      problem = "[" + std::to_string(i) + "]: " + problem;
  }
  return problem;
}

template <typename T, typename ReadElement>
static FieldReader readVector(std::vector<T> &out, ReadElement readElement) {
  return [&out, readElement](const Value &value) {
    return readArray(
        value,
        [&](size_t count) {
          out.resize(count);
          return std::string();
        },
        [&](const Value &element, size_t i) {
          return readElement(element, out[i]);
        });
  };
}

template <typename T, typename ReadElement>
static FieldReader readTriple(std::array<T, 3> &out, ReadElement readElement) {
  return [&out, readElement](const Value &value) {
    return readArray(
        value,
        [](size_t count) {
          return count == 3
                     ? std::string()
                     : "expected 3 elements, got " + std::to_string(count);
        },
        [&](const Value &element, size_t i) {
          return readElement(element, out[i]);
        });
  };
}

static std::string toText(const Value &value, std::string &out) {
  return readString(out)(value);
}

static FieldReader readType(ElementType &out) {
  return [&out](const Value &value) {
    std::string problem = expectKind(value, Value::Kind::String);
    std::optional<ElementType> type = parseElementType(value.text);
    if (problem.empty() && !type)
      problem = "expected an element type, got \"" + value.text + "\"";
    if (problem.empty())
      out = *type;
    return problem;
  };
}

static FieldReader readAccess(Access &out) {
  return [&out](const Value &value) {
    out = value.text == "write" ? Access::Write : Access::Read;
    bool known = value.text == "write" || value.text == "read";
    return known ? std::string()
                 : "expected \"read\" or \"write\", got \"" + value.text + "\"";
  };
}

static std::string toArgument(const Value &value, RecipeArgument &out) {
  const Value *tensor = value.find("tensor");
  bool isTensor = tensor && tensor->boolean;
  std::vector<Field> fields = {{"name", true, readString(out.name)},
                               {"type", true, readType(out.type)},
                               {"tensor", true, readBool(out.isTensor)}};
  if (isTensor) {
    fields.push_back({"access", true, readAccess(out.access)});
    fields.push_back({"shape", true, readVector(out.shape, toText)});
    fields.push_back({"alignment", true, readInteger(out.alignment)});
  }
  return readObject(value, fields);
}

static std::string toCondition(const Value &value, RecipeCondition &out) {
  return readObject(value, {{"value", true, readString(out.value)},
                            {"min", false, readNumber(out.min)},
                            {"max", false, readNumber(out.max)},
                            {"argument", false, readString(out.argument)}});
}

static std::string toParameter(const Value &value, RecipeParameter &out) {
  const Value *member = value.find("kind");
  std::string kind = member ? member->text : "";
  std::string ignored;
  std::vector<Field> fields = {{"kind", true, readString(ignored)}};
  if (kind == "tensor_map") {
    out.kind = RecipeParameter::Kind::TensorMap;
    fields.push_back({"tensor", true, readString(out.tensor)});
    fields.push_back(
        {"dimensions", true, readVector(out.dimensions, toInteger<int>)});
    fields.push_back({"box", true, readVector(out.box, toInteger<int64_t>)});
    fields.push_back({"swizzle", true, readInteger(out.swizzle)});
    fields.push_back({"l2_promotion", true, readInteger(out.l2Promotion)});
  } else if (kind == "pointer") {
    out.kind = RecipeParameter::Kind::Pointer;
    fields.push_back({"tensor", true, readString(out.tensor)});
  } else if (kind == "value") {
    out.kind = RecipeParameter::Kind::Value;
    fields.push_back({"type", true, readType(out.type)});
    fields.push_back({"value", true, readString(out.value)});
  } else if (kind == "counter") {
    out.kind = RecipeParameter::Kind::Counter;
  } else {
    return "expected the kind tensor_map, pointer, value or counter, got \"" +
           kind + "\"";
  }
  return readObject(value, fields);
}

static std::string toLaunch(const Value &value, RecipeLaunch &out) {
  return readObject(
      value, {{"kernel", true, readString(out.kernel)},
              {"threads", true, readInteger(out.threads)},
              {"shared_memory", true, readInteger(out.sharedMemory)},
              {"cluster", true, readTriple(out.cluster, toInteger<int>)},
              {"grid", true, readTriple(out.grid, toText)},
              {"parameters", true, readVector(out.parameters, toParameter)}});
}

static std::string toVariant(const Value &value, RecipeVariant &out) {
  return readObject(value,
                    {{"name", true, readString(out.name)},
                     {"when", true, readVector(out.when, toCondition)},
                     {"launches", true, readVector(out.launches, toLaunch)}});
}

static std::string toFact(const Value &value,
                          std::pair<std::string, std::string> &out) {
  std::vector<std::string> texts;
  std::string problem = readVector(texts, toText)(value);
  if (problem.empty() && texts.size() != 2)
    problem = "expected 2 elements, got " + std::to_string(texts.size());
  if (problem.empty())
    out = {texts[0], texts[1]};
  return problem;
}

Result<Recipe> sigmoid_attn::parseRecipe(const std::string &text) {
  Result<Value> value = json::parse(text);
  if (!value.ok())
    return value.status().withContext("recipe");
  const Value *version = value->find("version");
  std::string found = version ? version->text : "none";
  if (found != std::to_string(kRecipeVersion))
    return Status::invalidArgument(
        "recipe: expected version " + std::to_string(kRecipeVersion) +
        ", got " + found +
        "; compile the kernel again with this release of sigmoid-attn");
  Recipe recipe;
  int ignored = 0;
  std::string problem = readObject(
      *value, {{"version", true, readInteger(ignored)},
               {"name", true, readString(recipe.name)},
               {"chip", true, readString(recipe.chip)},
               {"arguments", true, readVector(recipe.arguments, toArgument)},
               {"checks", true, readVector(recipe.checks, toCondition)},
               {"variants", true, readVector(recipe.variants, toVariant)},
               {"info", true, readVector(recipe.info, toFact)}});
  if (!problem.empty())
    return Status::invalidArgument("recipe: " + problem);
  Status status = verifyRecipe(recipe);
  if (!status.ok())
    return status;
  return recipe;
}
