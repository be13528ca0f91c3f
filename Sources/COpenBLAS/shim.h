#ifndef OVERREAD_COPENBLAS_SHIM_H
#define OVERREAD_COPENBLAS_SHIM_H
#include <cblas.h>
#endif
