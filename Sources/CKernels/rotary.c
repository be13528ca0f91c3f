#include "CKernels.h"
#include "clones.h"
#include <math.h>

void ck_rotary(float *x, const int32_t *positions, const double *frequencies, float direction, size_t rows,
               size_t heads, size_t head_dimension, size_t stride) {
    size_t half = head_dimension / 2;
    float cosine[512], sine[512];
    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; i < half; i++) {
            // The angle as the peers form it: an fp32 product of position and fp32 frequency.
            float angle = (float)positions[r] * (float)frequencies[i];
            cosine[i] = cosf(angle);
            sine[i] = direction * sinf(angle);
        }
        for (size_t h = 0; h < heads; h++) {
            float *head = x + r * stride + h * head_dimension;
            for (size_t i = 0; i < half; i++) {
                float a = head[i], b = head[i + half];
                head[i] = a * cosine[i] - b * sine[i];
                head[i + half] = b * cosine[i] + a * sine[i];
            }
        }
    }
}
