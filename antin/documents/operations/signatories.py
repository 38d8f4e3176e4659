"""Who signs a page, when it is more than one: chosen with the draft, each in turn, voided together when the page goes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.utils.translation import gettext_noop as _

from antin.documents import policy, queries
from antin.documents.models import Document, Making, Signatory
from antin.documents.operations.sharing import show
from antin.documents.queries import Hands
from antin.documents.states import ACT_OF, Act, Part
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.models import Unit
from antin.people.queries import PostRow, SigningRight
from antin.refusal import Refusal

MOST_COSIGNERS = 9


class SignsTwice(Refusal):
    code = "signs_twice"
    words = _("%(name)s được chọn hai lần trong những người cùng ký.")


class TooManyCosigners(Refusal):
    code = "too_many_cosigners"
    words = _("Nhiều nhất %(most)d người cùng ký một văn bản.")


class NobodySigns(Refusal):
    code = "nobody_signs"
    words = _("%(agency)s hiện không có ai được ký loại văn bản này, nên chưa cùng ban hành được.")


class NobodyInitials(Refusal):
    code = "nobody_initials"
    words = _("Đồng chí soạn thảo không có trưởng đơn vị phía trên để ký nháy.")


class NotOfTheAgency(Refusal):
    code = "not_of_the_agency"
    words = _("Người kiểm tra thể thức phải là người đang giữ chức vụ trong cơ quan.")


def place_signatories(making: Making, hands: Hands, document: Document, on: date) -> None:
    """Write down whose hands the page takes, the signer's among them; none where the signer is alone. `making` is not saved.

    Law: Decree 30/2020, art. 10 to 13 (drafting unit, check of format, competent persons).

    :raises SignsTwice: TooManyCosigners: NobodySigns: NobodyInitials: NotOfTheAgency:
    :raises Refusal: a cosigner's right is missing, expired or does not cover the type
    """
    wanted = _others(making, hands, document, on)
    if wanted and making.signer_post_id is not None:
        right = queries.right_to_sign(document, making.signer_post_id, document.type_code, on)
        wanted.append(_competent(document, right, Part.SIGNER))
    _refuse_twice(wanted)
    making.hands, making.in_order = len(wanted), hands.in_order and len(wanted) > 0
    there = list(Signatory.objects.filter(document=document).order_by("id"))
    if [_key(each) for each in there] != [_key(each) for each in wanted]:
        Signatory.objects.filter(document=document).delete()
        Signatory.objects.bulk_create(wanted)


def _key(row: Signatory) -> tuple[object, ...]:
    who = (row.part, row.turn, row.post_id, row.person_id, row.agency_id)
    return *who, row.name, row.title, list(row.authority_lines), row.seals


def _others(making: Making, hands: Hands, document: Document, on: date) -> list[Signatory]:
    """The hands besides the signer's, in the order of the law."""
    found = []
    if hands.initials:
        found.append(_initials(making, document, on))
    if hands.format_post_id is not None:
        row = next((row for row in people.list_posts(document.agency_id, on) if row.id == hands.format_post_id), None)
        if row is None or row.person_id is None:
            raise NotOfTheAgency()
        found.append(_plain(document, row, Part.FORMAT))
    rights: list[tuple[SigningRight, Unit | None]] = []
    for post_id in dict.fromkeys(hands.cosigner_post_ids):
        right = queries.right_to_sign(document, post_id, document.type_code, on)
        rights.append((right, None))
    rights += [_joint(agency_id, document, on) for agency_id in dict.fromkeys(hands.joint_agency_ids)]
    if len(rights) > MOST_COSIGNERS:
        raise TooManyCosigners(most=MOST_COSIGNERS)
    return found + [
        _competent(document, right, Part.COSIGNER, turn, agency) for turn, (right, agency) in enumerate(rights, 1)
    ]


def _joint(agency_id: int, document: Document, on: date) -> tuple[SigningRight, Unit]:
    """Who signs for another agency that issues the document too: its head, or who acts in his place."""
    agency = people.get_agency(agency_id)
    if agency.pk == document.agency_id:
        raise SignsTwice(name=agency.name)
    rights = people.list_signing_rights(agency_id=agency_id, type_code=document.type_code, on=on)
    if not rights:
        raise NobodySigns(agency=agency.name)
    return rights[0], agency


