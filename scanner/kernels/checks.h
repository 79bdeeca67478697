/* Borders of words: see scanner/rulebook/checks.py, points 4 and 5. */
#ifndef DELIST_CHECKS_H
#define DELIST_CHECKS_H

#include <stddef.h>

#include "classes.h"
#include "places.h"

/* A sequence of units to look in, the slot that each came from. */
typedef struct {
    const uint16_t *units;
    const int32_t *slots;
    int64_t length;
} Reading;

/* What is known of each literal. */
typedef struct {
    const int32_t *lengths;
    const uint8_t *left; /* the class of its first unit where that asks for a border */
    const uint8_t *right;
    const uint64_t *own_gaps; /* bit i: the term itself has a gap after unit i */
    const uint8_t *alone;     /* counts only where nothing touches it */
} Traits;

/* One row for each hit: literal, position, first and last slot, characters dropped inside. Room for all occurrences. */
typedef struct {
    int64_t *literal;
    int64_t *position;
    int64_t *first;
    int64_t *last;
    int64_t *gap;
    int64_t capacity;
} Hits;

/* Whether two neighbours of the compact view touch: nothing, or nothing visible, stands between them. */
static inline int touches(const Ground *ground, int64_t own, int64_t neighbour, int64_t *near) {
    int64_t toward = own + (neighbour > own) - (neighbour < own);
    if (toward != neighbour && kind_of(ground->codes[toward]) != DROPPED) return 0;
    if (!ground->is_flagged) return 1;
    int is_flag = ground->characters[source_of(ground, own, near)] >= FIRST_FLAG;
    return is_flag == (ground->characters[source_of(ground, neighbour, near)] >= FIRST_FLAG);
}

/* Points 4 and 5, on one side of a hit. Beyond both ends of a reading there is an edge. */
static inline int is_border(const Ground *ground, const Reading *reading, int edge, int alone, int64_t own, int64_t neighbour,
                     int64_t *near) {
    if ((edge == OTHER && !alone) || neighbour < 0 || neighbour >= reading->length) return 1;
    uint16_t unit = reading->units[neighbour];
    if (alone ? unit == EDGE : class_of(unit) != edge) return 1;
    return !touches(ground, reading->slots[own], reading->slots[neighbour], near);
}

static inline int is_bordered(const Ground *ground, const Reading *reading, const Traits *traits, int64_t literal,
                       int64_t position, int64_t *near) {
    int64_t after = position + traits->lengths[literal];
    int alone = traits->alone[literal];
    return is_border(ground, reading, traits->left[literal], alone, position, position - 1, near) &&
           is_border(ground, reading, traits->right[literal], alone, after - 1, after, near);
}

/*
 * The hits among `count` occurrences; returns how many. `wanted` tells of each literal whether it is looked at; NULL:
 * all are.
 */
int64_t delist_check(const Ground *ground, const Reading *reading, const Traits *traits, const uint8_t *wanted,
                     const int64_t *literal, const int64_t *position, int64_t count, const Hits *hits);

#endif
