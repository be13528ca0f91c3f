#ifndef OVERREAD_EXPONENTIAL_H
#define OVERREAD_EXPONENTIAL_H
#include "clones.h"
#include <stdint.h>

/// e^x in fp32: x = n ln 2 + r with |r| <= ln 2 / 2, then a polynomial in r, then the exponent's bits.
/// Below -87.33 the result is 0 to fp32's normal range (2^-126); above 88.37 it saturates near the largest float.
CK_INLINE float ck_exp_one(float x) {
    const float magic = 12582912.0f;   // 1.5 * 2^23: adding it rounds to the nearest whole number
    float clamped = x < -87.33654f ? -87.33654f : x;
    clamped = clamped > 88.37626f ? 88.37626f : clamped;
    float shifted = clamped * 1.44269504088896341f + magic;
    float n = shifted - magic;
    float r = clamped - n * 0.693145751953125f;
    r = r - n * 1.428606820309417e-6f;
    float p = 1.9841270e-4f;
    p = p * r + 1.3888889e-3f;
    p = p * r + 8.3333333e-3f;
    p = p * r + 4.1666667e-2f;
    p = p * r + 1.6666667e-1f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    union { int32_t i; float f; } scale;
    scale.i = ((int32_t)n + 127) << 23;
    return p * scale.f;
}
#endif
