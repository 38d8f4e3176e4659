"""Writing messages, taking them apart and putting them together: nothing is lost, and what others read is what was meant."""

from __future__ import annotations

import json
import os
from dataclasses import fields, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from antin.exchange.edxml import message as shapes
from antin.exchange.edxml.facts import facts_of
from antin.exchange.edxml.message import Attachment, Message
from antin.exchange.edxml.packing import (
    CannotWrite,
    FileMissing,
    FolderNotEmpty,
    Named,
    compose,
    pack,
    restore,
    safe_names,
    unpack,
)
from antin.exchange.edxml.reading import read
from antin.exchange.edxml.shape import NAMESPACE, BadFacts, Kept, from_json, places, to_json
from antin.exchange.edxml.writing import NotWritable, write
from tests import edxml
from tests.edxml import HEADER, PDF, URI, attachment, document, reference, status, zipped

# --- any message at all -------------------------------------------------------------------------------------------------

LETTERS = "aZ0 \t\n\r&<>\"']]>\u00a0\u0111Đẫ\u0301\u200b中😀\u0085\ud7ff\ue000"
NAMES = ["La", "Mới-1", "a.b", "x_y"]
SPACES = [NAMESPACE, NAMESPACE, "", "urn:other", "http://www.w3.org/2000/09/xmldsig#"]
KEYS = ["id", "so", "{http://www.w3.org/1999/xlink}href", "{urn:a}b", "{urn:c}b"]
FILES = [b"", PDF, b"PK\x03\x04", zipped(("a.txt", b"x")), zipped(("x.docx", zipped())), b"\0" * 9]


class Chance:
    """Any message at all, from one number: drawing each letter by hypothesis takes a second a message."""

    def __init__(self, seed):
        self.random = Random(seed)

    def raw(self):
        return "".join(self.random.choices(LETTERS, k=self.random.randrange(8)))

    def text(self):
        return self.raw().strip() if self.random.random() < 0.5 else ""

    def some(self, make, most=2):
        return tuple(make() for _ in range(self.random.choice([0, 0, *range(most + 1)])))

    def attributes(self):
        return tuple((key, self.raw()) for key in self.random.sample(KEYS, self.random.choice([0, 0, 1, 2])))

    def kept(self, names=NAMES, depth=2):
        def part():
            return self.raw() if depth == 0 or self.random.random() < 0.5 else self.kept(depth=depth - 1)

        choose = self.random.choice
        return Kept(choose(names), choose(SPACES), self.attributes(), joined(self.some(part, 3)))

    def of(self, kind):
        held = {}
        for place in places(kind):
            if place.form == "text":
                held[place.key] = self.text()
            elif place.form == "texts":
                held[place.key] = tuple(filter(bool, self.some(self.text)))
            elif place.form == "kept":
                names = [place.element, *place.spellings]
                held[place.key] = self.some(lambda names=names: self.kept(names), 1)
            elif place.form == "many":
                held[place.key] = self.some(lambda place=place: self.of(place.inside))
            elif self.random.random() < 0.6:
                held[place.key] = self.of(place.inside)
        held["unknown"] = self.some(self.kept)
        held["own_text"] = " ".join(self.text().split())
        held["attributes"] = self.attributes()
        if kind is shapes.Manifest:
            held["attributes"] = (("version", "1.0"), *held["attributes"])
        if kind is Attachment:
            held["file"] = self.random.choice(FILES)
            held["name"] = self.random.choice(["", "a.pdf", "b.docx", "c.txt", "d.zip", "e.xlsx", "f"])
            held["content_type"] = self.random.choice(["", "application/zip", "application/pdf"])
        return kind(**held)

    def message(self):
        header = self.of(shapes.Header)
        inner = replace(header.message or shapes.MessageHeader(), document_id="A,1,2/B")
        envelope = replace(self.of(shapes.Envelope), header=replace(header, message=inner))
        return replace(self.of(Message), envelope=envelope)


def joined(parts):
    """Parts as a parser gives them: no two texts beside each other, no bare white space between elements."""
    out = []
    for part in parts:
        if isinstance(part, str) and out and isinstance(out[-1], str):
            out[-1] += part
        elif part != "":
            out.append(part)
    if any(isinstance(part, Kept) for part in out):
        out = [part for part in out if not isinstance(part, str) or part.strip()]
    return tuple(out)


