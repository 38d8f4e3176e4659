"""Specialised forms, pure: fields that an administrator names, a template with them in braces, and the text they give together.

A template is a body (docs/body.md) in whose words `{{Tên trường}}` stands for what was filled in. It is read once: words that were
filled in are never looked at for braces. Nothing in it can be run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean, clean_line
from antin.refusal import Refusal
from antin.typeset import body as bodies

Node = dict[str, Any]
MOST_FIELDS, MOST_OPTIONS, MOST_ROWS = 60, 100, 200
LONGEST, LONGEST_TEXT = 500, 20_000


class Kind(TextChoices):
    """What is filled into a field."""

    TEXT = "text", gettext_lazy("Một dòng chữ")
    LONG = "long", gettext_lazy("Đoạn văn")
    NUMBER = "number", gettext_lazy("Số")
    DATE = "date", gettext_lazy("Ngày")
    CHOICE = "choice", gettext_lazy("Chọn một")
    PERSON = "person", gettext_lazy("Người trong cơ quan")
    UNIT = "unit", gettext_lazy("Đơn vị")
    TABLE = "table", gettext_lazy("Bảng")


class Pattern(TextChoices):
    """How number and notation are written."""

    TYPED = "typed", gettext_lazy("Số/KÝ HIỆU-CQ")
    WITH_YEAR = "with_year", gettext_lazy("Số/năm/KÝ HIỆU-CQ")
    LETTER = "letter", gettext_lazy("Số/CQ-ĐV")


class BadField(Refusal):
    code = "form_bad_field"
    words = _("Trường “%(label)s”: %(why)s.")


class BadTemplate(Refusal):
    code = "form_bad_template"
    words = _("Mẫu: %(why)s.")


class NotFilled(Refusal):
    code = "form_not_filled"
    words = _("“%(label)s”: %(why)s.")


@dataclass(frozen=True)
class Field:
    """One field. `options` are what is chosen from, or the columns of a table."""

    label: str
    kind: str
    required: bool = False
    help: str = ""
    options: tuple[str, ...] = ()

    def as_json(self) -> Node:
        return {**self.__dict__, "options": list(self.options)}


def read_fields(rows: Iterable[Mapping[str, Any]]) -> list[Field]:
    """The fields as they are kept or sent, cleaned. :raises BadField: names the field and what is wrong"""
    found: list[Field] = []
    for row in rows:
        label = clean_line(str(row.get("label", "")))[:100]
        kind = str(row.get("kind", ""))
        options = tuple(filter(None, (clean_line(str(each))[:200] for each in row.get("options", ()))))
        if not label or "{" in label or "}" in label:
            raise BadField(label=label or "?", why=str(gettext_lazy("cần tên, không có dấu ngoặc nhọn")))
        if kind not in Kind.values:
            raise BadField(label=label, why=str(gettext_lazy("loại không có")))
        if any(each.label.casefold() == label.casefold() for each in found):
            raise BadField(label=label, why=str(gettext_lazy("tên đã dùng cho trường khác")))
        if kind in (Kind.CHOICE, Kind.TABLE) and not 1 <= len(options) <= (10 if kind == Kind.TABLE else MOST_OPTIONS):
            raise BadField(label=label, why=str(gettext_lazy("ghi các lựa chọn, hoặc từ 1 đến 10 cột của bảng")))
        if kind not in (Kind.CHOICE, Kind.TABLE):
            options = ()
        found.append(Field(label, kind, bool(row.get("required")), clean_line(str(row.get("help", "")))[:300], options))
    if len(found) > MOST_FIELDS:
        raise BadField(label=found[-1].label, why=str(gettext_lazy("quá nhiều trường")))
    return found


# ---- the template -----------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")


def check_template(body: object, fields: Sequence[Field]) -> Node:
    """The template, checked as a body, its braces naming nothing but fields.

    :raises BadTemplate: :raises BadBody: :raises CannotPrint:
    """
    checked = bodies.check(body)
    known = {field.label.casefold(): field for field in fields}
    if not bodies.plain_text(checked).strip():
        raise BadTemplate(why=str(gettext_lazy("chưa có nội dung")))
    for block in _blocks(checked):
        said = "".join(each.get("text", "") for each in block["content"])
        for each in block["content"]:
            rest = _TOKEN.sub("", each.get("text", ""))
            if "{{" in rest or "}}" in rest:
                raise BadTemplate(
                    why=str(gettext_lazy("tên trường trong ngoặc không đóng, hoặc nửa đậm nửa thường: “%(words)s”"))
                    % {"words": said[:80]}
                )
            for name in _TOKEN.findall(each.get("text", "")):
                field = known.get(name.casefold())
                if field is None:
                    raise BadTemplate(why=str(gettext_lazy("không có trường “%(name)s”")) % {"name": name[:80]})
                if field.kind == Kind.TABLE and (
                    block["type"] != "paragraph" or _TOKEN.fullmatch(said.strip()) is None
                ):
                    raise BadTemplate(
                        why=str(gettext_lazy("bảng “%(name)s” phải đứng một mình một đoạn")) % {"name": name}
                    )
    return checked


def _blocks(node: Node) -> Iterator[Node]:
    """The nodes whose content is words."""
    content = node.get("content", [])
    if content and all(each["type"] in ("text", "hardBreak") for each in content):
        yield node
        return
    for each in content:
        yield from _blocks(each)


def merge(template: Node, fields: Sequence[Field], values: Mapping[str, Any]) -> Node:
    """The text of a filled form: the template with what was filled in."""
    known = {field.label.casefold(): field for field in fields}
    made = deepcopy(template)
    _fill(made, known, values)
    return bodies.check(made)


def _fill(node: Node, known: Mapping[str, Field], values: Mapping[str, Any]) -> None:
    content: list[Node] = []
    for each in node.get("content", []):
        if each["type"] == "text":
            words = _TOKEN.sub(lambda found: _said(known, values, found[1], " "), each["text"])
            content += [{**each, "text": words}] if words else []
            continue
        whole = _whole(each, known)
        if whole is not None and whole.kind == Kind.TABLE:
            content.append(_table(whole, values.get(whole.label) or []))
        elif whole is not None and whole.kind == Kind.LONG:
            lines = [line for line in str(values.get(whole.label) or "").splitlines() if line.strip()]
            content += [{**each, "content": [{"type": "text", "text": line}]} for line in lines or ["…"]]
        else:
            _fill(each, known, values)
            content.append(each)
    if "content" in node:
        node["content"] = content


def _whole(node: Node, known: Mapping[str, Field]) -> Field | None:
    """The field that is all a paragraph says."""
    if node["type"] != "paragraph":
        return None
    found = _TOKEN.fullmatch("".join(each.get("text", "") for each in node.get("content", [])).strip())
    return known.get(found[1].casefold()) if found else None


def _said(known: Mapping[str, Field], values: Mapping[str, Any], name: str, between: str) -> str:
    field = known[name.casefold()]
    return between.join(in_words(field, values.get(field.label)).splitlines()) or "…"


def _table(field: Field, rows: Sequence[Sequence[str]]) -> Node:
    def row(kind: str, cells: Sequence[str]) -> Node:
        words = [[{"type": "text", "text": cell}] if cell else [] for cell in cells]
        paragraphs: list[Node] = [{"type": "paragraph", **({"content": each} if each else {})} for each in words]
        return {"type": "tableRow", "content": [{"type": kind, "content": [each]} for each in paragraphs]}

    filled = rows or [[""] * len(field.options)]
    return {
        "type": "table",
        "content": [row("tableHeader", field.options), *(row("tableCell", each) for each in filled)],
    }


# ---- what is filled in ------------------------------------------------------------------------------------------------------

Named = Callable[[str, int], str | None]
"""The name of a person or a unit by the id that was chosen; None where there is none to choose."""


def read_values(fields: Sequence[Field], given: Mapping[str, Any], named: Named) -> dict[str, Any]:
    """What was filled in, by label, as it is kept. :raises NotFilled: names the field and what is wrong"""
    return {field.label: _read(field, given.get(field.label), named) for field in fields}


def _read(field: Field, given: Any, named: Named) -> Any:
    if field.kind == Kind.TABLE:
        return _rows(field, given or [])
    words = clean(str(given)).strip() if given not in (None, "") else ""
    if isinstance(given, Mapping):  # a person or unit as it is kept
        words = str(given.get("id", ""))
    if not words:
        if field.required:
            raise NotFilled(label=field.label, why=str(gettext_lazy("chưa điền")))
        return None
    if len(words) > (LONGEST_TEXT if field.kind == Kind.LONG else LONGEST):
        raise NotFilled(label=field.label, why=str(gettext_lazy("quá dài")))
    return _READ[Kind(field.kind)](field, words, named)


def _rows(field: Field, given: Iterable[Sequence[Any]]) -> list[list[str]]:
    wide = len(field.options)
    rows = [[clean_line(str(cell))[:LONGEST] for cell in row] for row in given]
    rows = [row for row in rows if any(row)]
    if any(len(row) > wide for row in rows) or len(rows) > MOST_ROWS:
        raise NotFilled(label=field.label, why=str(gettext_lazy("nhiều cột hoặc nhiều dòng hơn bảng")))
    if field.required and not rows:
        raise NotFilled(label=field.label, why=str(gettext_lazy("chưa điền")))
    return [row + [""] * (wide - len(row)) for row in rows]


def _number(field: Field, words: str, _named: Named) -> str:
    plain = words.replace(" ", "")
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+(,\d+)?|-?\d+(,\d+)?", plain):
        plain = plain.replace(".", "").replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) >= Decimal(10) ** 18 or len(plain) > 30:
        raise NotFilled(label=field.label, why=str(gettext_lazy("không phải là số")))
    return format(value, "f")


def _date(field: Field, words: str, _named: Named) -> str:
    for shape in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(words, shape).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise NotFilled(label=field.label, why=str(gettext_lazy("không phải là ngày")))


def _choice(field: Field, words: str, _named: Named) -> str:
    if words not in field.options:
        raise NotFilled(label=field.label, why=str(gettext_lazy("không có trong các lựa chọn")))
    return words


def _chosen(field: Field, words: str, named: Named) -> Node:
    name = named(field.kind, int(words)) if words.isascii() and words.isdigit() and len(words) < 19 else None
    if name is None:
        raise NotFilled(label=field.label, why=str(gettext_lazy("không có trong các lựa chọn")))
    return {"id": int(words), "name": name}


_READ: dict[Kind, Callable[[Field, str, Named], Any]] = {
    Kind.TEXT: lambda _field, words, _named: clean_line(words),
    Kind.LONG: lambda _field, words, _named: words,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.PERSON: _chosen,
    Kind.UNIT: _chosen,
}


def in_words(field: Field, value: Any) -> str:
    """A value as it is printed."""
    if value in (None, "", []):
        return ""
    if field.kind == Kind.NUMBER:
        whole, _point, part = format(Decimal(value), "f").partition(".")
        grouped = f"{int(whole):,}".replace(",", ".")
        sign = "-" if whole.startswith("-") and not grouped.startswith("-") else ""
        return f"{sign}{grouped}{',' + part if part else ''}"
    if field.kind == Kind.DATE:
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    if field.kind in (Kind.PERSON, Kind.UNIT):
        return str(value["name"])
    if field.kind == Kind.TABLE:
        return "\n".join(" | ".join(row) for row in value)
    return str(value)


def sample(fields: Sequence[Field]) -> dict[str, Any]:
    """What a preview fills in: each field's own name."""
    kinds: dict[str, Callable[[Field], Any]] = {
        Kind.NUMBER: lambda _field: "1234",
        Kind.DATE: lambda _field: "2026-01-01",
        Kind.CHOICE: lambda field: field.options[0],
        Kind.TABLE: lambda field: [[f"[{name}]" for name in field.options]] * 2,
        Kind.PERSON: lambda field: {"id": 0, "name": f"[{field.label}]"},
        Kind.UNIT: lambda field: {"id": 0, "name": f"[{field.label}]"},
    }
    return {field.label: kinds.get(field.kind, lambda one: f"[{one.label}]")(field) for field in fields}
