"""How the parts of a paper look: size, weight, slant, capitals; one row each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from antin.decree30.anatomy import Anatomy
from antin.decree30.paper import Line
from antin.decree30.rules.table import MAIN, OTHER, RULES, Hit, Judge, Rule


@dataclass(frozen=True)
class Style:
    """A part's look. `least`, `largest`: sizes that pass, as the Decree has them, widened by `slack` points. `None`: not judged."""

    part: str
    name: str
    article: str
    lines: Callable[[Anatomy], tuple[Line, ...]]
    sizes: tuple[float, float]
    bold: bool | None
    italic: bool | None
    slack: float = 0.45
    capitals: bool | None = None


def basis_lines(anatomy: Anatomy) -> tuple[Line, ...]:
    """The lines of the legal bases."""
    return tuple(line for paragraph in anatomy.bases for line in paragraph.lines)


def as_lines(line: Line | None) -> tuple[Line, ...]:
    """A line that may not be there, as lines."""
    return (line,) if line is not None else ()


STYLES = (
    Style("national_name", _("Quốc hiệu"), MAIN + "1", lambda a: a.national, (12, 13), True, False, capitals=True),
    Style("motto", _("Tiêu ngữ"), MAIN + "1", lambda a: as_lines(a.motto), (13, 14), True, False),
    Style("parent", _("tên cơ quan chủ quản"), MAIN + "2", lambda a: a.parent, (12, 13), False, False, capitals=True),
    Style("issuer", _("tên cơ quan ban hành"), MAIN + "2", lambda a: a.issuer, (12, 13), True, False, capitals=True),
    Style("number", _("số, ký hiệu"), MAIN + "3", lambda a: as_lines(a.number), (13, 13), False, False, slack=1.05),
    Style("date", _("địa danh và thời gian"), MAIN + "4", lambda a: as_lines(a.date), (13, 14), False, True),
    Style(
        "type_name",
        _("tên loại văn bản"),
        MAIN + "5",
        lambda a: as_lines(a.title),
        (13, 14),
        True,
        False,
        capitals=True,
    ),
    Style("subject", _("trích yếu nội dung"), MAIN + "5", lambda a: a.subject if a.type else (), (13, 14), True, False),
    Style("letter_subject", _("trích yếu công văn"), MAIN + "5", lambda a: a.letter_subject, (12, 13), False, False),
    Style("addressee", _("“Kính gửi”"), MAIN + "9", lambda a: a.addressed[:1], (13, 14), False, False),
    Style(
        "enacting",
        _("dòng quyết định"),
        MAIN + "6",
        lambda a: as_lines(a.enacting),
        (13, 14),
        True,
        False,
        capitals=True,
    ),
    Style("bases", _("căn cứ ban hành"), MAIN + "6", basis_lines, (13, 14), False, True),
    Style(
        "recipients_title",
        _("“Nơi nhận”"),
        MAIN + "9",
        lambda a: as_lines(a.recipients_title),
        (12, 12),
        True,
        True,
        slack=0.6,
    ),
    Style(
        "recipients", _("danh sách nơi nhận"), MAIN + "9", lambda a: a.recipients, (11, 11), False, False, slack=1.05
    ),
    Style(
        "post", _("quyền hạn, chức vụ người ký"), MAIN + "7", lambda a: a.posts, (13, 14), True, False, capitals=True
    ),
    Style(
        "signer", _("họ tên người ký"), MAIN + "7", lambda a: as_lines(a.name), (13, 14), True, False, capitals=False
    ),
    Style(
        "urgency",
        _("dấu chỉ mức độ khẩn"),
        OTHER + "2",
        lambda a: as_lines(a.urgency),
        (13, 14),
        True,
        False,
        capitals=True,
    ),
)


def _size_rule(style: Style) -> Judge:
    def judge(anatomy: Anatomy) -> Iterator[Hit]:
        least, largest = style.sizes[0] - style.slack, style.sizes[1] + style.slack
        for line in style.lines(anatomy):
            if line.size is not None and not least <= line.size <= largest:
                yield Hit(
                    line, facts={"name": style.name, "size": size_in_words(line.size), "range": _range(style.sizes)}
                )
                return

    return judge


