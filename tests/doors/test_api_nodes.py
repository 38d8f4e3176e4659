"""Other nodes by the API: every act of the page, by the same rights."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from antin.journeys import between_nodes
from antin.nodes import bundle, statements
from antin.nodes.models import Member as NodeRow
from antin.nodes.models import Received
from antin.outbox import operations as outbox
from antin.outbox.models import Promise
from antin.people import operations as people
from tests.cast import Cast, Member
from tests.journeys.test_between_nodes import Two, pdf, two  # noqa: F401 - a fixture
from tests.partners import Partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask() -> Callable[..., Any]:
    secrets: dict[int, str] = {}

    def asked(member: Member, method: str, path: str, body: Any = None, *, file: bytes | None = None) -> Any:
        if member.person_id not in secrets:
            at = timezone.now()
            secrets[member.person_id] = people.create_token(
                person_id=member.person_id,
                post_id=member.post_id,
                name="thử",
                scopes=("read", "act"),
                expires_at=at + timedelta(days=1),
                actor=None,
                at=at,
            ).secret
        headers = {"Authorization": f"Bearer {secrets[member.person_id]}"}
        if file is not None:
            return Client().post(f"/api{path}", {"file": SimpleUploadedFile("kien.zip", file)}, headers=headers)
        given = {"data": body, "content_type": "application/json"} if body is not None else {}
        return getattr(Client(), method)(f"/api{path}", headers=headers, **given)

    return asked


def test_a_node_is_invited_confirmed_changed_and_expelled(two: Two, ask: Callable[..., Any]) -> None:  # noqa: F811
    who = two.cast.administrator
    assert ask(who, "get", "/node").json()["coordinates"] is True
    told = {"code": "c3", "name": "Cục Ba", "way": "file", "agencies": {"G11.93": "Cục Ba"}}
    made = ask(who, "post", "/node-invitations", told)
    assert (made.status_code, made.json()["status"]) == (201, "open")
    other = Partner("c3", "G11.93", "Cục Ba", two.at)
    answer = other.answer(base64.b64decode(made.json()["content"]), at=two.at)
    assert ask(who, "post", "/node-invitations/answers", {"content": "không"}).status_code == 422
    taken = ask(who, "post", "/node-invitations/answers", {"content": base64.b64encode(answer).decode()}).json()
    fingerprint = statements.fingerprint(other.node.certificate)
    assert (taken["status"], taken["fingerprint"]) == ("answered", fingerprint)
    place = f"/node-invitations/{taken['id']}"
    wrong = ask(who, "post", f"{place}/confirm", {"fingerprint": "0" * 32})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "fingerprint_differs")
    assert ask(who, "post", f"{place}/confirm", {"fingerprint": fingerprint}).json()["way"] == "file"
    moved = ask(who, "put", "/nodes/c3", {"way": "nats", "agencies": {"G11.93": "Cục Ba", "G11.94": "Cục Bốn"}})
    assert moved.json()["agencies"] == {"G11.93": "Cục Ba", "G11.94": "Cục Bốn"}
    assert [row["code"] for row in ask(who, "get", "/nodes").json()] == ["c3", "b2", "tcz"]
    assert ask(who, "post", "/nodes/c3/expel", {"reason": "Lộ khóa"}).json()["standing"] == "expelled"
    assert ask(who, "post", "/nodes/c3/expel", {"reason": "Lộ khóa"}).json()["code"] == "member_expelled"
    again = ask(who, "post", "/node-invitations", told | {"code": "d4", "agencies": {"G11.95": "Cục Năm"}}).json()
    assert ask(who, "post", f"/node-invitations/{again['id']}/withdraw").json()["status"] == "withdrawn"
    assert ask(who, "get", "/node-invitations").json() == []


def test_numbers_are_compared_and_a_test_message_goes(two: Two, ask: Callable[..., Any]) -> None:  # noqa: F811
    who = two.cast.administrator
    assert ask(who, "get", "/nodes/b2/gaps").json() == {"outward": None, "inward": None}
    assert ask(who, "get", "/nodes/zz/gaps").status_code == 404
    made = ask(who, "post", "/nodes/b2/test")
    assert (made.status_code, made.json()["number"]) == (201, 2)
    [partner] = ask(who, "get", "/operation").json()["partners"]
    assert (partner["code"], partner["round_trip_seconds"]) == ("b2", None)
    assert "worker_silent" in {each["code"] for each in ask(who, "get", "/operation").json()["alarms"]}


def test_what_goes_by_hand_is_looked_at_and_taken(two: Two, ask: Callable[..., Any]) -> None:  # noqa: F811
    who = two.cast.administrator
    given = ask(who, "post", "/nodes/b2/bundle")
    assert given["Content-Type"] == "application/zip"
    assert bundle.Reader(BytesIO(b"".join(given.streaming_content))).contents.receiver == "b2"
    out, paper = BytesIO(), pdf()
    writer = bundle.Writer(out)
    first, piece = two.partner.messages(two.ours, two.partner.document(two.ours, paper), paper)
    writer.add("parcels/000001", first)
    writer.add("pieces/000001-0000", piece)
    writer.close(sender="b2", receiver="tcz", signer=two.partner.node, at=two.at)
    seen = ask(who, "post", "/node-bundles/look", file=out.getvalue()).json()
    assert (seen["sender"], [each["kind"] for each in seen["inside"]]) == ("b2", ["document"])
    assert not Received.objects.exists()
    assert ask(who, "post", "/node-bundles/take", file=out.getvalue()).json() == {"parcels": 1, "refused": 0}
    assert Received.objects.count() == 1
    assert ask(who, "post", "/node-bundles/look", file=out.getvalue()[:-30]).status_code == 422


def test_what_lies_aside_is_told_and_tried_again(two: Two, ask: Callable[..., Any], keep_promises: Any) -> None:  # noqa: F811
    who = two.cast.administrator
    told = two.partner.manifest(two.ours, kind="test", signer=two.partner.office)
    between_nodes.accept(message=two.partner.messages(two.ours, told)[0], way="nats", at=two.at)
    keep_promises()
    [aside] = ask(who, "get", "/node-parcels/aside").json()
    assert (aside["side"], aside["node"], aside["kind"]) == ("received", "b2", "test")
    assert ask(who, "post", f"/node-parcels/aside/{aside['id']}/retry").status_code == 200
    assert ask(who, "post", "/node-parcels/aside/987654/retry").status_code == 404
    [rejected] = ask(who, "get", "/node-parcels/rejected").json()
    assert (rejected["sender"], rejected["count"]) == ("b2", 1)


def test_a_job_that_was_given_up_is_tried_again(two: Two, ask: Callable[..., Any]) -> None:  # noqa: F811
    outbox.promise("lay_out", key="lay_out:1", document_id=1)
    Promise.objects.filter(key="lay_out:1").update(status="dead")
    place = f"/operation/promises/{Promise.objects.get(key='lay_out:1').pk}/retry"
    assert ask(two.cast.clerk, "post", place).status_code == 403
    assert ask(two.cast.administrator, "post", place).status_code == 204
    assert ask(two.cast.administrator, "post", place).status_code == 409


def test_this_node_is_named(cast: Cast, ask: Callable[..., Any]) -> None:
    who = cast.administrator
    assert ask(who, "get", "/node").json()["code"] == "node_has_no_identity"
    told = {"code": "tcz", "name": "Tổng cục Z"}
    assert ask(who, "post", "/node", told).json()["code"] == "no_authority"
    assert ask(who, "post", "/node/join", {"content": "AAAA", "fingerprint": ""}).status_code == 422


ACTS = (
    ("get", "/node", None),
    ("post", "/node", {"code": "zz", "name": "Z"}),
    ("post", "/node/join", {"content": "AAAA", "fingerprint": ""}),
    ("get", "/nodes", None),
    ("put", "/nodes/b2", {"way": "nats", "agencies": {}}),
    ("post", "/nodes/b2/expel", {"reason": "x"}),
    ("get", "/nodes/b2/gaps", None),
    ("post", "/nodes/b2/test", None),
    ("post", "/nodes/b2/bundle", None),
    ("get", "/node-invitations", None),
    ("post", "/node-invitations", {"code": "zz", "name": "Z", "agencies": {}}),
    ("post", "/node-invitations/answers", {"content": "AAAA"}),
    ("post", "/node-invitations/1/confirm", {"fingerprint": ""}),
    ("post", "/node-invitations/1/withdraw", None),
    ("get", "/node-parcels/aside", None),
    ("post", "/node-parcels/aside/1/retry", None),
    ("get", "/node-parcels/rejected", None),
    ("get", "/operation", None),
    ("post", "/operation/promises/1/retry", None),
)


def test_nobody_else_does_or_sees_any_of_it(two: Two, ask: Callable[..., Any]) -> None:  # noqa: F811
    before = list(NodeRow.objects.order_by("id").values())
    for member in (two.cast.clerk, two.cast.head):
        for method, path, body in ACTS:
            assert ask(member, method, path, body).status_code == 403, (method, path)
        assert ask(member, "post", "/node-bundles/look", file=b"x").status_code == 403
        assert ask(member, "post", "/node-bundles/take", file=b"x").status_code == 403
    assert list(NodeRow.objects.order_by("id").values()) == before
