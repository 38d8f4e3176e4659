"""The reader of the national axis's messages: everything that systems in use send, and everything that must be refused."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antin.exchange.edxml.facts import acted_on, facts_of, same_message
from antin.exchange.edxml.limits import Limits, TooMuch
from antin.exchange.edxml.notes import EdxmlRefused
from antin.exchange.edxml.reading import NoHeader, NotAnExchange, NotEdxml, OldForm, read
from antin.exchange.edxml.tree import (
    BadEncoding,
    CutShort,
    DamagedWrapping,
    EmptyMessage,
    HasDoctype,
    JunkAfter,
    JunkBefore,
    NotWellFormed,
    NotXml,
)
from tests import edxml
from tests.edxml import HEADER, PDF, URI, attachment, b64, document, reference, status, zipped

SHA = hashlib.sha256(PDF).hexdigest()
PLAIN = {
    "kind": "document",
    "from": "G99",
    "to": ["000.00.00.H98"],
    "code": "34E31/BTN-VP",
    "date": "2026-03-09",
    "document_id": "G99,2026/03/09,34E31/BTN-VP",
    "subject": "V/v thử & nghiệm",
    "type": {"code": 18, "name": "Công văn"},
    "signer": "Lê Văn Thử",
    "priority": 1,
    "steering": 0,
    "business": 0,
    "response_for": [],
    "acts_on": [],
    "attachments": [
        {"name": "a.pdf", "declared_type": "application/pdf", "bytes": len(PDF), "sha256": SHA, "notes": []}
    ],
    "notes": [],
}


def notes(facts):
    """The codes of the notes, of the message and its files together."""
    said = [*facts["notes"], *(note for each in facts["attachments"] for note in each["notes"])]
    return {note.partition(":")[0] for note in said}


def facts(message, **more):
    return facts_of(read(message, **more))


def same_but(found, odd, **changed):
    """Assert that the facts are the plain message's but for what is named, and that exactly these oddities were."""
    assert notes(found) == set(odd)
    bare = found | {"notes": [], "attachments": [each | {"notes": []} for each in found["attachments"]]}
    assert bare == PLAIN | changed


def test_a_plain_message_says_its_facts_and_nothing_is_odd():
    assert facts(document()) == PLAIN
    assert not read(document()).damaged


def test_a_status_says_its_own():
    assert facts(status()) == {
        "kind": "status",
        "from": "000.00.00.H98",
        "to": [],
        "code": None,
        "date": None,
        "document_id": "G99,2026/03/09,34E31/BTN-VP",
        "subject": None,
        "type": {"code": None, "name": None},
        "signer": None,
        "priority": None,
        "steering": None,
        "business": None,
        "response_for": [
            {
                "organ_id": "G99",
                "code": "34E31/BTN-VP",
                "document_id": "G99,2026/03/09,34E31/BTN-VP",
                "date": "2026-03-09",
            }
        ],
        "acts_on": [],
        "attachments": [],
        "status_code": "03",
        "description": "Đã vào sổ",
        "timestamp": "2026/03/10 09:05:01",
        "timestamp_iso": "2026-03-10T09:05:01",
        "notes": [],
    }


def swap(*pairs, message=None):
    text = (message or document()).decode()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


# --- spelling, prefixes, order ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "odd"),
    [
        ([("Bussiness", "Business")], {"spelling"}),
        ([("edXMLManifest", "Manifest")], {"spelling"}),
        ([("OrganId>", "organId>"), ("CodeNumber>", "CODENUMBER>")], {"spelling"}),
        ([("edXML:", ""), ("xmlns:edXML", "xmlns:x"), ('xmlns:="', 'xmlns:y="')], set()),
        ([("edXML:", "ed:"), ("xmlns:edXML", "xmlns:ed")], set()),
        ([(f' xmlns:edXML="{URI}"', "")], {"undeclared-prefix"}),
        ([(URI, "http://www.go.vn/eDoc")], {"namespace"}),
        ([(f'<edXML xmlns="{URI}">', "<edXML>"), (f' xmlns:edXML="{URI}"', ' xmlns:edXML=""')], {"no-namespace"}),
        ([(' version="1.0">', ' xlink:href="" version="1.0">')], {"undeclared-prefix"}),
        ([("<edXML:Subject>", '<edXML:Subject a="b"><!-- <edXML:Subject>khác</edXML:Subject> -->')], set()),
        ([("V/v thử &amp; nghiệm", "<![CDATA[V/v thử & nghiệm]]>")], set()),
        ([("V/v thử &amp; nghiệm", "\n   V/v thử &#38; nghiệm\t")], set()),
        ([("<edXML:Subject>", "<edXML:New>x</edXML:New><edXML:Subject>")], {"unknown-element"}),
        ([("<edXML:Subject>", "<edXML:Subject/><edXML:Subject>")], {"empty"}),
        ([("<edXML:Code>", "<!-- <edXML:StatusCode>02</edXML:StatusCode> --><edXML:Code>")], set()),
        ([("<edXML:SteeringType>0", "<?hint a?><edXML:SteeringType>0")], {"instruction"}),
    ],
)
def test_ways_of_writing_that_change_nothing(pairs, odd):
    if ("edXML:", "") in pairs:
        pairs = [("edXML:edXML", "edXML"), ("<edXML:", "<"), ("</edXML:", "</"), ("xmlns:edXML", "xmlns:other")]
    elif ("edXML:", "ed:") in pairs:
        pairs = [("<edXML:", "<ed:"), ("</edXML:", "</ed:"), ("xmlns:edXML", "xmlns:ed")]
    same_but(facts(swap(*pairs)), odd)


