"""How a question becomes queries of the engine, and how what they find is counted.

Hits are always the right ones. Counting everything that frequent words are in takes time that grows with the archive: then only
the newest entries are counted, and since when is said. Whoever wants the whole count asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import tantivy
from tantivy import FieldType, Occur, Query

from antin.index import engine, words
from antin.index.engine import FACETS, SPAN, schema
from antin.index.words import Question, Span, Wish

DEEPEST = 10_000
FACET_ROWS = 40
SEGMENT_ROWS = 10_000
"""So many values of a facet are counted in each part of the index: only beyond that a count could be too small."""
DEAR = 400_000
"""How many entries the rarest thing asked for is in, times the things asked for: beyond that going through them is felt."""
NEWEST = 100_000
"""So many entries, or somewhat more, are gone through first when a question is dear."""
ENOUGH = 1_000
"""Of what is found in so many of them the older ones are not counted."""
EXPANDED = 64
"""Of so many words at most a beginning is the same as each of them."""

Clause = tuple[Occur, Query]


@dataclass(frozen=True)
class Narrowing:
    """Who asks, and what the hits must be: `facets` by name, any of the values; `since` and `until` as ordinals, both included."""

    holders: tuple[str, ...]
    level: int = 0
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True)
class Found:
    """Ids of one page in their order, how many there are in all, and of each facet's values how many.

    `since`: only what is of this `order` or later was counted, and there may be more.
    """

    ids: list[int]
    count: int
    facets: dict[str, list[tuple[str, int]]]
    since: int | None = None


@dataclass(frozen=True)
class _Newest:
    """The newest entries of the index: what finds them, and from which `order` on they are."""

    clause: Clause
    since: int


def find(
    question: Question,
    narrowing: Narrowing,
    *,
    limit: int,
    offset: int = 0,
    latest: bool = False,
    counting: bool = True,
    exactly: bool = False,
) -> Found:
    """Find what a holder of these tokens may see, in tiers, in each the last first: number and notation themselves; every word in
    the head, marks as typed; in the head; anywhere with marks; anywhere, or what it stands for. `latest`: by `order` alone.
    `exactly`: everything is counted, however long it takes.

    :raises Unusable: there is no index to ask
    """
    generation = engine.current()
    searcher = engine.searcher()
    with engine.trouble_is_damage(generation):
        may = _may_see(narrowing)
        anywhere = _every(searcher, question, "text", marked=False)
        newest = _newest(searcher) if _is_dear(searcher, question, narrowing) else None
        tiers = [anywhere] if latest or not question.wanted else _tiers(searcher, question, anywhere)
        ids = _page(searcher, may, tiers, newest, limit=limit, offset=min(offset, DEEPEST))
        if not counting:
            return Found(ids, 0, {})
        return _counted(searcher, ids, [*may, *anywhere], None if exactly else newest)


def _page(
    searcher: tantivy.Searcher,
    may: Sequence[Clause],
    tiers: Iterable[Sequence[Clause]],
    newest: _Newest | None,
    *,
    limit: int,
    offset: int,
) -> list[int]:
    """One page through the tiers. What the newest entries fill needs no look at the others, for within a tier the newest come
    first."""
    ids: list[int] = []
    for tier in tiers:
        wanted = limit - len(ids)
        asked: Any = None
        if newest is not None:
            asked = _search(searcher, [*may, *tier, newest.clause], wanted, offset, count=False)
        if asked is None or len(asked.hits) < wanted:
            asked = _search(searcher, [*may, *tier], wanted, offset, count=offset > 0)
        if asked.hits:
            values: Any = searcher.fast_field_values("id", [address for _, address in asked.hits])
            ids += values
        if len(ids) >= limit:
            break
        offset = 0 if asked.hits else max(0, offset - (asked.count or 0))
    return ids


def _search(searcher: tantivy.Searcher, clauses: list[Clause], limit: int, offset: int, *, count: bool) -> Any:
    query = Query.boolean_query(clauses)
    return searcher.search(query, limit, count=count, order_by_field="order", offset=offset)


# Counting --------------------------------------------------------------------------------------------------------------------


def _counted(searcher: tantivy.Searcher, ids: list[int], whole: list[Clause], newest: _Newest | None) -> Found:
    if newest is not None:
        count, facets = _counts(searcher, Query.boolean_query([*whole, newest.clause]))
        if count >= ENOUGH:
            return Found(ids, count, facets, newest.since)
    return Found(ids, *_counts(searcher, Query.boolean_query(whole)))


def _counts(searcher: tantivy.Searcher, query: Query) -> tuple[int, dict[str, list[tuple[str, int]]]]:
    terms = {"size": FACET_ROWS, "segment_size": SEGMENT_ROWS}
    asked = {name: {"terms": {"field": name, **terms}} for name in FACETS}
    told = searcher.aggregate(query, {**asked, "all": {"value_count": {"field": "id"}}})
    facets = {name: [(str(row["key"]), int(row["doc_count"])) for row in told[name]["buckets"]] for name in FACETS}
    return int(told["all"]["value"]), facets


def _is_dear(searcher: tantivy.Searcher, question: Question, narrowing: Narrowing) -> bool:
    """Whether even the rarest thing asked for is so frequent that going through all of it would be felt."""
    if narrowing.until is not None:  # the newest entries would be the wrong ones
        return False
    every = [
        [("holder", token) for token in _tokens(narrowing)],
        *([(name, value) for value in values] for name, values in narrowing.facets.items()),
        *(_rare(searcher, wish) for wish in question.wanted),
    ]
    return min(sum(searcher.doc_freq(*term) for term in either) for either in every) * len(every) > DEAR


def _rare(searcher: tantivy.Searcher, wish: Wish) -> list[tuple[str, str]]:
    """What a wish is met by, at least one of these: fields and words."""
    found = [("text", span[0]) if len(span) == 1 else ("text_pairs", words.pairs(span)[0]) for span in wish.others]
    if len(wish.plain) > 1:
        return [*found, ("text_pairs", words.pairs(wish.plain)[0])]
    if not wish.begins:
        return [*found, ("text", wish.plain[0])]
    if len(wish.plain[0]) in words.BEGINNINGS:
        return [*found, ("text", words.beginning(wish.plain[0]))]
    return [*found, *(("text", word) for word, _ in searcher.terms_with_prefix("text", wish.plain[0], limit=EXPANDED))]


def _newest(searcher: tantivy.Searcher) -> _Newest | None:
    """The last spans that hold enough entries; None when these are all there are."""
    spans = sorted(((int(span), n) for span, n in searcher.terms_with_prefix("span", "")), reverse=True)
    held = 0
    for place, (span, n) in enumerate(spans[:-1], start=1):
        held += n
        if held >= NEWEST:
            return _Newest((Occur.Must, _any(_term("span", str(each)) for each, _ in spans[:place])), span << SPAN)
    return None


# Queries ---------------------------------------------------------------------------------------------------------------------


def _tokens(narrowing: Narrowing) -> list[str]:
    levels = range(min(narrowing.level, engine.HIGHEST) + 1)
    return [engine.holder_token(holder, level) for holder in narrowing.holders for level in levels]


def _may_see(narrowing: Narrowing) -> list[Clause]:
    must = [_any(_term("holder", token) for token in _tokens(narrowing))]
    for name, values in narrowing.facets.items():
        must.append(_any(_term(name, value) for value in values))
    if narrowing.since is not None or narrowing.until is not None:
        since, until = narrowing.since or 0, narrowing.until if narrowing.until is not None else 2**31
        must.append(Query.range_query(schema(), "day", FieldType.Unsigned, since, max(since, until)))
    return [(Occur.Must, query) for query in must]


def _tiers(searcher: tantivy.Searcher, question: Question, anywhere: Sequence[Clause]) -> Iterator[list[Clause]]:
    """Each narrower than the next; what an earlier one gives is not given again."""
    narrower: list[list[Clause]] = []
    if question.code:
        narrower.append([(Occur.Must, _term("code", question.code))])
    if question.marked:
        narrower.append(_every(searcher, question, "head", marked=True))
    narrower.append(_every(searcher, question, "head", marked=False))
    if question.marked:
        narrower.append([*_every(searcher, question, "text", marked=True), *anywhere])
    given: list[Clause] = []
    for tier in narrower:
        yield [*tier, *given]
        given.append((Occur.MustNot, Query.boolean_query(tier)))
    yield [*anywhere, *given]


def _every(searcher: tantivy.Searcher, question: Question, name: str, *, marked: bool) -> list[Clause]:
    """Every wish of a question in one field. With marks only what was typed itself counts, not what it stands for."""
    clauses = []
    for wish in question.wishes:
        if marked and not wish.without:
            query = _marked(searcher, name, wish)
        else:
            query = _plain(searcher, "text" if wish.without else name, wish)
        clauses.append((Occur.MustNot if wish.without else Occur.Must, query))
    return clauses


def _plain(searcher: tantivy.Searcher, name: str, wish: Wish) -> Query:
    """The words without marks; in the whole text also what they stand for, so that it comes last."""
    ways = [_said(searcher, name, wish.plain, begins=wish.begins)]
    if name == "text":
        ways += [_said(searcher, name, other) for other in wish.others]
    return _any(ways)


def _marked(searcher: tantivy.Searcher, name: str, wish: Wish) -> Query:
    """The words as they were typed. Where places are not kept, that each is there: the folded words say the order."""
    name = f"{name}_marked"
    if name != "text_marked":
        return _said(searcher, name, wish.written, begins=wish.begins)
    *first, last = wish.written
    must = [*(_term(name, word) for word in first), _said(searcher, name, (last,), begins=wish.begins)]
    return Query.boolean_query([(Occur.Must, query) for query in must])


def _said(searcher: tantivy.Searcher, name: str, span: Span, *, begins: bool = False) -> Query:
    """Words one after the other; `begins`: the last of them may go on."""
    in_pairs = words.pairs(span)
    if not begins:
        return _in_turn(f"{name}_pairs", in_pairs) if in_pairs else _term(name, span[0])
    if in_pairs:
        return _beginning(searcher, f"{name}_pairs", in_pairs[-1], after=in_pairs[:-1])
    if len(span[0]) in words.BEGINNINGS:
        return _term(name, words.beginning(span[0]))
    return _beginning(searcher, name, span[0])


def _beginning(searcher: tantivy.Searcher, name: str, begun: str, *, after: Sequence[str] = ()) -> Query:
    """A few words that begin so are asked for each by itself, which is much quicker. Words are letters and digits alone, pairs
    are joined by a stroke, so they are a pattern that means itself. `after`: what stands before; then each is asked for however
    many there are, for the engine's own query of this kind looks at the first fifty words only."""
    known = searcher.terms_with_prefix(name, begun, limit=None if after else EXPANDED + 1)
    if after or len(known) <= EXPANDED:
        return _any(_in_turn(name, [*after, word]) for word, _ in known)
    return Query.regex_query(schema(), name, f"{begun}.*")


def _in_turn(name: str, said: list[str]) -> Query:
    return _term(name, said[0]) if len(said) == 1 else Query.phrase_query(schema(), name, [*said])


def _term(name: str, value: str) -> Query:
    return Query.term_query(schema(), name, value, index_option="basic")


def _any(ways: Iterable[Query]) -> Query:
    found = list(ways)
    if not found:
        return Query.empty_query()
    return found[0] if len(found) == 1 else Query.boolean_query([(Occur.Should, way) for way in found])
