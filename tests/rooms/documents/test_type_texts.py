"""What drafts of a type begin with: written, let be used from a day, inherited, filled with facts, taken back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pypdfium2 as pdfium
import pytest

from antin.correspondents import operations as correspondents
from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.forms import BadTemplate
from antin.documents.models import TypeText
from antin.documents.operations import Outside
from antin.documents.operations import type_texts as acts
from antin.documents.operations.drafting import NoSuchAgency
from antin.journal.models import Record
from antin.journeys import draft_document, fix_page
from antin.refusal import NotAllowed, NotFound
from antin.typeset import body as bodies
from antin.typeset.beginnings import beginning
from tests import given
from tests.cast import TODAY, Cast
from tests.journeys.test_hand_over import ministry
from tests.rooms.documents.test_forms import doc, par
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

SINCE = date(2026, 1, 1)
LETTER = doc(
    par("Trả lời {{Văn bản được trả lời}} của {{Nơi gửi văn bản}}, {{cơ quan}} có ý kiến như sau:"),
    par(
        "Người soạn: {{Người soạn}}, {{Chức vụ người soạn}}, {{Đơn vị soạn}}, năm {{Năm}}, cấp trên {{Cơ quan cấp trên}}."
    ),
    par("Trân trọng./."),
)


def use(cast: Cast, at: datetime, template: Any = LETTER, *, from_date: date = SINCE, **more: Any) -> TypeText:
    told: dict[str, Any] = {
        "agency_id": cast.agency_id,
        "type_code": "CV",
        "actor": cast.administrator.actor(),
        "at": at,
    }
    documents.write_type_text(template=template, **told | more)
    return documents.publish_type_text(from_date=from_date, basis="5/QĐ-TCZ", **told)


def begun(cast: Cast, at: datetime, member: Any = None, answered: Any = None, type_code: str = "CV") -> Any:
    actor = (member or cast.plan_officer).actor()
    return draft_document.beginning_of(type_code=type_code, answered=answered, actor=actor, at=at)


def words(found: Any) -> str:
    return bodies.plain_text(found.body)


def test_a_draft_begins_with_the_facts_filled_in(cast: Cast, at: datetime) -> None:
    plain = beginning("letter", issuer_name="Tổng cục Z")
    assert begun(cast, at).body == plain
    use(cast, at, addressed=[cast.recipient_id], copied=[cast.recipient_id])
    found = begun(cast, at)
    officer = cast.plan_officer.actor()
    assert (found.addressed, found.copied) == ([cast.recipient_id], [])
    said = words(found)
    assert said.startswith(f"Trả lời … của …, {officer.agency_name} có ý kiến như sau:")
    assert f"Người soạn: {officer.person_name}, {officer.post_title}, {officer.unit_name}, năm 2026" in said
    arrival = given.an_arrival(cast, at, subject="{{Năm}}", issuer_name="Cục {{Năm}}")
    below = begun(cast, at, cast.recipient_study_officer, arrival)
    assert "Trả lời 15/TCZ-KH ngày 23/11/2026 của Cục {{Năm}}, " in words(below)  # what is filled in is read no more
    assert below.addressed == []  # nobody writes to himself
    arrival.classified_id = 1
    assert "Trả lời … của …" in words(begun(cast, at, cast.recipient_study_officer, arrival))
    assert begun(cast, at, type_code="QĐ").body == beginning("decision", issuer_name=officer.agency_name)
    with pytest.raises(NotFound):
        begun(cast, at, type_code="SY")


def test_it_goes_outside_the_node_too_whatever_it_says(cast: Cast, at: datetime) -> None:
    away, gone = (ministry(at, code=f"A27.0{n}", name=f"Bộ A{n}") for n in (1, 2))
    text = use(
        cast, at, None, addressed=[Outside(away.pk), cast.recipient_id], copied=[Outside(gone.pk), Outside(away.pk)]
    )
    assert queries.names_begun_with(text) == (["Trung tâm B1", "Bộ A1"], ["Bộ A2"])
    correspondents.close(correspondent_id=gone.pk, actor=cast.administrator.actor(), at=at)
    found = begun(cast, at)
    assert found.body == beginning("letter", issuer_name=cast.plan_officer.actor().agency_name)
    assert (found.addressed, found.copied) == (
        [cast.recipient_id, Outside(away.pk)],
        [],
    )  # as the draft's form sends them on
    told = {"agency_id": cast.agency_id, "type_code": "CV", "actor": cast.administrator.actor(), "at": at}
    with pytest.raises(NoSuchAgency, match="Bộ A2"):
        documents.write_type_text(template=None, copied=[Outside(gone.pk)], **told)


def test_versions_hold_from_their_day_and_are_taken_back(cast: Cast, at: datetime) -> None:
    admin = cast.administrator.actor()
    first = use(cast, at)
    use(cast, at, doc(par("Bản hai.")), from_date=date(2027, 1, 1))
    third = use(cast, at, doc(par("Bản ba.")), from_date=TODAY)
    assert words(begun(cast, at)) == "Bản ba."
    held = {day: queries.find_type_texts(cast.agency_id, day)["CV"].number for day in (SINCE, TODAY, date(2027, 1, 1))}
    assert held == {SINCE: 1, TODAY: 3, date(2027, 1, 1): 2}
    use(cast, at, None, from_date=TODAY)
    assert begun(cast, at).body == beginning("letter", issuer_name=cast.plan_officer.actor().agency_name)
    own = {"agency_id": cast.recipient_id, "type_code": "CV", "actor": admin, "at": at}
    documents.write_type_text(template=doc(par("Của đơn vị.")), **own)
    documents.publish_type_text(from_date=SINCE, basis="1/QĐ", **own)
    assert words(begun(cast, at, cast.recipient_study_officer)) == "Của đơn vị."
    documents.take_back_type_text(text_id=queries.find_type_texts(cast.agency_id, TODAY)["CV"].pk, actor=admin, at=at)
    documents.take_back_type_text(text_id=third.pk, actor=admin, at=at)
    assert queries.find_type_texts(cast.agency_id, TODAY)["CV"] == first
    refused(acts.NotInUse, lambda: documents.take_back_type_text(text_id=third.pk, actor=admin, at=at))
    assert Record.objects.filter(event__startswith="type_text.").count() == 12


def test_what_is_no_template_or_not_ones_own_is_refused(cast: Cast, at: datetime) -> None:
    admin = cast.administrator.actor()
    told: dict[str, Any] = {"agency_id": cast.agency_id, "type_code": "CV", "actor": admin, "at": at}

    def write(**more: Any) -> Any:
        return lambda: documents.write_type_text(**{"template": LETTER, **told, **more})

    refused(NotAllowed, write(actor=cast.head.actor()))
    refused(BadTemplate, write(template=doc(par("{{Không có}}"))))
    refused(BadTemplate, write(template=doc(par(""))))
    refused(NotFound, write(type_code="SY"))
    refused(NotFound, write(type_code="CN"))
    refused(NotFound, write(agency_id=cast.plan_id))
    refused(NoSuchAgency, write(addressed=[cast.plan_id]))
    refused(NoSuchAgency, write(copied=[Outside(999_999)]))
    refused(acts.TooManyAgencies, write(addressed=range(1, 62)))
    refused(acts.NothingWritten, lambda: documents.publish_type_text(from_date=SINCE, basis="1/QĐ", **told))
    refused(acts.BasisMissing, lambda: documents.publish_type_text(from_date=SINCE, basis=" ", **told))


def test_every_type_is_laid_out_as_its_form(cast: Cast, at: datetime) -> None:
    for code in ("CV", "QĐ", "BB", "TT", "Đ.NQ", "GM"):
        text = documents.write_type_text(
            agency_id=cast.agency_id,
            type_code=code,
            template=LETTER,
            copied=[cast.recipient_id],
            actor=cast.administrator.actor(),
            at=at,
        )
        said = pdfium.PdfDocument(fix_page.preview_type_text(text, at))[0].get_textpage().get_text_range()
        assert "[Văn bản được trả lời]" in said.replace("\r\n", " ")
