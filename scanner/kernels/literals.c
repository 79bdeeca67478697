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

/* Places of a block by number, and the hash of the units there. */
typedef struct {
    uint32_t place[BLOCK];
    uint32_t hash[BLOCK];
    int64_t count;
} Places;

static inline uint32_t has(const uint64_t *flags, uint32_t number) { return flags[number >> 6] >> (number & 63) & 1; }

static inline uint32_t upper_bits(const Anchored *part, uint32_t hash) { return hash >> (32u - (uint32_t)part->bits); }

static inline int64_t bucket_of(const Anchored *part, uint32_t hash) { return upper_bits(part, hash) >> SHARED; }

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

/* Note a place if an anchor may stand there, by the upper bits of the hash. */
static inline int64_t note(const Anchored *part, Places *places, int64_t count, int64_t place, uint32_t hash) {
    /* Written whether it may or not, then counted: no branch to guess. */
    places->place[count] = (uint32_t)place;
    places->hash[count] = hash;
    return count + has(part->filter, upper_bits(part, hash));
}

/* The places of a block where anchors of each part may stand. `text` has `count` units and WIDEST - 1 more. */
static void note_all(const Anchored *parts, const uint16_t *text, int64_t count, Places *places) {
    int64_t one = 0, two = 0, three = 0;
    for (int64_t i = 0; i < count; i++) {
        uint32_t hash = text[i] * FIRST_FACTOR;
        one = note(parts, places, one, i, hash);
        hash += text[i + 1] * SECOND_FACTOR;
        two = note(parts + 1, places + 1, two, i, hash);
        hash += text[i + 2] * THIRD_FACTOR;
        three = note(parts + 2, places + 2, three, i, hash);
    }
    places[0].count = one;
    places[1].count = two;
    places[2].count = three;
}

/* The same for one part: `text` has `count` units and `width` - 1 more. */
static inline void note_some(const Anchored *part, const uint16_t *text, int64_t count, Places *places,
                             const int32_t width) {
    int64_t noted = 0;
    for (int64_t i = 0; i < count; i++) {
        uint32_t hash = text[i] * FIRST_FACTOR;
        if (width > 1) hash += text[i + 1] * SECOND_FACTOR;
        if (width > 2) hash += text[i + 2] * THIRD_FACTOR;
        noted = note(part, places, noted, i, hash);
    }
    places->count = noted;
}

/* The same, with a loop of its own for each width of anchors. */
static void note_part(const Anchored *part, const uint16_t *text, int64_t left, Places *places) {
    int64_t count = left - part->width + 1 < BLOCK ? left - part->width + 1 : BLOCK;
    switch (part->width) {
        case 1: note_some(part, text, count, places, 1); break;
        case 2: note_some(part, text, count, places, 2); break;
        default: note_some(part, text, count, places, 3);
    }
}

/* Of a block the places where anchors may stand, part by part; `left` units of the text are left. */
static void note_block(const Set *set, const uint16_t *text, int64_t left, Places *places) {
    if (set->count == WIDEST && left >= BLOCK + WIDEST - 1) {
        note_all(set->parts, text, BLOCK, places);
        return;
    }
    for (int64_t part = 0; part < set->count; part++) note_part(set->parts + part, text, left, places + part);
}

/* Leave out the places that the lower bits of their hashes rule out. */
static void sift(const Anchored *part, Places *places) {
    uint32_t lower = (1u << part->bits) - 1;
    int64_t count = 0;
    for (int64_t i = 0; i < places->count; i++) {
        uint32_t place = places->place[i], hash = places->hash[i];
        places->place[count] = place;
        places->hash[count] = hash;
        count += has(part->second, hash & lower);
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

int64_t delist_find(const Set *set, const uint16_t *text, int64_t length, Cursor *cursor, int64_t *literal,
                    int64_t *position, int64_t capacity) {
    Found found = {literal, position, 0, capacity};
    Places places[WIDEST];
    for (; cursor->first < length; cursor->first += BLOCK) {
        note_block(set, text + cursor->first, length - cursor->first, places);
        for (; cursor->part < set->count; cursor->part++) {
            const Anchored *part = set->parts + cursor->part;
            sift(part, places + cursor->part);
            int is_done = part->width < WIDEST ? compare(part, places + cursor->part, text, length, cursor, &found, 1)
                                               : compare(part, places + cursor->part, text, length, cursor, &found, 0);
            if (!is_done) return found.count;
        }
        cursor->part = 0;
    }
    return found.count;
}
