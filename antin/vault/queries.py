"""Reading the vault's rows: what is sealed, to whom, its register of copies. Opening a content is an act, so not here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q

from antin.keys import queries as keys
from antin.keys.models import Certificate
from antin.keys.states import Device
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.models import Person
from antin.refusal import NotFound, Refusal, refuse
from antin.vault import policy
from antin.vault.models import (
    Classified,
    Copy,
    Decision,
    Destruction,
    HandedAbroad,
    PassedHalf,
    Reader,
    Reading,
    Recovery,
    RecoveryHalf,
    RecoveryKey,
    SealedContent,
    WordList,
    Wrap,
)
from antin.vault.states import Ceremony, Part, Status, Use


@dataclass(frozen=True)
class Opener:
    """Somebody contents are sealed to: his row as a reader, and the certificate that counts now."""

    reader: Reader
    certificate: Certificate


def get_for(actor: Actor, classified_id: int) -> Classified:
    """Return what the actor may open. :raises NotFound: absent, not his to know, or above his clearance"""
    related = ("agency", "origin__agency", "begun_by")
    found = Classified.objects.select_related(*related).filter(policy.visible_to(actor), pk=classified_id).first()
    if found is None:
        raise NotFound(classified_id=classified_id)
    return found


def list_for(actor: Actor, *, before: int | None = None, limit: int = 50) -> tuple[list[Classified], int | None]:
    """Return what the actor reads, the newest first, and from which number on the next page goes (None: no more)."""
    held = Classified.objects.filter(policy.visible_to(actor)).select_related("agency")
    if before is not None:
        held = held.filter(pk__lt=before)
    rows = list(held.order_by("-id")[: limit + 1])
    return rows[:limit], rows[limit - 1].pk if len(rows) > limit else None


def lock(classified_id: int) -> Classified:
    """Return one, locked. :raises NotFound:"""
    found = Classified.objects.select_for_update().filter(pk=classified_id).first()
    if found is None:
        raise NotFound(classified_id=classified_id)
    return found


def get(classified_id: int) -> Classified:
    """Return one. :raises NotFound:"""
    found = Classified.objects.filter(pk=classified_id).first()
    if found is None:
        raise NotFound(classified_id=classified_id)
    return found


def find_reader(classified_id: int, person_id: int) -> Reader | None:
    """Return the row by which a person reads it now."""
    return Reader.objects.filter(classified_id=classified_id, person_id=person_id, removed_at=None).first()


def list_readers(classified_id: int, *, former: bool = False) -> list[Reader]:
    """Return who reads it now (or who once did), in the order they came."""
    readers = Reader.objects.filter(classified_id=classified_id, removed_at__isnull=not former)
    return list(readers.select_related("person", "added_by", "removed_by").order_by("added_at", "id"))


def list_openers(classified: Classified, *, on: date, at: datetime) -> list[Opener]:
    """Return the readers to whom new contents are sealed: cleared that day, with a certificate that is good now."""
    found = []
    for reader in list_readers(classified.pk):
        clearance = people.clearance_on(reader.person, on)
        if policy.why_not_become_reader(reader.person.name, clearance, classified.asked_level) is not None:
            continue
        certificate = keys.find_encryption_certificate(reader.person_id, at)
        if certificate is not None:
            found.append(Opener(reader, certificate))
    return found


def why_not_read(person_id: int, level: int, *, on: date, at: datetime) -> Refusal | None:
    """Why a person could not be made a reader of something of this level now; None when he could."""
    person = people.get_person(person_id)
    refusal = policy.why_not_become_reader(person.name, people.clearance_on(person, on), level)
    if refusal is None and keys.find_encryption_certificate(person_id, at) is None:
        return policy.NoEncryptionCertificate(name=person.name)
    return refusal


def find_origin(classified_id: int) -> Classified | None:
    """Return what an agency's holding came from, when another began it."""
    return Classified.objects.filter(holdings__pk=classified_id).first()


def find_holding(classified_id: int, agency_id: int) -> Classified | None:
    """Return what an agency was given of a thing that another began."""
    return Classified.objects.filter(origin_id=classified_id, agency_id=agency_id).first()


def find_handed_abroad(classified_id: int, agency_code: str) -> HandedAbroad | None:
    """Return what an agency of another node was handed of a thing."""
    return HandedAbroad.objects.filter(classified_id=classified_id, agency_code=agency_code).first()


