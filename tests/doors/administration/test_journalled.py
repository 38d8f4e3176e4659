"""Every administrative change is in the journal: who did it, to what, what was changed; and what undoes it, or why nothing does.

The acts are read from the addresses of administration: one that is not stated here fails. Most are done once on the cast. Those
whose keys, files and partners have tests of their own are followed from the page to the operation that records.
"""

from __future__ import annotations

import html
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from antin import journeys
from antin.correspondents import operations as correspondents
from antin.correspondents.states import Channel
from antin.documents import operations as documents
from antin.exchange import operations as exchange
from antin.exchange.operations import LineFacts
from antin.journal.models import Record
from antin.keys import operations as keys
from antin.nodes import operations as nodes
from antin.numbering import operations as numbering
from antin.outbox import operations as outbox
from antin.outbox.models import Promise
from antin.people import operations as people
from antin.people import queries
from antin.people.models import Appointment
from antin.signing import operations as signing
from antin.tasks import operations as tasks
from antin.web.administration.urls import urlpatterns
from antin.workdays import operations as workdays
from antin.workdays.queries import Kind
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.journeys.test_between_nodes import Two, two  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
DOCS = Path(__file__).parents[3] / "docs" / "organisation.md"

NO_CHANGE = {
    "line-test": "asks the line whether it answers; nothing that anybody set is changed",
    "node-books-choose": "an agency is chosen, whose page then says what stands open and closes the books",
    "node-bring": "the carried file is looked at; what is taken in is recorded by node-bundle",
}

FOLLOWED = {
    # the address: the operation its page calls, and the event that is recorded there
    "request-issue": ("keys.issue_requested", "certificate.issued"),
    "request-enter": ("keys.enter_requested", "certificate.entered"),
    "offer-withdraw": ("keys.withdraw_offer", "device.withdrawn"),
    "person-key-request": ("keys.request_on_token", "certificate.requested"),
    "person-key-enter": ("keys.enter_certificate", "certificate.entered"),
    "seal-key-request": ("keys.request_on_token", "certificate.requested"),
    "seal-key-bring": ("keys.request_with_file", "certificate.requested"),
    "seal-key-enter": ("keys.enter_certificate", "certificate.entered"),
    "key-file-import": ("keys.import_key_file", "certificate.entered"),
    "request-decline": ("keys.decline_request", "certificate.declined"),
    "anchor-add": ("keys.add_trust_anchor", "anchor.trusted"),
    "anchor-end": ("keys.end_trust", "anchor.ended"),
    "authorities-import": ("keys.import_authorities", "intermediate.imported"),
    "list-import": ("keys.import_revocation_list", "revocation_list.imported"),
    "person-factors": ("people.reset_factors", "person.factor_removed"),
    "node-establish": ("nodes.establish", "node.named"),
    "node-join": ("nodes.accept_invitation", "node.joined"),
    "node-answer": ("nodes.take_answer", "node.answered"),
    "node-confirm": ("nodes.confirm_member", "node.confirmed"),
    "node-bundle": ("nodes.record_bundle", "bundle.taken"),
    "node-books-close": ("nodes.begin_move", "bookmove.closed"),
    "node-books-open": ("nodes.waive_move", "bookmove.waived"),
    "node-books-take": ("nodes.take_move", "bookmove.taken"),
    "node-books-return": ("nodes.give_move_back", "bookmove.given_back"),
    "node-books-reopen": ("nodes.reopen_move", "bookmove.reopened"),
    "unit-picture-set": ("keys.set_picture", "picture.set"),
    "person-picture-set": ("keys.set_picture", "picture.set"),
    "picture-undo": ("keys.take_back_picture", "picture.taken_back"),
    "type-text-write": ("documents.write_type_text", "type_text.written"),
    "type-text-publish": ("documents.publish_type_text", "type_text.published"),
    "type-text-undo": ("documents.take_back_type_text", "type_text.taken_back"),
    "code-list-add": ("codelists.add_entry", "codelist."),
    "code-entry-change": ("codelists.change_entry", "codelist."),
    "code-entry-end": ("codelists.end_entry", "codelist."),
    "code-list-undo": ("codelists.take_back", "codelist."),
    "code-list-import": ("codelists.import_list", "codelist."),
    "node-retry": ("nodes.take_again", "parcel.taken_again"),
    "line-directory": ("correspondents.take_list", "correspondents.listed"),
    "parcel-retry": ("exchange.retry_parcel", "parcel."),
    "parcel-drop": ("exchange.drop_parcel", "parcel."),
}


