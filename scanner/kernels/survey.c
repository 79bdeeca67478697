/*
 * The first look over a batch, a few documents at a time, so that what one step writes the next one reads while it is
 * near the processor. See scanner/rulebook/survey.py.
 */
#include <string.h>

#include "checks.h"
#include "gates.h"
#include "literals.h"

/* Documents that are looked at together, as many as the gates have bits in a number. */
enum { DOCUMENTS = 64 };

/* Which lists the words of literals are of, and which lists' words a literal covers: rows of numbers, with bounds. */
typedef struct {
    const int32_t *bounds;
    const int32_t *lists;
    const int32_t *cover_bounds; /* of the literals of the compact view */
    const int32_t *covered;
    const uint8_t *is_placed; /* of each list whether anybody asks where its words stand */
    const uint8_t *is_told;   /* of each literal whether it is a word of such a list */
} Lists;

/* Words of one vocabulary. */
typedef struct {
    const Set *set;
    const Traits *traits;
    const Lists *lists;
} Words;

/* What a literal of the compact view is: part of patterns, a word of lists, a cover word; a bit for each. */
enum { CLAUSE = 1, WORD = 2, COVER = 4 };

/* What is looked for. */
typedef struct {
    const Words *words;
    const Words *sounds;
    const uint8_t *roles; /* of the literals of the compact view */
    const Gates *gates;
} Survey;

/* What is looked through; `field_ends` are those of the compact view. */
typedef struct {
    const Ground *ground;
    const Fields *fields;
    const Reading *compact;
    const Reading *syllables;
    const int32_t *field_ends;
    int64_t field_count;
    int64_t document_count;
} Whole;

/*
 * Room for what comes up on the way: occurrences, of which words stay where they are; the cover word of each unit
 * (`is_covered`: 0 at first); atoms.
 */
typedef struct {
    int64_t *literal;
    int64_t *position;
    int64_t *clause_literal;
    int64_t *clause_position;
    int64_t *cover_literal;
    int64_t *cover_position;
    int32_t *of_unit;
    uint8_t *is_covered;
    const Room *room; /* rows of one number */
    int64_t capacity;
} Desk;

/* Words of lists and where they lie in the originals, a column for each of these. */
typedef struct {
    int64_t *list;
    int64_t *document;
    int64_t *field;
    int64_t *start;
    int64_t *end;
    int64_t capacity;
} Told;

/* Cover words, and which of them has each unit. */
typedef struct {
    const int32_t *lengths; /* of literals */
    const int64_t *literal;
    const int64_t *position;
    int64_t count;
    int32_t *of_unit; /* where is_covered */
    uint8_t *is_covered;
} Covers;

/* Which units and fields some documents have. */
typedef struct {
    int64_t first_document;
    int64_t document_count;
    int64_t first_field;
    int64_t first_unit;
    int64_t unit_count;
} Portion;

/* Where a flag of a document and a list is set, and the words of a document are counted. */
typedef struct {
    uint8_t *flags;
    int64_t lists;
    int32_t *counts;
} Present;

/* Whether cover word `i` comes before `other`: the longer one, or of equal ones the last. */
static int outdoes(const Covers *covers, int64_t i, int64_t other) {
    const int64_t *literal = covers->literal, *position = covers->position;
    int32_t own = covers->lengths[literal[i]], its = covers->lengths[literal[other]];
    if (own != its) return own > its;
    return position[i] != position[other] ? position[i] > position[other] : literal[i] >= literal[other];
}

/* Note of each unit the cover word that it is part of; where several overlap, the one that outdoes. */
static void cover(const Covers *covers) {
    for (int64_t i = 0; i < covers->count; i++) {
        int64_t end = covers->position[i] + covers->lengths[covers->literal[i]];
        for (int64_t unit = covers->position[i]; unit < end; unit++) {
            if (covers->is_covered[unit] && !outdoes(covers, i, covers->of_unit[unit])) continue;
            covers->of_unit[unit] = (int32_t)i;
            covers->is_covered[unit] = 1;
        }
    }
}