def _weight_rule(style: Style) -> Judge:
    def judge(anatomy: Anatomy) -> Iterator[Hit]:
        lines = style.lines(anatomy)
        shares = [(line, line.share("bold")) for line in lines]
        if style.bold:
            wrong = [line for line, share in shares if share is not None and share < 0.5]
        else:
            wrong = [line for line, share in shares if share is not None and share > 0.85]
            if len(wrong) < len(lines) and style.part not in ("parent",):
                wrong = []  # some words of it stand out: the writer's own
        if wrong:
            yield Hit(wrong[0], facts={"name": style.name})

    return judge


def _slant_rule(style: Style) -> Judge:
    def judge(anatomy: Anatomy) -> Iterator[Hit]:
        lines = style.lines(anatomy)
        shares = [(line, line.share("italic")) for line in lines]
        if style.italic:
            wrong = [line for line, share in shares if share is not None and share < 0.5]
            if style.part == "bases" and len(wrong) < max(2, 0.3 * len(lines)) and len(lines) > 2:
                wrong = []
        else:
            wrong = [line for line, share in shares if share is not None and share > 0.85]
            if len(wrong) < len(lines):
                wrong = []
        if wrong:
            yield Hit(wrong[0], facts={"name": style.name})

    return judge


def _case_rule(style: Style) -> Judge:
    def judge(anatomy: Anatomy) -> Iterator[Hit]:
        for line in style.lines(anatomy):
            signs = [sign for sign in line.text if sign.isalpha()]
            small = sum(sign.islower() for sign in signs)
            if style.capitals and len(signs) >= 3 and small > max(1, 0.15 * len(signs)):
                yield Hit(line, facts={"name": style.name}, instead=line.text.upper())
                return
            if style.capitals is False and len(signs) >= 5 and not small:
                yield Hit(line, facts={"name": style.name})
                return

    return judge


def size_in_words(size: float) -> str:
    """A size as it is written: 13,5."""
    return f"{size:.1f}".rstrip("0").rstrip(".").replace(".", ",")


def _range(sizes: tuple[float, float]) -> str:
    return f"{sizes[0]:g}" if sizes[0] == sizes[1] else f"{sizes[0]:g}–{sizes[1]:g}"


def _enter_styles() -> None:
    for style in STYLES:
        RULES.append(
            Rule(
                f"{style.part}.size",
                style.article,
                style.part,
                _("Cỡ chữ của %(name)s là %(size)s; phải là %(range)s."),
                _size_rule(style),
            )
        )
        upright = (
            _("Chữ của %(name)s phải là chữ nghiêng.") if style.italic else _("Chữ của %(name)s phải là chữ đứng.")
        )
        bold = _("Chữ của %(name)s phải là chữ đậm.") if style.bold else _("Chữ của %(name)s không in đậm.")
        RULES.append(Rule(f"{style.part}.weight", style.article, style.part, bold, _weight_rule(style)))
        RULES.append(Rule(f"{style.part}.slant", style.article, style.part, upright, _slant_rule(style)))
        if style.capitals is not None:
            words = (
                _("%(name)s phải viết bằng chữ in hoa.")
                if style.capitals
                else _("%(name)s phải viết bằng chữ in thường.")
            )
            RULES.append(Rule(f"{style.part}.case", style.article, style.part, words, _case_rule(style)))


_enter_styles()


def is_justified(anatomy: Anatomy) -> bool | None:
    """Whether the text's lines end at one edge; `None` if too few can be told."""
    if anatomy.left is None or anatomy.right is None:
        return None
    ends = [
        line.x1
        for paragraph in anatomy.paragraphs
        for line in paragraph.lines[:-1]
        if line.told is None and line.width > 0.6 * (anatomy.right - anatomy.left)
    ]
    if len(ends) < 7:
        return None
    near = sum(abs(end - anatomy.right) < 3.2 for end in ends) / len(ends)
    return True if near > 0.75 else False if near < 0.66 else None
