//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Support/Npy.h"

#include "sigmoid-attn/Support/File.h"
#include "sigmoid-attn/Support/SmallFloat.h"

#include <cmath>
#include <cstring>

using namespace sigmoid_attn;

// The format: magic, version, length of the header, and the header, a Python
// dictionary padded so that the data is aligned to 64 bytes.
static constexpr std::string_view kMagic("\x93NUMPY", 6);
static constexpr size_t kDataAlignment = 64;

namespace {
/// What the header says.
struct Header {
  std::string descr;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
};

/// Parses the header's dictionary: three known keys, with a string, a boolean
/// and a tuple of integers.
class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : text(text) {}

  std::optional<Header> parse();

private:
  void skipSpace();
  bool consume(std::string_view token);
  std::optional<std::string> parseString();
  std::optional<std::vector<int64_t>> parseTuple();
  bool parseField(Header &header, const std::string &key);

  std::string_view text;
};
} // namespace

void HeaderParser::skipSpace() {
  size_t count = text.find_first_not_of(" \n\t");
  text.remove_prefix(count == text.npos ? text.size() : count);
}

bool HeaderParser::consume(std::string_view token) {
  skipSpace();
  if (text.substr(0, token.size()) != token)
    return false;
  text.remove_prefix(token.size());
  return true;
}

std::optional<std::string> HeaderParser::parseString() {
  skipSpace();
  if (text.empty() || (text[0] != '\'' && text[0] != '"'))
    return std::nullopt;
  size_t end = text.find(text[0], 1);
  if (end == text.npos)
    return std::nullopt;
  std::string value(text.substr(1, end - 1));
  text.remove_prefix(end + 1);
  return value;
}

std::optional<std::vector<int64_t>> HeaderParser::parseTuple() {
  if (!consume("("))
    return std::nullopt;
  std::vector<int64_t> values;
  while (!consume(")")) {
    int64_t value = 0;
    size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9';
         ++digits)
      if (__builtin_mul_overflow(value, 10, &value) ||
          __builtin_add_overflow(value, text[digits] - '0', &value))
        return std::nullopt;
    if (digits == 0)
      return std::nullopt;
    text.remove_prefix(digits);
    values.push_back(value);
    if (!consume(",") && (skipSpace(), text.substr(0, 1) != ")"))
      return std::nullopt;
  }
  return values;
}

bool HeaderParser::parseField(Header &header, const std::string &key) {
  if (key == "descr") {
    std::optional<std::string> value = parseString();
    header.descr = value.value_or("");
    return value.has_value();
  }
  if (key == "fortran_order") {
    header.fortranOrder = consume("True");
    return header.fortranOrder || consume("False");
  }
  if (key != "shape")
    return false;
  std::optional<std::vector<int64_t>> value = parseTuple();
  header.shape = value.value_or(std::vector<int64_t>());
  return value.has_value();
}

std::optional<Header> HeaderParser::parse() {
  Header header;
  int fields = 0;
  if (!consume("{"))
    return std::nullopt;
  while (!consume("}")) {
    std::optional<std::string> key = parseString();
    if (!key || !consume(":") || !parseField(header, *key))
      return std::nullopt;
    ++fields;
    if (!consume(",") && (skipSpace(), text.substr(0, 1) != "}"))
      return std::nullopt;
  }
  skipSpace();
  if (fields != 3 || !text.empty())
    return std::nullopt;
  return header;
}

/// Splits a file into header text and data.
static Status splitFile(std::string_view file, std::string_view &header,
                        std::string_view &data) {
  if (file.substr(0, kMagic.size()) != kMagic)
    return Status::invalidArgument("is not a .npy file");
  if (file.size() < kMagic.size() + 2)
    return Status::invalidArgument("is truncated in its header");
  int major = static_cast<unsigned char>(file[6]);
  int minor = static_cast<unsigned char>(file[7]);
  if (major < 1 || major > 3 || minor != 0)
    return Status::invalidArgument("has .npy version " + std::to_string(major) +
                                   "." + std::to_string(minor) +
                                   ", expected 1.0, 2.0 or 3.0");
  size_t lengthSize = major == 1 ? 2 : 4;
  file.remove_prefix(kMagic.size() + 2);
  if (file.size() < lengthSize)
    return Status::invalidArgument("is truncated in its header");
  size_t length = 0;
  for (size_t i = 0; i < lengthSize; ++i)
    length |= size_t(static_cast<unsigned char>(file[i])) << (8 * i);
  file.remove_prefix(lengthSize);
  if (file.size() < length)
    return Status::invalidArgument("is truncated in its header");
  header = file.substr(0, length);
  data = file.substr(length);
  return Status::success();
}

static Result<Array> parseNpy(std::string_view file) {
  std::string_view text, data;
  if (Status status = splitFile(file, text, data); !status.ok())
    return status;
  std::optional<Header> header = HeaderParser(text).parse();
  if (!header)
    return Status::invalidArgument("has a malformed header");
  if (header->descr != "<f4")
    return Status::invalidArgument("expected float32 data ('<f4'), got '" +
                                   header->descr + "'");
  // An array of at most one dimension is in both orders.
  if (header->fortranOrder && header->shape.size() > 1)
    return Status::invalidArgument(
        "expected data in C order, got Fortran order");
  std::optional<int64_t> count = countElements(header->shape);
  if (!count || *count > INT64_MAX / int64_t(sizeof(float)))
    return Status::invalidArgument("has too large a shape, " +
                                   formatShape(header->shape));
  // Before any memory is asked for.
  if (data.size() != *count * sizeof(float))
    return Status::invalidArgument(
        "expected " + std::to_string(*count * sizeof(float)) +
        " bytes of data for shape " + formatShape(header->shape) + ", got " +
        std::to_string(data.size()));
  Result<Array> array = Array::allocate(ElementType::F32, header->shape);
  if (array.ok() && !data.empty())
    std::memcpy(array->data(), data.data(), data.size());
  return array;
}

