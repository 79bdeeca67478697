/* From characters to slots, and from slots to views: see scanner/text/views.py. */
#include "kernels.h"

/* Where the expansion of a code begins; its size is put into `size`. */
static const uint32_t *expansion_of(const Alphabet *alphabet, uint32_t code, int64_t *size) {
    int64_t number = unit_of(code);
    if (number >= alphabet->expansion_count) number = alphabet->expansion_count - 1;
    int64_t begin = alphabet->expansion_bounds[number];
    *size = alphabet->expansion_bounds[number + 1] - begin;
    return alphabet->expansions + begin;
}

/*
 * The code of every character, that of an expansion where it becomes several units; fields end before `ends`, where
 * the edge stands. `codes` has room for `count`.
 */
void delist_fold(const Alphabet *alphabet, const uint32_t *characters, int64_t count, const int64_t *ends,
                 int64_t end_count, uint32_t *codes, Signs *signs) {
    uint32_t seen = 0;
    int64_t expansions = 0, growth = 0, size = 0;
    for (int64_t i = 0; i < count; i++) {
        uint32_t code = code_of(alphabet, characters[i]);
        codes[i] = bare(code);
        seen |= code;
        if (kind_of(code) & EXPANDS) {
            expansion_of(alphabet, code, &size);
            expansions++;
            growth += size - 1;
        }
    }
    for (int64_t i = 0; i < end_count; i++) {
        if (ends[i] > 0 && ends[i] <= count) codes[ends[i] - 1] = (uint32_t)BARRIER << 16 | EDGE;
    }
    signs->expansions = expansions;
    signs->growth = growth;
    signs->marks = (int32_t)(seen >> MARKS);
}

/*
 * The several units of a character in place of it. `wide` has room for `count` + growth codes, `first_slots` for the
 * number of expansions, `growths` for one more: by how much slots have moved before each.
 */
void delist_expand(const Alphabet *alphabet, const uint32_t *codes, int64_t count, uint32_t *wide, int64_t capacity,
                   int64_t *first_slots, int64_t *growths, int64_t expansions) {
    int64_t slot = 0, number = 0, size = 0;
    growths[0] = 0;
    for (int64_t i = 0; i < count && slot < capacity; i++) {
        if (!(kind_of(codes[i]) & EXPANDS)) {
            wide[slot++] = codes[i];
            continue;
        }
        const uint32_t *units = expansion_of(alphabet, codes[i], &size);
        if (number == expansions || size > capacity - slot) return;
        first_slots[number++] = slot;
        growths[number] = growths[number - 1] + size - 1;
        /* An emoji that is read aloud says so in each of its units. */
        int is_alias = kind_of(codes[i]) == (ALIAS | EXPANDS);
        for (int64_t k = 0; k < size; k++) {
            wide[slot++] = is_alias ? (uint32_t)ALIAS << 16 | unit_of(units[k]) : units[k];
        }
    }
}

/*
 * The arrays of all views: `units` and `kinds` of every slot, three of the compact view; the slots where lines and
 * fields end, and how many kept ones are before each: room for every slot. And where each field ends in the compact
 * view: room for every field.
 */
typedef struct {
    uint16_t *units;
    uint8_t *kinds;
    int32_t *kept;
    uint16_t *compact;
    uint16_t *syllables;
    int32_t *breaks;
    int32_t *before_breaks;
    int32_t *field_ends;
    int64_t field_count;
} Views;

/* Whether a slot of this kind ends a line. */
static inline int is_break(uint32_t kind) { return ((1u << LINE | 1u << BARRIER) >> (kind & 31)) & 1; }

/* Fill the views; returns how many slots the compact one has. */
int64_t delist_views(const Alphabet *alphabet, const uint32_t *codes, int64_t slots, const Views *views, Signs *signs) {
    /* Copied, because a byte that is written might otherwise be one of these pointers. */
    const Views own = *views;
    const uint16_t *syllables = alphabet->syllables;
    int64_t kept = 0, field = 0, breaks = 0;
    uint32_t kinds = 0;
    for (int64_t slot = 0; slot < slots; slot++) {
        uint32_t kind = kind_of(codes[slot]);
        uint16_t unit = unit_of(codes[slot]);
        own.units[slot] = unit;
        own.kinds[slot] = (uint8_t)kind;
        kinds |= 1u << (kind & 31);
        /* Written whether it is kept or not, then counted: no branch to guess. `kept` never passes `slot`. */
        own.kept[kept] = (int32_t)slot;
        own.compact[kept] = unit;
        own.syllables[kept] = syllables[unit];
        kept += kind >= KEPT;
        if (!is_break(kind)) continue;
        own.breaks[breaks] = (int32_t)slot;
        own.before_breaks[breaks++] = (int32_t)(kept - (kind >= KEPT));
        if (kind == BARRIER && field < own.field_count) own.field_ends[field++] = (int32_t)kept;
    }
    signs->breaks = breaks;
    signs->kinds = (int32_t)kinds;
    return kept;
}
