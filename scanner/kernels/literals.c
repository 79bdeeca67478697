/* All occurrences of many literals: see scanner/rulebook/literals.py. */
#include "literals.h"

#include <string.h>

/* Ask for what will be needed soon and is far from the processor. */
#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif

/* Of a hash, for each unit of an anchor. */
#define FIRST_FACTOR 2654435761u
#define SECOND_FACTOR 2246822519u
#define THIRD_FACTOR 3266489917u

/* Places that are looked at together; units of the longest anchor; bits of which a bucket's number has fewer. */
enum { BLOCK = 256, WIDEST = 3, SHARED = 2 };

/* What a pair of units may be: the beginning of an anchor of three, the end of one, a literal; a bit for each. */
enum { BEGINS = 1, ENDS = 2, LITERAL = 4 };

/* Places of a block by number, and the hash of the units there. */
typedef struct {
    uint32_t place[BLOCK];
    uint32_t hash[BLOCK];
    int64_t count;
} Places;

static inline uint32_t has(const uint64_t *flags, uint32_t number) { return flags[number >> 6] >> (number & 63) & 1; }

static inline uint32_t bucket_of(const Anchored *part, uint32_t hash) {
    return hash >> (32u - (uint32_t)part->bits) >> SHARED;
}

static inline uint32_t hash_of(const uint16_t *text, int32_t width) {
    uint32_t hash = text[0] * FIRST_FACTOR;
    if (width > 1) hash += text[1] * SECOND_FACTOR;
    if (width > 2) hash += text[2] * THIRD_FACTOR;
    return hash;
}

static int stands(const Anchored *part, const int32_t *member, const uint16_t *text, int64_t length, int64_t position) {
    int64_t size = member[2];
    if (position < 0 || size > length - position) return 0;
    uint32_t ends = (uint32_t)text[position] << 16 | text[position + size - 1];
    if (ends != (uint32_t)member[3]) return 0;
    return size < 3 || !memcmp(text + position, part->units + part->starts[member[0]], (size_t)size * sizeof *text);
}

/* Whether a literal that is nothing but its anchor stands at a place, where there is text for all of it. */
static inline int is_at(const int32_t *member, const uint16_t *text) {
    return ((uint32_t)text[0] << 16 | text[member[2] - 1]) == (uint32_t)member[3];
}

/* What a pair of units may be. */
static inline uint32_t pair_at(const Set *set, const uint16_t *text) {
    uint32_t pair = (uint32_t)text[0] | (uint32_t)text[1] << 16;
    return set->pairs[pair * FIRST_FACTOR >> (32u - (uint32_t)set->bits)];
}

/* Note a place, which counts if something may stand there: written whether it may or not, so that no branch is guessed. */
static inline int64_t note(uint32_t *places, int64_t count, int64_t place, uint32_t may) {
    places[count] = (uint32_t)place;
    return count + may;
}

/*
 * The places of a block where an anchor of each width may stand, by the signs; `left` units of the text are left.
 * `only_widest`: there are no other anchors.
 */
static inline void note_all(const Set *set, const uint16_t *text, int64_t left, Places *places, const int only_widest) {
    int64_t count = left < BLOCK ? left : BLOCK, one = 0, two = 0, three = 0;
    int64_t pairs = left > count ? count : count - 1;
    uint32_t before = 0;
    for (int64_t i = 0; i < pairs; i++) {
        uint32_t pair = pair_at(set, text + i);
        three = note(places[2].place, three, i - 1, before & pair >> 1 & BEGINS);
        before = pair;
        if (only_widest) continue;
        two = note(places[1].place, two, i, pair >> 2);
        one = note(places[0].place, one, i, has(set->units, text[i]));
    }
    if (left > count + 1) three = note(places[2].place, three, count - 1, before & pair_at(set, text + count) >> 1 & BEGINS);
    if (!only_widest && pairs < count) one = note(places[0].place, one, pairs, has(set->units, text[pairs]));
    places[0].count = one;
    places[1].count = two;
    places[2].count = three;
}

