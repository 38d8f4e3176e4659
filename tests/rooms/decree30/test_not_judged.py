"""Papers that are not judged, each with its reason: other families, and files without readable letters."""

import io

import pikepdf
import pytest
from pikepdf import Name

from antin.decree30 import judging
from antin.files import pdf
from tests import papers
from tests.rooms.decree30.printing import printed
from tests.rooms.decree30.specimens import LONG, piece, specimen


@pytest.fixture(scope="module")
def decision():
    return printed(specimen("decision"))


def reason(data):
    return judging.judge(data)["reason"]


def scanned(data, *, layer=None):
    """Page pictures instead of letters; with `layer`, that PDF's letters lie over them, not drawn."""
    made = pikepdf.new()
    source = pikepdf.open(io.BytesIO(layer)) if layer else None
    for number in (1, 2):
        image = pdf.render(data, number, 700)
        if source is not None:
            made.pages.append(source.pages[number - 1])
            page = made.pages[-1]
            page.Contents = made.make_stream(page.Contents.read_bytes().replace(b"0 Tr", b"3 Tr"))
        else:
            page = made.add_blank_page(page_size=papers.A4)
            page.Resources = pikepdf.Dictionary()
            page.Contents = made.make_stream(b"")
        held = _image(made, image)
        if "/XObject" not in page.Resources:
            page.Resources.XObject = pikepdf.Dictionary()
        page.Resources.XObject.Scan = held
        page.Contents = made.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q\n" + page.Contents.read_bytes())
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _image(made, png):
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    return made.make_stream(
        picture.tobytes(),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
    )


def renamed(data, name):
    """The same paper in a font of another name."""
    made = pikepdf.open(io.BytesIO(data))
    for found in made.objects:
        if isinstance(found, pikepdf.Dictionary) and "/BaseFont" in found:
            found.BaseFont = Name(f"/ABCDEF+{name}")
        if isinstance(found, pikepdf.Dictionary) and "/FontName" in found:
            found.FontName = Name(f"/ABCDEF+{name}")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_scan(decision):
    assert reason(scanned(decision)) == "scan"


def test_a_scan_with_recognised_letters_still_tells_its_facts(decision):
    answer = judging.judge(scanned(decision, layer=decision))
    assert (answer["reason"], answer["findings"]) == ("scan_with_text", [])
    assert answer["facts"]["code"] == "125/QĐ-VTLT"


@pytest.mark.parametrize("name", [".VnTime", "VNI-Times"])
def test_a_legacy_encoding(decision, name):
    assert reason(renamed(decision, name)) == "legacy_encoding"


@pytest.mark.parametrize("name", ["CIDFont+F1", "T1_0", "TimesNewRomanPSMT", "TimesNewRoman,Italic"])
def test_fonts_of_other_names_are_judged_as_far_as_they_tell(decision, name):
    answer = judging.judge(renamed(decision, name))
    assert answer["reason"] is None
    assert not [one for one in answer["findings"] if one["code"].startswith("font.")]
    if family_unknown := name in ("CIDFont+F1", "T1_0"):
        assert family_unknown and answer["findings"] == []


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("30/2025/NĐ-CP", {"title__text": "NGHỊ ĐỊNH"}),
        ("02/2025/TT-BNV", {"title__text": "THÔNG TƯ"}),
        ("12/2025/QĐ-TTg", {}),
        ("12/2025/QĐ-UBND", {}),
        ("07/2025/NQ-HĐND", {"title__text": "NGHỊ QUYẾT"}),
        ("01/VBHN-BNV", {"title__text": "THÔNG TƯ"}),
    ],
)
def test_legal_normative_documents(code, changes):
    assert reason(printed(specimen("decision", number__text=f"Số: {code}", **changes))) == "normative"


def test_a_law():
    made = specimen("decision", number__text="Luật số: 33/2024/QH15", title__text="LUẬT", issuer__text="QUỐC HỘI")
    assert reason(printed(made)) == "normative"


def test_a_document_of_the_party():
    made = specimen(
        "letter",
        national__text="ĐẢNG CỘNG SẢN VIỆT NAM",
        motto=None,
        parent=None,
        issuer__text="VĂN PHÒNG TRUNG ƯƠNG ĐẢNG",
        number__text="Số 36-HD/VPTW",
    )
    assert reason(printed(made)) == "party"


def test_a_document_of_a_mass_organisation():
    made = specimen(
        "letter", national=None, motto__text="ĐOÀN TNCS HỒ CHÍ MINH", parent=None, issuer__text="BAN CHẤP HÀNH TỈNH"
    )
    assert reason(printed(made)) == "mass_organisation"


FORM = {
    "parent": None,
    "issuer": None,
    "number__text": "",
    "recipients_title": None,
    "recipients": [],
    "subject": None,
    "subject_rule": None,
}


def test_a_form():
    assert reason(printed(specimen("plan", title__text="ĐƠN XIN NGHỈ PHÉP", **FORM))) == "form"


def test_a_contract():
    assert reason(printed(specimen("plan", title__text="HỢP ĐỒNG", **FORM))) == "contract"


def test_papers_from_before_the_decree():
    assert reason(printed(specimen("decision", date__text="Hà Nội, ngày 12 tháng 8 năm 2018"))) == "before_decree"


def test_the_gazette():
    made = specimen("decision", parent=piece("CÔNG BÁO/Số 123 + 124/Ngày 30-4-2026", 11), issuer_rule=None)
    assert reason(printed(made)) == "gazette"


def test_another_language():
    english = (
        "The parties agree to exchange electronic documents and to recognise each other's digital signatures. " * 6
    )
    made = specimen("letter", body=[english] * 4, national=None, motto=None, addressees=None, letter_subject=None)
    made |= {"parent": None, "post": [], "name": None, "recipients": [], "recipients_title": None}
    made["issuer"]["text"], made["number"]["text"], made["date"]["text"] = "MINISTRY", "No. 12", "Hanoi, 12 May 2026"
    assert reason(printed(made)) == "foreign"


def test_a_table_without_a_head():
    made = specimen(
        "plan",
        national=None,
        motto=None,
        title=None,
        date__text="",
        **{k: v for k, v in FORM.items() if k != "subject_rule"},
    )
    assert reason(printed(made | {"post": [], "name": None, "body": [LONG] * 3})) == "form"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (papers.encrypted(), "locked"),
        (papers.cut(0.3), "damaged"),
        (b"", "unknown_kind"),
        (b"PK\x03\x04 not a document", "damaged"),
        (b"<html></html>", "unknown_kind"),
        (b"%PDF-1.7\n", "damaged"),
    ],
)
def test_files_that_do_not_open(data, why):
    assert reason(data) == why
