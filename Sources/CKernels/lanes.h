#ifndef OVERREAD_LANES_H
#define OVERREAD_LANES_H
#include "clones.h"
#include <stddef.h>

/// Values of a row that are taken at a time, in as many running results: none then waits for the one before.
enum { LANES = 16 };

/// The largest of n values.
CK_INLINE float largest_of(const float *x, size_t n) {
    float lanes[LANES];
    for (int i = 0; i < LANES; i++) lanes[i] = x[0];
    size_t first = 0;
    for (; first + LANES <= n; first += LANES)
        for (int i = 0; i < LANES; i++) lanes[i] = x[first + i] > lanes[i] ? x[first + i] : lanes[i];
    for (; first < n; first++) lanes[0] = x[first] > lanes[0] ? x[first] : lanes[0];
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int i = 0; i < width; i++) lanes[i] = lanes[i + width] > lanes[i] ? lanes[i + width] : lanes[i];
    return lanes[0];
}

#endif
