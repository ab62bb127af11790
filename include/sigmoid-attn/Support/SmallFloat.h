//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// IEEE half and bfloat16 as bits, without a compiler that knows them.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_SUPPORT_SMALLFLOAT_H
#define SIGMOID_ATTN_SUPPORT_SMALLFLOAT_H

#include <cstdint>

namespace sigmoid_attn {

/// Rounds to nearest even; what is too large becomes infinite.
uint16_t floatToHalf(float value);
uint16_t floatToBfloat(float value);

float halfToFloat(uint16_t bits);
float bfloatToFloat(uint16_t bits);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_SUPPORT_SMALLFLOAT_H
