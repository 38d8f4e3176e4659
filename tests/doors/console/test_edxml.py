"""`antin edxml …`, as operators type it."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from antin.console.main import main
from tests.edxml import PDF, attachment, document, status

ROOT = Path(__file__).resolve().parents[3]


def inspect(capsys, *words):
    code = main(["edxml", "inspect", "--json", *map(str, words)])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def put(tmp_path):
    def put(content, name="message.edxml"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return put


def test_a_message_alone_without_settings_or_database(put):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE", "ANTIN", "DJANGO"))}
    environment |= {"ANTIN_STATE": "/nowhere/at/all", "DATABASE_URL": "not-a-database"}
    ran = subprocess.run(
        [sys.executable, "-m", "antin", "edxml", "inspect", "--json", put(document())],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    said = json.loads(ran.stdout)
    assert (said["code"], said["attachments"][0]["sha256"]) == ("34E31/BTN-VP", hashlib.sha256(PDF).hexdigest())
    piped = subprocess.run(
        [sys.executable, "-m", "antin", "edxml", "inspect", "--json", "-"],
        cwd=ROOT,
        env=environment,
        input=document(),
        capture_output=True,
        check=False,
    )
    assert (piped.returncode, json.loads(piped.stdout)) == (0, said)


def test_exit_codes(put, capsys):
    assert inspect(capsys, put(document()))[0] == 0
    code, said = inspect(capsys, put(document(attachments=attachment("no-base64!"))))
    assert (code, said["attachments"][0]["notes"][0].partition(":")[0]) == (1, "not-base64")
    code, said = inspect(capsys, put(b"1212" + document()))
    assert (code, said) == (
        2,
        {"refused": "Có 4 byte lạ trước phần khai báo XML: “1212”.", "at": "byte 0", "code": "edxml_junk_before"},
    )
    assert inspect(capsys, "--repair", put(b"1212" + document()))[0] == 1


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/", "/nowhere/at/all", "a\0b"])
def test_what_is_no_file_is_refused(name, capsys):
    code, said = inspect(capsys, name)
    assert (code, said["at"], said["code"]) == (2, name, "edxml_cannot_open")


def test_in_words(put, capsys):
    assert main(["edxml", "inspect", str(put(status()))]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Loại gói: status",
        "Nơi gửi: 000.00.00.H98",
        "Mã văn bản: G99,2026/03/09,34E31/BTN-VP",
        "Trạng thái: 03",
        "Diễn giải: Đã vào sổ",
        "Lúc: 2026/03/10 09:05:01",
        "Liên quan: G99, 34E31/BTN-VP, G99,2026/03/09,34E31/BTN-VP, 2026-03-09",
    ]
    assert main(["edxml", "inspect", str(put(document()))]) == 0
    assert f"Tệp: a.pdf, {len(PDF)} byte, SHA-256 {hashlib.sha256(PDF).hexdigest()}" in capsys.readouterr().out
    assert main(["edxml", "inspect", str(put(b"junk"))]) == 2
    assert capsys.readouterr().err == "Tệp không phải XML: bắt đầu bằng “junk”. [byte 0]\n"


def test_unpacked_and_packed_again(put, tmp_path, capsys):
    message, folder, again = put(document()), tmp_path / "out", tmp_path / "again.edxml"
    assert main(["edxml", "unpack", str(message), str(folder)]) == 0
    assert capsys.readouterr().out.split() == ["files/a.pdf", "facts.json"]
    assert (folder / "files" / "a.pdf").read_bytes() == PDF
    assert main(["edxml", "pack", str(folder), "-o", str(again)]) == 0
    code, said = inspect(capsys, again)
    assert (code, said) == inspect(capsys, message)
    assert main(["edxml", "unpack", "--json", str(message), str(folder)]) == 2
    assert json.loads(capsys.readouterr().out)["code"] == "edxml_folder_not_empty"
    assert main(["edxml", "pack", str(folder), "-o", str(again), "--json"]) == 2
    assert json.loads(capsys.readouterr().out) == {
        "refused": "Không ghi được: File exists.",
        "at": str(again),
        "code": "edxml_cannot_write",
    }


def test_damage_and_refusal_while_unpacking(put, tmp_path, capsys):
    damaged = put(document(attachments=attachment("no-base64!")))
    assert main(["edxml", "unpack", str(damaged), str(tmp_path / "out")]) == 1
    assert (tmp_path / "out" / "files" / "a.pdf").read_bytes() == b"no-base64!"
    assert main(["edxml", "unpack", str(put(b"junk")), str(tmp_path / "none")]) == 2
    assert not (tmp_path / "none").exists()
    capsys.readouterr()


def test_a_message_from_facts_and_files(put, tmp_path, capsys):
    facts = tmp_path / "facts.json"
    facts.write_text(
        json.dumps({"from": "G99", "to": ["H98"], "code": "5/BTN", "date": "2026-03-09", "subject": "Thử"}), "utf-8"
    )
    made = tmp_path / "made.edxml"
    assert main(["edxml", "pack", str(facts), str(put(PDF, "a.pdf")), "-o", str(made)]) == 0
    code, said = inspect(capsys, made)
    assert (code, said["notes"], said["document_id"]) == (
        0,
        ["missing: Thiếu “DocumentType”. [MessageHeader]"],
        "G99,2026/03/09,5/BTN",
    )
    assert said["attachments"][0]["sha256"] == hashlib.sha256(PDF).hexdigest()
    facts.write_text("{}", "utf-8")
    assert main(["edxml", "pack", str(facts), "-o", str(tmp_path / "x"), "--json"]) == 2
    assert json.loads(capsys.readouterr().out) == {
        "refused": "Tệp JSON không đúng ở đây: thiếu.",
        "at": "$.from",
        "code": "edxml_bad_facts",
    }