def bare(value):
    """A structure without what reading derives: which manifest line, which packing."""
    if isinstance(value, tuple):
        return tuple(bare(each) for each in value)
    if isinstance(value, Attachment):
        return replace(value, content_type="", reference=None, shown_name="", shown_type="", notes=())
    if isinstance(value, shapes.Structure):
        return replace(
            value, **{each.name: bare(getattr(value, each.name)) for each in fields(value) if each.name != "notes"}
        )
    return value


def told(message):
    """What it says, whatever was odd about the way it was said."""
    facts = facts_of(message)
    files = [(each["name"], each["sha256"]) for each in facts["attachments"]]
    return {key: held for key, held in facts.items() if key not in ("attachments", "notes")} | {"files": files}


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 1 << 64))
def test_writing_and_reading_lose_nothing(seed):
    message = Chance(seed).message()
    written = write(message)
    again = read(written)
    assert bare(again) == bare(message)
    assert write(again) == written
    etree.fromstring(written)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 1 << 64))
def test_json_loses_nothing(seed):
    message = Chance(seed).message()
    said = json.loads(json.dumps(to_json(message)))
    names = [str(n) for n in range(len(message.attachments))]
    files = dict(zip(names, [each.file for each in message.attachments], strict=True))
    assert bare(restore({"message": said, "files": names}, files.__getitem__)) == bare(message)


ODD = [
    document(),
    status(),
    document(
        HEADER + "<edXML:New a='b'>x<y xmlns='urn:z'/></edXML:New>" + edxml.RESPONSE, trace=edxml.HOP + edxml.BUSINESS
    ),
    document(HEADER + "<edXML:Subject>Khác</edXML:Subject>"),
    document(signature="<Signature><SignatureValue Id='1'>AA</SignatureValue></Signature>"),
    document(attachments=attachment("BASE64", name="a.pdf")),
    document(attachments=attachment(zipped(("a.txt", b"xin")), name="a.txt", kind="text/plain")),
    document(references=reference(name="a.xlsx"), attachments=attachment(zipped(("a", b"b")), name="", kind="")),
    document(references="", attachments=attachment(b"1", name="..") + attachment(b"2", name="..")),
    document().decode().replace("edXML:edXML", "edXML").replace("<edXML:", "<").replace("</edXML:", "</").encode(),
]


@pytest.mark.parametrize("given_message", ODD)
def test_what_was_read_is_written_again(given_message):
    message = read(given_message)
    again = read(write(message))
    assert told(again) == told(message)
    assert bare(again) == bare(message)


@pytest.mark.parametrize("given_message", ODD)
def test_a_folder_holds_all_of_it(given_message, tmp_path):
    message = read(given_message)
    written = unpack(message, tmp_path / "out")
    assert written == sorted(written, key=lambda path: path.name == "facts.json")
    assert sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file()) == sorted(written)
    assert json.loads((tmp_path / "out" / "facts.json").read_text())["facts"] == facts_of(message)
    assert write(pack(tmp_path / "out")) == write(message)


# --- the form that others read ------------------------------------------------------------------------------------------

FACTS = {
    "from": {"organ_id": "G99", "name": "Bộ Thử nghiệm"},
    "to": ["H98", "H97"],
    "code": "34E31/2026/BTN-VP",
    "place": "Hà Nội",
    "date": "2026-03-09",
    "subject": "V/v thử & nghiệm",
    "type": {"code": 18, "name": "Công văn"},
    "signer": {"competence": "KT.", "full_name": "Lê Văn Thử"},
    "priority": 1,
    "due": "20/03/2026",
    "timestamp": "2026-03-09 08:30:00",
}


