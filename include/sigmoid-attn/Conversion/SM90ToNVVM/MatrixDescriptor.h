//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Descriptors of wgmma operands in shared memory (PTX ISA, "Matrix
/// descriptor" under "Asynchronous warpgroup level matrix shared memory
/// layout"), as plain arithmetic.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_CONVERSION_SM90TONVVM_MATRIXDESCRIPTOR_H
#define SIGMOID_ATTN_CONVERSION_SM90TONVVM_MATRIXDESCRIPTOR_H

#include <cstdint>

namespace mlir::sm90 {

/// Where the elements of one operand are, for a tile in the 128-byte swizzle.
///
/// The descriptor's low word holds the address in units of 16 bytes and, from
/// bit 16, the leading offset; its high word the stride offset and, in bits 30
/// and 31, the swizzle.
struct MatrixDescriptor {
  /// Bytes from one box of 64 columns to the next.
  int64_t boxBytes;
  /// Whether the contraction runs along the columns, which are contiguous.
  bool kMajor;

  /// Bytes of an atom of the swizzle: 8 rows of 128 bytes.
  static constexpr int64_t kAtomBytes = 1024;
  /// Contraction length of one instruction, and its bytes in a row.
  static constexpr int64_t kStep = 16, kStepBytes = 32;
  static constexpr int64_t kBoxCols = 64;

  /// What to add to the address in units of 16 bytes for the low word. K-major:
  /// an instruction's 16 columns are within one box, and nothing leads from box
  /// to box. MN-major: the leading offset goes from 64 columns to the next 64.
  constexpr int64_t getLowWord() const {
    return kMajor ? 0 : (boxBytes >> 4) << 16;
  }

  /// The high word. The stride offset leads from 8 rows to the next 8, along M
  /// or N if K-major, along K if MN-major.
  constexpr int64_t getHighWord() const {
    return (kAtomBytes >> 4) | (int64_t{1} << 30);
  }

  /// Bytes from the first step of the contraction to step number `step`.
  constexpr int64_t getStepBytes(int64_t step) const {
    if (!kMajor)
      return step * kStep * 128;
    int64_t col = step * kStep;
    return col / kBoxCols * boxBytes + col % kBoxCols / kStep * kStepBytes;
  }
};

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_CONVERSION_SM90TONVVM_MATRIXDESCRIPTOR_H
