/* The steps of the prefilter, answered for a whole batch: see scanner/rulebook/program.py. */
#include <string.h>

#include "kernels.h"

/* In the order of scanner/rulebook/program.py. A step that is GIVEN is answered by the caller beforehand. */
enum { ANY, COUNT, CHAIN, ALL, ONE, SOME, LISTING, GIVEN };
/* More of several steps than this are never asked to hold (checked where steps are made ready). */
enum { MOST_SOME = 15 };
/* Of a step that counts hits in fields of any kind. */
enum { ALL_KINDS = 0xFFFF };

/* What is asked. Step i is about `about[first[i]]` to `about[first[i + 1]]`: lists, or earlier steps. */
typedef struct {
    int64_t count;
    const uint8_t *operation;
    const uint8_t *reach;   /* the number of its reach */
    const uint16_t *kind;  /* a bit for each kind of field that counts */
    const int32_t *least;
    const int32_t *first;
    const int32_t *about;
    const int32_t *after; /* of a chain how many of its lists stand first; the others stand after them */
} Steps;

/* The hits of one pass, a part of a batch, row by row as they were found. */
typedef struct {
    const int64_t *list;
    const int64_t *document;
    const int64_t *field;
    const int64_t *start;
    const int64_t *end;
    const int64_t *fields_before; /* of each document of the pass */
    const int64_t *field_starts;  /* the first character of each field, counted over the pass */
    int64_t rows;
    int64_t first_row; /* what the passes before have of each */
    int64_t first_document;
    int64_t first_field;
    int64_t first_character;
} Part;

/* The hits of a batch, list by list: those of list i are [bounds[i], bounds[i + 1]), in the order of their rows. */
typedef struct {
    const Part *parts;
    const int32_t *bounds;
    const int32_t *row;      /* of each hit, counted over all parts */
    const uint8_t *kind;     /* of the field of each hit */
    const uint8_t *late;     /* of each list whether its hits are found out later: `rows` of cells alone know them */
    const int32_t *may_have; /* of each list its row in `open`, or -1 */
    const uint64_t *open;    /* rows of bits: the listings where a list may have hits that are not known */
    uint64_t *ends;          /* a bit for each character of the batch; zero before and after */
} Seen;

/* The cells of one reach: the listings themselves (the first), or stretches of their texts. */
typedef struct {
    int64_t words;       /* of a row of bits */
    const int32_t *at;   /* of each hit the cell it begins in */
    const int32_t *also; /* and the one before, if that holds it too; else the same */
    const int32_t *first; /* cells of listing i: [first[i], first[i + 1]); nothing for listings */
    const uint8_t *kind; /* of the field of each cell; nothing for listings */
    const uint64_t *rows; /* of each list the cells where it has hits */
} Cells;

static inline void set(uint64_t *row, int64_t bit) { row[bit >> 6] |= (uint64_t)1 << (bit & 63); }

static inline void set_if(uint64_t is_so, uint64_t *row, int64_t bit) { row[bit >> 6] |= is_so << (bit & 63); }

/* Where a list has hits in these kinds of field. Nobody can guess what the next hit will be: without branches. */
static void any_hit(const Seen *seen, const Cells *cells, int32_t list, uint16_t kinds, uint64_t *row) {
    for (int64_t hit = seen->bounds[list]; hit < seen->bounds[list + 1]; hit++) {
        uint64_t counts = kinds >> seen->kind[hit] & 1;
        set_if(counts, row, cells->at[hit]);
        if (cells->first) set_if(counts, row, cells->also[hit]);
    }
}

static inline void add(uint64_t *row, const uint64_t *other, int64_t words) {
    for (int64_t word = 0; word < words; word++) row[word] |= other[word];
}

/* Where lists may have hits that are not known: in listings anywhere, in stretches where the kind of field is right. */
static void maybe(const Seen *seen, const Cells *cells, int64_t words, int32_t list, uint16_t kinds, uint64_t *row) {
    if (seen->may_have[list] < 0) return;
    const uint64_t *open = seen->open + seen->may_have[list] * words;
    if (!cells->first) {
        add(row, open, words);
        return;
    }
    for (int64_t word = 0; word < words; word++) {
        for (uint64_t left = open[word]; left; left &= left - 1) {
            int64_t listing = 64 * word + __builtin_ctzll(left);
            for (int64_t cell = cells->first[listing]; cell < cells->first[listing + 1]; cell++)
                if (kinds >> cells->kind[cell] & 1) set(row, cell);
        }
    }
}