def test_the_form_of_a_document():
    made = write(compose(FACTS, [Named("a.pdf", PDF), Named("b.txt", b"xin")]))
    assert made.startswith(f'<?xml version="1.0" encoding="UTF-8"?>\r\n<edXML xmlns="{URI}">\r\n'.encode())
    assert f'  <edXML:edXMLEnvelope xmlns:edXML="{URI}">\r\n'.encode() in made
    assert b"<edXML:PromulgationDate>2026/03/09</edXML:PromulgationDate>" in made
    assert b"<edXML:DueDate>2026/03/20</edXML:DueDate>" in made
    assert b"<edXML:DocumentId>G99,2026/03/09,34E31/2026/BTN-VP</edXML:DocumentId>" in made
    assert b"<edXML:BussinessDocType>0</edXML:BussinessDocType>" in made
    assert b"<Signature" not in made
    root = etree.fromstring(made)
    assert {element.prefix for element in root[0].iter()} == {"edXML"}
    assert {element.tag.rpartition("}")[2] for element in root[1].iter() if element.prefix} == {
        "ContentTransferEncoded"
    }
    ids = [element.text for element in root.iter(f"{{{URI}}}ContentId")]
    assert all(each.startswith("cid:") and not each.startswith("cid:cid:") for each in ids)
    assert ids[:2] == ids[2:]
    types = [element.text for element in root[1].iter(f"{{{URI}}}ContentType")]
    assert types == ["application/pdf", "application/zip"]
    assert facts_of(read(made))["notes"] == []


def test_composed_facts_are_read_as_they_were_meant():
    found = facts_of(read(write(compose(FACTS, [Named("thư mục/Dự thảo (1).PDF", PDF)]))))
    assert {
        key: found[key] for key in ("from", "to", "code", "date", "document_id", "signer", "priority", "business")
    } == {
        "from": "G99",
        "to": ["H98", "H97"],
        "code": "34E31/2026/BTN-VP",
        "date": "2026-03-09",
        "document_id": "G99,2026/03/09,34E31/2026/BTN-VP",
        "signer": "Lê Văn Thử",
        "priority": 1,
        "business": 0,
    }
    assert [each["name"] for each in found["attachments"]] == ["Dự thảo (1).PDF"]


def test_facts_that_inspect_printed_make_the_same_message():
    facts = facts_of(read(document(HEADER + edxml.RESPONSE))) | {"attachments": []}
    assert facts_of(read(write(compose(facts)))) == facts
    said = facts_of(read(status()))
    assert facts_of(read(write(compose(said)))) == said


def test_recall_update_and_replacement():
    recalled = compose(
        FACTS | {"business": {"type": 1, "reason": "Nhầm"}, "response_for": [{"organ_id": "G99", "document_id": "A"}]}
    )
    assert (facts_of(recalled)["business"], facts_of(recalled)["response_for"][0]["document_id"]) == (1, "A")
    updated = read(write(compose(FACTS | {"business": {"type": 2, "document_id": "A"}})))
    assert (facts_of(updated)["business"], updated.business.document_id) == (2, "A")
    replaced = read(write(compose(FACTS | {"business": {"type": 3, "replaces": ["A", "B"]}})))
    assert [each.document_id for each in replaced.business.replacements.replacement] == ["A", "B"]
    assert facts_of(replaced)["notes"] == []


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"from": None}, "$.from"),
        ({"to": []}, "$.to"),
        ({"to": "H98"}, "$.to"),
        ({"to": [{"organ": "H98"}]}, "$.to[0].organ"),
        ({"subject": ""}, "$.subject"),
        ({"code": None}, "$.document_id"),
        ({"code": 3.5}, "$.code"),
        ({"date": "30/02/2026"}, "$.date"),
        ({"business": 4}, "$.business"),
        ({"business": {"type": 3, "replaces": "A"}}, "$.business.replaces"),
        ({"kind": "letter"}, "$.kind"),
        ({"nothing": 1}, "$.nothing"),
        ({"attachments": [{"name": "a.pdf"}]}, "$.attachments[0]"),
        ({"response_for": [{"date": "mai"}]}, "$.response_for[0].date"),
        ({"kind": "status"}, "$.response_for"),
        ({"timestamp": "trưa"}, "$.timestamp"),
    ],
)
def test_facts_that_are_none_are_refused_at_their_place(change, at):
    with pytest.raises(BadFacts) as no:
        compose(FACTS | change)
    assert no.value.at == at
    assert no.value.message


@pytest.mark.parametrize("text", ["a\0b", "\x0b", "\ud800", "\uffff"])
def test_what_xml_cannot_hold_is_refused(text):
    with pytest.raises(NotWritable):
        write(compose(FACTS | {"subject": f"a{text}b"}))
    for bad in (
        Kept(text),
        Kept("x y"),
        Kept("1a"),
        Kept("a", attributes=((text, ""),)),
        Kept("a", parts=(text,)),
        Kept("a:b"),
    ):
        with pytest.raises(NotWritable):
            write(replace(compose(FACTS), unknown=(bad,)))