def test_the_order_of_elements_is_free():
    shuffled = edxml.SUBJECT + edxml.STEERING + edxml.OTHER + edxml.ISSUED + edxml.TO + edxml.CODE
    header = shuffled + edxml.SIGNER + edxml.TYPE + edxml.ID + edxml.FROM
    assert facts(document(header, trace=edxml.BUSINESS + edxml.HOP)) == PLAIN


def test_what_comes_again_is_kept_and_the_first_counts():
    again = HEADER + "<edXML:Subject>Khác</edXML:Subject>" + edxml.CODE.replace("34E31", "9")
    message = read(document(again))
    same_but(facts_of(message), {"repeated"})
    assert [(kept.name, kept.parts[0] if kept.name == "Subject" else "") for kept in message.header.unknown] == [
        ("Subject", "Khác"),
        ("Code", ""),
    ]


def test_an_element_of_the_regulation_comes_before_one_of_another_namespace():
    foreign = '<x:Subject xmlns:x="urn:x" a="b">Khác</x:Subject>'
    for header in (foreign + HEADER, HEADER + foreign):
        message = read(document(header))
        same_but(facts_of(message), {"repeated"})
        assert [(kept.name, kept.namespace, kept.attributes) for kept in message.header.unknown] == [
            ("Subject", "urn:x", (("a", "b"),))
        ]
        assert message.header.attributes == ()


def test_several_receivers_and_an_old_code_of_one_of_them():
    old = edxml.TO.replace("000.00.00.H98", "H98").replace(
        "<edXML:OrganName>",
        "<edXML:OrganizationInCharge>TLTVBQG_CDMDD_QD20</edXML:OrganizationInCharge><edXML:OrganName>",
    )
    same_but(facts(document(HEADER + old)), {"old-code"}, to=["000.00.00.H98", "H98"])
    assert facts(document(HEADER + edxml.TO))["to"] == ["000.00.00.H98", "000.00.00.H98"]
    same_but(facts(document(HEADER + "<edXML:To/>")), {"unnamed-receiver"})
    same_but(facts(swap(("000.00.00.H98", "G99"))), {"same-unit"}, to=["G99"])


# --- empty, missing, filler ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left_out", "changed"),
    [
        (edxml.ISSUED, {"date": None}),
        (edxml.TYPE, {"type": {"code": None, "name": None}}),
        (edxml.CODE, {"code": None}),
        (edxml.ID, {"document_id": None}),
        (edxml.SUBJECT, {"subject": None}),
        (edxml.FROM, {"from": None}),
        (edxml.TO, {"to": []}),
    ],
)
def test_missing_parts_are_named(left_out, changed):
    same_but(facts(document(HEADER.replace(left_out, ""))), {"missing"}, **changed)


def test_missing_parts_that_nobody_needs_are_not():
    for left_out, changed in (
        (edxml.SIGNER, {"signer": None}),
        (edxml.OTHER, {"priority": None}),
        (edxml.STEERING, {"steering": None}),
    ):
        same_but(facts(document(HEADER.replace(left_out, ""))), set(), **changed)


def test_no_trace_and_no_business_mean_a_new_document():
    same_but(facts(document(trace=None)), {"missing", "new-by-default"})
    same_but(facts(document(trace=edxml.HOP)), {"new-by-default"})
    nameless = "<edXML:TraceHeader><edXML:Timestamp>2026/03/09 08:30:00</edXML:Timestamp></edXML:TraceHeader>"
    same_but(facts(document(trace=nameless + edxml.BUSINESS)), {"missing"})
    same_but(facts(document(trace=edxml.HOP.replace("G99", "null") + edxml.BUSINESS)), set())


EMPTY_RESPONSE = (
    "<edXML:ResponseFor><edXML:OrganId/><edXML:Code></edXML:Code><edXML:PromulgationDate> </edXML:PromulgationDate>"
    "<edXML:DocumentId/></edXML:ResponseFor>"
)


@pytest.mark.parametrize("response", ["<edXML:ResponseFor/>", "<edXML:ResponseFor>\r\n</edXML:ResponseFor>"])
def test_an_empty_response_is_none(response):
    same_but(facts(document(HEADER + response)), {"empty-response"})


def test_a_response_of_four_empty_elements_is_none():
    same_but(facts(document(HEADER + EMPTY_RESPONSE)), {"empty-response", "empty"})


def test_responses_are_listed():
    second = edxml.RESPONSE.replace("34E31", "7").replace("2026/03/09</edXML:Prom", "09/03/2026</edXML:Prom")
    nested = (
        "<edXML:ResponseFor><edXML:OrganId>H98</edXML:OrganId><edXML:Code><edXML:CodeNumber>8</edXML:CodeNumber>"
        "<edXML:CodeNotation>UBND</edXML:CodeNotation></edXML:Code></edXML:ResponseFor>"
    )
    found = facts(document(HEADER + edxml.RESPONSE + EMPTY_RESPONSE + second + nested))
    assert found["response_for"] == [
        {
            "organ_id": "G99",
            "code": "34E31/BTN-VP",
            "document_id": "G99,2026/03/09,34E31/BTN-VP",
            "date": "2026-03-09",
        },
        {"organ_id": "G99", "code": "7/BTN-VP", "document_id": "G99,2026/03/09,7/BTN-VP", "date": "2026-03-09"},
        {"organ_id": "H98", "code": "8/UBND", "document_id": None, "date": None},
    ]


@pytest.mark.parametrize("filler", ["N/A", "null", "NULL", "n/a"])
def test_fillers_say_nothing(filler):
    same_but(
        facts(
            swap(
                ("Lê Văn Thử", filler), ("34E31</", f"{filler}</"), ("2026/03/09</edXML:Prom", f"{filler}</edXML:Prom")
            )
        ),
        {"filler", "code-half"},
        signer=None,
        code="BTN-VP",
        date=None,
    )


