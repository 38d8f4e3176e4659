"""`make words`: the words of the screen and their English, gathered without GNU gettext.

The source language is Vietnamese: what stands in the code is what Vietnamese readers see. This brings `antin/locale/en` in line
with the code and tells (exit 1) which words have no English yet; with `--check` it only tells.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent / "antin"
CATALOG = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
"""A fixed date in the header: the file changes when the words change."""

SINGULAR = {"gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}

KEYWORDS: dict[str, Any] = dict.fromkeys(["_", *SINGULAR, *PLURAL, *CONTEXT])

Id = str | tuple[str, str]
Found = tuple[Id, str | None]


def main(argv: list[str]) -> int:
    """Update the catalogue, or only check it; list what has no English."""
    catalog = read_catalog()
    if "--check" not in argv:
        catalog.update(collect(), no_fuzzy_matching=True)
        with CATALOG.open("wb") as out:
            write_po(out, catalog, sort_output=True, ignore_obsolete=True, include_lineno=False, width=120)
    missing = list_missing(catalog)
    for words in missing:
        print(words, file=sys.stderr)
    return 1 if missing else 0


def _new() -> Catalog:
    catalog = Catalog(
        locale="en",
        project="An Tín",
        version="1",
        charset="utf-8",
        creation_date=BEGUN,
        revision_date=BEGUN,
        fuzzy=False,
    )
    catalog.header_comment = "# The words of An Tín in English. Brought in line with the code by `make words`."
    return catalog


def read_catalog() -> Catalog:
    """The English catalogue as it is kept."""
    if not CATALOG.exists():
        CATALOG.parent.mkdir(parents=True, exist_ok=True)
        return _new()
    with CATALOG.open("rb") as kept:
        return read_po(kept, locale="en")


def collect() -> Catalog:
    """Every word of the code and of the templates."""
    catalog = _new()
    for path in sorted(PACKAGE.rglob("*.py")):
        for words, context in in_python(path.read_text()):
            catalog.add(words, locations=[(str(path.relative_to(PACKAGE)), 0)], context=context)
    for path in sorted(PACKAGE.rglob("*.html")):
        for words, context in in_template(path.read_text()):
            catalog.add(words, locations=[(str(path.relative_to(PACKAGE)), 0)], context=context)
    return catalog


def list_missing(catalog: Catalog) -> list[str]:
    """Words of the code that the catalogue has no English for."""
    missing = []
    for message in collect():
        kept: Message | None = catalog.get(message.id, message.context) if message.id else None
        if message.id and (kept is None or not kept.string or (message.pluralizable and not all(kept.string))):
            missing.append(str(message.id))
    return missing


def in_python(source: str) -> Iterator[Found]:
    """Words given to Django's translation functions, under whatever name a module imports them, or to `refusal._`."""
    tree = ast.parse(source)
    named: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            named |= {each.asname or each.name: each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "antin.refusal":
            named |= {each.asname or each.name: "gettext_noop" for each in node.names if each.name == "_"}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        function = named.get(node.func.id, "")
        given = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if function in SINGULAR and given:
            yield given[0], None
        elif function in PLURAL and len(given) >= 2:
            yield (given[0], given[1]), None
        elif function in CONTEXT and len(given) >= 2:
            yield given[1], given[0]


def in_template(source: str) -> Iterator[Found]:
    """Words of translate, blocktranslate and `_("…")` in a template."""
    lines = "\n".join(line.strip() for line in templatize(source).splitlines())
    for _line, function, given, _comments in extract_python(io.BytesIO(lines.encode()), KEYWORDS, [], {}):
        words = [each for each in (given if isinstance(given, tuple | list) else (given,)) if isinstance(each, str)]
        if function in PLURAL and len(words) >= 2:
            yield (words[0], words[1]), None
        elif function in CONTEXT and len(words) >= 2:
            yield words[1], words[0]
        elif words:
            yield words[0], None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
