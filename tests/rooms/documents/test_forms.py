"""Specialised forms: what an administrator may define, what is filled in, what comes of it on paper; and hostile ones."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pypdfium2 as pdfium
import pytest

from antin.documents import forms, policy, queries
from antin.documents import operations as documents
from antin.documents.models import Document, PaperForm
from antin.documents.operations import forms as acts
from antin.journeys import fix_page, seal_jointly
from antin.numbering import queries as numbering
from antin.refusal import NotAllowed, NotFound
from antin.typeset import body as bodies
from antin.typeset.body import BadBody
from tests import given
from tests.cast import TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

FIELDS: list[dict[str, Any]] = [
    {"label": "Họ và tên", "kind": "person", "required": True},
    {"label": "Đơn vị", "kind": "unit"},
    {"label": "Ngày vào", "kind": "date", "required": True},
    {"label": "Số tiền", "kind": "number"},
    {"label": "Loại", "kind": "choice", "options": ["A", "B"]},
    {"label": "Nội dung", "kind": "long"},
    {"label": "Vật tư", "kind": "table", "options": ["Tên", "Số lượng"]},
    {"label": "Ghi chú", "kind": "text"},
]


def par(*words: str | tuple[str, str]) -> dict[str, Any]:
    texts = [
        {"type": "text", "text": each}
        if isinstance(each, str)
        else {"type": "text", "text": each[0], "marks": [{"type": each[1]}]}
        for each in words
    ]
    return {"type": "paragraph", "content": texts}


def doc(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "doc", "content": list(blocks)}


TEMPLATE = doc(
    par("Cho ", ("{{họ và tên}}", "bold"), ", {{Đơn vị}}, vào ngày {{ Ngày vào }}, loại {{Loại}}: {{Số tiền}} đồng."),
    par("{{Nội dung}}"),
    par("{{Vật tư}}"),
    par("Ghi chú: {{Ghi chú}}"),
)


def a_form(
    cast: Cast, at: datetime, *, pattern: str = "typed", name: str = "Giấy ra vào kho", mark: str = "GRV"
) -> PaperForm:
    admin = cast.administrator.actor()
    form = documents.make_form(agency_id=cast.agency_id, name=name, mark=mark, pattern=pattern, actor=admin, at=at)
    documents.write_form(form_id=form.pk, fields=FIELDS, template=TEMPLATE, addressed=True, actor=admin, at=at)
    documents.publish_form(form_id=form.pk, actor=admin, at=at)
    return form


def values(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "Họ và tên": cast.technique_officer.post_id,
        "Đơn vị": cast.technique_id,
        "Ngày vào": "02/12/2026",
        "Số tiền": "1.250.000,5",
        "Loại": "B",
        "Nội dung": "Kiểm tra {{Số tiền}}.\nBảo dưỡng.",
        "Vật tư": [["Máy {{chủ}}", "2"], ["Dây"]],
    } | changes


def fill(cast: Cast, at: datetime, form: PaperForm, **more: Any) -> Document:
    told: dict[str, Any] = {"subject": "Cho vào kho", "values": values(cast), **more}
    return documents.begin_filled(form_id=form.pk, **told, actor=cast.plan_officer.actor(), today=TODAY, at=at)


def text_of(document: Document) -> str:
    return bodies.plain_text(queries.making_of(document).body or {})


def test_what_is_filled_in_is_printed_and_kept_as_data(cast: Cast, at: datetime) -> None:
    form = a_form(cast, at)
    document = fill(cast, at, form, key="k" * 20)
    assert fill(cast, at, form, key="k" * 20).pk == document.pk
    said = text_of(queries.get(document.pk))
    assert f"Cho {cast.technique_officer.name}, Phòng Kỹ thuật, vào ngày 02/12/2026, loại B: 1.250.000,5 đồng." in said
    assert "Kiểm tra {{Số tiền}}.\nBảo dưỡng." in said  # what was filled in is not read for braces
    assert "Máy {{chủ}}" in said
    assert "Ghi chú: …" in said
    filled = queries.find_filled(document)
    assert filled is not None
    assert filled.values["Số tiền"] == "1250000.5"
    assert filled.values["Ngày vào"] == "2026-12-02"
    assert filled.values["Đơn vị"] == {"id": cast.technique_id, "name": "Phòng Kỹ thuật"}
    assert filled.values["Vật tư"] == [["Máy {{chủ}}", "2"], ["Dây", ""]]
    assert (document.type_code, document.notation) == ("CN", "GRV-TCZ")
    plan = queries.get_plan_for(cast.plan_officer.actor(), document.pk)
    pdf = pdfium.PdfDocument(fix_page.preview(plan, at))[0].get_textpage().get_text_range()
    for words in ("GIẤY RA VÀO KHO", "Cho vào kho", "1.250.000,5", "/GRV-TCZ"):
        assert words in pdf


def test_a_save_of_the_draft_leaves_its_text_to_the_form(cast: Cast, at: datetime) -> None:
    document = fill(cast, at, a_form(cast, at))
    drafter = cast.plan_officer.actor()

    def save(file: str = "", **changes: Any) -> None:
        making = queries.making_of(queries.get(document.pk))
        facts = given.facts(cast, **({"type_code": "CN", "subject": "Cho vào kho số 2"} | changes))
        told = {"facts": facts, "body": given.BODY, "uploaded_file": file, "revision": making.revision}
        documents.revise(document_id=document.pk, **told, actor=drafter, today=TODAY, at=at)

    save()
    assert "1.250.000,5 đồng" in text_of(queries.get(document.pk))
    refused(policy.FormStays, lambda: save(type_code="CV"))
    refused(policy.FormTakesNoFile, lambda: save(file="0" * 64))
    refused(policy.FormMissing, lambda: given.a_draft(cast, at, type_code="CN"))
    making = queries.making_of(queries.get(document.pk))
    again = {"document_id": document.pk, "values": values(cast, Loại="A"), "actor": drafter, "today": TODAY, "at": at}
    refused(documents.EditedElsewhere, lambda: documents.refill(**again, revision=making.revision - 1))
    documents.refill(**again, revision=making.revision)
    assert "loại A" in text_of(queries.get(document.pk))
    refused(policy.NotTheDrafter, lambda: documents.refill(**(again | {"actor": cast.plan_head.actor()}), revision=1))


@pytest.mark.parametrize(
    ("label", "value", "why"),
    [
        ("Họ và tên", None, "chưa điền"),
        ("Họ và tên", "999999999", "không có trong"),
        ("Đơn vị", "1; drop table", "không có trong"),
        ("Ngày vào", "31/02/2026", "không phải là ngày"),
        ("Số tiền", "NaN", "không phải là số"),
        ("Số tiền", "9" * 40, "không phải là số"),
        ("Loại", "C", "không có trong"),
        ("Nội dung", "x" * 20_001, "quá dài"),
        ("Vật tư", [["a", "b", "c"]], "nhiều cột"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(cast: Cast, at: datetime, label: str, value: Any, why: str) -> None:
    form = a_form(cast, at)
    no = refused(forms.NotFilled, lambda: fill(cast, at, form, values=values(cast, **{label: value})))
    assert no.facts["label"] == label
    assert why in no.facts["why"]


def test_numbers_are_of_the_form_and_its_pattern(cast: Cast, at: datetime) -> None:
    def numbered(pattern: str, name: str, mark: str) -> Document:
        document = fill(cast, at, a_form(cast, at, pattern=pattern, name=name, mark=mark))
        from antin.documents.models import Document as Row

        Row.objects.filter(pk=document.pk).update(status="signed", next_act="number", next_holder=f"R{cast.agency_id}")
        return documents.number(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)

    typed, dated = numbered("typed", "Giấy ra vào", "GRV"), numbered("with_year", "Phiếu kiểm định", "PKĐ")
    letter, again = numbered("letter", "Thư kỹ thuật", ""), fill(cast, at, a_form(cast, at, name="Mẫu khác", mark="MK"))
    assert [typed.code, dated.code, letter.code] == ["01/GRV-TCZ", "01/2026/PKĐ-TCZ", "01/TCZ-KH"]
    assert [seal_jointly.values_of(each)["number"] for each in (typed, dated, letter)] == ["01", "01/2026", "01"]
    assert queries.series_of(again, 2026).type_group.startswith("F")
    groups = [each.type_group for each in numbering.list_proofs(agency_id=cast.agency_id, year=2026)]
    assert sorted(map(queries.name_of_form, groups)) == ["Giấy ra vào", "Phiếu kiểm định", "Thư kỹ thuật"]


def test_versions_and_who_may(cast: Cast, at: datetime) -> None:
    form, admin = a_form(cast, at), cast.administrator.actor()
    old = fill(cast, at, form)
    refused(acts.NothingToPublish, lambda: documents.publish_form(form_id=form.pk, actor=admin, at=at))
    told: dict[str, Any] = {"fields": FIELDS[:1], "template": doc(par("Chỉ {{Họ và tên}}.")), "addressed": False}
    refused(NotAllowed, lambda: documents.write_form(form_id=form.pk, **told, actor=cast.head.actor(), at=at))
    documents.write_form(form_id=form.pk, **told, actor=admin, at=at)
    assert "loại B" in text_of(fill(cast, at, form))  # nothing is filled in before it is published
    documents.publish_form(form_id=form.pk, actor=admin, at=at)
    name = {"Họ và tên": cast.head.post_id}
    assert text_of(fill(cast, at, form, values=name)) == f"Chỉ {cast.head.name}."
    assert queries.find_filled(old).version.number == 1  # type: ignore[union-attr]
    same = {"agency_id": cast.agency_id, "name": form.name, "mark": "X", "pattern": "typed", "actor": admin, "at": at}
    refused(acts.FormNameTaken, lambda: documents.make_form(**same))
    refused(acts.FormNeedsName, lambda: documents.make_form(**(same | {"name": "Khác", "mark": "A-B"})))
    refused(
        NotFound,
        lambda: documents.begin_filled(
            form_id=form.pk, subject="x", values=name, actor=cast.recipient_works_officer.actor(), today=TODAY, at=at
        ),
    )
    documents.close_form(form_id=form.pk, actor=admin, at=at)
    refused(acts.NotPublished, lambda: fill(cast, at, form))
    assert queries.list_to_fill(cast.agency_id) == []


@pytest.mark.parametrize(
    ("fields", "template", "refusal"),
    [
        ([{"label": "A{{", "kind": "text"}], TEMPLATE, forms.BadField),
        ([{"label": "A", "kind": "code"}], TEMPLATE, forms.BadField),
        ([{"label": "A", "kind": "text"}, {"label": "a", "kind": "text"}], TEMPLATE, forms.BadField),
        ([{"label": "A", "kind": "choice"}], TEMPLATE, forms.BadField),
        (FIELDS, doc(par("{{__class__}}")), forms.BadTemplate),
        (FIELDS, doc(par("{{Loại")), forms.BadTemplate),
        (FIELDS, doc(par("{{Lo", ("ại}}", "bold"))), forms.BadTemplate),
        (FIELDS, doc(par("Bảng {{Vật tư}}")), forms.BadTemplate),
        (FIELDS, doc(), forms.BadTemplate),
        (FIELDS, doc({"type": "script", "content": [{"type": "text", "text": "x"}]}), BadBody),
    ],
)
def test_a_hostile_or_broken_form_is_refused(
    cast: Cast, at: datetime, fields: Any, template: Any, refusal: Any
) -> None:
    admin = cast.administrator.actor()
    form = documents.make_form(agency_id=cast.agency_id, name="M", mark="M", pattern="typed", actor=admin, at=at)
    told = {"form_id": form.pk, "fields": fields, "template": template, "addressed": False, "actor": admin, "at": at}
    refused(refusal, lambda: documents.write_form(**told))


def test_words_that_look_like_code_are_words(cast: Cast, at: datetime) -> None:
    form = a_form(cast, at)
    hostile = '{% include "x" %} #set page(fill: red) \\input{a} <script>{{ 7*7 }}</script>'
    document = fill(cast, at, form, values=values(cast, **{"Ghi chú": hostile}))
    plan = queries.get_plan_for(cast.plan_officer.actor(), document.pk)
    pdf = pdfium.PdfDocument(fix_page.preview(plan, at))
    shown = "".join("".join(page.get_textpage().get_text_range().split()) for page in pdf)
    assert "".join(hostile.split()) in shown
    preview = fix_page.preview_form(queries.list_form_versions(form.pk)[0], at)
    assert "[Họ và tên]" in pdfium.PdfDocument(preview)[0].get_textpage().get_text_range()
