"""Documents laid out by Decree 30, read back from the PDF."""

from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest

from antin.typeset.characters import CannotPrint
from antin.typeset.letter import Facts, TooLong, WrongForm, lay_out

MM = 72 / 25.4


def text(words, *marks):
    return {"type": "text", "text": words, **({"marks": [{"type": mark} for mark in marks]} if marks else {})}


def block(kind, words, **attrs):
    return {"type": kind, "content": [text(words)], **({"attrs": attrs} if attrs else {})}


def doc(*blocks):
    return {"type": "doc", "content": list(blocks)}


def facts(form="letter", **given):
    standing = {
        "type_code": "CV",
        "type_name": "Công văn",
        "notation": "VP-TH",
        "issuer_name": "Văn phòng",
        "parent_name": "Tổng cục Kỹ thuật",
        "place": "Hà Nội",
        "subject": "báo cáo kết quả chuyển đổi số",
        "addressees": ("Cục Quân nhu",),
        "recipients": ("Như trên", "Lưu: VT, TH."),
        "authority": ("TL. TỔNG CỤC TRƯỞNG", "CHÁNH VĂN PHÒNG"),
        "signer_name": "Nguyễn Văn Thắng",
        "body": doc(block("paragraph", "Đề nghị các đơn vị báo cáo.")),
        "made_at": datetime(2026, 6, 1, 3, 0, tzinfo=UTC),
    }
    return Facts(form=form, **(standing | given))


def test_the_file_is_a_tagged_pdf_a_in_vietnamese_with_its_title_and_only_tinos_embedded():
    layout = lay_out(facts())
    with pikepdf.open(BytesIO(layout.pdf)) as pdf:
        assert layout.pages == len(pdf.pages) == 1
        assert str(pdf.Root.Lang) == "vi"
        assert bool(pdf.Root.MarkInfo.Marked) is True
        assert str(pdf.docinfo.Title) == "Công văn báo cáo kết quả chuyển đổi số"
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        assert {str(font.BaseFont).split("+")[1] for font in fonts} == {
            "Tinos-Regular",
            "Tinos-Bold",
            "Tinos-Italic",
            "Tinos-BoldItalic",
        }
        assert all("/FontFile2" in font.DescendantFonts[0].FontDescriptor for font in fonts)


def test_the_same_facts_give_the_same_bytes():
    assert lay_out(facts()).pdf == lay_out(facts()).pdf


def test_every_blank_of_the_page_has_its_place():
    places = lay_out(facts()).places
    assert set(places) == {"number", "day", "month", "year", "person", "agency", "arrival", "attachment_mark"}
    person, agency = places["person"], places["agency"]
    assert (agency.width, agency.height) == pytest.approx((36 * MM, 36 * MM), abs=0.02)
    assert agency.x + agency.width - person.x == pytest.approx(
        agency.width / 3, abs=0.02
    )  # a third of the seal, over the person
    assert agency.y + agency.height / 2 == pytest.approx(person.y + person.height / 2, abs=0.02)
    assert (places["number"].size, places["day"].size, places["day"].italic) == (13, 14, True)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"form": "poem"}, WrongForm),
        ({"subject": "x" * 5_001}, TooLong),
        ({"subject": "an\u202eab"}, CannotPrint),
        ({"signer_name": "Nguyễn 😀"}, CannotPrint),
    ],
)
def test_what_cannot_be_printed_is_refused_in_words(given, refusal):
    with pytest.raises(refusal) as no:
        lay_out(facts(**given))
    assert no.value.message