@pytest.mark.parametrize(
    ("number", "notation", "code", "odd"),
    [
        ("12", "QĐ-BTN", "12/QĐ-BTN", set()),
        (" 12 ", "\n/ QĐ-BTN", "12/QĐ-BTN", set()),
        ("12/QĐ-BTN", "QĐ-BTN", "12/QĐ-BTN", {"code-doubled"}),
        ("12/QĐ-BTN", "", "12/QĐ-BTN", {"code-half", "empty"}),
        ("12/", "QĐ-BTN", "12/QĐ-BTN", set()),
        ("", "QĐ-BTN", "QĐ-BTN", {"code-half", "empty"}),
        ("BINTEST123", "2026/QĐ-BTN", "BINTEST123/2026/QĐ-BTN", set()),
        ("12 a", "QĐ - BTN", "12 a/QĐ - BTN", set()),
    ],
)
def test_number_and_notation(number, notation, code, odd):
    same_but(facts(swap(("34E31</", f"{number}</"), (">BTN-VP<", f">{notation}<"))), odd, code=code)


def test_a_flat_code():
    flat = document(HEADER.replace(edxml.CODE, "<edXML:Code>12/QĐ-BTN</edXML:Code>"))
    same_but(facts(flat), {"stray-text", "code-flat"}, code="12/QĐ-BTN")


# --- dates and numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "09/03/2026",
        "9/3/2026",
        "2026-03-09",
        "2026/3/9",
        "2026/03/09 00:00:00",
        "09/03/2026 14:05",
        "2026-03-09T00:00:00",
        "2026-03-09T00:00:00.000+07:00",
        "2026-03-09T00:00:00Z",
        "09-03-2026",
        "09.03.2026",
        "09/03/2026 12:00:00 AM",
        "09/03/2026 12:00:00 SA",
    ],
)
def test_days_are_read_by_where_the_year_stands(written):
    same_but(facts(swap(("2026/03/09</edXML:Prom", f"{written}</edXML:Prom"))), {"date-form"})


@pytest.mark.parametrize(
    "written", ["2014/02/30", "30/02/2014", "hôm qua", "09/03/26", "2026", "2026/13/01", "0000/01/01", "٢٠٢٦/٠٣/٠٩"]
)
def test_days_that_are_none_are_told_with_their_text(written):
    found = facts(swap(("2026/03/09</edXML:Prom", f"{written}</edXML:Prom")))
    same_but(found, {"date"}, date=None)
    assert written in found["notes"][0]


def test_an_empty_day_is_none():
    same_but(facts(swap(("2026/03/09</edXML:Prom", "</edXML:Prom"))), {"empty"}, date=None)


def test_impossible_days_in_an_identifier_are_nobodys_business():
    same_but(facts(swap((">G99,2026/03/09,", ">G99,2014/02/30,"))), set(), document_id="G99,2014/02/30,34E31/BTN-VP")


@pytest.mark.parametrize(
    ("given", "priority", "odd"),
    [
        ("0", 0, set()),
        ("4", 4, set()),
        ("", None, {"empty"}),
        ("9", 9, {"out-of-table"}),
        ("Thượng khẩn", 2, {"number-in-words"}),
        ("HỎA TỐC", 3, {"number-in-words"}),
        ("gấp", None, {"number"}),
    ],
)
def test_priorities(given, priority, odd):
    same_but(facts(swap(("<edXML:Priority>1", f"<edXML:Priority>{given}"))), odd, priority=priority)


def test_other_numbers_that_are_none():
    same_but(facts(swap(("<edXML:SteeringType>0", "<edXML:SteeringType>"))), {"empty"}, steering=None)
    same_but(facts(swap(("<edXML:SteeringType>0", "<edXML:SteeringType>-7"))), {"out-of-table"}, steering=-7)
    same_but(facts(swap((">18<", ">CV<"))), {"number"}, type={"code": "CV", "name": "Công văn"})
    same_but(facts(swap((">18<", "><"))), {"empty"}, type={"code": None, "name": "Công văn"})


# --- recall, update, replace --------------------------------------------------------------------------------------------


def business(kind, more=""):
    return (
        f"<edXML:Bussiness>{more}<edXML:BussinessDocType>{kind}</edXML:BussinessDocType>"
        "<edXML:BussinessDocReason>Lý do</edXML:BussinessDocReason></edXML:Bussiness>"
    )


def test_a_recall_speaks_of_what_it_answers():
    message = read(document(HEADER + edxml.RESPONSE, trace=edxml.HOP + business(1)))
    assert facts_of(message)["business"] == 1
    assert acted_on(message) == ("G99,2026/03/09,34E31/BTN-VP",)


def test_an_update_speaks_of_the_document_of_its_business():
    receivers = (
        "<edXML:DocumentId>A,2026/01/02,3/B</edXML:DocumentId><edXML:BussinessDocumentInfo><edXML:DocumentInfo>1</edXML:DocumentInfo>"
        "<edXML:DocumentReceiver>1</edXML:DocumentReceiver><edXML:ReceiverList><edXML:Receiver><edXML:OrganId>H1</edXML:OrganId>"
        "<edXML:receiverType>0</edXML:receiverType></edXML:Receiver></edXML:ReceiverList></edXML:BussinessDocumentInfo>"
    )
    message = read(document(trace=edxml.HOP + business(2, receivers)))
    found = facts_of(message)
    assert (found["business"], acted_on(message), notes(found)) == (2, ("A,2026/01/02,3/B",), {"spelling"})
    assert message.business.document.receiver_list.receiver[0].type == "0"


