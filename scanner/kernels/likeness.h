/* Documents as words and pairs of words that weights are known of: see scanner/likeness/words.py. */
#ifndef DELIST_LIKENESS_H
#define DELIST_LIKENESS_H

#include <math.h>
#include <stddef.h>

#include "classes.h"
#include "kernels.h"

/* Words and pairs with their weights; key k stands in `places` at its upper bits, no two of them in one place. */
typedef struct {
    const uint16_t *places; /* the number of the key that stands there; where none does 0, the number of another one */
    int32_t bits;           /* of a place */
    int32_t unit;           /* what a weight of one is as a whole number */
    const uint32_t *keys;   /* one at least */
    const int32_t *weights; /* of each key, for any category */
    double constant;
    const uint32_t *multipliers; /* by place in a word */
    int32_t longest_word;
    int32_t longest_number;
    int32_t longest_text; /* characters of a text that are read */
    int32_t portion;      /* words of a portion */
    int32_t passage;      /* words of a passage */
    int32_t step;         /* words from the beginning of a passage to that of the next */
    int32_t fewest;       /* words without which a text is brief */
    int32_t fewest_brief; /* words without which nothing is said of a brief one */
    int32_t phrases;      /* that are shown of a text */
    int32_t longest_phrase; /* words of one */
    double doubt;         /* so much less the passages score of what is told by a title alone */
} Weights;

/* What fields are to a document: not looked at, read, that which tells it, or that which tells something of it. */
enum { UNREAD = 0, READ = 1, TELLS = 2, HINTS = 3 };

enum { UNKNOWN = 0xFFFD };
static const uint32_t ONE = 0x85EBCA6Bu, PAIR = 0xC2B2AE35u, NEXT = 0x27D4EB2Fu;

static inline int is_kept(uint32_t code) { return code >= (uint32_t)KEPT << 16; }

/* Whether a unit is kept and no higher than z, in one comparison: the kinds from KEPT on differ in three bits. */
static inline int is_low(uint32_t code) { return (code & ~(7u << 16)) - ((uint32_t)KEPT << 16) <= 'z'; }

/* What a unit adds to the number of its word; of digits only how many they are counts. */
static inline uint32_t value_of(const Weights *weights, uint32_t unit, int kind, int64_t offset) {
    if (kind == DIGIT && offset >= weights->longest_number) return 0;
    int64_t place = offset < weights->longest_word ? offset : weights->longest_word - 1;
    return (kind == DIGIT ? '0' : unit) * weights->multipliers[place];
}

static inline int is_dropped(uint32_t code) { return code < (uint32_t)SEPARATOR << 16; }

/* So many letters one by one are a word spelt out, and say nothing: of a run of them the place where it began. */
enum { SPELT = 3 };

static inline int64_t without_spelt(int64_t found, int64_t alone) { return alone >= SPELT ? found - alone : found; }

/*
 * The words of one text, a number for each, and 0 for the edge behind it; `words` has room for `count` + 1. In `places`
 * and `ends`, if there are any, the character where each begins and the one behind it, those `before` the text counted.
 * What is dropped parts no word.
 */
static inline int64_t read_words(const Weights *weights, const uint32_t *codes, int64_t count,
                                 uint32_t *restrict words, int64_t *restrict places, int64_t *restrict ends,
                                 int64_t before) {
    const uint32_t first = weights->multipliers[0];
    int64_t found = 0, alone = 0;
    for (int64_t i = 0; i < count;) {
        int64_t begin = i;
        uint32_t code = codes[i++];
        if (!is_low(code)) {
            if (alone && is_kept(code)) {
                found = without_spelt(found, alone);
                alone = 0;
            }
            /* Written whether it is kept or not: no branch to guess. */
            if (places) places[found] = before + begin;
            if (ends) ends[found] = before + i;
            words[found] = (kind_of(code) & EXPANDS ? UNKNOWN : unit_of(code)) * first;
            found += is_kept(code);
            continue;
        }
        int kind = class_of(unit_of(code));
        uint32_t word = value_of(weights, unit_of(code), kind, 0);
        int64_t offset = 1;
        for (int64_t next = i; kind != OTHER && next < count; next++) {
            code = codes[next];
            if (is_dropped(code)) continue;
            if (!is_low(code) || class_of(unit_of(code)) != kind) break;
            word += value_of(weights, unit_of(code), kind, offset++);
            i = next + 1;
        }
        int is_alone = kind == LETTER && offset == 1;
        if (!is_alone) found = without_spelt(found, alone);
        alone = is_alone ? alone + 1 : 0;
        if (places) places[found] = before + begin;
        if (ends) ends[found] = before + i;
        words[found++] = word;
    }
    found = without_spelt(found, alone);
    if (places) places[found] = before + count;
    words[found++] = 0;
    return found;
}

