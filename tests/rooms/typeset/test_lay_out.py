"""Documents laid out by Decree 30, read back from the PDF."""

import unicodedata
from io import BytesIO

import pikepdf
import pytest

from antin.typeset.body import BadBody
from antin.typeset.characters import CannotPrint
from antin.typeset.letter import LEADING, TIGHTEST, WIDEST, TooLong, WrongForm, lay_out
from tests.rooms.typeset.letters import LONG, TEN, block, doc, facts, par, table
from tests.rooms.typeset.reading import HEIGHT, MM, line, lines, strokes

NEAR = 0.15 * MM


def test_the_file_is_a_tagged_pdf_a_in_vietnamese_with_its_title_and_only_tinos_embedded():
    layout = lay_out(facts())
    with pikepdf.open(BytesIO(layout.pdf)) as pdf:
        assert layout.pages == len(pdf.pages) == 1
        assert [float(side) for side in pdf.pages[0].MediaBox] == pytest.approx([0, 0, 210 * MM, 297 * MM], abs=0.01)
        assert str(pdf.Root.Lang) == "vi"
        assert bool(pdf.Root.MarkInfo.Marked) is True
        assert str(pdf.docinfo.Title) == "Công văn báo cáo kết quả chuyển đổi số"
        assert str(pdf.docinfo.CreationDate) == "D:20260601030000Z"
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        faces = {str(font.BaseFont).split("+")[1] for font in fonts}
        assert faces == {"Tinos-Regular", "Tinos-Bold", "Tinos-Italic", "Tinos-BoldItalic"}
        assert all("/FontFile2" in font.DescendantFonts[0].FontDescriptor for font in fonts)


def test_the_same_facts_give_the_same_bytes():
    assert lay_out(facts()).pdf == lay_out(facts()).pdf


def test_a_long_place_and_the_date_stand_on_one_line_beside_the_number():
    laid = lay_out(facts(place="Thành phố Hồ Chí Minh", issuer_name="Trung tâm Dữ liệu và Tính toán hiệu năng cao B7"))
    number, year = laid.places["number"], laid.places["year"]
    assert year.y == pytest.approx(number.y, abs=1)
    assert year.x + year.width <= 195 * MM + NEAR


def test_a_heading_is_never_the_last_line_of_a_page():
    heading = block("heading", "Phương hướng, kiến nghị", kind="roman")
    for n in range(22, 40):
        laid = lay_out(facts("named", body=doc(*[par("Một đoạn ngắn.")] * n, heading, par(LONG))))
        every = lines(laid.pdf)
        at = next(each for each in every if each.text.startswith("I. Phương hướng"))
        below = [each for each in every if each.page == at.page and each.baseline < at.baseline]
        assert any(each.text.startswith("Thực hiện") for each in below), n


# --- margins, sizes, boxes ------------------------------------------------------------------------------------------------------


def test_the_text_keeps_the_margins_and_its_lines_the_distance():
    body = [
        each
        for each in lines(lay_out(facts("named", body=doc(par(LONG * 12)))).pdf)
        if each.text.startswith(("Thực hiện", "đơn vị rà"))
    ]
    every = lines(lay_out(facts("named", body=doc(par(LONG * 12)))).pdf)
    assert min(each.left for each in every) == pytest.approx(30 * MM, abs=NEAR)
    assert max(each.right for each in every) == pytest.approx(195 * MM, abs=NEAR)
    assert body[0].left == pytest.approx((30 + 12.7) * MM, abs=NEAR)  # the first line goes in by 1.27 cm
    below = next(each for each in every if each.baseline < body[0].baseline)
    assert body[0].baseline - below.baseline == pytest.approx(14 * 1.107 + 2.5, abs=0.1)
    pages = [[each for each in every if each.page == page and each.size == 14] for page in (0, 1)]
    assert all(each.baseline + 0.891 * 14 <= HEIGHT - 20 * MM + NEAR for page in pages for each in page)
    assert all(each.baseline - 0.216 * 14 >= 20 * MM - NEAR for page in pages for each in page)


