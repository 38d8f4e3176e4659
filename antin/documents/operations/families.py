"""What belongs to a family of documents: which agencies issue it, and the drafting file of a normative one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import policy, queries
from antin.documents.models import DraftingFile, Mandate
from antin.documents.types import Family
from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse


class MandateThere(Refusal):
    code = "mandate_there"
    words = _("Cơ quan đã được giao ban hành họ văn bản này.")


class BasisMissing(Refusal):
    code = "mandate_basis_missing"
    words = _("Ghi rõ căn cứ.")


def _line(words: str, most: int) -> str:
    return " ".join(clean(words).split())[:most]


@transaction.atomic
def give_mandate(*, agency_id: int, family: str, basis: str, since: date, actor: Actor | None, at: datetime) -> Mandate:
    """Note that an agency issues documents of a family, and by which writing.

    :raises NotAllowed: not an administrator :raises BasisMissing: :raises MandateThere:
    """
    refuse(policy.why_not_mandate(actor))
    said = _line(basis, 500)
    if not said:
        raise BasisMissing()
    if Mandate.objects.filter(agency_id=agency_id, family=Family(family), until=None).exists():
        raise MandateThere()
    mandate = Mandate.objects.create(agency_id=agency_id, family=Family(family), basis=said, since=since)
    _record("mandate.given", mandate, actor, at, day=since, basis=said)
    return mandate


@transaction.atomic
def end_mandate(*, mandate_id: int, until: date, basis: str, actor: Actor | None, at: datetime) -> Mandate:
    """Let it end: from that day on no such document is begun; what is begun goes on.

    :raises NotAllowed: :raises BasisMissing: :raises NotFound: there is none, or it has ended
    """
    refuse(policy.why_not_mandate(actor))
    said = _line(basis, 500)
    if not said:
        raise BasisMissing()
    mandate = Mandate.objects.select_for_update().filter(pk=mandate_id, until=None).first()
    if mandate is None:
        raise NotFound()
    mandate.until = max(until, mandate.since)
    mandate.save(update_fields=["until"])
    _record("mandate.ended", mandate, actor, at, day=mandate.until, basis=said)
    return mandate


def _record(event: str, mandate: Mandate, actor: Actor | None, at: datetime, *, day: date, basis: str) -> None:
    journal.record(
        event,
        subject=("unit", mandate.agency_id),
        actor=actor,
        at=at,
        agency_id=mandate.agency_id,
        family=mandate.family,
        day=day.isoformat(),
        basis=basis,
    )


@dataclass(frozen=True)
class FileFacts:
    """What the drafter writes into the drafting file."""

    unconsulted: str = ""
    appraiser: str = ""
    appraisal_code: str = ""
    appraised_on: date | None = None
    appraisal: str = ""
    explanation: str = ""


@transaction.atomic
def keep_drafting_file(*, document_id: int, facts: FileFacts, actor: Actor, at: datetime) -> DraftingFile:
    """Write the drafting file of a normative draft: the same words again change nothing.

    :raises NotNormative: :raises NotTheDrafter: :raises WrongState: :raises SealedDocument:
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_keep_drafting_file(actor, document, queries.making_of(document)))
    told = {
        "unconsulted": _line(facts.unconsulted, 2000),
        "appraiser": _line(facts.appraiser, 300),
        "appraisal_code": _line(facts.appraisal_code, 80),
        "appraised_on": facts.appraised_on,
        "appraisal": clean(facts.appraisal).strip()[:8000],
        "explanation": clean(facts.explanation).strip()[:8000],
    }
    row = queries.find_drafting_file(document_id) or DraftingFile(document=document)
    changed = sorted(name for name, value in told.items() if getattr(row, name) != value)
    if not changed:
        return row
    before = asdict(FileFacts(**{name: getattr(row, name) for name in told}))
    for name, value in told.items():
        setattr(row, name, value)
    row.changed_by, row.changed_at = f"{actor.person_name}, {actor.post_title}"[:200], at
    row.save()
    shortened = "unconsulted" in changed
    journal.record(
        "document.procedure_shortened" if shortened and row.unconsulted else "document.drafting_file_kept",
        subject=("document", document_id),
        actor=actor,
        at=at,
        changed=changed,
        reason=row.unconsulted if shortened else "",
        before=str(before["unconsulted"]) if shortened else "",
    )
    return row
