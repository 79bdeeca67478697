/* How much short stretches of documents read like what weights were learnt from: see scanner/likeness. */
#include "likeness.h"

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
                             const int64_t *places, int64_t count, int64_t characters, double doubt, uint8_t *seen,
                             const Passages *passages, int64_t made) {
    Portion passage = {0, 0, 0, 0};
    int64_t begin = 0, end = 0;
    while (end < count) {
        for (int64_t stop = lesser(begin + weights->passage, count); end < stop; end++) {
            enter(weights, singles[end], seen, &passage);
            if (end > begin) enter(weights, pairs[end], seen, &passage);
        }
        passages->scores[made] = score_of(weights, &passage) - doubt;
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
void delist_passages(const Weights *weights, const uint32_t *codes, const int64_t *starts, const uint8_t *parts,
                     const int64_t *before, const int64_t *documents, int64_t document_count, uint32_t *words,
                     uint32_t *singles, uint32_t *pairs, int64_t *places, uint8_t *seen, const Passages *passages,
                     int64_t *bounds) {
    *words++ = 0;
    bounds[0] = 0;
    for (int64_t i = 0; i < document_count; i++) {
        int64_t first = before[documents[i]], end = before[documents[i] + 1], size = starts[end] - starts[first];
        int64_t count = 0, told = told_by(parts, first, end);
        if (told != UNREAD) {
            count = read_fields(weights, codes, starts, parts, first, end, words, places, NULL);
        }
        int64_t real = numbers_of(weights, words, count, singles, pairs, places);
        bounds[i + 1] = bounds[i];
        if (real < (told == TELLS ? weights->fewest : weights->fewest_brief)) continue;
        double doubt = told == TELLS ? 0 : weights->doubt;
        bounds[i + 1] = read_passages(weights, singles, pairs, places, real, size, doubt, seen, passages, bounds[i]);
    }
}

/* The first of the rows [begin, end) whose passage ends behind a character. */
static int64_t first_behind(const int64_t *ends, int64_t begin, int64_t end, int64_t character) {
    while (begin < end) {
        int64_t middle = begin + (end - begin) / 2;
        if (ends[middle] > character) {
            end = middle;
        } else {
            begin = middle + 1;
        }
    }
    return begin;
}

/*
 * The most that passages score: of each document, which has those from `bounds[i]` to `bounds[i + 1]`, in `most`; and of
 * those that some of the characters [first, end) of a document are in, given for each of `count` places, in `around`.
 * Where there are none, it is -INFINITY.
 */
void delist_around(const Passages *passages, const int64_t *bounds, int64_t document_count, const int64_t *documents,
                   const int64_t *firsts, const int64_t *ends, int64_t count, double *most, double *around) {
    for (int64_t i = 0; i < document_count; i++) {
        most[i] = -INFINITY;
        for (int64_t row = bounds[i]; row < bounds[i + 1]; row++) most[i] = greater(most[i], passages->scores[row]);
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t end = bounds[documents[i] + 1], row = first_behind(passages->ends, bounds[documents[i]], end, firsts[i]);
        around[i] = -INFINITY;
        for (; row < end && passages->firsts[row] < ends[i]; row++) around[i] = greater(around[i], passages->scores[row]);
    }
}
