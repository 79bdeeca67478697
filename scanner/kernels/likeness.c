/* How much documents read like what weights were learnt from: see scanner/likeness. */
#include <math.h>

#include "kernels.h"

/* Words and pairs with their weights; key k stands in `places` at its upper bits. */
typedef struct {
    const uint8_t *filter; /* a bit for each place: whether a key stands there; small enough to stay near */
    const int32_t *places; /* the number of a key, or -1 */
    int32_t bits;          /* of a place */
    int32_t unit;          /* what a weight of one is as a whole number */
    const uint32_t *keys;
    const int32_t *weights; /* of each key, for any category */
    double constant;
    const uint32_t *multipliers; /* by place in a word */
    int32_t longest_word;
    int32_t longest_number;
    int32_t portion; /* words of a portion */
    int32_t fewest;  /* words without which nothing is said */
} Weights;

enum { LETTER = 1, DIGIT = 2, UNKNOWN = 0xFFFD };
static const uint32_t ONE = 0x85EBCA6Bu, PAIR = 0xC2B2AE35u, NEXT = 0x27D4EB2Fu;

/* Spread over all bits (the finisher of MurmurHash3). */
static inline uint32_t mixed(uint32_t key) {
    key ^= key >> 16;
    key *= 0x85EBCA6Bu;
    key ^= key >> 13;
    key *= 0xC2B2AE35u;
    return key ^ key >> 16;
}

static inline int class_of(uint16_t unit) {
    if (unit >= 'a' && unit <= 'z') return LETTER;
    return unit >= '0' && unit <= '9' ? DIGIT : 0;
}

/* The words of one text, a number for each, and 0 for the edge behind it; `words` has room for `count` + 1. */
static int64_t read_words(const Alphabet *alphabet, const Weights *weights, const uint32_t *characters, int64_t count,
                          uint32_t *words) {
    int64_t found = 0, offset = 0;
    int before = 0; /* the class of the unit right before, 0 where a word cannot go on */
    for (int64_t i = 0; i < count; i++) {
        uint32_t character = characters[i];
        uint32_t code = alphabet->codes[character < alphabet->size ? character : alphabet->size - 1];
        code &= (1u << MARKS) - 1;
        int is_expanded = (kind_of(code) & EXPANDS) != 0;
        if (!is_expanded && kind_of(code) < KEPT) {
            before = 0;
            continue;
        }
        uint16_t unit = is_expanded ? UNKNOWN : unit_of(code);
        int kind = class_of(unit);
        offset = kind && kind == before ? offset + 1 : 0;
        before = kind;
        if (!offset) words[found++] = 0;
        if (kind == DIGIT && offset >= weights->longest_number) continue;
        int64_t place = offset < weights->longest_word ? offset : weights->longest_word - 1;
        words[found - 1] += (kind == DIGIT ? '0' : unit) * weights->multipliers[place];
    }
    words[found++] = 0;
    return found;
}

/* What the portion so far comes to. */
typedef struct {
    int64_t sum;
    int64_t known;
    uint32_t number; /* of the portion, from 1 */
} Portion;

static inline void weigh(const Weights *weights, uint32_t *seen, Portion *portion, uint32_t key) {
    uint32_t place = key >> (32 - weights->bits);
    if (!(weights->filter[place >> 3] >> (place & 7) & 1)) return;
    int32_t number = weights->places[place];
    if ( weights->keys[number] != key || seen[number] == portion->number) return;
    seen[number] = portion->number;
    portion->sum += weights->weights[number];
    portion->known++;
}

static double score_of(const Weights *weights, const Portion *portion) {
    double known = portion->known > 0 ? (double)portion->known : 1;
    return (double)portion->sum / (sqrt(known) * weights->unit) + weights->constant;
}

static inline double greater(double one, double other) { return one > other ? one : other; }

/* The score of the worst portion of a document that has these words. */
static double worst(const Weights *weights, const uint32_t *words, int64_t count, int64_t portions, uint32_t *seen,
                    uint32_t *number) {
    Portion portion = {0, 0, ++*number};
    double most = -INFINITY;
    int64_t at = 0, done = 0;
    uint32_t last = 0;
    for (int64_t i = 0; i < count; i++) {
        uint32_t word = words[i];
        if (word && at == (done + 1) * weights->portion && done + 1 < portions) {
            most = greater(most, score_of(weights, &portion));
            portion = (Portion){0, 0, ++*number};
            done++;
            last = 0;
        }
        if (word) {
            weigh(weights, seen, &portion, mixed(word * ONE));
            if (last) weigh(weights, seen, &portion, mixed(last * PAIR + mixed(word * NEXT)));
            at++;
        }
        last = word;
    }
    return greater(most, score_of(weights, &portion));
}

/*
 * The score of each document, NaN for one of too few words. Text i is the characters up to `ends[i]`, and belongs to
 * document `documents[i]`, which never falls. `words` has room for a number per character and one per text, `seen` for
 * one per key, all 0; `scores` and `counts`, of words, for each document, all NaN and 0.
 */
void delist_resemble(const Alphabet *alphabet, const Weights *weights, const uint32_t *characters, const int64_t *ends,
                     const int64_t *documents, int64_t texts, uint32_t *words, uint32_t *seen, double *scores,
                     int64_t *counts) {
    uint32_t number = 0;
    int64_t begin = 0;
    for (int64_t text = 0; text < texts;) {
        int64_t document = documents[text], count = 0, real = 0;
        for (; text < texts && documents[text] == document; begin = ends[text++]) {
            count += read_words(alphabet, weights, characters + begin, ends[text] - begin, words + count);
        }
        for (int64_t i = 0; i < count; i++) real += words[i] != 0;
        counts[document] = real;
        if (real < weights->fewest) continue;
        int64_t many = (real + weights->portion / 2) / weights->portion;
        scores[document] = worst(weights, words, count, many > 0 ? many : 1, seen, &number);
    }
}
