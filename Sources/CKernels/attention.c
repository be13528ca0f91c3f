#include "CKernels.h"
#include "exponential.h"
#include "lanes.h"

enum { TRANSPOSED_ROWS = 16 };

CK_CLONES void ck_transpose(float *restrict y, size_t y_stride, const float *restrict x, size_t x_stride, size_t rows,
                            size_t columns, float scale) {
    size_t r = 0;
    for (; r + TRANSPOSED_ROWS <= rows; r += TRANSPOSED_ROWS)
        for (size_t c = 0; c < columns; c++)
            for (size_t i = 0; i < TRANSPOSED_ROWS; i++) y[c * y_stride + r + i] = scale * x[(r + i) * x_stride + c];
    for (; r < rows; r++)
        for (size_t c = 0; c < columns; c++) y[c * y_stride + r] = scale * x[r * x_stride + c];
}

/// x = e^(x - largest); their sum.
CK_INLINE float exponentials(float *x, size_t n, float largest) {
    float sums[LANES] = {0};
    size_t first = 0;
    for (; first + LANES <= n; first += LANES)
        for (int i = 0; i < LANES; i++) {
            float e = ck_exp_one(x[first + i] - largest);
            x[first + i] = e;
            sums[i] += e;
        }
    if (first < n) {
        float last[LANES];
        for (int i = 0; i < LANES; i++) last[i] = -1e4f;
        for (size_t i = first; i < n; i++) last[i - first] = x[i] - largest;
        for (int i = 0; i < LANES; i++) {
            last[i] = ck_exp_one(last[i]);
            sums[i] += last[i];
        }
        for (size_t i = first; i < n; i++) x[i] = last[i - first];
    }
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int i = 0; i < width; i++) sums[i] += sums[i + width];
    return sums[0];
}

CK_WIDE_CLONES void ck_softmax_causal(float *scores, size_t rows, size_t columns, size_t stride, size_t first,
                                      size_t heads) {
    for (size_t r = 0; r < rows; r++) {
        float *row = scores + r * stride;
        size_t seen = first + r / heads, n = seen < columns ? seen : columns;
        float k = 1.0f / exponentials(row, n, largest_of(row, n));
        for (size_t i = 0; i < n; i++) row[i] *= k;
        for (size_t i = n; i < columns; i++) row[i] = 0;
    }
}

CK_CLONES void ck_softmax_backward(float *restrict dp, const float *restrict p, const float *restrict d,
                                   const float *restrict o, float scale, size_t rows, size_t columns, size_t stride,
                                   size_t head_dimension, size_t value_stride) {
    for (size_t r = 0; r < rows; r++) {
        CK_REASSOCIATE
        float inner = 0;
        for (size_t i = 0; i < head_dimension; i++) inner += d[r * value_stride + i] * o[r * value_stride + i];
        for (size_t i = 0; i < columns; i++) {
            dp[r * stride + i] = scale * p[r * stride + i] * (dp[r * stride + i] - inner);
        }
    }
}
