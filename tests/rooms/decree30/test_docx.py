"""Papers as DOCX: the same faults are found, good ones pass, hostile packages are refused."""

import io
import re
import unicodedata
import zipfile

import docx
import pytest

from antin.decree30 import judging
from tests.rooms.decree30.faults import FAULTS
from tests.rooms.decree30.good import GOOD
from tests.rooms.decree30.specimens import specimen
from tests.rooms.decree30.test_planted_faults import TOGETHER
from tests.rooms.decree30.word import word

# What only the printed page tells: how long a rule is, whether a frame is drawn, how a page number looks.
ON_PAPER_ONLY = {"motto.rule_length", "issuer.rule_length", "subject.rule_length", "page_number.look", "urgency.frame"}
ONCE = {code: (kind, changes) for code, kind, changes in reversed(FAULTS) if code not in ON_PAPER_ONLY}


@pytest.mark.parametrize("code", ONCE)
def test_the_fault_is_found_and_nothing_else(code):
    kind, changes = ONCE[code]
    answer = judging.judge(word(specimen(kind, **changes)))
    assert answer["reason"] is None
    assert {finding["code"] for finding in answer["findings"]} == {code} | TOGETHER.get(code, set())


@pytest.mark.parametrize(("kind", "changes"), GOOD[::2], ids=[f"{n:02d}-{good[0]}" for n, good in enumerate(GOOD[::2])])
def test_nothing_is_said_of_a_good_paper(kind, changes):
    changes = {name: 30 if name == "page__left" and value < 30 else value for name, value in changes.items()}
    answer = judging.judge(word(specimen(kind, **changes)))
    assert (answer["reason"], answer["findings"]) == (None, [])


def test_the_facts_are_told():
    told = judging.judge(word(specimen("letter")))["facts"]
    assert (told["code"], told["date"], told["place"]) == ("86/VTLT-NV", "2026-03-05", "Hà Nội")
    assert (told["issuer"], told["parent_issuer"]) == ("CỤC VĂN THƯ VÀ LƯU TRỮ", "BỘ NỘI VỤ")
    assert (told["signer_name"], told["signer_post"], told["authority"]) == (
        "Nguyễn Văn Thắng",
        "PHÓ CỤC TRƯỞNG",
        "KT.",
    )
    assert told["subject"] == "báo cáo kết quả ứng dụng công nghệ thông tin năm 2026"
    assert told["recipients"] == ["Như trên", "Cục trưởng (để báo cáo)", "Lưu: VT, NV"]
    assert told["margins_mm"] == {"top": 20.0, "bottom": 20.0, "left": 30.0, "right": 15.0}
    assert told["pages"] is None or told["pages"] >= 1


def test_a_deviation_has_its_paragraph():
    finding = judging.judge(word(specimen("letter", number__text="Số 86/VTLT-NV")))["findings"][0]
    assert (finding["page"], finding["box"], finding["instead"]) == (None, None, "Số: 86/VTLT-NV")
    assert finding["paragraph"] > 1


def _changed(change, **changes):
    document = docx.Document(io.BytesIO(word(specimen("letter", **changes))))
    change(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _cells(document):
    return [p for table in document.tables for row in table.rows for cell in row.cells for p in cell.paragraphs]


def test_underlined_words_are_a_rule():
    def underline(document):
        for paragraph in _cells(document):
            for run in paragraph.runs:
                run.underline = "Độc lập" in run.text or "VĂN THƯ" in run.text

    assert judging.judge(_changed(underline, motto_rule=None, issuer_rule=None))["findings"] == []


def test_letters_with_separate_marks_are_the_same_letters():
    def part(document):
        for paragraph in [*document.paragraphs, *_cells(document)]:
            for run in paragraph.runs:
                run.text = unicodedata.normalize("NFD", run.text)

    assert judging.judge(_changed(part))["findings"] == []


def test_two_names_in_one_paragraph():
    def join(document):
        paragraph = document.tables[0].rows[0].cells[0].paragraphs[0]
        paragraph.runs[0].add_break()
        run = paragraph.add_run("CỤC VĂN THƯ VÀ LƯU TRỮ")
        run.bold, run.font.size, run.font.name = True, paragraph.runs[0].font.size, "Times New Roman"
        other = document.tables[0].rows[0].cells[0].paragraphs[1]._p
        other.getparent().remove(other)

    answer = judging.judge(_changed(join))
    assert answer["findings"] == []
    assert (answer["facts"]["parent_issuer"], answer["facts"]["issuer"]) == ("BỘ NỘI VỤ", "CỤC VĂN THƯ VÀ LƯU TRỮ")


def repacked(**parts):
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(word(specimen("letter")))) as package,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in package.namelist():
            made.writestr(name, parts.get(name.replace("/", "_").replace(".", "_"), package.read(name)))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "damaged"),
        ('<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"), "damaged"),
        (b"<w:document", "damaged"),
        (b" " * (49 << 20), "heavy"),
    ],
    ids=["entities", "another encoding", "broken", "a bomb"],
)
def test_hostile_parts_are_refused(content, why):
    assert judging.judge(repacked(word_document_xml=content))["reason"] == why


@pytest.mark.parametrize("value", [b"nan", b"inf", b"-99999999999", b"abc", b""])
def test_measures_that_are_none_are_passed_over(value):
    with zipfile.ZipFile(io.BytesIO(word(specimen("letter")))) as package:
        content = package.read("word/document.xml")
    wrong = re.sub(rb'w:(w|h|line|left|right|before|firstLine)="[^"]*"', rb'w:\1="' + value + b'"', content)
    answer = judging.judge(repacked(word_document_xml=wrong))
    assert (answer["reason"], answer["facts"]["code"]) == (None, "86/VTLT-NV")


def test_a_spreadsheet():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("xl/workbook.xml", "<workbook/>")
    assert judging.judge(out.getvalue())["reason"] == "spreadsheet"


def test_another_package():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("content.xml", "<a/>")
    assert judging.judge(out.getvalue())["reason"] == "unknown_kind"
