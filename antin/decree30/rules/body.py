"""The text: legal bases, articles, clauses and points, paragraphs, its end."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from statistics import median

from django.utils.translation import gettext_noop as _

from antin.decree30.anatomy import Anatomy, Paragraph
from antin.decree30.paper import MM, Line, most
from antin.decree30.rules.looks import basis_lines, is_justified, size_in_words
from antin.decree30.rules.table import MAIN, Hit, rule
from antin.decree30.wording import LETTERS


def _flowing(anatomy: Anatomy) -> list[Line]:
    return [line for line in anatomy.body if id(line) not in anatomy.tabled and (line.size or 12) > 10.4]


@rule("body.size", MAIN + "6", "body", _("Cỡ chữ phần nội dung là %(size)s; phải là 13–14."))
def _body_size(anatomy: Anatomy) -> Iterator[Hit]:
    bases = {id(line) for line in basis_lines(anatomy)}
    lines = [line for line in _flowing(anatomy) if len(line.text) > 25 and id(line) not in bases]
    main = most((round(line.size * 2) / 2 if line.size else None, len(line.text)) for line in lines)
    if main is None:
        return
    wrong = [line for line in lines if line.size is not None and not 12.55 <= line.size <= 14.45]
    if not 12.55 <= main <= 14.45:
        if sum(len(line.text) for line in wrong) > 100:
            yield Hit(wrong[0], facts={"size": size_in_words(main)})
        return
    lone = next((line for line in wrong if line.told and len(line.text) > 150), None)
    if lone is not None:
        yield Hit(lone, facts={"size": size_in_words(lone.size or 0)})
        return
    for before, line in itertools.pairwise(wrong):
        if line.told or (before.page == line.page and 0 < before.y - line.y < 45 and _is_wide(anatomy, before)):
            if line.page and line.y < 150 and (line.size or 0) < 12:
                continue  # a footnote
            yield Hit(before, facts={"size": size_in_words(before.size or 0)})
            return


def _is_wide(anatomy: Anatomy, line: Line) -> bool:
    return line.width > 0.55 * anatomy.first.width


@rule("body.justified", MAIN + "6", "body", _("Nội dung văn bản phải canh đều cả hai lề."))
def _justified(anatomy: Anatomy) -> Iterator[Hit]:
    told = [line for line in _flowing(anatomy) if line.told and len(line.text) > 120]
    if told:
        wrong = [line for line in told if line.told and line.told.align != "both"]
        if len(wrong) > 0.5 * len(told):
            yield Hit(wrong[0])
    elif is_justified(anatomy) is False:
        yield Hit(next((line for line in anatomy.full), None))


@rule("body.indent", MAIN + "6", "body", _("Dòng đầu của đoạn lùi vào %(found)s; phải lùi vào 1 cm hoặc 1,27 cm."))
def _indent(anatomy: Anatomy) -> Iterator[Hit]:
    told = [line for line in _flowing(anatomy) if line.told and len(line.text) > 90 and not line.told.numbered]
    if told:
        hanging = [line for line in told if line.told and not 20 <= line.told.indent + max(line.told.left, 0) <= 46]
        if len(hanging) > 0.6 * len(told) and len(hanging) >= 3:
            place = hanging[0].told
            yield Hit(hanging[0], facts={"found": _centimetres(place.indent + place.left if place else 0)})
        return
    starts = _starts(anatomy)
    if len(starts) < 4 or anatomy.left is None:
        return
    offsets = [(paragraph.first.x0 - anatomy.left) for paragraph in starts]
    none = [one for one in offsets if one < 6]
    wrong = [one for one in offsets if not 20 <= one <= 46]
    if len(none) >= 0.75 * len(offsets) or len(wrong) >= 0.8 * len(offsets):
        worst = next(p for p, offset in zip(starts, offsets, strict=False) if not 20 <= offset <= 46)
        yield Hit(worst.first, facts={"found": _centimetres(median(offsets))})


def _centimetres(points: float) -> str:
    return f"{max(points, 0) / MM / 10:.1f} cm".replace(".", ",")


def _starts(anatomy: Anatomy) -> list[Paragraph]:
    """Paragraphs of two lines and more that begin at the column's left part, headings left out."""
    if anatomy.left is None or anatomy.right is None:
        return []
    return [
        paragraph
        for paragraph in anatomy.paragraphs
        if len(paragraph.lines) >= 2
        and paragraph.first.x1 > anatomy.right - 14
        and paragraph.lines[1].x0 - anatomy.left < 6
        and paragraph not in anatomy.bases
    ]


WIDE = 1.86
"""Beyond one and a half lines, in sizes of the letter: from baseline to baseline, with what programs round."""