/* The literal of a cover word that has the units [first, end), or -1. */
static int64_t cover_of(const Covers *covers, int64_t first, int64_t end) {
    if (!covers->is_covered[first]) return -1;
    int64_t number = covers->of_unit[first], literal = covers->literal[number];
    return end <= covers->position[number] + covers->lengths[literal] ? literal : -1;
}

static int is_of(const Lists *lists, int64_t cover, int32_t list) {
    for (int32_t k = lists->cover_bounds[cover]; k < lists->cover_bounds[cover + 1]; k++) {
        if (lists->covered[k] == list) return 1;
    }
    return 0;
}

/*
 * Tell a word of each list that it is of, unless one covers it: where it stands, if anybody asks, from row `made` on;
 * returns the row after the last.
 */
static int64_t tell_one(const Whole *whole, const Reading *reading, const Words *words, const Covers *covers,
                        int64_t literal, int64_t first, int64_t field, const Told *told, int64_t made,
                        const Present *present, int64_t *near) {
    const Lists *lists = words->lists;
    int64_t after = first + words->traits->lengths[literal], cover = cover_of(covers, first, after);
    int64_t document = whole->fields->documents[field], base = whole->fields->starts[field];
    int64_t number = field - whole->fields->before[document], start = 0, end = 0;
    if (lists->is_told[literal]) {
        start = source_of(whole->ground, reading->slots[first], near) - base;
        end = end_of(whole->ground, reading->slots[after - 1], near) - base;
    }
    /* Copied, because a flag that is written might otherwise be some of this. */
    const Told own = *told;
    const uint8_t *is_placed = lists->is_placed;
    const int32_t *list = lists->lists + lists->bounds[literal], *last = lists->lists + lists->bounds[literal + 1];
    uint8_t *flags = present->flags + document * present->lists;
    int32_t count = 0;
    for (; list < last && made < own.capacity; list++) {
        if (cover >= 0 && is_of(lists, cover, *list)) continue;
        count++;
        /* Written whether anybody asks or not, then counted: no branch to guess. */
        own.list[made] = *list;
        own.document[made] = document;
        own.field[made] = number;
        own.start[made] = start;
        own.end[made] = end;
        made += is_placed[*list];
        flags[*list] = 1;
    }
    present->counts[document] += count;
    return made;
}

/*
 * The words among `count` occurrences, list by list, that are no part of a longer word or number and lie in no cover
 * word of their list: rows from `made` on; returns the row after the last.
 */
static int64_t tell(const Whole *whole, const Portion *portion, const Reading *reading, const Words *words,
                    const int64_t *literal, const int64_t *position, int64_t count, const Covers *covers,
                    const Told *told, int64_t made, const Present *present) {
    int64_t near = 0, near_field = portion->first_field;
    for (int64_t i = 0; i < count; i++) {
        if (!is_bordered(whole->ground, reading, words->traits, literal[i], position[i], &near)) continue;
        int64_t field = field_at(whole->field_ends, whole->field_count, position[i], &near_field);
        made = tell_one(whole, reading, words, covers, literal[i], position[i], field, told, made, present, &near);
    }
    return made;
}

/* The occurrences in a portion of a reading; returns how many, no more than there is room for. */
static int64_t find(const Set *set, const Reading *reading, const Portion *portion, const Desk *desk) {
    Cursor cursor = {0, 0, 0, 0};
    int64_t found = delist_find(set, reading->units + portion->first_unit, portion->unit_count, &cursor,
                                desk->literal, desk->position, desk->capacity);
    for (int64_t i = 0; i < found; i++) desk->position[i] += portion->first_unit;
    return found;
}

/* How many occurrences there are of each role. */
typedef struct {
    int64_t clauses;
    int64_t words;
    int64_t covers;
} Parted;

