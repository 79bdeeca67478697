/* From slots back to characters: see Batch.sources in scanner/text/views.py. */
#ifndef DELIST_PLACES_H
#define DELIST_PLACES_H

#include "kernels.h"

/* A batch as it was folded. */
typedef struct {
    const uint32_t *codes;
    const uint32_t *characters;
    const int64_t *expanded; /* the first slots of characters that became several units, in order */
    const int64_t *growth;   /* by how much slots have moved before each, and after the last */
    const int64_t *joined;   /* the first slots of characters that were joined from several, in order */
    const int64_t *joined_last; /* the last slot of each */
    int64_t slots;
    int64_t character_count;
    int64_t expansions;
    int64_t joins;
    int32_t is_flagged; /* whether any character may be a letter that flags are made of */
} Ground;

/* The fields of a batch. */
typedef struct {
    const int64_t *starts;    /* the first character of each, counted over the batch */
    const int32_t *documents; /* the document of each */
    const int64_t *before;    /* how many fields stand before each document's */
} Fields;

/* How many expansions begin at or before a slot. `near` is the last answer: slots are mostly asked for in order. */
static inline int64_t expansions_until(const Ground *ground, int64_t slot, int64_t *near) {
    int64_t low = 0, high = ground->expansions;
    if ((*near == 0 || ground->expanded[*near - 1] <= slot) && (*near == high || ground->expanded[*near] > slot)) {
        return *near;
    }
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (ground->expanded[middle] <= slot) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return *near = low;
}

/* The character that a slot came from, counted over the batch. */
static inline int64_t source_of(const Ground *ground, int64_t slot, int64_t *near) {
    int64_t number = expansions_until(ground, slot, near);
    if (number == 0) return slot;
    int64_t before = ground->growth[number - 1], own = ground->growth[number] - before;
    int64_t inside = slot - ground->expanded[number - 1];
    return slot - before - (inside < own ? inside : own);
}

/* The slot itself, or the last one of a character that was joined there. */
static inline int64_t last_of(const Ground *ground, int64_t slot) {
    int64_t low = 0, high = ground->joins;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (ground->joined[middle] < slot) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ground->joins && ground->joined[low] == slot ? ground->joined_last[low] : slot;
}

/* The character after the last one that a slot stands for, counted over the batch. */
static inline int64_t end_of(const Ground *ground, int64_t slot, int64_t *near) {
    return source_of(ground, last_of(ground, slot), near) + 1;
}

/*
 * The field that holds a unit of the compact view: the first of `count`, one at least, that ends after it. `near` is
 * the last answer: units are asked for nearly in order.
 */
static inline int64_t field_at(const int32_t *ends, int64_t count, int64_t unit, int64_t *near) {
    int64_t field = *near;
    while (field > 0 && unit < ends[field - 1]) field--;
    while (field + 1 < count && unit >= ends[field]) field++;
    return *near = field;
}

#endif
