/*
 * What conditions.c works on: conditions, what is known of a listing, and the selection of marks.
 */
#ifndef DELIST_CONDITIONS_H
#define DELIST_CONDITIONS_H

#include <math.h>

#include "kernels.h"

/* In the order of scanner/kernels/conditions.py. */
enum { TERM, SIGNAL, AND, OR, NOT, WITHIN, IN, THEN, SOME, COUNT, DISGUISED, FACT };
enum { PRESENT, LESS, AT_MOST, MORE, AT_LEAST, EQUAL, UNLIKE };
/* Windows and gaps that are no number of characters. */
enum { SENTENCE = -1, FIELD = -2 };
/* What keeps an answer from being given: something must be told of first, or there is no room. */
enum { FALSE = -1, NEEDED = -2, FULL = -3 };
enum { MOST_SHOWN = 12 };
/* Parts of a condition, and marks in it of which each is held against each other: Python, which bisects, takes more. */
enum { MOST_PARTS = 64, MOST_NEAR = 1024 };
enum { NO_FIELD = -1 };

/* A condition. Its parts are `count` numbers of nodes from `first` on in the list of parts. */
typedef struct {
    int32_t operation;
    int32_t first;
    int32_t count;
    int32_t atom;   /* the list, the signal or the fact */
    int32_t sign;
    int32_t window; /* of WITHIN, the gap of THEN, how many of SOME */
    int32_t kinds;  /* a bit for each kind of field */
    int32_t flags;  /* 1: known to hold in everything around; 2: has always a mark to show */
    double number;
} Node;

/* A place that counts as evidence; the last three are for who tells of it. */
typedef struct {
    int64_t atom, field, start, end, is_disguised, entry, view, gap;
} Mark;

typedef struct {
    const Node *nodes;
    const int32_t *parts;
} Conditions;

/* What is known of one listing. Marks of an atom stand in the order of evidence. */
typedef struct {
    const Mark *terms;
    int64_t term_count;
    const Mark *others;
    const double *values;     /* of the other marks */
    const int32_t *spans;     /* of each atom told of among them: the first of its marks, and the one behind its last */
    const uint8_t *present;   /* of each list: whether it has marks, or may have some */
    const uint8_t *told;      /* of each atom: 1 if the marks it has, or the answer to it, are among those above */
    const double *atom_values; /* of each atom: its one value, or NaN */
    const uint8_t *kinds;     /* the kind of each field */
    const int32_t *ranks;     /* its place among the fields in order of their names */
    const int32_t *lengths;   /* of its text */
    const int32_t *sentences; /* where its sentences end: ends[sentences[2 i]] to ends[sentences[2 i + 1]]; -1: not told */
    const int32_t *ends;
} Listing;

/* Where work is done, and what is remembered of whole conditions: by node the stamp of the listing, where its marks
 * stand in `kept`, and how many they are. */
typedef struct {
    int32_t *stack;
    int64_t stack_size;
    int32_t *kept;
    int64_t kept_size;
    int64_t kept_used;
    int32_t *stamps;
    int32_t *places;
    int32_t *counts;
    int32_t stamp;
    int32_t needed; /* what must be told of first: an atom, or -1 - the field whose sentences are asked for */
} Work;

/* Where to look. */
typedef struct {
    int32_t is_everywhere, has_kinds, kinds;
    int64_t field, start, end, around, around_end;
} Scope;

typedef struct {
    const Conditions *all;
    const Listing *listing;
    Work *work;
    int64_t top;
    int failure;
} Court;

static inline const Mark *mark_of(const Court *court, int32_t mark) {
    const Listing *listing = court->listing;
    return mark < listing->term_count ? listing->terms + mark : listing->others + (mark - listing->term_count);
}

static int fail(Court *court, int failure) {
    court->failure = failure;
    return 0;
}

static int need(Court *court, int32_t what) {
    court->work->needed = what;
    return fail(court, NEEDED);
}

static int push(Court *court, int32_t mark) {
    if (court->top >= court->work->stack_size) return fail(court, FULL);
    court->work->stack[court->top++] = mark;
    return 1;
}

static int compares(double value, int32_t sign, double number) {
    switch (sign) {
        case LESS: return value < number;
        case AT_MOST: return value <= number;
        case MORE: return value > number;
        case AT_LEAST: return value >= number;
        case EQUAL: return value == number;
        default: return value != number;
    }
}

static int is_in(const Court *court, const Mark *mark, const Scope *scope) {
    if (mark->field == NO_FIELD) return 1;
    if (scope->field != NO_FIELD)
        return mark->field == scope->field && mark->start >= scope->start && mark->start < scope->end &&
               mark->end <= scope->end;
    return !scope->has_kinds || (scope->kinds >> court->listing->kinds[mark->field] & 1);
}

/* Push those of some marks that are of an atom and in scope; a record's facts last where one field is looked at. */
static int select_from(Court *court, const Mark *marks, int64_t first, int64_t end, int32_t base, const Node *node,
                       const Scope *scope) {
    int rounds = scope->field != NO_FIELD ? 2 : 1;
    for (int round = 0; round < rounds; round++)
        for (int64_t i = first; i < end; i++) {
            const Mark *mark = marks + i;
            if (mark->atom != node->atom || !is_in(court, mark, scope)) continue;
            if (rounds == 2 && (mark->field == NO_FIELD) != round) continue;
            if (node->operation == SIGNAL) {
                double value = court->listing->values[i];
                if (node->sign == PRESENT ? value == 0 : !compares(value, node->sign, node->number)) continue;
            }
            if (!push(court, base + (int32_t)i)) return 0;
        }
    return 1;
}

static int others_of(Court *court, const Node *node, const Scope *scope) {
    const Listing *listing = court->listing;
    const int32_t *span = listing->spans + 2 * node->atom;
    return select_from(court, listing->others, span[0], span[1], (int32_t)listing->term_count, node, scope);
}

static int term_places(Court *court, const Node *node, const Scope *scope) {
    const Listing *listing = court->listing;
    if (!listing->present[node->atom]) return 1;
    if (!listing->told[node->atom]) return need(court, node->atom);
    if (listing->told[node->atom] != 1) return others_of(court, node, scope);
    return select_from(court, listing->terms, 0, listing->term_count, 0, node, scope);
}

static int signal_places(Court *court, const Node *node, const Scope *scope) {
    const Listing *listing = court->listing;
    if (!listing->told[node->atom]) return need(court, node->atom);
    if (node->sign != PRESENT) {
        double value = listing->atom_values[node->atom];
        if (isnan(value) || !compares(value, node->sign, node->number)) return 1;
    }
    return others_of(court, node, scope);
}

#endif
