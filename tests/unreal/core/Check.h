#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>

/// What tests state laws with: the first that does not hold ends the program and says where.
#define CHECK(condition)                                                                  \
    do {                                                                                  \
        if (!(condition)) {                                                               \
            std::fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            std::exit(1);                                                                 \
        }                                                                                 \
    } while (false)

#define CHECK_NEAR(a, b, within)                                                                             \
    do {                                                                                                     \
        const double checkedA = (a), checkedB = (b);                                                         \
        if (!(std::fabs(checkedA - checkedB) <= (within))) {                                                 \
            std::fprintf(stderr, "%s:%d: %s is %.9g, not %.9g\n", __FILE__, __LINE__, #a, checkedA, checkedB); \
            std::exit(1);                                                                                    \
        }                                                                                                    \
    } while (false)