def lock_holdings(classified_id: int) -> list[Classified]:
    """Lock and return what other agencies hold of it and protect, and what they passed on, those nearest to it first."""
    found: list[Classified] = []
    above = [classified_id]
    while above:
        held = (
            Classified.objects.select_for_update().filter(origin_id__in=above, status=Status.PROTECTED).order_by("pk")
        )
        below = list(held)
        found += below
        above = [each.pk for each in below]
    return found


def list_holdings(classified_id: int) -> list[Classified]:
    """Return what other agencies hold of it, and what they passed on."""
    found: list[Classified] = []
    above = [classified_id]
    while above:
        below = list(Classified.objects.filter(origin_id__in=above).order_by("pk"))
        found += below
        above = [each.pk for each in below]
    return found


def next_number(classified_id: int, part: str) -> int:
    """Return the number of the next content of a part, under the lock of what it belongs to."""
    kept = SealedContent.objects.filter(classified_id=classified_id, part=part).order_by("-number")
    return 1 + (kept.values_list("number", flat=True).first() or 0)


def list_lagging(classified: Classified, at: datetime) -> dict[int, int]:
    """Return by person how many contents are not sealed to the key that counts for him now: lost, replaced or never had."""
    every = SealedContent.objects.filter(classified=classified).count()
    lagging = {}
    for reader in list_readers(classified.pk):
        certificate = keys.find_encryption_certificate(reader.person_id, at)
        missing = every - Wrap.objects.filter(reader=reader, certificate=certificate).count() if certificate else every
        if missing:
            lagging[reader.person_id] = missing
    return lagging


def get_content(content_id: int) -> SealedContent:
    """Return one content with what it belongs to. :raises NotFound:"""
    found = SealedContent.objects.select_related("classified").filter(pk=content_id).first()
    if found is None:
        raise NotFound(content_id=content_id)
    return found


def list_contents(actor: Actor, classified_id: int) -> list[SealedContent]:
    """Return the newest version of each part the actor may open. :raises NotFound:"""
    get_for(actor, classified_id)
    return list_newest(classified_id)


def is_sealed_file(digest: str) -> bool:
    """Tell whether a kept file is the sealed bytes of some content."""
    return SealedContent.objects.filter(file_id=digest).exists()


def list_newest(classified_id: int) -> list[SealedContent]:
    """Return the newest version of each part, in the order of parts and numbers."""
    contents = SealedContent.objects.filter(classified_id=classified_id)
    return list(contents.order_by("part", "number", "-version").distinct("part", "number"))


def list_leaving(classified_id: int, parts: Iterable[str], without: Collection[int]) -> list[SealedContent]:
    """Return the newest version of what goes to a recipient: these parts, but no file whose number is `without`."""
    wanted = frozenset(parts)
    return [
        each
        for each in list_newest(classified_id)
        if each.part in wanted and not (each.part in (Part.ATTACHMENT, Part.NAME) and each.number in without)
    ]


def list_all_contents(classified_id: int) -> list[SealedContent]:
    """Return every version of every part, in order of sealing."""
    return list(SealedContent.objects.filter(classified_id=classified_id).order_by("id"))


def list_searched(
    actor: Actor, *, most: int, before: int | None = None
) -> tuple[list[SealedContent], dict[str, bytes], int]:
    """Return the newest contents with words of what the actor may open, their sealed word lists by file, and how much is left out.

    The newest `most` things are looked at, or those older than the one `before`.
    """
    held = Classified.objects.filter(policy.visible_to(actor)).exclude(status=Status.DESTROYED)
    if before is not None:
        held = held.filter(pk__lt=before)
    ids = list(held.order_by("-id").values_list("pk", flat=True)[:most])
    left = max(0, held.count() - len(ids)) if len(ids) == most else 0
    order = ("classified_id", "part", "number")
    newest = SealedContent.objects.filter(classified_id__in=ids).order_by(*order, "-version").distinct(*order)
    contents = list(newest)
    lists = WordList.objects.filter(file_id__in=[content.file_id for content in contents])
    sealed = {file_id: bytes(found) for file_id, found in lists.values_list("file_id", "sealed")}
    return [content for content in contents if content.file_id in sealed], sealed, left


def list_passed(newest: SealedContent) -> list[SealedContent]:
    """Return the saves on the way that this version takes the place of: handed on to nobody, opened by nobody."""
    older = SealedContent.objects.filter(classified_id=newest.classified_id, part=newest.part, number=newest.number)
    return list(older.filter(passing=True, version__lt=newest.version, readings=None).order_by("version"))


