#include "CKernels.h"
#include "matrixtiles.h"
#include <string.h>

// A block of y = x w of bf16 factors in tiles of one part, by the processor's dot products of pairs (AVX512_BF16, "Intel
// Architecture Instruction Set Extensions Programming Reference", VDPBF16PS): a line of a tile of w is 16 columns' pairs,
// as such an instruction takes them, so the layout is the matrix tiles' own.

int ck_has_bf16_products(void) {
#if defined(__x86_64__) && defined(__linux__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16");
#else
    return 0;
#endif
}

#if defined(__x86_64__) && defined(__linux__)
/// Rows whose sums stay in half of the registers while a panel of w goes by.
enum { ROWS = 8 };

CK_DOTTED CK_INLINE void some_rows(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, size_t steps,
                                   int accumulating) {
    __m512 sums[ROWS][2];
    _Pragma("clang loop unroll(full)") for (size_t i = 0; i < ROWS; i++)
        _Pragma("clang loop unroll(full)") for (size_t half = 0; half < 2; half++)
            sums[i][half] = accumulating ? _mm512_loadu_ps(y + i * y_stride + half * HALF) : _mm512_setzero_ps();
    for (size_t s = 0; s < steps; s++, x += 2 * TILE, w += 2 * TILE)
        _Pragma("clang loop unroll_count(2)") for (size_t q = 0; q < STEP; q += 2) {
            __m512bh left = (__m512bh)_mm512_load_si512(w + q / 2 * STEP);
            __m512bh right = (__m512bh)_mm512_load_si512(w + q / 2 * STEP + TILE);
            _Pragma("clang loop unroll(full)") for (size_t i = 0; i < ROWS; i++) {
                int pair;
                memcpy(&pair, x + i * STEP + q, sizeof pair);
                __m512bh values = (__m512bh)_mm512_set1_epi32(pair);
                sums[i][0] = _mm512_dpbf16_ps(sums[i][0], values, left);
                sums[i][1] = _mm512_dpbf16_ps(sums[i][1], values, right);
            }
        }
    _Pragma("clang loop unroll(full)") for (size_t i = 0; i < ROWS; i++)
        _Pragma("clang loop unroll(full)") for (size_t half = 0; half < 2; half++)
            _mm512_storeu_ps(y + i * y_stride + half * HALF, sums[i][half]);
}

CK_DOTTED void ck_block_on_vectors(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, size_t steps, int parts,
                                   int accumulating) {
    (void)parts;
    for (size_t row = 0; row < BLOCK; row += ROWS) {
        float *target = y + row * y_stride;
        const uint16_t *values = x + row * STEP;
        if (accumulating)
            some_rows(target, y_stride, values, w, steps, 1);
        else
            some_rows(target, y_stride, values, w, steps, 0);
    }
}
#else
void ck_block_on_vectors(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, size_t steps, int parts,
                         int accumulating) {
    (void)y, (void)y_stride, (void)x, (void)w, (void)steps, (void)parts, (void)accumulating;
}
#endif
