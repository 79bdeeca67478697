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

/* Keys that are looked up together. */
enum { BLOCK = 256 };

/* What the portion so far comes to, and the keys of it that may be known and are not looked up yet. */
typedef struct {
    int64_t sum;
    int64_t known;
    uint32_t number; /* of the portion, from 1 */
    int64_t waiting;
    uint32_t keys[BLOCK];
} Portion;

/* Look up what waits; what is seen twice in a portion counts once. */
static void settle(const Weights *weights, uint32_t *seen, Portion *portion) {
    for (int64_t i = 0; i < portion->waiting; i++) {
        uint32_t key = portion->keys[i];
        int32_t number = weights->places[key >> (32 - weights->bits)];
        if (weights->keys[number] != key || seen[number] == portion->number) continue;
        seen[number] = portion->number;
        portion->sum += weights->weights[number];
        portion->known++;
    }
    portion->waiting = 0;
}

/* Let a key wait if something stands in its place; it is written whether it does or not: no branch to guess. */
static inline void consider(const Weights *weights, Portion *portion, uint32_t key, uint32_t is_asked) {
    uint32_t place = key >> (32 - weights->bits);
    portion->keys[portion->waiting] = key;
    portion->waiting += is_asked & (weights->filter[place >> 3] >> (place & 7) & 1);
}

static void begin(Portion *portion, uint32_t number) {
    portion->sum = portion->known = portion->waiting = 0;
    portion->number = number;
}

static double score_of(const Weights *weights, uint32_t *seen, Portion *portion) {
    settle(weights, seen, portion);
    double known = portion->known > 0 ? (double)portion->known : 1;
    return (double)portion->sum / (sqrt(known) * weights->unit) + weights->constant;
}

static inline double greater(double one, double other) { return one > other ? one : other; }

/* The score of the worst portion of a document that has these words. */
static double worst(const Weights *weights, const uint32_t *words, int64_t count, int64_t portions, uint32_t *seen,
                    uint32_t *number) {
    Portion portion;
    double most = -INFINITY;
    int64_t at = 0, done = 0;
    uint32_t last = 0;
    begin(&portion, ++*number);
    for (int64_t i = 0; i < count; i++) {
        uint32_t word = words[i];
        if (!word) {
            last = 0;
            continue;
        }
        if (at == (done + 1) * weights->portion && done + 1 < portions) {
            most = greater(most, score_of(weights, seen, &portion));
            begin(&portion, ++*number);
            done++;
            last = 0;
        }
        if (portion.waiting > BLOCK - 2) settle(weights, seen, &portion);
        consider(weights, &portion, mixed(word * ONE), 1);
        consider(weights, &portion, mixed(last * PAIR + mixed(word * NEXT)), last != 0);
        last = word;
        at++;
    }
    return greater(most, score_of(weights, seen, &portion));
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
