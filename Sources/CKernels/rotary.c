#include "CKernels.h"
#include "clones.h"
#include <math.h>

void ck_rotary_table(float *table, size_t first, size_t last, const double *frequencies, size_t half) {
    for (size_t position = first; position < last; position++)
        for (size_t i = 0; i < half; i++) {
            // The angle as the peers form it: an fp32 product of position and fp32 frequency.
            float angle = (float)position * (float)frequencies[i];
            table[position * 2 * half + i] = cosf(angle);
            table[position * 2 * half + half + i] = sinf(angle);
        }
}

CK_CLONES void ck_rotary(float *restrict x, const int32_t *positions, const float *restrict table, float direction,
                         size_t rows, size_t heads, size_t head_dimension, size_t stride) {
    size_t half = head_dimension / 2;
    for (size_t r = 0; r < rows; r++) {
        const float *cosine = table + (size_t)positions[r] * head_dimension, *sine = cosine + half;
        for (size_t h = 0; h < heads; h++) {
            float *restrict head = x + r * stride + h * head_dimension, *restrict other = head + half;
            for (size_t i = 0; i < half; i++) {
                float a = head[i], b = other[i], turn = direction * sine[i];
                head[i] = a * cosine[i] - b * turn;
                other[i] = b * cosine[i] + a * turn;
            }
        }
    }
}