def _initials(making: Making, document: Document, on: date) -> Signatory:
    reviewer = people.find_reviewer(unit_id=making.unit_id, post_id=making.drafter_post_id, on=on)
    if reviewer is None:
        raise NobodyInitials()
    return _plain(document, reviewer, Part.INITIALS)


def _plain(document: Document, row: PostRow, part: Part) -> Signatory:
    return Signatory(
        document=document,
        part=part,
        post_id=row.id,
        person_id=row.person_id,
        agency_id=document.agency_id,
        agency_name=document.issuer_name,
        name=f"{row.rank} {row.person_name}".strip(),
        title=row.title,
    )


def _competent(
    document: Document, right: SigningRight, part: Part, turn: int = 0, agency: Unit | None = None
) -> Signatory:
    """Who signs by a right of his own; `agency` is whose authority that is, if not the document's agency's."""
    return Signatory(
        document=document,
        part=part,
        turn=turn,
        post_id=right.post_id,
        person_id=right.person_id,
        agency_id=agency.pk if agency else document.agency_id,
        agency_name=agency.name if agency else document.issuer_name,
        name=f"{right.rank} {right.person_name}".strip(),
        title=right.post_title,
        authority_lines=list(right.lines),
        seals=agency is not None,
    )


def _refuse_twice(rows: Iterable[Signatory]) -> None:
    seen = set()
    for row in rows:
        if row.part in (Part.COSIGNER, Part.SIGNER):
            if row.person_id in seen:
                raise SignsTwice(name=row.name)
            seen.add(row.person_id)


def renew_initials(making: Making, document: Document, on: date) -> None:
    """Let the draft be initialled by who heads its unit on the day it is handed on. :raises NobodyInitials:"""
    row = Signatory.objects.filter(document=document, part=Part.INITIALS).first() if making.hands else None
    if row is not None:
        fresh = _initials(making, document, on)
        row.post_id, row.person_id, row.name, row.title = fresh.post_id, fresh.person_id, fresh.name, fresh.title
        row.save(update_fields=["post", "person", "name", "title"])


def call_next(
    document: Document, making: Making, actor: Actor, at: datetime, rows: list[Signatory] | None = None
) -> list[Signatory]:
    """Say whose turn it is to sign, let them see the document, and return them; none when all have signed. Not saved."""
    rows = queries.list_signatories(document, making) if rows is None else rows
    due = policy.list_due(rows, in_order=making.in_order)
    for row in rows:
        if row.pk is not None and row.waiting != (row in due):
            row.waiting = row in due
            row.save(update_fields=["waiting"])
    if due:
        first = next((row for row in due if row.part == Part.SIGNER), due[0])
        document.next_act, document.next_holder = ACT_OF[Part(first.part)], f"P{first.post_id}"
        show(
            document=document,
            holders={f"P{row.post_id}": "signer" for row in due},
            actor=actor,
            at=at,
        )
    return due


def call_for_seals(document: Document, making: Making, actor: Actor, at: datetime) -> list[Signatory]:
    """Say which agencies that issue the document too have still to seal it, let their registries see it, and return them; none
    when its own seal is next. The document is not saved.
    """
    rows = [each for each in queries.list_signatories(document, making) if each.seals]
    due = [each for each in rows if each.sealed_at is None]
    Signatory.objects.filter(pk__in=[each.pk for each in rows]).update(seal_waiting=False)
    Signatory.objects.filter(pk__in=[each.pk for each in due]).update(seal_waiting=True)
    next_act = Act.JOINT_SEAL if due else Act.SEAL
    document.next_act, document.next_holder = next_act, f"R{due[0].agency_id if due else document.agency_id}"
    show(document=document, holders={f"R{each.agency_id}": "joint" for each in due}, actor=actor, at=at)
    return due


def void_signatures(document: Document, making: Making) -> list[Signatory]:
    """Take back what was signed on a page that goes back to its drafter; return whose signatures are void."""
    rows = list(Signatory.objects.filter(document=document).order_by("id")) if making.hands else []
    void = [row for row in rows if row.signed_at is not None]
    Signatory.objects.filter(document=document).update(
        waiting=False,
        signed_file="",
        signed_at=None,
        seal_waiting=False,
        sealed_file="",
        sealed_at=None,
        sealed_by="",
    )
    return void
