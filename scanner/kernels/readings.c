/* Other orders and alphabets that a batch may be read in: see scanner/rulebook/readings.py and decoding.py. */
#include <string.h>

#include "kernels.h"

/* Signs that stand for letters are below this unit. */
enum { SIGNS = 0xB0, DOLLAR = '$' };

/* Slots that are looked at together, to see whether it is worth it to look at each. */
enum { PORTION = 64 };

/* The slots of a batch, as `delist_views` makes them, and the first slot of each field. */
typedef struct {
    const uint16_t *units;
    const uint8_t *kinds;
    const int64_t *fields; /* the slots of field i: fields[i] to fields[i + 1] */
    int64_t field_count;
    int64_t slots;
} Slots;

static int is_letter(const Slots *slots, int64_t slot) {
    return slot >= 0 && slot < slots->slots && slots->units[slot] >= 'a' && slots->units[slot] <= 'z';
}

static int is_digit(const Slots *slots, int64_t slot) {
    return slot >= 0 && slot < slots->slots && slots->units[slot] >= '0' && slots->units[slot] <= '9';
}

/* Whether a sign stands inside a Latin word: between letters (two digits at most), or at the end of two letters. */
static int is_inside(const Slots *slots, int64_t slot) {
    uint16_t unit = slots->units[slot];
    int before = is_letter(slots, slot - 1), after = is_letter(slots, slot + 1);
    if (before && (after || (is_digit(slots, slot + 1) && is_letter(slots, slot + 2)))) return 1;
    if (!is_digit(slots, slot) && unit != DOLLAR) return 0;
    return (before && is_letter(slots, slot - 2) && !is_digit(slots, slot + 1)) ||
           (after && is_letter(slots, slot + 2) && !is_digit(slots, slot - 1));
}

/* Whether any of some units is a small letter. */
static int has_letter(const uint16_t *units, int64_t count) {
    uint16_t found = 0;
    for (int64_t i = 0; i < count; i++) found |= (uint16_t)(units[i] - 'a') < 26;
    return found;
}

/* The signs of slots [begin, end) that stand inside words, from place `inside` of `signs` on; the place after them. */
static int64_t note_inside(const Slots *slots, const uint8_t *is_sign, int64_t begin, int64_t end, int32_t *signs,
                           int64_t inside) {
    int64_t count = inside;
    for (int64_t slot = begin; slot < end; slot++) {
        /* Written whether it is a sign or not, then counted: no branch to guess. */
        uint16_t unit = slots->units[slot];
        signs[count] = (int32_t)slot;
        count += (unit < SIGNS) & is_sign[unit < SIGNS ? unit : 0];
    }
    for (int64_t i = inside; i < count; i++) {
        if (is_inside(slots, signs[i])) signs[inside++] = signs[i];
    }
    return inside;
}

/* Mark the signs of a field that stand inside words; how many. `signs` has room for the slots of the field. */
static int64_t mark_inside(const Slots *slots, const uint8_t *is_sign, int64_t begin, int64_t end, int32_t *signs,
                           uint8_t *marks) {
    int64_t inside = 0;
    for (int64_t first = begin; first < end; first += PORTION) {
        int64_t after = end - first < PORTION ? end : first + PORTION;
        int64_t left = first > begin ? first - 1 : begin, right = after < end ? after + 1 : end;
        /* A sign is inside a word only beside a letter, which most of a listing has nowhere. */
        if (has_letter(slots->units + left, right - left)) {
            inside = note_inside(slots, is_sign, first, after, signs, inside);
        }
    }
    if (inside) memset(marks + begin, 0, (size_t)(end - begin));
    for (int64_t i = 0; i < inside; i++) marks[signs[i]] = 1;
    return inside;
}

/* Of `count` slots those less than `reach` from a marked one, an edge where some are left out; how many. */
static int64_t keep_near(const Slots *slots, const uint8_t *marks, const uint16_t *letters, int64_t reach,
                         int32_t *sequence, uint16_t *units, int64_t count) {
    int64_t kept = 0, next = 0, last = -reach - 1, before = -1;
    for (int64_t i = 0; i < count; i++) {
        while (next < count && (next < i || !marks[sequence[next]])) next++;
        if (next == i) last = i;
        if ((next == count || next - i >= reach) && i - last > reach) continue;
        if (kept > 0 && before != i - 1) units[kept - 1] = EDGE;
        before = i;
        units[kept] = letters[slots->units[sequence[i]]];
        sequence[kept++] = sequence[i];
    }
    if (kept > 0) units[kept - 1] = EDGE;
    return kept;
}

/*
 * The surroundings of signs inside Latin words, each read as the letter it looks like: units, and the slot of each.
 * `is_sign` has SIGNS flags, `letters` a letter for each unit; `marks`, `sequence` and `read` have room for all slots.
 */
