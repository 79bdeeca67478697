/* From hits to rows: their owners, their lists, their places. See scanner/rulebook/finder.py. */
#include "places.h"

/* The owners of literal i: owners[bounds[i]] to owners[bounds[i + 1]], each with the view that the way counts in. */
typedef struct {
    const int32_t *bounds;
    const int32_t *owners;
    const uint8_t *views;
} Owners;

/* Columns of rows of hits; `capacity` of them have room. */
typedef struct {
    int64_t *at; /* first character, counted over the batch */
    int64_t *size;
    int64_t *owner;
    int64_t *view;
    int64_t *gap;
    int64_t capacity;
} Rows;

/* How many owners some literals have together, each as often as it is named. */
int64_t delist_count(const int32_t *bounds, const int64_t *literal, int64_t count) {
    int64_t total = 0;
    for (int64_t i = 0; i < count; i++) total += bounds[literal[i] + 1] - bounds[literal[i]];
    return total;
}

/*
 * One row for each owner of each hit; returns how many. `view` is that of all rows, or -1: then it is each owner's own,
 * `folded` becoming `compact` where the hit has a gap.
 */
int64_t delist_own(const Ground *ground, const Owners *owners, const int64_t *literal, const int64_t *first,
                   const int64_t *last, const int64_t *gap, int64_t count, int64_t view, int64_t folded,
                   int64_t compact, const Rows *rows) {
    int64_t made = 0, near = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t begin = first[i] < last[i] ? first[i] : last[i], end = first[i] < last[i] ? last[i] : first[i];
        int64_t at = source_of(ground, begin, &near), size = source_of(ground, end, &near) + 1 - at;
        for (int32_t k = owners->bounds[literal[i]]; k < owners->bounds[literal[i] + 1] && made < rows->capacity; k++) {
            int64_t own = owners->views[k] == folded && gap[i] > 0 ? compact : owners->views[k];
            rows->at[made] = at;
            rows->size[made] = size;
            rows->owner[made] = owners->owners[k];
            rows->view[made] = view < 0 ? own : view;
            rows->gap[made++] = gap[i];
        }
    }
    return made;
}

/* Where spans lie in the originals, a column for each of these. */
typedef struct {
    int64_t *document;
    int64_t *field;
    int64_t *start;
    int64_t *end;
    int64_t capacity;
} Places;

/* The field that holds a character: among `count` starts the last at or before it. `near` is the last answer. */
static int64_t field_of(const int64_t *starts, int64_t count, int64_t at, int64_t *near) {
    int64_t low = 0, high = count;
    if (starts[*near] <= at && (*near + 1 == count || starts[*near + 1] > at)) return *near;
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (starts[middle] <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return *near = low;
}

/* The places of spans given by their first character, counted over the batch, and their size. */
void delist_locate(const Fields *fields, int64_t field_count, const int64_t *at, const int64_t *size, int64_t count,
                   const Places *places) {
    int64_t near = 0;
    for (int64_t i = 0; i < count && i < places->capacity && field_count > 0; i++) {
        int64_t field = field_of(fields->starts, field_count, at[i], &near);
        int64_t document = fields->documents[field], base = fields->starts[field];
        places->document[i] = document;
        places->field[i] = field - fields->before[document];
        places->start[i] = at[i] - base;
        places->end[i] = at[i] + size[i] - base;
    }
}

/* Rows in order of their first character. */
typedef struct {
    const int64_t *at;
    const int64_t *size;
    const int64_t *owner;
    int64_t count;
} Ordered;

/*
 * Which rows lie in no cover word of their list, by `list_of` of each owner: clears their flags in `kept`, which are set
 * at first.
 */
void delist_uncover(const Ordered *rows, const Ordered *covers, const int64_t *list_of, uint8_t *kept) {
    int64_t first = 0;
    for (int64_t cover = 0; cover < covers->count; cover++) {
        int64_t begin = covers->at[cover], end = begin + covers->size[cover];
        int64_t list = list_of[covers->owner[cover]];
        while (first < rows->count && rows->at[first] < begin) first++;
        for (int64_t row = first; row < rows->count && rows->at[row] < end; row++) {
            if (rows->at[row] + rows->size[row] <= end && list_of[rows->owner[row]] == list) kept[row] = 0;
        }
    }
}

/*
 * Which rows, in order of document, are more than `most` of one owner in a document: clears their flags in `kept`,
 * which are set at first; returns how many. `counts` has a number for each owner, 0 at first and afterwards.
 */
int64_t delist_most(const int64_t *document, const int64_t *owner, int64_t count, int64_t most, int32_t *counts,
                    uint8_t *kept) {
    int64_t left_out = 0, end = 0;
    for (int64_t begin = 0; begin < count; begin = end) {
        for (end = begin; end < count && document[end] == document[begin]; end++) {
        }
        if (end - begin <= most) continue;
        for (int64_t row = begin; row < end; row++) {
            if (++counts[owner[row]] <= most) continue;
            kept[row] = 0;
            left_out++;
        }
        for (int64_t row = begin; row < end; row++) counts[owner[row]] = 0;
    }
    return left_out;
}
