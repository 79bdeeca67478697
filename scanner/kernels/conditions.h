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
/* What is told of an atom: its terms, or the answer to it; its other marks; its value alone. */
enum { TOLD_TERMS = 1, TOLD_OTHERS, TOLD_VALUE };
/* Windows and gaps that are no number of characters. */
enum { SENTENCE = -1, FIELD = -2 };
/* What keeps an answer from being given: something must be told of first, or there is no room. */
enum { FALSE = -1, NEEDED = -2, FULL = -3 };
enum { MOST_SHOWN = 12 };
/* Parts of a condition, and marks in it of which each is held against each other: Python, which bisects, takes more. */
enum { MOST_PARTS = 64, MOST_NEAR = 1024 };
/* Guards of a rule: a bit for each. */
enum { MOST_GUARDS = 63 };
/* What must be told of, at once. */
enum { MOST_NEEDS = 64 };
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

/* The conditions of a rulebook. Rule i asks for its own and then its guards': asked[bounds[i]] to asked[bounds[i + 1]]. */
typedef struct {
    const Node *nodes;
    const int32_t *parts;
    const int32_t *bounds;
    const int32_t *asked;
    const uint8_t *at_hand; /* of each atom: what is told of it from the first */
    int64_t atoms;
    int64_t count;
} Conditions;

/* What is known of one listing. Marks of an atom stand in the order of evidence. */
typedef struct {
    const Mark *terms;
    int64_t term_count;
    int32_t *nexts;           /* of each term: the next of its list, or -1 */
    int32_t *heads;           /* of each list: the first of its terms, or -1 */
    const Mark *others;
    const double *values;     /* of the other marks */
    int32_t *spans;           /* of each atom told of among them: the first of its marks, and the one behind its last */
    const uint8_t *present;   /* of each list: whether it has marks, or may have some */
    uint8_t *told;            /* of each atom: what of it is among those above (see TOLD_TERMS) */
    const double *atom_values; /* of each atom: its one value, or NaN */
    const uint8_t *kinds;     /* the kind of each field */
    const int32_t *ranks;     /* its place among the fields in order of their names */
    const int32_t *lengths;   /* of its text */
    int64_t field_count;
    int32_t *sentences;       /* where its sentences end: ends[sentences[2 i]] to ends[sentences[2 i + 1]]; -1: not told */
    const int32_t *ends;
    int64_t late_count;       /* the first of the other marks: hits of patterns that are told of at once, list by list */
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
    int32_t *needs; /* all such, each once */
    int64_t needs_count;
} Work;

/* What is found of a rule: how many marks make it true, or why there are none; where they stand in `kept`; a bit for
 * each guard that holds. */
typedef struct {
    int64_t count, first, guards;
} Verdict;

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

/* Note what must be told of first; what there is no room for is noted another time. */
static int need(Court *court, int32_t what) {
    Work *work = court->work;
    int64_t i = 0;
    work->needed = what;
    while (i < work->needs_count && work->needs[i] != what) i++;
    if (i == work->needs_count && i < MOST_NEEDS) work->needs[work->needs_count++] = what;
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

static int is_meant(const Court *court, const Node *node, int64_t other) {
    if (node->operation != SIGNAL) return 1;
    double value = court->listing->values[other];
    return node->sign == PRESENT ? value != 0 : compares(value, node->sign, node->number);
}

/* Push the terms of a list that are in scope. */
static int terms_of(Court *court, const Node *node, const Scope *scope) {
    const Listing *listing = court->listing;
    for (int32_t i = listing->heads[node->atom]; i >= 0; i = listing->nexts[i])
        if (is_in(court, listing->terms + i, scope) && !push(court, i)) return 0;
    return 1;
}

/* Push the other marks of an atom that are in scope; a record's facts last where one field is looked at. */
static int others_of(Court *court, const Node *node, const Scope *scope) {
    const Listing *listing = court->listing;
    const int32_t *span = listing->spans + 2 * node->atom;
    int rounds = scope->field != NO_FIELD ? 2 : 1;
    for (int round = 0; round < rounds; round++)
        for (int32_t i = span[0]; i < span[1]; i++) {
            const Mark *mark = listing->others + i;
            if (!is_in(court, mark, scope) || !is_meant(court, node, i)) continue;
            if (rounds == 2 && (mark->field == NO_FIELD) != round) continue;
            if (!push(court, (int32_t)listing->term_count + i)) return 0;
        }
    return 1;
}

/* Whether a node is a list without any mark. */
static int is_absent(const Court *court, const Node *node) {
    return node->operation == TERM && !court->listing->present[node->atom];
}

static int term_places(Court *court, const Node *node, const Scope *scope) {
    const Listing *listing = court->listing;
    if (is_absent(court, node)) return 1;
    if (!listing->told[node->atom]) return need(court, node->atom);
    return listing->told[node->atom] == TOLD_TERMS ? terms_of(court, node, scope) : others_of(court, node, scope);
}

static int signal_places(Court *court, const Node *node, const Scope *scope) {
    const Listing *listing = court->listing;
    int told = listing->told[node->atom];
    if (told && node->sign != PRESENT) {
        double value = listing->atom_values[node->atom];
        if (isnan(value) || !compares(value, node->sign, node->number)) return 1;
    }
    return told == TOLD_OTHERS ? others_of(court, node, scope) : need(court, node->atom);
}

#endif
