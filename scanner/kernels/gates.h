/* Patterns with what they need: see scanner/rulebook/atoms.py and surroundings.py. */
#ifndef DELIST_GATES_H
#define DELIST_GATES_H

#include "kernels.h"

/* The alternatives of patterns; those of one list stand side by side. */
typedef struct {
    int64_t clause_count; /* with a last one that is true of every document */
    int64_t alternative_count;
    const int32_t *bounds;  /* the clauses that literal i stands for: clauses[bounds[i]] to clauses[bounds[i + 1]] */
    const int32_t *clauses; /* numbers below clause_count - 1 */
    const int32_t *setting_of;     /* of a clause: what must stand around it, or -1 */
    const int32_t *alternative_of; /* of a clause with a setting: whose first clause it is */
    const int32_t *needs; /* the clauses of alternative i: needs[first_needs[i]] to needs[first_needs[i + 1]] */
    const int32_t *first_needs;
    const int32_t *list_of; /* of an alternative: the column of `present` */
    const uint8_t *is_free; /* of an alternative: 1 where it has no setting */
    const int32_t *setting_bounds; /* the neighbours of setting i: setting_bounds[i] to setting_bounds[i + 1] */
    const int32_t *first;          /* each begins so many units from the literal: first to last */
    const int32_t *last;
    const uint8_t *known; /* a bit for each neighbour and beginning */
    const uint8_t *units; /* rows of UNIT_FLAGS bits: which first units a neighbour may have, by the hash of each */
    const uint8_t *sizes; /* of each neighbour: bit k where a beginning of k + 1 units is known */
    int32_t known_bits;
} Gates;

/* Some documents of a batch as the gates see them. */
typedef struct {
    const uint16_t *units;    /* the compact view of the batch */
    const int32_t *ends;      /* of each field: the position after its last */
    const int32_t *documents; /* the document of each field */
    int64_t length;
    int64_t field_count;
    int64_t first_field;
    int64_t first_document;
    int64_t document_count; /* from that one on */
} Passage;

/* A literal that stands for a clause with a setting. */
typedef struct {
    int32_t clause;
    int32_t document;
    int64_t position;
} Atom;

/* Room for a bit for each clause, or alternative, and document: rows of `row` numbers; and for atoms. */
typedef struct {
    uint64_t *clauses;
    uint64_t *alternatives;
    Atom *atoms;
    int64_t row; /* 64 documents to a number */
    int64_t capacity;
} Room;

/*
 * Set present[document][list] where a pattern of the list may match; `present` has rows of `lists` flags, for the
 * documents of the passage. Returns 0 where there is no room for all atoms: it takes one more than literals stand for
 * clauses.
 */
int delist_gates(const Gates *gates, const Passage *passage, const int64_t *literal, const int64_t *position,
                 int64_t count, const Room *room, uint8_t *present, int64_t lists);

#endif