@dataclass(frozen=True)
class Case:
    event: str
    facts: frozenset[str]
    back: str
    why: str
    do: Callable[[World], Any]


class World:
    """The cast, its administrator's browser, and the moment."""

    def __init__(self, request: pytest.FixtureRequest, cast: Cast, enter: Enter) -> None:
        self.request, self.cast, self.enter = request, cast, enter
        self.at = timezone.now()
        self.today = timezone.localdate(self.at)

    @cached_property
    def page(self) -> Client:
        return self.enter(self.cast.administrator)

    @cached_property
    def two(self) -> Two:
        found = self.request.getfixturevalue("two")
        assert isinstance(found, Two)
        return found

    @property
    def own(self) -> dict[str, Any]:
        """The node itself acts, before the act that is looked at."""
        return {"actor": None, "at": self.at}

    def post(self, address: str, told: dict[str, Any] | None = None) -> None:
        answer = self.page.post(f"/administration/{address}", told or {})
        assert answer.status_code in (200, 302), answer.content.decode()[-3000:]

    def stranger(self) -> int:
        return people.add_person(name="Lê Mới", user_name="lemoi", **self.own).pk

    def vacant(self) -> int:
        return people.open_post(unit_id=self.cast.plan_id, title="Trợ lý", role="officer", **self.own).pk

    def part(self) -> int:
        told = {"name": "Tổ Một", "short_name": "Tổ 1", "abbreviation": "T1", "kind": "section"}
        return people.open_unit(**told, parent_id=self.cast.agency_id, **self.own).pk

    def body(self) -> int:
        return people.found_body(
            agency_id=self.cast.agency_id,
            kind="advisory",
            name="Hội đồng Y",
            abbreviation="HĐY",
            basis="1/QĐ",
            opened_on=self.today,
            **self.own,
        ).pk

    def form(self, *, written: bool = False) -> int:
        made = documents.make_form(agency_id=self.cast.agency_id, name="Giấy", mark="GX", pattern="typed", **self.own)
        if written:
            field = {"label": "Tên", "kind": "text", "required": True, "help": "", "options": []}
            documents.write_form(form_id=made.pk, fields=[field], template=BODY, addressed=False, **self.own)
        return made.pk

    def line(self) -> int:
        facts = LineFacts("Trục", "https://truc.vn", "H98.1", secret="x" * 20)
        return exchange.set_up_line(name="truc", channel=Channel.AXIS, facts=facts, **self.own).pk

    def abroad(self) -> int:
        return correspondents.enter(code="G77", name="Bộ Khác", channel="file", **self.own).pk

    def certificate(self, *, seal: bool = False) -> int:
        self.authority()
        if seal:
            keeper = self.cast.seal_keeper.person_id
            return keys.issue_agency_certificate(agency_id=self.cast.agency_id, custodian_id=keeper, **self.own).pk
        whom = {"person_id": self.cast.head.person_id, "post_id": self.cast.head.post_id}
        return keys.issue_person_certificate(**whom, pin="24681357", lasts=timedelta(days=20), **self.own).pk

    def authority(self) -> None:
        self.request.getfixturevalue("own_state")
        keys.establish(name="X", organisation="y", actor=None, at=self.at - timedelta(days=1))


BODY = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Ông {{Tên}}"}]}]}
CASES: dict[str, Case] = {}


def case(
    name: str, event: str, facts: str = "", *, back: str = "", why: str = ""
) -> Callable[[Callable[[World], Any]], Callable[[World], Any]]:
    """State what an address changes, what of it is recorded, and which address changes it back, or why none does."""

    def keep(do: Callable[[World], Any]) -> Callable[[World], Any]:
        assert name not in CASES
        CASES[name] = Case(event, frozenset(facts.split()), back, why, do)
        return do

    return keep


NAMES = {"name": "Ban C1", "short_name": "Ban C1", "abbreviation": "C1"}

# ---- units and what belongs to them --------------------------------------------------------------------------------------------

