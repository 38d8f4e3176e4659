"""Laying out an administrative document by Decree 30/2020/NĐ-CP, Appendix I and the forms of Appendix III.

The page leaves blank what comes after it: number and date (taken when the signer has signed) and the two signatures. Where
those blanks are is part of the answer, so that nobody has to search for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.refusal import Refusal
from antin.typeset import body as bodies
from antin.typeset import press
from antin.typeset.characters import clean

Node = dict[str, Any]

PAGE_HEIGHT = 841.89
TEXT_TOP = PAGE_HEIGHT - 20 * 72 / 25.4
TEXT_BOTTOM = 20 * 72 / 25.4
LINE = 15.5
HEAD = 150
LONGEST_LINE = 5_000
LONGEST = {
    "type_name": 200,
    "notation": 100,
    "place": 100,
    "signer_name": 200,
    "signer_rank": 100,
    "urgency": 40,
    "secrecy": 40,
    "circulation": 80,
    "drafter_mark": 40,
    "address_line": 400,
}
MOST_LINES = 2_000


class Numbering(StrEnum):
    """How number and notation stand beside one another."""

    PLAIN = "plain"  # Số: 15/QĐ-BNV
    PARTY = "party"  # Số: 36-HD/VPTW
    WITH_YEAR = "with_year"  # Số: 02/2026/TT-BNV


class Form(StrEnum):
    """The forms of Appendix III that the 29 types are printed in, the circular's, and those of the Party."""

    @property
    def is_party(self) -> bool:
        """Whether it is laid out as the Party lays its papers out."""
        return self.value.startswith("party_")

    RESOLUTION = "resolution"  # 1.1 nghị quyết
    DECISION = "decision"  # 1.2 quyết định trực tiếp
    DECISION_ON_TEXT = "decision_on_text"  # 1.3 quyết định ban hành, phê duyệt một văn bản kèm theo
    NAMED = "named"  # 1.4 văn bản có tên loại
    LETTER = "letter"  # 1.5 công văn
    TELEGRAM = "telegram"  # 1.6 công điện
    INVITATION = "invitation"  # 1.7 giấy mời
    INTRODUCTION = "introduction"  # 1.8 giấy giới thiệu
    MINUTES = "minutes"  # 1.9 biên bản
    LEAVE = "leave"  # 1.10 giấy nghỉ phép
    PARTY_NAMED = "party_named"  # papers of the Party by 36-HD/VPTW
    PARTY_DECISION = "party_decision"
    PARTY_LETTER = "party_letter"
    CIRCULAR = "circular"  # thông tư: not of Decree 30, laid out like 1.4


class TooLong(Refusal):
    code = "too_long"
    words = _("Mục %(place)s quá dài: nhiều nhất %(most)d.")


class WrongForm(Refusal):
    code = "wrong_form"
    words = _("Không có mẫu trình bày “%(form)s”.")


@dataclass(frozen=True)
class Cosigner:
    """Who signs beside the signer: the lines of his box 7a, his name, and whether an agency's seal comes beside it."""

    authority: tuple[str, ...] = ()
    name: str = ""
    seals: bool = False


MOST_COSIGNERS = 9


@dataclass(frozen=True)
class Facts:
    """What stands on the page, by box of Appendix I. Every word is data: nothing in it is read as markup.

    `numbering` says whether the blank of the number takes the year too; `notation` is what follows it, e.g. "QĐ-VP" or
    "VP-TH". `enactor` is the authority that resolves or decides, e.g.
    "BỘ TRƯỞNG BỘ NỘI VỤ", or who sends a telegram. `authority` are the lines of box 7a, e.g. ("TL. TỔNG CỤC TRƯỞNG", "CHÁNH
    VĂN PHÒNG"). `recipients` are the lines of box 9b without dashes, the last being the archive's ("Lưu: VT, TH."). Cosigners
    stand beside the signer, the first on his left: the secretary of minutes, the other side of an agreement, the other agencies of
    a joint document, which are `joint_issuers`. `initials` leaves a small place at the end of the text for who answers for it,
    `format_check` one beside "Nơi nhận" for who checked its form. `body` is JSON as told in docs/body.md.
    `made_at` dates the file: the same facts give the same bytes.
    """

    form: str
    type_code: str
    type_name: str
    issuer_name: str
    place: str
    body: Node
    made_at: datetime
    parent_name: str = ""
    notation: str = ""
    subject: str = ""
    enactor: str = ""
    addressees: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    authority: tuple[str, ...] = ()
    signer_name: str = ""
    signer_rank: str = ""
    cosigners: tuple[Cosigner, ...] = ()
    joint_issuers: tuple[str, ...] = ()
    initials: bool = False
    format_check: bool = False
    urgency: str = ""
    secrecy: str = ""
    circulation: str = ""
    drafter_mark: str = ""
    copies: int | None = None
    address_line: str = ""
    numbering: str = Numbering.PLAIN


