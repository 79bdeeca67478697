/* The steps of the prefilter, answered for a whole batch: see scanner/rulebook/program.py. */
#include <string.h>

#include "kernels.h"

/* In the order of scanner/rulebook/program.py. A step that is GIVEN is answered by the caller beforehand. */
enum { ANY, COUNT, ALL, ONE, SOME, LISTING, GIVEN };
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
} Steps;

/* The hits of a batch, list by list: those of list i are [bounds[i], bounds[i + 1]). */
typedef struct {
    const int32_t *bounds;
    const uint8_t *kind;     /* of the field of each hit */
    const uint8_t *late;     /* of each list whether its hits are found out later: `rows` of cells alone know them */
    const int32_t *may_have; /* of each list its row in `open`, or -1 */
    const uint64_t *open;    /* rows of bits: the listings where a list may have hits that are not known */
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

/* Where a list has hits in these kinds of field. */
static void any_hit(const Seen *seen, const Cells *cells, int32_t list, uint16_t kinds, uint64_t *row) {
    for (int64_t hit = seen->bounds[list]; hit < seen->bounds[list + 1]; hit++) {
        if (!(kinds >> seen->kind[hit] & 1)) continue;
        set(row, cells->at[hit]);
        if (cells->also[hit] != cells->at[hit]) set(row, cells->also[hit]);
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
    for (int64_t i = 0; i < size; i++)
        for (int64_t hit = seen->bounds[lists[i]]; hit < seen->bounds[lists[i] + 1]; hit++) {
            if (!(kinds >> seen->kind[hit] & 1)) continue;
            int32_t at = cells->at[hit], also = cells->also[hit];
            if (++counts[at] == least) set(row, at);
            if (also != at && ++counts[also] == least) set(row, also);
        }
    for (int64_t i = 0; i < size; i++)
        for (int64_t hit = seen->bounds[lists[i]]; hit < seen->bounds[lists[i] + 1]; hit++)
            counts[cells->at[hit]] = counts[cells->also[hit]] = 0;
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
static void told(const Steps *steps, int64_t step, const Seen *seen, const Cells *cells, int32_t *counts,
                 uint64_t *row) {
    const int32_t *lists = steps->about + steps->first[step];
    int64_t size = steps->first[step + 1] - steps->first[step];
    uint16_t kinds = steps->kind[step];
    if (steps->operation[step] == COUNT) {
        counted(seen, cells, lists, size, kinds, steps->least[step], counts, row);
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

/* Of eight bytes as they lie in memory the one with the lowest bit that is set. */
static inline int64_t byte_of_lowest(uint64_t eight) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return 7 - (__builtin_ctzll(eight) >> 3);
#else
    return __builtin_ctzll(eight) >> 3;
#endif
}

/*
 * From a row of bytes for each listing, which say whether it has hits of a list or may have some, rows of bits for those
 * lists that have a row in `open`. Most bytes are zero: eight are looked at together.
 */
void delist_open(const uint8_t *present, int64_t listings, int64_t lists, const int32_t *row_of, int64_t words,
                 uint64_t *open) {
    for (int64_t listing = 0; listing < listings; listing++) {
        const uint8_t *row = present + listing * lists;
        for (int64_t first = 0; first < lists; first += 8) {
            int64_t count = lists - first < 8 ? lists - first : 8;
            uint64_t eight = 0;
            memcpy(&eight, row + first, (size_t)count);
            for (; eight; eight &= eight - 1) {
                int32_t open_row = row_of[first + byte_of_lowest(eight)];
                if (open_row >= 0) set(open + open_row * words, listing);
            }
        }
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
 * already, what may be as well. If there is `again`, all is answered already, and it marks the steps to
 * answer once more, because more is known of late lists.
 */
void delist_answer(const Steps *steps, const Seen *seen, const Cells *reaches, int64_t listings, const uint64_t *known,
                   const uint8_t *again, const int64_t *place, int32_t *counts, uint64_t *rows) {
    for (int64_t step = 0; step < steps->count; step++) {
        if (steps->operation[step] == GIVEN || (again && !again[step])) continue;
        const Cells *cells = reaches + steps->reach[step];
        const int32_t *about = steps->about + steps->first[step];
        int64_t size = steps->first[step + 1] - steps->first[step];
        uint64_t *row = rows + place[step];
        switch (steps->operation[step]) {
            case ANY:
            case COUNT:
                if (!known) {
                    if (!again) told(steps, step, seen, cells, counts, row);
                    told_late(steps, step, seen, cells, row);
                    break;
                }
                memcpy(row, known + place[step], (size_t)cells->words * sizeof *row);
                for (int64_t i = 0; i < size; i++)
                    maybe(seen, cells, reaches->words, about[i], steps->kind[step], row);
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
