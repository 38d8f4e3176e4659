"""A small unit acting on its own node, for demonstrations, tests and benchmarks: one JSON command a line, one answer.

    ANTIN_STATE=… python -m tools.little_unit
    {"act": "found", "code": "G11.91", "name": "Cục Xa", "mark": "CX", "user": "cx"}
    {"act": "issue", "to": ["G11.90"], "subject": "…", "bytes": 100000, "urgency": 0}
    {"act": "post", "to": ["G11.90"], "sizes": [20000, 300000], "seed": 1}
    {"act": "register"}     {"act": "finish"}     {"act": "board", "document": 5}     {"act": "wake"}
    {"act": "queue", "to": "b1", "first": 0, "count": 100}
    {"act": "antin", "words": ["parcels", "gaps"]}

Everything goes through the operations and journeys that people's pages call; the node itself must be running beside it.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import django
import pikepdf

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.umask(0o077)
django.setup()

from django.db import transaction  # noqa: E402 - Django is set up above

from antin.console import main as antin  # noqa: E402
from antin.correspondents import queries as directory  # noqa: E402
from antin.documents import operations as documents  # noqa: E402
from antin.documents import queries  # noqa: E402
from antin.documents.operations import DraftFacts, Outside  # noqa: E402
from antin.exchange import operations as exchange  # noqa: E402
from antin.exchange import queries as deliveries  # noqa: E402
from antin.files import operations as files  # noqa: E402
from antin.jobs import handlers  # noqa: E402, F401 - registers what promises are kept by
from antin.journeys import (  # noqa: E402
    approve_document,
    direct_document,
    issue_document,
    receive_document,
    sign_document,
)
from antin.keys import operations as keys  # noqa: E402
from antin.nodes import operations as nodes  # noqa: E402
from antin.nodes import parcels, statements  # noqa: E402
from antin.nodes import queries as members  # noqa: E402
from antin.outbox import operations as outbox  # noqa: E402
from antin.people import at_rest  # noqa: E402
from antin.people import operations as people  # noqa: E402
from antin.people import queries as persons  # noqa: E402
from antin.people.actor import Actor  # noqa: E402
from antin.people.states import Kind, Role  # noqa: E402
from antin.refusal import Refusal  # noqa: E402
from antin.tasks import queries as assignments  # noqa: E402
from antin.tasks.operations import Share  # noqa: E402
from antin.tasks.states import Role as TaskRole  # noqa: E402
from antin.vault import operations as sealing  # noqa: E402
from antin.vault import queries as vault  # noqa: E402
from antin.workdays.queries import local_date  # noqa: E402

PIN, PASSWORD = "246810", "Dung-thu-2026"
SINCE = timedelta(days=60)
WORDS = "Đề nghị đơn vị nghiên cứu, tổ chức thực hiện và báo cáo kết quả."
BODY = {
    "type": "doc",
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": WORDS}]}],
}


def found(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Open the unit with a leader, a reviewer, an officer, a clerk who keeps the seal, and an administrator; give them keys."""
    opened, mark = at - SINCE, given["mark"]
    if persons.find_root() is not None:
        return {"there": True}
    agency = people.open_unit(
        name=given["name"],
        short_name=given["name"],
        abbreviation=mark,
        kind=Kind.DEPARTMENT,
        parent_id=None,
        code=given["code"],
        place_name=given.get("place", "Hà Nội"),
        parent_name="Bộ Y",
        actor=None,
        at=opened,
    ).id
    office = people.open_unit(
        name="Phòng Tham mưu",
        short_name="Tham mưu",
        abbreviation="TM",
        kind=Kind.DIVISION,
        parent_id=agency,
        actor=None,
        at=opened,
    ).id
    keys.establish(name=f"Chứng thực {given['name']}", organisation=given["name"], actor=None, at=opened)
    keys.refresh_revocation_lists(at=at)  # those of the day it was opened have ended since
    seats = (
        (agency, "Thủ trưởng", Role.HEAD, given.get("head", "Nguyễn Văn Tỉnh"), "thutruong", False),
        (office, "Trưởng phòng", Role.HEAD, "Lê Hoàng Quân", "truongphong", False),
        (office, "Trợ lý", Role.OFFICER, "Trần Thị Thùy", "troly", False),
        (agency, "Nhân viên văn thư", Role.CLERK, "Phạm Thu Cúc", "vanthu", True),
        (agency, "Quản trị viên", Role.ADMINISTRATOR, "Đỗ Quang Trị", "quantri", False),
    )
    for order, (unit_id, title, role, name, user_name, keeps_seal) in enumerate(seats):
        post = people.open_post(
            unit_id=unit_id, title=title, role=role, keeps_seal=keeps_seal, order=order, actor=None, at=opened
        )
        person = people.add_person(
            name=name,
            user_name=user_name,
            password=PASSWORD,
            password_is_public=True,
            actor=None,
            at=opened,
        )
        people.appoint(person_id=person.id, post_id=post.id, since=local_date(opened), actor=None, at=opened)
        if role == Role.HEAD and unit_id == agency:
            keys.issue_person_certificate(person_id=person.id, post_id=post.id, pin=PIN, actor=None, at=opened)
        if keeps_seal:
            keys.issue_agency_certificate(agency_id=agency, custodian_id=person.id, actor=None, at=opened)
    return {"agency": agency}