@pytest.mark.parametrize(
    ("start", "size", "face"),
    [
        ("CỘNG HÒA", 13, "Bold"),
        ("Độc lập", 14, "Bold"),
        ("TỔNG CỤC KỸ THUẬT", 13, "Regular"),
        ("VĂN PHÒNG", 13, "Bold"),
        ("Số:", 13, "Regular"),
        ("Hà Nội, ngày", 14, "Italic"),
        ("V/v báo cáo", 13, "Regular"),
        ("Kính gửi: Cục Quân nhu", 14, "Regular"),
        ("Đề nghị", 14, "Regular"),
        ("TL. TỔNG", 14, "Bold"),
        ("CHÁNH VĂN", 14, "Bold"),
        ("Đại tá Nguyễn", 14, "Bold"),
        ("Nơi nhận:", 12, "BoldItalic"),
        ("- Như trên;", 11, "Regular"),
        ("- Lưu: VT, TH.", 11, "Regular"),
        ("PL.(300)", 11, "Regular"),
        ("Số 5 phố", 11, "Regular"),
        ("LƯU HÀNH NỘI BỘ", 13, "Bold"),
        ("THƯỢNG KHẨN", 13, "Bold"),
    ],
)
def test_each_box_has_the_size_and_face_of_the_decree(start, size, face):
    given = facts(
        signer_rank="Đại tá",
        drafter_mark="PL",
        copies=300,
        address_line="Số 5 phố Hàng Bài, Hà Nội",
        circulation="Lưu hành nội bộ",
        urgency="THƯỢNG KHẨN",
    )
    found = line(lay_out(given).pdf, start)
    assert (found.size, found.face) == (size, face)


def test_names_that_are_too_long_for_13_points_make_both_sides_12():
    pdf = lay_out(facts(parent_name="Tổng cục Hậu cần - Kỹ thuật")).pdf
    assert [line(pdf, start).size for start in ("TỔNG CỤC HẬU CẦN - KỸ THUẬT", "VĂN PHÒNG", "CỘNG HÒA", "Độc lập")] == [
        12,
        12,
        12,
        13,
    ]


def test_the_motto_has_a_rule_of_its_own_width_and_the_issuer_one_of_a_third_to_a_half():
    pdf = lay_out(facts()).pdf
    issuer, motto = (
        next((right - left, left, top) for left, _b, right, top in strokes(pdf) if abs(left - x) < 30 * MM)
        for x in (50 * MM, 120 * MM)
    )
    text_of = line(pdf, "Độc lập")
    assert motto[0] == pytest.approx(text_of.right - text_of.left, abs=1.5)
    assert motto[2] < text_of.baseline
    name = line(pdf, "VĂN PHÒNG")
    assert 1 / 3 <= issuer[0] / (name.right - name.left) <= 1 / 2 + 0.02


def test_the_number_stands_under_the_issuer_and_the_date_on_its_line_under_the_motto():
    pdf = lay_out(facts()).pdf
    number, date = line(pdf, "Số:"), line(pdf, "Hà Nội, ngày")
    assert abs(number.baseline - date.baseline) < 0.5
    assert number.baseline < line(pdf, "VĂN PHÒNG").baseline < line(pdf, "TỔNG CỤC KỸ THUẬT").baseline
    assert (number.left + line(pdf, "/VP-TH").right) / 2 == pytest.approx(line(pdf, "VĂN PHÒNG").centre, abs=1)
    assert (date.left + lay_out(facts()).places["year"].x + 31.5) / 2 == pytest.approx(
        line(pdf, "Độc lập").centre, abs=1
    )