def test_a_replacement_speaks_of_the_documents_of_its_list():
    replaced = "".join(
        f"<edXML:ReplacementInfo><edXML:DocumentId>{name}</edXML:DocumentId><edXML:OrganIdList>"
        "<edXML:OrganId>H1</edXML:OrganId><edXML:OrganId>H2</edXML:OrganId></edXML:OrganIdList></edXML:ReplacementInfo>"
        for name in ("A,1", "A,2")
    )
    listed = f"<edXML:ReplacementInfoList>{replaced}</edXML:ReplacementInfoList>"
    message = read(document(trace=edxml.HOP + business(3, listed)))
    assert (facts_of(message)["business"], acted_on(message)) == (3, ("A,1", "A,2"))
    assert message.business.replacements.replacement[1].organ_ids.organ_id == ("H1", "H2")


def test_a_new_document_speaks_of_none_whatever_stands_there():
    message = read(document(trace=edxml.HOP + business(0, "<edXML:DocumentId>A,1</edXML:DocumentId>")))
    assert (facts_of(message), acted_on(message)) == (PLAIN, ())


@pytest.mark.parametrize(
    ("given", "kind", "odd"), [("7", None, "out-of-table"), ("", 0, "new-by-default"), ("mới", None, "out-of-table")]
)
def test_business_types_outside_the_table(given, kind, odd):
    found = facts(document(trace=edxml.HOP + business(given)))
    assert found["business"] == kind
    assert odd in notes(found)


def test_what_makes_a_message_the_same_again():
    assert same_message(read(document())) == ("G99,2026/03/09,34E31/BTN-VP", "G99", 0)
    assert same_message(read(document(trace=None))) == same_message(read(document()))
    assert same_message(read(document(trace=business(1)))) != same_message(read(document()))


# --- the file -------------------------------------------------------------------------------------------------------------


def test_marks_and_white_space_around_the_message():
    same_but(facts(b"\xef\xbb\xbf" + document()), {"byte-order-mark"})
    same_but(facts(b"\r\n \t" + document()), {"space-before"})
    same_but(facts(b"\xef\xbb\xbf\r\n" + document()), {"byte-order-mark"})
    same_but(facts(document() + b"\r\n\r\n  "), set())
    same_but(facts(document(declaration="")), set())


def test_other_letters():
    text = document().decode()
    same_but(facts(text.replace("UTF-8", "UTF-16").encode("utf-16")), {"byte-order-mark", "other-encoding"})
    same_but(facts(text.replace("UTF-8", "UTF-16").encode("utf-16-le")), {"other-encoding"})
    same_but(facts(text.encode("utf-16-be")), {"other-encoding"})
    same_but(facts(text.replace("UTF-8", "utf-16").encode()), {"encoding"})
    same_but(facts(text.replace("UTF-8", "unicode").encode()), {"encoding"})
    same_but(facts(text.replace("UTF-8", "utf8").encode()), set())
    latin = text.replace("UTF-8", "iso-8859-1")
    for letter in {letter for letter in latin if ord(letter) > 255}:
        latin = latin.replace(letter, f"&#{ord(letter)};")
    same_but(facts(latin.encode("iso-8859-1")), {"other-encoding"})


def test_a_whole_message_wrapped_once_more():
    plain = document()
    one = io.BytesIO()
    with zipfile.ZipFile(one, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("message.edxml", plain)
    for wrapped in (gzip.compress(plain), base64.encodebytes(plain), one.getvalue()):
        same_but(facts(wrapped), {"wrapped"})


def refused(kind, message, at=None, **more):
    with pytest.raises(kind) as no:
        read(message, **more)
    assert no.value.message
    assert no.value.at
    if at is not None:
        assert no.value.at == at
    return no.value


def test_junk_is_refused_at_its_place_or_cut_away_when_asked():
    refused(JunkBefore, b"1212" + document(), "byte 0")
    refused(JunkBefore, b"\xef\xbb\xbf1212" + document(), "byte 3")
    assert refused(JunkAfter, document() + b"junk").at.startswith("line 3, column 1, byte ")
    refused(JunkAfter, document() + b"\0\0\0")
    refused(JunkAfter, document() + document())
    for message, odd in ((b"1212" + document(), "repaired-before"), (document() + b"junk", "repaired-after")):
        found = read(message, repair=True)
        assert found.damaged
        same_but(facts_of(found), {odd})


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (EmptyMessage, b""),
        (EmptyMessage, b" \r\n\t"),
        (NotXml, b"hello"),
        (NotXml, b"\0" * 4096),
        (NotXml, b"%PDF-1.4 ..."),
        (NotXml, b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n--x"),
        (NotXml, b'{"status":"OK","data":"PD94bWw="}'),
        (NotXml, zipped(("a.xml", b"<a/>"), ("b.xml", b"<b/>"))),
        (DamagedWrapping, b"\x1f\x8b\x08\0broken"),
        (DamagedWrapping, gzip.compress(document())[:-20]),
        (DamagedWrapping, b"PK\x03\x04broken"),
        (DamagedWrapping, base64.b64encode(document())[:-3]),
        (CutShort, document()[:-9]),
        (CutShort, document()[:700]),
        (CutShort, b'<?xml version="1.0"?>'),
        (NotWellFormed, swap(("</edXML:Subject>", "</edXML:Content>"))),
        (NotWellFormed, swap(("&amp;", "&"))),
        (NotWellFormed, swap(("&amp;", "&nbsp;"))),
        (NotWellFormed, swap(("thử", "th\x01ử"))),
        (NotWellFormed, document().replace("thử".encode(), b"th\xff")),
        (NotWellFormed, swap((' version="1.0">', ' version="1.0" version="1.1">'))),
        (BadEncoding, document().decode().encode("utf-16-le") + b"\0\xd8"),
        (NotEdxml, b"<html><body/></html>"),
        (NotEdxml, b'<?xml version="1.0"?><Envelope/>'),
        (NoHeader, f'<edXML xmlns="{URI}"/>'.encode()),
        (NoHeader, f'<edXML xmlns="{URI}"><edXMLEnvelope><edXMLHeader/></edXMLEnvelope></edXML>'.encode()),
    ],
)
def test_what_is_no_message_is_refused(kind, message):
    refused(kind, message)