@rule(
    "body.line_spacing",
    MAIN + "6",
    "body",
    _("Khoảng cách giữa các dòng khoảng %(found)s dòng; phải từ dòng đơn đến 1,5 dòng."),
)
def _line_spacing(anatomy: Anatomy) -> Iterator[Hit]:
    told = [line for line in _flowing(anatomy) if line.told and len(line.text) > 120]
    if told:
        wrong = [line for line in told if line.told and not _fair_pitch(line.told.pitch, line.size or 14)]
        if len(wrong) > 0.5 * len(told) and wrong[0].told:
            yield Hit(wrong[0], facts={"found": size_in_words(_lines_of(wrong[0].told.pitch, wrong[0].size or 14))})
        return
    steps = [
        (above.y - below.y) / (above.size or 14)
        for paragraph in anatomy.paragraphs
        for above, below in zip(paragraph.lines, paragraph.lines[1:], strict=False)
        if above.page == below.page and above.told is None and 5 < above.y - below.y < 60
    ]
    if len(steps) >= 6 or (len(steps) >= 3 and min(steps) > WIDE):  # a short paper, all of it set wide
        middle = median(steps)
        if middle > WIDE or middle < 0.99:
            line = next(p.lines[0] for p in anatomy.paragraphs if len(p.lines) > 1)
            yield Hit(line, facts={"found": size_in_words(middle / 1.15)})


def _lines_of(pitch: float, size: float) -> float:
    return pitch if pitch > 0 else -pitch / size / 1.15


def _fair_pitch(pitch: float, size: float) -> bool:
    return 0.86 <= _lines_of(pitch, size) <= 1.62


@rule(
    "body.paragraph_spacing",
    MAIN + "6",
    "body",
    _("Giữa các đoạn văn không có khoảng cách; phải cách nhau tối thiểu 6 pt."),
)
def _paragraph_spacing(anatomy: Anatomy) -> Iterator[Hit]:
    told = [line for line in _flowing(anatomy) if line.told and len(line.text) > 90]
    if told:
        bare = [line for line in told if line.told and max(line.told.before, line.told.after) < 1.5]
        if len(bare) > 0.8 * len(told) and len(bare) >= 4:
            yield Hit(bare[0])
        return
    inner, outer = [], []
    flat = [p for p in anatomy.paragraphs if p.first.told is None]
    for paragraph in flat:
        inner += [a.y - b.y for a, b in zip(paragraph.lines, paragraph.lines[1:], strict=False) if a.page == b.page]
    for above, below in itertools.pairwise(flat):
        last, first = above.lines[-1], below.first
        if last.page == first.page and abs((last.size or 0) - (first.size or 0)) < 0.6 and 5 < last.y - first.y < 60:
            outer.append(last.y - first.y)
    if (
        len(inner) >= 5
        and len(outer) >= 5
        and median(outer) - median(inner) < 1.2
        and sum(step - median(inner) < 1.2 for step in outer) > 0.8 * len(outer)
    ):
        yield Hit(flat[1].first)


@rule(
    "bases.punctuation",
    MAIN + "6",
    "bases",
    _("Cuối mỗi căn cứ là dấu chấm phẩy (;), cuối căn cứ cuối cùng là dấu chấm (.)."),
)
def _bases_punctuation(anatomy: Anatomy) -> Iterator[Hit]:
    for n, basis in enumerate(anatomy.bases):
        last = n == len(anatomy.bases) - 1
        end = basis.text.rstrip()[-1:]
        if (last and end != ".") or (not last and end != ";"):
            yield Hit(basis.lines[-1], instead=basis.text.rstrip().rstrip(".,;") + ("." if last else ";"))
            return