def why_gone(contents: list[SealedContent]) -> Refusal | None:
    """Tell that one of these was a save on the way whose place another took meanwhile."""
    ids = [each.pk for each in contents]
    return None if SealedContent.objects.filter(pk__in=ids).count() == len(ids) else policy.ChangedMeanwhile()


def lock_present(contents: Iterable[int]) -> set[int]:
    """Lock contents so that none of them goes before this transaction ends; which there still are."""
    found = SealedContent.objects.select_for_update(no_key=True).filter(pk__in=list(contents)).order_by("pk")
    return set(found.values_list("pk", flat=True))


def next_version(classified_id: int, part: str, number: int) -> int:
    """Return the number of the next version of a part, under the lock of what it belongs to."""
    kept = SealedContent.objects.filter(classified_id=classified_id, part=part, number=number)
    return 1 + (kept.order_by("-version").values_list("version", flat=True).first() or 0)


def list_wraps_of(person_id: int, contents: Iterable[SealedContent]) -> list[Wrap]:
    """Return the wraps by which a person opens contents, his newest certificate first."""
    wraps = Wrap.objects.filter(content__in=contents, reader__person_id=person_id, reader__removed_at=None)
    return list(
        wraps.select_related("certificate__device", "content").order_by("content_id", "-certificate__not_before", "-id")
    )


def is_held_elsewhere(person_id: int, at: datetime) -> bool:
    """Tell whether the key that counts for a person now lies on a device of his own, out of the node's reach."""
    certificate = keys.find_encryption_certificate(person_id, at)
    return certificate is not None and certificate.device.kind == Device.AGENT


def list_old_wraps(person_id: int, certificate_id: int, newest_id: int) -> list[Wrap]:
    """Return the wraps of a replaced certificate whose contents are not sealed to the newest yet."""
    wraps = Wrap.objects.filter(reader__person_id=person_id, reader__removed_at=None, certificate_id=certificate_id)
    done = Wrap.objects.filter(certificate_id=newest_id).values("content_id")
    return list(wraps.exclude(content_id__in=done).select_related("content").order_by("id"))


@dataclass(frozen=True)
class Holding:
    """How much is sealed to one of a person's certificates, and how much of it not yet to his newest."""

    contents: int
    behind: int


def count_sealed_to(person_id: int, at: datetime) -> dict[int, Holding]:
    """Return by certificate how many contents a person may open with it; of an older one, how many his newest does not open."""
    own = Wrap.objects.filter(reader__person_id=person_id, reader__removed_at=None)
    sealed = dict(own.values_list("certificate_id").annotate(n=Count("id")))
    newest = keys.find_encryption_certificate(person_id, at)
    if newest is None:
        return {certificate_id: Holding(n, 0) for certificate_id, n in sealed.items() if certificate_id is not None}
    done = Wrap.objects.filter(certificate_id=newest.pk).values("content_id")
    behind = dict(own.exclude(content_id__in=done).values_list("certificate_id").annotate(n=Count("id")))
    return {
        certificate_id: Holding(n, behind.get(certificate_id, 0))
        for certificate_id, n in sealed.items()
        if certificate_id is not None
    }


def list_recovery_wraps(classified_id: int, key_id: int) -> list[Wrap]:
    """Return the wraps of all contents for a recovery key."""
    wraps = Wrap.objects.filter(content__classified_id=classified_id, recovery_key_id=key_id)
    return list(wraps.select_related("content").order_by("content_id"))


def list_all_wraps(content_id: int) -> list[Wrap]:
    """Return every wrap of a content."""
    return list(Wrap.objects.filter(content_id=content_id).order_by("id"))


def find_recovery_key(agency_id: int) -> RecoveryKey | None:
    """Return the recovery key of an agency that counts now."""
    return RecoveryKey.objects.filter(agency_id=agency_id, retired_at=None).first()


def get_recovery_key(agency_id: int) -> RecoveryKey:
    """Return the recovery key of an agency that counts now. :raises NoRecoveryKey:"""
    found = find_recovery_key(agency_id)
    if found is None:
        raise policy.NoRecoveryKey(name=people.get_agency(agency_id).name)
    return found


def list_officers(key_id: int) -> set[int]:
    """Return the persons who keep a recovery key."""
    return set(RecoveryHalf.objects.filter(recovery_key_id=key_id).values_list("officer_id", flat=True))


@dataclass(frozen=True)
class Keeping:
    """A recovery key and the officers who keep it; `things` is how much that is still protected it can bring back."""

    key: RecoveryKey
    officers: list[Person]
    things: int


