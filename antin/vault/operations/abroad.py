"""Across nodes: contents go as they are sealed, their keys closed to the readers of an agency that is not of this node."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.files.models import File
from antin.journal import operations as journal
from antin.keys import pki
from antin.keys import queries as certificates
from antin.keys.models import Certificate
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.vault import policy, queries, suites
from antin.vault.models import Classified, Decision, HandedAbroad, Reader, RecoveryKey, SealedContent, WordList, Wrap
from antin.vault.operations.contents import Unlocked
from antin.vault.states import Change, Level, Need, Part

MOST_WORDS = 100_000
"""Bytes of sealed word lists that travel along; beyond that a thing is found by its row alone."""


class NotAHolding(Refusal):
    """What another node says it has sealed to us is not of the form, or was not sealed to us."""

    code = "not_a_holding"
    words = _("Gói mật không đúng dạng: %(what)s.")


class SealedToNobodyHere(Refusal):
    code = "sealed_to_nobody_here"
    words = _(
        "Văn bản mật không được niêm phong cho người nào đang được phép đọc tại cơ quan này; đề nghị nơi gửi gửi lại."
    )


@dataclass(frozen=True)
class Abroad:
    """Whom in an agency of another node contents are sealed to: its readers' certificates, and its recovery key (both DER)."""

    agency_code: str
    readers: tuple[bytes, ...]
    recovery: bytes


def name_of(der: bytes) -> str:
    """What names a certificate or a public key on the way."""
    return hashlib.sha256(der).hexdigest()


@transaction.atomic
def hand_abroad(
    *,
    unlocked: Unlocked,
    to: Abroad,
    parts: Iterable[str],
    without: Collection[int] = (),
    actor: Actor,
    at: datetime,
) -> HandedAbroad:
    """Give an agency of another node what the actor has unlocked: the same sealed bytes, their keys closed to its own readers.

    No file goes whose number is `without`. Once for each agency; repeating it gives the same.

    :raises NotFound: NotCleared: NotAllowed: as in `hand_over`
    """
    origin = queries.lock(unlocked.classified_id)
    refuse(policy.why_not_pass_on(actor, origin, queries.find_reader(origin.pk, actor.person_id)))
    there = queries.find_handed_abroad(origin.pk, to.agency_code)
    if there is not None:
        return there
    contents = queries.list_leaving(origin.pk, parts, without)
    lists = _word_lists(contents)
    told = {
        "level": origin.level,
        "fixed_on": origin.fixed_on.isoformat(),
        "until": origin.protected_until.isoformat(),
        "recovery": name_of(to.recovery),
        "contents": [_closed(each, unlocked.keys[each.pk], to, lists) for each in contents],
    }
    made = HandedAbroad.objects.create(classified=origin, agency_code=to.agency_code, told=told, handed_at=at)
    journal.record(
        "classified.handed_abroad",
        subject=("classified", origin.pk),
        actor=actor,
        at=at,
        agency_id=origin.agency_id,
        to=to.agency_code,
        level=origin.level,
        readers=len(to.readers),
    )
    return made


def _word_lists(contents: list[SealedContent]) -> dict[str, bytes]:
    found = {
        row.file_id: bytes(row.sealed) for row in WordList.objects.filter(file__in=[each.file_id for each in contents])
    }
    return found if sum(map(len, found.values())) <= MOST_WORDS else {}


def _closed(content: SealedContent, key: bytes, to: Abroad, lists: Mapping[str, bytes]) -> dict[str, Any]:
    suite = suites.named(content.suite)
    return {
        "part": content.part,
        "number": content.number,
        "media_type": content.media_type,
        "suite": content.suite,
        "file": content.file_id,
        "words": base64.b64encode(lists.get(content.file_id, b"")).decode(),
        "locks": {name_of(der): base64.b64encode(suite.lock_for(key, der)).decode() for der in to.readers},
        "recovery": base64.b64encode(suite.lock_to(key, pki.read_public(to.recovery))).decode(),
    }


@dataclass(frozen=True)
class _Came:
    """One content as another node closed it to us."""

    part: Part
    number: int
    media_type: str
    suite: str
    file: str
    words: bytes
    locks: dict[str, bytes]
    recovery: bytes