/* Leave out the places that the lower bits of their hashes rule out. */
static inline void sift(const Anchored *part, const uint16_t *text, Places *places, const int32_t width) {
    uint32_t lower = (1u << part->bits) - 1;
    int64_t count = 0;
    for (int64_t i = 0; i < places->count; i++) {
        uint32_t place = places->place[i], hash = hash_of(text + place, width);
        places->place[count] = place;
        places->hash[count] = hash;
        count += has(part->filter, hash & lower);
    }
    places->count = count;
    /* The large tables are far from the processor: ask for all that is needed before any of it is. */
    for (int64_t i = 0; i < count; i++) PREFETCH(part->buckets + bucket_of(part, places->hash[i]));
    for (int64_t i = 0; i < count; i++) PREFETCH(part->members + 4 * part->buckets[bucket_of(part, places->hash[i])]);
}

/* Occurrences on their way to the caller. */
typedef struct {
    int64_t *literal;
    int64_t *position;
    int64_t count;
    int64_t capacity;
} Found;

/*
 * Compare the members of one part from `cursor` on; returns 0 where there was no more room. Where anchors are the
 * `whole` literals, both ends tell all.
 */
static inline int compare(const Anchored *part, const Places *places, const uint16_t *text, int64_t length,
                          Cursor *cursor, Found *found, const int is_whole) {
    for (int64_t i = 0; i < places->count; i++) {
        int64_t place = cursor->first + places->place[i], bucket = bucket_of(part, places->hash[i]);
        if (place < cursor->place) continue;
        int64_t number = part->buckets[bucket], end = part->buckets[bucket + 1];
        if (place == cursor->place && number < cursor->member) number = cursor->member;
        for (; number < end; number++) {
            const int32_t *member = part->members + 4 * number;
            if (!is_whole && !stands(part, member, text, length, place - member[1])) continue;
            if (found->count == found->capacity) {
                cursor->place = place;
                cursor->member = number;
                return 0;
            }
            found->literal[found->count] = member[0];
            found->position[found->count] = place - member[1];
            /* Written whether it stands there or not, then counted: no branch to guess. */
            found->count += !is_whole || is_at(member, text + place);
        }
    }
    cursor->place = cursor->member = 0;
    return 1;
}

/* Look through the places noted for one part, with a loop of its own for each width; returns as `compare` does. */
static inline int look(const Anchored *part, Places *places, const uint16_t *text, int64_t length, Cursor *cursor,
                       Found *found, const int32_t width) {
    sift(part, text + cursor->first, places, width);
    return compare(part, places, text, length, cursor, found, width < WIDEST);
}

int64_t delist_find(const Set *set, const uint16_t *text, int64_t length, Cursor *cursor, int64_t *literal,
                    int64_t *position, int64_t capacity) {
    Found found = {literal, position, 0, capacity};
    Places places[WIDEST];
    const int is_long = set->count == 1 && set->parts[0].width == WIDEST;
    for (; cursor->first < length; cursor->first += BLOCK) {
        if (is_long) {
            note_all(set, text + cursor->first, length - cursor->first, places, 1);
        } else {
            note_all(set, text + cursor->first, length - cursor->first, places, 0);
        }
        for (; cursor->part < set->count; cursor->part++) {
            const Anchored *part = set->parts + cursor->part;
            Places *own = places + part->width - 1;
            int is_done = 0;
            switch (part->width) {
                case 1: is_done = look(part, own, text, length, cursor, &found, 1); break;
                case 2: is_done = look(part, own, text, length, cursor, &found, 2); break;
                default: is_done = look(part, own, text, length, cursor, &found, 3);
            }
            if (!is_done) return found.count;
        }
        cursor->part = 0;
    }
    return found.count;
}
