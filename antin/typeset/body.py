"""The structured body of a document: what the editor writes, what is kept, what is searched and what is printed.

Rich text as JSON in the form of ProseMirror, with the parts that Decree 30 names: legal bases, chapters, articles, clauses,
points, appendices. Numbers are never typed: they are given here, so that screen, search and page agree. The schema is told in
docs/body.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.refusal import Refusal
from antin.typeset.characters import CannotPrint, clean

Node = dict[str, Any]

LARGEST = 2_000_000
MOST_NODES = 40_000
DEEPEST_LIST = 5
MOST_COLUMNS = 24
MOST_ROWS = 2_000
TALLEST_HEAD = 20
LONGEST_TEXT = 100_000

ALIGNMENTS = ("justify", "left", "center", "right")
HEADINGS = ("part", "chapter", "section", "subsection", "roman")
MARKS = {"bold": "b", "italic": "i", "underline": "u", "superscript": "^", "subscript": "_"}
POINTS = tuple("abcdđeghiklmnopqrstuvxy")
EMPTY: Node = {"type": "doc", "content": [{"type": "paragraph"}]}


class BadBody(Refusal):
    """The body does not follow the schema, or is too large."""

    code = "bad_body"
    words = _("Nội dung văn bản không hợp lệ ở %(place)s: %(fault)s.")


def check(body: object) -> Node:
    """The body with only what the schema knows, its text composed. :raises BadBody: :raises CannotPrint: each names the place"""
    return _Checker().document(body)


def read(written: str) -> Node:
    """The body as a form's field brings it: the editor's JSON, or plain lines where scripts do not run.

    :raises BadBody: :raises CannotPrint: each names the place
    """
    if not written.lstrip().startswith("{"):
        lines = [line.strip() for line in written.splitlines() if line.strip()]
        return check({"type": "doc", "content": [_plain(line) for line in lines]})
    try:
        body = json.loads(written)
    except (ValueError, RecursionError):
        raise BadBody(place=gettext("toàn văn bản"), fault=gettext("không đọc được")) from None
    return check(body)


def _plain(line: str) -> Node:
    return {"type": "paragraph", "content": [{"type": "text", "text": line}]}


def plain_text(body: Node) -> str:
    """Every word of the body in reading order, one block a line, numbers included."""
    return "\n".join(line for part in set_out(body) for line in part.lines() if line)


# --- checking -------------------------------------------------------------------------------------------------------------------


class _Checker:
    """One pass over an untrusted body, counting what it sees."""

    def __init__(self) -> None:
        self.nodes = 0

    def document(self, body: object) -> Node:
        place = gettext("toàn văn bản")
        try:
            size = len(json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        except (TypeError, ValueError, RecursionError):
            raise BadBody(place=place, fault=gettext("không đọc được")) from None
        if size > LARGEST:
            raise BadBody(place=place, fault=gettext("quá lớn"))
        if not isinstance(body, dict) or body.get("type") != "doc":
            raise BadBody(place=place, fault=gettext("không phải là một văn bản"))
        blocks = [
            self.block(node, gettext("đoạn %(n)d") % {"n": n}, _BLOCKS)
            for n, node in enumerate(self.content(body, place), 1)
        ]
        return {"type": "doc", "content": blocks or [{"type": "paragraph"}]}

    def content(self, node: Node, place: str) -> list[Any]:
        found = node.get("content", [])
        if not isinstance(found, list):
            raise BadBody(place=place, fault=gettext("thiếu phần nội dung"))
        self.nodes += len(found)
        if self.nodes > MOST_NODES:
            raise BadBody(place=place, fault=gettext("quá nhiều thành phần"))
        return found

    def block(self, node: object, place: str, allowed: frozenset[str], depth: int = 0) -> Node:
        kind = node.get("type") if isinstance(node, dict) else None
        if not isinstance(node, dict) or not isinstance(kind, str) or kind not in allowed:
            raise BadBody(place=place, fault=gettext("không nhận thành phần “%(kind)s”") % {"kind": str(kind)[:40]})
        given = node.get("attrs") or {}
        if not isinstance(given, dict):
            raise BadBody(place=place, fault=gettext("thuộc tính sai"))
        if kind == "pageBreak":
            return {"type": kind}
        if kind in ("bulletList", "orderedList"):
            return self.items(node, kind, place, depth)
        if kind == "table":
            return self.table(node, place)
        return self.text_block(node, kind, given, place)

    def text_block(self, node: Node, kind: str, given: Node, place: str) -> Node:
        kept: Node = {"type": kind}
        attributes: Node = {}
        if kind == "paragraph" and given.get("align") not in (None, "justify"):
            attributes["align"] = self.one_of(given["align"], ALIGNMENTS, place)
        if kind == "heading":
            attributes["kind"] = self.one_of(given.get("kind"), HEADINGS, place)
        attributes |= {name: True for name in _FLAGS.get(kind, ()) if given.get(name) is True}
        if attributes:
            kept["attrs"] = attributes
        words = [self.inline(child, place) for child in self.content(node, place)]
        words = [word for word in words if word.get("text") != ""]
        if words:
            kept["content"] = words
        return kept

    def one_of(self, value: object, allowed: tuple[str, ...], place: str) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise BadBody(
                place=place, fault=gettext("giá trị “%(value)s” không dùng được") % {"value": str(value)[:40]}
            )
        return value

    def inline(self, node: object, place: str) -> Node:
        kind = node.get("type") if isinstance(node, dict) else None
        if isinstance(node, dict) and kind == "hardBreak":
            return {"type": "hardBreak"}
        if not isinstance(node, dict) or kind != "text" or not isinstance(node.get("text"), str):
            raise BadBody(place=place, fault=gettext("không nhận thành phần “%(kind)s”") % {"kind": str(kind)[:40]})
        if len(node["text"]) > LONGEST_TEXT:
            raise BadBody(place=place, fault=gettext("đoạn chữ quá dài"))
        word: Node = {"type": "text", "text": clean(node["text"], place)}
        marks = node.get("marks") or []
        if not isinstance(marks, list) or not all(isinstance(mark, dict) for mark in marks):
            raise BadBody(place=place, fault=gettext("định dạng chữ sai"))
        names = {self.one_of(mark.get("type"), tuple(MARKS), place) for mark in marks}
        if names:
            word["marks"] = [{"type": name} for name in MARKS if name in names]
        return word

    def items(self, node: Node, kind: str, place: str, depth: int) -> Node:
        if depth >= DEEPEST_LIST:
            raise BadBody(place=place, fault=gettext("danh sách lồng quá sâu"))
        items = []
        for n, item in enumerate(self.content(node, place), 1):
            where = gettext("%(place)s, mục %(n)d") % {"place": place, "n": n}
            if not isinstance(item, dict) or item.get("type") != "listItem":
                raise BadBody(place=where, fault=gettext("không phải là mục của danh sách"))
            blocks = [self.block(child, where, _NESTED, depth + 1) for child in self.content(item, where)]
            items.append({"type": "listItem", "content": blocks or [{"type": "paragraph"}]})
        if not items:
            raise BadBody(place=place, fault=gettext("danh sách trống"))
        return {"type": kind, "content": items}

    def table(self, node: Node, place: str) -> Node:
        rows = self.content(node, place)
        if not rows or len(rows) > MOST_ROWS:
            raise BadBody(place=place, fault=gettext("bảng phải có từ 1 đến %(most)d dòng") % {"most": MOST_ROWS})
        kept = []
        for n, row in enumerate(rows, 1):
            where = gettext("%(place)s, dòng %(n)d của bảng") % {"place": place, "n": n}
            if not isinstance(row, dict) or row.get("type") != "tableRow":
                raise BadBody(place=where, fault=gettext("không phải là một dòng"))
            cells = [
                self.cell(cell, gettext("%(place)s, ô %(n)d") % {"place": where, "n": m})
                for m, cell in enumerate(self.content(row, where), 1)
            ]
            kept.append({"type": "tableRow", "content": cells})
        table = {"type": "table", "content": kept}
        _fits(table, place)
        return table

    def cell(self, node: object, place: str) -> Node:
        if not isinstance(node, dict) or node.get("type") not in ("tableCell", "tableHeader"):
            raise BadBody(place=place, fault=gettext("không phải là một ô"))
        given = node.get("attrs") or {}
        attributes: Node = {}
        for name, most in (("colspan", MOST_COLUMNS), ("rowspan", MOST_ROWS)):
            span = given.get(name, 1) if isinstance(given, dict) else None
            if not isinstance(span, int) or isinstance(span, bool) or not 1 <= span <= most:
                raise BadBody(place=place, fault=gettext("số ô gộp không hợp lệ"))
            if span > 1:
                attributes[name] = span
        widths = given.get("colwidth")
        if (
            isinstance(widths, list)
            and all(isinstance(w, int) and 0 < w < 5000 for w in widths)
            and len(widths) == attributes.get("colspan", 1)
        ):
            attributes["colwidth"] = widths
        blocks = [self.block(child, place, _NESTED) for child in self.content(node, place)]
        kept: Node = {"type": node["type"], "content": blocks or [{"type": "paragraph"}]}
        return kept | ({"attrs": attributes} if attributes else {})


_FLAGS = {"article": ("titled",), "clause": ("titled", "restart"), "point": ("restart",), "appendix": ("attached",)}
_NESTED = frozenset({"paragraph", "bulletList", "orderedList"})
_BLOCKS = _NESTED | {"legalBasis", "heading", "article", "clause", "point", "table", "pageBreak", "appendix"}


def _fits(table: Node, place: str) -> None:
    """Whether the merged cells of a table fit together. :raises BadBody: they overlap, leave holes or stick out"""
    rows = table["content"]
    width = _width(table)
    if not 1 <= width <= MOST_COLUMNS:
        raise BadBody(place=place, fault=gettext("bảng phải có từ 1 đến %(most)d cột") % {"most": MOST_COLUMNS})
    taken: set[tuple[int, int]] = set()
    for top, left, across, down, _cell in _placed(table):
        area = _area(top, left, across, down)
        if area & taken or left + across > width or top + down > len(rows):
            raise BadBody(place=place, fault=gettext("các ô gộp của bảng không khớp nhau"))
        taken |= area
    if len(taken) != width * len(rows):
        raise BadBody(place=place, fault=gettext("các dòng của bảng không đủ ô"))


def _width(table: Node) -> int:
    return sum(cell.get("attrs", {}).get("colspan", 1) for cell in table["content"][0]["content"])


def _placed(table: Node) -> Iterator[tuple[int, int, int, int, Node]]:
    """Each cell with its row, its first column, and how many columns and rows it covers."""
    taken: set[tuple[int, int]] = set()
    for top, row in enumerate(table["content"]):
        left = 0
        for cell in row["content"]:
            while (top, left) in taken:
                left += 1
            given = cell.get("attrs", {})
            across, down = given.get("colspan", 1), given.get("rowspan", 1)
            yield top, left, across, down, cell
            taken |= _area(top, left, across, down)
            left += across


def _area(top: int, left: int, across: int, down: int) -> set[tuple[int, int]]:
    return {(y, x) for y in range(top, top + down) for x in range(left, left + across)}


# --- setting out: giving numbers ------------------------------------------------------------------------------------------------

Runs = list[list[str]]


@dataclass
class Part:
    """The main text, one appendix, or a text that the document issues (a regulation): its title and its numbered blocks."""

    label: str = ""
    title: Runs = field(default_factory=list)
    attached: bool = False
    blocks: list[Node] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The words of the part, a line for each block."""
        if self.label or self.title:
            yield f"{self.label} {_words(self.title)}".strip()
        for block in self.blocks:
            yield from _block_lines(block)


