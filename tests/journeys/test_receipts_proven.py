"""A chain of receipts proves each state to a third party who has the file and a root, with our command and with openssl."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from antin.console import main as antin
from antin.documents import queries
from antin.journeys import direct_document, receive_document
from antin.nodes import queries as members
from antin.nodes import receipts, statements
from antin.outbox.operations import Tally
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.states import Role
from tests import given
from tests.cast import TODAY, Cast
from tests.partners import Partner
from tests.two_nodes import Two, link, pdf

pytestmark = pytest.mark.django_db
Keep = Callable[..., Tally]
PEM = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"


@pytest.fixture
def two(cast: Cast, at: datetime) -> Two:
    return link(cast, at)


def _pem(place: Path, der: bytes) -> str:
    place.write_text(PEM.format(b64encode(der).decode()))
    return str(place)


def _chain(two: Two, manifest: bytes) -> list[bytes]:
    """The newest receipts about a parcel as they are sent to its sender."""
    parcel = statements.digest_of(statements.peek(manifest))
    told = [two.partner.opens(messages)[0] for messages in two.send()]
    [*_older, newest] = [each["receipts"] for each in told if each.get("parcel") == parcel]
    return [b64decode(each) for each in newest]


def _verify(folder: Path, content: bytes, *words: str, capsys: Any) -> tuple[int, dict[str, Any]]:
    (folder / "receipts.json").write_bytes(content)
    code = antin.main(["receipts", "verify", str(folder / "receipts.json"), "--json", *words])
    said = capsys.readouterr().out
    return code, json.loads(said) if said else {}


def test_every_state_is_proven_without_a_node_and_by_openssl(
    two: Two, keep_promises: Keep, tmp_path: Path, capsys: Any
) -> None:
    paper = pdf()
    manifest = two.partner.document(two.ours, paper)
    two.come(*two.partner.messages(two.ours, manifest, paper))
    keep_promises()
    [arrived] = queries.list_waiting(two.cast.clerk.actor())
    receive_document.register(document_id=arrived.pk, actor=two.cast.clerk.actor(), today=TODAY, at=two.at)
    head, plan = two.cast.head.actor(), two.cast.plan_head.actor()
    later = two.at + timedelta(hours=1)
    shares = [Share(Role.LEAD, unit_id=two.cast.plan_id, due_at=two.at + timedelta(days=3))]
    direct_document.direct(document_id=arrived.pk, words="Xử lý", shares=shares, actor=head, at=two.at)
    lead, worker = Assignment.objects.get(), two.cast.plan_officer.actor()
    below = [Share(Role.LEAD, post_id=worker.post_id, due_at=two.at + timedelta(days=2))]
    direct_document.pass_down(assignment_id=lead.pk, words="Đ/c làm", shares=below, actor=plan, at=later)
    task = Assignment.objects.get(holder=f"P{worker.post_id}")
    reply = given.a_numbered_document(two.cast, two.at, in_reply_to_id=arrived.pk)
    two.seal(reply)
    direct_document.hand_in(assignment_id=task.pk, words="Xong", reply_id=reply.pk, actor=worker, at=later)
    direct_document.accept(assignment_id=task.pk, actor=plan, at=later)
    direct_document.hand_in(assignment_id=lead.pk, words="Kính trình", actor=plan, at=later)
    direct_document.accept(assignment_id=lead.pk, actor=head, at=later)
    keep_promises(later)
    chain = _chain(two, manifest)

    own = bytes(members.get_identity().root)
    ours, theirs = _pem(tmp_path / "ours.pem", own), _pem(tmp_path / "theirs.pem", two.partner.root)
    trust = ["--trust", f"G11.90={ours}", "--trust", f"G11.91={theirs}"]
    content = receipts.export(manifest=manifest, receipts=chain, roots=[own, two.partner.root])
    (tmp_path / "paper.pdf").write_bytes(paper)
    extract = ["--extract", str(tmp_path / "out"), "--paper", str(tmp_path / "paper.pdf")]
    code, told = _verify(tmp_path, content, *trust, *extract, capsys=capsys)
    assert (code, told["proven"], told["paper"]) == (0, True, True)
    assert [(each["kind"], each["facts"]) for each in told["receipts"]] == [
        ("arrived", {}),
        ("verified", {"verdict": "unsigned", "paper": arrived.file}),
        ("registered", {"arrival_number": 1}),
        ("assigned", {"names": told["receipts"][3]["facts"]["names"]}),
        ("processing", {}),
        ("done", {"reply_code": reply.code}),
    ]

    _pem(tmp_path / "roots.pem", own)
    former = told["parcel"]
    for number in range(1, 7):
        named = ["-in", f"out/receipt-{number:02d}.p7m", "-CAfile", "roots.pem", "-purpose", "any", "-no_check_time"]
        done = subprocess.run(
            ["openssl", "cms", "-verify", "-inform", "DER", *named], cwd=tmp_path, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        assert (said["number"], said["former"], said["parcel"]) == (number, former, told["parcel"])
        former = statements.digest_of(said)

    # what somebody might do to it
    cut = receipts.export(manifest=manifest, receipts=[*chain[:2], *chain[3:]], roots=[])
    swapped = receipts.export(manifest=manifest, receipts=[chain[1], chain[0]], roots=[])
    broken = receipts.export(manifest=manifest, receipts=[chain[0][:-1] + bytes([chain[0][-1] ^ 1])], roots=[])
    other = receipts.export(manifest=two.partner.document(two.ours, pdf(5)), receipts=chain, roots=[])
    for false, holding in ((cut, 2), (swapped, 0), (broken, 0), (other, 0)):
        code, told = _verify(tmp_path, false, *trust, capsys=capsys)
        assert (code, told["proven"], len(told["receipts"])) == (1, False, holding)
        assert told["trouble"].startswith(f"{holding + 1}: ")
    (tmp_path / "paper.pdf").write_bytes(paper + b" ")
    assert _verify(tmp_path, content, *trust, *extract, capsys=capsys)[0] == 1
    assert _verify(tmp_path, content, capsys=capsys)[0] == 2  # nobody said whom to trust: its own roots prove nothing
    assert _verify(tmp_path, content, "--trust", theirs, capsys=capsys)[0] == 1
    assert _verify(tmp_path, content[:-30], *trust, capsys=capsys)[0] == 2


def test_what_was_returned_is_proven_with_its_reason(
    two: Two, keep_promises: Keep, tmp_path: Path, capsys: Any
) -> None:
    manifest = two.partner.document(two.ours, pdf())
    two.come(*two.partner.messages(two.ours, manifest, pdf()))
    keep_promises()
    [arrived] = queries.list_waiting(two.cast.clerk.actor())
    said = {"reason": "wrong_agency", "words": "Gửi nhầm", "actor": two.cast.clerk.actor(), "at": two.at}
    receive_document.send_back(document_id=arrived.pk, **said)
    keep_promises()
    content = receipts.export(manifest=manifest, receipts=_chain(two, manifest), roots=[])
    roots = [_pem(tmp_path / "a.pem", bytes(members.get_identity().root)), _pem(tmp_path / "b.pem", two.partner.root)]
    code, told = _verify(tmp_path, content, "--trust", roots[0], "--trust", roots[1], capsys=capsys)
    assert (code, [each["kind"] for each in told["receipts"]]) == (0, ["arrived", "verified", "returned"])
    assert told["receipts"][2]["facts"] == {"return_code": "wrong_agency", "return_words": "Gửi nhầm"}


def test_a_senders_own_authority_cannot_make_receipts_for_its_recipient(two: Two, tmp_path: Path, capsys: Any) -> None:
    """Who trusts both roots for all is told that one root vouches for both; who binds them to codes is not deceived."""
    manifest = two.partner.document(two.ours, pdf())
    digest = statements.digest_of(statements.peek(manifest))
    forger: Partner = two.partner
    forger.office, forger.agency = forger.agency_signer("G11.90"), "G11.90"
    chain = forger.receipts(digest, ("arrived", {}), ("registered", {"arrival_number": 9}), sender="G11.91", at=two.at)
    content = receipts.export(manifest=manifest, receipts=chain, roots=[])
    ours = _pem(tmp_path / "ours.pem", bytes(members.get_identity().root))
    theirs = _pem(tmp_path / "theirs.pem", two.partner.root)
    _code, told = _verify(tmp_path, content, "--trust", ours, "--trust", theirs, capsys=capsys)
    assert told["certified"]["from"] == told["certified"]["to"]
    bound = ["--trust", f"G11.90={ours}", "--trust", f"G11.91={theirs}"]
    code, told = _verify(tmp_path, content, *bound, capsys=capsys)
    assert (code, told["proven"], told["receipts"]) == (1, False, [])
