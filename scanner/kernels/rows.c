/* From hits to rows: their owners, their lists, their places. See scanner/rulebook/finder.py and survey.py. */
#include "checks.h"

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

/* The fields of a batch. */
typedef struct {
    const int64_t *starts;    /* the first character of each, counted over the batch */
    const int32_t *documents; /* the document of each */
    const int64_t *before;    /* how many fields stand before each document's */
} Fields;

/* Where spans lie in the originals, a column for each of these. */
typedef struct {
    int64_t *document;
    int64_t *field;
    int64_t *start;
    int64_t *end;
    int64_t capacity;
} Places;

/* The places of spans [first, end) of the compact view: `kept` are its slots, `fields_of` the field of each. */
void delist_places(const Ground *ground, const Fields *fields, const int32_t *kept, const int32_t *fields_of,
                   const int64_t *first, const int64_t *end, int64_t count, const Places *places) {
    int64_t near = 0;
    for (int64_t i = 0; i < count && i < places->capacity; i++) {
        int64_t field = fields_of[first[i]], document = fields->documents[field], base = fields->starts[field];
        places->document[i] = document;
        places->field[i] = field - fields->before[document];
        places->start[i] = source_of(ground, kept[first[i]], &near) - base;
        places->end[i] = source_of(ground, kept[end[i] - 1], &near) + 1 - base;
    }
}

/* Which lists the words of literals are of, and which lists' words a literal covers: rows of numbers, with bounds. */
typedef struct {
    const int32_t *bounds;
    const int32_t *lists;
    const int32_t *cover_bounds;
    const int32_t *covered;
} Lists;

/* Words of lists, from the first unit to the one after the last. */
typedef struct {
    int64_t *list;
    int64_t *first;
    int64_t *end;
    int64_t capacity;
} Words;

static int covers(const Lists *lists, int64_t literal, int32_t list) {
    for (int32_t k = lists->cover_bounds[literal]; k < lists->cover_bounds[literal + 1]; k++) {
        if (lists->covered[k] == list) return 1;
    }
    return 0;
}

/* Whether cover word `i` comes before `other`: the longer one, or of equal ones the last. */
static int outdoes(const int32_t *lengths, const int64_t *literal, const int64_t *position, int64_t i, int64_t other) {
    int32_t own = lengths[literal[i]], its = lengths[literal[other]];
    if (own != its) return own > its;
    return position[i] != position[other] ? position[i] > position[other] : literal[i] >= literal[other];
}

/* Of each unit the cover word that it is part of, by number, or -1; where several overlap, the one that outdoes. */
void delist_cover(const int32_t *lengths, const int64_t *literal, const int64_t *position, int64_t count,
                  int32_t *of_unit, int64_t units) {
    for (int64_t unit = 0; unit < units; unit++) of_unit[unit] = -1;
    for (int64_t i = 0; i < count; i++) {
        int64_t end = position[i] + lengths[literal[i]];
        for (int64_t unit = position[i]; unit < end && unit < units; unit++) {
            int32_t other = of_unit[unit];
            if (other < 0 || outdoes(lengths, literal, position, i, other)) of_unit[unit] = (int32_t)i;
        }
    }
}

/*
 * The words among `count` occurrences, list by list, that are no part of a longer word or number and lie in no cover
 * word of their list; returns how many. The cover words are `cover_literal` at `cover_position`, by unit in `of_unit`.
 */
int64_t delist_told(const Ground *ground, const Reading *reading, const Traits *traits, const Lists *lists,
                    const int64_t *literal, const int64_t *position, int64_t count, const int64_t *cover_literal,
                    const int64_t *cover_end, const int32_t *of_unit, const Words *words) {
    int64_t told = 0, near = 0;
    for (int64_t i = 0; i < count; i++) {
        int32_t begin = lists->bounds[literal[i]], after = lists->bounds[literal[i] + 1];
        if (begin == after || !is_bordered(ground, reading, traits, literal[i], position[i], &near)) continue;
        int64_t end = position[i] + traits->lengths[literal[i]];
        int32_t cover = of_unit[position[i]];
        int is_inside = cover >= 0 && end <= cover_end[cover];
        for (int32_t k = begin; k < after && told < words->capacity; k++) {
            if (is_inside && covers(lists, cover_literal[cover], lists->lists[k])) continue;
            words->list[told] = lists->lists[k];
            words->first[told] = position[i];
            words->end[told++] = end;
        }
    }
    return told;
}

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

/* For each owner of a row its list; for each cover word (the first is owner `first_cover`) the lists that it covers. */
typedef struct {
    const int64_t *list_of;
    const uint8_t *covered; /* rows of `lists` flags */
    int64_t lists;
    int64_t first_cover;
} Covering;

/* Which rows lie in no cover word of their list: clears their flags in `kept`, which are set at first. */
void delist_uncover(const Ordered *rows, const Ordered *covers, const Covering *covering, uint8_t *kept) {
    int64_t first = 0;
    for (int64_t cover = 0; cover < covers->count; cover++) {
        int64_t begin = covers->at[cover], end = begin + covers->size[cover];
        const uint8_t *covered = covering->covered + (covers->owner[cover] - covering->first_cover) * covering->lists;
        while (first < rows->count && rows->at[first] < begin) first++;
        for (int64_t row = first; row < rows->count && rows->at[row] < end; row++) {
            if (rows->at[row] + rows->size[row] <= end && covered[covering->list_of[rows->owner[row]]]) kept[row] = 0;
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