def set_out(body: Node) -> list[Part]:
    """The parts of a checked body with every number given: the main text first, then its appendices and the texts it issues."""
    parts = [Part()]
    count = _Counter()
    for node in body["content"]:
        kind = node["type"]
        if kind == "appendix":
            parts.append(Part(title=_runs(node), attached=node.get("attrs", {}).get("attached", False)))
            count = _Counter()
        elif kind in ("paragraph", "legalBasis") and not node.get("content"):
            continue
        else:
            parts[-1].blocks.append(_BUILDERS[kind](node, count))
    appendices = [part for part in parts[1:] if not part.attached]
    for n, part in enumerate(appendices, 1):
        part.label = f"Phụ lục {roman(n)}" if len(appendices) > 1 else "Phụ lục"
    return parts


class _Counter:
    """Where the numbering stands. A chapter does not restart the articles; everything smaller restarts below its larger."""

    def __init__(self) -> None:
        self.heading = dict.fromkeys(HEADINGS, 0)
        self.article = self.clause = self.point = 0

    def next_heading(self, kind: str) -> int:
        self.heading[kind] += 1
        for smaller in {"part": (), "chapter": ("section", "subsection", "roman"), "section": ("subsection",)}.get(
            kind, ()
        ):
            self.heading[smaller] = 0
        self.clause = self.point = 0
        return self.heading[kind]

    def next_article(self) -> int:
        self.article += 1
        self.clause = self.point = 0
        return self.article

    def next_clause(self, restart: bool) -> int:
        self.clause = 1 if restart else self.clause + 1
        self.point = 0
        return self.clause

    def next_point(self, restart: bool) -> int:
        self.point = 1 if restart else self.point + 1
        return self.point


