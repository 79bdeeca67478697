/*
 * Which marks conditions.c looks at.
 */
#ifndef DELIST_SELECTION_H
#define DELIST_SELECTION_H

#include <math.h>

#include "conditions.h"

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
    return !scope->has_kinds || (scope->kinds >> court->listing->fields[mark->field].kind & 1);
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
