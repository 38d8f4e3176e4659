"""One table for reading, writing and keeping: a structure of the message is a frozen dataclass whose fields name their elements.

Every field is text as it was sent, a structure, or a tuple of either. What a structure has no field for is kept with it: elements
in `unknown`, attributes in `attributes`, so that reading and writing lose nothing. The order of the fields is the order of writing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, TypeVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.exchange.edxml.notes import EdxmlRefused, Notebook
from antin.exchange.edxml.tree import Element

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"


@dataclass(frozen=True)
class Kept:
    """An element nobody here knows, as it stood."""

    name: str
    namespace: str = NAMESPACE
    attributes: tuple[tuple[str, str], ...] = ()
    parts: tuple[str | Kept, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where a field stands in the message: its element, other spellings of it, and what it holds."""

    key: str
    element: str
    spellings: tuple[str, ...]
    form: str  # text, texts, one, many
    inside: type[Structure] | None
    bare: bool  # written without the prefix


def text(element: str, *spellings: str, bare: bool = False) -> Any:
    """A field of text; absent and empty are the same."""
    return field(default="", metadata={"place": (element, spellings, "text", None, bare)})


def texts(element: str) -> Any:
    """A field of text that may stand several times."""
    return field(default=(), metadata={"place": (element, (), "texts", None, False)})


def one(inside: type[Structure], element: str, *spellings: str, bare: bool = False) -> Any:
    """A structure that stands once or not at all."""
    return field(default=None, metadata={"place": (element, spellings, "one", inside, bare)})


def many(inside: type[Structure], element: str, *spellings: str, bare: bool = False) -> Any:
    """A structure that may stand several times."""
    return field(default=(), metadata={"place": (element, spellings, "many", inside, bare)})


def anything(*names: str) -> Any:
    """Elements kept as they are, by these names."""
    return field(default=(), metadata={"place": (names[0], names[1:], "kept", None, False)})


@dataclass(frozen=True)
class Structure:
    """What every structure of the message has. `attributes` are keyed by name, those of its text elements by `Element@name`."""

    unknown: tuple[Kept, ...] = field(default=(), kw_only=True)
    attributes: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)
    own_text: str = field(default="", kw_only=True)  # text where elements are meant

    def __bool__(self) -> bool:
        """False when nothing was said at all."""
        kind: Any = type(self)
        return any(getattr(self, name) for name in _names_of(kind))


T = TypeVar("T", bound=Structure)


@cache
def _names_of(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.name != "attributes")


def places(kind: type[Structure]) -> tuple[Place, ...]:
    """The fields of a structure that stand for elements, in the order of writing."""
    given: Any = kind  # mypy takes a dataclass's own __hash__ for that of the class
    return _places(given)


@cache
def _places(kind: Any) -> tuple[Place, ...]:
    found = []
    for each in fields(kind):
        if "place" in each.metadata:
            element, spellings, form, inside, bare = each.metadata["place"]
            found.append(Place(each.name, element, spellings, form, inside, bare))
    return tuple(found)


@cache
def _names(kind: Any) -> dict[str, Place]:
    return {name.lower(): place for place in places(kind) for name in (place.element, *place.spellings)}


def _by_name(kind: type[Structure]) -> dict[str, Place]:
    given: Any = kind
    return _names(given)


def take(kind: type[T], element: Element, notebook: Notebook, at: str = "") -> T:
    """Read a structure. Names are compared by their letters only: not by namespace, prefix, case or order.

    The first that says something counts; what comes again where it may stand once is kept as unknown.
    """
    at = f"{at}/{element.name}" if at else element.name
    known = _by_name(kind)
    values: dict[str, Any] = {}
    unknown: list[Kept] = []
    attributes = list(element.attributes.items())
    held_by: dict[str, Element] = {}
    several: dict[str, list[Any]] = {}
    for child in element.children:
        place = known.get(child.name.lower())
        if place is None:
            notebook.write("unknown-element", at, what=child.name)
            unknown.append(keep(child))
            continue
        if child.name != place.element and (place.form != "kept" or child.name not in place.spellings):
            notebook.write("spelling", at, what=child.name, meant=place.element)
        if place.form in ("texts", "many", "kept"):
            value = _value(place, child, notebook, at)
            if value or place.form == "many":
                several.setdefault(place.key, []).append(value)
            continue
        if place.form == "text" and child.children:
            notebook.write("unknown-element", f"{at}/{child.name}", what=child.children[0].name)
            if not child.text.strip():
                unknown.append(keep(child))
                continue
        value = _value(place, child, notebook, at)
        if not value:
            if place.form == "text":
                notebook.write("empty", at, what=child.name)
            values.setdefault(place.key, value)
        elif values.get(place.key) and not _is_more_ours(child, held_by[place.key]):
            notebook.write("repeated", at, what=child.name)
            unknown.append(keep(child))
        else:
            if values.get(place.key):
                notebook.write("repeated", at, what=child.name)
                unknown.append(keep(held_by[place.key]))
                attributes = [kept for kept in attributes if not kept[0].startswith(f"{place.element}@")]
            values[place.key], held_by[place.key] = value, child
            if place.form == "text":
                attributes += [(f"{place.element}@{name}", given) for name, given in child.attributes.items()]
    if own_text := " ".join(element.text.split()):
        notebook.write("stray-text", at, what=element.name, text=own_text)
        values["own_text"] = own_text
    values |= {key: tuple(held) for key, held in several.items()}
    return kind(**values, unknown=tuple(unknown), attributes=tuple(attributes))