def test_a_refusal_names_the_place():
    assert refused(NotWellFormed, b"<edXML>\n  <a>x</b></edXML>").at == "line 2, column 9, byte 16"
    assert "“a”" in refused(NotWellFormed, b"<edXML>\n  <a>x</b></edXML>").message
    assert "&" in refused(NotWellFormed, b"<edXML><a>x & y</a></edXML>").message


@pytest.mark.parametrize(
    "message",
    [
        document().replace(b"<edXML xmlns", b"<!DOCTYPE edXML>\n<edXML xmlns"),
        document().replace(b"<edXML xmlns", b'<!DOCTYPE edXML SYSTEM "file:///etc/passwd">\n<edXML xmlns'),
        document(declaration='<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>'),
        document().decode().replace("<edXML xmlns", "<!DOCTYPE edXML><edXML xmlns").encode("utf-16"),
        b"\xef\xbb\xbf" + document(declaration="<!DOCTYPE x>"),
        gzip.compress(document(declaration="<!DOCTYPE x>")),
        b"1212<?xml version='1.0'?><!DOCTYPE x>" + document(declaration=""),
    ],
)
def test_a_doctype_is_refused_wherever_it_stands(message):
    refused(HasDoctype, message, repair=True)


def test_a_doctype_after_the_message_or_inside_it_is_no_xml():
    refused(JunkAfter, document() + b"<!DOCTYPE x>")
    refused(NotWellFormed, swap(("<edXML:Code>", "<!DOCTYPE x><edXML:Code>")))
    same_but(facts(swap(("<edXML:Code>", "<!-- <!DOCTYPE x> --><edXML:Code>"))), set())


def test_forms_that_are_not_of_2016_are_recognised():
    soap = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">{}</s:Envelope>'
    for uri in ("http://www.inetcloud.vn/ns/edxml", "http://www.e-doc.vn/Schema/"):
        old = soap.format(f'<s:Header><MessageHeader xmlns="{uri}"><From/></MessageHeader></s:Header><s:Body/>')
        assert uri in refused(OldForm, old.encode()).message
    refused(OldForm, b'<edXML xmlns="http://www.e-doc.vn/Schema/"><MessageHeader/></edXML>')
    refused(NotEdxml, soap.format("<s:Body><ping/></s:Body>").encode())


def test_a_message_in_a_soap_envelope():
    inner = document(declaration="").decode()
    soap = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/><s:Body>{}</s:Body></s:Envelope>'
    same_but(facts(soap.format(inner).encode()), {"soap"})
    header = f'<MessageHeader xmlns="{URI}" OriginalBodyRequested="false">{HEADER}</MessageHeader>'.replace(
        "edXML:", ""
    )
    found = facts(soap.replace("<s:Header/>", f"<s:Header>{header}</s:Header>").format("").encode())
    assert (found["code"], found["to"]) == ("34E31/BTN-VP", ["000.00.00.H98"])


def test_an_envelope_that_sends_nothing_is_not_an_exchange():
    report = (
        f'<edXML xmlns="{URI}"><edXMLEnvelope><edXMLHeader><MessageHeader><From><OrganId>G99</OrganId></From>'
        "<Subject>Báo cáo mã độc</Subject></MessageHeader>"
        '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></edXMLHeader></edXMLEnvelope></edXML>'
    )
    refused(NotAnExchange, report.encode())


def test_containers_in_the_wrong_place_are_found():
    text = document().decode()
    block = text[text.index("<AttachmentEncoded>") : text.index("</edXML>")]
    inside = text.replace(block, "").replace("<edXML:edXMLBody>", f"{block}<edXML:edXMLBody>")
    same_but(facts(inside.encode()), {"misplaced"})
    bare = swap(
        ("<edXML:edXMLHeader>", ""), ("</edXML:edXMLHeader>", ""), ("<edXML:edXMLBody>", ""), ("</edXML:edXMLBody>", "")
    )
    same_but(facts(bare), {"misplaced"})
    same_but(facts(swap(("<AttachmentEncoded>", ""), ("</AttachmentEncoded>", ""))), {"misplaced"})
    prefixed = swap(("AttachmentEncoded>", "e:AttachmentEncoded>"), ("<e:Att", "<e:Att"))
    prefixed = prefixed.replace(b"<e:AttachmentEncoded>", f'<e:AttachmentEncoded xmlns:e="{URI}">'.encode())
    same_but(facts(prefixed), set())
    no_root = text.replace(f'<edXML xmlns="{URI}">', "").replace("</edXML>", "")
    no_root = no_root[: no_root.index("<AttachmentEncoded>")]
    found = facts(no_root.encode())
    assert (found["code"], found["attachments"]) == ("34E31/BTN-VP", [])
    assert {"root", "reference-without-attachment"} <= notes(found)


# --- signatures -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "block",
    [
        "<Signature><SignedInfo/><SignatureValue>AAAA</SignatureValue></Signature>",
        '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignatureValue>x</SignatureValue></Signature>',
        '<Signature xmlns=""><DigestMethod>sha1</DigestMethod></Signature>',
        "<edXML:DigitalSignature/>",
    ],
)
def test_a_signature_block_is_kept_and_never_believed(block):
    message = read(document(signature=block))
    same_but(facts_of(message), {"signature"})
    assert len(message.envelope.header.signatures) == 1
    assert not message.damaged


# --- files ------------------------------------------------------------------------------------------------------------------


def one_file(content, name="a.pdf", kind="application/pdf", **more):
    message = read(
        document(references=reference(name=name, kind=kind), attachments=attachment(content, name=name, kind=kind)),
        **more,
    )
    found = facts_of(message)
    assert found["notes"] == []
    (only,) = found["attachments"]
    return message, only, notes(found)