int64_t delist_leet(const Slots *slots, const uint8_t *is_sign, const uint16_t *letters, int64_t reach,
                    uint8_t *marks, int32_t *sequence, uint16_t *read) {
    int64_t made = 0;
    for (int64_t field = 0; field < slots->field_count; field++) {
        int64_t begin = slots->fields[field], end = slots->fields[field + 1], count = 0;
        if (!mark_inside(slots, is_sign, begin, end, sequence + made, marks)) continue;
        for (int64_t slot = begin; slot < end; slot++) {
            if (slots->kinds[slot] >= KEPT || marks[slot]) sequence[made + count++] = (int32_t)slot;
        }
        made += keep_near(slots, marks, letters, reach, sequence + made, read + made, count);
    }
    return made;
}

/* Lines of fields that have several: where each ends, its first unit in the compact view, and how many it has. */
typedef struct {
    int32_t *end;
    int32_t *first;
    int32_t *size;
    uint8_t *is_edge;  /* it ends its field */
    uint8_t *is_short; /* no line of its field is longer than `columns` */
    int64_t capacity;
} Lines;

/*
 * The lines of fields with `fewest` lines at least; returns how many, and the longest short one in `longest`. Lines and
 * fields end at the slots `breaks`, with so many kept ones `before` each.
 */
int64_t delist_lines(const uint8_t *kinds, const int32_t *breaks, const int32_t *before, int64_t count, int64_t fewest,
                     int64_t columns, const Lines *lines, int64_t *longest) {
    int64_t made = 0, begin = 0, most = 0;
    int32_t first = 0;
    *longest = 0;
    for (int64_t i = 0; i < count && made < lines->capacity; i++) {
        int is_edge = kinds[breaks[i]] == BARRIER;
        lines->end[made] = breaks[i];
        lines->first[made] = first;
        lines->size[made] = before[i] - first;
        most = lines->size[made] > most ? lines->size[made] : most;
        lines->is_edge[made++] = (uint8_t)is_edge;
        /* Of what ends a line only the edge of a field is itself kept. */
        first = before[i] + is_edge;
        if (!is_edge) continue;
        if (made - begin < fewest) made = begin;
        if (made > begin && most <= columns && most > *longest) *longest = most;
        for (; begin < made; begin++) lines->is_short[begin] = most <= columns;
        most = 0;
    }
    return begin;
}

/* What is read, and how much room there is. */
typedef struct {
    uint16_t *units;
    int32_t *slots;
    int64_t capacity;
} Read;

/*
 * One unit of each line, the one `from` its beginning (or, below zero, from its end); lines without it, and the ends of
 * fields, are edges. A line of a single unit has that at its beginning alone. Returns how much has been read.
 */
int64_t delist_column(const Lines *lines, int64_t count, const uint16_t *units, const int32_t *kept, int64_t from,
                      int32_t only_short, const Read *read, int64_t made) {
    for (int64_t line = 0; line < count; line++) {
        if (only_short && !lines->is_short[line]) continue;
        if (made + 2 > read->capacity) break;
        int64_t size = lines->size[line], at = from < 0 ? size + from : from;
        int is_there = from < 0 ? at > 0 : at < size;
        read->units[made] = is_there ? units[lines->first[line] + at] : EDGE;
        read->slots[made++] = is_there ? kept[lines->first[line] + at] : lines->end[line];
        if (!lines->is_edge[line]) continue;
        read->units[made] = EDGE;
        read->slots[made++] = lines->end[line];
    }
    return made;
}

enum { STEP = 8 };

static int is_of_word(uint32_t character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9');
}

/* Whether STEP + 1 characters are letters and digits mixed as words are not. */
static int is_mixed(const uint32_t *characters) {
    int has_small = 0, is_so = 0;
    for (int64_t i = 0; i <= STEP; i++) {
        if (!is_of_word(characters[i])) return 0;
        int is_small = characters[i] >= 'a', is_figure = characters[i] <= '9';
        has_small |= is_small;
        if (i < STEP) is_so |= is_figure || (is_small && characters[i + 1] >= 'A' && characters[i + 1] <= 'Z');
    }
    return has_small && is_so;
}

/*
 * Where a stretch of Base64 may be: of every STEP-th character of each field those from which on the characters are
 * mixed so. Field i has the characters fields[i] to fields[i + 1]. Returns how many; `places` has room for `capacity`.
 */
int64_t delist_mixed(const uint32_t *characters, const int64_t *fields, int64_t field_count, int64_t *places,
                     int64_t capacity) {
    int64_t found = 0;
    for (int64_t field = 0; field < field_count; field++) {
        for (int64_t at = fields[field]; at + STEP < fields[field + 1] && found < capacity; at += STEP) {
            if (is_of_word(characters[at]) && is_mixed(characters + at)) places[found++] = at;
        }
    }
    return found;
}
