"""What came after a signature and hides, writes or shows something by another way than the page's own: none of it is ever
valid. What harmless tools leave behind is none of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from io import BytesIO

import pikepdf
import pytest
from pyhanko.sign.signers.cms_embedder import SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp

from antin.keys import timestamping
from antin.signing import pades
from tests import attacks
from tests.attacks import OTHER, Look, append, body_of, number_of, opaque, paper, sign, stream
from tests.rooms.signing.test_attacks import CHANGED, FINE, annotated, annotation, signed
from tests.rooms.signing.test_corpus import BAD, OK, UNSURE, Case, R, S, a_house, every_reason, judged

ADDED = {R.CONTENT_ADDED, R.PERSON_ONLY}
COVERED = {*CHANGED, R.CONTENT_ADDED}


def picture(width: int, height: int, drawn: bytes, entries: bytes = b"") -> bytes:
    """An appearance that draws this."""
    told = b"/Type/XObject/Subtype/Form/BBox[0 0 %d %d]/Resources<</Font<</F1 5 0 R>>>>%s"
    return stream(drawn, told % (width, height, entries))


def noted(subtype: bytes, rect: bytes, drawn: bytes, more: bytes = b"", entries: bytes = b"", **others: bytes) -> bytes:
    """The signed page with one more note whose appearance draws this over its whole place."""
    left, bottom, right, top = (int(each) for each in rect.split())
    note = annotation(subtype, rect, more + b"/AP<</N 61 0 R>>")
    return annotated(signed(), note, o61=picture(right - left, top - bottom, drawn, entries), **others)


WHITE = b"1 1 1 rg 0 0 900 900 re f"
WORDS = b"BT /F1 18 Tf 2 4 Td (va 900 trieu dong nua) Tj ET"


def signed_page(text: bytes) -> bytes:
    """A page that says this, signed by the head."""
    return sign(paper(content=b"7 0 R", more={7: stream(text)}), a_house().head, look=Look())


MORE = attacks.TEXT.removesuffix(b"ET")


# Something small is hidden


def one_digit_hidden_by_a_note() -> Case:
    """The last nought of 100: a highlight of white paper, no larger than the digit."""
    return Case(noted(b"Highlight", b"273 697 287 720", WHITE), BAD, CHANGED)


def one_digit_hidden_and_signed_over() -> Case:
    """Whoever signs afterwards vouches for what was written, not for what cannot be read any more."""
    pdf = noted(b"Highlight", b"273 697 287 720", WHITE)
    pdf = sign(pdf, a_house().agency, field="Ky2", look=Look((100, 100, 250, 180)))
    return Case(pdf, UNSURE, {R.CONTENT_HIDDEN, R.VALID_NO_TSA})


def the_sum_hidden_where_an_earlier_signature_lies() -> Case:
    """The first signer put an empty picture over the sum, so that a later one may cover it."""
    pdf = sign(paper(), a_house().head, look=Look((60, 685, 520, 730), " "))
    note = annotation(b"FreeText", b"60 690 520 730", b"/Contents(900)/AP<</N 61 0 R>>")
    pdf = annotated(pdf, note, o61=opaque(460, 40, b"So tien phai tra: 900 trieu"))
    return Case(sign(pdf, a_house().agency, field="Ky2"), UNSURE, {R.CONTENT_HIDDEN, R.VALID_NO_TSA})


def one_digit_blackened() -> Case:
    return Case(noted(b"Highlight", b"273 697 287 720", b"0 g 0 0 90 90 re f"), BAD, COVERED)


def a_comma_hidden() -> Case:
    """What parts whole from tenth: 1,5 becomes 15."""
    pdf = signed_page(attacks.TEXT.replace(b"100", b"1,5"))
    note = annotation(b"Highlight", b"261 695 267 704", b"/AP<</N 61 0 R>>")
    return Case(annotated(pdf, note, o61=picture(6, 9, WHITE)), BAD, CHANGED)


def small_letters_hidden() -> Case:
    pdf = signed_page(MORE + b"/F1 7 Tf 0 -30 Td (tru khi co van ban khac cua Bo) Tj ET")
    note = annotation(b"Highlight", b"70 627 110 637", b"/AP<</N 61 0 R>>")
    return Case(annotated(pdf, note, o61=picture(40, 10, WHITE)), BAD, CHANGED)


def grey_letters_hidden() -> Case:
    pdf = signed_page(MORE + b"0.65 g 0 -40 Td (Chi co gia tri den het nam 2026) Tj ET")
    note = annotation(b"Highlight", b"60 610 500 645", b"/AP<</N 61 0 R>>")
    return Case(annotated(pdf, note, o61=picture(440, 35, WHITE)), BAD, CHANGED)


# Something is written by what only marks


def words_drawn_by_a_highlight() -> Case:
    return Case(noted(b"Highlight", b"72 500 400 530", WORDS), UNSURE, ADDED)


def a_digit_drawn_by_an_underline() -> Case:
    """A nought beside the sum: 100 becomes 1000."""
    return Case(noted(b"Underline", b"287 695 302 722", b"BT /F1 24 Tf 0 5 Td (0) Tj ET"), UNSURE, ADDED)


def a_digit_drawn_by_a_sticky_note() -> Case:
    return Case(noted(b"Text", b"287 695 302 722", b"BT /F1 24 Tf 0 5 Td (0) Tj ET"), UNSURE, ADDED)


def words_drawn_by_a_link() -> Case:
    return Case(noted(b"Link", b"72 500 400 530", WORDS, b"/Border[0 0 0]"), UNSURE, ADDED)


def the_sum_hidden_by_a_link() -> Case:
    return Case(noted(b"Link", b"60 690 520 730", WHITE), BAD, CHANGED)


def words_drawn_by_an_empty_signature_field() -> Case:
    """Nobody has signed there, but something is read there."""
    field = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Ky9)/Rect[72 500 400 530]/F 4/P 3 0 R/AP<</N 61 0 R>>>>"
    return Case(with_field(signed(), field, o61=picture(328, 30, WORDS)), UNSURE, ADDED)


def with_field(pdf: bytes, field: bytes, *, listed_on: int = 3, **others: bytes) -> bytes:
    """One more field (object 60), on the page and in the form."""
    holder = number_of(pdf, b"/Fields")
    form = body_of(pdf, holder)
    grown = form.replace(b"/Fields [", b"/Fields [ 60 0 R ").replace(b"/Fields[", b"/Fields[60 0 R ")
    assert grown != form
    objects: dict[int, bytes | None] = {holder: grown, 60: field}
    page = body_of(pdf, listed_on)
    if b"/Annots" in page:
        page = page.replace(b"/Annots [", b"/Annots [ 60 0 R ").replace(b"/Annots[", b"/Annots[60 0 R ")
    else:
        page = page.replace(b"/Type/Page", b"/Annots[60 0 R]/Type/Page", 1)
    if holder == listed_on:
        raise AssertionError("a page is no form")
    return append(pdf, {**objects, listed_on: page, **{int(name[1:]): body for name, body in others.items()}})


def words_drawn_by_a_timestamp() -> Case:
    """Anybody gets a timestamp of the authority we believe; its picture says whatever he likes."""
    field = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Gio)/Rect[72 500 400 530]/F 4/P 3 0 R/AP<</N 61 0 R>>>>"
    pdf = with_field(signed(), field, o61=picture(328, 30, WORDS))
    writer, setup = pades._writer(pdf), SigObjSetup(DocumentTimestamp(bytes_reserved=16384))
    ask = partial(timestamping.ask, stamper=a_house().stamper(S))
    return Case(pades._embed(writer, "Gio", None, setup, ask), UNSURE, ADDED)


def signature_of_nothing() -> Case:
    """A field that says it is signed, by a dictionary without a signature."""
    field = (
        b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Ky9)/V<</Type/Sig>>/Rect[72 500 400 530]/F 4/P 3 0 R/AP<</N 61 0 R>>>>"
    )
    pdf = with_field(signed(), field, o61=picture(328, 30, WORDS))
    return Case(pdf, BAD, {R.MALFORMED, *CHANGED})


def a_number_that_is_a_sentence() -> Case:
    """The number's field was made as wide as the page; what is filled in is no number."""
    pdf = sign(numbered_paper(), a_house().head, look=Look())
    return Case(filled(pdf, b"va 900 trieu dong nua", WORDS), UNSURE, ADDED)