case("unit-open", "unit.opened", "name parent code", back="unit-close")(
    lambda w: w.post(f"units/{w.cast.agency_id}/open", NAMES | {"kind": "board", "order": "30"})
)
case("unit-rename", "unit.renamed", "name former was short_name", back="unit-rename")(
    lambda w: w.post(f"units/{w.cast.plan_id}/rename", NAMES)
)
case("unit-describe", "unit.described", "place_name was", back="unit-describe")(
    lambda w: w.post(f"units/{w.cast.plan_id}/describe", {"place_name": "Huế"})
)
case("unit-move", "unit.moved", "parent former_parent former_code", back="unit-move")(
    lambda w: w.post(f"units/{w.part()}/move", {"parent_id": w.cast.recipient_id})
)
case("unit-close", "unit.closed", "successor posts decision", why="a unit that was closed is not opened again")(
    lambda w: w.post(f"units/{w.part()}/close", {"decision": "1/QĐ"})
)
PARTS = {"keeps": "1", "decision": "5/QĐ", "n1-name": "Phòng Mới", "n1-short_name": "Mới", "n1-abbreviation": "M"}


@case(
    "unit-split",
    "unit.split",
    "keeps parts posts units heir sees decision",
    why="units that were split are not put together",
)
def _(w: World) -> None:
    told = PARTS | {f"n{n}-kind": "division" for n in range(1, 5)} | {f"post-{w.cast.plan_officer.post_id}": "1"}
    address = f"/administration/units/{w.cast.plan_id}/split"
    looked = w.page.post(address, told).content.decode().split('name="foreseen" value="')[1].split('"')[0]
    w.post(f"units/{w.cast.plan_id}/split", told | {"foreseen": looked})


BOOK = {"name": "Sổ", "type_codes": ["CV", "TB"], "restarts": "year", "basis": "1/QĐ"}
case("book-set", "book.set", "types from_year basis", back="book-close")(
    lambda w: w.post(f"units/{w.cast.agency_id}/books/set", BOOK | {"from_year": w.today.year + 1})
)


@case("book-close", "book.closed", "name from_year basis", back="book-set")
def _(w: World) -> None:
    book = numbering.set_book(agency_id=w.cast.agency_id, **BOOK, from_year=w.today.year + 1, today=w.today, **w.own)
    w.post(f"units/{w.cast.agency_id}/books/{book.pk}/close", {"from_year": w.today.year + 2, "basis": "2/QĐ"})


case("mandate-give", "mandate.given", "basis", back="mandate-end")(
    lambda w: w.post(
        f"units/{w.cast.agency_id}/mandates/give", {"family": "normative", "since": w.today, "basis": "1/QĐ"}
    )
)


@case("mandate-end", "mandate.ended", "basis", back="mandate-give")
def _(w: World) -> None:
    told = {"agency_id": w.cast.agency_id, "family": "normative", "basis": "1/QĐ"}
    given = documents.give_mandate(**told, since=w.today - timedelta(days=9), **w.own)
    end = {"until": w.today, "basis": "2/QĐ"}
    w.post(f"units/{w.cast.agency_id}/mandates/{given.pk}/end", end)


FOUND = {"kind": "advisory", "name": "Hội đồng", "abbreviation": "HĐ", "basis": "1/QĐ"}
case("body-found", "body.founded", "body name basis", back="body-close")(
    lambda w: w.post(f"units/{w.cast.agency_id}/bodies/found", FOUND | {"opened_on": w.today})
)


def seated(w: World) -> tuple[int, dict[str, Any]]:
    told = {"post_id": w.cast.plan_head.post_id, "title": "Ủy viên", "standing": "member", "since": w.today}
    return w.body(), told | {"basis": "1/QĐ"}


@case("body-seat", "body.seated", "body post standing since basis", back="body-unseat")
def _(w: World) -> None:
    body, told = seated(w)
    w.post(f"bodies/{body}/seat", told)


@case("body-unseat", "body.unseated", "body post basis", back="body-seat")
def _(w: World) -> None:
    body, told = seated(w)
    member = people.seat_in_body(body_id=body, **told, **w.own)
    w.post(f"bodies/{body}/members/{member.pk}/end", {"basis": "2/QĐ"})


case("body-book", "book.set", "types from_year body", back="book-close")(
    lambda w: w.post(f"bodies/{w.body()}/books/set", BOOK | {"from_year": w.today.year + 1})
)
case(
    "body-close", "body.closed", "body basis", why="a body that was closed is not opened again; it can be founded anew"
)(lambda w: w.post(f"bodies/{w.body()}/close", {"basis": "2/QĐ"}))
case("paper-form-make", "form.made", "mark pattern", back="paper-form-close")(
    lambda w: w.post(f"units/{w.cast.agency_id}/forms/make", {"name": "Giấy", "mark": "GX", "pattern": "typed"})
)


