/* Whether conditions hold of one listing, and which marks make them so: scanner/rulebook/evaluate.py says what is meant. */
#include "selection.h"

#include <string.h>

static int64_t holds(Court *court, int32_t number, const Scope *scope);

static Scope narrowed(const Scope *scope, int32_t kinds) {
    Scope inner = *scope;
    inner.is_everywhere = 0;
    inner.kinds = scope->has_kinds ? scope->kinds & kinds : kinds;
    inner.has_kinds = 1;
    return inner;
}

/* Push every mark that could count for a node. */
static int places(Court *court, int32_t number, const Scope *scope) {
    const Node *node = court->all->nodes + number;
    const int32_t *parts = court->all->parts + node->first;
    int64_t base = court->top, kept;
    Scope inner;
    switch (node->operation) {
        case TERM: return term_places(court, node, scope);
        case SIGNAL: return signal_places(court, node, scope);
        case NOT:
        case FACT: return 1;
        case IN: inner = narrowed(scope, node->kinds); return places(court, parts[0], &inner);
        case DISGUISED:
            if (!places(court, parts[0], scope)) return 0;
            kept = base;
            for (int64_t i = base; i < court->top; i++)
                if (mark_of(court, court->work->stack[i])->is_disguised)
                    court->work->stack[kept++] = court->work->stack[i];
            court->top = kept;
            return 1;
        default:
            for (int32_t i = 0; i < node->count; i++)
                if (!places(court, parts[i], scope)) return 0;
            return 1;
    }
}

/* The number of the sentence that holds a place, and its bounds; 0 if that must be told first. */
static int sentence(Court *court, int64_t field, int64_t position, int64_t *start, int64_t *end) {
    const Listing *listing = court->listing;
    int32_t first = listing->sentences[2 * field], last = listing->sentences[2 * field + 1], low = first, high = last;
    if (first < 0) return need(court, -1 - (int32_t)field);
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (listing->ends[middle] <= position)
            low = middle + 1;
        else
            high = middle;
    }
    *start = low > first ? listing->ends[low - 1] : 0;
    *end = low < last ? listing->ends[low] : listing->fields[field].length;
    return 1;
}

/* The stretch that a mark begins, and from where on nothing may stand before it. */
static int bounds(Court *court, const Node *node, const Mark *mark, Scope *inner) {
    inner->field = mark->field;
    if (node->window == FIELD) {
        inner->start = inner->around = 0;
        inner->end = court->listing->fields[mark->field].length;
        return 1;
    }
    if (node->window == SENTENCE) {
        if (!sentence(court, mark->field, mark->start, &inner->start, &inner->end)) return 0;
        inner->around = inner->start;
        return 1;
    }
    inner->start = mark->start;
    inner->end = mark->start + node->window;
    inner->around = mark->end > node->window ? mark->end - node->window : 0;
    return 1;
}

/* Whether of each wanted group of marks something begins in a stretch; a record's fact is everywhere. */
static int all_begin(const Court *court, const int64_t *groups, int64_t count, const Scope *stretch) {
    for (int64_t group = 0; group < count; group++) {
        int found = 0;
        for (int64_t i = groups[2 * group]; i < groups[2 * group + 1] && !found; i++) {
            const Mark *mark = mark_of(court, court->work->stack[i]);
            found = mark->field == NO_FIELD ||
                    (mark->field == stretch->field && mark->start >= stretch->start && mark->start < stretch->end);
        }
        if (!found) return 0;
    }
    return 1;
}

/* Leave the marks on top where the stack was at `base`. */
static int64_t settled(Court *court, int64_t base, int64_t from) {
    int64_t count = court->top - from;
    memmove(court->work->stack + base, court->work->stack + from, (size_t)count * sizeof *court->work->stack);
    court->top = base + count;
    return count;
}

