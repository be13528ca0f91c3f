#include "CKernels.h"
#include "exponential.h"

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

CK_CLONES void ck_softmax_causal(float *scores, size_t rows, size_t columns, size_t stride, size_t first,
                                 size_t heads) {
    for (size_t r = 0; r < rows; r++) {
        CK_REASSOCIATE
        float *row = scores + r * stride;
        size_t seen = first + r / heads, n = seen < columns ? seen : columns;
        float largest = row[0];
        for (size_t i = 1; i < n; i++) largest = row[i] > largest ? row[i] : largest;
        float sum = 0;
        for (size_t i = 0; i < n; i++) {
            float e = ck_exp_one(row[i] - largest);
            row[i] = e;
            sum += e;
        }
        float k = 1.0f / sum;
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