/* `counts` is zero everywhere, before and after. */
static void counted(const Seen *seen, const Cells *cells, const int32_t *lists, int64_t size, uint16_t kinds,
                    int32_t least, int32_t *counts, uint64_t *row) {
    int64_t hits = 0;
    for (int64_t i = 0; i < size; i++) {
        hits += seen->bounds[lists[i] + 1] - seen->bounds[lists[i]];
        for (int64_t hit = seen->bounds[lists[i]]; hit < seen->bounds[lists[i] + 1]; hit++) {
            int32_t at = cells->at[hit], also = cells->also[hit], one = kinds >> seen->kind[hit] & 1;
            counts[at] += one;
            set_if(counts[at] >= least, row, at);
            if (!cells->first) continue;
            counts[also] += one & (also != at);
            set_if(counts[also] >= least, row, also);
        }
    }
    if (hits > 8 * cells->words) {
        memset(counts, 0, (size_t)cells->words * 64 * sizeof *counts);
        return;
    }
    for (int64_t i = 0; i < size; i++)
        for (int64_t hit = seen->bounds[lists[i]]; hit < seen->bounds[lists[i] + 1]; hit++)
            counts[cells->at[hit]] = counts[cells->also[hit]] = 0;
}

/* The part that has a hit, beginning with that of the hit before, and the row there. */
static inline int64_t row_in(const Seen *seen, int64_t hit, const Part **part) {
    int64_t row = seen->row[hit];
    if (row < (*part)->first_row) *part = seen->parts;
    while (row >= (*part)->first_row + (*part)->rows) (*part)++;
    return row - (*part)->first_row;
}

static inline int64_t field_of(const Part *part, int64_t row) {
    return part->fields_before[part->document[row]] + part->field[row];
}

/* Where the field of a hit begins, counted over the batch. */
static inline int64_t field_start(const Part *part, int64_t row) {
    return part->first_character + part->field_starts[field_of(part, row)];
}

static inline int any_between(const uint64_t *row, int64_t first, int64_t last) {
    uint64_t high = ~(uint64_t)0 << (first & 63), low = ~(uint64_t)0 >> (63 - (last & 63));
    if (first >> 6 == last >> 6) return (row[first >> 6] & high & low) != 0;
    for (int64_t word = (first >> 6) + 1; word < last >> 6; word++)
        if (row[word]) return 1;
    return (row[first >> 6] & high) || (row[last >> 6] & low);
}

/* Whether a listing has hits of some lists. */
static inline int has_some(const Cells *listings, const int32_t *lists, int64_t size, int32_t listing) {
    for (int64_t i = 0; i < size; i++)
        if (listings->rows[lists[i] * listings->words + (listing >> 6)] >> (listing & 63) & 1) return 1;
    return 0;
}

/* Set the bits of where hits of some lists end, or clear them, in listings that have some of others. */
static void note_ends(const Seen *seen, const Cells *listings, const int32_t *lists, int64_t size,
                      const int32_t *others, int64_t other_count, int is_so) {
    for (int64_t i = 0; i < size; i++) {
        const Part *part = seen->parts;
        for (int64_t hit = seen->bounds[lists[i]]; hit < seen->bounds[lists[i] + 1]; hit++) {
            if (!has_some(listings, others, other_count, listings->at[hit])) continue;
            int64_t row = row_in(seen, hit, &part), end = field_start(part, row) + part->end[row];
            if (is_so)
                set(seen->ends, end);
            else
                seen->ends[end >> 6] = 0;
        }
    }
}

/* Where a hit of the lists behind begins at most `gap` characters after the end of one of the first lists. */
static void chained(const Seen *seen, const Cells *listings, const Cells *cells, const int32_t *lists, int64_t size,
                    int64_t after, uint16_t kinds, int32_t gap, uint64_t *row) {
    note_ends(seen, listings, lists, after, lists + after, size - after, 1);
    for (int64_t i = after; i < size; i++) {
        const Part *part = seen->parts;
        for (int64_t hit = seen->bounds[lists[i]]; hit < seen->bounds[lists[i] + 1]; hit++) {
            if (!(kinds >> seen->kind[hit] & 1) || !has_some(listings, lists, after, listings->at[hit])) continue;
            int64_t own = row_in(seen, hit, &part), start = part->start[own], first = field_start(part, own);
            if (!any_between(seen->ends, first + (start > gap ? start - gap : 0), first + start)) continue;
            set(row, cells->at[hit]);
            set(row, cells->also[hit]);
        }
    }
    note_ends(seen, listings, lists, after, lists + after, size - after, 0);
}

