"""`antin lint`: one process for the command, one for each file; codes of exit, JSON, words."""

import json
import subprocess
import sys

import pytest

from antin.console import lint
from antin.decree30 import report
from tests import papers
from tests.house.plan import ROOT
from tests.rooms.decree30.printing import printed
from tests.rooms.decree30.specimens import specimen
from tests.rooms.decree30.word import word


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("papers")
    for name, data in (
        ("good.pdf", printed(specimen("decision"))),
        ("bad.pdf", printed(specimen("decision", number__text="Số 125/QĐ-VTLT"))),
        ("other.pdf", papers.pdf(words="")),
        ("bad.docx", word(specimen("letter", number__text="Số 86/VTLT-NV"))),
        ("good.docx", word(specimen("decision"))),
    ):
        (folder / name).write_bytes(data)
    return folder


def run(*given, folder):
    done = subprocess.run(
        [sys.executable, "-m", "antin", "lint", *given],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_good_paper_of_one_file_is_one_object(files):
    code, out, err = run("--json", "good.pdf", folder=files)
    told = json.loads(out)
    assert (code, err, told["verdict"], told["reason"], told["findings"]) == (0, "", "conforms", None, [])
    assert (told["file"], told["facts"]["code"]) == ("good.pdf", "125/QĐ-VTLT")


def test_a_docx_is_judged_by_the_child_too(files):
    code, out, err = run("--json", "good.docx", folder=files)
    told = json.loads(out)
    assert (code, err, told["reason"], told["facts"]["code"]) == (0, "", None, "125/QĐ-VTLT")


def test_several_files_are_an_array_and_a_deviation_decides_the_exit(files):
    code, out, _err = run("--json", "good.pdf", "bad.pdf", "other.pdf", folder=files)
    good, bad, other = json.loads(out)
    assert (code, good["verdict"], bad["verdict"], other["verdict"]) == (1, "conforms", "deviates", "not_judged")
    assert other["reason"] == {"code": "scan", "words": "Tệp là bản quét, không có lớp chữ để kiểm tra."}
    finding = bad["findings"][0]
    assert finding | {"box": None} == {
        "code": "number.colon",
        "article": "Phụ lục I, Phần I, Mục II, khoản 3",
        "page": 1,
        "box": None,
        "words": "Sau từ “Số” phải có dấu hai chấm (:).",
        "found": "Số 125/QĐ-VTLT",
        "instead": "Số: 125/QĐ-VTLT",
        "paragraph": None,
    }
    assert set(finding["box"]) == {"left", "bottom", "right", "top"}


def test_for_a_person(files):
    code, out, _err = run("bad.pdf", folder=files)
    first, second, third, fourth = out.splitlines()
    assert (code, first) == (1, "bad.pdf: có điểm chưa đúng thể thức")
    assert second.startswith("  Trang 1, (") and second.endswith("Sau từ “Số” phải có dấu hai chấm (:).")
    assert third.strip() == "Phụ lục I, Phần I, Mục II, khoản 3 [number.colon]"
    assert fourth.strip() == "→ Số: 125/QĐ-VTLT"


def test_a_docx_tells_the_paragraph(files):
    code, out, err = run("bad.docx", folder=files)
    assert (code, err) == (1, "")
    assert out.splitlines()[1].startswith("  Đoạn ") and out.splitlines()[1].endswith("phải có dấu hai chấm (:).")


def test_not_judged_and_absent_files_end_with_two(files):
    assert run("other.pdf", "absent.pdf", folder=files)[0] == 2


def test_exit_codes(files, capsys):
    parser_given = type("Given", (), {"files": [str(files / "good.pdf")], "json": False})
    assert lint.run(parser_given) == 0
    assert capsys.readouterr().out.endswith("good.pdf: đúng thể thức\n")


def test_a_file_that_breaks_the_child_is_heavy(monkeypatch):
    monkeypatch.setattr(report, "LARGEST", 10)
    assert report.of(b"%PDF-1.7 much more than ten") == report.Report("heavy", {}, [])