static int64_t within(Court *court, const Node *node, const Scope *scope) {
    int32_t part = court->all->parts[node->first];
    const Node *inside = court->all->nodes + part;
    int64_t base = court->top, groups[2 * MOST_PARTS], wanted = 0, count;
    if (node->flags & 1) {
        count = holds(court, part, scope);
        if (count < 0) return count;
        court->top = base;
    }
    int32_t parts = inside->operation == AND ? inside->count : 1;
    if (parts > MOST_PARTS) return fail(court, FULL), FULL;
    for (int32_t i = 0; i < parts; i++) {
        int32_t one = inside->operation == AND ? court->all->parts[inside->first + i] : part;
        int64_t first = court->top;
        if (!places(court, one, scope)) return court->failure;
        if (!(court->all->nodes[one].flags & 2)) continue;
        if (first == court->top) return court->top = base, FALSE;
        groups[2 * wanted] = first;
        groups[2 * wanted++ + 1] = court->top;
    }
    int64_t last = court->top;
    if (last - base > MOST_NEAR) return fail(court, FULL), FULL;
    for (int64_t i = base; i < last; i++) {
        const Mark *mark = mark_of(court, court->work->stack[i]);
        if (mark->field == NO_FIELD) continue;
        Scope inner = *scope;
        inner.is_everywhere = 0;
        if (!bounds(court, node, mark, &inner)) return court->failure;
        int is_seen = 0;
        for (int64_t before = base; before < i && !is_seen; before++) {
            const Mark *other = mark_of(court, court->work->stack[before]);
            Scope theirs;
            if (other->field != mark->field) continue;
            if (!bounds(court, node, other, &theirs)) return court->failure;
            is_seen = theirs.start == inner.start;
        }
        if (is_seen) continue;
        if (scope->field != NO_FIELD && scope->end < inner.end) inner.end = scope->end;
        inner.around_end = inner.end;
        if (!all_begin(court, groups, wanted, &inner)) continue;
        count = holds(court, part, &inner);
        if (count >= 0) return settled(court, base, last);
        if (count != FALSE) return count;
        court->top = last;
    }
    court->top = base;
    return FALSE;
}

/* Whether one mark follows another closely enough. */
static int follows(Court *court, const Node *node, const Mark *first, const Mark *second) {
    int64_t start, end, other, other_end;
    if (node->window == FIELD) return 1;
    if (node->window != SENTENCE) return second->start - first->end <= node->window;
    if (!sentence(court, first->field, first->start, &start, &end)) return 0;
    if (!sentence(court, second->field, second->start, &other, &other_end)) return 0;
    return start == other && end == other_end;
}

/* Chains grow from left to right: pairs of a mark and the pair before it, each level behind the one before. */
static int64_t then(Court *court, const Node *node, const Scope *scope) {
    int64_t base = court->top, level = base, level_end = base;
    int32_t *stack = court->work->stack, chain[MOST_PARTS];
    if (node->count > MOST_PARTS) return fail(court, FULL), FULL;
    for (int32_t part = 0; part < node->count; part++)
        if (is_absent(court, court->all->nodes + court->all->parts[node->first + part])) return FALSE;
    for (int32_t part = 0; part < node->count; part++) {
        int64_t first = court->top;
        if (!places(court, court->all->parts[node->first + part], scope)) return court->failure;
        int64_t last = court->top;
        if (last - first > MOST_NEAR) return fail(court, FULL), FULL;
        for (int64_t i = first; i < last; i++) {
            const Mark *mark = mark_of(court, stack[i]);
            int64_t nearest = -1;
            if (mark->field == NO_FIELD) continue;
            for (int64_t before = level; part && before < level_end; before += 2) {
                const Mark *other = mark_of(court, stack[before]);
                if (other->field != mark->field || other->end > mark->start) continue;
                if (nearest < 0 || other->end >= mark_of(court, stack[nearest])->end) nearest = before;
            }
            if (part && nearest < 0) continue;
            if (part && !follows(court, node, mark_of(court, stack[nearest]), mark)) {
                if (court->failure) return court->failure;
                continue;
            }
            if (!push(court, stack[i]) || !push(court, (int32_t)nearest)) return court->failure;
        }
        level = last;
        level_end = court->top;
        if (level == level_end) return court->top = base, FALSE;
    }
    court->top = base;
    for (int64_t at = level, i = node->count - 1; i >= 0; at = stack[at + 1], i--) chain[i] = stack[at];
    for (int32_t i = 0; i < node->count; i++) push(court, chain[i]);
    return node->count;
}