def list_keepings(agency_ids: Iterable[int], *, retired: bool = False) -> list[Keeping]:
    """Return the recovery keys of agencies that count now; `retired` adds older ones that something protected still needs."""
    found = RecoveryKey.objects.filter(agency_id__in=agency_ids).select_related("agency", "established_by")
    protected = Classified.objects.filter(status=Status.PROTECTED, recovery_key__in=found)
    things = dict(protected.values_list("recovery_key_id").annotate(n=Count("id")))
    counting = [key for key in found.order_by("-id") if key.retired_at is None or (retired and key.pk in things)]
    officers: dict[int, dict[int, Person]] = {}
    for half in RecoveryHalf.objects.filter(recovery_key__in=counting).select_related("officer").order_by("id"):
        officers.setdefault(half.recovery_key_id, {})[half.officer_id] = half.officer
    return [Keeping(key, list(officers.get(key.pk, {}).values()), things.get(key.pk, 0)) for key in counting]


def keeps_recovery_key(person_id: int) -> bool:
    """Tell whether a person keeps a part of some agency's recovery key."""
    return RecoveryHalf.objects.filter(officer_id=person_id).exists()


def list_recoverable(actor: Actor, *, limit: int = 200) -> list[Classified]:
    """Return what the head of the agency may have brought to somebody: what is protected there, read by him or not."""
    if policy.why_not_head(actor) is not None:
        return []
    held = Classified.objects.filter(agency_id=actor.agency_id, status=Status.PROTECTED)
    return list(held.annotate(reading=Count("readers", filter=Q(readers__removed_at=None))).order_by("-id")[:limit])


def list_recoveries(actor: Actor, *, limit: int = 50) -> list[Recovery]:
    """Return the recoveries of the agency that the actor asked for as its head, may officiate in, or is the object of."""
    keys_kept = RecoveryHalf.objects.filter(officer_id=actor.person_id).values("recovery_key_id")
    mine = Q(person_id=actor.person_id) | Q(recovery_key_id__in=keys_kept)
    if policy.why_not_head(actor) is None:
        mine |= Q(recovery_key__agency_id=actor.agency_id)
    related = ("classified", "person", "asked_by", "first_officer", "second_officer", "recovery_key")
    going = Recovery.objects.filter(mine, recovery_key__agency_id=actor.agency_id).select_related(*related)
    return sorted(going.order_by("-id")[:limit], key=lambda row: row.settled_at is not None)


def list_halves(key_id: int, officer_id: int) -> list[RecoveryHalf]:
    """Return what an officer holds of a key, one with each partner."""
    halves = RecoveryHalf.objects.filter(recovery_key_id=key_id, officer_id=officer_id)
    return list(halves.select_related("certificate").order_by("partner_id"))


def list_partners(halves: Iterable[RecoveryHalf]) -> list[RecoveryHalf]:
    """Return what the partners of an officer hold with him: the other half of each of his."""
    found = Q()
    for half in halves:
        found |= Q(recovery_key_id=half.recovery_key_id, officer_id=half.partner_id, partner_id=half.officer_id)
    return list(RecoveryHalf.objects.filter(found).select_related("certificate"))


def get_recovery(recovery_id: int) -> Recovery:
    """Return one recovery with its key. :raises NotFound:"""
    found = Recovery.objects.select_related("recovery_key", "classified", "person").filter(pk=recovery_id).first()
    if found is None:
        raise NotFound(recovery_id=recovery_id)
    return found


def lock_recovery(recovery_id: int) -> Recovery:
    """Return one recovery, locked. :raises NotFound:"""
    found = (
        Recovery.objects.select_for_update(of=("self",))
        .select_related("recovery_key", "classified", "person")
        .filter(pk=recovery_id)
        .first()
    )
    if found is None:
        raise NotFound(recovery_id=recovery_id)
    return found


def find_passed_half(recovery_id: int, partner_id: int) -> PassedHalf | None:
    """Return what the first officer left for a partner."""
    left = PassedHalf.objects.filter(recovery_id=recovery_id, partner_id=partner_id)
    return left.select_related("certificate").first()


def has_open_recovery(classified_id: int, person_id: int) -> bool:
    """Tell whether a recovery for this person is on its way."""
    going = Recovery.objects.filter(classified_id=classified_id, person_id=person_id)
    return going.filter(state__in=(Ceremony.ASKED, Ceremony.HALF)).exists()


def list_copies(actor: Actor, classified_id: int) -> list[Copy]:
    """Return the register of copies, by number. :raises NotFound: NotAllowed:"""
    refuse(policy.why_not_keep_copies(actor, get(classified_id), find_reader(classified_id, actor.person_id)))
    return list(Copy.objects.filter(classified_id=classified_id).select_related("holder").order_by("number"))


