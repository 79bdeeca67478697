/*
 * What conditions.c and hearing.c work on: conditions, and what is known of a listing.
 */
#ifndef DELIST_CONDITIONS_H
#define DELIST_CONDITIONS_H

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
/* Marks of a rule that are held against each other before they are shown. */
enum { MOST_COMPARED = 64 };
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
    int32_t atom, field, start, end, is_disguised, entry, view, gap;
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

/* What is told of an atom of a candidate: where its marks stand among the others; or, as atom -1 - i, where the ends of the
 * sentences of field i stand. `before` is what was told of that candidate before, or -1. */
typedef struct {
    int64_t atom, first, end, before;
} Telling;

/* A field: its kind, its place among the fields in order of their names, and the length of its text. */
typedef struct {
    int32_t kind, rank, length;
} Field;

/* One of a batch: its row in `present`, and its terms, rules and fields: the first, and the one behind the last. */
typedef struct {
    int64_t document, first_term, end_term, first_rule, end_rule, first_field, end_field;
} Candidate;

/* What is known of the candidates of a batch. Marks of an atom stand in the order of evidence. */
typedef struct {
    const Candidate *candidates;
    const Mark *terms;
    const int32_t *rules;
    const Field *fields;
    const uint8_t *present;      /* of each document and list: whether it has marks, or may have some */
    int64_t lists;
    const double *facts;         /* of each candidate: whether each fact is so; these are atoms from `facts_at` on */
    int64_t facts_at, fact_count;
    const double *chances;       /* of each candidate: how much it reads like offers, atoms from `chances_at` on */
    const uint8_t *chances_told; /* what is known of these, as of other atoms */
    int64_t chances_at, chance_count;
    const Mark *others;          /* marks that are told of */
    const double *values;        /* of these marks */
    const Telling *tellings;
    const double *atom_values;   /* of each telling: the one value of its atom, or NaN */
    const int32_t *latest;       /* of each candidate: the last of its tellings, or -1 */
    const int32_t *ends;         /* of sentences */
} Docket;

/* What is remembered of a whole condition: the stamp of the listing, where its marks stand in `kept`, how many they are. */
typedef struct {
    int32_t stamp, place, count;
} Memory;

/* Where work is done; then what is laid out of one listing after another. */
typedef struct {
    int32_t *stack;
    int64_t stack_size;
    int32_t *kept;
    int64_t kept_size;
    int64_t kept_used;
    Memory *memories; /* by node */
    int32_t stamp;
    int32_t needed; /* what must be told of first: an atom, or -1 - the field whose sentences are asked for */
    int32_t *needs; /* all such, each once */
    int64_t needs_count;
    int32_t *nexts;      /* of each term: the next of its list, or -1 */
    int32_t *heads;      /* of each list: the first of its terms, or -1 */
    int32_t *spans;      /* of each atom told of among the other marks: the first of these, and the one behind the last */
    uint8_t *told;       /* of each atom: what of it is told (see TOLD_TERMS) */
    double *atom_values; /* of each atom: its one value, or NaN */
    int32_t *sentences;  /* where a field's sentences end: ends[sentences[2 i]] to ends[sentences[2 i + 1]]; -1: not told */
} Work;

/* One of the candidates, laid out. */
typedef struct {
    const Mark *terms;
    int64_t term_count;
    const Mark *others;
    const double *values;
    const int32_t *nexts, *heads, *spans;
    const uint8_t *present, *told;
    const double *atom_values;
    const Field *fields;
    const int32_t *sentences, *ends;
} Listing;

/* What is found of a rule: how many marks make it true, or why there are none; where they stand in `shown`; a bit for
 * each guard that holds. */
typedef struct {
    int64_t count, first, guards;
} Verdict;

/* What is written down: of each rule of each candidate its verdict; the marks that are shown, terms by their numbers in
 * the batch and the other marks as -1 - their number; and what must be told of, pairs of a candidate and an atom. */
typedef struct {
    Verdict *verdicts;
    int32_t *shown;
    int64_t shown_size, shown_used;
    int32_t *needs;
    int64_t needs_used;
} Minutes;

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
    int is_silent;  /* whether it is enough to know that a condition holds: nobody asks by which marks */
    int is_partial; /* whether marks were left out because of that: such an answer is not remembered */
} Court;

static inline const Mark *mark_of(const Court *court, int32_t mark) {
    const Listing *listing = court->listing;
    return mark < listing->term_count ? listing->terms + mark : listing->others + (mark - listing->term_count);
}

/* How many marks make a condition true, or why that is not known; these stand in `kept` unless it is enough to know that. */
int64_t delist_holds(Court *court, int32_t number, int is_silent);

#endif
