"""Nothing is said of a good paper, however it is laid out; its facts are told as printed."""

import pytest

from antin.decree30 import judging, wording
from antin.decree30.pdf_reading import OF_A_SIGNATURE
from antin.documents.types import TYPES, notation
from antin.typeset.letter import lay_out
from tests.rooms.decree30.good import GOOD
from tests.rooms.decree30.printing import printed
from tests.rooms.decree30.specimens import LONG, specimen
from tests.rooms.typeset.letters import TEN, block, doc, facts, par


@pytest.mark.parametrize(("kind", "changes"), GOOD, ids=[f"{n:02d}-{good[0]}" for n, good in enumerate(GOOD)])
def test_nothing_is_said_of_a_good_paper(kind, changes):
    answer = judging.judge(printed(specimen(kind, **changes)))
    assert (answer["reason"], answer["findings"]) == (None, [])


@pytest.mark.parametrize("form", TEN)
def test_our_own_forms_conform(form):
    answer = judging.judge(lay_out(TEN[form]).pdf)
    assert (answer["reason"], answer["findings"]) == (None, [])


@pytest.mark.parametrize("code", TYPES)
def test_our_own_layout_of_every_type_conforms(code):
    kind = TYPES[code]
    blocks = [par(LONG) for _ in range(9)]
    if kind.form in ("decision", "resolution"):
        blocks = [
            block("legalBasis", "Căn cứ Quy chế làm việc của Tổng cục"),
            *(block("article", LONG) for _ in range(8)),
        ]
    given = facts(
        kind.form,
        type_code=code,
        type_name=kind.name,
        notation=notation(code, "VP", "TH"),
        addressees=("Cục Quân nhu",) if kind.addressed else (),
        enactor="Chánh Văn phòng" if kind.form in ("decision", "resolution") else "",
        body=doc(*blocks),
    )
    answer = judging.judge(lay_out(given).pdf)
    assert (answer["reason"], answer["findings"]) == (None, [])
    assert answer["facts"]["type"] == {
        "code": "CV" if code == "TCg" else code,
        "name": "Công văn" if code == "TCg" else kind.name,
    }
    assert answer["facts"]["notation"] == notation(code, "VP", "TH")


SHORT = "Rà soát kết quả thực hiện từ đầu năm, đối chiếu với chỉ tiêu kế hoạch đã được phê duyệt của đơn vị mình."
OF_FEW_WORDS = {
    "paragraphs of two lines": facts(body=doc(*(par(SHORT) for _ in range(4)))),
    "paragraphs of one line": facts(
        body=doc(*(par("Đạt chỉ tiêu kế hoạch năm, đúng tiến độ đã đề ra.") for _ in range(9)))
    ),
    "recipients overleaf": facts(
        body=doc(*(par(LONG) for _ in range(5))),
        recipients=("Như trên", *(f"Trung tâm B{n}" for n in range(1, 45)), "Lưu: VT, TH."),
    ),
}


@pytest.mark.parametrize("given", OF_FEW_WORDS.values(), ids=OF_FEW_WORDS)
def test_what_cannot_be_measured_on_a_paper_of_few_words_is_not_held_against_it(given):
    answer = judging.judge(lay_out(given).pdf)
    assert (answer["reason"], answer["findings"]) == (None, [])


def test_the_words_of_a_signature_are_no_number_of_the_paper():
    assert OF_A_SIGNATURE.search("Số: 01/PA-TCZ; 2026-05-28; 08:53:08+07:00")
    assert OF_A_SIGNATURE.search("Ký bởi: CỔNG THÔNG TIN ĐIỆN TỬ")
    assert not OF_A_SIGNATURE.search("Số: 01/PA-TCZ")
    assert not OF_A_SIGNATURE.search("Hà Nội, ngày 28 tháng 5 năm 2026")


def test_the_types_are_those_of_the_documents():
    assert {kind.name: kind.abbreviation for kind in TYPES.values() if kind.abbreviation} == wording.TYPES


def test_the_facts_of_a_decision(judged):
    answer = judged("decision")
    assert answer["facts"] == {
        "number": "125",
        "notation": "QĐ-VTLT",
        "code": "125/QĐ-VTLT",
        "date": "2026-03-05",
        "place": "Hà Nội",
        "issuer": "CỤC VĂN THƯ VÀ LƯU TRỮ",
        "parent_issuer": "BỘ NỘI VỤ",
        "type": {"code": "QĐ", "name": "Quyết định"},
        "subject": "Về việc ban hành Kế hoạch chuyển đổi số năm 2026",
        "addressees": [],
        "signer_name": "Nguyễn Văn Thắng",
        "signer_post": "PHÓ CỤC TRƯỞNG",
        "authority": "KT.",
        "authority_lines": ["KT. CỤC TRƯỞNG", "PHÓ CỤC TRƯỞNG"],
        "recipients": ["Như Điều 3", "Bộ trưởng (để báo cáo)", "Lưu: VT, KH (05)"],
        "urgency": None,
        "secrecy": None,
        "annexes": 0,
        "pages": 2,
        "paper": {"name": "A4", "width_mm": 210, "height_mm": 297},
        "margins_mm": answer["facts"]["margins_mm"],
        "fonts": ["Times New Roman"],
        "body_size": 14.0,
    }
    measured = answer["facts"]["margins_mm"]
    assert {side: round(value) for side, value in measured.items()} == {"top": 20, "left": 30, "right": 15}


def test_the_facts_of_a_letter(judged):
    told = judged("letter")["facts"]
    assert told["type"] == {"code": "CV", "name": "Công văn"}
    assert told["subject"] == "báo cáo kết quả ứng dụng công nghệ thông tin năm 2026"
    assert told["addressees"] == ["Các đơn vị thuộc Cục"]


def test_a_deviation_has_its_page_and_box(judged):
    finding = judged("decision", number__text="Số 125/QĐ-VTLT")["findings"][0]
    assert finding["page"] == 1
    assert finding["found"] == "Số 125/QĐ-VTLT"
    assert finding["instead"] == "Số: 125/QĐ-VTLT"
    box = finding["box"]
    assert box["left"] < box["right"] < 297
    assert 650 < box["bottom"] < box["top"] < 760
