"""DOCX to PDF: refused with the reason where there is no LibreOffice, and when the file reaches out of itself."""

import io
import shutil
import zipfile

import pytest

from antin.decree30 import judging
from antin.typeset import office
from antin.typeset.template import docx_of
from tests.rooms.typeset.letters import facts

HERE = shutil.which("soffice") is not None
needs_office = pytest.mark.skipif(not HERE, reason="no LibreOffice on this machine")


def repacked(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx_of(facts()))) as package, zipfile.ZipFile(out, "w") as made:
        for name in package.namelist():
            made.writestr(name, package.read(name))
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


LINK = (
    '<Relationships><Relationship Id="r1" Type="http://x/{kind}" Target="file:///etc/passwd" TargetMode="External"/>'
    "</Relationships>"
)


def test_without_libreoffice_the_reason_is_said(monkeypatch):
    monkeypatch.setattr(office, "PROGRAMS", ("no-such-program",))
    with pytest.raises(office.NoOffice):
        office.to_pdf(docx_of(facts()))


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("word/vbaProject.bin", b"x"),
        ("word/embeddings/oleObject1.bin", b"x"),
        ("word/_rels/footer9.xml.rels", LINK.format(kind="image")),
        ("word/footer9.xml", '<a>INCLUDETEXT "file:///etc/passwd"</a>'),
        ("word/footer9.xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    ],
)
def test_what_reaches_out_is_refused_before_it_is_opened(part, content, monkeypatch):
    monkeypatch.setattr(office, "PROGRAMS", ("true",))
    with pytest.raises(office.ReachesOut):
        office.to_pdf(repacked(**{part: content}))


def test_links_to_read_are_no_harm(monkeypatch):
    monkeypatch.setattr(office, "PROGRAMS", ("true",))
    with pytest.raises(office.CannotConvert):  # `true` makes no PDF
        office.to_pdf(repacked(**{"word/_rels/footer9.xml.rels": LINK.format(kind="hyperlink")}))


def test_what_is_no_package_is_refused(monkeypatch):
    monkeypatch.setattr(office, "PROGRAMS", ("true",))
    with pytest.raises(office.CannotConvert):
        office.to_pdf(b"PK\x03\x04 broken")


@needs_office
def test_a_template_comes_back_as_a_page_that_conforms():
    answer = judging.judge(office.to_pdf(docx_of(facts())))
    assert (answer["reason"], answer["findings"]) == (None, [])
    assert answer["facts"]["signer_name"] == "Nguyễn Văn Thắng"