def a_number_whose_picture_is_a_sentence() -> Case:
    pdf = sign(numbered_paper(), a_house().head, look=Look())
    return Case(filled(pdf, b"15", WORDS), UNSURE, ADDED)


def a_number() -> Case:
    pdf = sign(numbered_paper(b"72 600 122 620"), a_house().head, look=Look())
    return Case(filled(pdf, b"15", b"BT /F1 13 Tf 2 4 Td (15) Tj ET", (50, 20)), OK, FINE)


def numbered_paper(rect: bytes = b"72 500 400 530") -> bytes:
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(number)/Rect[%s]/F 4/P 3 0 R/DA(/F1 13 Tf)>>" % rect
    more = {6: field, 8: b"<</Fields[6 0 R]/DA(/F1 12 Tf)>>"}
    return paper(page=b"/Annots[6 0 R]", catalogue=b"/AcroForm 8 0 R", more=more)


def filled(pdf: bytes, value: bytes, drawn: bytes, size: tuple[int, int] = (328, 30)) -> bytes:
    body = body_of(pdf, 6).replace(b"/DA", b"/V(%s)/AP<</N 70 0 R>>/DA" % value)
    return append(pdf, {6: body, 70: picture(*size, drawn)})


# Something is shown that was not


@cache
def prepared_to_show(flag: bytes) -> bytes:
    """A field for a signature, hidden, whose picture lies over the sum: signed so."""
    field = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Ky9)/Rect[60 690 520 730]/F %s/P 3 0 R/AP<</N 7 0 R>>>>" % flag
    more = {6: field, 7: opaque(460, 40, b"900 trieu"), 8: b"<</Fields[6 0 R]/SigFlags 3>>"}
    return sign(paper(page=b"/Annots[6 0 R]", catalogue=b"/AcroForm 8 0 R", more=more), a_house().head, look=Look())


