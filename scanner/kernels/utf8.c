/* The folded view of a batch in UTF-8, as RE2 reads it: see scanner/rulebook/late.py. */
#include "kernels.h"

static inline int64_t put(uint8_t *text, int64_t at, uint16_t unit) {
    if (unit < 0x80) {
        text[at++] = (uint8_t)unit;
    } else if (unit < 0x800) {
        text[at++] = (uint8_t)(0xC0 | unit >> 6);
        text[at++] = (uint8_t)(0x80 | (unit & 0x3F));
    } else {
        text[at++] = (uint8_t)(0xE0 | unit >> 12);
        text[at++] = (uint8_t)(0x80 | (unit >> 6 & 0x3F));
        text[at++] = (uint8_t)(0x80 | (unit & 0x3F));
    }
    return at;
}

/*
 * Write the units of some slots into `text`, without those that are dropped; it holds three bytes for each slot. Part i
 * of `count` are slots [first[i], end[i]); `starts` says where it begins in `text`, and where the last one ends.
 */
void delist_utf8(const uint16_t *units, const uint8_t *kinds, const int64_t *first, const int64_t *end, int64_t count,
                 uint8_t *text, int64_t *starts) {
    int64_t at = 0;
    for (int64_t part = 0; part < count; part++) {
        starts[part] = at;
        for (int64_t slot = first[part]; slot < end[part]; slot++)
            if (kinds[slot] >= SEPARATOR) at = put(text, at, units[slot]);
    }
    starts[count] = at;
}
