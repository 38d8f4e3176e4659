"""The page where any file is verified, what can be taken away from it, and the same for machines."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from antin.files.models import File
from antin.journal import custody
from antin.signing import attested, opinions
from tests import paper, signatures
from tests.attacks import append, stream
from tests.cast import Cast
from tests.doors.test_api_documents import Machine
from tests.rooms.signing import test_attacks as attacked
from tests.rooms.signing import test_corpus as corpus
from tests.rooms.signing import test_other_corpus as others

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]
Enter = Callable[..., Client]


def sent(browser: Client, content: bytes, name: str = "công văn.pdf", **more: str) -> str:
    answer = browser.post("/verify", {"file": SimpleUploadedFile(name, content), **more})
    assert answer.status_code == 200, answer.content
    return html.unescape(answer.content.decode())


def kept_line(page: str) -> str:
    found = re.search(r'name="attested" value="(.*?)">', page, re.DOTALL)
    assert found is not None
    return found[1]


def test_a_stranger_paper_is_judged_and_forgotten(enter: Enter, cast: Cast) -> None:
    browser, before = enter(cast.clerk), File.objects.count()
    assert "Kiểm tra chữ ký số của một tệp" in html.unescape(browser.get("/verify").content.decode())
    page = sent(browser, corpus.good())
    assert "công văn.pdf: Chưa kết luận được về chữ ký số" in page
    assert "Chứng thư số không do cơ quan chứng thực được tin cậy cấp" in page
    assert "Điền số, ngày ban hành, trang 1, sau chữ ký “Person”, được chữ ký “Agency” bao trùm" in page
    assert File.objects.count() == before


def test_a_signature_beside_a_file_is_judged_with_the_file(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.clerk)
    assert "chưa có tệp được ký để đối chiếu" in sent(browser, others.beside(), name="bảng.csv.p7s")
    both = {"file": SimpleUploadedFile("a.p7s", others.beside()), "beside": SimpleUploadedFile("a.csv", others.TABLE)}
    page = html.unescape(browser.post("/verify", both).content.decode())
    assert "Chứng thư số không do cơ quan chứng thực được tin cậy cấp" in page
    assert "nguyên vẹn" in page


def test_what_the_node_trusts_is_valid_and_what_was_changed_is_not(enter: Enter, cast: Cast) -> None:
    at = datetime.now(UTC)
    paper.give_keys(cast, at)
    document = paper.an_issued_page(cast, at)
    browser, content = enter(cast.clerk), signatures.content(document.file)
    assert "Chữ ký số hợp lệ" in sent(browser, content)
    assert "giá trị như bản gốc giấy" in sent(browser, content)
    changed = sent(browser, append(content, {3: stream(b"q Q")}))
    assert "Chữ ký số không hợp lệ" in changed


def test_the_record_is_made_of_what_the_node_signed_and_of_nothing_else(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.clerk)
    line = kept_line(sent(browser, attacked.page_rewritten().pdf))
    made = browser.post("/verify/record", {"attested": line, "as": "pdf"})
    assert made["Content-Type"] == "application/pdf"
    with pikepdf.open(BytesIO(made.content)) as record:
        assert len(record.pages) == 1
        assert str(record.docinfo["/Title"]) == "Biên bản xác thực chữ ký số"
    taken = browser.post("/verify/record", {"attested": line, "as": "json"})
    read = attested.read(taken.content)
    assert (read.told["file"], read.told["verdict"]) == ("công văn.pdf", "invalid")
    assert read.key in custody.node_key().public_key().public_bytes_raw().hex()
    for forged in (line.replace("invalid", "valid"), "", "{}"):
        assert browser.post("/verify/record", {"attested": forged, "as": "json"}).status_code == 422


def test_files_of_every_kind_get_an_answer(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.clerk)
    assert "Tệp không phải PDF" in sent(browser, b"PK\3\4", "bang.xlsx")
    assert "Tệp chưa ký số" in sent(browser, corpus.unsigned().pdf)
    assert "Tệp không phải PDF" in sent(browser, b"", "rong.pdf")
    assert browser.post("/verify", {}).status_code == 422


def test_other_tools_are_asked_and_differences_shown(enter: Enter, cast: Cast) -> None:
    """Poppler is deceived by a wrapped signature; that it differs is said."""
    others = opinions.ask(attacked.wrapped().pdf, corpus.judged(attacked.wrapped()))
    assert others, "openssl at least is on every machine that builds this"
    assert {each.tool: each.differs for each in others}["openssl"] == ("Ky1",)
    page = sent(enter(cast.clerk), attacked.wrapped().pdf, others="on")
    assert "khác An Tín ở Ky1" in page
    agreed = sent(enter(cast.clerk), attacked.approval().pdf, others="on")
    assert "Ky1: nguyên vẹn; giống kết quả của An Tín" in agreed


def test_a_document_is_judged_again_as_of_a_day_and_its_record_taken(enter: Enter, cast: Cast) -> None:
    at = datetime.now(UTC)
    paper.give_keys(cast, at)
    document = paper.an_issued_page(cast, at)
    browser = enter(cast.clerk)
    address = f"/documents/{document.pk}/verification"
    before_we_trusted = html.unescape(browser.get(f"{address}?at=01/01/2020").content.decode())
    assert "Chưa kết luận được về chữ ký số" in before_we_trusted
    assert "Chữ ký số hợp lệ" in html.unescape(browser.get(f"{address}?others=on").content.decode())
    told = attested.read(browser.get(f"{address}/json").content).told
    assert (told["verdict"], told["replaces_paper"]) == ("valid", True)
    assert browser.get(f"{address}/pdf").content.startswith(b"%PDF")
    assert browser.get(f"{address}/xml").status_code == 404
    assert enter(cast.recipient_works_officer).get(f"{address}/json").status_code == 404


def test_machines_ask_the_same(client: Client, cast: Cast) -> None:
    machine = Machine(client, cast.clerk, scopes=("read",))
    answer = client.post(
        "/api/verify", {"file": SimpleUploadedFile("a.pdf", attacked.page_rewritten().pdf)}, headers=machine.headers
    )
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["file"], told["verdict"]) == ("a.pdf", "invalid")
    assert [each["kind"] for each in told["changes_after"]] == ["page_content", "looks_different"]
    assert client.post("/api/verify", {"file": SimpleUploadedFile("a.pdf", b"%PDF-")}).status_code == 401


def test_a_signed_report_survives_no_change() -> None:
    line = attested.write({"verdict": "valid", "file": "a"}, custody.node_key())
    assert attested.read(line).told == {"verdict": "valid", "file": "a"}
    for place in range(0, len(line) - 1, 7):
        changed = bytearray(line)
        changed[place] ^= 1
        with pytest.raises(attested.NotAttested):
            attested.read(bytes(changed))
    assert json.loads(line)["report"]["verdict"] == "valid"
