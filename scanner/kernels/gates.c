/* Where patterns may match: see scanner/rulebook/atoms.py and surroundings.py. */
#include "gates.h"

#include <string.h>

#include "places.h"

enum { UNIT_FLAGS = 256 };

/* A first question that nearly always says no, by a neighbour's row of flags; never wrongly. */
static inline int may_begin(const uint8_t *flags, uint32_t unit) {
    uint32_t flag = unit * 2654435761u >> 24;
    return flags[flag >> 3] >> (flag & 7) & 1;
}

/* The unit at a position; what lies outside counts as the first or last. */
static inline uint32_t unit_at(const Passage *passage, int64_t at) {
    int64_t end = passage->length - 1;
    return passage->units[at < 0 ? 0 : at > end ? end : at];
}

/* Whether a neighbour begins at a position: units are mixed in until they are as many as one of its beginnings has. */
static int begins(const Gates *gates, const Passage *passage, int32_t neighbour, int64_t at) {
    uint32_t mixed = (uint32_t)neighbour * 2654435761u;
    for (uint32_t sizes = gates->sizes[neighbour]; sizes; sizes >>= 1, at++) {
        mixed = (mixed ^ unit_at(passage, at)) * 2246822519u;
        mixed ^= mixed >> 15;
        uint32_t key = mixed * 2654435761u >> (32 - gates->known_bits);
        if ((sizes & 1) && (gates->known[key >> 3] >> (key & 7) & 1)) return 1;
    }
    return 0;
}

/* Whether a neighbour begins somewhere from `first` to `last`. */
static int is_near(const Gates *gates, const Passage *passage, int32_t neighbour, int64_t first, int64_t last) {
    const uint8_t *flags = gates->units + (int64_t)neighbour * (UNIT_FLAGS / 8);
    for (int64_t at = first; at <= last; at++) {
        if (may_begin(flags, unit_at(passage, at)) && begins(gates, passage, neighbour, at)) return 1;
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

/* Step 1: which clauses stand in which documents. Returns how many have a setting, which are noted; -1 without room. */
static int64_t note_clauses(const Gates *gates, const Passage *passage, const int64_t *literal,
                            const int64_t *position, int64_t count, const Room *room) {
    /* Copied, because what is written might otherwise be some of this. */
    const int32_t *bounds = gates->bounds, *clauses = gates->clauses, *alternative_of = gates->alternative_of;
    const int64_t row = room->row;
    Atom *atoms = room->atoms;
    int64_t noted = 0, near = passage->first_field;
    memset(room->clauses, 0, (size_t)(gates->clause_count * row) * sizeof *room->clauses);
    for (int64_t i = 0; i < count; i++) {
        int32_t begin = bounds[literal[i]], end = bounds[literal[i] + 1];
        if (begin == end) continue;
        if (end - begin >= room->capacity - noted) return -1;
        int64_t field = field_at(passage->ends, passage->field_count, position[i], &near);
        int32_t document = (int32_t)(passage->documents[field] - passage->first_document);
        uint64_t *stand = room->clauses + (document >> 6), bit = (uint64_t)1 << (document & 63);
        for (int32_t k = begin; k < end; k++) {
            int32_t clause = clauses[k];
            stand[clause * row] |= bit;
            /* Written whether it has a setting or not, then counted: no branch to guess. */
            atoms[noted] = (Atom){clause, document, position[i]};
            noted += alternative_of[clause] >= 0;
        }
    }
    memset(room->clauses + (gates->clause_count - 1) * row, 0xFF, (size_t)row * sizeof *room->clauses);
    return noted;
}

/* Step 2: in which documents all clauses of an alternative stand. */
static void join_clauses(const Gates *gates, const Room *room) {
    for (int64_t one = 0; one < gates->alternative_count; one++) {
        uint64_t *stand = room->alternatives + one * room->row;
        for (int64_t part = 0; part < room->row; part++) {
            uint64_t all = ~(uint64_t)0;
            for (int32_t k = gates->first_needs[one]; k < gates->first_needs[one + 1]; k++) {
                all &= room->clauses[gates->needs[k] * room->row + part];
            }
            stand[part] = all;
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
        uint64_t *stand = room->alternatives + one * room->row + (atom.document >> 6);
        if (!(*stand >> (atom.document & 63) & 1)) continue;
        if (!holds(gates, passage, gates->setting_of[atom.clause], atom.position)) continue;
        /* Found once, it is not asked again. */
        *stand &= ~((uint64_t)1 << (atom.document & 63));
        set_present(gates, one, atom.document, present, lists);
    }
}

/* Step 4: an alternative without a setting may match wherever its clauses stand. */
static void take_the_others(const Gates *gates, const Room *room, int64_t documents, uint8_t *present, int64_t lists) {
    for (int64_t one = 0; one < gates->alternative_count; one++) {
        if (!gates->is_free[one]) continue;
        for (int64_t part = 0; part < room->row; part++) {
            for (uint64_t left = room->alternatives[one * room->row + part]; left; left &= left - 1) {
                int64_t document = 64 * part + __builtin_ctzll(left);
                if (document < documents) set_present(gates, one, document, present, lists);
            }
        }
    }
}

int delist_gates(const Gates *gates, const Passage *passage, const int64_t *literal, const int64_t *position,
                 int64_t count, const Room *room, uint8_t *present, int64_t lists) {
    int64_t noted = note_clauses(gates, passage, literal, position, count, room);
    if (noted < 0) return 0;
    join_clauses(gates, room);
    hold_settings(gates, passage, noted, room, present, lists);
    take_the_others(gates, room, passage->document_count, present, lists);
    return 1;
}
