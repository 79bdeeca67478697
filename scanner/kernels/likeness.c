/* How much documents read like what weights were learnt from: see scanner/likeness. */
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
} Weights;

/* What fields are to a document: not looked at, read, or read and that without which nothing is said. */
enum { UNREAD = 0, READ = 1, TELLS = 2 };

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
 * The words of one text, a number for each, and 0 for the edge behind it; `words` has room for `count` + 1. In `places`,
 * if there are any, the character where each begins, those `before` the text counted. What is dropped parts no word.
 */
static inline int64_t read_words(const Alphabet *alphabet, const Weights *weights, const uint32_t *characters,
                                 int64_t count, uint32_t *restrict words, int64_t *restrict places, int64_t before) {
    const uint32_t first = weights->multipliers[0];
    int64_t found = 0, alone = 0;
    for (int64_t i = 0; i < count;) {
        int64_t begin = i;
        uint32_t code = bare(code_of(alphabet, characters[i++]));
        if (!is_low(code)) {
            if (alone && is_kept(code)) {
                found = without_spelt(found, alone);
                alone = 0;
            }
            /* Written whether it is kept or not: no branch to guess. */
            if (places) places[found] = before + begin;
            words[found] = (kind_of(code) & EXPANDS ? UNKNOWN : unit_of(code)) * first;
            found += is_kept(code);
            continue;
        }
        int kind = class_of(unit_of(code));
        uint32_t word = value_of(weights, unit_of(code), kind, 0);
        int64_t offset = 1;
        for (int64_t next = i; kind != OTHER && next < count; next++) {
            code = bare(code_of(alphabet, characters[next]));
            if (is_dropped(code)) continue;
            if (!is_low(code) || class_of(unit_of(code)) != kind) break;
            word += value_of(weights, unit_of(code), kind, offset++);
            i = next + 1;
        }
        int is_alone = kind == LETTER && offset == 1;
        if (!is_alone) found = without_spelt(found, alone);
        alone = is_alone ? alone + 1 : 0;
        if (places) places[found] = before + begin;
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
        single[i] = (mixed(word * ONE) & is_word) | (none & ~is_word);
        pair[i] = (mixed(before * PAIR + mixed(word * NEXT)) & is_pair) | (none & ~is_pair);
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

/*
 * Look up at most 2 * `BLOCK` keys; what is seen twice in a portion counts once. In two loops without a branch. What
 * counts is noted, if there is room for its numbers and one more.
 */
static inline void add(const Weights *weights, const uint32_t *keys, int64_t count, uint32_t *restrict seen,
                       Portion *portion, uint32_t *restrict noted) {
    uint32_t known[2 * BLOCK];
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++) {
        uint32_t number = weights->places[keys[i] >> (32 - weights->bits)];
        known[found] = number;
        found += weights->keys[number] == keys[i];
    }
    portion->unknown -= found;
    for (int64_t i = 0; i < found; i++) {
        int64_t is_new = seen[known[i]] != portion->number;
        seen[known[i]] = portion->number;
        if (noted) noted[portion->known] = known[i];
        portion->sum += weights->weights[known[i]] & -is_new;
        portion->known += is_new;
    }
}

static inline double greater(double one, double other) { return one > other ? one : other; }

/* What is unknown makes up half as much of a portion as what is known, and says nothing; of passages none is noted. */
static double score_of(const Weights *weights, const Portion *portion) {
    double size = (double)portion->known + greater((double)portion->unknown, 0) / 2;
    return (double)portion->sum / (sqrt(greater(size, 1)) * weights->unit) + weights->constant;
}

static inline int64_t lesser(int64_t one, int64_t other) { return one < other ? one : other; }

/* Read a portion of `left` words, from place `at` on, to the end of the text at most; returns the place behind it. */
static inline int64_t read_portion(const Weights *weights, const uint32_t *words, int64_t count, int64_t at,
                                   int64_t left, uint32_t *seen, Portion *portion, uint32_t *noted) {
    uint32_t keys[2 * BLOCK];
    /* It would stand in the place of another. */
    const uint32_t none = weights->keys[0] ^ 1;
    for (int is_first = 1; left > 0 && at < count; is_first = 0) {
        int64_t size = lesser(lesser(left, count - at), BLOCK);
        int64_t real = keys_of(words + at, size, none, keys, keys + size);
        left -= real;
        portion->unknown += 2 * real;
        if (is_first) keys[size] = none;
        add(weights, keys, 2 * size, seen, portion, noted);
        at += size;
    }
    return at;
}

/* One portion of a document: from this place, so many words. */
typedef struct {
    double score;
    int64_t at;
    int64_t words;
} Worst;

/* The worst portion of a document that has these words, of which so many are `real`, behind an edge. */
static Worst worst(const Weights *weights, const uint32_t *words, int64_t count, int64_t real, uint32_t *seen,
                   uint32_t *number) {
    Worst found = {-INFINITY, 0, count};
    int64_t portions = (real + weights->portion / 2) / weights->portion, at = 0;
    if (portions < 1) portions = 1;
    for (int64_t done = 1; done <= portions; done++) {
        Portion portion = {++*number, 0, 0, 0};
        int64_t left = done < portions ? weights->portion : count;
        int64_t behind = read_portion(weights, words, count, at, left, seen, &portion, NULL);
        double score = score_of(weights, &portion);
        if (score > found.score) found = (Worst){score, at, left};
        at = behind;
    }
    return found;
}

/* Whether any of the fields [begin, end) tells something. */
static int is_told(const uint8_t *parts, int64_t begin, int64_t end) {
    for (int64_t field = begin; field < end; field++) {
        if (parts[field] == TELLS) return 1;
    }
    return 0;
}

/*
 * The words of the fields [begin, end) of a document. In `places`, if there are any, the character of the document
 * where each begins.
 */
static inline int64_t read_fields(const Alphabet *alphabet, const Weights *weights, const uint32_t *characters,
                                  const int64_t *starts, const uint8_t *parts, int64_t begin, int64_t end,
                                  uint32_t *words, int64_t *places) {
    int64_t count = 0;
    for (int64_t field = begin; field < end; field++) {
        if (parts[field] == UNREAD) continue;
        int64_t size = lesser(starts[field + 1] - starts[field] - 1, weights->longest_text);
        count += read_words(alphabet, weights, characters + starts[field], size, words + count,
                            places ? places + count : NULL, starts[field] - starts[begin]);
    }
    return count;
}

/* How many of some words are words, and no edges. */
static int64_t real_of(const uint32_t *words, int64_t count) {
    int64_t real = 0;
    for (int64_t i = 0; i < count; i++) real += words[i] != 0;
    return real;
}

/*
 * The score of each document, NaN where nothing can be said; and whether it is brief. Of the characters, field i has
 * those from `starts[i]` to one before `starts[i + 1]`, and `parts` says what it is to its document; document i has the
 * fields from `before[i]` to `before[i + 1]`. `words` has room for one number more than there are characters, `seen`
 * for one per key, all 0; `scores` and `counts`, of words, for each document, all NaN and 0, and `is_brief`.
 */
void delist_resemble(const Alphabet *alphabet, const Weights *weights, const uint32_t *characters,
                     const int64_t *starts, const uint8_t *parts, const int64_t *before, int64_t documents,
                     uint32_t *words, uint32_t *seen, double *scores, int64_t *counts, uint8_t *is_brief) {
    uint32_t number = 0;
    *words++ = 0;
    for (int64_t document = 0; document < documents; document++) {
        int64_t begin = before[document], end = before[document + 1];
        int64_t count = read_fields(alphabet, weights, characters, starts, parts, begin, end, words, NULL);
        int64_t real = real_of(words, count);
        counts[document] = real;
        is_brief[document] = real < weights->fewest || !is_told(parts, begin, end);
        if (real < weights->fewest_brief) continue;
        scores[document] = worst(weights, words, count, real, seen, &number).score;
    }
}

/*
 * The different keys that are known of the worst portion of some documents, given by number: their numbers, one
 * document after another, and where those of each begin and the last end; of a text of too few words none. Fields,
 * `parts`, `words` and `seen` are given as above; `known` has room for four times the words of a portion of each
 * document.
 */
void delist_known(const Alphabet *alphabet, const Weights *weights, const uint32_t *characters, const int64_t *starts,
                  const uint8_t *parts, const int64_t *before, const int64_t *documents, int64_t document_count,
                  uint32_t *words, uint32_t *seen, uint32_t *known, int64_t *bounds) {
    uint32_t number = 0;
    *words++ = 0;
    bounds[0] = 0;
    for (int64_t i = 0; i < document_count; i++) {
        int64_t begin = before[documents[i]], end = before[documents[i] + 1];
        int64_t count = read_fields(alphabet, weights, characters, starts, parts, begin, end, words, NULL);
        int64_t real = real_of(words, count);
        Portion portion = {0, 0, 0, 0};
        if (real >= weights->fewest_brief) {
            Worst found = worst(weights, words, count, real, seen, &number);
            portion.number = ++number;
            read_portion(weights, words, count, found.at, found.words, seen, &portion, known + bounds[i]);
        }
        bounds[i + 1] = bounds[i] + portion.known;
    }
}

/* The number of a key, or `NOWHERE`. */
static inline uint32_t number_of(const Weights *weights, uint32_t key) {
    uint32_t number = weights->places[key >> (32 - weights->bits)];
    return weights->keys[number] == key ? number : NOWHERE;
}

/* The numbers of each word, and of it with the word before; how many are words. Of the edges no place is left. */
static int64_t numbers_of(const Weights *weights, const uint32_t *words, int64_t count, uint32_t *restrict singles,
                          uint32_t *restrict pairs, int64_t *places) {
    uint32_t single[BLOCK], pair[BLOCK];
    const uint32_t none = weights->keys[0] ^ 1;
    int64_t real = 0;
    for (int64_t at = 0; at < count; at += BLOCK) {
        int64_t size = lesser(count - at, BLOCK);
        keys_of(words + at, size, none, single, pair);
        for (int64_t i = 0; i < size; i++) {
            if (words[at + i] == 0) continue;
            places[real] = places[at + i];
            singles[real] = number_of(weights, single[i]);
            pairs[real++] = number_of(weights, pair[i]);
        }
    }
    return real;
}

/* One more of a number, or one less, among those that are seen; what is there twice counts once. */
static inline void enter(const Weights *weights, uint32_t number, uint8_t *seen, Portion *passage) {
    if (number == NOWHERE || seen[number]++ > 0) return;
    passage->sum += weights->weights[number];
    passage->known++;
}

static inline void leave(const Weights *weights, uint32_t number, uint8_t *seen, Portion *passage) {
    if (number == NOWHERE || --seen[number] > 0) return;
    passage->sum -= weights->weights[number];
    passage->known--;
}

/* Passages one after another: the score of each, its first character, and the one behind its last. */
typedef struct {
    double *scores;
    int64_t *firsts;
    int64_t *ends;
} Passages;

/*
 * The passages of so many words in a document of so many characters, from row `made` on; returns the row after the last.
 * A passage has 127 words at most. `seen` is all 0 again behind it.
 */
static int64_t read_passages(const Weights *weights, const uint32_t *singles, const uint32_t *pairs,
                             const int64_t *places, int64_t count, int64_t characters, uint8_t *seen,
                             const Passages *passages, int64_t made) {
    Portion passage = {0, 0, 0, 0};
    int64_t begin = 0, end = 0;
    while (end < count) {
        for (int64_t stop = lesser(begin + weights->passage, count); end < stop; end++) {
            enter(weights, singles[end], seen, &passage);
            if (end > begin) enter(weights, pairs[end], seen, &passage);
        }
        passages->scores[made] = score_of(weights, &passage);
        passages->firsts[made] = places[begin];
        passages->ends[made++] = end < count ? places[end] : characters;
        for (int64_t stop = begin + weights->step; begin < stop && end < count; begin++) {
            leave(weights, singles[begin], seen, &passage);
            leave(weights, pairs[begin + 1], seen, &passage);
        }
    }
    for (int64_t i = begin; i < end; i++) {
        leave(weights, singles[i], seen, &passage);
        if (i > begin) leave(weights, pairs[i], seen, &passage);
    }
    return made;
}

/*
 * The passages of some documents, given by number, one after another; `bounds` says where those of each begin and where
 * the last end: none where nothing can be said. Fields and `parts` are given as above. `words`, `singles`, `pairs` and
 * `places` have room for one number more than the longest has characters; `seen` for one per key, all 0; `passages` for
 * one of each `step` characters and two more of each document.
 */
void delist_passages(const Alphabet *alphabet, const Weights *weights, const uint32_t *characters,
                     const int64_t *starts, const uint8_t *parts, const int64_t *before, const int64_t *documents,
                     int64_t document_count, uint32_t *words, uint32_t *singles, uint32_t *pairs, int64_t *places,
                     uint8_t *seen, const Passages *passages, int64_t *bounds) {
    *words++ = 0;
    bounds[0] = 0;
    for (int64_t i = 0; i < document_count; i++) {
        int64_t first = before[documents[i]], end = before[documents[i] + 1], size = starts[end] - starts[first];
        int64_t count = 0;
        if (is_told(parts, first, end)) {
            count = read_fields(alphabet, weights, characters, starts, parts, first, end, words, places);
        }
        int64_t real = numbers_of(weights, words, count, singles, pairs, places);
        bounds[i + 1] = real < weights->fewest ? bounds[i]
                                               : read_passages(weights, singles, pairs, places, real, size, seen,
                                                               passages, bounds[i]);
    }
}
