//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Conversion of the sm90 dialect to nvvm and llvm.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_CONVERSION_SM90TONVVM_SM90TONVVM_H
#define SIGMOID_ATTN_CONVERSION_SM90TONVVM_SM90TONVVM_H

namespace mlir {
class RewritePatternSet;
class TypeConverter;

namespace sm90 {

/// Adds the conversions of sm90 types: a tile is its shared-memory address, a
/// cursor its stage and parity, a fragment one value for each register that a
/// thread holds of it, a tensor map a pointer to the kernel's parameter.
void populateSM90ToNVVMTypeConversions(TypeConverter &converter);

/// Adds the patterns that convert every sm90 operation. With `keepOperands`,
/// what an sm90.await keeps is used after the wait, by a store that no thread
/// executes.
void populateSM90ToNVVMPatterns(const TypeConverter &converter,
                                RewritePatternSet &patterns,
                                bool keepOperands = false);

} // namespace sm90
} // namespace mlir

#endif // SIGMOID_ATTN_CONVERSION_SM90TONVVM_SM90TONVVM_H
