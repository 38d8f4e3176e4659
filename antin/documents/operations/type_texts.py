"""What a new draft of a type begins with: written, published from a day on, taken back by an administrator."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import policy, queries, type_texts
from antin.documents.models import TypeText
from antin.documents.operations.drafting import Addressee, apart, find_names
from antin.documents.types import DRAFTED, SPECIALISED
from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.workdays.queries import local_date


class NothingWritten(Refusal):
    code = "type_text_nothing_written"
    words = _("Không có bản nào đang soạn để cho dùng.")


class BasisMissing(Refusal):
    code = "type_text_basis_missing"
    words = _("Ghi văn bản làm căn cứ của mẫu mở đầu.")


class NotInUse(Refusal):
    code = "type_text_not_in_use"
    words = _("Bản này chưa cho dùng, hoặc đã rút lại.")


class TooManyAgencies(Refusal):
    code = "type_text_too_many"
    words = _("Mẫu mở đầu có quá %(most)s nơi nhận; dùng danh sách nơi nhận khi soạn.")


MOST_AGENCIES = 60


@transaction.atomic
def write_type_text(
    *,
    agency_id: int,
    type_code: str,
    template: object,
    addressed: Iterable[Addressee] = (),
    copied: Iterable[Addressee] = (),
    actor: Actor | None,
    at: datetime,
) -> TypeText:
    """Write the version that is not published yet, a new one where all are. `template` None: as the Decree's own form has it.

    :raises NotAllowed: :raises NotFound: no such agency or type :raises NoSuchAgency: :raises TooManyAgencies:
    :raises BadTemplate: :raises BadBody: :raises CannotPrint:
    """
    refuse(policy.why_not_mandate(actor))
    agency = people.lock_unit(agency_id)
    if not agency.is_agency or type_code not in DRAFTED or type_code in SPECIALISED:
        raise NotFound()
    to, copies = (list(dict.fromkeys(each)) for each in (addressed, copied))
    copies = [each for each in copies if each not in to]
    if len(to) + len(copies) > MOST_AGENCIES:
        raise TooManyAgencies(most=MOST_AGENCIES)
    find_names([*to, *copies], local_date(at))
    checked = None if template is None else type_texts.check(template)
    mine = TypeText.objects.filter(agency=agency, type_code=type_code)
    text = mine.filter(published_at=None).first()
    if text is None:
        text = TypeText(agency=agency, type_code=type_code, number=mine.count() + 1)
    text.template = checked
    text.addressed, text.addressed_outside = apart(to)
    text.copied, text.copied_outside = apart(copies)
    text.changed_by, text.changed_at = _name(actor), at
    text.save()
    _record("type_text.written", text, actor, at)
    return text


@transaction.atomic
def publish_type_text(
    *, agency_id: int, type_code: str, from_date: date, basis: str, actor: Actor | None, at: datetime
) -> TypeText:
    """Let new drafts begin with what was written, from a day on.

    :raises NotAllowed: :raises BasisMissing: :raises NothingWritten:
    """
    refuse(policy.why_not_mandate(actor))
    people.lock_unit(agency_id)
    said = clean_line(basis)[:500]
    if not said:
        raise BasisMissing()
    text = TypeText.objects.filter(agency_id=agency_id, type_code=type_code, published_at=None).first()
    if text is None:
        raise NothingWritten()
    text.from_date, text.basis, text.published_at = from_date, said, at
    text.save(update_fields=["from_date", "basis", "published_at"])
    _record("type_text.published", text, actor, at, basis=said, from_date=from_date)
    return text


@transaction.atomic
def take_back_type_text(*, text_id: int, actor: Actor | None, at: datetime) -> TypeText:
    """Let a published version hold on no day: what it came after holds again. Drafts that began with it stay as they are.

    :raises NotAllowed: :raises NotFound: :raises NotInUse:
    """
    refuse(policy.why_not_mandate(actor))
    people.lock_unit(queries.get_type_text(text_id).agency_id)
    text = queries.get_type_text(text_id)
    if text.published_at is None or text.undone_at is not None:
        raise NotInUse()
    text.undone_at, text.undone_by = at, _name(actor)
    text.save(update_fields=["undone_at", "undone_by"])
    _record("type_text.taken_back", text, actor, at)
    return text


def _name(actor: Actor | None) -> str:
    return f"{actor.person_name}, {actor.post_title}"[:200] if actor else ""


def _record(event: str, text: TypeText, actor: Actor | None, at: datetime, **facts: Any) -> None:
    told = {"type": text.type_code, "version": text.number, **facts}
    journal.record(event, subject=("unit", text.agency_id), actor=actor, at=at, agency_id=text.agency_id, **told)
