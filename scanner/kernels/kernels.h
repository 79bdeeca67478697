/*
 * Compiled kernels of the matcher: what numpy does in many passes over an array, done in one.
 *
 * Each function does what the numpy code beside its caller does, and gives equal results; the suite asserts it. The
 * rules of the house:
 *
 * - A kernel reads and writes only what it is handed, keeps nothing, and allocates nothing: all memory is the caller's.
 * - Every array comes with its length or capacity. Texts are hostile: whatever stands in them, no access leaves these.
 * - Arrays that were built from rules (tables, literals, owners) are checked once when they are made ready, in Python.
 * - A slot is a place of a batch (see scanner/text/views.py); a position is a place of the sequence that is read.
 */
#ifndef DELIST_KERNELS_H
#define DELIST_KERNELS_H

#include <stdint.h>

/* The kinds of slots, in the order of scanner/text/kinds.py. */
enum { DROPPED = 0, SEPARATOR = 1, COMMA = 2, END = 3, LINE = 4, MASK = 5, KEPT = 8, ALIAS = 9, BARRIER = 10 };
/* Set beside the kind where a character becomes several units: the unit is then the number of the expansion. */
enum { EXPANDS = 0x80 };
/* The unit of a field's edge; no literal has it. */
enum { EDGE = 0xFFFF };

/* The character table. */
typedef struct {
    const uint32_t *codes; /* of every code point: marks << 24 | kind << 16 | unit */
    int64_t size;
    const uint32_t *expansions;      /* the codes of all expansions, one after another */
    const int32_t *expansion_bounds; /* expansion i: [bounds[i], bounds[i + 1]), never empty */
    int64_t expansion_count;
    const uint16_t *syllables; /* 65,536 units: each Han character's syllable */
} Alphabet;

/* What reading the characters of a batch tells on the way. */
typedef struct {
    int64_t expansions; /* characters that become several units */
    int64_t growth;     /* slots beyond one for each character */
    int64_t breaks;     /* ends of lines and fields */
    int32_t marks;      /* all marks of all characters */
    int32_t kinds;      /* bit k: some slot has kind k */
} Signs;

/* Code points carry marks, for what is looked at again only where some character has one (see text/tables.py). */
enum { MARKS = 24 };

/* Characters from here on may be the letters that flags are made of. */
enum { FIRST_FLAG = 0x1F1E6 };

/* Before a function: compiled for wide registers too; which is called, the loader decides where it can. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && __GNUC__ >= 6
#define WIDE __attribute__((target_clones("default", "avx2")))
#else
#define WIDE
#endif

/* The code of a character with its marks; those beyond the table are as its last. */
static inline uint32_t code_of(const Alphabet *alphabet, uint32_t character) {
    uint32_t last = (uint32_t)alphabet->size - 1;
    return alphabet->codes[character < last ? character : last];
}

/* A code without its marks. */
static inline uint32_t bare(uint32_t code) { return code & ((1u << MARKS) - 1); }

static inline uint32_t kind_of(uint32_t code) { return code >> 16 & 0xFF; }
static inline uint16_t unit_of(uint32_t code) { return (uint16_t)code; }

#endif