/* Where a list has hits that were found out later: in listings anywhere, in stretches where the kind of field is right. */
static void found_late(const Cells *cells, int32_t list, uint16_t kinds, uint64_t *row) {
    const uint64_t *found = cells->rows + list * cells->words;
    if (!cells->first || kinds == ALL_KINDS) {
        add(row, found, cells->words);
        return;
    }
    for (int64_t word = 0; word < cells->words; word++)
        for (uint64_t left = found[word]; left; left &= left - 1) {
            int64_t cell = 64 * word + __builtin_ctzll(left);
            if (kinds >> cells->kind[cell] & 1) set(row, cell);
        }
}

/* The listings with a stretch in which an earlier step holds. */
static void listed(const Cells *cells, int64_t listings, const uint64_t *below, uint64_t *row) {
    for (int64_t listing = 0; listing < listings; listing++)
        for (int64_t cell = cells->first[listing]; cell < cells->first[listing + 1]; cell++)
            if (below[cell >> 6] >> (cell & 63) & 1) {
                set(row, listing);
                break;
            }
}

/* Where so many of several rows are so. */
static void some(const uint64_t *rows, const int64_t *place, const int32_t *about, int64_t size, int64_t words,
                 int32_t least, uint64_t *row) {
    for (int64_t word = 0; word < words; word++) {
        uint64_t reached[MOST_SOME + 1] = {0};
        for (int64_t i = 0; i < size; i++) {
            uint64_t holds = rows[place[about[i]] + word];
            for (int32_t number = least; number > 1; number--) reached[number] |= reached[number - 1] & holds;
            reached[1] |= holds;
        }
        row[word] = reached[least];
    }
}

static void joined(const Steps *steps, int64_t step, const int64_t *place, int64_t words, uint64_t *rows) {
    const int32_t *about = steps->about + steps->first[step];
    int64_t size = steps->first[step + 1] - steps->first[step];
    uint64_t *row = rows + place[step];
    if (steps->operation[step] == SOME) {
        some(rows, place, about, size, words, steps->least[step], row);
        return;
    }
    memcpy(row, rows + place[about[0]], (size_t)words * sizeof *row);
    for (int64_t i = 1; i < size; i++) {
        const uint64_t *other = rows + place[about[i]];
        if (steps->operation[step] == ALL)
            for (int64_t word = 0; word < words; word++) row[word] &= other[word];
        else
            add(row, other, words);
    }
}

/* What the hits say of a step about lists. */
static void told(const Steps *steps, int64_t step, const Seen *seen, const Cells *reaches, int32_t *counts,
                 uint64_t *row) {
    const Cells *cells = reaches + steps->reach[step];
    const int32_t *lists = steps->about + steps->first[step];
    int64_t size = steps->first[step + 1] - steps->first[step];
    uint16_t kinds = steps->kind[step];
    if (steps->operation[step] == COUNT) {
        counted(seen, cells, lists, size, kinds, steps->least[step], counts, row);
        return;
    }
    if (steps->operation[step] == CHAIN) {
        chained(seen, reaches, cells, lists, size, steps->after[step], kinds, steps->least[step], row);
        return;
    }
    for (int64_t i = 0; i < size; i++) {
        if (kinds == ALL_KINDS)
            add(row, cells->rows + lists[i] * cells->words, cells->words);
        else
            any_hit(seen, cells, lists[i], kinds, row);
    }
}

/* What has been found out since then. A list whose hits are found out later has as many as you like. */
static void told_late(const Steps *steps, int64_t step, const Seen *seen, const Cells *cells, uint64_t *row) {
    for (int32_t i = steps->first[step]; i < steps->first[step + 1]; i++)
        if (seen->late[steps->about[i]]) found_late(cells, steps->about[i], steps->kind[step], row);
}

/* Of up to eight listings and eight lists a byte for each list, the first one lowest: a bit for each listing. */
static inline uint64_t turned(const uint8_t *present, int64_t lists, int64_t listing_count, int64_t list_count) {
    uint64_t bytes = 0;
    for (int64_t listing = 0; listing < listing_count; listing++) {
        uint64_t eight = 0;
        memcpy(&eight, present + listing * lists, (size_t)list_count);
        bytes |= eight << listing;
    }
    return bytes;
}

/*
 * From a row of flags for each listing, which say whether it has hits of a list or may have some, a row of bits for each
 * list: late ones in `open`, the others in `rows`. Kernels run where the first of eight bytes is the lowest.
 */
void delist_turn(const uint8_t *present, int64_t listings, int64_t lists, const uint8_t *late, int64_t words,
                 uint64_t *rows, uint64_t *open) {
    for (int64_t listing = 0; listing < listings; listing += 8) {
        int64_t listing_count = listings - listing < 8 ? listings - listing : 8;
        for (int64_t list = 0; list < lists; list += 8) {
            const uint8_t *corner = present + listing * lists + list;
            int64_t list_count = lists - list < 8 ? lists - list : 8;
            uint64_t bytes = listing_count == 8 && list_count == 8 ? turned(corner, lists, 8, 8)
                                                                   : turned(corner, lists, listing_count, list_count);
            for (int64_t own = list; bytes; own++, bytes >>= 8)
                if (bytes & 0xFF)
                    (late[own] ? open : rows)[own * words + (listing >> 6)] |= (bytes & 0xFF) << (listing & 63);
        }
    }
}