static int comes_before(const Court *court, const Mark *one, const Mark *other) {
    int32_t first = one->field == NO_FIELD ? -1 : court->listing->fields[one->field].rank;
    int32_t second = other->field == NO_FIELD ? -1 : court->listing->fields[other->field].rank;
    if (first != second) return first < second;
    if (one->start != other->start) return one->start < other->start;
    return one->end > other->end;
}

/* Sort the marks from `base` on, equal ones as they stand, with room behind them; 0 if there is none. */
static int sort(Court *court, int64_t base) {
    int64_t count = court->top - base;
    int32_t *from = court->work->stack + base, *to = from + count;
    if (court->top + count > court->work->stack_size) return fail(court, FULL);
    for (int64_t width = 1; width < count; width *= 2) {
        for (int64_t left = 0; left < count; left += 2 * width) {
            int64_t middle = left + width < count ? left + width : count;
            int64_t right = left + 2 * width < count ? left + 2 * width : count, one = left, other = middle;
            for (int64_t at = left; at < right; at++) {
                int take = other < right && (one >= middle || comes_before(court, mark_of(court, from[other]),
                                                                           mark_of(court, from[one])));
                to[at] = take ? from[other++] : from[one++];
            }
        }
        memcpy(from, to, (size_t)count * sizeof *from);
    }
    return 1;
}

/* Overlapping marks are one place. */
static int64_t counted(Court *court, const Node *node, const Scope *scope) {
    int64_t base = court->top, separate = 0;
    int32_t *stack = court->work->stack;
    if (!places(court, court->all->parts[node->first], scope) || !sort(court, base)) return court->failure;
    for (int64_t i = base; i < court->top; i++) {
        const Mark *mark = mark_of(court, stack[i]);
        const Mark *last = separate ? mark_of(court, stack[base + separate - 1]) : NULL;
        if (!last || last->field != mark->field || last->end <= mark->start) stack[base + separate++] = stack[i];
    }
    if (!compares((double)separate, node->sign, node->number)) return FALSE;
    court->top = base + (separate < MOST_SHOWN ? separate : MOST_SHOWN);
    return court->top - base;
}

/*
 * All parts must hold. Where one waits to be told of something, another that does not hold spares the telling. Of several
 * that wait the one that needs the highest number is told first: signals before lists of patterns, these before sentences.
 */
static int64_t together(Court *court, const Node *node, const Scope *scope) {
    Work *work = court->work;
    int64_t base = court->top, first = work->needs_count;
    int32_t needed = 0, is_waiting = 0;
    for (int32_t i = 0; i < node->count; i++) {
        int64_t own = work->needs_count, count = holds(court, court->all->parts[node->first + i], scope);
        if (count == FALSE || count == FULL) return work->needs_count = first, count;
        if (count != NEEDED) continue;
        court->failure = 0;
        if (is_waiting && work->needed <= needed) {
            work->needs_count = own;
            continue;
        }
        memmove(work->needs + first, work->needs + own, (size_t)(work->needs_count - own) * sizeof *work->needs);
        work->needs_count -= own - first;
        needed = work->needed;
        is_waiting = 1;
    }
    if (!is_waiting) return court->top - base;
    work->needed = needed;
    return fail(court, NEEDED), NEEDED;
}

/*
 * Those of several parts that hold, if they are so many. All that parts wait for is needed, because what holds is shown;
 * unless nobody asks by which marks, and enough of them hold already.
 */
static int64_t several(Court *court, const Node *node, const Scope *scope, int32_t least) {
    Work *work = court->work;
    int64_t base = court->top, first = work->needs_count;
    int32_t holding = 0, needed = 0, is_waiting = 0;
    for (int32_t i = 0; i < node->count; i++) {
        int64_t count = holds(court, court->all->parts[node->first + i], scope);
        if (count == FULL) return count;
        holding += count >= 0;
        if (count != NEEDED) continue;
        court->failure = 0;
        if (!is_waiting || work->needed > needed) needed = work->needed;
        is_waiting = 1;
    }
    if (is_waiting && court->is_silent && holding >= least) {
        work->needs_count = first;
        court->is_partial = 1;
        is_waiting = 0;
    }
    if (!is_waiting) return holding >= least ? court->top - base : FALSE;
    work->needed = needed;
    return fail(court, NEEDED), NEEDED;
}