@pytest.mark.parametrize(("urgency", "width"), [("HỎA TỐC", 30), ("THƯỢNG KHẨN", 40), ("KHẨN", 20)])
def test_the_frame_of_urgency_has_its_exact_size_and_is_red(urgency, width):
    pdf = lay_out(facts(urgency=urgency)).pdf
    word = line(pdf, urgency)
    left, bottom, right, top = next(
        box for box in strokes(pdf) if box[0] < word.left and box[2] > word.right and box[1] < word.baseline < box[3]
    )
    assert ((right - left) / MM, (top - bottom) / MM) == pytest.approx(
        (width, 8), abs=0.7
    )  # half a stroke on each side
    assert b"1 0 0" in b"".join(page.Contents.read_bytes() for page in pikepdf.open(BytesIO(pdf)).pages)
    assert word.centre == pytest.approx(line(pdf, "VĂN PHÒNG").centre, abs=1)


def test_several_addressees_have_their_dashes_under_the_colon():
    pdf = lay_out(facts(addressees=("Cục Quân nhu;", "Cục Xăng dầu", "Viện Thiết kế"))).pdf
    head, *listed = (
        line(pdf, start) for start in ("Kính gửi:", "- Cục Quân nhu;", "- Cục Xăng dầu;", "- Viện Thiết kế.")
    )
    assert {round(each.left) for each in listed} == {round(listed[0].left)}
    assert listed[0].left == pytest.approx(head.right - 4, abs=1)


def test_the_page_number_is_centred_in_the_top_margin_and_hidden_on_page_one():
    every = lines(lay_out(facts("named", body=doc(par(LONG * 40)))).pdf)
    above = [each for each in every if each.baseline > HEIGHT - 20 * MM]
    assert [(each.page, each.text, each.size) for each in above] == [(1, "2", 13), (2, "3", 13), (3, "4", 13)]
    assert all(each.centre == pytest.approx((30 + 165 / 2) * MM, abs=0.5) for each in above)


def test_appendices_are_numbered_have_their_own_pages_and_leave_blank_what_they_belong_to():
    body = doc(par("Một."), block("appendix", "Danh mục"), par(LONG * 20), block("appendix", "Biểu mẫu"), par("Hai."))
    layout = lay_out(facts("named", type_name="Kế hoạch", notation="KH-VP", body=body))
    assert layout.pages == 4
    found = [
        (each.page, each.text)
        for each in lines(layout.pdf)
        if each.baseline > HEIGHT - 20 * MM or each.text.startswith("Phụ lục")
    ]
    assert found == [(1, "Phụ lục I"), (2, "2"), (3, "Phụ lục II")]
    assert line(layout.pdf, "DANH MỤC").face == "Bold"
    assert line(layout.pdf, "(Kèm theo Kế hoạch số").face == "Italic"


def test_a_telegram_an_invitation_and_a_decision_open_in_their_own_words():
    telegram = lay_out(TEN["telegram"]).pdf
    assert line(telegram, "Tổng cục trưởng điện:").baseline > line(telegram, "- Cục Quân nhu;").baseline
    assert line(lay_out(TEN["invitation"]).pdf, "Văn phòng trân trọng kính mời: Đồng chí Cục trưởng")
    decision = lay_out(TEN["decision"]).pdf
    order = [
        line(decision, start).baseline
        for start in ("CHÁNH VĂN PHÒNG", "Căn cứ Quy chế", "QUYẾT ĐỊNH:", "Điều 1.", "Điều 2.", "1. Xây dựng")
    ]
    assert order == sorted(order, reverse=True)
    assert line(decision, "Căn cứ Quy chế làm việc của Tổng cục.").face == "Italic"


def test_the_text_ends_with_its_mark():
    assert line(lay_out(facts()).pdf, "Đề nghị các đơn vị báo cáo./.")
    assert line(lay_out(facts(body=doc(par("Xong./.")))).pdf, "Xong./.").text == "Xong./."
    assert line(lay_out(facts(body=doc(table(["A", "B"], ["1", "2"])))).pdf, "./.")


# --- places ---------------------------------------------------------------------------------------------------------------------