XLSX = zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))


@pytest.mark.parametrize(
    ("name", "kind", "carried", "file", "odd"),
    [
        ("a.pdf", "application/pdf", PDF, PDF, set()),
        ("a.PDF", "application/pdf", PDF, PDF, set()),
        ("a.doc", "application/doc", b"\xd0\xcf\x11\xe0doc", b"\xd0\xcf\x11\xe0doc", set()),
        ("a.txt", "application/zip", zipped(("0b1c.txt", b"xin")), b"xin", {"unwrapped"}),
        ("a.doc", "application/zip", zipped(("0b1c.edxml", b"word")), b"word", {"unwrapped"}),
        ("a.doc", "application/doc", zipped(("0b1c.doc", b"word")), b"word", {"unwrapped", "undeclared-zip"}),
        ("a.pdf", "application/pdf", zipped(("../../x.pdf", PDF)), PDF, {"unwrapped", "undeclared-zip"}),
        ("a.pdf", "application/zip", PDF, PDF, {"not-a-zip"}),
        ("a.xlsx", "application/zip", zipped(("0b1c.xlsx", XLSX)), XLSX, {"unwrapped"}),
        ("a.xlsx", "application/xslx", zipped(("0b1c.xlsx", XLSX)), XLSX, {"unwrapped", "undeclared-zip"}),
        ("a.xlsx", "application/zip", zipped(("0b1c.xlsx", b"not a sheet")), b"not a sheet", {"unwrapped"}),
        ("a.xlsx", "application/zip", XLSX, XLSX, set()),
        ("a.docx", "application/docx", XLSX, XLSX, set()),
        ("a.odt", "application/zip", zipped(("content.xml", b"<x/>")), zipped(("content.xml", b"<x/>")), set()),
        ("a.zip", "application/zip", zipped(("x", b"y")), zipped(("x", b"y")), set()),
        (
            "a.ZIP",
            "application/zip",
            zipped(("x.zip", zipped(("x", b"y")))),
            zipped(("x.zip", zipped(("x", b"y")))),
            set(),
        ),
        (
            "a.txt",
            "application/zip",
            zipped(("x", b"1"), ("y", b"2")),
            zipped(("x", b"1"), ("y", b"2")),
            {"zip-of-many"},
        ),
        ("a", "application/zip", zipped(("x", b"1")), b"1", {"unwrapped"}),
        ("a.txt", "text/plain", b"", b"", {"no-content", "empty"}),
        ("a.pdf", "application/pdf", b"PD thing", b"PD thing", {"not-a-pdf"}),
    ],
)
def test_packings(name, kind, carried, file, odd):
    if not carried:
        message = read(
            document(references=reference(name=name, kind=kind), attachments=attachment(b"", name=name, kind=kind))
        )
        only, found = facts_of(message)["attachments"][0], notes(facts_of(message))
        assert message.damaged
        odd = {"no-content"}
    else:
        message, only, found = one_file(carried, name, kind)
        assert not message.damaged
    assert found == odd
    assert message.attachments[0].file == file
    digest = hashlib.sha256(file).hexdigest()
    assert only == {"name": name, "declared_type": kind, "bytes": len(file), "sha256": digest, "notes": only["notes"]}


def spoiled(archive):
    """A zip whose content no longer agrees with its CRC."""
    at = archive.index(b"0b1c.txt") + 10
    return archive[:at] + bytes([archive[at] ^ 0xFF]) + archive[at + 1 :]


def locked():
    out = bytearray(zipped(("0b1c.txt", b"secret")))
    out[6] |= 1
    out[out.index(b"PK\x01\x02") + 8] |= 1
    return bytes(out)


RUINED = (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n<</Filter/FlateDecode>>stream\n" + bytes(range(256)) * 3 + b"\n%%EOF").decode(
    "utf-8", "replace"
)


@pytest.mark.parametrize(
    ("name", "kind", "content", "kept", "odd"),
    [
        ("a.txt", "application/zip", spoiled(zipped(("0b1c.txt", b"xin chao" * 20))), None, "damaged-zip"),
        ("a.txt", "application/zip", zipped(("0b1c.txt", b"xin chao" * 20))[:60], None, "damaged-zip"),
        ("a.txt", "application/zip", b"PK\x03\x04 nothing", None, "damaged-zip"),
        ("a.txt", "application/zip", zipped(), None, "empty-zip"),
        ("a.txt", "application/zip", locked(), None, "locked-zip"),
        ("a.zip", "application/zip", zipped(("x", b"y"))[:40], None, "damaged-zip"),
        ("a.pdf", "application/pdf", "BASE64_OF_THE_FILE", b"BASE64_OF_THE_FILE", "not-base64"),
        ("a.pdf", "application/pdf", "nội dung tệp", "nội dung tệp".encode(), "not-base64"),
        ("a.pdf", "application/pdf", b64(PDF)[:-3] + "!!=", (b64(PDF)[:-3] + "!!=").encode(), "not-base64"),
        ("a.pdf", "application/pdf", b64(PDF + b"xyz")[:-2], (PDF + b"xyz")[:-2], "cut-base64"),
        ("a.pdf", "application/pdf", b64(PDF + b"xyz")[:-3], (PDF + b"xyz")[:-3], "cut-base64"),
        ("a.pdf", "application/pdf", RUINED.encode(), RUINED.encode(), "ruined-pdf"),
    ],
)
def test_damage_keeps_the_bytes_and_does_not_fail_the_message(name, kind, content, kept, odd):
    message, only, found = one_file(content, name, kind)
    kept = content if kept is None else kept
    assert message.damaged
    assert odd in found
    assert (only["bytes"], only["sha256"]) == (len(kept), hashlib.sha256(kept).hexdigest())
    bare = facts_of(message) | {"attachments": []}
    assert bare == PLAIN | {"attachments": []}