@dataclass(frozen=True)
class Place:
    """A named place on a page (0-based), in points from the bottom left.

    For a blank that is filled with text: the size of the letters, whether they are italic, how they are set ("right", "center")
    and how far their baseline is above `y`.
    """

    page: int
    x: float
    y: float
    width: float
    height: float
    size: float = 0
    baseline: float = 0
    italic: bool = False
    align: str = ""


@dataclass(frozen=True)
class Layout:
    """A finished PDF/A-2b, its named places and how many pages it has."""

    pdf: bytes
    places: dict[str, Place]
    pages: int


def lay_out(facts: Facts) -> Layout:
    """Print the document.

    Places: number, day, month, year, person, agency, arrival, attachment_mark; cosigner1 and so on, seal1 beside it,
    initials, format where asked.

    :raises WrongForm: the form is none of `Form`
    :raises CannotPrint: a letter has no picture, or turns the reading order
    :raises BadBody: the body does not follow the schema
    :raises TooLong: a box holds more than a page can carry
    """
    sheet = sheet_of(facts)
    first, end = _printed(sheet, LEADING, facts.made_at)
    if _kept_together(first, end):
        return first
    for leading in _other_leadings(end):
        layout, end = _printed(sheet, leading, facts.made_at)
        if _kept_together(layout, end):
            return layout
    return first


def sheet_of(facts: Facts) -> Node:
    """The facts as they are printed: composed, numbered, lists ended. :raises Refusal: as lay_out"""
    if facts.form not in set(Form):
        raise WrongForm(form=str(facts.form)[:40])
    return _sheet(_cleaned(facts))


LEADING, TIGHTEST, WIDEST = 2.5, 0.6, 8.6
"""Points between lines of 14-point text (15.5 high): 1.12 lines, and the Decree's one and one and a half."""


def _printed(sheet: Node, leading: float, at: datetime) -> tuple[Layout, Place]:
    """The layout, and where the signature would stand if the page it was wanted on had room for it."""
    printed = press.run("letter", sheet | {"leading": leading}, at=at)
    places = {mark["name"]: _place(mark) for mark in printed.marks if mark["name"] != "pages"}
    pages = next(mark["count"] for mark in printed.marks if mark["name"] == "pages")
    end = places.pop("end")
    return Layout(pdf=printed.pdf, places=places, pages=pages), end


def _kept_together(layout: Layout, end: Place) -> bool:
    """Whether the signature stands on a page with words of the text it closes."""
    below_top = end.page == 0 or end.y + end.height < TEXT_TOP - LINE
    return layout.places["person"].page == end.page and below_top


def _other_leadings(end: Place) -> Iterator[float]:
    """Other distances between the lines, by which the signature would fit, or words would go over with it; then all between."""
    top = end.y + end.height
    lines = max(1.0, (end.page * (TEXT_TOP - TEXT_BOTTOM) + TEXT_TOP - top - HEAD) / 20)
    for share in (1.15, 1.6):
        tighter = LEADING - share * (TEXT_BOTTOM - end.y) / lines
        if TIGHTEST <= tighter < LEADING:
            yield tighter
        wider = LEADING + share * (top - TEXT_BOTTOM + 5) / lines
        if LEADING < wider <= WIDEST:
            yield wider
    yield from (TIGHTEST, 1.5, 3.5, 4.5, 5.5, 6.5, 7.5, WIDEST)