@case("paper-form-write", "form.written", "version", back="paper-form-write")
def _(w: World) -> None:
    rows = {"f-TOTAL_FORMS": "1", "f-INITIAL_FORMS": "0", "f-0-label": "Tên", "f-0-kind": "text", "f-0-order": "1"}
    w.post(f"forms/{w.form()}/write", rows | {"body": "Ông {{Tên}}"})


case(
    "paper-form-publish",
    "form.published",
    "version",
    why="drafts have been begun by it; another version takes its place",
)(lambda w: w.post(f"forms/{w.form(written=True)}/publish"))
case("paper-form-close", "form.closed", why="a form that was closed is not used again; another is made")(
    lambda w: w.post(f"forms/{w.form()}/close")
)

# ---- posts, appointments, leave to sign ----------------------------------------------------------------------------------------

case("post-open", "post.opened", "unit title role keeps_seal", back="post-close")(
    lambda w: w.post(f"units/{w.cast.plan_id}/posts/open", {"title": "Trợ lý", "role": "officer", "order": "7"})
)
case("post-describe", "post.described", "title former keeps_seal order was", back="post-describe")(
    lambda w: w.post(f"posts/{w.cast.plan_officer.post_id}/describe", {"title": "Chuyên viên", "order": "3"})
)
case("post-close", "post.closed", "title", why="a post that was closed is not opened again; another is opened")(
    lambda w: w.post(f"posts/{w.vacant()}/close")
)
case("post-appoint", "person.appointed", "post since until acting basis", back="appointment-end")(
    lambda w: w.post(f"posts/{w.vacant()}/appoint?person={w.stranger()}", {"person_id": _latest(), "since": w.today})
)
case("person-appoint", "person.appointed", "post since until acting basis", back="appointment-end")(
    lambda w: w.post(f"people/{w.stranger()}/appoint", {"post_id": w.vacant(), "since": w.today})
)
case("post-new-person", "person.appointed", "post since", back="appointment-end")(
    lambda w: w.post(f"posts/{w.vacant()}/new-person", {"name": "Lê A", "user_name": "lea", "since": w.today})
)


def _latest() -> int:
    found = queries.find_person_by_user_name("lemoi")
    assert found is not None
    return found.pk


@case("appointment-end", "person.appointment_ended", "post until was basis", back="post-appoint")
def _(w: World) -> None:
    held = Appointment.objects.get(post_id=w.cast.plan_officer.post_id)
    w.post(f"appointments/{held.pk}/end", {"until": w.today + timedelta(days=9)})


def leave(w: World) -> dict[str, Any]:
    return {"form": "TL.", "to_post_id": w.cast.plan_head.post_id, "since": w.today, "basis": "1/QC"}


def away(w: World) -> dict[str, Any]:
    posts = {"principal_id": w.cast.technique_head.post_id, "substitute_id": w.cast.plan_head.post_id}
    return posts | {"since": w.today, "until": w.today + timedelta(days=3), "basis": "1/GNP"}


case("delegate", "post.delegated", "to_post form types since until basis", back="delegation-revoke")(
    lambda w: w.post(f"units/{w.cast.agency_id}/delegate", leave(w))
)


@case("delegation-revoke", "post.delegation_revoked", "to_post form basis", back="delegate")
def _(w: World) -> None:
    given = people.delegate(from_post_id=w.cast.head.post_id, **leave(w), **w.own)
    w.post(f"delegations/{given.pk}/revoke")


case("substitute", "post.substituted", "substitute since until basis", back="substitution-end")(
    lambda w: w.post(f"units/{w.cast.agency_id}/substitute", away(w))
)


@case("substitution-end", "post.substitution_ended", "substitute since until basis", back="substitute")
def _(w: World) -> None:
    given = people.substitute(**away(w), **w.own)
    w.post(f"substitutions/{given.pk}/end")


# ---- persons -------------------------------------------------------------------------------------------------------------------

case("person-add", "person.added", "name user_name", back="person-let-go")(
    lambda w: w.post("people/add", {"name": "Lê B", "user_name": "leb"})
)


def person(name: str, act: str, event: str, facts: str, told: dict[str, Any], **undone: str) -> None:
    case(name, event, facts, **undone)(lambda w: w.post(f"people/{w.cast.plan_officer.person_id}/{act}", told))


