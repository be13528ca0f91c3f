#include "CKernels.h"
#include "matrixtiles.h"

// GGUF's block layouts (ggml, docs/gguf.md): 32 values a block, little-endian fp16 scales.
enum { VALUES = 32, Q8_0_BYTES = 34, Q4_0_BYTES = 18, Q4_1_BYTES = 20 };

CK_INLINE float half_bits_to_float(uint32_t h) {
    union { uint32_t u; float f; } value, infinity;
    // The exponent's bias differs by 112; the product also makes subnormal halves right.
    value.u = (h & 0x7fffu) << 13;
    value.f *= 0x1p112f;
    infinity.u = 0x7f800000u | ((h & 0x3ffu) << 13);
    value.f = (h & 0x7c00u) == 0x7c00u ? infinity.f : value.f;
    value.u |= (h & 0x8000u) << 16;
    return value.f;
}

CK_INLINE float half_at(const uint8_t *x) { return half_bits_to_float((uint32_t)x[0] | (uint32_t)x[1] << 8); }

CK_CLONES void ck_decode_f16(float *restrict y, const uint8_t *restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = half_at(x + 2 * i);
}

CK_CLONES void ck_decode_bf16(float *restrict y, const uint8_t *restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        union { uint32_t u; float f; } value;
        value.u = (uint32_t)x[2 * i] << 16 | (uint32_t)x[2 * i + 1] << 24;
        y[i] = value.f;
    }
}

CK_CLONES void ck_decode_q8_0(float *restrict y, const uint8_t *restrict x, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, x += Q8_0_BYTES, y += VALUES) {
        float d = half_at(x);
        for (size_t j = 0; j < VALUES; j++) y[j] = d * (float)(int8_t)x[2 + j];
    }
}

CK_CLONES void ck_decode_q4_0(float *restrict y, const uint8_t *restrict x, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, x += Q4_0_BYTES, y += VALUES) {
        float d = half_at(x);
        for (size_t j = 0; j < VALUES / 2; j++) {
            y[j] = d * (float)((int)(x[2 + j] & 15) - 8);
            y[j + VALUES / 2] = d * (float)((int)(x[2 + j] >> 4) - 8);
        }
    }
}

CK_CLONES void ck_decode_q4_1(float *restrict y, const uint8_t *restrict x, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, x += Q4_1_BYTES, y += VALUES) {
        float d = half_at(x), m = half_at(x + 2);
        for (size_t j = 0; j < VALUES / 2; j++) {
            // Two roundings, as the reference dequantiser has them: no fused multiply-add.
            _Pragma("clang fp contract(off)")
            y[j] = d * (float)(x[4 + j] & 15) + m;
            y[j + VALUES / 2] = d * (float)(x[4 + j] >> 4) + m;
        }
    }
}

CK_CLONES void ck_round_bf16(uint16_t *restrict y, const float *restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        union { float f; uint32_t u; } value;
        value.f = x[i];
        // To the nearest, ties to even; a NaN keeps its sign and becomes quiet rather than infinite.
        uint32_t rounded = (value.u + 0x7fffu + (value.u >> 16 & 1u)) >> 16;
        uint32_t quiet = value.u >> 16 | 0x40u;
        y[i] = (uint16_t)((value.u & 0x7fffffffu) > 0x7f800000u ? quiet : rounded);
    }
}

// A row's integers as a line of 32 bf16 values a block, in the tiles of the column of w that the row is; they are still to
// be turned. Its scales lie beside those of the 31 columns that share its tiles.

CK_INLINE uint16_t integer_bits(int value) {
    union { float f; uint32_t u; } bits = {(float)value};
    return (uint16_t)(bits.u >> 16);
}

CK_INLINE uint16_t *line_of(uint16_t *tiles, size_t column, size_t block) {
    return tiles + (2 * block + column / HALF) * TILE + column % HALF * STEP;
}

CK_INLINE void lay_nibbles(uint16_t *line, const uint8_t *x) {
    for (size_t j = 0; j < VALUES / 2; j++) {
        line[j] = integer_bits((int)(x[j] & 15) - 8);
        line[j + VALUES / 2] = integer_bits((int)(x[j] >> 4) - 8);
    }
}

CK_CLONES void ck_lay_q8_0(uint16_t *restrict tiles, float *restrict scales, size_t column, const uint8_t *restrict x,
                           size_t blocks) {
    for (size_t b = 0; b < blocks; b++, x += Q8_0_BYTES) {
        uint16_t *line = line_of(tiles, column, b);
        for (size_t j = 0; j < VALUES; j++) line[j] = integer_bits((int8_t)x[2 + j]);
        scales[b * BLOCK + column] = half_at(x);
    }
}

CK_CLONES void ck_lay_q4_0(uint16_t *restrict tiles, float *restrict scales, size_t column, const uint8_t *restrict x,
                           size_t blocks) {
    for (size_t b = 0; b < blocks; b++, x += Q4_0_BYTES) {
        lay_nibbles(line_of(tiles, column, b), x + 2);
        scales[b * BLOCK + column] = half_at(x);
    }
}

CK_CLONES void ck_lay_q4_1(uint16_t *restrict tiles, float *restrict scales, float *restrict offsets, size_t stride,
                           size_t column, const uint8_t *restrict x, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, x += Q4_1_BYTES) {
        float d = half_at(x);
        lay_nibbles(line_of(tiles, column, b), x + 4);
        scales[b * BLOCK + column] = d;
        offsets[b * stride] = half_at(x + 2) + 8 * d;
    }
}

CK_CLONES void ck_block_sums(float *restrict y, const float *restrict x, size_t blocks) {
    CK_REASSOCIATE
    for (size_t b = 0; b < blocks; b++, x += VALUES) {
        float sum = 0;
        for (size_t j = 0; j < VALUES; j++) sum += x[j];
        y[b] = sum;
    }
}