def _is_more_ours(child: Element, held: Element) -> bool:
    """Whether an element is of the regulation's namespace and the one that came before it under the same name was not."""
    return child.namespace == NAMESPACE != held.namespace


def _value(place: Place, child: Element, notebook: Notebook, at: str) -> Any:
    if place.inside is not None:
        return take(place.inside, child, notebook, at)
    return keep(child) if place.form == "kept" else child.text.strip()


def keep(element: Element) -> Kept:
    """An element as a value. White space between elements is layout, not content."""
    only_text = not element.children
    parts = tuple(
        part if isinstance(part, str) else keep(part)
        for part in _joined(element)
        if not isinstance(part, str) or only_text or part.strip()
    )
    return Kept(element.name, element.namespace, tuple(element.attributes.items()), parts)


def _joined(element: Element) -> list[str | Element]:
    """Its parts with neighbouring texts made one (the parser cuts them where it likes)."""
    joined: list[str | Element] = []
    for part in element.parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return joined


def to_json(value: Any) -> Any:
    """A structure as JSON has it: keys are the field names; what is empty is left out."""
    if isinstance(value, str):
        return value
    if isinstance(value, Kept):
        said: dict[str, Any] = {"name": value.name}
        if value.namespace != NAMESPACE:
            said["namespace"] = value.namespace
        if value.attributes:
            said["attributes"] = dict(value.attributes)
        if value.parts:
            said["parts"] = [to_json(part) for part in value.parts]
        return said
    if isinstance(value, tuple):
        return [to_json(each) for each in value]
    out = {}
    for each in fields(value):
        held = getattr(value, each.name)
        if each.name == "attributes":
            if held:
                out["attributes"] = dict(held)
        elif (
            (each.metadata.get("place") or each.name in ("unknown", "own_text"))
            and held is not None
            and held not in ("", ())
        ):
            out[each.name] = to_json(held)
    return out


class BadFacts(EdxmlRefused):
    """A JSON of facts that is none; says where."""

    code = "edxml_bad_facts"
    words = _("Tệp JSON không đúng ở đây: %(what)s.")


def from_json(kind: type[T], said: Any, at: str = "$") -> T:
    """The structure that `to_json` wrote; numbers and truth values may stand for text. :raises BadFacts: with the place"""
    if not isinstance(said, dict):
        raise BadFacts(at, what=gettext("phải là một đối tượng {}"))
    by_key = {place.key: place for place in places(kind)}
    values: dict[str, Any] = {}
    for key, held in said.items():
        here = f"{at}.{key}"
        if held is None:
            continue
        if key == "attributes":
            values[key] = tuple((str(name), _text(given, here)) for name, given in _mapping(held, here).items())
        elif key == "unknown":
            values[key] = tuple(_kept(each, here) for each in _listed(held, here))
        elif key == "own_text":
            values[key] = _text(held, here)
        elif key not in by_key:
            raise BadFacts(here, what=gettext("khóa lạ"))
        else:
            values[key] = _from_json(by_key[key], held, here)
    return kind(**values)


def _from_json(place: Place, held: Any, at: str) -> Any:
    if place.form == "text":
        return _text(held, at)
    if place.form == "one":
        assert place.inside is not None
        return from_json(place.inside, held, at)
    items = _listed(held, at)
    if place.form == "texts":
        return tuple(_text(each, f"{at}[{i}]") for i, each in enumerate(items))
    if place.form == "kept":
        return tuple(_kept(each, f"{at}[{i}]") for i, each in enumerate(items))
    assert place.inside is not None
    return tuple(from_json(place.inside, each, f"{at}[{i}]") for i, each in enumerate(items))


def _text(held: Any, at: str) -> str:
    if isinstance(held, bool):
        return "true" if held else "false"
    if not isinstance(held, str | int):
        raise BadFacts(at, what=gettext("phải là văn bản"))
    return str(held)


def _mapping(held: Any, at: str) -> dict[str, Any]:
    if not isinstance(held, dict):
        raise BadFacts(at, what=gettext("phải là một đối tượng {}"))
    return held


def _listed(held: Any, at: str) -> list[Any]:
    if not isinstance(held, list):
        raise BadFacts(at, what=gettext("phải là một danh sách []"))
    return held


DEEPEST = 50  # of elements nobody knows, in JSON; reading stops at the depth of the whole message


def _kept(held: Any, at: str, depth: int = 0) -> Kept:
    said = _mapping(held, at)
    if depth > DEEPEST:
        raise BadFacts(at, what=gettext("lồng quá sâu"))
    if not isinstance(said.get("name"), str) or not said["name"]:
        raise BadFacts(f"{at}.name", what=gettext("phải là văn bản"))
    attributes = _mapping(said.get("attributes", {}), at)
    parts = tuple(
        each if isinstance(each, str) else _kept(each, f"{at}.parts", depth + 1)
        for each in _listed(said.get("parts", []), at)
    )
    namespace = _text(said.get("namespace", NAMESPACE), at)
    return Kept(said["name"], namespace, tuple((name, _text(given, at)) for name, given in attributes.items()), parts)