person(
    "person-describe", "describe", "person.described", "name former rank was", {"name": "Lê"}, back="person-describe"
)
person("person-phone", "phone", "person.phone_given", "phone was", {"phone": "0912 345"}, back="person-phone")
person(
    "person-password", "password", "person.password_set", "", {}, why="a password is known to nobody; another is given"
)
person("person-sign-out", "sign-out", "person.signed_out", "", {}, why="sittings are over; the person signs in again")
person("person-lock", "lock", "person.locked", "basis", {"basis": "1/BC"}, back="person-unlock")
person(
    "person-let-go",
    "let-go",
    "person.left",
    "basis posts",
    {"basis": "1/QĐ"},
    why="who left and comes back is added anew",
)
CLEARED = {"level": "mat", "until": "2099-01-01", "basis": "1/QĐ"}
person("person-clearance", "clearance", "person.cleared", "level until was basis", CLEARED, back="person-clearance")


@case("person-unlock", "person.unlocked", "basis", back="person-lock")
def _(w: World) -> None:
    people.lock_account(person_id=w.cast.plan_officer.person_id, basis="1/BC", **w.own)
    w.post(f"people/{w.cast.plan_officer.person_id}/unlock", {"basis": "2/BC"})


@case("people-passwords", "person.password_set", why="a password is known to nobody; another is given")
def _(w: World) -> None:
    w.stranger()
    w.post("people/passwords?state=active")


@case("organisation", "unit.opened", "name parent", back="unit-close")
def _(w: World) -> None:
    words = "Tên đơn vị;Thuộc;Tên ngắn;Viết tắt\nBan D1;G11.90;Ban D1;D1\n"
    table = SimpleUploadedFile("to-chuc.csv", words.encode())
    looked = w.page.post("/administration/organisation", {"table": table})
    told = looked.content.decode().split('name="told" value="')[1].split('"')[0]
    w.post("organisation", {"told": html.unescape(told)})


# ---- certificates and devices --------------------------------------------------------------------------------------------------


@case(
    "authority-establish",
    "authority.established",
    "name fingerprint",
    why="what an authority signed stays to be judged by it",
)
def _(w: World) -> None:
    w.request.getfixturevalue("own_state")
    w.post("authority/establish", {"name": "Chứng thực X", "organisation": "Z"})


@case("certificate-issue", "certificate.issued", "name purpose", back="certificate-revoke")
def _(w: World) -> None:
    w.authority()
    w.post(f"people/{w.cast.head.person_id}/certify", {"post_id": w.cast.head.post_id, "years": "3"})


@case("seal-issue", "certificate.issued", "name purpose", back="certificate-revoke")
def _(w: World) -> None:
    w.authority()
    w.post(f"units/{w.cast.agency_id}/certify", {"custodian_id": "", "years": "3"})


case(
    "certificate-revoke",
    "certificate.revoked",
    "serial reason",
    why="a certificate that was revoked stays so; another is issued",
)(lambda w: w.post(f"certificates/{w.certificate()}/revoke", {"reason": "superseded"}))
case("certificate-renew", "certificate.issued", "name purpose", back="certificate-revoke")(
    lambda w: w.post(f"certificates/{w.certificate()}/renew")
)
case("seal-hand-over", "device.offered", "before after basis", back="offer-withdraw")(
    lambda w: w.post(
        f"certificates/{w.certificate(seal=True)}/hand-over", {"to_person_id": w.cast.clerk.person_id, "basis": "1/BB"}
    )
)

# ---- how signatures last, the machinery ----------------------------------------------------------------------------------------

RULE = {"agency_id": "", "signing": "agency", "secrecy": "2", "level": "B-LTA", "grace_hours": "4"}
TSA = {"kind": "timestamp", "name": "TSA", "address": "http://127.0.0.1:9/", "seconds": "2", "position": "1"}
case("rule-set", "level_rule.set", "secrecy level grace_hours was", back="rule-drop")(
    lambda w: w.post("signatures/rules/set", RULE)
)


@case("rule-drop", "level_rule.dropped", "signing secrecy level grace_hours", back="rule-set")
def _(w: World) -> None:
    told = {"agency_id": None, "signing": "agency", "secrecy": 2, "level": "B-LTA", "grace_hours": 4}
    w.post(f"signatures/rules/{signing.set_rule(**told, **w.own).pk}/drop")