_SHOWN = {
    "type_name": _("tên loại"),
    "parent_name": _("cơ quan chủ quản"),
    "issuer_name": _("cơ quan ban hành"),
    "place": _("địa danh"),
    "notation": _("ký hiệu"),
    "subject": _("trích yếu"),
    "enactor": _("thẩm quyền ban hành"),
    "addressees": _("kính gửi"),
    "recipients": _("nơi nhận"),
    "authority": _("quyền hạn, chức vụ người ký"),
    "signer_name": _("họ tên người ký"),
    "signer_rank": _("cấp bậc người ký"),
    "cosigners": _("người cùng ký"),
    "joint_issuers": _("cơ quan cùng ban hành"),
    "urgency": _("độ khẩn"),
    "secrecy": _("độ mật"),
    "circulation": _("chỉ dẫn lưu hành"),
    "drafter_mark": _("ký hiệu người soạn thảo"),
    "address_line": _("địa chỉ cơ quan"),
}


def _cleaned(facts: Facts) -> Facts:
    """The same facts, every text composed and printable, the body checked."""
    kept: dict[str, Any] = {"body": bodies.check(facts.body)}
    for box in fields(facts):
        value, place = getattr(facts, box.name), gettext(_SHOWN.get(box.name, box.name))
        if box.name == "cosigners":
            if len(value) > MOST_COSIGNERS:
                raise TooLong(place=place, most=MOST_COSIGNERS)
            kept[box.name] = tuple(_cosigner(each, place) for each in value)
        elif isinstance(value, str):
            kept[box.name] = _line(value, place, LONGEST.get(box.name, LONGEST_LINE))
        elif isinstance(value, tuple):
            if len(value) > MOST_LINES:
                raise TooLong(place=place, most=MOST_LINES)
            kept[box.name] = tuple(line for line in (_line(each, place) for each in value) if line)
    return replace(facts, **kept)


def _cosigner(each: Cosigner, place: str) -> Cosigner:
    lines = tuple(line for line in (_line(words, place) for words in each.authority) if line)
    return Cosigner(lines, _line(each.name, place, LONGEST["signer_name"]), each.seals)


def _line(text: str, place: str, most: int = LONGEST_LINE) -> str:
    if len(text) > most:
        raise TooLong(place=place, most=most)
    return " ".join(clean(text, place).split())


def _sheet(facts: Facts) -> Node:
    """The facts as the template reads them."""
    party = Form(facts.form).is_party
    main, *appendices = bodies.set_out(_closed(facts.body, "." if party else "./."))
    return {
        "form": facts.form.removeprefix("party_"),
        "party": party,
        "title": " ".join(filter(None, [facts.type_name, facts.subject])) or facts.issuer_name,
        "type_name": facts.type_name,
        "parent": facts.parent_name,
        "issuer": facts.issuer_name,
        "joint": [*facts.joint_issuers],
        "notation": facts.notation,
        "numbering": facts.numbering,
        "place": facts.place,
        "subject": facts.subject,
        "addressees": _listed(facts.addressees, "," if party else ";")
        if len(facts.addressees) > 1
        else [*facts.addressees],
        "recipients": _listed(facts.recipients, "," if party else ";"),
        "authority": [*facts.authority],
        "signer": " ".join(filter(None, [facts.signer_rank, facts.signer_name])),
        "cosigners": [{"lines": [*each.authority], "name": each.name, "seals": each.seals} for each in facts.cosigners],
        "initials": facts.initials,
        "format_check": facts.format_check,
        "urgency": facts.urgency,
        "secrecy": facts.secrecy,
        "circulation": facts.circulation,
        "drafter": facts.drafter_mark + (f".({facts.copies})" if facts.copies else ""),
        "address": facts.address_line,
        "enactor": facts.enactor,
        "blocks": _enacted(facts, _initialled(main.blocks) if facts.initials else main.blocks),
        "appendices": [asdict(part) for part in appendices],
    }


