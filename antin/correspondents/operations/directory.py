"""Keeping the directory of outside agencies: by hand, and from the list a line gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.correspondents import policy, queries
from antin.correspondents.models import Correspondent, Spelling
from antin.correspondents.states import OUTSIDE, Source
from antin.identifiers.text import clean_line, fold
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.people.names import sort_key_of_words
from antin.refusal import Refusal, refuse

LONGEST_CODE = 64
LONGEST_NAME = 300
BATCH = 1000


class CorrespondentNeedsName(Refusal):
    code = "correspondent_needs_name"
    words = _("Ghi đủ tên cơ quan (tối đa 300 ký tự) và mã định danh (tối đa 64 ký tự, không có dấu cách).")


class CorrespondentCodeTaken(Refusal):
    code = "correspondent_code_taken"
    words = _("Mã %(value)s đã chỉ %(name)s; một mã không chỉ hai cơ quan.")


class NoSuchChannel(Refusal):
    code = "no_such_channel"
    words = _("Không có kênh “%(channel)s”.")


class CorrespondentClosed(Refusal):
    code = "correspondent_closed"
    words = _("%(name)s đã đóng trong danh bạ.")


class IntoItself(Refusal):
    code = "correspondent_into_itself"
    words = _("Cơ quan kế tiếp phải khác %(name)s và đang hoạt động.")


@dataclass(frozen=True)
class Listed:
    """One body as a list names it: the code it goes by now, and every other spelling."""

    code: str
    name: str
    spellings: tuple[str, ...] = ()
    parent_code: str = ""
    email: str = ""


@dataclass(frozen=True)
class Taken:
    """What a list changed: how many were new, changed, closed; codes of the list that were passed over."""

    new: int = 0
    changed: int = 0
    closed: int = 0
    passed_over: tuple[str, ...] = ()


def _code(value: str) -> str:
    value = clean_line(value)
    return value if 0 < len(value) <= LONGEST_CODE and " " not in value else ""


def _search_text(name: str, spellings: Sequence[str]) -> str:
    return fold(f"{name} {' '.join(spellings)}")[:600]


def _sort_key(name: str) -> str:
    return sort_key_of_words(name)[:300]


def _channel(channel: str) -> str:
    if channel not in [way.value for way in OUTSIDE]:
        raise NoSuchChannel(channel=channel)
    return channel


def _spell(correspondent: Correspondent, spellings: Sequence[str]) -> list[str]:
    """Make the spellings of an outside agency exactly these and its code. :raises CorrespondentCodeTaken:"""
    wanted = list(dict.fromkeys([correspondent.code, *(text for each in spellings if (text := _code(each)))]))
    taken = (
        Spelling.objects.select_related("correspondent").filter(value__in=wanted).exclude(correspondent=correspondent)
    )
    other = taken.first()
    if other is not None:
        raise CorrespondentCodeTaken(value=other.value, name=other.correspondent.name)
    correspondent.spellings.exclude(value__in=wanted).delete()
    Spelling.objects.bulk_create(
        [Spelling(value=value, correspondent=correspondent) for value in wanted], ignore_conflicts=True
    )
    return wanted


@transaction.atomic
def enter(
    *,
    code: str,
    name: str,
    channel: str,
    line: str = "",
    spellings: Sequence[str] = (),
    parent_code: str = "",
    email: str = "",
    source: str = Source.HAND,
    actor: Actor | None,
    at: datetime,
) -> Correspondent:
    """Enter an outside agency in the directory.

    :raises NotAllowed: the actor does not keep the directory
    :raises CorrespondentNeedsName: :raises NoSuchChannel:
    :raises CorrespondentCodeTaken: the code, or a spelling of it, means another
    """
    refuse(policy.why_not_keep(actor))
    name, value = clean_line(name), _code(code)
    if not name or len(name) > LONGEST_NAME or not value:
        raise CorrespondentNeedsName()
    there = queries.find_by_code(value)
    if there is not None:
        raise CorrespondentCodeTaken(value=value, name=there.name)
    made = Correspondent.objects.create(
        code=value,
        name=name,
        parent_code=_code(parent_code),
        email=clean_line(email)[:200],
        channel=_channel(channel),
        line=clean_line(line)[:60],
        source=source,
        changed_at=at,
        sort_key=_sort_key(name),
        search_text="",
    )
    made.search_text = _search_text(name, _spell(made, spellings))
    made.save(update_fields=["search_text"])
    journal.record(
        "correspondent.entered",
        subject=("correspondent", made.pk),
        actor=actor,
        at=at,
        code=value,
        name=name,
        channel=channel,
        line=line,
    )
    return made


@transaction.atomic
def change(
    *,
    correspondent_id: int,
    name: str,
    channel: str,
    line: str = "",
    spellings: Sequence[str] = (),
    email: str = "",
    actor: Actor | None,
    at: datetime,
) -> Correspondent:
    """Change what an outside agency is called, the spellings of its code, or the way to it; its code stays.

    :raises NotAllowed: :raises NotFound: :raises CorrespondentClosed: :raises CorrespondentNeedsName:
    :raises CorrespondentCodeTaken: a spelling means another
    """
    refuse(policy.why_not_keep(actor))
    found = queries.lock(correspondent_id)
    if found.closed_at is not None:
        raise CorrespondentClosed(name=found.name)
    name = clean_line(name)
    if not name or len(name) > LONGEST_NAME:
        raise CorrespondentNeedsName()
    was, before = found.name, {name: getattr(found, name) for name in ("channel", "line", "email")}
    found.name, found.channel, found.line = name, _channel(channel), clean_line(line)[:60]
    found.email = clean_line(email)[:200]
    found.sort_key, found.changed_at = _sort_key(name), at
    found.search_text = _search_text(name, _spell(found, spellings))
    found.save()
    journal.record(
        "correspondent.changed",
        subject=("correspondent", found.pk),
        actor=actor,
        at=at,
        was=was,
        before=before,
        name=name,
        channel=channel,
        line=line,
        email=found.email,
    )
    return found


@transaction.atomic
def close(
    *, correspondent_id: int, successor_id: int | None = None, actor: Actor | None, at: datetime
) -> Correspondent:
    """Take an outside agency out of the directory, naming who stands in its place; old papers go on naming it.

    :raises NotAllowed: :raises NotFound: :raises CorrespondentClosed: :raises IntoItself: the successor is closed, or itself
    """
    refuse(policy.why_not_keep(actor))
    locked = {each: queries.lock(each) for each in sorted({correspondent_id, successor_id or correspondent_id})}
    found = locked[correspondent_id]
    if found.closed_at is not None:
        raise CorrespondentClosed(name=found.name)
    successor = locked[successor_id] if successor_id is not None else None
    if successor is not None and (successor.pk == found.pk or successor.closed_at is not None):
        raise IntoItself(name=found.name)
    found.closed_at, found.successor, found.changed_at = at, successor, at
    found.save(update_fields=["closed_at", "successor", "changed_at"])
    journal.record(
        "correspondent.closed",
        subject=("correspondent", found.pk),
        actor=actor,
        at=at,
        name=found.name,
        successor=successor.name if successor else "",
    )
    return found


@transaction.atomic
def open_again(*, correspondent_id: int, channel: str, line: str, actor: Actor | None, at: datetime) -> Correspondent:
    """Take an outside agency back into the directory, by the way that leads there now; one that is open is left alone.

    :raises NotAllowed: :raises NotFound:
    """
    refuse(policy.why_not_keep(actor))
    found = queries.lock(correspondent_id)
    if found.closed_at is None:
        return found
    found.closed_at, found.successor, found.changed_at = None, None, at
    found.channel, found.line = _channel(channel), clean_line(line)[:60]
    found.save(update_fields=["closed_at", "successor", "changed_at", "channel", "line"])
    journal.record(
        "correspondent.opened",
        subject=("correspondent", found.pk),
        actor=actor,
        at=at,
        name=found.name,
        channel=channel,
        line=line,
    )
    return found


@transaction.atomic
def take_list(
    *,
    listed: Sequence[Listed],
    channel: str,
    line: str,
    without: Sequence[str] = (),
    source: str = Source.LIST,
    actor: Actor | None,
    at: datetime,
) -> Taken:
    """Make the directory agree with a line's whole list: new ones entered, changed ones changed, those gone closed.

    What was entered by hand, or leads another way, is never changed. `without` are the node's own codes. A list that has lost more
    than half of what it held closes nothing: it is more likely cut than true.

    :raises NotAllowed: the actor does not keep the directory
    """
    refuse(policy.why_not_keep(actor))
    _channel(channel)
    own = set(without)
    rows: dict[str, Listed] = {}
    passed: list[str] = []
    for each in listed:
        code = _code(each.code)
        if not code or not clean_line(each.name) or code in rows:
            passed.append(each.code)
        elif code not in own and not own.intersection(each.spellings):
            rows[code] = each
    held = {row.code: row for row in Correspondent.objects.select_for_update().filter(channel=channel, line=line)}
    mine = {code for code, row in held.items() if row.source == source}
    meant = dict(Spelling.objects.values_list("value", "correspondent__code"))
    fresh, changed = [], []
    for code, each in rows.items():
        name = clean_line(each.name)[:LONGEST_NAME]
        row = held.get(code)
        if row is None and (code in meant):
            passed.append(code)  # by hand, or by another line
            continue
        if row is None:
            row = Correspondent(code=code, channel=channel, line=line, source=source)
            fresh.append(row)
        elif code not in mine:
            continue
        wanted = _spellings_of(code, each, rows, meant)
        told = (name, _code(each.parent_code), clean_line(each.email)[:200], _search_text(name, wanted), None)
        if row.pk is None or told != (row.name, row.parent_code, row.email, row.search_text, row.closed_at):
            row.name, row.parent_code, row.email, row.search_text, row.closed_at = told
            row.successor, row.sort_key, row.changed_at = None, _sort_key(name), at
            if row.pk is not None:
                changed.append(row)
    Correspondent.objects.bulk_create(fresh, batch_size=BATCH)
    Correspondent.objects.bulk_update(
        changed,
        ["name", "parent_code", "email", "search_text", "closed_at", "successor", "sort_key", "changed_at"],
        batch_size=BATCH,
    )
    Spelling.objects.filter(correspondent__in=changed).delete()
    Spelling.objects.bulk_create(
        [
            Spelling(value=value, correspondent=row)
            for row in [*fresh, *changed]
            for value in _spellings_of(row.code, rows[row.code], rows, meant)
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    closed = _close_gone([held[code] for code in sorted(mine - set(rows))], len(mine), at)
    taken = Taken(len(fresh), len(changed), closed, tuple(passed))
    if fresh or changed or closed:
        journal.record(
            "correspondents.listed",
            subject=("line", 0),
            actor=actor,
            at=at,
            channel=channel,
            line=line,
            new=taken.new,
            changed=taken.changed,
            closed=taken.closed,
        )
    return taken


def _spellings_of(code: str, each: Listed, rows: dict[str, Listed], meant: dict[str, str]) -> list[str]:
    """The code and those of its other spellings that are nobody else's."""
    others = [text for spelling in each.spellings if (text := _code(spelling))]
    return list(dict.fromkeys([code, *(text for text in others if text not in rows and meant.get(text, code) == code)]))