/* Part the occurrences that were found by what their literals are. */
static Parted part(const uint8_t *roles, const Desk *desk, int64_t found) {
    Parted made = {0, 0, 0};
    for (int64_t i = 0; i < found; i++) {
        int64_t literal = desk->literal[i], position = desk->position[i];
        uint8_t role = roles[literal];
        /* Written whether it is one or not, then counted: no branch to guess. */
        desk->clause_literal[made.clauses] = literal;
        desk->clause_position[made.clauses] = position;
        desk->cover_literal[made.covers] = literal;
        desk->cover_position[made.covers] = position;
        desk->literal[made.words] = literal;
        desk->position[made.words] = position;
        made.clauses += (role & CLAUSE) != 0;
        made.covers += (role & COVER) != 0;
        made.words += (role & WORD) != 0;
    }
    return made;
}

/* Documents from `first` on: which units and fields they have. */
static Portion portion_of(const Whole *whole, int64_t first) {
    int64_t left = whole->document_count - first, count = left < DOCUMENTS ? left : DOCUMENTS;
    int64_t field = whole->fields->before[first], end = whole->fields->before[first + count];
    int64_t unit = field > 0 ? whole->field_ends[field - 1] : 0, after = end > 0 ? whole->field_ends[end - 1] : 0;
    return (Portion){first, count, field, unit, after - unit};
}

static int open_gates(const Gates *gates, const Whole *whole, const Portion *portion, const Desk *desk, int64_t count,
                      const Present *present) {
    Passage passage = {whole->compact->units, whole->field_ends,      whole->fields->documents,
                       whole->compact->length, whole->field_count,    portion->first_field,
                       portion->first_document, portion->document_count};
    return delist_gates(gates, &passage, desk->clause_literal, desk->clause_position, count, desk->room,
                        present->flags + portion->first_document * present->lists, present->lists);
}

/* The rows of hits from `first` on. */
static Hits rest_of(const Hits *hits, int64_t first) {
    return (Hits){hits->literal + first, hits->position + first, hits->first + first,
                  hits->last + first,    hits->gap + first,      hits->capacity - first};
}

/*
 * Look through all documents: `covers` become the hits of cover words, `told` the words of lists; `counts` says how
 * many of each, and `of_document` how many words a document has, 0 at first. Sets present[document][list] where a list
 * has a word, or a pattern of it may match; `present` has rows of `lists` flags. Returns 1; -1 where more than `most`
 * literals occur in both readings, of which the desk has room for one more; 0 where there was too little room for
 * anything else.
 */
int64_t delist_survey(const Survey *survey, const Whole *whole, const Desk *desk, int64_t most, const Hits *covers,
                      const Told *told, uint8_t *flags, int64_t lists, int32_t *of_document, int64_t *counts) {
    const Words *words = survey->words, *sounds = survey->sounds;
    const Present present = {flags, lists, of_document};
    int64_t total = 0, covered = 0, made = 0;
    for (int64_t first = 0; first < whole->document_count; first += DOCUMENTS) {
        Portion portion = portion_of(whole, first);
        int64_t found = find(words->set, whole->compact, &portion, desk);
        if ((total += found) > most) return -1;
        Parted parted = part(survey->roles, desk, found);
        if (!open_gates(survey->gates, whole, &portion, desk, parted.clauses, &present)) return 0;
        Hits hits = rest_of(covers, covered);
        int64_t count = delist_check(whole->ground, whole->compact, words->traits, NULL, desk->cover_literal,
                                     desk->cover_position, parted.covers, &hits);
        Covers own = {words->traits->lengths, hits.literal, hits.position, count, desk->of_unit, desk->is_covered};
        cover(&own);
        made = tell(whole, &portion, whole->compact, words, desk->literal, desk->position, parted.words, &own, told,
                    made, &present);
        /* What is heard is noted in the rows that the next cover words will have. */
        Hits heard = rest_of(covers, covered += count);
        found = find(sounds->set, whole->syllables, &portion, desk);
        if ((total += found) > most) return -1;
        count = delist_check(whole->ground, whole->syllables, sounds->traits, NULL, desk->literal, desk->position, found,
                             &heard);
        made = tell(whole, &portion, whole->syllables, sounds, heard.literal, heard.position, count, &own, told, made,
                    &present);
        if (count == heard.capacity || made == told->capacity) return 0;
    }
    counts[0] = covered;
    counts[1] = made;
    return 1;
}
