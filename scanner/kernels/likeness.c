/* How much documents read like what weights were learnt from: see scanner/likeness. */
#include "likeness.h"

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

/*
 * The score of each document, NaN where nothing can be said; and whether it is brief. Of the characters, field i has
 * those from `starts[i]` to one before `starts[i + 1]`, and `parts` says what it is to its document; document i has the
 * fields from `before[i]` to `before[i + 1]`. `words` has room for one number more than there are characters, `seen`
 * for one per key, none above `number`, which counts on; `scores` and `counts`, of words, for each document, all NaN and
 * 0, and `is_brief`.
 */
void delist_resemble(const Weights *weights, const uint32_t *codes, const int64_t *starts, const uint8_t *parts,
                     const int64_t *before, int64_t documents, uint32_t *words, uint32_t *seen, uint32_t *number,
                     double *scores, int64_t *counts, uint8_t *is_brief) {
    *words++ = 0;
    for (int64_t document = 0; document < documents; document++) {
        int64_t begin = before[document], end = before[document + 1];
        int64_t count = read_fields(weights, codes, starts, parts, begin, end, words, NULL, NULL);
        int64_t real = real_of(words, count);
        counts[document] = real;
        is_brief[document] = real < weights->fewest || told_by(parts, begin, end) != TELLS;
        if (real < weights->fewest_brief) continue;
        scores[document] = worst(weights, words, count, real, seen, number).score;
    }
}

/*
 * The different keys that are known of the worst portion of some documents, given by number: their numbers, one
 * document after another, and where those of each begin and the last end; of a text of too few words none. Fields,
 * `parts`, `words` and `seen` are given as above; `known` has room for four times the words of a portion of each
 * document.
 */
void delist_known(const Weights *weights, const uint32_t *codes, const int64_t *starts,
                  const uint8_t *parts, const int64_t *before, const int64_t *documents, int64_t document_count,
                  uint32_t *words, uint32_t *seen, uint32_t *number, uint32_t *known, int64_t *bounds) {
    *words++ = 0;
    bounds[0] = 0;
    for (int64_t i = 0; i < document_count; i++) {
        int64_t begin = before[documents[i]], end = before[documents[i] + 1];
        int64_t count = read_fields(weights, codes, starts, parts, begin, end, words, NULL, NULL);
        int64_t real = real_of(words, count);
        Portion portion = {0, 0, 0, 0};
        if (real >= weights->fewest_brief) {
            Worst found = worst(weights, words, count, real, seen, number);
            portion.number = ++*number;
            read_portion(weights, words, count, found.at, found.words, seen, &portion, known + bounds[i]);
        }
        bounds[i + 1] = bounds[i] + portion.known;
    }
}

/* What stands for the field of a word that is part of a phrase. */
enum { TAKEN = -1 };

/* Some words of a document: twice what each weighs, the half of its pairs included, where it stands, and its field. */
typedef struct {
    int64_t *weights;
    int64_t *firsts;
    int64_t *ends;
    int64_t *fields;
    int64_t capacity;
} Weighty;

/* What a key weighs; nothing if it is not known. */
static int64_t weight_of(const Weights *weights, uint32_t key) {
    uint32_t number = number_of(weights, key);
    return number == NOWHERE ? 0 : weights->weights[number];
}

/*
 * The words of a portion, which begins at place `at` of some words of a document and has so many; returns how many.
 * Field i of the document begins at character `starts[i]` of all.
 */
static int64_t weigh(const Weights *weights, const uint32_t *words, int64_t count, int64_t at, int64_t left,
                     const int64_t *starts, const int64_t *places, const int64_t *ends, const Weighty *weighty) {
    int64_t made = 0, field = 0;
    for (int64_t i = at; i < count && made < lesser(left, weighty->capacity); i++) {
        if (words[i] == 0) continue;
        while (places[i] >= starts[field + 1] - starts[0]) field++;
        weighty->weights[made] = 2 * weight_of(weights, key_of(words[i]));
        weighty->firsts[made] = places[i];
        weighty->ends[made] = ends[i];
        weighty->fields[made++] = field;
        if (i == at || words[i - 1] == 0) continue;
        int64_t pair = weight_of(weights, key_of_pair(words[i - 1], words[i]));
        weighty->weights[made - 1] += pair;
        weighty->weights[made - 2] += pair;
    }
    return made;
}

/* Take the heaviest stretch of words of one field, the shortest and first of equal ones; returns how many they are. */
static int64_t take_heaviest(const Weighty *weighty, int64_t count, int64_t longest, int64_t *first) {
    int64_t most = 0, found = 0;
    for (int64_t size = 1; size <= lesser(longest, count); size++) {
        for (int64_t begin = 0; begin + size <= count; begin++) {
            int64_t sum = 0, is_free = weighty->fields[begin] != TAKEN;
            for (int64_t i = begin; i < begin + size; i++) {
                sum += weighty->weights[i];
                is_free &= weighty->fields[i] == weighty->fields[begin];
            }
            if (!is_free || sum <= most) continue;
            most = sum;
            found = size;
            *first = begin;
        }
    }
    for (int64_t i = 0; i < found; i++) weighty->fields[*first + i] = TAKEN;
    return found;
}

/*
 * The phrases of the worst portion of some documents, given by number, that weigh most, one document after another: the
 * first character of each in its document, and the one behind its last; in no order. `bounds` says where those of each
 * begin, and the last end; of a text of too few words there are none. Fields, `parts` and `seen` are given as above;
 * `words`, `places` and `ends` have room for one number more than there are characters; `weighty` for one portion that
 * has half of another behind it; `firsts` and `behind` for all phrases that are shown of each document.
 */
void delist_phrases(const Weights *weights, const uint32_t *codes, const int64_t *starts,
                    const uint8_t *parts, const int64_t *before, const int64_t *documents, int64_t document_count,
                    uint32_t *words, int64_t *places, int64_t *ends, uint32_t *seen, uint32_t *number,
                    const Weighty *weighty, int64_t *firsts, int64_t *behind, int64_t *bounds) {
    *words++ = 0;
    bounds[0] = 0;
    for (int64_t i = 0; i < document_count; i++) {
        int64_t begin = before[documents[i]], end = before[documents[i] + 1], made = bounds[i];
        int64_t count = read_fields(weights, codes, starts, parts, begin, end, words, places, ends);
        int64_t real = real_of(words, count), size = 0, first = 0;
        bounds[i + 1] = made;
        if (real < weights->fewest_brief) continue;
        Worst found = worst(weights, words, count, real, seen, number);
        real = weigh(weights, words, count, found.at, found.words, starts + begin, places, ends, weighty);
        while (made < bounds[i] + weights->phrases &&
               (size = take_heaviest(weighty, real, weights->longest_phrase, &first)) > 0) {
            firsts[made] = weighty->firsts[first];
            behind[made++] = weighty->ends[first + size - 1];
        }
        bounds[i + 1] = made;
    }
}