def _close_gone(gone: list[Correspondent], held: int, at: datetime) -> int:
    open_ones = [row for row in gone if row.closed_at is None]
    if not open_ones or len(gone) * 2 > held:
        return 0
    Correspondent.objects.filter(pk__in=[row.pk for row in open_ones]).update(closed_at=at, changed_at=at)
    return len(open_ones)


@transaction.atomic
def take_table(*, listed: Sequence[Listed], channel: str, line: str, actor: Actor | None, at: datetime) -> Taken:
    """Enter or change the outside agencies of a table that an administrator brings; all of it or nothing.

    :raises NotAllowed: :raises CorrespondentNeedsName: :raises CorrespondentCodeTaken: :raises NoSuchChannel:
    :raises CorrespondentClosed: one of them was closed here
    """
    new = changed = 0
    for each in listed:
        there = queries.find_by_code(each.code)
        if there is None:
            enter(
                code=each.code,
                name=each.name,
                channel=channel,
                line=line,
                spellings=each.spellings,
                parent_code=each.parent_code,
                email=each.email,
                actor=actor,
                at=at,
            )
            new += 1
        else:
            change(
                correspondent_id=there.pk,
                name=each.name,
                channel=channel,
                line=line,
                spellings=[*each.spellings, *queries.list_spellings([there.pk]).get(there.pk, [])],
                email=each.email or there.email,
                actor=actor,
                at=at,
            )
            changed += 1
    return Taken(new, changed)