def test_base64_in_lines():
    lines = base64.encodebytes(PDF * 9).decode().replace("\n", "\r\n  ")
    _message, only, found = one_file(f"\r\n{lines}\t")
    assert (only["sha256"], found) == (hashlib.sha256(PDF * 9).hexdigest(), {"base64-spaced"})
    _message, only, found = one_file(f"\r\n    {b64(PDF)}\r\n  ")
    assert (only["sha256"], found) == (SHA, set())
    _message, only, found = one_file(f"data:application/pdf;base64,{b64(PDF)}")
    assert (only["sha256"], found) == (SHA, {"data-uri"})
    _message, only, found = one_file(f"{b64(PDF)[:8]}<!-- x --><![CDATA[{b64(PDF)[8:]}]]>")
    assert (only["sha256"], found) == (SHA, set())


@pytest.mark.parametrize(
    ("given", "shown", "odd"),
    [
        ("1896 (dự thảo) Lần 2.PDF", "1896 (dự thảo) Lần 2.PDF", set()),
        ("C:\\VB\\đi\\a.pdf", "a.pdf", {"path-in-name"}),
        ("../../etc/a.pdf", "a.pdf", {"path-in-name"}),
        ("a&amp;b.pdf", "a&b.pdf", set()),
        ("e\u0302\u0301\u00a0x.pdf", "e\u0302\u0301\u00a0x.pdf", set()),
        ("thư mục/", None, {"no-name", "not-a-pdf"}),
        ("..", None, {"no-name"}),
    ],
)
def test_names(given, shown, odd):
    _message, only, found = one_file(PDF, given)
    assert only["name"] == shown
    assert found == odd - {"not-a-pdf"}


@pytest.mark.parametrize(
    ("ours", "theirs", "odd"),
    [
        ("cid:1", "cid:1", set()),
        ("cid:1", "1", set()),
        ("1", "1", set()),
        ("cid:cid:1", "cid:1", {"content-id"}),
        ("CID:1", "cid: 1", set()),
        ("cid:1", "cid:2", {"joined-by-name"}),
    ],
)
def test_content_ids(ours, theirs, odd):
    found = facts(document(references=reference(cid=ours), attachments=attachment(PDF, cid=theirs)))
    same_but(found, odd)


def test_a_reference_that_names_its_file_by_href():
    href = reference(cid="", more=' xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="cid:7" xlink:type="simple"')
    other = reference(cid="cid:8", name="b.pdf")
    files = attachment(PDF, cid="8", name="") + attachment(PDF + b"2", cid="7", name="")
    message = read(document(references=href + other, attachments=files))
    assert [each.shown_name for each in message.attachments] == ["b.pdf", "a.pdf"]
    assert "order" in notes(facts_of(message))


def test_join_by_name_then_by_position():
    references = reference(cid="x", name="a.pdf") + reference(cid="y", name="b.pdf") + reference(cid="z", name="c.pdf")
    files = (
        attachment(PDF, cid="1", name="b.pdf")
        + attachment(PDF, cid="2", name="a.pdf")
        + attachment(PDF, cid="3", name="")
    )
    message = read(document(references=references, attachments=files))
    assert [(each.reference, each.shown_name) for each in message.attachments] == [
        (1, "b.pdf"),
        (0, "a.pdf"),
        (2, "c.pdf"),
    ]
    assert {"joined-by-name", "joined-by-position", "order"} <= notes(facts_of(message))
    assert not message.damaged


def test_manifest_and_files_that_disagree():
    more = read(document(attachments=attachment(PDF) + attachment(b"2", cid="cid:2", name="b.txt", kind="text/plain")))
    found = facts_of(more)
    assert [each["name"] for each in found["attachments"]] == ["a.pdf", "b.txt"]
    assert (notes(found), more.damaged) == ({"attachment-without-reference"}, False)
    fewer = read(document(references=reference() + reference(cid="cid:2", name="b.txt")))
    found = facts_of(fewer)
    assert [each["name"] for each in found["attachments"]] == ["a.pdf"]
    assert (notes(found), fewer.damaged) == ({"reference-without-attachment"}, True)
    none = read(document(attachments=""))
    assert (facts_of(none)["attachments"], notes(facts_of(none)), none.damaged) == (
        [],
        {"reference-without-attachment"},
        True,
    )
    unlisted = read(document(references=""))
    assert (notes(facts_of(unlisted)), unlisted.damaged) == ({"missing"}, False)
    typed = facts(document(references=reference(kind="text/plain")))
    assert (typed["attachments"][0]["declared_type"], notes(typed)) == ("application/pdf", {"types-differ"})
    named = facts(document(references=reference(name="b.pdf")))
    assert (named["attachments"][0]["name"], notes(named)) == ("a.pdf", {"names-differ"})
    twice = facts(document(attachments=attachment(PDF) + attachment(PDF, cid="cid:2")))
    assert "same-name" in notes(twice)
    assert facts(document(references="", attachments="")) == PLAIN | {"attachments": []}


def test_a_block_that_is_not_of_the_regulation_is_told():
    block = (
        "<edXML:edXMLAttachments><edXML:Attachment><edXML:AttachmentName>a.pdf</edXML:AttachmentName>"
        f"<edXML:AttachmentType>pdf</edXML:AttachmentType><edXML:Size>3</edXML:Size><edXML:Data>{b64(PDF)}</edXML:Data>"
        "</edXML:Attachment></edXML:edXMLAttachments></edXML:edXMLEnvelope>"
    )
    text = document(references="", attachments="").decode().replace("</edXML:edXMLEnvelope>", block)
    text = text.replace("<AttachmentEncoded></AttachmentEncoded>", "")
    message = read(text.encode())
    found = facts_of(message)
    assert (found["attachments"], message.damaged) == ([], True)
    assert notes(found) == {"unknown-element", "no-conformant-attachments"}


