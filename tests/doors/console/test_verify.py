"""`antin verify`: the verdicts, the exit codes and the JSON that others build on; no file can hurt it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from antin.console import verify
from antin.signing import anchors
from antin.signing.states import Verdict
from tests.rooms.signing import test_corpus as corpus
from tests.rooms.signing import test_other_corpus as others

ROOT = Path(__file__).resolve().parents[3]
AT = corpus.V.isoformat()


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus' house as an administrator gets it: a PEM root in a folder of its own, a DER intermediate, lists of both kinds."""
    folder, house = tmp_path_factory.mktemp("trust"), corpus.a_house()
    (folder / "roots").mkdir()
    (folder / "roots" / "root.pem").write_bytes(house.root.certificate.public_bytes(Encoding.PEM))
    (folder / "issuing.cer").write_bytes(house.issuing.der)
    for name, issuer in (("root.crl", house.root), ("issuing.crl", house.issuing)):
        (folder / name).write_bytes(corpus.crl(issuer, at=corpus.V - corpus.HOUR))
    (folder / "README.txt").write_text("no certificate")
    return folder


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "công văn.pdf"
    path.write_bytes(corpus.good())
    return path


def carried_out(*given: object) -> int:
    """As `antin verify` does it, in this process."""
    parser = argparse.ArgumentParser()
    verify.arguments(parser)
    return verify.run(parser.parse_args([str(each) for each in given]))


def asked(capsys: pytest.CaptureFixture[str], *given: object) -> tuple[int, Any]:
    code = carried_out(*given)
    return code, json.loads(capsys.readouterr().out)


def test_a_signature_in_a_file_of_its_own_finds_the_file_it_signs(
    capsys: pytest.CaptureFixture[str], trusted: Path, tmp_path: Path
) -> None:
    table, p7s = tmp_path / "bảng.csv", tmp_path / "bảng.csv.p7s"
    table.write_bytes(others.TABLE)
    p7s.write_bytes(others.beside(corpus.a_house().agency.credential(), stamped=False))
    shown = ("--json", "--trust", trusted, "--at", AT)
    code, told = asked(capsys, *shown, "--second-opinion", p7s)
    assert (code, told["verdict"], told["signatures"][0]["field"]) == (0, "valid", "CAdES")
    assert [each["agrees"] for each in told["second_opinion"]] in ([], [True])
    moved = table.rename(tmp_path / "khac.csv")
    code, told = asked(capsys, *shown, p7s)
    assert (code, told["reasons"]) == (2, ["CONTENT_MISSING"])
    assert asked(capsys, *shown, "--content", moved, p7s)[0] == 0
    code, told = asked(capsys, *shown, "--content", trusted / "README.txt", p7s)
    assert (code, told["reasons"]) == (1, ["INTEGRITY_FAIL"])
    code, told = asked(capsys, *shown, "--content", tmp_path / "khong", p7s)
    assert code == 2
    assert told["trouble"].startswith("Không có tệp này")


def test_a_signed_message_is_judged_like_a_paper(
    capsys: pytest.CaptureFixture[str], trusted: Path, tmp_path: Path
) -> None:
    message = tmp_path / "thông điệp.xml"
    message.write_bytes(others.inside(corpus.a_house().agency.credential()))
    code, told = asked(capsys, "--json", "--trust", trusted, "--at", AT, message)
    assert (code, told["reasons"], told["replaces_paper"]) == (0, ["VALID_NO_TSA"], False)
    assert (told["signatures"][0]["subfilter"], told["signatures"][0]["covers"]) == ("XAdES", "file")


def test_a_paper_that_is_in_order(capsys: pytest.CaptureFixture[str], good: Path, trusted: Path) -> None:
    code, told = asked(capsys, "--json", "--trust", trusted, "--at", AT, good)
    assert code == 0
    assert (told["file"], told["verdict"], told["reasons"], told["replaces_paper"]) == (
        str(good),
        "valid",
        ["VALID"],
        True,
    )
    person, agency = told["signatures"]
    assert {
        key: person[key] for key in ("field", "kind", "signer", "integrity", "verdict", "covers", "level", "weak")
    } == {
        "field": "Person",
        "kind": "signature",
        "signer": "Nguyễn Văn An",
        "integrity": "intact",
        "verdict": "valid",
        "covers": "revision",
        "level": "B-T",
        "weak": False,
    }
    assert person["signed_at"] == "2026-11-23T02:00:00+00:00"
    assert person["time_source"] == "timestamp"
    assert person["algorithms"] == {"digest": "sha256", "signature": "ecdsa", "key_size": 256, "curve": "secp256r1"}
    assert (agency["field"], agency["covers"]) == ("Agency", "file")
    after = [
        (each["kind"], each["safe"], each["page"], each["after"], each["signed_by"]) for each in told["changes_after"]
    ]
    assert sorted(after) == [("field", True, 1, "Person", "Agency")] * 4 + [("signature", True, 1, "Person", "Agency")]


def test_nobody_is_believed_unless_a_folder_says_so(capsys: pytest.CaptureFixture[str], good: Path) -> None:
    code, told = asked(capsys, "--json", "--at", AT, good)
    assert (code, told["verdict"]) == (2, "undetermined")
    assert "CHAIN_UNTRUSTED" in told["reasons"]
    assert {each["integrity"] for each in told["signatures"]} == {"intact"}