def list_read_by(person_id: int) -> list[Classified]:
    """Return what a person is a reader of and is not destroyed: for a hand-over, which says no word of it."""
    held = Reader.objects.filter(person_id=person_id, removed_at=None).values("classified_id")
    return list(Classified.objects.filter(pk__in=held).exclude(status=Status.DESTROYED).order_by("id"))


def list_copies_held(person_id: int) -> list[Copy]:
    """Return the copies in the register that a person holds, neither returned nor destroyed."""
    return list(Copy.objects.filter(holder_id=person_id, returned_at=None, destroyed_at=None).order_by("id"))


def lock_copy(copy_id: int) -> Copy:
    """Return one copy, locked. :raises NotFound:"""
    found = Copy.objects.select_for_update(of=("self",)).select_related("classified").filter(pk=copy_id).first()
    if found is None:
        raise NotFound(copy_id=copy_id)
    return found


def next_copy_number(classified_id: int) -> int:
    """Return the number of the next copy, under the lock of what it is a copy of."""
    numbers = Copy.objects.filter(classified_id=classified_id).order_by("-number").values_list("number", flat=True)
    return 1 + (numbers.first() or 0)


def count_outstanding_copies(classified_id: int) -> int:
    """Return how many copies have neither come back nor been destroyed."""
    return Copy.objects.filter(classified_id=classified_id, returned_at=None, destroyed_at=None).count()


def next_reading(content_id: int, use: str) -> int:
    """Return the number of the next view or print of a content, under the lock of what it belongs to."""
    numbers = Reading.objects.filter(content_id=content_id, use=use).order_by("-number")
    return 1 + (numbers.values_list("number", flat=True).first() or 0)


def count_prints(classified_id: int) -> int:
    """Return how often anything of it was printed."""
    return Reading.objects.filter(content__classified_id=classified_id, use=Use.PRINTED).count()


@dataclass(frozen=True)
class LeftWith:
    """What ending somebody's reading does not take back: how often he viewed and printed, and the copies in his hands."""

    viewed: int
    printed: int
    copies: list[int]


def get_left_with(classified_id: int, person_id: int) -> LeftWith:
    """Return what somebody has had of a thing, and still holds. Backups made before keep his wraps as well."""
    used = Reading.objects.filter(content__classified_id=classified_id, person_id=person_id)
    held = Copy.objects.filter(classified_id=classified_id, holder_id=person_id, returned_at=None, destroyed_at=None)
    counted = dict(used.values_list("use").annotate(n=Count("id")))
    numbers = list(held.order_by("number").values_list("number", flat=True))
    return LeftWith(counted.get(Use.VIEWED, 0), counted.get(Use.PRINTED, 0), numbers)


def list_readings(classified_id: int, limit: int = 200) -> list[Reading]:
    """Return who viewed and printed, newest first."""
    readings = Reading.objects.filter(content__classified_id=classified_id).select_related("person", "content")
    return list(readings.order_by("-read_at", "-id")[:limit])


def list_decisions(classified_id: int) -> list[Decision]:
    """Return what was decided over level and term, the first first."""
    return list(Decision.objects.filter(classified_id=classified_id).select_related("decided_by").order_by("id"))


def get_decision(decision_id: int) -> Decision:
    """Return one decision over a level or term. :raises NotFound:"""
    found = Decision.objects.filter(pk=decision_id).first()
    if found is None:
        raise NotFound(decision_id=decision_id)
    return found


def find_newest_decision(classified_id: int) -> Decision | None:
    """Return what was decided last over a thing."""
    return Decision.objects.filter(classified_id=classified_id).order_by("-id").first()


def list_copy_holders(classified_id: int) -> list[int]:
    """Return who holds copies that have neither come back nor been destroyed."""
    out = Copy.objects.filter(classified_id=classified_id, returned_at=None, destroyed_at=None)
    return list(out.order_by("holder_id").values_list("holder_id", flat=True).distinct())


def find_destruction(classified_id: int) -> Destruction | None:
    """Return the minutes by which it was destroyed."""
    ended = Destruction.objects.filter(classified_id=classified_id)
    return ended.select_related("witness", "destroyed_by").first()


def list_ended(on: date) -> list[int]:
    """Return what is still protected although its term is over: its last day has passed."""
    ended = Classified.objects.filter(status=Status.PROTECTED, protected_until__lt=on)
    return list(ended.order_by("protected_until", "id").values_list("pk", flat=True))
