"""The page of other nodes: named, invited, joined, confirmed by fingerprint, carried by hand."""

from __future__ import annotations

import html
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from antin.nodes import bundle, statements
from antin.nodes import queries as members
from antin.nodes.models import Invitation, Member, Received
from tests.journeys.test_between_nodes import Two, pdf, two  # noqa: F401 - a fixture
from tests.partners import Partner

pytestmark = pytest.mark.django_db

PLACE = "/administration/nodes"


def shown(browser: Any, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return html.unescape(answer.content.decode())


def test_a_node_is_invited_answers_is_confirmed_and_expelled(two: Two, enter: Callable[..., Any]) -> None:  # noqa: F811
    page = enter(two.cast.administrator)
    assert "Liên kết với 1 nút" in shown(page, PLACE)
    told = {"code": "c3", "name": "Cục Ba", "way": "file", "agencies": "G11.93 = Cục Ba"}
    invitation = page.post(f"{PLACE}/invite", told)
    assert (invitation.status_code, invitation["Content-Type"]) == (200, "application/pkcs7-mime")
    other = Partner("c3", "G11.93", "Cục Ba", two.at)
    answer = SimpleUploadedFile("tra-loi.p7m", other.answer(invitation.content, at=two.at))
    assert page.post(f"{PLACE}/answer", {"file": answer}).status_code == 302
    row = Invitation.objects.get(code="c3")
    fingerprint = statements.fingerprint(other.node.certificate)
    assert fingerprint in shown(page, PLACE)
    wrong = page.post(f"{PLACE}/invitations/{row.pk}/confirm", {"fingerprint": "0" * 32})
    assert (wrong.status_code, Member.objects.filter(code="c3").exists()) == (422, False)
    assert page.post(f"{PLACE}/invitations/{row.pk}/confirm", {"fingerprint": fingerprint.lower()}).status_code == 302
    assert "Cục Ba" in shown(page, PLACE)
    assert page.post(f"{PLACE}/c3/expel", {"reason": "Lộ khóa"}).status_code == 302
    assert Member.objects.get(code="c3").standing == "expelled"
    assert "đã loại" in shown(page, PLACE)


def test_what_goes_by_hand_is_looked_at_before_it_is_taken_in(two: Two, enter: Callable[..., Any]) -> None:  # noqa: F811
    page = enter(two.cast.administrator)
    given = page.post(f"{PLACE}/b2/export")
    reader = bundle.Reader(BytesIO(b"".join(given.streaming_content)))
    assert reader.contents.receiver == "b2"
    out, paper = BytesIO(), pdf()
    writer = bundle.Writer(out)
    first, piece = two.partner.messages(two.ours, two.partner.document(two.ours, paper), paper)
    writer.add("parcels/000001", first)
    writer.add("pieces/000001-0000", piece)
    writer.close(sender="b2", receiver="tcz", signer=two.partner.node, at=two.at)
    sent = page.post(f"{PLACE}/bring", {"file": SimpleUploadedFile("kien.zip", out.getvalue())})
    assert sent.status_code == 302
    assert "07/B2-KH Đề nghị phối hợp diễn tập" in shown(page, sent["Location"])
    assert not Received.objects.exists()
    assert page.post(sent["Location"]).status_code == 302
    assert Received.objects.count() == 1
    damaged = SimpleUploadedFile("kien.zip", out.getvalue()[:-30])
    assert page.post(f"{PLACE}/bring", {"file": damaged}).status_code == 422


def test_nobody_but_the_administrator_of_the_house_sees_the_nodes(two: Two, enter: Callable[..., Any]) -> None:  # noqa: F811
    assert enter(two.cast.clerk).get(PLACE).status_code == 403
    assert members.list_partners()[0].code == "b2"