def test_several_files_are_an_array_and_the_worst_decides(
    capsys: pytest.CaptureFixture[str], good: Path, trusted: Path, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(corpus.flipped_byte().pdf)
    unsigned = tmp_path / "unsigned.pdf"
    unsigned.write_bytes(corpus.unsigned().pdf)
    code, told = asked(capsys, "--json", "--trust", trusted, "--at", AT, good, unsigned, changed)
    assert code == 1
    assert [(each["verdict"], each["reasons"]) for each in told] == [
        ("valid", ["VALID"]),
        ("undetermined", ["UNSIGNED"]),
        ("invalid", ["INTEGRITY_FAIL"]),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "NOT_PDF"),
        (b"PK\3\4 a zip", "NOT_PDF"),
        (b"%PDF-1.7\n", "UNREADABLE"),
        (b"%PDF-1.7\n" + b"[" * 100_000, "UNREADABLE"),
    ],
)
def test_what_is_no_paper_is_answered_and_not_thrown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    code, told = asked(capsys, "--json", path)
    assert (code, told["verdict"], told["reasons"], told["signatures"]) == (2, "undetermined", [reason], [])


def test_a_file_that_is_not_there_and_a_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, told = asked(capsys, "--json", tmp_path / "none.pdf", tmp_path)
    assert code == 2
    assert [each["reasons"] for each in told] == [["UNREADABLE"], ["UNREADABLE"]]


def test_a_name_that_is_no_text_and_a_terminal_without_letters(tmp_path: Path) -> None:
    """What is printed is UTF-8 wherever it goes, and the name comes back as it was."""
    name = os.fsencode(tmp_path) + b"/th\xff.pdf"
    Path(os.fsdecode(name)).write_bytes(b"%PDF-1.7\n")
    told = os.environ | {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for options in (["--json"], []):
        command = [sys.executable, "-m", "antin", "verify", *options, name]
        said = subprocess.run(command, check=False, capture_output=True, env=told)  # type: ignore[arg-type]
        assert (said.returncode, said.stderr) == (2, b"")
        if options:
            assert os.fsencode(json.loads(said.stdout)["file"]) == name
        else:
            assert "CHƯA KẾT LUẬN ĐƯỢC" in said.stdout.decode()


@pytest.mark.parametrize("option", [["--trust", "/nowhere"], ["--at", "hôm qua"], ["--policy", "/nowhere"]])
def test_bad_input_is_said_in_words(capsys: pytest.CaptureFixture[str], good: Path, option: list[str]) -> None:
    code = carried_out(*option, good)
    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert told.err


def test_words_for_a_person(capsys: pytest.CaptureFixture[str], good: Path, trusted: Path) -> None:
    assert carried_out("--trust", trusted, "--at", AT, good) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"{good}: HỢP LỆ"
    assert told[1] == "  Chữ ký Person: hợp lệ: Nguyễn Văn An, Tổng cục trưởng, Tổng cục Z"
    assert told[2] == "    ký lúc 23/11/2026 09:00:00, theo dấu thời gian; B-T"
    assert told[-1] == "  Thay được bản giấy."


def test_a_child_that_dies_or_hangs_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "SECONDS", 1)

    def hang() -> dict[str, Any]:
        while True:
            pass

    def die() -> dict[str, Any]:
        os._exit(3)

    assert verify.apart(lambda: {"a": "ư" * 200_000}) == {"a": "ư" * 200_000}
    assert verify.apart(hang) is None
    assert verify.apart(die) is None


def test_it_needs_no_settings_no_database_and_no_server(good: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "antin", "verify", "--json", str(good)],
        cwd=ROOT,
        env={"PATH": os.defpath, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, b"")
    assert json.loads(done.stdout)["verdict"] == "undetermined"


def test_the_policy_of_an_authority_is_named_and_followed(
    capsys: pytest.CaptureFixture[str], good: Path, trusted: Path, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('name = "Bộ Y 2026"\nec_bits = 384\n', "utf-8")
    code, told = asked(capsys, "--json", "--trust", trusted, "--at", AT, "--policy", policy, good)
    assert (code, told["policy"]["name"]) == (2, "Bộ Y 2026")
    assert "WEAK_ALGO" in told["reasons"]
    assert told["signatures"][0]["weak_algorithms"] == ["ec-256"]
    policy.write_text("hashes = 3\n", "utf-8")
    assert carried_out("--policy", policy, good) == 2


def test_what_a_folder_of_trust_is_read_as(tmp_path: Path) -> None:
    house = corpus.a_house()
    loose = corpus.make("Lẻ", above=house.issuing)
    (tmp_path / "all.p7b").write_bytes(
        pkcs7.serialize_certificates([house.root.certificate, house.issuing.certificate], Encoding.DER)
    )
    (tmp_path / "list.crl").write_bytes(
        x509.load_der_x509_crl(corpus.crl(house.root, at=corpus.S)).public_bytes(Encoding.PEM)
    )
    read = anchors.read(tmp_path)
    assert read.anchors == (house.root.der,)
    assert read.intermediates == (house.issuing.der,)
    assert len(read.crl_bytes) == 1
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "loose.crt").write_bytes(loose.der)
    assert anchors.read(alone).anchors == (loose.der,), "no issuer beside it: believed for itself"


def test_a_bare_date_is_the_end_of_that_day_in_hanoi() -> None:
    assert verify.moment("2026-11-22").isoformat() == "2026-11-22T23:59:59+07:00"
    assert verify.moment("2026-11-22T10:00").utcoffset() == timedelta(hours=7)


def test_the_verdicts_of_machines_are_three() -> None:
    assert {str(verify.PUBLIC[each]) for each in Verdict} == {"valid", "undetermined", "invalid"}
