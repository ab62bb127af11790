//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NumPy's .npy files of float32 arrays, and float32 to and from the element
// types of functions.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_SUPPORT_NPY_H
#define SIGMOID_ATTN_SUPPORT_NPY_H

#include "sigmoid-attn/Support/Array.h"

namespace sigmoid_attn {

/// Reads a little-endian float32 array in C order. Refuses anything else, and
/// files that are shorter or longer than their header says.
Result<Array> readNpy(const std::string &path);

/// The bytes of the file that holds a float32 array.
Result<std::string> formatNpy(const Array &array);

/// Writes a float32 array, all of the file or nothing.
Status writeNpy(const std::string &path, const Array &array);

/// The array in another element type: rounded to nearest even, and for integers
/// refused where a value is not an integer that fits.
Result<Array> convertFromFloat(const Array &array, ElementType elementType);

/// The array as float32, rounded to nearest even.
Result<Array> convertToFloat(const Array &array);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_SUPPORT_NPY_H
