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
    int64_t slots;
    int64_t character_count;
    int64_t expansions;
    int32_t is_flagged; /* whether any character may be a letter that flags are made of */
} Ground;

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

#endif