Result<Array> sigmoid_attn::readNpy(const std::string &path) {
  Result<std::string> file = readFile(path);
  if (!file.ok())
    return file.status();
  Result<Array> array = parseNpy(*file);
  if (!array.ok())
    return array.status().withContext("'" + path + "'");
  return array;
}

Result<std::string> sigmoid_attn::formatNpy(const Array &array) {
  if (array.elementType() != ElementType::F32)
    return Status::invalidArgument(std::string("expected f32 to write, got ") +
                                   getElementTypeName(array.elementType()));
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (int64_t size : array.shape())
    header += std::to_string(size) + ", ";
  // Python writes a tuple of one with its comma, and longer ones without.
  if (array.shape().size() > 1)
    header.resize(header.size() - 2);
  header += "), }";
  size_t prefix = kMagic.size() + 4;
  header.resize((prefix + header.size()) / kDataAlignment * kDataAlignment +
                    kDataAlignment - prefix - 1,
                ' ');
  header += '\n';
  std::string file(kMagic);
  file += {'\x01', '\x00', static_cast<char>(header.size() & 0xff),
           static_cast<char>(header.size() >> 8)};
  file += header;
  file.append(static_cast<const char *>(array.data()), array.sizeInBytes());
  return file;
}

Status sigmoid_attn::writeNpy(const std::string &path, const Array &array) {
  Result<std::string> file = formatNpy(array);
  if (!file.ok())
    return file.status();
  return writeFileAtomically(path, *file);
}

/// Stores a float as an integer type; false if it has no such value.
template <typename Integer>
static bool storeInteger(float value, Integer *target) {
  double limit = std::ldexp(1.0, 8 * sizeof(Integer) - 1);
  if (!(value >= -limit && value < limit) || value != std::trunc(value))
    return false;
  *target = static_cast<Integer>(value);
  return true;
}

static bool storeElement(float value, ElementType type, char *target) {
  switch (type) {
  case ElementType::I1:
    *target = value != 0;
    return value == 0 || value == 1;
  case ElementType::I8:
    return storeInteger(value, reinterpret_cast<int8_t *>(target));
  case ElementType::I16:
    return storeInteger(value, reinterpret_cast<int16_t *>(target));
  case ElementType::I32:
    return storeInteger(value, reinterpret_cast<int32_t *>(target));
  case ElementType::I64:
    return storeInteger(value, reinterpret_cast<int64_t *>(target));
  case ElementType::F16:
    *reinterpret_cast<uint16_t *>(target) = floatToHalf(value);
    return true;
  case ElementType::BF16:
    *reinterpret_cast<uint16_t *>(target) = floatToBfloat(value);
    return true;
  case ElementType::F32:
    *reinterpret_cast<float *>(target) = value;
    return true;
  case ElementType::F64:
    *reinterpret_cast<double *>(target) = value;
    return true;
  }
  return false;
}

static float loadElement(ElementType type, const char *source) {
  switch (type) {
  case ElementType::I1:
    return *source != 0;
  case ElementType::I8:
    return *reinterpret_cast<const int8_t *>(source);
  case ElementType::I16:
    return *reinterpret_cast<const int16_t *>(source);
  case ElementType::I32:
    return *reinterpret_cast<const int32_t *>(source);
  case ElementType::I64:
    return *reinterpret_cast<const int64_t *>(source);
  case ElementType::F16:
    return halfToFloat(*reinterpret_cast<const uint16_t *>(source));
  case ElementType::BF16:
    return bfloatToFloat(*reinterpret_cast<const uint16_t *>(source));
  case ElementType::F32:
    return *reinterpret_cast<const float *>(source);
  case ElementType::F64:
    return static_cast<float>(*reinterpret_cast<const double *>(source));
  }
  return 0;
}

Result<Array> sigmoid_attn::convertFromFloat(const Array &array,
                                             ElementType elementType) {
  Result<Array> converted = Array::allocate(elementType, array.shape());
  if (!converted.ok())
    return converted;
  const float *source = static_cast<const float *>(array.data());
  char *target = static_cast<char *>(converted->data());
  size_t size = getElementSize(elementType);
  for (int64_t i = 0, end = array.numElements(); i < end; ++i)
    if (!storeElement(source[i], elementType, target + i * size))
      return Status::invalidArgument("value " + std::to_string(source[i]) +
                                     " is not an " +
                                     getElementTypeName(elementType));
  return converted;
}

Result<Array> sigmoid_attn::convertToFloat(const Array &array) {
  Result<Array> converted = Array::allocate(ElementType::F32, array.shape());
  if (!converted.ok())
    return converted;
  const char *source = static_cast<const char *>(array.data());
  float *target = static_cast<float *>(converted->data());
  size_t size = getElementSize(array.elementType());
  for (int64_t i = 0, end = array.numElements(); i < end; ++i)
    target[i] = loadElement(array.elementType(), source + i * size);
  return converted;
}
