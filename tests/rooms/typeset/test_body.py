"""The structured body: what is kept, what is refused and where, and the numbers it is given."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antin.refusal import Refusal
from antin.typeset.beginnings import beginning
from antin.typeset.body import (
    DEEPEST_LIST,
    EMPTY,
    LARGEST,
    BadBody,
    check,
    plain_text,
    point_letter,
    read,
    roman,
    set_out,
)
from antin.typeset.letter import Cosigner, Form, lay_out
from tests.rooms.typeset.letters import block, doc, facts, par, table, text


def cell(words, kind="tableCell", **attrs):
    return {"type": kind, "attrs": attrs, "content": [par(words)]}


def row(*cells):
    return {"type": "tableRow", "content": list(cells)}


def items(*blocks, kind="bulletList"):
    return {"type": kind, "content": [{"type": "listItem", "content": [each]} for each in blocks]}


# --- what is kept ---------------------------------------------------------------------------------------------------------


def test_a_body_is_kept_as_it_is_without_what_the_schema_does_not_know():
    told = doc(
        {
            "type": "paragraph",
            "attrs": {"align": "center", "class": "x"},
            "content": [text("a", "bold"), {"type": "hardBreak"}],
        },
        {"type": "paragraph", "attrs": {"align": "justify"}},
        {
            "type": "article",
            "attrs": {"titled": True, "restart": True},
            "content": [text("b", "superscript", "italic", "italic")],
        },
        {"type": "table", "content": [row(cell("x", colspan=2, rowspan=1, colwidth=[10, 20]))]},
    )
    assert check(told) == doc(
        {"type": "paragraph", "attrs": {"align": "center"}, "content": [text("a", "bold"), {"type": "hardBreak"}]},
        {"type": "paragraph"},
        {"type": "article", "attrs": {"titled": True}, "content": [text("b", "italic", "superscript")]},
        {
            "type": "table",
            "content": [
                row({"type": "tableCell", "content": [par("x")], "attrs": {"colspan": 2, "colwidth": [10, 20]}})
            ],
        },
    )
    assert check(check(told)) == check(told)


def test_text_is_composed_and_an_empty_body_has_one_paragraph():
    assert check(doc(par("e\u0302\u0301"))) == doc(par("ế"))
    assert check({"type": "doc"}) == check(doc(par(""))) == EMPTY


def test_a_field_brings_json_or_plain_lines():
    assert read(json.dumps(doc(block("article", "x")))) == doc(block("article", "x"))
    assert read("một\r\n\n  hai ") == doc(par("một"), par("hai"))
    assert read("") == EMPTY
    for broken in ('{"type": "doc"', "{" * 100_000, '{"a":' * 100_000):
        with pytest.raises(BadBody):
            read(broken)


def test_every_beginning_is_a_body_and_can_be_printed():
    for form in Form:
        body = beginning(form, issuer_name="Văn phòng")
        assert check(body) == body
        assert lay_out(facts(form, body=body)).pages >= 1
    assert plain_text(beginning("leave", issuer_name="Văn phòng")).splitlines()[1] == "Văn phòng cấp cho:"


# --- what is refused ------------------------------------------------------------------------------------------------------

DEEP = par("x")
for _ in range(DEEPEST_LIST + 1):
    DEEP = items(DEEP)

WRONG = [
    (None, "toàn văn bản"),
    ([], "toàn văn bản"),
    ({"type": "paragraph"}, "toàn văn bản"),
    ({"type": "doc", "content": {}}, "toàn văn bản"),
    ({"type": "doc", "content": [{1, 2}]}, "toàn văn bản"),
    (doc(par("x" * LARGEST)), "toàn văn bản"),
    (doc(*[{"type": "paragraph"}] * 40_001), "toàn văn bản"),
    (doc(par("a"), {"type": "script"}), "đoạn 2"),
    (doc(par("a"), "b"), "đoạn 2"),
    (doc({"type": ["paragraph"]}), "đoạn 1"),
    (doc({"type": "paragraph", "attrs": []} | {"attrs": [1]}), "đoạn 1"),
    (doc({"type": "paragraph", "attrs": {"align": "top"}}), "đoạn 1"),
    (doc({"type": "paragraph", "attrs": {"align": ["left"]}}), "đoạn 1"),
    (doc({"type": "heading"}), "đoạn 1"),
    (doc({"type": "heading", "attrs": {"kind": "h1"}}), "đoạn 1"),
    (doc({"type": "paragraph", "content": [{"type": "image"}]}), "đoạn 1"),
    (doc({"type": "paragraph", "content": [{"type": "text", "text": 5}]}), "đoạn 1"),
    (doc({"type": "paragraph", "content": [text("x" * 100_001)]}), "đoạn 1"),
    (doc({"type": "paragraph", "content": [text("x", "blink")]}), "đoạn 1"),
    (doc({"type": "paragraph", "content": [{"type": "text", "text": "x", "marks": {"type": "bold"}}]}), "đoạn 1"),
    (doc({"type": "bulletList", "content": []}), "đoạn 1"),
    (doc({"type": "bulletList", "content": [par("x")]}), "đoạn 1, mục 1"),
    (doc(items(block("article", "x"))), "đoạn 1, mục 1"),
    (doc(DEEP), "đoạn 1, mục 1, mục 1, mục 1, mục 1, mục 1"),
    (doc({"type": "table", "content": []}), "đoạn 1"),
    (doc({"type": "table", "content": [row()]}), "đoạn 1"),
    (doc({"type": "table", "content": [par("x")]}), "đoạn 1, dòng 1 của bảng"),
    (doc({"type": "table", "content": [row(par("x"))]}), "đoạn 1, dòng 1 của bảng, ô 1"),
    (doc({"type": "table", "content": [row(cell("x", colspan=0))]}), "đoạn 1, dòng 1 của bảng, ô 1"),
    (doc({"type": "table", "content": [row(cell("x", colspan=True))]}), "đoạn 1, dòng 1 của bảng, ô 1"),
    (doc({"type": "table", "content": [row(cell("x", rowspan="2"))]}), "đoạn 1, dòng 1 của bảng, ô 1"),
    (doc({"type": "table", "content": [row({"type": "tableCell", "attrs": [1]})]}), "đoạn 1, dòng 1 của bảng, ô 1"),
    (doc({"type": "table", "content": [row(*[cell("x")] * 25)]}), "đoạn 1"),
    (doc({"type": "table", "content": [row(cell("x", rowspan=2))]}), "đoạn 1"),
    (doc({"type": "table", "content": [row(cell("x"), cell("y")), row(cell("z"))]}), "đoạn 1"),
    (doc({"type": "table", "content": [row(cell("x"), cell("y", rowspan=2)), row(cell("z", colspan=2))]}), "đoạn 1"),
]


@pytest.mark.parametrize(("body", "place"), WRONG, ids=range(len(WRONG)))
def test_a_body_that_breaks_the_schema_is_refused_at_its_place(body, place):
    with pytest.raises(BadBody) as no:
        check(body)
    assert no.value.facts["place"] == place
    assert no.value.message.startswith(f"Nội dung văn bản không hợp lệ ở {place}: ")


def test_nesting_without_end_is_refused():
    endless: dict = {"type": "doc"}
    endless["content"] = [endless]
    with pytest.raises(BadBody):
        check(endless)
    deep = node = {"type": "doc", "content": []}
    for _ in range(100_000):
        node["content"] = [{"type": "bulletList", "content": []}]
        node = node["content"][0]
    with pytest.raises(BadBody):
        check(deep)
    while deep:  # taken apart by hand: freeing it whole would go as deep
        deep = deep["content"][0] if deep.get("content") else None


# --- numbers --------------------------------------------------------------------------------------------------------------


def labels(*blocks):
    return [each.get("label", "") for each in set_out(doc(*blocks))[0].blocks]


def test_articles_run_on_through_chapters_and_clauses_and_points_start_again_under_each():
    a, c, p = block("article", "x"), block("clause", "x"), block("point", "x")
    chapter, section = block("heading", "x", kind="chapter"), block("heading", "x", kind="section")
    found = labels(chapter, section, a, c, c, p, p, c, p, a, c, section, chapter, section, a, c)
    expected = "Chương I|Mục 1|Điều 1.|1.|2.|a)|b)|3.|a)|Điều 2.|1.|Mục 2|Chương II|Mục 1|Điều 3.|1."
    assert found == expected.split("|")


def test_parts_chapters_and_plain_headings_count_in_roman_numerals():
    kinds = ("part", "chapter", "chapter", "part", "chapter", "subsection", "roman", "roman")
    found = labels(*(block("heading", "x", kind=kind) for kind in kinds))
    assert found == ["Phần I", "Chương I", "Chương II", "Phần II", "Chương III", "Tiểu mục 1", "I.", "II."]
    assert [roman(n) for n in (4, 9, 14, 40, 90, 400, 1994)] == ["IV", "IX", "XIV", "XL", "XC", "CD", "MCMXCIV"]


def test_points_follow_the_vietnamese_alphabet():
    letters = [point_letter(n) for n in range(1, 26)]
    assert letters == [*"abcdđeghiklmnopqrstuvxy", "aa", "bb"]


def test_a_clause_and_a_point_can_start_again():
    c, p = block("clause", "x"), block("point", "x")
    again_c, again_p = block("clause", "x", restart=True), block("point", "x", restart=True)
    assert labels(c, c, again_c, c, p, p, par("y"), p, again_p) == ["1.", "2.", "1.", "2.", "a)", "b)", "", "c)", "a)"]


def test_an_appendix_starts_its_own_numbers_and_is_numbered_only_beside_another():
    body = doc(block("article", "x"), block("appendix", "Biểu"), block("article", "y"))
    assert [part.label for part in set_out(body)] == ["", "Phụ lục"]
    assert [each["label"] for part in set_out(body) for each in part.blocks] == ["Điều 1.", "Điều 1."]
    both = doc(block("appendix", "A"), block("appendix", "B"), block("appendix", "C"))
    assert [part.label for part in set_out(both)] == ["", "Phụ lục I", "Phụ lục II", "Phụ lục III"]
    issued = doc(block("appendix", "QUY CHẾ", attached=True), block("appendix", "B"), block("appendix", "C"))
    assert [(part.label, part.attached) for part in set_out(issued)] == [
        ("", False),
        ("", True),
        ("Phụ lục I", False),
        ("Phụ lục II", False),
    ]


# --- words ----------------------------------------------------------------------------------------------------------------


def test_plain_text_has_every_word_with_its_number():
    body = doc(
        block("legalBasis", "Căn cứ Luật"),
        block("article", "Thành lập Tổ"),
        block("clause", "Một"),
        block("point", "hai"),
        {"type": "paragraph", "content": [text("x"), {"type": "hardBreak"}, text("y", "bold")]},
        items(par("gạch"), items(par("số"), kind="orderedList")),
        table(["TT", "Việc"], ["1", "Làm"]),
        {"type": "pageBreak"},
        {"type": "paragraph"},
        block("appendix", "Biểu"),
        par("cuối"),
    )
    expected = "Căn cứ Luật|Điều 1. Thành lập Tổ|1. Một|a) hai|x y|- gạch|- 1. số|TT\tViệc|1\tLàm|Phụ lục Biểu|cuối"
    assert plain_text(check(body)).split("\n") == expected.split("|")


def test_a_table_repeats_its_heading_unless_it_reaches_below_or_is_tall():
    def head(*rows):
        return set_out(check(doc({"type": "table", "content": list(rows)})))[0].blocks[0]["head"]

    h, c = (cell("h", "tableHeader"), cell("c"))
    assert head(row(h, h), row(c, c)) == 1
    assert head(row(cell("h", "tableHeader", rowspan=2), h), row(h), row(c, c)) == 2
    assert head(row(cell("h", "tableHeader", rowspan=2), h), row(c)) == 0
    assert head(row(h, h), row(h, h)) == 0
    assert head(row(cell("dài " * 400, "tableHeader"), h), row(c, c)) == 0


# --- anything at all ------------------------------------------------------------------------------------------------------

WORDS = st.text(max_size=30)
MARKED = st.lists(st.sampled_from(["bold", "italic", "underline", "superscript", "subscript", "strike"]), max_size=2)
INLINE = st.one_of(
    st.builds(lambda words, marks: text(words, *marks), WORDS, MARKED),
    st.just({"type": "hardBreak"}),
    st.dictionaries(st.sampled_from(["type", "text", "marks"]), st.one_of(WORDS, st.none(), st.integers()), max_size=3),
)
KINDS = [
    "paragraph",
    "legalBasis",
    "heading",
    "article",
    "clause",
    "point",
    "appendix",
    "pageBreak",
    "bulletList",
    "orderedList",
]
KINDS += ["listItem", "table", "tableRow", "tableCell", "tableHeader", "image"]
ATTRS = st.dictionaries(
    st.sampled_from(["align", "kind", "titled", "restart", "colspan", "rowspan", "colwidth"]),
    st.one_of(
        st.sampled_from(["center", "chapter", "roman"]),
        st.booleans(),
        st.integers(-1, 3),
        st.lists(st.integers(0, 99), max_size=2),
    ),
    max_size=2,
)
NODES = st.recursive(
    st.builds(
        lambda kind, attrs, content: {"type": kind, "attrs": attrs, "content": content},
        st.sampled_from(KINDS),
        ATTRS,
        st.lists(INLINE, max_size=3),
    ),
    lambda inner: st.builds(
        lambda kind, attrs, content: {"type": kind, "attrs": attrs, "content": content},
        st.sampled_from(KINDS),
        ATTRS,
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(NODES, max_size=5))
def test_whatever_is_sent_is_printed_or_refused_in_words(blocks):
    body = json.loads(json.dumps(doc(*blocks)))
    try:
        kept = check(body)
    except Refusal as no:
        assert "%(" not in no.message
        return
    assert check(kept) == kept
    assert isinstance(plain_text(kept), str)
    assert lay_out(facts(body=kept)).pages >= 1


PLAIN = st.text(st.sampled_from("aăâđêôơưầẫỡ Ủ*#_\\[]{}$@<>/\"'`~-=+:;.,!1905%"), max_size=40)
WRITTEN = st.lists(
    st.one_of(
        st.builds(text, PLAIN),
        st.builds(lambda words: text(words, "bold", "underline"), PLAIN),
        st.just({"type": "hardBreak"}),
    ),
    max_size=3,
)
FLAT = [
    {"type": "paragraph"},
    {"type": "paragraph", "attrs": {"align": "right"}},
    {"type": "legalBasis"},
    {"type": "heading", "attrs": {"kind": "chapter"}},
    {"type": "heading", "attrs": {"kind": "roman"}},
    {"type": "article", "attrs": {"titled": True}},
    {"type": "clause"},
    {"type": "point", "attrs": {"restart": True}},
    {"type": "appendix"},
]
FLATS = st.builds(lambda kind, content: {**kind, "content": content}, st.sampled_from(FLAT), WRITTEN)
SMALL = st.builds(lambda content: {"type": "paragraph", "content": content}, WRITTEN)
LISTS = st.builds(
    lambda blocks, kind: items(*blocks, kind=kind),
    st.lists(SMALL, min_size=1, max_size=3),
    st.sampled_from(["bulletList", "orderedList"]),
)
TABLES = st.builds(
    lambda first, words: {
        "type": "table",
        "content": [
            row(cell(words, first, rowspan=2), cell(words, first)),
            row(cell(words)),
            row(cell(words, colspan=2)),
        ],
    },
    st.sampled_from(["tableHeader", "tableCell"]),
    PLAIN,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(FLATS, LISTS, TABLES, st.just({"type": "pageBreak"})), max_size=8), st.sampled_from(sorted(Form))
)
def test_every_body_of_the_schema_is_printed_in_every_form(blocks, form):
    kept = check(doc(*blocks))
    layout = lay_out(facts(form, body=kept, enactor="Chánh Văn phòng", cosigners=(Cosigner(name="Lê Hoa"),)))
    assert layout.places["person"].page < layout.pages