def _read(told: dict[str, Any], files: Collection[str]) -> list[_Came]:
    """The contents, each of a known part and suite, of bytes that came, with locks of the form. :raises NotAHolding:"""
    try:
        found = [
            _Came(
                part=Part(each["part"]),
                number=_count(each["number"]),
                media_type=str(each["media_type"])[:100],
                suite=str(each["suite"]),
                file=str(each["file"]),
                words=base64.b64decode(each["words"], validate=True),
                locks={name: base64.b64decode(lock, validate=True) for name, lock in each["locks"].items()},
                recovery=base64.b64decode(each["recovery"], validate=True),
            )
            for each in told["contents"]
        ]
        for each in found:
            suite = suites.named(each.suite)
            for lock in (*each.locks.values(), each.recovery):
                suite.wrapped(lock)
    except (suites.Tampered, KeyError, TypeError, ValueError, AttributeError, binascii.Error) as trouble:
        raise NotAHolding(what=gettext("không đọc được")) from trouble
    if len({(each.part, each.number) for each in found}) != len(found) or Part.PAGES not in {
        each.part for each in found
    }:
        raise NotAHolding(what=gettext("thiếu hoặc trùng nội dung"))
    if any(each.file not in files for each in found):
        raise NotAHolding(what=gettext("thiếu tệp niêm phong"))
    return found


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10_000:
        raise ValueError(value)
    return value


@transaction.atomic
def take_from_abroad(
    *,
    agency_id: int,
    came_from: str,
    told: dict[str, Any],
    files: Collection[str],
    persons: Mapping[int, str],
    actor: Actor | None,
    at: datetime,
) -> Classified:
    """Keep as this agency's holding what another node sealed to its readers; `persons` may become such, each with his need.

    Nobody here decides over its level. :raises NotAHolding: :raises SealedToNobodyHere:
    """
    contents = _read(told, files)
    try:
        level, fixed_on, until = (
            Level(told["level"]),
            date.fromisoformat(told["fixed_on"]),
            date.fromisoformat(told["until"]),
        )
        recovery_name = str(told["recovery"])
        if until <= fixed_on:
            raise ValueError(until)
    except (KeyError, TypeError, ValueError) as trouble:
        raise NotAHolding(what=gettext("độ mật, thời hạn")) from trouble
    keys = [
        each for each in RecoveryKey.objects.filter(agency_id=agency_id) if name_of(bytes(each.public)) == recovery_name
    ]
    if not keys:
        raise NotAHolding(what=gettext("không niêm phong cho khóa phục hồi của cơ quan"))
    openers = _openers(contents, persons, at)
    if not openers:
        raise SealedToNobodyHere()
    held = Classified.objects.create(
        agency_id=agency_id,
        level=level,
        fixed_on=fixed_on,
        protected_until=until,
        recovery_key=keys[0],
        begun_at=at,
        came_from=came_from[:300],
    )
    Decision.objects.create(
        classified=held,
        change=Change.FIXED,
        level_after=level,
        protected_until=until,
        decided_on=fixed_on,
        recorded_at=at,
    )
    readers = {
        person_id: Reader.objects.create(
            classified=held, person_id=person_id, need=Need(persons[person_id]), added_at=at
        )
        for person_id in {certificate.person_id for certificate in openers}
        if person_id is not None
    }
    for each in contents:
        file = File.objects.get(pk=each.file)
        content = SealedContent.objects.create(
            classified=held,
            part=each.part,
            number=each.number,
            version=1,
            media_type=each.media_type,
            suite=each.suite,
            file=file,
            sealed_at=at,
        )
        if each.words:
            WordList.objects.get_or_create(file=file, defaults={"sealed": each.words})
        Wrap.objects.bulk_create(
            [
                *(
                    Wrap(
                        content=content,
                        reader=readers[certificate.person_id or 0],
                        certificate=certificate,
                        lock=each.locks[name_of(bytes(certificate.certificate))],
                    )
                    for certificate in openers
                ),
                Wrap(content=content, recovery_key=keys[0], lock=each.recovery),
            ]
        )
    journal.record(
        "classified.came_from_abroad",
        subject=("classified", held.pk),
        actor=actor,
        at=at,
        agency_id=agency_id,
        sender=came_from,
        level=level,
        readers=len(readers),
    )
    return held


def _openers(contents: list[_Came], persons: Mapping[int, str], at: datetime) -> list[Certificate]:
    """The certificates of these persons to which every content is closed, still good now."""
    everywhere = set.intersection(*(set(each.locks) for each in contents))
    held = certificates.list_encryption_certificates(persons, at)
    return [each for each in held if name_of(bytes(each.certificate)) in everywhere]
