/* Literals made ready to be found: see scanner/rulebook/literals.py. */
#ifndef DELIST_LITERALS_H
#define DELIST_LITERALS_H

#include "kernels.h"

/* The literals with anchors of one width, made ready to be found. */
typedef struct {
    int32_t width; /* units of an anchor: 1 to 3 */
    int32_t bits;  /* of a flag's number; SHARED fewer are a bucket's */
    const uint64_t *filter; /* a bit for the lower bits of each hash: whether an anchor has them */
    const int32_t *buckets; /* the members of bucket h: [buckets[h], buckets[h + 1]) */
    const int32_t *members; /* rows of four: literal, offset of its anchor, length, both ends in one number */
    const uint16_t *units;  /* of all literals, one after another */
    const int32_t *starts;  /* where each begins in these */
} Anchored;

/* All literals of a set, by the width of their anchors: at most WIDEST parts. */
typedef struct {
    const Anchored *parts;
    int64_t count;
    const uint64_t *units; /* a bit for each unit: whether it is a literal */
    const uint8_t *pairs;  /* by the upper `bits` of the hash of a pair, what it may be */
    int32_t bits;
} Set;

/* Where a search goes on: in which block, by its first place, with which part, place of an anchor, and member. */
typedef struct {
    int64_t first;
    int64_t part;
    int64_t place;
    int64_t member;
} Cursor;

/*
 * The occurrences in `text` from `cursor` on: at most `capacity` of them; returns how many. The search is over when the
 * cursor is at the end of the text.
 */
int64_t delist_find(const Set *set, const uint16_t *text, int64_t length, Cursor *cursor, int64_t *literal,
                    int64_t *position, int64_t capacity);

#endif