def roman(n: int) -> str:
    """The number in Roman numerals."""
    out = ""
    for value, sign in (
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
    ):
        out, n = out + sign * (n // value), n % value
    for value, sign in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        out, n = out + sign * (n // value), n % value
    return out


def point_letter(n: int) -> str:
    """The n-th letter of a point, in the order of the Vietnamese alphabet; after y come aa, bb …"""
    return POINTS[(n - 1) % len(POINTS)] * ((n - 1) // len(POINTS) + 1)


def _runs(node: Node) -> Runs:
    """The inline content as [text, marks] pairs; a break is a pair of nothing and "n"."""
    found: Runs = []
    for word in node.get("content", []):
        if word["type"] == "hardBreak":
            found.append(["", "n"])
        else:
            found.append([word["text"], "".join(MARKS[mark["type"]] for mark in word.get("marks", []))])
    return found


def _paragraph(node: Node, count: _Counter) -> Node:
    return {"k": "par", "align": node.get("attrs", {}).get("align", "justify"), "runs": _runs(node)}


def _legal_basis(node: Node, count: _Counter) -> Node:
    return {"k": "basis", "runs": _runs(node)}


def _heading(node: Node, count: _Counter) -> Node:
    kind = node["attrs"]["kind"]
    n = count.next_heading(kind)
    words = {
        "part": f"Phần {roman(n)}",
        "chapter": f"Chương {roman(n)}",
        "section": f"Mục {n}",
        "subsection": f"Tiểu mục {n}",
        "roman": f"{roman(n)}.",
    }
    return {"k": "heading", "kind": kind, "label": words[kind], "runs": _runs(node)}


def _article(node: Node, count: _Counter) -> Node:
    return {
        "k": "article",
        "label": f"Điều {count.next_article()}.",
        "titled": node.get("attrs", {}).get("titled", False),
        "runs": _runs(node),
    }


def _clause(node: Node, count: _Counter) -> Node:
    given = node.get("attrs", {})
    return {
        "k": "clause",
        "label": f"{count.next_clause(given.get('restart', False))}.",
        "titled": given.get("titled", False),
        "runs": _runs(node),
    }


def _point(node: Node, count: _Counter) -> Node:
    letter = point_letter(count.next_point(node.get("attrs", {}).get("restart", False)))
    return {"k": "point", "label": f"{letter})", "titled": False, "runs": _runs(node)}


def _list(node: Node, count: _Counter) -> Node:
    items = [[_BUILDERS[child["type"]](child, count) for child in item["content"]] for item in node["content"]]
    return {"k": "list", "ordered": node["type"] == "orderedList", "items": items}


def _table(node: Node, count: _Counter) -> Node:
    rows: list[list[Node]] = [[] for _ in node["content"]]
    for top, left, across, down, cell in _placed(node):
        blocks = [
            _BUILDERS[child["type"]](child, count)
            for child in cell["content"]
            if child["type"] != "paragraph" or child.get("content")
        ]
        built = {
            "left": left,
            "colspan": across,
            "rowspan": down,
            "head": cell["type"] == "tableHeader",
            "blocks": blocks,
        }
        rows[top].append(built | {"drawn": cell.get("attrs", {}).get("colwidth", [])})
    shares = _shares(rows, _width(node))
    return {"k": "table", "columns": shares, "head": _head(rows, shares), "rows": rows}


def _shares(rows: list[list[Node]], columns: int) -> list[int]:
    """How wide each column is in proportion: as drawn in the editor, else by the words it holds."""
    drawn, longest = [0] * columns, [4] * columns
    for cell in (cell for row in rows for cell in row):
        for n, width in enumerate(cell["drawn"], cell["left"]):
            drawn[n] = drawn[n] or width
        if cell["colspan"] == 1:
            longest[cell["left"]] = max([longest[cell["left"]], *(len(line) for line in _cell_words(cell))])
    if all(drawn):
        return [max(width, sum(drawn) // 40) for width in drawn]
    return [min(length, 40) for length in longest]


def _head(rows: list[list[Node]], shares: list[int]) -> int:
    """How many rows at the top are a heading to repeat on each page: none if they reach below it, are all, or are tall."""
    head = next((n for n, row in enumerate(rows) if not all(cell["head"] for cell in row)), len(rows))
    apart = all(n + cell["rowspan"] <= head for n, row in enumerate(rows[:head]) for cell in row)
    tall = sum(max((_lines_needed(cell, shares) for cell in row), default=0) for row in rows[:head])
    return head if apart and tall <= TALLEST_HEAD and head < len(rows) else 0


def _lines_needed(cell: Node, shares: list[int]) -> int:
    letters_a_line = max(1, 70 * sum(shares[cell["left"] : cell["left"] + cell["colspan"]]) // sum(shares))
    return sum(len(line) // letters_a_line + 1 for line in _cell_words(cell))


def _cell_words(cell: Node) -> list[str]:
    return [line for block in cell["blocks"] for line in _block_lines(block)]


def _page_break(node: Node, count: _Counter) -> Node:
    return {"k": "break"}


_BUILDERS: dict[str, Callable[[Node, _Counter], Node]] = {
    "paragraph": _paragraph,
    "legalBasis": _legal_basis,
    "heading": _heading,
    "article": _article,
    "clause": _clause,
    "point": _point,
    "bulletList": _list,
    "orderedList": _list,
    "table": _table,
    "pageBreak": _page_break,
}


def _words(runs: Runs) -> str:
    return "".join(text if marks != "n" else " " for text, marks in runs)


def _block_lines(block: Node) -> Iterator[str]:
    if block["k"] == "list":
        for n, item in enumerate(block["items"], 1):
            lines = [line for child in item for line in _block_lines(child)] or [""]
            yield f"{n}. {lines[0]}" if block["ordered"] else f"- {lines[0]}"
            yield from lines[1:]
    elif block["k"] == "table":
        for row in block["rows"]:
            yield "\t".join(" ".join(_cell_words(cell)) for cell in row)
    elif block["k"] != "break":
        yield f"{block.get('label', '')} {_words(block['runs'])}".strip()


__all__ = ["EMPTY", "BadBody", "CannotPrint", "Part", "check", "plain_text", "point_letter", "read", "roman", "set_out"]
