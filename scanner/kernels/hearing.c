/* The candidates of a batch, heard one after another: scanner/rulebook/hearing.py lays out what is known of them. */
#include "conditions.h"

#include <string.h>

/* What is told of a candidate besides its terms and facts. */
static void tell(const Docket *docket, int64_t candidate, Work *work) {
    const int64_t chances = docket->chance_count;
    memcpy(work->told + docket->chances_at, docket->chances_told + candidate * chances, (size_t)chances);
    memcpy(work->atom_values + docket->chances_at, docket->chances + candidate * chances,
           (size_t)chances * sizeof *docket->chances);
    for (int64_t i = docket->latest[candidate]; i >= 0; i = docket->tellings[i].before) {
        const Telling *telling = docket->tellings + i;
        int32_t *span = telling->atom < 0 ? work->sentences + 2 * (-1 - telling->atom) : work->spans + 2 * telling->atom;
        span[0] = (int32_t)telling->first;
        span[1] = (int32_t)telling->end;
        if (telling->atom < 0) continue;
        work->told[telling->atom] = TOLD_OTHERS;
        work->atom_values[telling->atom] = docket->atom_values[i];
    }
}

/* Take up a candidate: what is known of the one before is forgotten, and its terms are strung together by list. */
static Listing take_up(const Conditions *all, const Docket *docket, int64_t number, Work *work) {
    const Candidate *candidate = docket->candidates + number;
    Listing listing = {
        .terms = docket->terms + candidate->first_term,
        .term_count = candidate->end_term - candidate->first_term,
        .others = docket->others,
        .values = docket->values,
        .nexts = work->nexts,
        .heads = work->heads,
        .spans = work->spans,
        .present = docket->present + candidate->document * docket->lists,
        .told = work->told,
        .atom_values = work->atom_values,
        .fields = docket->fields + candidate->first_field,
        .sentences = work->sentences,
        .ends = docket->ends,
    };
    memcpy(work->told, all->at_hand, (size_t)all->atoms);
    memset(work->heads, -1, (size_t)all->atoms * sizeof *work->heads);
    memset(work->sentences, -1,
           2 * (size_t)(candidate->end_field - candidate->first_field) * sizeof *work->sentences);
    memcpy(work->atom_values + docket->facts_at, docket->facts + number * docket->fact_count,
           (size_t)docket->fact_count * sizeof *docket->facts);
    for (int64_t i = listing.term_count - 1; i >= 0; i--) {
        int64_t atom = listing.terms[i].atom;
        work->nexts[i] = work->heads[atom];
        work->heads[atom] = (int32_t)i;
    }
    tell(docket, number, work);
    work->kept_used = work->needs_count = 0;
    if (work->stamp == INT32_MAX) {
        memset(work->memories, 0, (size_t)all->count * sizeof *work->memories);
        work->stamp = 0;
    }
    work->stamp++;
    return listing;
}

/* Whether a reading is a plainer one than another: terms and patterns before signals, those that are not disguised first. */
static int is_plainer(const Docket *docket, const Mark *one, const Mark *other) {
    if (one->is_disguised != other->is_disguised) return other->is_disguised;
    return one->atom < docket->lists && other->atom >= docket->lists;
}

/* Write down the marks of a condition that holds, and where; 0 if there is no room. Of one stretch of text the plainest
 * reading is enough, as long as there are not too many to be compared. */
static int show(const Court *court, int32_t number, const Docket *docket, int64_t first_term, Minutes *minutes,
                Verdict *verdict) {
    const Work *work = court->work;
    const int32_t *kept = work->kept + work->memories[number].place;
    int32_t *shown = minutes->shown + minutes->shown_used, count = 0, chosen[MOST_COMPARED];
    int64_t terms = court->listing->term_count;
    if (minutes->shown_used + verdict->count > minutes->shown_size) return 0;
    for (int64_t i = 0; i < verdict->count; i++) {
        const Mark *mark = mark_of(court, kept[i]);
        int32_t at = verdict->count > MOST_COMPARED || mark->field == NO_FIELD ? count : 0;
        for (; at < count; at++) {
            const Mark *other = mark_of(court, chosen[at]);
            if (other->start == mark->start && other->end == mark->end && other->field == mark->field) break;
        }
        if (at < count && !is_plainer(docket, mark, mark_of(court, chosen[at]))) continue;
        if (at < MOST_COMPARED) chosen[at] = kept[i];
        shown[at] = (int32_t)(kept[i] < terms ? first_term + kept[i] : terms - 1 - kept[i]);
        count += at == count;
    }
    verdict->first = minutes->shown_used;
    verdict->count = count;
    minutes->shown_used += count;
    return 1;
}

/* Guards are looked at where the rule holds, all of them: each may need to be told something else first. */
static void judge(Court *court, const int32_t *asked, int32_t guards, Verdict *verdict) {
    uint64_t held = 0;
    int64_t count = guards < MOST_GUARDS ? delist_holds(court, asked[0], 0) : FULL, known = count;
    for (int32_t guard = 0; count >= 0 && guard < guards; guard++) {
        int64_t one = delist_holds(court, asked[1 + guard], 1);
        if (one < FALSE && known != FULL) known = one;
        if (one >= 0) held |= (uint64_t)1 << guard;
    }
    verdict->count = known;
    verdict->first = 0;
    verdict->guards = (int64_t)held;
}

/*
 * Ask the rules of some candidates. Returns of how many of them there was room to write down what they show; at least of
 * one, if there is room for `kept_size` marks.
 */
int64_t delist_hear(const Conditions *all, const Docket *docket, Work *work, const int64_t *candidates, int64_t count,
                    Minutes *minutes) {
    minutes->shown_used = minutes->needs_used = 0;
    for (int64_t at = 0; at < count; at++) {
        const Candidate *candidate = docket->candidates + candidates[at];
        if (minutes->shown_size - minutes->shown_used < work->kept_size) return at;
        Listing listing = take_up(all, docket, candidates[at], work);
        Court court = {.all = all, .listing = &listing, .work = work};
        for (int64_t i = candidate->first_rule; i < candidate->end_rule; i++) {
            int32_t first = all->bounds[docket->rules[i]], last = all->bounds[docket->rules[i] + 1];
            Verdict *verdict = minutes->verdicts + i;
            judge(&court, all->asked + first, last - first - 1, verdict);
            if (verdict->count > 0 && !show(&court, all->asked[first], docket, candidate->first_term, minutes, verdict))
                verdict->count = FULL;
        }
        for (int64_t i = 0; i < work->needs_count; i++) {
            minutes->needs[minutes->needs_used++] = (int32_t)candidates[at];
            minutes->needs[minutes->needs_used++] = work->needs[i];
        }
    }
    return count;
}