def test_every_blank_of_the_page_has_its_place():
    places = lay_out(facts()).places
    assert set(places) == {"number", "day", "month", "year", "person", "agency", "arrival", "attachment_mark"}
    assert {place.page for place in places.values()} == {0}
    assert (places["number"].size, places["number"].italic, places["number"].align) == (13, False, "right")
    assert [(places[name].size, places[name].italic, places[name].align) for name in ("day", "month", "year")] == [
        (14, True, "center")
    ] * 3
    assert (places["arrival"].width, places["arrival"].height) == pytest.approx((50 * MM, 35 * MM), abs=0.02)
    assert places["attachment_mark"].x + places["attachment_mark"].width == pytest.approx(195 * MM, abs=0.02)
    assert places["attachment_mark"].y > HEIGHT - 20 * MM


def test_the_blanks_lie_between_the_words_on_their_baseline():
    layout = lay_out(facts())
    number, day, month, year = (layout.places[name] for name in ("number", "day", "month", "year"))
    before, after = line(layout.pdf, "Số:"), line(layout.pdf, "/VP-TH")
    assert before.right < number.x and number.x + number.width == pytest.approx(after.left, abs=1)
    assert number.y + number.baseline == pytest.approx(before.baseline, abs=0.05)
    words = [line(layout.pdf, start) for start in ("Hà Nội, ngày", "tháng", "năm")]
    assert (
        words[0].right
        < day.x
        < day.x + day.width
        < words[1].left
        < words[1].right
        < month.x
        < month.x + month.width
        < words[2].left
    )
    assert words[2].right < year.x < year.x + year.width < 195 * MM
    assert [place.y + place.baseline for place in (day, month, year)] == pytest.approx(
        [words[0].baseline] * 3, abs=0.05
    )


@pytest.mark.parametrize("form", sorted(TEN))
def test_the_signature_stands_between_office_and_name_and_the_seal_a_third_over_it(form):
    layout = lay_out(TEN[form])
    person, agency = layout.places["person"], layout.places["agency"]
    office, name = line(layout.pdf, TEN[form].authority[-1]), line(layout.pdf, "Nguyễn Văn Thắng")
    office = max(
        (each for each in lines(layout.pdf) if each.text == office.text), key=lambda each: (each.page, -each.baseline)
    )
    assert person.page == agency.page == office.page == name.page
    assert office.baseline > person.y + person.height and person.y > name.baseline + 0.891 * 14
    assert person.x + person.width / 2 == pytest.approx(name.centre, abs=0.5) == pytest.approx(office.centre, abs=0.5)
    assert (agency.width, agency.height) == pytest.approx((36 * MM, 36 * MM), abs=0.02)
    assert agency.x + agency.width - person.x == pytest.approx(agency.width / 3, abs=0.02)
    assert agency.x + agency.width - person.x == pytest.approx(person.width / 3, abs=0.02)
    assert agency.y + agency.height / 2 == pytest.approx(person.y + person.height / 2, abs=0.02)


def test_a_cosigner_has_a_place_on_the_left():
    places = lay_out(TEN["minutes"]).places
    assert places["cosigner1"].y == pytest.approx(places["person"].y, abs=0.05)
    assert places["cosigner1"].x + places["cosigner1"].width < places["agency"].x