def test_json_that_is_no_structure_is_refused():
    for said in (
        None,
        [],
        {"envelope": 1},
        {"envelope": {"header": {"x": 1}}},
        {"unknown": [{"name": ""}]},
        {"own_text": []},
    ):
        with pytest.raises(BadFacts):
            from_json(Message, said)
    for said in ({}, {"message": {}}, {"message": to_json(read(document())), "files": []}):
        with pytest.raises(BadFacts):
            restore(said, lambda name: b"")


# --- folders ------------------------------------------------------------------------------------------------------------


def test_names_are_safe_and_each_is_there_once():
    given_names = [
        "a.pdf",
        "A.PDF",
        "a.pdf",
        "../../etc/passwd",
        "C:\\x\\b.doc",
        "",
        "..",
        "con.txt",
        'x<>:"|?*.txt',
        ".bashrc",
        "a (2).pdf",
    ]
    assert safe_names(given_names) == [
        "a.pdf",
        "A (2).PDF",
        "a (3).pdf",
        "passwd",
        "b.doc",
        "tep-6",
        "tep-7",
        "_con.txt",
        "x_______.txt",
        "bashrc",
        "a (2) (2).pdf",
    ]
    (long,) = safe_names(["đ" * 300 + ".pdf"])
    assert long.endswith(".pdf")
    assert len(long.encode()) <= 184


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_names_are_safe(given_names):
    names = safe_names(given_names)
    assert len({name.casefold() for name in names}) == len(given_names)
    for name in names:
        assert name not in ("", ".", "..")
        assert os.path.basename(name) == name
        assert "\0" not in name
        assert len(name.encode()) < 255


def test_nothing_is_written_outside_or_over(tmp_path):
    evil = read(
        document(
            references="", attachments=attachment(PDF, name="../../evil.pdf") + attachment(PDF, name="..\\evil.pdf")
        )
    )
    unpack(evil, tmp_path / "out")
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == [
        "out/facts.json",
        "out/files/evil (2).pdf",
        "out/files/evil.pdf",
    ]
    with pytest.raises(FolderNotEmpty):
        unpack(evil, tmp_path / "out")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CannotWrite):
        unpack(evil, tmp_path / "file")
    (tmp_path / "link").symlink_to(tmp_path / "out")
    with pytest.raises(FolderNotEmpty):
        unpack(evil, tmp_path / "link")


def nested(depth):
    """A message's JSON with an element in an element, so deep."""
    unknown = '[{"name":"a","parts":' * depth + "[]" + "}]" * depth
    message = to_json(read(document(references="", attachments="")))
    return json.dumps({"form": "antin-edxml-1", "message": message, "files": []}).replace(
        '"message": {', f'"message": {{"unknown": {unknown}, '
    )


def test_files_are_taken_only_from_beside_the_facts(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (home / "a.pdf").write_bytes(PDF)
    (home / "link.pdf").symlink_to(tmp_path / "secret")
    facts = home / "m.json"
    facts.write_text(json.dumps(FACTS | {"attachments": ["a.pdf", {"file": "a.pdf", "name": "b.pdf"}]}))
    assert [each.file for each in pack(facts, [home / "a.pdf"]).attachments] == [PDF] * 3
    for outside in ("../secret", "/etc/passwd", "link.pdf", "none.pdf", ".", "a\0b"):
        facts.write_text(json.dumps(FACTS | {"attachments": [outside]}))
        with pytest.raises(FileMissing):
            pack(facts)
    for broken in ("{", "[]", "1", "[" * 100_000, nested(5000), nested(400)):
        facts.write_text(broken)
        with pytest.raises(BadFacts):
            pack(facts)
    with pytest.raises(FileMissing):
        pack(home / "none.json")


def test_a_dense_file_is_packed_so_that_readers_take_it():
    dense = b"\0" * (12 << 20)
    made = compose(FACTS, [Named("trang.bmp", dense)])
    (again,) = read(write(made)).attachments
    assert again.file == dense
