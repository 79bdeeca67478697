/* Classes of units: a Latin word goes on as long as there are letters, a number as long as there are digits. */
#ifndef DELIST_CLASSES_H
#define DELIST_CLASSES_H

#include <stdint.h>

enum { OTHER = 0, LETTER = 1, DIGIT = 2 };

static inline int class_of(uint16_t unit) {
    if (unit >= 'a' && unit <= 'z') return LETTER;
    return unit >= '0' && unit <= '9' ? DIGIT : OTHER;
}

#endif