def empty_field_shown() -> Case:
    pdf = prepared_to_show(b"2")
    return Case(append(pdf, {6: body_of(pdf, 6).replace(b"/F 2", b"/F 4")}), BAD, CHANGED)


def seal_hidden() -> Case:
    """The agency's seal is made unseen by a flag."""
    house = a_house()
    pdf = sign(signed(), house.agency, field="Ky2", look=Look((100, 100, 250, 180), "Da dong dau"))
    field = number_of(pdf, b"(Ky2)")
    body = attacks.re.sub(rb"/F \d+", b"/F 2", body_of(pdf, field))
    assert body != body_of(pdf, field)
    return Case(append(pdf, {field: body}), BAD, {R.INTEGRITY_FAIL, R.CHANGED_AFTER})


def notes_in_another_order() -> Case:
    """Two pictures over the sum were signed, the true one above; afterwards the other lies above."""
    note = b"<</Type/Annot/Subtype/Stamp/Rect[60 690 520 730]/F 4/AP<</N %d 0 R>>>>"
    more = {6: note % 8, 7: note % 9, 8: opaque(460, 40, b"900 trieu"), 9: opaque(460, 40, b"100 trieu")}
    pdf = sign(paper(page=b"/Annots[6 0 R 7 0 R]", more=more), a_house().head)
    page = body_of(pdf, 3)
    turned = attacks.re.sub(rb"6 0 R\s+7 0 R", b"7 0 R 6 0 R", page)
    assert turned != page
    return Case(append(pdf, {3: turned}), BAD, CHANGED)


def printed_and_not_shown() -> Case:
    """A white box that is on paper only (NoView and Print)."""
    note = annotation(b"Highlight", b"60 690 520 730", b"/AP<</N 61 0 R>>").replace(b"/F 4", b"/F 36")
    return Case(annotated(signed(), note, o61=picture(460, 40, WHITE)), BAD, CHANGED)


def in_a_layer_of_its_own() -> Case:
    """A white box in a layer that is off, until somebody switches it on."""
    group = b"/OCProperties<</OCGs[6 0 R]/D<</OFF[6 0 R]>>>>"
    pdf = sign(paper(catalogue=group, more={6: b"<</Type/OCG/Name(a)>>"}), a_house().head, look=Look())
    note = annotation(b"Highlight", b"60 690 520 730", b"/OC 6 0 R/AP<</N 61 0 R>>")
    return Case(annotated(pdf, note, o61=picture(460, 40, WHITE)), BAD, CHANGED)