def service(w: World) -> int:
    told = {"kind": "timestamp", "name": "TSA", "address": "http://127.0.0.1:9/", "seconds": 2, "position": 1}
    return signing.set_responder(**told, **w.own).pk


case("responder-add", "responder.set", "kind address position was", back="responder-close")(
    lambda w: w.post("signatures/services/add", TSA)
)
case("responder-set", "responder.set", "kind address position was", back="responder-set")(
    lambda w: w.post(f"signatures/services/{service(w)}", TSA | {"name": "TSA 2"})
)
case("responder-close", "responder.closed", "address", back="responder-add")(
    lambda w: w.post(f"signatures/services/{service(w)}/close")
)


@case("operation-again", "promise.revived", "name", why="the work is tried again; nothing else is changed")
def _(w: World) -> None:
    outbox.promise("lay_out", key="lay_out:1", document_id=1)
    Promise.objects.filter(key="lay_out:1").update(status="dead", attempts=3)
    w.post(f"operation/promises/{Promise.objects.get(key='lay_out:1').pk}/again")


# ---- reminders, the calendar ---------------------------------------------------------------------------------------------------

REMIND = {"name": "Trước hạn", "days": "-1", "whom": "holder", "priority": "0"}
case("reminder-new", "reminder.set", "name days whom priority", back="reminder-end")(
    lambda w: w.post("reminders/new", REMIND)
)


@case("reminder-end", "reminder.ended", "name days whom priority", back="reminder-new")
def _(w: World) -> None:
    actor = w.cast.administrator.actor(w.today)
    made = tasks.set_rule(name="Trước hạn", days=-1, whom="holder", priority=0, actor=actor, at=w.at)
    w.post(f"reminders/{made.pk}/end")


DAY = {"day": "2027-03-04", "kind": "local", "note": "Ngày truyền thống", "decision": "9/QĐ"}
case("calendar-day", "calendar.set", "day kind note decision was", back="calendar-clear")(
    lambda w: w.post("calendar/day", DAY)
)
case("calendar-swap", "calendar.set", "day kind note decision was", back="calendar-clear")(
    lambda w: w.post("calendar/swap", {"off": "2027-03-05", "work": "2027-03-13", "decision": "10/QĐ"})
)


@case("calendar-clear", "calendar.cleared", "day was note decision", back="calendar-day")
def _(w: World) -> None:
    workdays.set_day(day=date(2027, 3, 4), kind=Kind.LOCAL, note="X", decision="9/QĐ", **w.own)
    w.post("calendar/2027-03-04/clear")


# ---- lines, agencies outside, other nodes --------------------------------------------------------------------------------------

LINE = {"title": "Trục", "address": "https://truc.vn", "system_id": "H98.1", "secret": "x" * 20}
case("line-set-up", "line.set_up", "name address codes", back="line-shut")(
    lambda w: w.post("lines/set-up", LINE | {"channel": "axis", "name": "truc"})
)
case("line-change", "line.changed", "title address codes was", back="line-change")(
    lambda w: w.post(f"lines/{w.line()}/change", LINE | {"address": "https://truc2.vn"})
)
case("line-open", "line.opened", "name", back="line-shut")(lambda w: w.post(f"lines/{w.line()}/open"))


@case("line-shut", "line.shut", "name", back="line-open")
def _(w: World) -> None:
    line = exchange.open_line(line_id=w.line(), **w.own)
    w.post(f"lines/{line.pk}/shut")


ABROAD = {"name": "Bộ Khác", "way": "file:"}
case("correspondent-enter", "correspondent.entered", "code name channel", back="correspondent-close")(
    lambda w: w.post("correspondents/enter", ABROAD | {"code": "G77"})
)
case("correspondent-describe", "correspondent.changed", "was before name channel", back="correspondent-describe")(
    lambda w: w.post(f"correspondents/{w.abroad()}/change", ABROAD | {"name": "Bộ Nữa"})
)
case("correspondent-close", "correspondent.closed", "name successor", back="correspondent-enter")(
    lambda w: w.post(f"correspondents/{w.abroad()}/close", {"successor": ""})
)
case("correspondents-import", "correspondent.entered", "code name channel", back="correspondents-import")(
    lambda w: w.post(
        "correspondents/import",
        {"way": "file:", "table": SimpleUploadedFile("a.csv", "Mã;Tên\nG99;Bộ Thử\n".encode())},
    )
)