def _initialled(blocks: list[Node]) -> list[Node]:
    """The text with the place of initials after its last words."""
    last = next((block for block in reversed(blocks) if "runs" in block or block["k"] == "list"), None)
    if last is not None and last["k"] == "list":
        _initialled(last["items"][-1])
    elif last is not None:
        last["runs"] = [*last["runs"], ("", "initials")]
    return blocks


def _listed(lines: tuple[str, ...], between: str = ";") -> list[str]:
    """The lines of a list as the Decree ends them: a semicolon after each (the Party: a comma), a full stop after the last."""
    bare = [line.rstrip(" ;.,") for line in lines]
    return [line + (between if n < len(bare) else ".") for n, line in enumerate(bare, 1)]


ENACTING = {
    Form.RESOLUTION: "QUYẾT NGHỊ:",
    Form.DECISION: "QUYẾT ĐỊNH:",
    Form.DECISION_ON_TEXT: "QUYẾT ĐỊNH:",
    Form.PARTY_DECISION: "QUYẾT ĐỊNH",
}


def _enacted(facts: Facts, blocks: list[Node]) -> list[Node]:
    """A resolution or decision names who resolves, on what grounds, and then says so in a line of its own."""
    word = ENACTING.get(Form(facts.form))
    if word is None:
        return blocks
    grounds = next((n for n, block in enumerate(blocks) if block["k"] != "basis"), len(blocks))
    who = [{"k": "enactor", "text": facts.enactor}] if facts.enactor else []
    if Form(facts.form).is_party:  # there who decides stands after the grounds
        return [*blocks[:grounds], *who, {"k": "enacting", "text": word}, *blocks[grounds:]]
    return [*who, *blocks[:grounds], {"k": "enacting", "text": word}, *blocks[grounds:]]


def _closed(body: Node, mark: str) -> Node:
    """The body with the grounds ended by `;` and `.`, and the main text by `mark`, where the writer has not done so."""
    kept = deepcopy(body)
    blocks = kept["content"]
    bases = [n for n, node in enumerate(blocks) if node["type"] == "legalBasis" and node.get("content")]
    for n in bases:
        _end_with(blocks[n], ";" if n + 1 in bases else ".")
    end = next((n for n, node in enumerate(blocks) if node["type"] == "appendix"), len(blocks))
    written = [n for n in range(end) if blocks[n].get("content")]
    if not written:
        return kept
    last = blocks[written[-1]]
    if last["type"] == "table" and mark == "./.":
        blocks.insert(
            written[-1] + 1,
            {"type": "paragraph", "attrs": {"align": "left"}, "content": [{"type": "text", "text": mark}]},
        )
    elif last["type"] != "table" and not (mark == "." and _exclaims(_innermost(last))):
        _end_with(_innermost(last), mark)
    return kept


def _exclaims(node: Node) -> bool:
    """Whether the last words end as an appeal does."""
    last = (node.get("content") or [{}])[-1]
    return str(last.get("text", "")).rstrip().endswith(("!", "?", "…"))


def _innermost(node: Node) -> Node:
    while node.get("content") and node["content"][-1]["type"] not in ("text", "hardBreak"):
        node = node["content"][-1]
    return node


def _end_with(node: Node, ending: str) -> None:
    """Replace what punctuation the last words of a block have by the ending."""
    words = node.setdefault("content", [])
    while words and (words[-1]["type"] == "hardBreak" or not words[-1]["text"].strip(" ;.,/")):
        if words[-1]["type"] == "text" and words[-1]["text"].rstrip().endswith("./."):
            break
        words.pop()
    if words and words[-1]["type"] == "text":
        words[-1]["text"] = words[-1]["text"].rstrip(" ;.,/") + ending
    else:
        words.append({"type": "text", "text": ending})


def _place(mark: Node) -> Place:
    top = mark["y"] + mark["height"]
    return Place(
        page=mark["page"] - 1,
        x=round(mark["x"], 2),
        y=round(PAGE_HEIGHT - top, 2),
        width=round(mark["width"], 2),
        height=round(mark["height"], 2),
        size=mark.get("size", 0),
        baseline=round(mark.get("baseline", 0), 2),
        italic=mark.get("italic", False),
        align=mark.get("align", ""),
    )
