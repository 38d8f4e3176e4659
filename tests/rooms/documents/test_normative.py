"""Legal normative documents: who issues them, how they are numbered, and that nobody signs what nobody was asked about."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.models import Document
from antin.documents.operations import FileFacts
from antin.documents.types import ALL_TYPES, code_of, split_number, type_in
from antin.exchange.edxml import codes
from antin.intake import proposing
from antin.journal import queries as journal
from antin.journeys import approve_document, ask_opinions, seal_jointly
from antin.numbering import queries as numbering
from antin.oldbooks import reading
from antin.opinions import operations as opinions
from antin.opinions.operations import Asked
from antin.opinions.states import Verdict
from antin.refusal import NotAllowed, NotFound
from tests import given
from tests.cast import SINCE, TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def mandated(cast: Cast, at: datetime) -> Cast:
    documents.give_mandate(
        agency_id=cast.agency_id,
        family="normative",
        basis="Nghị định 25/2025/NĐ-CP",
        since=SINCE,
        actor=cast.administrator.actor(),
        at=at,
    )
    return cast


def submit(draft: Document, cast: Cast, at: datetime) -> Document:
    return approve_document.submit(document_id=draft.pk, actor=cast.plan_officer.actor(), today=TODAY, at=at)


def test_an_agency_issues_them_only_with_a_mandate(cast: Cast, at: datetime) -> None:
    refused(policy.NotMandated, lambda: given.a_draft(cast, at, type_code="TT"))
    assert "TT" not in queries.list_drafted(cast.agency_id, TODAY)
    told = {"agency_id": cast.agency_id, "family": "normative", "basis": "Nghị định", "since": TODAY, "at": at}
    refused(NotAllowed, lambda: documents.give_mandate(**told, actor=cast.head.actor()))
    row = documents.give_mandate(**told, actor=cast.administrator.actor())
    refused(documents.families.MandateThere, lambda: documents.give_mandate(**told, actor=cast.administrator.actor()))
    assert "TT" not in queries.list_drafted(cast.agency_id, TODAY - timedelta(days=1))
    draft = given.a_draft(cast, at, type_code="TT")
    assert draft.notation == "TT-TCZ"
    ends = {"mandate_id": row.pk, "until": TODAY, "basis": "Quyết định", "actor": cast.administrator.actor(), "at": at}
    documents.end_mandate(**ends)
    refused(NotFound, lambda: documents.end_mandate(**ends))
    refused(policy.NotMandated, lambda: given.a_draft(cast, at, type_code="TT"))
    documents.revise(  # what is begun goes on
        document_id=draft.pk,
        facts=given.facts(cast, type_code="TT", subject="Quy định khác"),
        body=given.BODY,
        uploaded_file="",
        revision=queries.making_of(draft).revision,
        actor=cast.plan_officer.actor(),
        today=TODAY,
        at=at,
    )


@pytest.mark.parametrize("type_code", ["TTLT", "NĐ", "L"])
def test_what_others_issue_is_only_received(mandated: Cast, at: datetime, type_code: str) -> None:
    refused(documents.drafting.UnknownType, lambda: given.a_draft(mandated, at, type_code=type_code))
    arrival = given.an_arrival(mandated, at, type_code=type_code)
    assert ALL_TYPES[arrival.type_code].name


def test_it_is_not_signed_by_order(mandated: Cast, at: datetime) -> None:
    from antin.people import operations as people

    people.delegate(
        form="TL.",
        from_post_id=mandated.head.post_id,
        to_post_id=mandated.office_head.post_id,
        type_codes=[],
        since=SINCE,
        until=None,
        basis="Quy chế làm việc",
        actor=mandated.administrator.actor(),
        at=at,
    )
    by = mandated.office_head.post_id
    refused(policy.SignedByOrder, lambda: given.a_draft(mandated, at, type_code="TT", signer_post_id=by))
    assert given.a_draft(mandated, at, type_code="QĐ", signer_post_id=by).notation == "QĐ-TCZ"


def test_it_goes_nowhere_before_the_consultation_is_over(mandated: Cast, at: datetime) -> None:
    cast, drafter = mandated, mandated.plan_officer.actor()
    draft = given.a_draft(cast, at, type_code="TT")
    refused(policy.NotConsulted, lambda: submit(draft, cast, at))
    ask_opinions.ask(document_id=draft.pk, asked=[Asked(unit_id=cast.technique_id)], actor=drafter, at=at)
    [opinion] = ask_opinions.queries.list_rounds(draft.pk).opinions
    ask_opinions.answer(
        opinion_id=opinion.pk, verdict=Verdict.AGREED, words="", actor=cast.technique_head.actor(), at=at
    )
    refused(policy.NotConsulted, lambda: submit(draft, cast, at))
    opinions.close(document_id=draft.pk, actor=drafter, at=at)
    assert submit(draft, cast, at).status == "submitted"


def test_in_the_shortened_procedure_the_file_says_why_nobody_is_asked(mandated: Cast, at: datetime) -> None:
    cast, drafter = mandated, mandated.plan_officer.actor()
    draft, letter = given.a_draft(cast, at, type_code="TT"), given.a_draft(cast, at)
    facts = FileFacts(
        unconsulted="  Trình tự rút gọn theo  Điều 51 ",
        appraiser="Vụ Pháp chế",
        appraisal_code="12/BC-PC",
        appraised_on=date(2026, 11, 2),
        appraisal="Đủ điều kiện ban hành.",
        explanation="Tiếp thu toàn bộ.",
    )
    refused(
        policy.NotNormative,
        lambda: documents.keep_drafting_file(document_id=letter.pk, facts=facts, actor=drafter, at=at),
    )
    other = cast.plan_head.actor()
    refused(
        policy.NotTheDrafter,
        lambda: documents.keep_drafting_file(document_id=draft.pk, facts=facts, actor=other, at=at),
    )
    row = documents.keep_drafting_file(document_id=draft.pk, facts=facts, actor=drafter, at=at)
    again = documents.keep_drafting_file(document_id=draft.pk, facts=facts, actor=drafter, at=at + timedelta(hours=1))
    assert (row.unconsulted, again.changed_at) == ("Trình tự rút gọn theo Điều 51", at)
    happened = journal.list_for(("document", draft.pk))
    assert [each.facts["reason"] for each in happened if each.event == "document.procedure_shortened"] == [
        row.unconsulted
    ]
    submit(draft, cast, at)
    assert ask_opinions.why_not_consulted(queries.get(letter.pk)) is None


def test_the_number_has_the_year_and_a_series_of_its_own(mandated: Cast, at: datetime) -> None:
    cast = mandated
    first = given.a_numbered_document(cast, at, type_code="TT")
    decision = given.a_numbered_document(cast, at, type_code="QĐ")
    second = given.a_numbered_document(cast, at, type_code="TT")
    assert [each.code for each in (first, decision, second)] == ["01/2026/TT-TCZ", "01/QĐ-TCZ", "02/2026/TT-TCZ"]
    assert second.identifier.endswith(",2026/11/23,02/2026/TT-TCZ")
    assert seal_jointly.values_of(second)["number"] == "02/2026"
    assert seal_jointly.values_of(decision)["number"] == "01"
    assert codes.joined_code(*codes.split_code(second.code)) == second.code
    proofs = {each.type_group: each.last for each in numbering.list_proofs(agency_id=cast.agency_id, year=2026)}
    assert (proofs["TT"], proofs["QĐ"]) == (2, 1)
    later = given.a_numbered_document(cast, at, today=date(2027, 1, 4), type_code="TT")
    assert later.code == "01/2027/TT-TCZ"


def test_numbers_are_read_off_papers_and_books() -> None:
    assert [type_in(code) for code in ("30/2020/NĐ-CP", "02/2019/TT-BNV", "64/2025/QH15", "15/QĐ-BNV", "")] == [
        "NĐ",
        "TT",
        "L",
        "",
        "",
    ]
    assert (code_of("TT", "02a", 2026, "TT-BNV"), split_number("TT", "02a/2026/TT-BNV")) == (
        "02a/2026/TT-BNV",
        "02a/2026",
    )
    assert [reading.type_of(words, "") for words in ("2026/TT-BNV", "NQ-BNV", "QĐ-BNV")] == ["TT", "NQ", "QĐ"]
    place = {"page": 1, "box": [0, 0, 1, 1], "sure": 0.9}
    names = ("code", "date", "type", "issuer", "parent_issuer", "subject", "urgency", "secrecy")
    told = {
        "facts": dict.fromkeys(names) | {"code": "30/2020/NĐ-CP", "addressees": []},
        "places": {"code": place},
    }
    found, _warnings = proposing.propose(told, known=[], own_names=[], today=TODAY)
    assert (found["code"]["value"], found["type_code"]["value"]) == ("30/2020/NĐ-CP", "NĐ")