def page_moved_below_another_parent() -> Case:
    """The page inherits its fonts; the new parent has other ones."""
    page = attacks.PAGE.replace(b"/Resources<</Font<</F1 5 0 R>>%s>>", b"%s") % (b"4 0 R", b"", b"")
    root = b"<</Type/Pages/Kids[3 0 R]/Count 1/Resources<</Font<</F1 5 0 R>>>>>>"
    pdf = sign(paper(more={3: page, 2: root}), a_house().head)
    page = body_of(pdf, 3)
    other = page.replace(b"/Parent 2 0 R", b"/Parent 71 0 R")
    assert other != page
    symbol = attacks.FONT.replace(b"Helvetica", b"Symbol")
    parent = b"<</Type/Pages/Parent 2 0 R/Kids[3 0 R]/Count 1/Resources<</Font<</F1 72 0 R>>>>>>"
    return Case(append(pdf, {3: other, 71: parent, 72: symbol}), BAD, CHANGED)


def another_root_of_pages() -> Case:
    """The same page below another root, which turns it."""
    pdf = signed()
    catalogue = body_of(pdf, 1).replace(b"/Pages 2 0 R", b"/Pages 71 0 R")
    return Case(append(pdf, {1: catalogue, 71: b"<</Type/Pages/Kids[3 0 R]/Count 1/Rotate 180>>"}), BAD, CHANGED)


def page_that_says_it_is_a_container() -> Case:
    """The content of the page calls itself an object stream, which no reader minds; afterwards it is another."""
    base = paper(content=b"7 0 R", more={7: stream(attacks.TEXT, b"/Type/ObjStm/N 0/First 0")})
    pdf = sign(base, a_house().head)
    return Case(append(pdf, {7: stream(OTHER, b"/Type/ObjStm/N 0/First 0")}), BAD, CHANGED)


def page_that_says_it_is_a_table() -> Case:
    base = paper(content=b"7 0 R", more={7: stream(attacks.TEXT, b"/Type/XRef")})
    pdf = sign(base, a_house().head)
    return Case(append(pdf, {7: stream(OTHER)}), BAD, CHANGED)


def page_of_another_type() -> Case:
    pdf = signed()
    other = attacks.re.sub(rb"/Type\s*/Page\b", b"/Type/Template", body_of(pdf, 3))
    assert other != body_of(pdf, 3)
    return Case(append(pdf, {3: other}), BAD, {*CHANGED, R.NOT_COMPARED})


def a_field_listed_on_another_page() -> Case:
    """The picture says it is on page 2, and is listed on page 1, over the sum."""
    second = attacks.PAGE % (b"10 0 R", b"", b"")
    root = b"<</Type/Pages/Kids[3 0 R 9 0 R]/Count 2>>"
    pdf = sign(paper(more={2: root, 9: second, 10: stream(b"")}), a_house().head, look=Look())
    field = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Ky9)/Rect[60 690 520 730]/F 4/P 9 0 R/AP<</N 61 0 R>>>>"
    return Case(with_field(pdf, field, o61=opaque(460, 40, b"900 trieu")), BAD, COVERED)


# Harmless


def yellow_marker() -> Case:
    drawn = b"/G gs 1 1 0 rg 0 0 400 30 re f"
    told = b"/Resources<</ExtGState<</G<</BM/Multiply>>>>>>"
    note = annotation(
        b"Highlight", b"72 690 400 720", b"/C[1 1 0]/QuadPoints[72 720 400 720 72 690 400 690]/AP<</N 61 0 R>>"
    )
    body = stream(drawn, b"/Type/XObject/Subtype/Form/BBox[0 0 328 30]/Group<</S/Transparency>>" + told)
    return Case(annotated(signed(), note, o61=body), OK, FINE)


def underline_without_a_picture() -> Case:
    note = annotation(b"Underline", b"72 690 400 720", b"/C[1 0 0]/QuadPoints[72 720 400 720 72 690 400 690]")
    return Case(annotated(signed(), note), OK, FINE)


def turned(degrees: int, box: bytes = b"") -> bytes:
    page = b"/Rotate %d%s" % (degrees, box)
    return sign(paper(page=page), a_house().head, look=Look())


def line_under_words_of_a_turned_page() -> Case:
    note = annotation(b"Underline", b"72 690 400 720", b"/AP<</N 61 0 R>>")
    return Case(annotated(turned(90), note, o61=picture(328, 30, b"0 0 0 RG 1.5 w 0 3 m 328 3 l S")), OK, FINE)


def line_under_words_of_a_cut_page() -> Case:
    note = annotation(b"Underline", b"72 690 400 720", b"/AP<</N 61 0 R>>")
    pdf = turned(0, b"/CropBox[20 30 580 800]")
    return Case(annotated(pdf, note, o61=picture(328, 30, b"0 0 0 RG 1.5 w 0 3 m 328 3 l S")), OK, FINE)