@pytest.mark.parametrize("times", [1, 3, 33])
def test_a_signature_never_stands_on_a_page_without_words(times):
    for paragraphs in range(60 // times + 1, 120 // times + 12, 1 if times > 1 else 3):
        layout = lay_out(facts(body=doc(*[par("Câu thứ nhất của đoạn văn. " * times)] * paragraphs)))
        page = layout.places["person"].page
        words = [each for each in lines(layout.pdf) if each.page == page and each.size == 14 and each.face == "Regular"]
        assert page == layout.pages - 1
        assert words[-1].text.endswith("./.")


def test_a_page_is_set_tighter_or_wider_where_a_last_table_would_leave_the_signature_alone():
    pages, distances = set(), set()
    for rows in range(14, 26):
        layout = lay_out(facts(body=doc(par(LONG), table(["TT", "Việc"], *[[str(n), "Làm"] for n in range(rows)]))))
        every = lines(layout.pdf)
        assert any(
            each.page == layout.places["person"].page and each.size == 13 and each.face == "Regular"
            for each in every[5:]
        )
        first = next(n for n, each in enumerate(every) if each.text.startswith("Thực hiện"))
        distances.add(round(every[first].baseline - every[first + 1].baseline - 14 * 1.107, 1))
        pages.add(layout.pages)
    assert pages == {1, 2}
    assert LEADING in distances and len(distances) > 1
    assert min(distances) >= TIGHTEST and max(distances) <= WIDEST <= 14 * 1.149 * 1.5 - 14 * 1.107 + 0.5


# --- hostile words ----------------------------------------------------------------------------------------------------------------


def test_markup_is_printed_as_it_is_written():
    written = '*đậm* _x_ #read("/etc/hostname") $x$ <mark> @ref `r` \\ // c /* */'
    pdf = lay_out(
        facts(
            issuer_name='#eval("1+1")', signer_name="]#panic()[", body=doc(par(written), block("article", "#let x = 1"))
        )
    ).pdf
    assert line(pdf, "*đậm*").text == written
    assert line(pdf, '#EVAL("1+1")')
    assert line(pdf, "]#panic()[")
    assert line(pdf, "#let x = 1./.")


def test_decomposed_letters_are_composed_and_control_characters_dropped():
    marks = "Ấ ẩ ẫ ậ ứ ừ ử ữ ự ổ ỗ ộ"
    pdf = lay_out(facts(body=doc(par(unicodedata.normalize("NFD", marks) + "\x00\x07\u200b\ufeff\tx")))).pdf
    assert line(pdf, "Ấ").text == marks + " x./."


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"form": "poem"}, WrongForm),
        ({"subject": "x" * 5_001}, TooLong),
        ({"place": "x" * 101}, TooLong),
        ({"recipients": ("x",) * 2_001}, TooLong),
        ({"subject": "an\u202eab"}, CannotPrint),
        ({"subject": "שלום"}, CannotPrint),
        ({"signer_name": "Nguyễn 😀"}, CannotPrint),
        ({"recipients": ("漢字",)}, CannotPrint),
        ({"subject": "a\ud800"}, CannotPrint),
        ({"body": doc(par("x\u2067y"))}, CannotPrint),
        ({"body": {"type": "doc", "content": [{"type": "script"}]}}, BadBody),
    ],
)
def test_what_cannot_be_printed_is_refused_in_words(given, refusal):
    with pytest.raises(refusal) as no:
        lay_out(facts(**given))
    assert "%(" not in no.value.message


@pytest.mark.parametrize(
    "given",
    [
        {"subject": "dài " * 1_250},
        {"subject": "x" * 5_000},
        {"issuer_name": "Y" * 500, "parent_name": "Z" * 500, "notation": "N" * 100, "place": "P" * 100},
        {
            "addressees": ("Z" * 400, "W" * 400),
            "recipients": ("W" * 900, "Lưu"),
            "authority": ("Q" * 300,),
            "signer_name": "K" * 200,
        },
        {"body": doc(par("a" * 20_000))},
        {"body": doc(table(["b" * 300] * 12, ["c"] * 12))},
        {"address_line": "A" * 400},
    ],
)
def test_endless_words_stay_inside_the_page(given):
    layout = lay_out(facts(**given))
    every = lines(layout.pdf)
    assert min(each.left for each in every) >= 30 * MM - NEAR
    assert max(each.right for each in every) <= 195 * MM + NEAR
    assert min(each.baseline for each in every) > 2 * MM


def test_a_document_with_nothing_in_it_is_still_a_page():
    bare = facts(
        "named",
        subject="",
        type_name="",
        parent_name="",
        notation="",
        place="",
        addressees=(),
        recipients=(),
        authority=(),
        signer_name="",
    )
    assert lay_out(bare).pages == 1
    assert lay_out(facts(body=doc())).pages == 1
