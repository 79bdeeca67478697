/* All occurrences of many literals: see scanner/rulebook/literals.py. */
#include <string.h>

#include "kernels.h"

/* The literals with anchors of one width, made ready to be found. */
typedef struct {
    int32_t width; /* units of an anchor: 1 to 3 */
    int32_t bits;  /* of a flag's number; SHARED fewer are a bucket's */
    const uint8_t *filter; /* a bit for the upper bits of each hash: whether an anchor has them */
    const uint8_t *second; /* the same for the lower bits of hashes */
    const int32_t *buckets; /* the members of bucket h: [buckets[h], buckets[h + 1]) */
    const int32_t *members; /* rows of four: literal, offset of its anchor, length, both ends in one number */
    const uint16_t *units;  /* of all literals, one after another */
    const int32_t *starts;  /* where each begins in these */
} Anchored;

/* All literals of a set, by the width of their anchors. */
typedef struct {
    const Anchored *parts;
    int64_t count;
} Set;

/* Where a search goes on: the part, the place of an anchor, the member to compare next by number (-1: the first). */
typedef struct {
    int64_t part;
    int64_t place;
    int64_t member;
} Cursor;

/* Places that are looked at together; and bits by which a bucket's number is shorter than that of its flags. */
enum { BLOCK = 256, SHARED = 2 };

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif

static inline uint32_t hash_at(const uint16_t *text, int32_t width) {
    uint32_t hash = text[0] * 2654435761u;
    if (width > 1) hash += text[1] * 2246822519u;
    if (width > 2) hash += text[2] * 3266489917u;
    return hash;
}

static inline int has(const uint8_t *flags, uint32_t number) { return flags[number >> 3] >> (number & 7) & 1; }

static int stands(const Anchored *part, const int32_t *member, const uint16_t *text, int64_t length, int64_t position) {
    int64_t size = member[2];
    if (position < 0 || size > length - position) return 0;
    uint32_t ends = (uint32_t)text[position] << 16 | text[position + size - 1];
    if (ends != (uint32_t)member[3]) return 0;
    return size < 3 || !memcmp(text + position, part->units + part->starts[member[0]], (size_t)size * sizeof *text);
}

/* Places of a text where an anchor may stand, and the bucket of each. */
typedef struct {
    int64_t place[BLOCK];
    uint32_t bucket[BLOCK];
    int64_t count;
} Candidates;

/* The candidates among the places from `first` to `last`, at most BLOCK of them. */
static inline void collect(const Anchored *part, const uint16_t *text, int64_t first, int64_t last,
                           Candidates *candidates, const int32_t width) {
    uint32_t shift = 32u - (uint32_t)part->bits, lower = (1u << part->bits) - 1;
    int64_t count = 0;
    for (int64_t place = first; place <= last; place++) {
        uint32_t hash = hash_at(text + place, width);
        /* Written whether it is one or not, then counted: no branch to guess. */
        candidates->place[count] = place;
        candidates->bucket[count] = hash >> shift >> SHARED;
        count += has(part->filter, hash >> shift) & has(part->second, hash & lower);
    }
    /* The large tables are far from the processor: ask for all that is needed before any of it is. */
    for (int64_t i = 0; i < count; i++) PREFETCH(part->buckets + candidates->bucket[i]);
    for (int64_t i = 0; i < count; i++) PREFETCH(part->members + 4 * part->buckets[candidates->bucket[i]]);
    candidates->count = count;
}

/* The occurrences of one part from `cursor` on, at most `capacity`; returns how many. */
static inline int64_t find(const Anchored *part, const uint16_t *text, int64_t length, Cursor *cursor,
                           int64_t *literal, int64_t *position, int64_t capacity, const int32_t width) {
    Candidates candidates;
    int64_t found = 0, last = length - width;
    for (int64_t first = cursor->place; first <= last; first += BLOCK) {
        collect(part, text, first, last - first < BLOCK ? last : first + BLOCK - 1, &candidates, width);
        for (int64_t i = 0; i < candidates.count; i++) {
            int64_t place = candidates.place[i], end = part->buckets[candidates.bucket[i] + 1];
            int64_t number = cursor->member >= 0 ? cursor->member : part->buckets[candidates.bucket[i]];
            cursor->member = -1;
            for (; number < end; number++) {
                const int32_t *member = part->members + 4 * number;
                if (!stands(part, member, text, length, place - member[1])) continue;
                if (found == capacity) {
                    cursor->place = place;
                    cursor->member = number;
                    return found;
                }
                literal[found] = member[0];
                position[found++] = place - member[1];
            }
        }
    }
    *cursor = (Cursor){cursor->part + 1, 0, -1};
    return found;
}

/* The same, with a loop of its own for each width of anchors. */
static int64_t find_part(const Anchored *part, const uint16_t *text, int64_t length, Cursor *cursor, int64_t *literal,
                         int64_t *position, int64_t capacity) {
    switch (part->width) {
        case 1: return find(part, text, length, cursor, literal, position, capacity, 1);
        case 2: return find(part, text, length, cursor, literal, position, capacity, 2);
        default: return find(part, text, length, cursor, literal, position, capacity, 3);
    }
}

/*
 * The occurrences in `text` from `cursor` on: at most `capacity` of them; returns how many. The search is over when the
 * cursor is past the last part.
 */
int64_t delist_find(const Set *set, const uint16_t *text, int64_t length, Cursor *cursor, int64_t *literal,
                    int64_t *position, int64_t capacity) {
    int64_t found = 0;
    while (cursor->part < set->count) {
        int64_t part = cursor->part;
        found += find_part(set->parts + part, text, length, cursor, literal + found, position + found, capacity - found);
        if (cursor->part == part) break;
    }
    return found;
}