case("operation-test", "node.tested", "code parcel", why="a message that carries nothing was sent")(
    lambda w: w.post(f"operation/nodes/{w.two.partner.code}/test")
)
INVITED = {"code": "c3", "name": "Cục Ba", "way": "file", "agencies": "G11.93 = Cục Ba"}


@case("node-invite", "node.invited", "code name", back="node-withdraw")
def _(w: World) -> None:
    assert w.two
    w.post("nodes/invite", INVITED)


@case("node-withdraw", "node.invitation_withdrawn", "code", back="node-invite")
def _(w: World) -> None:
    told = {"code": "c3", "name": "Cục Ba", "way": "file", "agencies": {"G11.93": "Cục Ba"}}
    assert w.two
    made = nodes.invite(**told, **w.own)
    w.post(f"nodes/invitations/{made.invitation.pk}/withdraw")


case("node-change", "node.changed", "way before was agencies", back="node-change")(
    lambda w: w.post(f"nodes/{w.two.partner.code}/change", {"way": "file", "agencies": "G11.92 = Cục Hai"})
)
case("node-expel", "node.expelled", "code reason", back="node-invite")(
    lambda w: w.post(f"nodes/{w.two.partner.code}/expel", {"reason": "Lộ khóa"})
)
case("node-export", "bundle.exported", "code parcels", why="the file was carried away; what it holds goes on waiting")(
    lambda w: w.post(f"nodes/{w.two.partner.code}/export")
)


# ---- held against the addresses ------------------------------------------------------------------------------------------------

NAMED = {each.name: each for each in urlpatterns}


def methods(name: str) -> list[str]:
    """What an address takes, as its view is decorated."""
    told = inspect.getclosurevars(NAMED[name].callback).nonlocals.get("request_method_list")
    assert isinstance(told, list), f"{name}: state what it takes by require_safe or require_http_methods"
    return told


def test_every_address_that_takes_a_post_is_stated_once() -> None:
    """A new one: a case here, done once on the cast; or in FOLLOWED, where what it needs is tested elsewhere."""
    assert sorted([*NO_CHANGE, *FOLLOWED, *CASES]) == sorted(name for name in NAMED if "POST" in methods(name))


@pytest.mark.parametrize("name", CASES)
def test_a_change_is_recorded_with_who_what_and_from_what(
    name: str, request: pytest.FixtureRequest, cast: Cast, enter: Enter
) -> None:
    found = CASES[name]
    world = World(request, cast, enter)
    begun = datetime.now(UTC) - timedelta(seconds=1)
    found.do(world)
    own = Record.objects.filter(person_id=cast.administrator.person_id, event__startswith=found.event, at__gte=begun)
    record = own.order_by("-id").first()
    assert record is not None, [(each.event, each.person_id) for each in Record.objects.order_by("id")]
    assert (record.post_id, bool(record.subject_kind), record.subject_id is not None) == (
        cast.administrator.post_id,
        True,
        True,
    )
    assert found.facts <= set(record.facts), record.facts


def test_what_was_changed_can_be_changed_back_or_is_said_not_to() -> None:
    assert {name for name, each in CASES.items() if bool(each.back) == bool(each.why)} == set()
    assert {each.back for each in CASES.values() if each.back} <= set(NAMED)
    told = DOCS.read_text()
    assert [name for name, each in CASES.items() if each.why and each.why not in told] == []


@pytest.mark.parametrize("name", FOLLOWED)
def test_the_page_calls_what_records(name: str) -> None:
    """What the page calls is followed by name to the operation's own source, and on to what that calls in its module."""
    operation, event = FOLLOWED[name]
    room, _, act = operation.partition(".")
    view = inspect.unwrap(NAMED[name].callback)
    page = inspect.getsource(inspect.getmodule(view))  # type: ignore[arg-type]
    called = {act} if f".{act}(" in page else {each for each in _through(page) if f".{act}(" in each}
    assert called, f"{name} calls {act} no more"
    function = inspect.unwrap(getattr(import_module(f"antin.{room}.operations"), act))
    assert event in inspect.getsource(inspect.getmodule(function)), f"{operation} records no {event}"  # type: ignore[arg-type]
    assert "actor" in inspect.signature(function).parameters


def _through(page: str) -> list[str]:
    """Sources of the journeys that a page names."""
    folder = Path(journeys.__path__[0])
    return [each.read_text() for each in folder.rglob("*.py") if each.stem in page or each.parent.name in page]