# --- statuses -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["01", "02", "03", "04", "05", "06", "13", "15", "16"])
def test_status_codes(code):
    found = facts(status(code=code))
    assert (found["kind"], found["status_code"], found["notes"]) == ("status", code, [])


def test_odd_statuses():
    assert (facts(status(code="99"))["status_code"], notes(facts(status(code="99")))) == ("99", {"unknown-status"})
    assert (facts(status(code="3"))["status_code"], notes(facts(status(code="3")))) == ("03", {"one-digit"})
    timed = edxml.RESPONSE.replace("2026/03/09</edXML:Prom", "2026/03/09 00:00:00</edXML:Prom")
    assert facts(status(response=timed))["response_for"][0]["date"] == "2026-03-09"
    assert facts(status(when="10/03/2026 09:05:01"))["timestamp_iso"] == "2026-03-10T09:05:01"
    late = facts(status(when="chiều qua"))
    assert (late["timestamp"], late["timestamp_iso"], notes(late)) == ("chiều qua", None, {"date"})
    alone = facts(status(response=""))
    assert (alone["document_id"], notes(alone)) == (None, {"missing"})
    empty = facts(status(code=""))
    assert (empty["kind"], empty["status_code"], notes(empty)) == ("status", None, {"missing", "empty"})
    both = facts(swap(("<edXML:Code>", "<edXML:StatusCode>01</edXML:StatusCode><edXML:Code>")))
    assert (both["kind"], "both-kinds" in notes(both)) == ("status", True)


# --- limits ---------------------------------------------------------------------------------------------------------------


def test_limits_of_the_tree():
    refused(TooMuch, document(), limits=Limits(message_bytes=500))
    refused(TooMuch, b"<edXML>" * 100)
    refused(TooMuch, b" " * (3 << 20), limits=Limits(message_bytes=1 << 20))
    refused(TooMuch, document() + b" " * (3 << 20), limits=Limits(message_bytes=1 << 20))
    refused(TooMuch, document(), limits=Limits(elements=20))
    refused(TooMuch, swap((' version="1.0">', "".join(f' a{n}=""' for n in range(70)) + ">")))
    refused(TooMuch, swap((' version="1.0">', f' a="{"x" * (6 << 20)}">')))
    refused(TooMuch, swap(("<edXML:Code>", f"<!--{'x' * (6 << 20)}--><edXML:Code>")))
    refused(TooMuch, document(), limits=Limits(seconds=-1))
    refused(TooMuch, document(attachments=attachment(PDF) * 5), limits=Limits(attachments=4))


def test_very_many_of_anything_take_no_time_to_speak_of():
    """Each would take minutes if anything were looked through once for each; the limit of time is for the whole of it."""
    quick = Limits(seconds=20)
    many = "".join(f"<edXML:To><edXML:OrganId>{n}</edXML:OrganId></edXML:To>" for n in range(15_000))
    assert len(facts(document(HEADER + many), limits=quick)["to"]) == 15_001
    text = document(attachments="").decode().replace("<AttachmentEncoded></AttachmentEncoded>", "{}")
    loose = "<Attachment><ContentTransferEncoded>QQ==</ContentTransferEncoded></Attachment>" * 15_000
    refused(TooMuch, text.format(loose).encode(), limits=quick)
    blocks = "<AttachmentEncoded/>" * 15_000
    assert facts(text.format(blocks).encode(), limits=quick)["attachments"] == []
    refused(TooMuch, document(references="<edXML:Reference/>" * 15_000), limits=quick)
    assert facts(document(HEADER + "<edXML:ResponseFor/>" * 15_000), limits=quick)["response_for"] == []
    assert len(facts(document(HEADER + "<edXML:Subject>x</edXML:Subject>" * 15_000), limits=quick)["notes"]) == 1


def test_bombs_are_not_inflated():
    bomb = zipped(("0b1c.txt", b"\0" * (12 << 20)))
    at = refused(TooMuch, document(attachments=attachment(bomb, name="a.txt", kind="application/zip"))).at
    assert at == "AttachmentEncoded/Attachment[1]"
    small = Limits(inflated_bytes=1 << 20)
    dense = zipped(("0b1c.txt", b"\0" * (2 << 20)))
    refused(TooMuch, document(attachments=attachment(dense, name="a.txt", kind="application/zip")), limits=small)
    refused(TooMuch, gzip.compress(b"<a>" + b" " * (12 << 20)))
    many = zipped(*((f"{n}", b"") for n in range(1001)))
    refused(TooMuch, document(attachments=attachment(many, name="a.txt", kind="application/zip")))
    assert not read(document(attachments=attachment(many, name="a.zip", kind="application/zip"))).damaged


def test_a_name_of_the_length_of_a_message_makes_no_long_note():
    found = facts(swap((">18<", f">{'x' * 100_000}<")))
    assert len(found["notes"][0]) < 300


@pytest.mark.parametrize("spot", range(0, len(document()), 37))
def test_a_message_cut_anywhere_is_refused(spot):
    refused(EdxmlRefused, document()[:spot])


SEEDS = (document(), status(), document(HEADER + edxml.RESPONSE, trace=edxml.HOP + business(3)))


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 40), st.binary(max_size=12)), min_size=1, max_size=4),
)
def test_whatever_happens_to_a_message_it_is_read_or_refused(message, wounds):
    for at, length, put in wounds:
        message = message[: at % len(message)] + put + message[at % len(message) + length :] or b" "
    try:
        found = facts_of(read(message))
    except EdxmlRefused as no:
        assert no.message
        assert no.at
    else:
        assert json.loads(json.dumps(found)) == found
