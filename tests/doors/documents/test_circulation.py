"""Papers of limited circulation (box 11): what the page says, how the limit travels, who read, took and printed them."""

from __future__ import annotations

import html
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageChops

from antin.documents import operations
from antin.documents.models import Document, FileUse
from antin.documents.states import CIRCULATION_NOTES, Circulation, Use
from antin.exchange.edxml.packing import compose
from antin.files import queries as kept
from antin.journeys import deliver, take_in
from antin.journeys.between_nodes.sending import _told
from antin.web.documents import paper as sheets
from tests import given, paper
from tests.cast import Cast, Member
from tests.doors.conftest import Enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued(cast: Cast, own_state: Any) -> Document:
    at = timezone.now()
    paper.give_keys(cast, at)
    return paper.an_issued_page(cast, at, circulation=Circulation.INTERNAL)


@pytest.fixture
def arrived(cast: Cast, issued: Document, keep_promises: Any) -> Document:
    keep_promises(timezone.now())
    return Document.objects.get(agency_id=cast.recipient_id, identifier=issued.identifier)


def text_of(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return " ".join(html.unescape(answer.content.decode()).split())


def uses(document: Document) -> list[tuple[str, str, int | None]]:
    return [(row.name, row.use, row.number) for row in FileUse.objects.filter(document=document).order_by("id")]


def test_the_note_stands_on_the_page_and_travels_to_the_recipient(issued: Document, arrived: Document) -> None:
    assert "LƯU HÀNH NỘI BỘ" in kept.text_of(issued.file)
    assert (issued.circulation, arrived.circulation) == ("internal", "internal")
    assert _told(deliver.paper_of(issued))["circulation"] == "internal"


def test_over_the_axis_it_is_the_sphere_of_promulgation() -> None:
    message = compose(
        {
            "kind": "document",
            "from": "A",
            "to": ["B"],
            "code": "1/A",
            "date": "2026/11/23",
            "subject": "Về việc A",
            "sphere": "Lưu hành nội bộ",
        }
    )
    assert message.header.other.sphere == "Lưu hành nội bộ"
    for limit, note in CIRCULATION_NOTES.items():
        assert take_in._circulation(note) == take_in._circulation(f"({note.capitalize()})") == limit
    assert take_in._circulation("Toàn quốc") == Circulation.FREE


def test_each_reader_download_and_print_is_kept(cast: Cast, enter: Enter, arrived: Document) -> None:
    clerk, head = enter(cast.recipient_clerk), enter(cast.recipient_head)
    name, boss = cast.recipient_clerk.name, cast.recipient_head.name
    page = f"/documents/{arrived.pk}"
    for _ in range(2):
        assert "LƯU HÀNH NỘI BỘ" in text_of(clerk, page)
    text_of(head, page)
    assert uses(arrived) == [(name, "seen", None), (boss, "seen", None)]
    file = f"{page}/files/{arrived.file}"
    for _ in range(2):
        answer = clerk.get(file)
        assert b"".join(answer.streaming_content) == kept.read(
            arrived.file
        )  # bit for bit: a mark would break its signatures
        assert "no-store" in answer["Cache-Control"]
    clerk.head(file)
    assert "Đã xem, tải, in" in text_of(head, f"{page}/sight")
    text_of(head, f"{file}/print")
    assert uses(arrived)[2:] == [(name, "taken", 1), (name, "taken", 2), (boss, "printed", 1)]
    told = text_of(clerk, page)
    assert "In, bản 1" in told
    assert "Tải tệp về, lần 2" in told


def test_pages_bear_who_looks_and_prints_bear_their_number(cast: Cast, enter: Enter, arrived: Document) -> None:
    clerk = enter(cast.recipient_clerk)
    page = f"/documents/{arrived.pk}/files/{arrived.file}/pages/1?w=600"
    answer = clerk.get(page)
    assert "no-store" in answer["Cache-Control"]
    plain = Image.open(BytesIO(kept.page_image(arrived.file, 1, 600))).convert("RGB")
    assert ImageChops.difference(plain, Image.open(BytesIO(answer.content)).convert("RGB")).getbbox() is not None
    text_of(clerk, f"/documents/{arrived.pk}/files/{arrived.file}/print")
    printed = str(FileUse.objects.get(use=Use.PRINTED).pk)

    def words(member: Member, **asked: str) -> list[str]:
        request: Any = SimpleNamespace(actor=member.actor(), GET=asked)
        return sheets._marked_with(request, arrived.pk, Circulation.INTERNAL).split(" · ")

    name, boss = cast.recipient_clerk, cast.recipient_head
    assert words(name)[:2] == ["Lưu hành nội bộ", name.name]
    assert words(name)[3:] == []
    assert words(name, print=printed)[3:] == ["bản in 1"]
    assert (words(boss, print=printed)[1], words(boss, print=printed)[3:]) == (boss.name, [])  # it lends him no number
    assert words(name, print="x")[3:] == []


def test_others_than_those_who_answer_for_it_see_their_own_uses(
    cast: Cast, enter: Enter, arrived: Document, keep_promises: Any
) -> None:
    now = timezone.now()
    officer = cast.recipient_works_officer
    operations.show(document=arrived, holders={f"P{officer.post_id}": "lead"}, actor=None, at=now)
    for member in (cast.recipient_clerk, officer):
        text_of(enter(member), f"/documents/{arrived.pk}")
    sight = f"/documents/{arrived.pk}/sight"
    own = text_of(enter(officer), sight).partition('id="da-xem"')[2]
    assert (officer.name in own, cast.recipient_clerk.name in own) == (True, False)
    everybody = text_of(enter(cast.recipient_clerk), sight).partition('id="da-xem"')[2]
    assert officer.name in everybody
    assert cast.recipient_clerk.name in everybody


def test_of_papers_that_go_round_freely_nothing_is_kept(cast: Cast, enter: Enter, own_state: Any) -> None:
    at = timezone.now()
    paper.give_keys(cast, at)
    document = paper.an_issued_page(cast, at)
    clerk = enter(cast.clerk)
    text_of(clerk, f"/documents/{document.pk}")
    assert "immutable" in clerk.get(f"/documents/{document.pk}/files/{document.file}")["Cache-Control"]
    assert FileUse.objects.count() == 0
    assert 'id="da-xem"' not in text_of(clerk, f"/documents/{document.pk}/sight")


def test_a_draft_is_given_the_note_by_machine_and_a_wrong_one_is_refused(cast: Cast, at: Any) -> None:
    document = given.a_draft(cast, at, circulation="return")
    assert document.circulation == "return"
    with pytest.raises(ValueError, match="nowhere"):
        given.a_draft(cast, at, circulation="nowhere")