/* Spread over all bits (the finisher of MurmurHash3). */
static inline uint32_t mixed(uint32_t key) {
    key ^= key >> 16;
    key *= 0x85EBCA6Bu;
    key ^= key >> 13;
    key *= 0xC2B2AE35u;
    return key ^ key >> 16;
}

/* The key of a word, and that of it with the word before. */
static inline uint32_t key_of(uint32_t word) { return mixed(word * ONE); }
static inline uint32_t key_of_pair(uint32_t before, uint32_t word) { return mixed(before * PAIR + mixed(word * NEXT)); }

/*
 * The keys of some words, and those of each with the word before it, `none` where there is an edge instead; how many
 * are words. The number before the first is looked at too.
 */
WIDE
static int64_t keys_of(const uint32_t *restrict words, int64_t count, uint32_t none, uint32_t *restrict single,
                       uint32_t *restrict pair) {
    uint32_t real = 0;
    for (int64_t i = 0; i < count; i++) {
        uint32_t word = words[i], before = words[i - 1];
        /* All bits or none. */
        uint32_t is_word = -(uint32_t)(word != 0), is_pair = is_word & -(uint32_t)(before != 0);
        single[i] = (key_of(word) & is_word) | (none & ~is_word);
        pair[i] = (key_of_pair(before, word) & is_pair) | (none & ~is_pair);
        real -= is_word;
    }
    return real;
}

/* Words whose keys are looked up together. */
enum { BLOCK = 256 };
/* The number of a word that no key stands for. */
static const uint32_t NOWHERE = UINT32_MAX;

/* What a portion comes to so far. */
typedef struct {
    uint32_t number; /* from 1 */
    int64_t sum;
    int64_t known;   /* different keys */
    int64_t unknown; /* twice the words, without those keys that are known: pairs are about as many as words */
} Portion;

static inline int64_t lesser(int64_t one, int64_t other) { return one < other ? one : other; }

static inline double greater(double one, double other) { return one > other ? one : other; }

/* What is unknown makes up half as much of a portion as what is known, and says nothing; of passages none is noted. */
static inline double score_of(const Weights *weights, const Portion *portion) {
    double size = (double)portion->known + greater((double)portion->unknown, 0) / 2;
    return (double)portion->sum / (sqrt(greater(size, 1)) * weights->unit) + weights->constant;
}

/* What tells of a document, of its fields [begin, end): TELLS, or HINTS where that is all, or nothing, UNREAD. */
static inline int told_by(const uint8_t *parts, int64_t begin, int64_t end) {
    int told = UNREAD;
    for (int64_t field = begin; field < end; field++) {
        if (parts[field] == TELLS) return TELLS;
        if (parts[field] == HINTS) told = HINTS;
    }
    return told;
}

/*
 * The words of the fields [begin, end) of a document. In `places` and `ends`, if there are any, the character of the
 * document where each begins, and the one behind it.
 */
static inline int64_t read_fields(const Weights *weights, const uint32_t *codes, const int64_t *starts,
                                  const uint8_t *parts, int64_t begin, int64_t end, uint32_t *words, int64_t *places,
                                  int64_t *ends) {
    int64_t count = 0;
    for (int64_t field = begin; field < end; field++) {
        if (parts[field] == UNREAD) continue;
        int64_t size = lesser(starts[field + 1] - starts[field] - 1, weights->longest_text);
        count += read_words(weights, codes + starts[field], size, words + count, places ? places + count : NULL,
                            ends ? ends + count : NULL, starts[field] - starts[begin]);
    }
    return count;
}

/* How many of some words are words, and no edges. */
static inline int64_t real_of(const uint32_t *words, int64_t count) {
    int64_t real = 0;
    for (int64_t i = 0; i < count; i++) real += words[i] != 0;
    return real;
}

/* The number of a key, or `NOWHERE`. */
static inline uint32_t number_of(const Weights *weights, uint32_t key) {
    uint32_t number = weights->places[key >> (32 - weights->bits)];
    return weights->keys[number] == key ? number : NOWHERE;
}

#endif