@rule("enacting.colon", MAIN + "6", "enacting", _("Sau “%(found)s” phải có dấu hai chấm (:)."))
def _enacting_colon(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.enacting and not anatomy.enacting.text.rstrip().endswith(":"):
        text = anatomy.enacting.text.strip()
        yield Hit(anatomy.enacting, facts={"found": text}, instead=text.rstrip(".;, ") + ":")


_ARTICLE = re.compile(r"^Điều\s+(\d{1,3})\s*([.:])")


def _begins(anatomy: Anatomy) -> Iterator[tuple[Paragraph, str]]:
    """Paragraphs that surely begin: indented, bold, or told; with their text."""
    for paragraph in anatomy.paragraphs:
        line = paragraph.first
        indented = line.told is not None or anatomy.left is None or line.x0 - anatomy.left > 9
        yield paragraph, (line.text.strip() if indented or line.words[0].look.bold else "")


def _quoting(anatomy: Anatomy) -> bool:
    """Whether the paper amends another and therefore quotes articles out of order."""
    text = " ".join(paragraph.text for paragraph in anatomy.paragraphs[:80]).lower()
    return "sửa đổi" in text or "“điều" in text or '"điều' in text or "bổ sung" in text


@rule(
    "article.order",
    MAIN + "6",
    "article",
    _("Điều %(found)s đứng sau Điều %(before)s; các điều phải đánh số liên tục."),
)
def _article_order(anatomy: Anatomy) -> Iterator[Hit]:
    if _quoting(anatomy):
        return
    before = 0
    for paragraph, text in _begins(anatomy):
        match = _ARTICLE.match(text)
        if not match:
            continue
        number = int(match[1])
        if number == 1 and before > 0:
            before = 1  # a regulation promulgated with the decision begins anew
        elif number != before + 1:
            yield Hit(paragraph.first, facts={"found": number, "before": before})
            return
        before = number


@rule("article.form", MAIN + "6", "article", _("Sau số thứ tự của điều là dấu chấm (.): “Điều %(found)s.”."))
def _article_form(anatomy: Anatomy) -> Iterator[Hit]:
    for paragraph, text in _begins(anatomy):
        match = _ARTICLE.match(text)
        if match and match[2] == ":":
            yield Hit(
                paragraph.first, facts={"found": match[1]}, instead=text.replace(match[0], f"Điều {match[1]}.", 1)
            )
            return


@rule("article.weight", MAIN + "6", "article", _("“Điều %(found)s.” phải in đậm."))
def _article_weight(anatomy: Anatomy) -> Iterator[Hit]:
    for paragraph, text in _begins(anatomy):
        match = _ARTICLE.match(text)
        if match and paragraph.first.words[0].look.bold is False and not _quoting(anatomy):
            yield Hit(paragraph.first, facts={"found": match[1]})
            return


@rule(
    "clause.order",
    MAIN + "6",
    "clause",
    _("Khoản %(found)s đứng sau khoản %(before)s; các khoản phải đánh số liên tục."),
)
def _clause_order(anatomy: Anatomy) -> Iterator[Hit]:
    if _quoting(anatomy):
        return
    before, inside = 0, False
    for paragraph, text in _begins(anatomy):
        if _ARTICLE.match(text):
            before, inside = 0, True
            continue
        match = re.match(r"^(\d{1,2})\.\s+[^\W\d]", text)
        if not match or not inside:
            continue
        number = int(match[1])
        if number == 1:
            before = 1
        elif before and number != before + 1:
            yield Hit(paragraph.first, facts={"found": number, "before": before})
            return
        else:
            before = number


@rule(
    "point.letter",
    MAIN + "6",
    "point",
    _(
        "Điểm %(found)s) đứng sau điểm %(before)s); các điểm theo thứ tự bảng chữ cái tiếng Việt: a, b, c, d, đ, e, g, h, i, k…"
    ),
)
def _point_letter(anatomy: Anatomy) -> Iterator[Hit]:
    if _quoting(anatomy):
        return
    before = ""
    for paragraph, text in _begins(anatomy):
        match = re.match(r"^([a-zđăâêôơư])\)\s", text)
        if not match:
            if _ARTICLE.match(text) or re.match(r"^(\d{1,2}|[IVX]+)[.)]\s", text):
                before = ""
            continue
        letter = match[1]
        if letter == "a" or not before:
            if letter not in LETTERS:
                yield Hit(paragraph.first, facts={"found": letter, "before": before or "…"})
                return
            before = letter
            continue
        at = LETTERS.find(before)
        right = LETTERS[at + 1] if 0 <= at < len(LETTERS) - 1 else ""
        if right and letter != right:
            yield Hit(paragraph.first, facts={"found": letter, "before": before})
            return
        before = letter


_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}


def _roman(text: str) -> int:
    total = 0
    for sign, after in zip(text, text[1:] + " ", strict=False):
        value = _ROMAN[sign]
        total += -value if _ROMAN.get(after, 0) > value else value
    return total


@rule("heading.order", MAIN + "6", "heading", _("Mục %(found)s đứng sau mục %(before)s; phải đánh số liên tục."))
def _heading_order(anatomy: Anatomy) -> Iterator[Hit]:
    before, before_text = 0, ""
    for paragraph, text in _begins(anatomy):
        if re.match(r"^(PHẦN|Phần|CHƯƠNG|Chương)\b", text):
            before = 0
        match = re.match(r"^([IVXL]{1,6})\.\s", text)
        if not match or not paragraph.first.words[0].look.bold:
            continue
        number = _roman(match[1])
        if number == 1:
            before = 1
        elif before and number != before + 1:
            yield Hit(paragraph.first, facts={"found": match[1], "before": before_text})
            return
        elif before:
            before = number
        before_text = match[1]


CLOSED = ("CV", "QĐ", "NQ", "CT", "TB", "KH", "BC", "TTr", "HD")


@rule("body.closing", "Phụ lục III, Mục II", "body", _("Kết thúc nội dung văn bản phải có dấu “./.”."))
def _closing(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.type is None or anatomy.type[0] not in CLOSED or not anatomy.last_page or not anatomy.posts:
        return
    tail = [
        line for line in anatomy.body if (not line.stamped and sum(map(str.isalnum, line.text)) > 1) or "/" in line.text
    ]
    if not tail or id(tail[-1]) in anatomy.tabled:
        return
    end = " ".join(line.text for line in tail[-3:]).replace(" ", "")
    if re.search(r"[./…]\s?/\.?\W*$|/\.\W*$|\./", end[-8:]):
        return
    last = tail[-1]
    if last.text.rstrip()[-1:] in ".!;," or last.text.rstrip()[-1:].isalnum():
        yield Hit(last, instead=last.text.rstrip().rstrip(".;,") + "./.")
