//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Support/SmallFloat.h"

#include <cmath>
#include <cstring>

using namespace sigmoid_attn;

static uint32_t getBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

static float fromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

uint16_t sigmoid_attn::floatToBfloat(float value) {
  uint32_t bits = getBits(value);
  if (std::isnan(value))
    return (bits >> 16) | 0x40; // Stays a NaN, and a quiet one.
  // Half of the last kept bit, less a little unless that bit is odd.
  bits += 0x7fff + ((bits >> 16) & 1);
  return bits >> 16;
}

float sigmoid_attn::bfloatToFloat(uint16_t bits) {
  return fromBits(uint32_t(bits) << 16);
}

uint16_t sigmoid_attn::floatToHalf(float value) {
  uint16_t sign = (getBits(value) >> 16) & 0x8000;
  if (std::isnan(value))
    return sign | 0x7e00;
  float magnitude = std::fabs(value);
  // The largest half is 65504; half a step above it rounds up to infinity.
  if (magnitude >= 65520.0f)
    return sign | 0x7c00;
  if (magnitude < 0x1p-14f)
    // A multiple of 2^-24; the processor's own rounding is to nearest even.
    return sign | static_cast<uint16_t>(std::nearbyint(magnitude * 0x1p24f));
  uint32_t bits = getBits(magnitude);
  bits += 0xfff + ((bits >> 13) & 1);
  // The exponent's bias is 127 here and 15 there.
  return sign | static_cast<uint16_t>((bits >> 13) - (112u << 10));
}

float sigmoid_attn::halfToFloat(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16;
  uint32_t exponent = (bits >> 10) & 0x1f, fraction = bits & 0x3ff;
  if (exponent == 0x1f)
    return fromBits(sign | 0x7f800000 | (fraction << 13));
  if (exponent == 0) {
    float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  return fromBits(sign | ((exponent + 112) << 23) | (fraction << 13));
}