def words_drawn_on_a_turned_page() -> Case:
    note = annotation(b"Highlight", b"72 500 400 530", b"/AP<</N 61 0 R>>")
    return Case(annotated(turned(270), note, o61=picture(328, 30, WORDS)), UNSURE, ADDED)


def line_through_words() -> Case:
    return Case(noted(b"StrikeOut", b"72 690 400 720", b"1 0 0 RG 1.5 w 0 12 m 328 12 l S"), OK, FINE)


def line_under_words() -> Case:
    return Case(noted(b"Underline", b"72 690 400 720", b"0 0 0 RG 1.5 w 0 3 m 328 3 l S"), OK, FINE)


def sticky_note_with_its_icon() -> Case:
    """As editors draw it: a yellow sheet with a black edge and lines."""
    drawn = b"1 1 0 rg 0 0 0 RG 1 w 1 1 18 18 re B 4 6 m 16 6 l 4 10 m 16 10 l 4 14 m 16 14 l S"
    return Case(noted(b"Text", b"530 700 550 720", drawn, b"/Contents(xem lai)/Name/Note"), OK, FINE)


def sticky_note_on_a_word() -> Case:
    drawn = b"/G gs 1 1 0 rg 0 0 0 RG 1 w 1 1 18 18 re B 4 6 m 16 6 l 4 10 m 16 10 l S"
    return Case(noted(b"Text", b"500 640 520 660", drawn, b"/Contents(xem lai)/Name/Note"), OK, FINE)


def empty_field_for_another_signature() -> Case:
    field = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Ky9)/Rect[72 200 250 280]/F 4/P 3 0 R>>"
    return Case(with_field(signed(), field), OK, FINE)


def seal_over_dots() -> Case:
    """Tools of real life put the number on white paper over the dots that kept its place."""
    pdf = signed_page(MORE + b"/F1 13 Tf 0 -40 Td (So: ............./TCT-VP) Tj ET")
    pdf = sign(pdf, a_house().agency, field="Ky2", look=Look((93, 617, 134, 633), "15", filled=True))
    return Case(pdf, OK, {R.VALID_NO_TSA})


def number_in_a_white_box_over_dots() -> Case:
    pdf = signed_page(MORE + b"/F1 13 Tf 0 -40 Td (So: ............./TCT-VP) Tj ET")
    box = picture(41, 16, WHITE + b" 0 0 0 rg BT /F1 13 Tf 10 3 Td (15) Tj ET")
    pdf = annotated(pdf, annotation(b"FreeText", b"93 617 134 633", b"/Contents(15)/AP<</N 61 0 R>>"), o61=box)
    return Case(sign(pdf, a_house().agency, field="Ky2", look=Look((100, 100, 250, 180))), OK, {R.VALID_NO_TSA})


def white_box_on_white_paper() -> Case:
    pdf = sign(signed(), a_house().agency, field="Ky2", look=Look((72, 300, 300, 400), "Da dong dau", filled=True))
    return Case(pdf, OK, {R.VALID_NO_TSA})


def linearised() -> Case:
    out = BytesIO()
    with pikepdf.open(BytesIO(paper())) as document:
        document.save(out, linearize=True)
    return Case(sign(out.getvalue(), a_house().head, look=Look()), OK, FINE)


def packed() -> Case:
    out = BytesIO()
    with pikepdf.open(BytesIO(paper())) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    pdf = sign(out.getvalue(), a_house().head, look=Look())
    return Case(sign(pdf, a_house().agency, field="Ky2", look=Look((100, 100, 250, 180))), OK, {R.VALID_NO_TSA})


def bytes_put_before_the_header() -> Case:
    return Case(b"X-Mailer: a\r\n" + signed(), BAD, {R.INTEGRITY_FAIL, R.BYTE_RANGE, R.PERSON_ONLY})


CASES = [
    value
    for name, value in list(globals().items())
    if callable(value) and getattr(value, "__annotations__", {}).get("return") == "Case" and not name.startswith("_")
]


@pytest.mark.parametrize("make_case", CASES, ids=lambda each: each.__name__)
def test_each_file_is_judged_as_expected(make_case: Callable[[], Case]) -> None:
    case = make_case()
    report = judged(case)
    assert (report.verdict, every_reason(report)) == (case.verdict, case.reasons), [
        (c.kind, c.safe, c.page, c.subject) for c in report.changes_after
    ]
