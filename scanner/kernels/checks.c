/* Which occurrences of literals are hits: gaps and borders, by the policy in scanner/rulebook/checks.py. */
#include "checks.h"

enum { SEPARATORS_PER_GAP = 3, SEPARATORS_PER_OWN_GAP = 5, CHARACTERS_PER_GAP = 256, SPACE = 0x20 };

/* Occurrences that are looked at together. */
enum { PORTION = 256 };

/* What stands in a gap. */
typedef struct {
    int64_t separators;
    int64_t breaks;
    int64_t spaces;
} Inside;

static Inside inside(const Ground *ground, int64_t first, int64_t width) {
    Inside seen = {0, 0, 0};
    for (int64_t slot = first; slot < first + width && slot < ground->slots; slot++) {
        uint32_t kind = kind_of(ground->codes[slot]);
        if (kind < SEPARATOR || kind == ALIAS) continue;
        seen.separators++;
        seen.breaks += kind >= COMMA && kind <= LINE;
        seen.spaces += unit_of(ground->codes[slot]) == SPACE;
    }
    return seen;
}

/* Points 1 to 3 for a hit with something dropped inside: what its gaps add up to, or -1. */
static int64_t gaps(const Ground *ground, const Reading *reading, const Traits *traits, int64_t literal,
                    int64_t position) {
    int64_t joints = traits->lengths[literal] - 1;
    int64_t total = 0, breaks = 0, spaced = 0, latin = 0;
    for (int64_t joint = 0; joint < joints; joint++) {
        const uint16_t *units = reading->units + position + joint;
        int64_t begin = reading->slots[position + joint], end = reading->slots[position + joint + 1];
        int64_t width = (begin < end ? end - begin : begin - end) - 1;
        if (width > CHARACTERS_PER_GAP) return -1;
        int own = joint < 64 && traits->own_gaps[literal] >> joint & 1;
        Inside seen = inside(ground, (begin < end ? begin : end) + 1, width);
        if (seen.separators > (own ? SEPARATORS_PER_OWN_GAP : SEPARATORS_PER_GAP)) return -1;
        int is_latin = !own && class_of(units[0]) == LETTER && class_of(units[1]) == LETTER;
        latin += is_latin;
        spaced += is_latin && seen.separators > 0 && seen.spaces == seen.separators;
        breaks += seen.breaks > 0;
        total += own ? (width > 1 ? width - 1 : 0) : width;
    }
    int uniform = breaks == joints && joints >= 2;
    return (breaks == 0 || uniform) && (spaced == 0 || spaced == latin) ? total : -1;
}

/* Note those of `count` literals that are wanted (NULL: all are), by their place among them; returns how many. */
static int64_t note_wanted(const uint8_t *wanted, const int64_t *literal, int64_t count, int32_t *places) {
    int64_t noted = 0;
    for (int64_t i = 0; i < count; i++) {
        /* Written whether it is or not, then counted: no branch to guess. */
        places[noted] = (int32_t)i;
        noted += wanted == NULL || wanted[literal[i]];
    }
    return noted;
}

/* Whether one occurrence is a hit, which is put into row `found`. */
static int check_one(const Ground *ground, const Reading *reading, const Traits *traits, int64_t literal,
                     int64_t position, const Hits *hits, int64_t found, int64_t *near) {
    if (!is_bordered(ground, reading, traits, literal, position, near)) return 0;
    int64_t length = traits->lengths[literal];
    int64_t first = reading->slots[position], last = reading->slots[position + length - 1];
    int64_t gap = (first < last ? last - first : first - last) + 1 - length;
    if (gap > 0 && (gap = gaps(ground, reading, traits, literal, position)) < 0) return 0;
    hits->literal[found] = literal;
    hits->position[found] = position;
    hits->first[found] = first;
    hits->last[found] = last;
    hits->gap[found] = gap;
    return 1;
}

/*
 * Which hits of a reading of digits and signs as letters have some such sign, and as many letters at least, two or more:
 * sets a flag of `kept` for each. `units` are those of the slots as they stand.
 */
void delist_only_leet(const uint16_t *units, const Reading *reading, const int32_t *lengths, const int64_t *literal,
                      const int64_t *position, int64_t count, uint8_t *kept) {
    for (int64_t i = 0; i < count; i++) {
        int64_t letters = 0, read = 0;
        for (int64_t at = position[i]; at < position[i] + lengths[literal[i]]; at++) {
            uint16_t unit = units[reading->slots[at]];
            letters += class_of(unit) == LETTER;
            read += unit != reading->units[at];
        }
        kept[i] = read > 0 && letters >= 2 && letters >= read;
    }
}

int64_t delist_check(const Ground *ground, const Reading *reading, const Traits *traits, const uint8_t *wanted,
                     const int64_t *literal, const int64_t *position, int64_t count, const Hits *hits) {
    int32_t places[PORTION];
    int64_t found = 0, near = 0;
    for (int64_t first = 0; first < count; first += PORTION) {
        int64_t some = count - first < PORTION ? count - first : PORTION;
        some = note_wanted(wanted, literal + first, some, places);
        for (int64_t i = 0; i < some && found < hits->capacity; i++) {
            int64_t at = first + places[i];
            found += check_one(ground, reading, traits, literal[at], position[at], hits, found, &near);
        }
    }
    return found;
}
