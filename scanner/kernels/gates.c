/* Where patterns may match: see scanner/rulebook/atoms.py and surroundings.py. */
#include <string.h>

#include "kernels.h"

enum { UNIT_FLAGS = 256 };

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
    int32_t known_bits;
} Gates;

/* A batch as the gates see it. */
typedef struct {
    const uint16_t *units;    /* the compact view */
    const int32_t *fields;    /* the field of each position */
    const int32_t *documents; /* the document of each field */
    int64_t length;
    int64_t document_count;
} Passage;

/* A literal that stands for a clause with a setting. */
typedef struct {
    int32_t clause;
    int32_t document;
    int64_t position;
} Atom;

/* Room for a bit for each clause (zero at first), or alternative, and document: rows of `row` bytes; and for atoms. */
typedef struct {
    uint8_t *clauses;
    uint8_t *alternatives;
    Atom *atoms;
    int64_t row;
    int64_t capacity; /* one atom more than literals stand for clauses */
} Room;

/* Whether a neighbour begins with a unit, or it and the one after it. */
static int is_known(const Gates *gates, uint32_t neighbour, uint32_t unit, uint32_t after) {
    uint32_t mixed = neighbour * 2654435761u + unit * 2246822519u + after * 3266489917u;
    uint32_t key = (mixed ^ mixed >> 15) * 2246822519u >> (32 - gates->known_bits);
    return gates->known[key >> 3] >> (key & 7) & 1;
}

/* A first question that nearly always says no, by a neighbour's row of flags; never wrongly. */
static inline int may_begin(const uint8_t *flags, uint32_t unit) {
    uint32_t flag = unit * 2654435761u >> 24;
    return flags[flag >> 3] >> (flag & 7) & 1;
}

/* Whether a neighbour begins somewhere from `first` to `last`; what lies outside counts as the first or last unit. */
static int is_near(const Gates *gates, const Passage *passage, int32_t neighbour, int64_t first, int64_t last) {
    const uint8_t *flags = gates->units + (int64_t)neighbour * (UNIT_FLAGS / 8);
    const uint16_t *units = passage->units;
    int64_t end = passage->length - 1;
    for (int64_t at = first; at <= last; at++) {
        uint32_t unit = units[at < 0 ? 0 : at > end ? end : at];
        if (!may_begin(flags, unit)) continue;
        uint32_t after = units[at < -1 ? 0 : at >= end ? end : at + 1];
        if (is_known(gates, (uint32_t)neighbour, unit, 0)) return 1;
        if (is_known(gates, (uint32_t)neighbour, unit, after + 1)) return 1;
    }
    return 0;
}

/* Whether all neighbours of a setting stand around the literal at a position. */
static int holds(const Gates *gates, const Passage *passage, int32_t setting, int64_t position) {
    for (int32_t i = gates->setting_bounds[setting]; i < gates->setting_bounds[setting + 1]; i++) {
        if (!is_near(gates, passage, i, position + gates->first[i], position + gates->last[i])) return 0;
    }
    return 1;
}

static int64_t document_of(const Passage *passage, int64_t position) {
    return passage->documents[passage->fields[position]];
}

/* Step 1: which clauses stand in which documents; returns how many have a setting, which are noted for step 3. */
static int64_t note_clauses(const Gates *gates, const Passage *passage, const int64_t *literal,
                            const int64_t *position, int64_t count, const Room *room) {
    int64_t noted = 0;
    for (int64_t i = 0; i < count; i++) {
        int32_t begin = gates->bounds[literal[i]], end = gates->bounds[literal[i] + 1];
        if (begin == end) continue;
        int64_t document = document_of(passage, position[i]);
        uint8_t bit = (uint8_t)(1 << (document & 7));
        for (int32_t k = begin; k < end && noted < room->capacity; k++) {
            int32_t clause = gates->clauses[k];
            room->clauses[clause * room->row + (document >> 3)] |= bit;
            /* Written whether it has a setting or not, then counted: no branch to guess. */
            room->atoms[noted] = (Atom){clause, (int32_t)document, position[i]};
            noted += gates->alternative_of[clause] >= 0;
        }
    }
    memset(room->clauses + (gates->clause_count - 1) * room->row, 0xFF, (size_t)room->row);
    return noted;
}

/* Step 2: in which documents all clauses of an alternative stand. */
static void join_clauses(const Gates *gates, const Room *room) {
    for (int64_t one = 0; one < gates->alternative_count; one++) {
        uint8_t *stand = room->alternatives + one * room->row;
        memset(stand, 0xFF, (size_t)room->row);
        for (int32_t k = gates->first_needs[one]; k < gates->first_needs[one + 1]; k++) {
            const uint8_t *clause = room->clauses + gates->needs[k] * room->row;
            for (int64_t byte = 0; byte < room->row; byte++) stand[byte] &= clause[byte];
        }
    }
}

static void set_present(const Gates *gates, int64_t one, int64_t document, uint8_t *present, int64_t lists) {
    present[document * lists + gates->list_of[one]] = 1;
}

/* Step 3: where the first clause of an alternative has a setting, its neighbours must stand around it somewhere. */
static void hold_settings(const Gates *gates, const Passage *passage, int64_t noted, const Room *room,
                          uint8_t *present, int64_t lists) {
    for (int64_t i = 0; i < noted; i++) {
        Atom atom = room->atoms[i];
        int64_t one = gates->alternative_of[atom.clause];
        uint8_t *stand = room->alternatives + one * room->row + (atom.document >> 3);
        if (!(*stand >> (atom.document & 7) & 1)) continue;
        if (!holds(gates, passage, gates->setting_of[atom.clause], atom.position)) continue;
        /* Found once, it is not asked again. */
        *stand &= (uint8_t)~(1 << (atom.document & 7));
        set_present(gates, one, atom.document, present, lists);
    }
}

/* Step 4: an alternative without a setting may match wherever its clauses stand. */
static void take_the_others(const Gates *gates, const Room *room, int64_t documents, uint8_t *present, int64_t lists) {
    for (int64_t one = 0; one < gates->alternative_count; one++) {
        const uint8_t *stand = room->alternatives + one * room->row;
        if (!gates->is_free[one]) continue;
        for (int64_t byte = 0; byte < room->row; byte++) {
            for (int64_t bit = 0; stand[byte] >> bit && 8 * byte + bit < documents; bit++) {
                if (stand[byte] >> bit & 1) set_present(gates, one, 8 * byte + bit, present, lists);
            }
        }
    }
}

/* Set present[document][list] where a pattern of the list may match; `present` has rows of `lists` flags. */
void delist_gates(const Gates *gates, const Passage *passage, const int64_t *literal, const int64_t *position,
                  int64_t count, const Room *room, uint8_t *present, int64_t lists) {
    int64_t noted = note_clauses(gates, passage, literal, position, count, room);
    join_clauses(gates, room);
    hold_settings(gates, passage, noted, room, present, lists);
    take_the_others(gates, room, passage->document_count, present, lists);
}
