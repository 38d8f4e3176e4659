"""The "ĐẾN" stamp on a registered document: signed by the recipient, beside the file as it came, covering nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from antin.decree30 import judging, report
from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.files import operations as files
from antin.files import queries as kept
from antin.intake import stamping
from antin.intake.stamping import MM, Free
from antin.keys import queries as certificates
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.signing import operations as signing
from antin.signing import queries as signatures
from antin.signing.operations import ARRIVAL, ARRIVAL_ELSEWHERE, ArrivalStamp

if TYPE_CHECKING:
    from antin.documents.models import Document


@dataclass(frozen=True)
class Spot:
    """The stamp's place on page 1, in points from the bottom left of the page as it is shown."""

    x: float
    y: float
    page: int = 0
    width: float = stamping.WIDTH
    height: float = stamping.HEIGHT


def stamp(
    *,
    document_id: int,
    corner: tuple[float, float] | None = None,
    pin: str | None = None,
    actor: Actor,
    at: datetime,
) -> Document:
    """Put the agency's arrival stamp on page 1, with its signature, and keep the stamped file beside the one that came.

    `corner`: millimetres from the left and the top edge, where the clerk wants it; else a free place is found, or the one that the
    sender's form left for it is taken. A document has one stamp: repeating it changes nothing.

    :raises NotTheSealKeeper: WrongState: SealedDocument: by whom and when it may be stamped
    :raises NoFreePlace: CoversText: OutsidePage: where it may stand
    :raises Refusal: as signing.sign_content
    """
    document = queries.get_for(actor, document_id)
    refuse(policy.why_not_stamp(actor, document))
    arrival = queries.arrival_of(document)
    if arrival.stamped_file:
        return document
    content = kept.read(document.file)
    field, spot = _place(document.file, content, corner)
    certificate = certificates.get_certificate_for_agency(document.agency_id, at, name=actor.agency_name)
    stamped = signing.sign_content(
        content=content,
        field=field,
        certificate_id=certificate.pk,
        subject=("document", document.pk),
        pin=pin,
        arrival=ArrivalStamp(_lines(document, arrival), spot),
        actor=actor,
        at=at,
    )
    digest = files.keep(stamped, at=at).digest
    with transaction.atomic(durable=True):
        return documents.keep_stamped(document_id=document_id, file=digest, actor=actor, at=at)


def _lines(document: Document, arrival: Any) -> tuple[str, ...]:
    """What the stamp says. Source: Decree 30/2020, Appendix IV. Vietnamese, whatever the clerk's own language is."""
    agency = people.get_unit(document.agency_id).name
    leader = arrival.presented_post.title if arrival.presented_post else ""
    return (
        agency.upper(),
        "ĐẾN",
        f"Số: {document.arrival_number}",
        f"Ngày: {arrival.arrival_date:%d/%m/%Y}",
        f"Chuyển: {leader}",
        "Số và ký hiệu HS: ................",
    )


def _place(file: str, content: bytes, corner: tuple[float, float] | None) -> tuple[str, Spot]:
    """The field and the place of the stamp: the one the sender's form has, if nothing stands there and the clerk wants no other."""
    facts = kept.facts_of(file)
    width, height = facts.page_sizes[0]
    page = stamping.look(kept.draw_grey(content, 1, stamping.ACROSS), width, height)
    left = signatures.find_place(file, ARRIVAL)
    if corner is not None:
        x, y = corner[0] * MM, corner[1] * MM
        stamping.check(page, x, y)
    elif (
        left is not None
        and left.page == 0
        and page.is_clear(left.x, height - left.y - left.height, left.width, left.height)
    ):
        return ARRIVAL, Spot(left.x, left.y)
    else:
        x, y = _find(page, file, content, facts.text_layer)
    return ARRIVAL if left is None else ARRIVAL_ELSEWHERE, Spot(x, height - y - stamping.HEIGHT)


def _find(page: Free, file: str, content: bytes, text_layer: bool) -> tuple[float, float]:
    """A free place under the number, the subject of a letter, or the date, as far as these were read."""
    places = report.of(content).places if text_layer else judging.read_off(kept.recognised_words(file))["places"]

    def reach(*names: str) -> float:
        found = [places[name]["box"]["bottom"] for name in names if name in places and places[name]["page"] == 1]
        return float(page.height - min(found)) if found else 0.0

    letter = "subject" in places and places["subject"]["box"]["right"] < page.width / 2
    return stamping.find(page, reach("code", "subject") if letter else reach("code"), reach("date"))
