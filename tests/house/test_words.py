"""Every word of the screen stands in one language in the code and in the other in the catalogue."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType
from django.test import Client

import antin
from tools import words

WEB = Path(antin.__file__).parent / "web"
MODULES = [each for each in sorted(WEB.rglob("*.py")) if "gallery" not in each.parts]
# The gallery's parts bear invented words for those who write pages.
TEMPLATES = [
    each for each in sorted(WEB.rglob("*.html")) if not (each.parent.name == "gallery" and each.name.startswith("_"))
]
PAPER = {"words.ts"}  # what the document itself carries, in any language
SCRIPTS = [each for each in sorted((WEB.parent.parent / "frontend" / "src").rglob("*.ts")) if each.name not in PAPER]
VIETNAMESE = re.compile(r"[À-ÖØ-öø-ɏ\u1e00-\u1eff]")
OWN_NAMES = re.compile(r"An Tín|Tiếng Việt")
TRANSLATED = re.compile(r"_\((\"[^\"]*\"|'[^']*')\)")


def test_every_word_has_its_english() -> None:
    """To mend it: `make words`, then write the English into antin/locale/en/LC_MESSAGES/django.po."""
    assert words.list_missing(words.read_catalog()) == []


def test_the_catalogue_holds_nothing_else() -> None:
    """To mend it: `make words`."""
    used = {(each.id, each.context) for each in words.collect() if each.id}
    assert [each.id for each in words.read_catalog() if each.id and (each.id, each.context) not in used] == []


def holes(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[sd]|%%|\{\w+\}", text))


def test_the_english_names_the_same_facts() -> None:
    wrong = []
    for each in words.read_catalog():
        pairs = zip(each.id, each.string, strict=True) if isinstance(each.id, tuple) else [(each.id, each.string)]
        wrong += [said for said, english in pairs if said and english and holes(said) != holes(english)]
    assert wrong == []


def bare_words(template: str) -> list[str]:
    """Vietnamese of a template that no translation tag holds."""
    found, inside = [], False
    for token in Lexer(template).tokenize():
        contents = token.contents
        if token.token_type == TokenType.BLOCK:
            tag = contents.split()[0]
            inside = tag in ("blocktranslate", "blocktrans") or (inside and not tag.startswith("endblocktrans"))
            if tag in ("translate", "trans", "blocktranslate", "blocktrans"):
                continue
        if token.token_type == TokenType.COMMENT or inside:
            continue
        if VIETNAMESE.search(OWN_NAMES.sub("", TRANSLATED.sub("", contents))):
            found.append(contents.strip())
    return found


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: str(each.relative_to(WEB / "templates")))
def test_no_template_says_a_word_by_itself(template: Path) -> None:
    assert bare_words(template.read_text()) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda each: str(each.relative_to(WEB)))
def test_no_module_says_a_word_by_itself(module: Path) -> None:
    source = module.read_text()
    translated = {
        found for each, _ in words.in_python(source) for found in (each if isinstance(each, tuple) else (each,))
    }
    tree = ast.parse(source)
    told = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}  # docstrings
    spoken = [
        each.value
        for each in ast.walk(tree)
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in told
    ]
    stamps = {
        "KHẨN",
        "THƯỢNG KHẨN",
        "HỎA TỐC",
        "MẬT",
        "TỐI MẬT",
        "TUYỆT MẬT",
    }  # what the paper itself carries, in any language
    assert [each for each in spoken if VIETNAMESE.search(each) and each not in translated | stamps] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda each: each.name)
def test_no_script_says_a_word(script: Path) -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", script.read_text(), flags=re.DOTALL)
    assert VIETNAMESE.findall(code.replace("[đĐ]", "")) == []


@pytest.mark.parametrize("address", ["/sign-in", "/sign-in?out", "/nothing"])
def test_a_page_in_english_is_english_throughout(db: None, client: Client, address: str) -> None:
    client.cookies["django_language"] = "en"
    page = html.unescape(client.get(address).content.decode())
    assert '<html lang="en"' in page
    assert [line.strip() for line in page.splitlines() if VIETNAMESE.search(OWN_NAMES.sub("", line))] == []
