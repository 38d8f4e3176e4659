"""Documents in the name of a Party organ or a council: who drafts, who signs, their numbers and books, their page."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime

import docx
import pypdfium2 as pdfium
import pytest

from antin.decree30 import report
from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.types import PARTY, code_of, series_name, split_number, type_in
from antin.exchange.edxml import codes
from antin.journeys import fix_page, seal_jointly
from antin.numbering import operations as numbering
from antin.numbering import queries as books
from antin.people import operations as people
from antin.people import queries as organisation
from antin.people.models import Body
from antin.people.operations.posts import NotToOneself
from antin.refusal import NotAllowed, NotFound
from tests import given
from tests.cast import SINCE, TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def a_body(cast: Cast, at: datetime, **changes: object) -> Body:
    told = {
        "agency_id": cast.agency_id,
        "kind": "party",
        "name": "Đảng ủy Tổng cục Z",
        "abbreviation": "ĐU",
        "parent_name": "Đảng bộ Bộ Y",
        "collective": "Ban Thường vụ",
        "office_id": None,
        "basis": "Quyết định 12-QĐ/ĐU",
        "opened_on": SINCE,
    }
    body = people.found_body(**(told | changes), actor=cast.administrator.actor(), at=at)  # type: ignore[arg-type]
    for member, title, standing in (
        (cast.head, "Bí thư", "head"),
        (cast.deputy, "Phó Bí thư", "deputy"),
        (cast.office_head, "Chánh Văn phòng", "order"),
        (cast.plan_officer, "Ủy viên", "member"),
    ):
        people.seat_in_body(
            body_id=body.pk,
            post_id=member.post_id,
            title=title,
            standing=standing,
            basis="Nghị quyết Đại hội",
            since=SINCE,
            actor=cast.administrator.actor(),
            at=at,
        )
    return body


@pytest.fixture
def organ(cast: Cast, at: datetime) -> Body:
    return a_body(cast, at)


def words_of(pdf: bytes) -> str:
    page = pdfium.PdfDocument(pdf)[0].get_textpage()
    return " ".join(page.get_text_range().split())


def test_how_each_signs(cast: Cast, at: datetime, organ: Body) -> None:
    council = a_body(cast, at, kind="advisory", name="Hội đồng Thi đua", abbreviation="HĐTĐ", collective="Hội đồng")
    alone = a_body(cast, at, name="Ban Tổ chức Đảng ủy", abbreviation="BTC", collective="")

    def lines(body: Body) -> list[tuple[str, tuple[str, ...]]]:
        return [(each.form, each.lines) for each in organisation.list_body_rights(body_id=body.pk, on=TODAY)]

    assert lines(organ) == [
        ("T/M", ("T/M BAN THƯỜNG VỤ", "BÍ THƯ")),
        ("T/M", ("T/M BAN THƯỜNG VỤ", "PHÓ BÍ THƯ")),
        ("T/L", ("T/L BAN THƯỜNG VỤ", "CHÁNH VĂN PHÒNG")),
    ]
    assert lines(alone)[:2] == [("", ("BÍ THƯ",)), ("K/T", ("K/T BÍ THƯ", "PHÓ BÍ THƯ"))]
    assert lines(council)[1] == ("KT.", ("TM. HỘI ĐỒNG", "KT. BÍ THƯ", "PHÓ BÍ THƯ"))
    assert organisation.list_body_rights(body_id=organ.pk, on=date(2025, 12, 31)) == []


def test_setting_one_up_is_refused_where_it_must_be(cast: Cast, at: datetime, organ: Body) -> None:
    admin = cast.administrator.actor()
    refused(NotAllowed, lambda: people.close_body(body_id=organ.pk, basis="x", actor=cast.head.actor(), at=at))
    refused(people.BodyMarkTaken, lambda: a_body(cast, at))
    refused(people.BodyNeedsName, lambda: a_body(cast, at, abbreviation="Đ-U"))
    refused(NotFound, lambda: a_body(cast, at, abbreviation="X", office_id=cast.recipient_id))
    seat = {"body_id": organ.pk, "title": "Ủy viên", "standing": "member", "basis": "x", "since": SINCE, "at": at}
    refused(people.MemberThere, lambda: people.seat_in_body(**seat, post_id=cast.head.post_id, actor=admin))
    refused(
        people.HeadThere,
        lambda: people.seat_in_body(**(seat | {"standing": "head"}), post_id=cast.plan_head.post_id, actor=admin),
    )
    refused(people.PostElsewhere, lambda: people.seat_in_body(**seat, post_id=cast.recipient_head.post_id, actor=admin))
    refused(NotToOneself, lambda: people.seat_in_body(**seat, post_id=cast.administrator.post_id, actor=admin))


def test_who_drafts_what_in_whose_name(cast: Cast, at: datetime, organ: Body) -> None:
    def draft(**changes: object) -> object:
        return given.a_draft(cast, at, **changes)

    party = draft(type_code="Đ.NQ", body_id=organ.pk)
    assert (party.issuer_name, party.notation) == ("Đảng ủy Tổng cục Z", "NQ/ĐU")  # type: ignore[attr-defined]
    refused(policy.BodyOfAnotherFamily, lambda: draft(type_code="Đ.NQ"))
    refused(policy.BodyOfAnotherFamily, lambda: draft(type_code="QĐ", body_id=organ.pk))
    joint = documents.Hands(joint_agency_ids=(cast.recipient_id,))
    refused(policy.BodyIssuesAlone, lambda: draft(type_code="Đ.NQ", body_id=organ.pk, hands=joint))
    plain = cast.plan_head.post_id
    refused(organisation.NotAMember, lambda: draft(type_code="Đ.NQ", body_id=organ.pk, signer_post_id=plain))
    facts = given.facts(cast, type_code="Đ.NQ", body_id=organ.pk)
    stranger = cast.technique_officer.actor()
    refused(
        policy.NotOfTheBody,
        lambda: documents.create_draft(facts=facts, actor=stranger, today=TODAY, at=at),
    )
    served = a_body(cast, at, abbreviation="ĐUK", office_id=cast.technique_id)
    documents.create_draft(facts=replace(facts, body_id=served.pk), actor=stranger, today=TODAY, at=at)  # of the office
    drafted = queries.list_drafted(cast.agency_id, TODAY, organisation.list_bodies_of(cast.plan_officer.actor(), TODAY))
    assert set(PARTY) < set(drafted)
    assert not set(PARTY) & set(queries.list_drafted(cast.agency_id, TODAY))
    # another name while it is a draft
    making = queries.making_of(party)  # type: ignore[arg-type]
    documents.revise(
        document_id=party.pk,  # type: ignore[attr-defined]
        facts=given.facts(cast, type_code="QĐ"),
        body=given.BODY,
        uploaded_file="",
        revision=making.revision,
        actor=cast.plan_officer.actor(),
        today=TODAY,
        at=at,
    )
    assert queries.get(party.pk).issuer_name == "Tổng cục Z"  # type: ignore[attr-defined]
    people.close_body(body_id=organ.pk, basis="Giải thể", actor=cast.administrator.actor(), at=at)
    refused(policy.NotOfTheBody, lambda: draft(type_code="Đ.NQ", body_id=organ.pk))


def test_numbers_and_books_are_its_own(cast: Cast, at: datetime, organ: Body) -> None:
    def numbered(**changes: object) -> str:
        return given.a_numbered_document(cast, at, **changes).code

    ours = {"body_id": organ.pk}
    assert [
        numbered(type_code="QĐ"),
        numbered(type_code="Đ.QĐ", **ours),
        numbered(type_code="Đ.QyĐ", **ours),
        numbered(type_code="Đ.CV", **ours),
        numbered(type_code="QĐ"),
    ] == ["01/QĐ-TCZ", "01-QĐ/ĐU", "02-QĐ/ĐU", "01-CV/ĐU", "02/QĐ-TCZ"]
    council = a_body(cast, at, kind="advisory", name="Hội đồng Thi đua", abbreviation="HĐTĐ")
    assert numbered(type_code="QĐ", body_id=council.pk) == "01/QĐ-HĐTĐ"
    proofs = {each.mark: (each.last, each.body_name) for each in books.list_proofs(agency_id=cast.agency_id, year=2026)}
    assert proofs[f"Đ.QĐ@{organ.pk}"] == (2, "Đảng ủy Tổng cục Z")
    assert proofs["QĐ"] == (2, "")
    assert series_name("Đ.QĐ") == "Quyết định, Quy định"
    term = {
        "agency_id": cast.agency_id,
        "body_id": organ.pk,
        "name": "Nghị quyết, kết luận nhiệm kỳ 2026-2031",
        "type_codes": ["Đ.NQ", "Đ.KL"],
        "restarts": "term",
        "from_year": 2026,
        "basis": "Quy chế",
    }
    numbering.set_book(**term, actor=cast.administrator.actor(), today=TODAY, at=at)
    codes_ = [
        given.a_numbered_document(cast, at, today=day, type_code=kind, **ours).code
        for day, kind in ((TODAY, "Đ.NQ"), (TODAY, "Đ.KL"), (date(2027, 1, 5), "Đ.NQ"))
    ]
    assert codes_ == ["01-NQ/ĐU", "02-KL/ĐU", "03-NQ/ĐU"]
    assert numbered(type_code="NQ") == "01/NQ-TCZ"  # the book is the organ's, not the agency's


def test_the_page_is_the_partys_and_the_linter_leaves_it_alone(cast: Cast, at: datetime, organ: Body) -> None:
    document = given.a_draft(cast, at, type_code="Đ.QĐ", body_id=organ.pk)
    plan = queries.get_plan_for(cast.plan_officer.actor(), document.pk)
    pdf = fix_page.preview(plan, at)
    words = words_of(pdf)
    for there in (
        "ĐẢNG BỘ BỘ Y",
        "ĐẢNG ỦY TỔNG CỤC Z",
        "*",
        "ĐẢNG CỘNG SẢN VIỆT NAM",
        "-QĐ/ĐU",
        "T/M BAN THƯỜNG VỤ",
        "BÍ THƯ",
    ):
        assert there in words
    assert "CỘNG HÒA XÃ HỘI" not in words
    assert "./." not in words
    judged = report.of(pdf).as_json()
    assert (judged["verdict"], judged["reason"]["code"]) == ("not_judged", "party")
    written = "\n".join(
        paragraph.text
        for table in docx.Document(io.BytesIO(fix_page.template(plan, at))).tables
        for row in table.rows
        for cell in row.cells
        for paragraph in cell.paragraphs
    )
    assert "ĐẢNG CỘNG SẢN VIỆT NAM" in written
    assert "-QĐ/ĐU" in written
    council = a_body(cast, at, kind="advisory", name="Hội đồng Thi đua", abbreviation="HĐTĐ", parent_name="")
    other = given.a_draft(cast, at, type_code="QĐ", body_id=council.pk)
    shown = words_of(fix_page.preview(queries.get_plan_for(cast.plan_officer.actor(), other.pk), at))
    assert "TỔNG CỤC Z HỘI ĐỒNG THI ĐUA" in shown
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in shown


def test_number_and_notation_go_out_and_come_in(cast: Cast, at: datetime, organ: Body) -> None:
    document = given.a_numbered_document(cast, at, type_code="Đ.CTr", body_id=organ.pk)
    assert document.code == "01-CTr/ĐU"
    assert seal_jointly.values_of(document)["number"] == "01"
    assert codes.split_code(document.code) == ("01-CTr", "ĐU")
    assert codes.joined_code("01-CTr", "ĐU") == document.code
    assert [type_in(code) for code in ("36-HD/VPTW", "12 - NQ/TU", "01-CTr/ĐU", "3-ABC/ĐU")] == [
        "Đ.HD",
        "Đ.NQ",
        "Đ.CTr",
        "",
    ]
    assert (code_of("Đ.HD", "36", 2018, "HD/VPTW"), split_number("Đ.HD", "36-HD/VPTW")) == ("36-HD/VPTW", "36")