static int64_t shown(Court *court, int32_t number, const Scope *scope) {
    int64_t base = court->top;
    if (!places(court, number, scope)) return court->failure;
    if (court->top - base > MOST_SHOWN) court->top = base + MOST_SHOWN;
    return court->top > base ? court->top - base : FALSE;
}

/* Where nobody asks by which marks, a value that is told is enough. */
static int64_t signal_shown(Court *court, int32_t number, const Scope *scope) {
    const Node *node = court->all->nodes + number;
    double value = court->listing->atom_values[node->atom];
    int is_value = court->listing->told[node->atom] == TOLD_VALUE && node->sign != PRESENT && !isnan(value);
    if (!court->is_silent || !scope->is_everywhere || !is_value || !compares(value, node->sign, node->number))
        return shown(court, number, scope);
    court->is_partial = 1;
    return 0;
}

static int64_t is_not(Court *court, const Node *node, const Scope *scope) {
    int64_t base = court->top, count;
    int is_partial = court->is_partial;
    Scope wide = *scope;
    wide.start = scope->around;
    wide.end = scope->around_end;
    court->is_silent++;
    count = holds(court, court->all->parts[node->first], &wide);
    court->is_silent--;
    court->is_partial = is_partial;
    if (count < FALSE) return count;
    court->top = base;
    return count == FALSE ? 0 : FALSE;
}

static int64_t meaning(Court *court, int32_t number, const Scope *scope) {
    const Node *node = court->all->nodes + number;
    Scope inner;
    switch (node->operation) {
        case AND: return together(court, node, scope);
        case OR: return several(court, node, scope, 1);
        case SOME: return several(court, node, scope, node->window);
        case NOT: return is_not(court, node, scope);
        case WITHIN: return within(court, node, scope);
        case THEN: return then(court, node, scope);
        case COUNT: return counted(court, node, scope);
        case IN:
            if (scope->field != NO_FIELD && !(node->kinds >> court->listing->fields[scope->field].kind & 1)) return FALSE;
            inner = narrowed(scope, node->kinds);
            return holds(court, court->all->parts[node->first], &inner);
        case FACT:
            if (!court->listing->told[node->atom]) return need(court, node->atom), NEEDED;
            return court->listing->atom_values[node->atom] ? 0 : FALSE;
        case SIGNAL: return signal_shown(court, number, scope);
        default: return shown(court, number, scope);
    }
}

/* How many marks make a node true, which are then on top of the stack; what is asked of all of it is worked out once. */
static int64_t holds(Court *court, int32_t number, const Scope *scope) {
    Work *work = court->work;
    Memory *memory = work->memories + number;
    int64_t base = court->top, count;
    if (scope->is_everywhere && memory->stamp == work->stamp) {
        for (int32_t i = 0; i < memory->count; i++)
            if (!push(court, work->kept[memory->place + i])) return FULL;
        return memory->count;
    }
    count = meaning(court, number, scope);
    if (count < FALSE) return count;
    if (count == FALSE) court->top = base;
    if (!scope->is_everywhere || court->is_partial) return count;
    if (count > 0) {
        if (work->kept_used + count > work->kept_size) return FULL;
        memcpy(work->kept + work->kept_used, work->stack + base, (size_t)count * sizeof *work->kept);
        memory->place = (int32_t)work->kept_used;
        work->kept_used += count;
    }
    memory->stamp = work->stamp;
    memory->count = (int32_t)count;
    return count;
}

int64_t delist_holds(Court *court, int32_t number, int is_silent) {
    const Scope everywhere = {.is_everywhere = 1, .field = NO_FIELD};
    court->top = court->failure = court->is_partial = 0;
    court->is_silent = is_silent;
    int64_t first = court->work->needs_count, count = holds(court, number, &everywhere);
    if (count != NEEDED) court->work->needs_count = first;
    return count;
}