/*
 * Sort the hits of `wanted` lists by list, and note the row, the listing and the kind of field of each. `kinds` are those
 * of all fields; `bounds` is zero everywhere, and two longer than there are lists. If somebody asks, also the number of
 * the field, counted over the batch, and the place in it.
 */
void delist_sort(const Part *parts, int64_t part_count, const uint8_t *wanted, int64_t lists, const uint8_t *kinds,
                 int32_t *bounds, int32_t *rows, int32_t *listings, uint8_t *kind, int32_t *fields, int32_t *starts) {
    for (const Part *part = parts; part < parts + part_count; part++)
        for (int64_t row = 0; row < part->rows; row++)
            if (part->list[row] < lists) bounds[part->list[row] + 2] += wanted[part->list[row]];
    for (int64_t list = 2; list < lists + 2; list++) bounds[list] += bounds[list - 1];
    for (const Part *part = parts; part < parts + part_count; part++) {
        const uint8_t *own_kinds = kinds + part->first_field;
        for (int64_t row = 0; row < part->rows; row++) {
            int64_t list = part->list[row], document = part->document[row];
            if (list >= lists || !wanted[list]) continue;
            int32_t hit = bounds[list + 1]++;
            rows[hit] = (int32_t)(part->first_row + row);
            listings[hit] = (int32_t)(part->first_document + document);
            kind[hit] = own_kinds[field_of(part, row)];
            if (!fields) continue;
            fields[hit] = (int32_t)(part->first_field + field_of(part, row));
            starts[hit] = (int32_t)part->start[row];
        }
    }
}

/*
 * The stretch that each of so many hits begins in, and the one before that holds it too, or the same again: `first` is the
 * first stretch of each field, and `at` and `also` have the field and the place in it before.
 */
void delist_stretch(int64_t hits, const int64_t *first, int64_t reach, int32_t *at, int32_t *also) {
    for (int64_t hit = 0; hit < hits; hit++) {
        int64_t number = also[hit] / (int32_t)reach;
        at[hit] = (int32_t)(first[at[hit]] + number);
        also[hit] = at[hit] - (number > 0);
    }
}

/*
 * For each of so many lists a row of the cells where it has hits.
 */
void delist_rows(const Seen *seen, const Cells *cells, int64_t lists, uint64_t *rows) {
    for (int64_t list = 0; list < lists; list++)
        any_hit(seen, cells, (int32_t)list, ALL_KINDS, rows + list * cells->words);
}

/*
 * Answer the steps, each after those that it rests on. `place` says where in `rows` the row of each begins; those of
 * GIVEN steps are filled already, all others are zero. Only what is known counts; but if `known` has these answers
 * already, what may be as well. If there is `again`, all is answered already, by what was known before, and it marks the
 * steps to answer once more.
 */
void delist_answer(const Steps *steps, const Seen *seen, const Cells *reaches, int64_t listings, const uint64_t *known,
                   const uint8_t *again, const int64_t *place, int32_t *counts, uint64_t *rows) {
    for (int64_t step = 0; step < steps->count; step++) {
        if (steps->operation[step] == GIVEN || (again && !again[step])) continue;
        const Cells *cells = reaches + steps->reach[step];
        const int32_t *about = steps->about + steps->first[step];
        int64_t size = steps->first[step + 1] - steps->first[step];
        uint64_t *row = rows + place[step];
        /* Of a chain nobody knows in which field it may be. */
        uint16_t kinds = steps->operation[step] == CHAIN ? (uint16_t)ALL_KINDS : steps->kind[step];
        switch (steps->operation[step]) {
            case ANY:
            case COUNT:
            case CHAIN:
                if (!known) {
                    if (!again) told(steps, step, seen, reaches, counts, row);
                    told_late(steps, step, seen, cells, row);
                    break;
                }
                memcpy(row, known + place[step], (size_t)cells->words * sizeof *row);
                for (int64_t i = 0; i < size; i++)
                    maybe(seen, cells, reaches->words, about[i], kinds, row);
                break;
            case LISTING:
                memset(row, 0, (size_t)cells->words * sizeof *row);
                listed(reaches + steps->reach[about[0]], listings, rows + place[about[0]], row);
                break;
            default:
                joined(steps, step, place, cells->words, rows);
        }
    }
}