def set_up(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Open an agency below the unit, as the node does that is to serve one that another node serves still."""
    root = persons.find_root()
    assert root is not None
    opened = people.open_unit(
        name=given["name"],
        short_name=given["name"],
        abbreviation=given["mark"],
        kind=Kind.DEPARTMENT,
        parent_id=root.pk,
        code=given["code"],
        actor=None,
        at=at,
    )
    return {"agency": opened.id}


def clear(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Let the unit draft, sign and read classified papers: clearances, encryption keys, three officers of the recovery key."""
    readers = [who(name, at) for name in ("thutruong", "truongphong", "troly", "vanthu")]
    if vault.find_recovery_key(readers[0].agency_id) is not None:
        return {"there": True}
    until = local_date(at) + timedelta(days=365)
    for reader in readers:
        people.grant_clearance(
            person_id=reader.person_id, level="toi_mat", until=until, basis="01/QĐ-TM", actor=None, at=at
        )
        if reader is not readers[0]:
            keys.issue_person_certificate(
                person_id=reader.person_id, post_id=reader.post_id, pin=PIN, actor=None, at=at
            )
        keys.issue_encryption_certificate(pin=PIN, actor=reader, at=at)
    officers = [reader.person_id for reader in readers[1:]]
    sealing.establish_recovery(officers=officers, decision="02/QĐ-TM", actor=readers[0], at=at)
    return {"cleared": len(readers)}


def who(user_name: str, at: datetime) -> Actor:
    person = persons.find_person_by_user_name(user_name)
    assert person is not None
    [post, *_more] = persons.list_posts_held(person.pk, local_date(at))
    return persons.get_actor(person_id=person.pk, post_id=post.post_id, on=local_date(at))


def issue(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Draft, endorse, lay out, sign, number, seal and issue a letter to agencies of other nodes."""
    drafter, reviewer = who("troly", at), who("truongphong", at)
    head, clerk = who("thutruong", at), who("vanthu", at)
    recipients = [directory.find_by_code(code) for code in given["to"]]
    if None in recipients:
        return {"refused": f"no such agency among {given['to']}"}
    today = local_date(at)
    facts = DraftFacts(
        type_code="CV",
        subject=given["subject"],
        urgency=given.get("urgency", 0),
        signer_post_id=head.post_id,
    )
    document = documents.create_draft(facts=facts, actor=drafter, today=today, at=at)
    documents.set_recipients(
        document_id=document.pk,
        addressed=[Outside(each.pk) for each in recipients if each is not None],
        copied=[],
        actor=drafter,
        today=today,
        at=at,
    )
    revision = queries.making_of(document).revision
    documents.revise(
        document_id=document.pk,
        facts=facts,
        body=BODY,
        uploaded_file="",
        revision=revision,
        actor=drafter,
        today=today,
        at=at,
    )
    if size := given.get("bytes"):
        filler = os.urandom(size)
        kept = files.keep(b"antin demonstration\n" + filler, at=at)
        documents.add_attachment(
            document_id=document.pk,
            name="Phu-luc.bin",
            file=kept.digest,
            size=kept.size,
            media_type=kept.media_type,
            actor=drafter,
            at=at,
        )
    approve_document.submit(document_id=document.pk, actor=drafter, today=today, at=at)
    with outbox.kept_by_caller() as made:
        approve_document.endorse(document_id=document.pk, actor=reviewer, today=today, at=at)
    for promise_id in made:
        outbox.keep(promise_id=promise_id, at=at)
    seen = queries.get(document.pk).file
    sign_document.sign_document(document_id=document.pk, seen_file=seen, pin=PIN, actor=head, today=today, at=at)
    issued = issue_document.number_document(document_id=document.pk, actor=clerk, today=today, at=datetime.now(UTC))
    return {"document": issued.pk, "code": issued.code, "file": issued.file}


def post(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Issue letters whose pages came from elsewhere, of these sizes and of bytes that follow from a seed: for load, where what is
    measured is the way and not the signing. Everything else is as `issue` does it."""
    drafter, reviewer, head, clerk = (who(name, at) for name in ("troly", "truongphong", "thutruong", "vanthu"))
    recipients = [directory.find_by_code(code) for code in given["to"]]
    if None in recipients:
        return {"refused": f"no such agency among {given['to']}"}
    addressed = [Outside(each.pk) for each in recipients if each is not None]
    today, posted = local_date(at), []
    for place, size in enumerate(given["sizes"]):
        moment = datetime.now(UTC)
        file = files.keep(page(size, f"{given.get('seed', 0)}:{place}"), at=moment).digest
        facts = DraftFacts(
            type_code="CV",
            subject=given.get("subject", f"Đề nghị báo cáo số {place + 1}"),
            urgency=given.get("urgency", 0),
            signer_post_id=head.post_id,
        )
        made: dict[str, Any] = {"actor": drafter, "today": today, "at": moment}
        with transaction.atomic():  # at once: the worker would lay the page out meanwhile
            pk = documents.create_draft(facts=facts, **made).pk
            documents.set_recipients(document_id=pk, addressed=addressed, copied=[], **made)
            revision = queries.making_of(queries.get(pk)).revision
            documents.revise(document_id=pk, facts=facts, body=BODY, uploaded_file="", revision=revision, **made)
            documents.submit(document_id=pk, **made)
            documents.endorse(document_id=pk, words="", actor=reviewer, today=today, at=moment)
            revision = queries.making_of(queries.get(pk)).revision
            documents.keep_laid_out(document_id=pk, revision=revision, file=file, pages=1, actor=None, at=moment)
            documents.keep_signed(document_id=pk, laid_out_file=file, signed_file=file, actor=head, at=moment)
            documents.number(document_id=pk, actor=clerk, today=today, at=moment)
            documents.keep_sealed(document_id=pk, file=file, attachments={}, actor=clerk, at=moment)
            issued = documents.issue(document_id=pk, actor=clerk, at=moment)
            exchange.dispatch(document_id=pk, actor=clerk, at=moment)
        posted.append({"code": issued.code, "file": file})
    return {"posted": posted}


def page(size: int, seed: str) -> bytes:
    """A PDF of one page with words, which nobody has to recognise, and about so many bytes."""
    made = pikepdf.new()
    sheet = made.add_blank_page()
    sheet.add_resource(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica),
        pikepdf.Name.Font,
        pikepdf.Name.F1,
    )
    sheet.contents_add(f"BT /F1 12 Tf 72 720 Td (De nghi bao cao ket qua thuc hien, lan {seed}) Tj ET".encode())
    made.Root.Filler = pikepdf.Stream(made, random.Random(seed).randbytes(max(16, size - 700)))
    out = io.BytesIO()
    made.save(out, deterministic_id=True, compress_streams=False)
    return out.getvalue()


def wake(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Take up at once what a killed worker held; the timetable does it within a minute or two."""
    return {
        "stalled": outbox.retry_stalled(seconds=given.get("seconds", 6.0)),
        "orphans": outbox.redefer_orphans(at=at),
    }


def console(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Do what `antin` does with these words, without loading the application once more."""
    said, wrong = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(wrong):
        code = antin.main(given["words"])
    return {"code": code, "said": said.getvalue(), "wrong": wrong.getvalue()}


def register(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Enter everything that waits in the book; what is classified waits for a person with his PIN."""
    clerk, done = who("vanthu", at), []
    for document in queries.list_waiting(clerk):
        if document.status == "arrived" and document.classified_id is None:
            row = receive_document.register(document_id=document.pk, actor=clerk, today=local_date(at), at=at)
            done.append({"document": row.pk, "code": row.code, "number": row.arrival_number})
    return {"registered": done}


def finish(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Direct everything registered to the office, work on it and accept it."""
    head, office_head, done = who("thutruong", at), who("truongphong", at), []
    for document in queries.list_waiting(head):
        if document.next_act != "direct":
            continue
        shares = [Share(TaskRole.LEAD, unit_id=office_head.unit_id, due_at=at + timedelta(days=5))]
        direct_document.direct(document_id=document.pk, words="Chủ trì xử lý", shares=shares, actor=head, at=at)
        for task in assignments.list_waiting(office_head):
            if task.document_id == document.pk:
                direct_document.hand_in(assignment_id=task.pk, words="Đã xong", actor=office_head, at=at)
                direct_document.accept(assignment_id=task.pk, actor=head, at=at)
        done.append(document.code)
    return {"finished": done}


def board(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Say how far a document is at each recipient."""
    found = deliveries.get_board(who("vanthu", at), given["document"])
    rows = [
        {
            "id": each.pk,
            "to": each.recipient_name,
            "status": each.status,
            "number": each.arrival_number,
            "fault": each.fault,
            "sent_at": each.sent_at.isoformat(),
            "arrived_at": each.arrived_at.isoformat() if each.arrived_at else None,
            "links": [link.kind for link in deliveries.list_links(each.pk)],
        }
        for each in found.deliveries
    ]
    return {"deliveries": rows}


def incoming(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Say what has come to the registry, whatever became of it."""
    rows = queries.list_documents(actor=who("vanthu", at), box="in", limit=given.get("limit", 500)).rows
    return {
        "incoming": [{"code": row.code, "status": row.status, "file": row.file, "subject": row.subject} for row in rows]
    }


def line(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Say by which name and password this node's line connects: a measure connects beside it."""
    identity = members.get_identity()
    return {"code": identity.code, "password": at_rest.unseal(bytes(identity.password)).decode()}


def turns(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Say what an idle turn of the line asks of the database with so many partners (made up, and taken back), in milliseconds."""
    told = {}
    for partners in given["partners"]:
        with transaction.atomic():
            first = members.list_partners("nats")[0]
            for number in range(partners - 1):
                first.pk, first.code, first.agencies = None, f"x{number}", {}
                first.save(force_insert=True)
            began = time.perf_counter()
            for _time in range(10):
                members.list_waited_for()
                members.list_marks()
            idle = (time.perf_counter() - began) / 10
            began = time.perf_counter()
            members.list_queues()
            members.list_partners("nats")
            look = time.perf_counter() - began
            transaction.set_rollback(True)
        told[str(partners)] = {"idle_ms": round(idle * 1000, 2), "look_ms": round(look * 1000, 2)}
    return told


def queue(given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Let so many parcels wait for a node, each with as many words as a letter's manifest has: they carry nothing, and are sealed
    and sent as any other."""
    identity, member = members.get_identity(), members.get_member(given["to"])
    signer = keys.open_node_signer(
        reference=identity.sign_reference, certificate=bytes(identity.sign_certificate), at=at
    )
    for place in range(given["first"], given["first"] + given["count"]):
        told = {
            "form": parcels.MANIFEST,
            "kind": members.TEST,
            "from": {"node": identity.code, "agency": "", "name": identity.name},
            "to": {"node": member.code, "agency": "", "name": member.name},
            "at": at.isoformat(),
            "words": f"{place} {WORDS * 12}",
            "files": [],
        }
        manifest = statements.sign(told, signer, at=at)
        nodes.enqueue(member_id=member.pk, key=f"queue:{place}", manifest=manifest, actor=None, at=at)
    return {"queued": given["count"]}


ACTS = {
    "queue": queue,
    "line": line,
    "turns": turns,
    "found": found,
    "set_up": set_up,
    "clear": clear,
    "issue": issue,
    "post": post,
    "wake": wake,
    "antin": console,
    "register": register,
    "finish": finish,
    "board": board,
    "incoming": incoming,
}


def main() -> None:
    for line in sys.stdin:
        given = json.loads(line)
        try:
            told = ACTS[given["act"]](given, datetime.now(UTC))
        except Refusal as no:
            told = {"refused": str(no)}
        print(json.dumps(told, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
