"""A file signed by itself: brought, shown, signed inside or beside with one's own key or the seal, fetched, watched, renewed."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from antin.console.agent_desk import what_is_signed_inside
from antin.files import queries as kept
from antin.files.models import File
from antin.journal import queries as journal
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.signing import operations as signing
from antin.signing import other_files, queries
from antin.signing.models import FileToSign, Proof
from antin.signing.states import Verdict
from tests import paper
from tests.cast import Cast
from tests.doors.test_api_documents import Machine
from tests.paper import PIN
from tests.rooms.signing.test_elsewhere import own_key
from tests.rooms.signing.test_other_corpus import MESSAGE, TABLE
from tests.unchanged import everything

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]
Enter = Callable[..., Client]


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def held(cast: Cast, now: datetime) -> None:
    paper.give_keys(cast, now - timedelta(hours=1))


def brought(browser: Client, content: bytes = TABLE, name: str = "số liệu.csv") -> str:
    return str(browser.post("/verify/sign", {"file": SimpleUploadedFile(name, content)})["Location"])


def shown(browser: Client, address: str) -> str:
    return html.unescape(browser.get(address).content.decode())


def fetched(browser: Client, address: str, **headers: str) -> bytes:
    return b"".join(browser.get(address, headers=headers).streaming_content)  # type: ignore[attr-defined]


def judged(content: bytes, beside: bytes | None, at: datetime) -> other_files.Report:
    return other_files.verify(content, beside=beside, trusted=certificates.trust(at), at=at)


def test_a_table_is_signed_beside_by_ones_own_pin(cast: Cast, enter: Enter, held: None, now: datetime) -> None:
    browser = enter(cast.head)
    assert 'href="/verify/sign"' in shown(browser, "/verify")
    here = brought(browser)
    page = shown(browser, here)
    assert "Ký “số liệu.csv”" in page
    assert "Chữ ký nằm trong một tệp .p7s kèm theo; tệp gốc không đổi." in page
    number = certificates.get_certificate_for_person(cast.head.person_id, now).pk
    before = everything()
    wrong = browser.post(here, {"certificate": number, "inside": "1", "pin": PIN})
    assert wrong.status_code == 422
    assert "Tệp không phải" in wrong.content.decode()
    assert everything() == before
    assert "Còn 4 lần" in browser.post(here, {"certificate": number, "pin": "000000"}).content.decode()
    assert browser.post(here, {"certificate": number, "pin": PIN})["Location"] == here
    assert "Tải chữ ký về" in shown(browser, here)
    assert fetched(browser, f"{here}/file") == TABLE
    p7s = fetched(browser, f"{here}/signed")
    report = judged(p7s, TABLE, now + timedelta(minutes=5))
    assert (report.verdict, report.signatures[0].level, report.signatures[0].name) == (
        Verdict.VALID,
        "B-LT",
        "Nguyễn Văn An",
    )
    assert browser.post(here, {"certificate": number, "pin": PIN})["Location"] == here
    assert browser.post(f"{here}/forget").status_code == 422
    assert enter(cast.deputy).get(here).status_code == 404
    assert enter(cast.deputy).get(f"{here}/signed").status_code == 404


def test_xml_is_signed_inside_and_hostile_or_signed_xml_only_beside(
    cast: Cast, enter: Enter, held: None, now: datetime
) -> None:
    browser = enter(cast.head)
    number = certificates.get_certificate_for_person(cast.head.person_id, now).pk
    here = brought(browser, MESSAGE, "tin.xml")
    assert "Trong tệp XML (XAdES)" in shown(browser, here)
    browser.post(here, {"certificate": number, "inside": "1", "pin": PIN})
    signed = fetched(browser, f"{here}/signed")
    report = judged(signed, None, now + timedelta(minutes=5))
    assert (report.verdict, report.signatures[0].level, report.signatures[0].subfilter) == (
        Verdict.VALID,
        "B-LT",
        "XAdES",
    )
    for content, words in (
        (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "Tệp không phải"),
        (signed, "đã có chữ ký bên trong"),
    ):
        other = brought(browser, content, "x.xml")
        assert "Trong tệp XML (XAdES)" not in shown(browser, other)
        refused = browser.post(other, {"certificate": number, "inside": "1", "pin": PIN})
        assert words in html.unescape(refused.content.decode())
        assert browser.post(other, {"certificate": number, "pin": PIN})["Location"] == other


def test_the_keeper_of_the_seal_signs_for_the_agency_and_others_do_not(
    cast: Cast, enter: Enter, held: None, now: datetime
) -> None:
    seal = certificates.get_certificate_for_agency(cast.agency_id, now).pk
    browser = enter(cast.seal_keeper)
    here = brought(browser)
    assert "Tổng cục Z" in shown(browser, here)
    browser.post(here, {"certificate": seal})
    assert judged(fetched(browser, f"{here}/signed"), TABLE, now + timedelta(minutes=5)).verdict == Verdict.VALID
    other = enter(cast.head)
    there = brought(other)
    assert other.post(there, {"certificate": seal, "pin": PIN}).status_code == 403
    assert other.post(there, {"certificate": 0, "pin": PIN}).status_code == 404


def test_a_key_on_the_signers_own_machine_signs_beside_in_two_steps(cast: Cast, enter: Enter, now: datetime) -> None:
    keys.establish(name="Chứng thực thử nghiệm", organisation="Bộ Y", actor=None, at=now - timedelta(days=1))
    certificate, private = own_key(cast, now - timedelta(hours=1))
    browser = enter(cast.head)
    here = brought(browser, MESSAGE, "tin.xml")
    page = shown(browser, here)
    assert f'data-prepare="{here}/prepare"' in page
    assert 'name="pin"' not in page
    told = browser.post(f"{here}/prepare", {"certificate": certificate.pk}, HTTP_ACCEPT="application/json").json()
    made = private.sign(base64.b64decode(told["data"]), ec.ECDSA(hashes.SHA256()))
    answer = {"certificate": certificate.pk, "prepared": told["prepared"]}
    wrong = browser.post(here, answer | {"signature": base64.b64encode(b"khac").decode()})
    assert "không phải chữ ký hợp lệ" in wrong.content.decode()
    stale = browser.post(here, answer | {"prepared": "x", "signature": base64.b64encode(made).decode()})
    assert "Đã quá 10 phút" in stale.content.decode()
    assert browser.post(here, answer | {"signature": base64.b64encode(made).decode()})["Location"] == here
    p7s = fetched(browser, f"{here}/signed")
    assert judged(p7s, MESSAGE, now + timedelta(minutes=5)).verdict == Verdict.VALID


def test_a_key_on_the_signers_own_machine_signs_inside_xml(
    cast: Cast, enter: Enter, client: Client, now: datetime
) -> None:
    keys.establish(name="Chứng thực thử nghiệm", organisation="Bộ Y", actor=None, at=now - timedelta(days=1))
    certificate, private = own_key(cast, now - timedelta(hours=1))
    browser = enter(cast.head)
    here = brought(browser, MESSAGE, "tin.xml")
    assert "Trong tệp XML (XAdES)" in shown(browser, here)
    asked = {"certificate": certificate.pk, "inside": "1"}
    told = browser.post(f"{here}/prepare", asked, HTTP_ACCEPT="application/json").json()
    assert told["code"] == "Tệp XML, ký bên trong"

    def signed(told: dict[str, str]) -> str:
        made = private.sign(base64.b64decode(told["data"]), ec.ECDSA(hashes.SHA256()))
        data, properties = base64.b64decode(told["data"]), base64.b64decode(told["properties"])
        assert len(what_is_signed_inside(data, properties, base64.b64decode(told["certificate"]))) == 64
        return base64.b64encode(made).decode()

    answer = asked | {"prepared": told["prepared"], "signature": signed(told)}
    before = everything()
    wrong = browser.post(here, answer | {"signature": base64.b64encode(b"khac").decode()})
    assert "không phải chữ ký hợp lệ" in wrong.content.decode()
    assert everything() == before
    assert browser.post(here, answer)["Location"] == here
    report = judged(fetched(browser, f"{here}/signed"), None, now + timedelta(minutes=5))
    assert (report.verdict, report.signatures[0].subfilter) == (Verdict.VALID, "XAdES")
    assert report.signatures[0].name == "Nguyễn Văn An"

    # by machine, beside and inside; what was prepared for one file is none for another
    caller = Machine(client, cast.head)
    prepared = [
        client.post(
            "/api/signed-files/prepare",
            {"file": SimpleUploadedFile(name, content), "inside": inside},
            headers=caller.headers,
        ).json()
        for name, content, inside in (("a.xml", MESSAGE, True), ("b.csv", TABLE, False))
    ]
    made = private.sign(base64.b64decode(prepared[1]["data"]), ec.ECDSA(hashes.SHA256()))
    signatures = [signed(prepared[0]), base64.b64encode(made).decode()]
    body = {"prepared": prepared[1]["prepared"], "signature": signatures[1]}
    assert caller.post(f"/signed-files/{prepared[0]['id']}/take", body, status=422)["code"] == "prepared_too_long_ago"
    for one, signature, inside in zip(prepared, signatures, (True, False), strict=True):
        assert (one["properties"] != "") == inside
        body = {"prepared": one["prepared"], "signature": signature}
        done = caller.post(f"/signed-files/{one['id']}/take", body)
        assert (done["signed"], done["inside"], done["signer"]) == (True, inside, "Nguyễn Văn An")
    refused = client.post(
        "/api/signed-files/prepare",
        {"file": SimpleUploadedFile("c.csv", TABLE), "inside": True},
        headers=caller.headers,
    )
    assert refused.json()["code"] == "not_xml"


def test_what_is_not_signed_is_forgotten(cast: Cast, enter: Enter, held: None, now: datetime) -> None:
    browser = enter(cast.head)
    first, second = brought(browser, b"mot"), brought(browser, b"hai")
    assert browser.post(f"{first}/forget")["Location"] == "/verify/sign"
    assert browser.get(first).status_code == 404
    assert signing.forget_unsigned_files(at=now + timedelta(hours=23)) == 0
    assert signing.forget_unsigned_files(at=now + timedelta(hours=25)) == 1
    assert browser.get(second).status_code == 404
    assert not FileToSign.objects.exists()
    assert not File.objects.filter(size=3).exists()
    assert browser.post("/verify/sign", {"file": SimpleUploadedFile("x", b"")}).status_code == 422


def test_the_proof_of_what_lies_beside_and_inside_is_watched_and_renewed_before_it_ends(
    cast: Cast, client: Client, held: None, now: datetime, keep_promises: Callable[..., object]
) -> None:
    caller = Machine(client, cast.head)
    made = {}
    for name, content, inside in (("a.csv", TABLE, False), ("a.xml", MESSAGE, True)):
        file = SimpleUploadedFile(name, content)
        answer = client.post("/api/signed-files", {"file": file, "pin": PIN, "inside": inside}, headers=caller.headers)
        assert answer.status_code == 201, answer.content
        made[answer.json()["id"]] = content
    assert [each["level"] for each in caller.get("/signed-files")] == ["B-LT", "B-LT"]
    signing.keep_watch(at=now)
    keep_promises(now)
    first = list(Proof.objects.order_by("id"))
    assert [(proof.level, proof.limit) for proof in first] == [("B-LT", "signer")] * 2
    end = min(proof.until for proof in first if proof.until)
    later = end - timedelta(days=60)
    keys.publish_revocation_list(actor=None, at=later)
    signing.keep_watch(at=later)
    keep_promises(later)
    for proof in Proof.objects.order_by("id"):
        assert (proof.level, proof.renewals, proof.newest_id != proof.file_id) == ("B-LTA", 1, True)
    for number, content in made.items():
        newest = fetched(client, f"/api/signed-files/{number}/signature", **caller.headers)
        row = queries.get_file_for(cast.head.actor(), number)
        assert newest == kept.read(queries.newest_of(row.request))
        report = judged(newest, content, end + timedelta(days=1))
        assert (report.signatures[0].level, report.signatures[0].intact) == ("B-LTA", True)
        assert "CERT_EXPIRED" not in report.reasons
    renewed = [row for row in journal.list_for(("file", first[0].pk), limit=20) if row.event == "proof.renewed"]
    assert len(renewed) == 1


def test_the_interface_refuses_what_the_page_refuses(cast: Cast, client: Client, held: None, now: datetime) -> None:
    caller = Machine(client, cast.head)
    for given, code in (
        ({"pin": "000000"}, "wrong_pin"),
        ({"pin": PIN, "inside": True}, "not_xml"),
        ({"pin": PIN, "by": "agency"}, "not_seal_keeper"),
    ):
        sent = {"file": SimpleUploadedFile("a", b"x"), **given}
        answer = client.post("/api/signed-files", sent, headers=caller.headers)
        assert answer.json()["code"] == code
    caller.get("/signed-files/0/signature", status=404)
