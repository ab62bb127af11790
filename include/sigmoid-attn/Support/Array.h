//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arrays as the compiled functions' callers see them: a pointer, an element
// type, a shape and strides. Knows no MLIR and no LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_SUPPORT_ARRAY_H
#define SIGMOID_ATTN_SUPPORT_ARRAY_H

#include "sigmoid-attn/Support/Status.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sigmoid_attn {

/// The element types of arrays and scalars. The values are part of the C API
/// and of the files that hold compiled code.
enum class ElementType : int32_t {
  I1 = 0,
  I8 = 1,
  I16 = 2,
  I32 = 3,
  I64 = 4,
  F16 = 5,
  BF16 = 6,
  F32 = 7,
  F64 = 8,
};

/// The number of element types.
constexpr int kNumElementTypes = 9;

/// The bytes that one element takes in memory.
size_t getElementSize(ElementType type);

/// The type's name in MLIR: `f32`, `bf16`, `i1`.
const char *getElementTypeName(ElementType type);

/// The type of that name, if there is one.
std::optional<ElementType> parseElementType(std::string_view name);

/// Sizes joined by `x`, with `?` for negative ones: `1x2x?x64`. A scalar's
/// shape is `()`.
std::string formatShape(const std::vector<int64_t> &shape);

/// The number of elements; nothing if a size is negative or the product does
/// not fit.
std::optional<int64_t> countElements(const std::vector<int64_t> &shape);

/// Strides, in elements, of the dense row-major array of this shape.
std::vector<int64_t> getRowMajorStrides(const std::vector<int64_t> &shape);

/// Somebody else's array. A scalar is an array of rank 0.
struct ArrayView {
  void *data = nullptr;
  ElementType elementType = ElementType::F32;
  std::vector<int64_t> shape;

  /// In elements, one for each size; empty means dense row-major.
  std::vector<int64_t> strides;

  ArrayView() = default;
  ArrayView(void *data, ElementType elementType, std::vector<int64_t> shape,
            std::vector<int64_t> strides = {})
      : data(data), elementType(elementType), shape(std::move(shape)),
        strides(std::move(strides)) {}
};

/// A dense row-major array that owns its memory.
class Array {
public:
  /// An array of no elements.
  Array() = default;

  /// Uninitialised memory for `shape`; fails if a size is negative or there is
  /// not enough memory.
  static Result<Array> allocate(ElementType elementType,
                                std::vector<int64_t> shape);

  /// Takes over memory from malloc. `data` points into `allocation`.
  static Array adopt(void *allocation, void *data, ElementType elementType,
                     std::vector<int64_t> shape);

  void *data() const { return elements; }
  ElementType elementType() const { return type; }
  const std::vector<int64_t> &shape() const { return sizes; }
  int64_t numElements() const { return countElements(sizes).value_or(0); }
  size_t sizeInBytes() const { return numElements() * getElementSize(type); }

  ArrayView view() const { return ArrayView(elements, type, sizes); }

private:
  struct Free {
    void operator()(void *memory) const { std::free(memory); }
  };
  std::unique_ptr<void, Free> allocation;
  void *elements = nullptr;
  ElementType type = ElementType::F32;
  std::vector<int64_t> sizes{0};
};

/// Refuses an array that no code should read: strides of another rank than the
/// shape, negative or overflowing sizes, no data for a nonempty shape, data
/// that is not aligned to its element type.
Status checkArray(const ArrayView &array);

/// The first byte of the array and one past its last. Both are null if the
/// array has no elements.
std::pair<const char *, const char *> getByteRange(const ArrayView &array);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_SUPPORT_ARRAY_H
