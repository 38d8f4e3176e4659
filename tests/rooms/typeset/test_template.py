"""A draft as DOCX: the Decree finds nothing wrong with it, and it says what the page says."""

import io

import docx
import pytest

from antin.decree30 import judging
from antin.typeset.letter import Form, WrongForm
from antin.typeset.template import docx_of
from tests.rooms.typeset.letters import LONG, TEN, block, doc, facts, par, table, text


@pytest.mark.parametrize("form", TEN)
def test_every_form_conforms(form):
    answer = judging.judge(docx_of(TEN[form]))
    assert (answer["reason"], answer["findings"]) == (None, [])
    assert answer["facts"]["notation"] == TEN[form].notation


def test_what_is_written_stands_in_it():
    body = doc(
        par(LONG),
        {"type": "paragraph", "content": [text("Rất "), text("gấp", "bold")]},
        table(("TT", "Nội dung"), ("1", "Rà soát")),
        block("appendix", "Danh mục"),
        par("Mục thứ nhất."),
    )
    made = docx.Document(io.BytesIO(docx_of(facts(body=body, urgency="HỎA TỐC"))))
    words = [paragraph.text for paragraph in made.paragraphs]
    assert LONG in words and "Mục thứ nhất./." not in words
    assert "DANH MỤC" in words
    assert [run.bold for run in next(p for p in made.paragraphs if p.text.startswith("Rất")).runs] == [False, True]
    assert made.tables[1].rows[1].cells[1].text == "Rà soát"
    assert made.core_properties.author == ""
    assert made.element.xml.count("HỎA TỐC") == 1


def test_a_wrong_form_is_refused():
    with pytest.raises(WrongForm):
        docx_of(facts("no such form"))
    assert "no such form" not in set(Form)


def test_the_same_facts_give_the_same_words():
    first, second = (docx.Document(io.BytesIO(docx_of(facts()))).element.xml for _ in range(2))
    assert first == second
