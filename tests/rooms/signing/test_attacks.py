"""Attacks on signed papers, and papers of real life, each with the verdict and reasons expected of us. No attack is ever valid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from asn1crypto import crl as asn1_crl
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign.fields import MDPPerm

from antin.signing import pades
from antin.signing.report import from_json, to_json
from antin.signing.states import Change, Covers, Verdict
from tests import attacks, pki
from tests.attacks import OTHER, Look, append, body_of, gap_of, number_of, opaque, paper, sign, stream
from tests.pki import make
from tests.rooms.signing.test_corpus import (
    BAD,
    DAY,
    HOUR,
    NONE,
    OK,
    UNSURE,
    Case,
    R,
    S,
    V,
    a_house,
    every_reason,
    judged,
    trusting,
)

CHANGED = {R.INTEGRITY_FAIL, R.CHANGED_AFTER, R.PERSON_ONLY}
FINE = {R.VALID_NO_TSA, R.PERSON_ONLY}


@cache
def signed(level: MDPPerm | None = None) -> bytes:
    """One page, one true signature of the head, seen at the bottom right."""
    return sign(paper(), a_house().head, look=Look(), level=level)


def annotation(subtype: bytes, rect: bytes = b"72 690 500 730", more: bytes = b"") -> bytes:
    return b"<</Type/Annot/Subtype/%s/Rect[%s]/F 4%s>>" % (subtype, rect, more)


def annotated(pdf: bytes, note: bytes, **others: bytes) -> bytes:
    """The page with one more annotation (object 60); `o61=…` further objects."""
    page = body_of(pdf, 3)
    listed = page.replace(b"/Annots [", b"/Annots [ 60 0 R ").replace(b"/Annots[", b"/Annots[60 0 R ")
    assert listed != page
    objects = {int(name[1:]): body for name, body in others.items()}
    return append(pdf, {3: listed, 60: note, **objects})


# In order


def approval() -> Case:
    return Case(signed(), OK, FINE)


def two_approvals() -> Case:
    house = a_house()
    pdf = sign(signed(), house.agency, field="Ky2", look=Look((100, 100, 250, 180), "Da dong dau"))
    return Case(pdf, OK, {R.VALID_NO_TSA})


def seal_over_the_persons_signature() -> Case:
    """As the rules want it: the seal lies over a third of the signature."""
    house = a_house()
    pdf = sign(signed(), house.agency, field="Ky2", look=Look((280, 100, 430, 180), "Da dong dau", filled=True))
    return Case(pdf, OK, {R.VALID_NO_TSA})


def description_changed() -> Case:
    return Case(append(signed(), {70: b"<</Title(khac)>>"}, extra=b"/Info 70 0 R"), OK, FINE)


def note_in_the_margin() -> Case:
    return Case(annotated(signed(), annotation(b"Text", b"20 20 40 40", b"/Contents(xem lai)")), OK, FINE)


def number_written_and_then_sealed() -> Case:
    """Real tools write number and date as annotations on blank paper; the agency signs over them."""
    house = a_house()
    number = annotation(b"FreeText", b"72 600 200 630", b"/Contents(So: 15)/AP<</N 61 0 R>>")
    pdf = annotated(signed(), number, o61=opaque(128, 30, b"So: 15"))
    return Case(sign(pdf, house.agency, field="Ky2", look=Look((100, 100, 250, 180))), OK, {R.VALID_NO_TSA})


def rewritten_the_same() -> Case:
    """A tool that writes objects anew without changing them."""
    pdf = signed()
    return Case(append(pdf, {3: body_of(pdf, 3), 4: body_of(pdf, 4)}), OK, FINE)


def blank_lines_at_the_end() -> Case:
    return Case(signed() + b"\r\n\r\n  \0\0", OK, FINE)


# Incremental saving attacks


def page_rewritten() -> Case:
    return Case(append(signed(), {4: stream(OTHER)}), BAD, CHANGED)


def page_rewritten_without_a_table() -> Case:
    return Case(append(signed(), {4: stream(OTHER)}, xref=False), BAD, CHANGED)


def page_rewritten_by_a_bare_object() -> Case:
    return Case(append(signed(), {4: stream(OTHER)}, xref=False, trailer=False), BAD, CHANGED)


def page_rewritten_with_a_table_of_its_own() -> Case:
    """A cross-reference that leads back to nothing: the signed one is left out."""
    return Case(append(signed(), {4: stream(OTHER)}, previous=False), BAD, CHANGED)


def another_catalogue() -> Case:
    pdf = signed()
    catalogue = body_of(pdf, 1).replace(b"/Pages 2 0 R", b"/Pages 71 0 R")
    objects: dict[int, bytes | None] = {
        70: catalogue,
        71: b"<</Type/Pages/Kids[72 0 R]/Count 1>>",
        72: attacks.PAGE.replace(b"2 0 R", b"71 0 R") % (b"73 0 R", b"", b""),
        73: stream(OTHER),
    }
    return Case(append(pdf, objects, root=70), BAD, CHANGED)


def page_turned() -> Case:
    pdf = signed()
    return Case(append(pdf, {3: body_of(pdf, 3).replace(b"/Type", b"/Rotate 180/Type", 1)}), BAD, CHANGED)


def page_cut() -> Case:
    pdf = signed()
    return Case(append(pdf, {3: body_of(pdf, 3).replace(b"842", b"690")}), BAD, CHANGED)


def fonts_exchanged() -> Case:
    font = attacks.FONT.replace(b"Helvetica", b"Symbol")
    return Case(append(signed(), {5: font}), BAD, CHANGED)


def junk_behind() -> Case:
    return Case(signed() + b"<html>loi may chu</html>\n", UNSURE, {R.JUNK_AFTER, *FINE} - {R.VALID_NO_TSA})


def script_behind() -> Case:
    pdf = signed()
    action = b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>/Type"
    return Case(append(pdf, {1: body_of(pdf, 1).replace(b"/Type", action, 1)}), BAD, CHANGED)


def file_attached() -> Case:
    pdf = signed()
    names = b"/Names<</EmbeddedFiles<</Names[(a) 70 0 R]>>>>/Type"
    objects: dict[int, bytes | None] = {1: body_of(pdf, 1).replace(b"/Type", names, 1), 70: b"<</Type/Filespec/F(a)>>"}
    return Case(append(pdf, objects), BAD, CHANGED)


def signature_taken_out() -> Case:
    """The second signature is emptied by an update: the first one sees it."""
    house = a_house()
    pdf = sign(signed(), house.agency, field="Ky2")
    field = number_of(pdf, b"(Ky2)")
    body = body_of(pdf, field)
    bare = attacks.re.sub(rb"/V \d+ 0 R", b"", body)
    assert bare != body
    return Case(append(pdf, {field: bare}), BAD, {R.INTEGRITY_FAIL, R.CHANGED_AFTER, R.SIGNATURE_DETACHED})


def seal_picture_exchanged() -> Case:
    pdf = signed()
    picture = int(attacks.re.findall(rb"/AP\s*<<\s*/N (\d+) 0 R", pdf)[-1])
    return Case(append(pdf, {picture: opaque(170, 80, b"KHAC")}), BAD, CHANGED)


# Signature wrapping


def wrapped() -> Case:
    """The second signed part is moved back, and in the gap lies another page with a table where the old one was; the digest is
    right all the same."""
    pdf = signed()
    _zero, before, after, rest = gap_of(pdf)
    table, shift = attacks.last_xref(pdf), 4096
    shifted = after + shift
    closing = b"/ByteRange[0 %d %d %d]/Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached>>\nendobj\n"
    closing %= (before, shifted, rest)
    page = b"4 0 obj\n%s\nendobj\n" % stream(OTHER)
    other = pdf[before:after] + closing
    place = before + len(other)
    other += page
    assert len(other) < table - before
    other = other.ljust(table - before)
    size = attacks.size_of(pdf)
    other += b"xref\n4 1\n%010d 00000 n \ntrailer\n<</Size %d/Root 1 0 R/Prev %d>>\n" % (place, size, table + shift)
    wrong = pdf[:before] + other.ljust(shifted - before) + pdf[after:]
    return Case(wrong, BAD, {R.INTEGRITY_FAIL, R.BYTE_RANGE, R.PERSON_ONLY})


# Universal signature forgery


def forged(change: Callable[[bytes], bytes]) -> bytes:
    pdf = signed()
    out = change(pdf)
    assert out != pdf
    return out


def contents_missing() -> Case:
    pdf = signed()
    before, after = gap_of(pdf)[1:3]
    name = pdf.rfind(b"/Contents", 0, before)
    return Case(pdf[:name] + b" " * (after - name) + pdf[after:], BAD, {R.MALFORMED})


def contents_empty() -> Case:
    pdf = signed()
    before, after = gap_of(pdf)[1:3]
    return Case(pdf[:before] + b"<>".ljust(after - before) + pdf[after:], BAD, {R.MALFORMED})


def contents_null() -> Case:
    pdf = signed()
    before, after = gap_of(pdf)[1:3]
    return Case(pdf[:before] + b"null".ljust(after - before) + pdf[after:], BAD, {R.MALFORMED})


def contents_zero() -> Case:
    pdf = signed()
    before, after = gap_of(pdf)[1:3]
    return Case(pdf[:before] + b"<" + b"00" * ((after - before - 2) // 2) + b">" + pdf[after:], BAD, {R.MALFORMED})


def ranged(lie: bytes) -> bytes:
    pdf = signed()
    said = attacks.re.findall(rb"/ByteRange\s*\[[^\]]*\]", pdf)[-1]
    return pdf.replace(said, lie.ljust(len(said)))


def range_missing() -> Case:
    return Case(ranged(b""), BAD, {R.MALFORMED})


def range_null() -> Case:
    return Case(ranged(b"/ByteRange null"), BAD, {R.MALFORMED})


def range_negative() -> Case:
    return Case(ranged(b"/ByteRange [0 -1 -1 0]"), BAD, {R.INTEGRITY_FAIL, R.SAVED_AGAIN, R.PERSON_ONLY})


def range_of_nothing() -> Case:
    return Case(ranged(b"/ByteRange [0 0 0 0]"), BAD, {R.INTEGRITY_FAIL, R.SAVED_AGAIN, R.PERSON_ONLY})


def range_of_strings() -> Case:
    return Case(ranged(b"/ByteRange [(a) 0 0 0]"), BAD, {R.MALFORMED})


def range_too_long() -> Case:
    return Case(ranged(b"/ByteRange [0 99999999 999999999 9]"), BAD, {R.INTEGRITY_FAIL, R.SAVED_AGAIN, R.PERSON_ONLY})


# Shadow attacks


def shadow_hide() -> Case:
    """An opaque picture over the true line is signed with the page; afterwards it is emptied."""
    more = {6: opaque(420, 40, b"So tien: 100 dong")}
    drawn = {7: stream(b"q 1 0 0 1 70 690 cm /Che Do Q")}
    base = paper(content=b"[4 0 R 7 0 R]", resources=b"/XObject<</Che 6 0 R>>", more={**more, **drawn})
    pdf = sign(base, a_house().head)
    empty = stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]")
    return Case(append(pdf, {6: empty}), BAD, CHANGED)


def shadow_hide_by_freeing() -> Case:
    base = paper(
        content=b"[4 0 R 7 0 R]",
        resources=b"/XObject<</Che 6 0 R>>",
        more={6: opaque(420, 40, b"100"), 7: stream(b"q 1 0 0 1 70 690 cm /Che Do Q")},
    )
    return Case(append(sign(base, a_house().head), {6: None}), BAD, CHANGED)


def shadow_replace() -> Case:
    """A form's text field shows one thing when signed and another afterwards."""
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(tien)/V(100)/Rect[72 600 300 630]/F 4/P 3 0 R/AP<</N 7 0 R>>>>"
    more = {6: field, 7: opaque(228, 30, b"100"), 8: b"<</Fields[6 0 R]/DA(/F1 12 Tf)>>"}
    pdf = sign(paper(page=b"/Annots[6 0 R]", catalogue=b"/AcroForm 8 0 R", more=more), a_house().head)
    body = body_of(pdf, 6).replace(b"(100)", b"(900)").replace(b"/N 7 0 R", b"/N 70 0 R")
    return Case(append(pdf, {6: body, 70: opaque(228, 30, b"900")}), BAD, CHANGED)


def shadow_hide_and_replace() -> Case:
    """Another page lies unused in the signed file; only a cross-reference is added, and it is shown instead."""
    pdf = sign(paper(more={8: stream(OTHER)}), a_house().head)
    place = pdf.find(b"8 0 obj")
    return Case(append(pdf, {3: body_of(pdf, 3).replace(b"4 0 R", b"8 0 R")}, at={8: place}), BAD, CHANGED)


def shadow_by_the_table_alone() -> Case:
    """Two bodies of one object are in the signed file; the update holds a table that points to the other, and nothing else."""
    base = paper(more={6: stream(OTHER)})
    hidden = base.find(b"6 0 obj")
    base = base.replace(b"6 0 obj", b"4 0 obj")
    pdf = sign(base, a_house().head)
    return Case(append(pdf, {}, at={4: hidden}), BAD, CHANGED)


def kept_ready_to_appear() -> Case:
    """The page refers to an object that is not there when it is signed, and is there afterwards."""
    pdf = sign(paper(content=b"[4 0 R 50 0 R]"), a_house().head)
    over = stream(b"1 1 1 rg 60 690 500 40 re f 0 0 0 rg " + OTHER)
    return Case(append(pdf, {50: over}), BAD, CHANGED)


def layers_switched() -> Case:
    group = b"/OCProperties<</OCGs[6 0 R]/D<</OFF[6 0 R]>>>>"
    pdf = sign(paper(catalogue=group, more={6: b"<</Type/OCG/Name(a)>>"}), a_house().head)
    return Case(append(pdf, {1: body_of(pdf, 1).replace(b"/OFF", b"/ON")}), BAD, CHANGED)


# Evil annotations, sneaky signatures, certified documents


def text_box_over_the_amount() -> Case:
    note = annotation(b"FreeText", more=b"/Contents(900)/AP<</N 61 0 R>>")
    pdf = annotated(signed(), note, o61=opaque(428, 40, b"So tien phai tra: 900 trieu"))
    return Case(pdf, BAD, {*CHANGED, R.CONTENT_ADDED})


def text_box_on_blank_paper() -> Case:
    note = annotation(b"FreeText", b"72 500 400 530", b"/Contents(va 900 trieu nua)/AP<</N 61 0 R>>")
    pdf = annotated(signed(), note, o61=opaque(328, 30, b"va 900 trieu dong nua"))
    return Case(pdf, UNSURE, {R.CONTENT_ADDED, R.PERSON_ONLY})


def stamp_over_the_amount() -> Case:
    pdf = annotated(signed(), annotation(b"Stamp", more=b"/AP<</N 61 0 R>>"), o61=opaque(428, 40, b"DA HUY"))
    return Case(pdf, BAD, {*CHANGED, R.CONTENT_ADDED})


def redaction_over_the_amount() -> Case:
    pdf = annotated(signed(), annotation(b"Redact", more=b"/AP<</N 61 0 R>>"), o61=opaque(428, 40))
    return Case(pdf, BAD, CHANGED)


def note_that_paints_over_the_amount() -> Case:
    """A harmless kind of note with a harmful picture."""
    pdf = annotated(signed(), annotation(b"Highlight", more=b"/AP<</N 61 0 R>>"), o61=opaque(428, 40, b"900"))
    return Case(pdf, BAD, {*CHANGED, R.CONTENT_ADDED})


def sneaky_signature() -> Case:
    """A second true signer whose picture lies over the amount."""
    house = a_house()
    pdf = sign(signed(), house.agency, field="Ky2", look=Look((60, 685, 520, 730), "900 trieu", filled=True))
    return Case(pdf, UNSURE, {R.CONTENT_HIDDEN, R.VALID_NO_TSA})


def sneaky_signature_of_a_stranger() -> Case:
    stranger = make("Kẻ Lạ", above=None, title="Ông")
    pdf = sign(signed(), stranger, field="Ky2", look=Look((60, 685, 520, 730), "900 trieu", filled=True))
    return Case(pdf, UNSURE, {R.CONTENT_HIDDEN, R.CHAIN_UNTRUSTED, R.PERSON_ONLY})


def certified_and_annotated() -> Case:
    note = annotation(b"Text", b"20 20 40 40", b"/Contents(a)")
    pdf = annotated(signed(MDPPerm.FILL_FORMS), note)
    return Case(pdf, BAD, {R.INTEGRITY_FAIL, R.FORBIDDEN_CHANGE, R.PERSON_ONLY})


def certified_with_notes_allowed() -> Case:
    note = annotation(b"Text", b"20 20 40 40", b"/Contents(a)")
    return Case(annotated(signed(MDPPerm.ANNOTATE), note), OK, FINE)


def certified_for_good_and_signed_again() -> Case:
    pdf = sign(signed(MDPPerm.NO_CHANGES), a_house().agency, field="Ky2")
    return Case(pdf, BAD, {R.INTEGRITY_FAIL, R.FORBIDDEN_CHANGE, R.VALID_NO_TSA})


def certified_for_good() -> Case:
    return Case(signed(MDPPerm.NO_CHANGES), OK, FINE)


# Real life


def saved_again(pdf: bytes) -> bytes:
    """What an arrival-stamp tool does: draw on the page and save the whole file."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.pages[0].contents_add(b"BT /F1 12 Tf 400 800 Td (DEN: 15) Tj ET")
        document.save(out)
    return out.getvalue()


def arrival_stamp_by_saving() -> Case:
    house = a_house()
    pdf = sign(signed(), house.agency, field="Ky2")
    return Case(saved_again(pdf), BAD, {R.INTEGRITY_FAIL, R.SAVED_AGAIN})


def arrival_stamp_by_saving_and_signed_again() -> Case:
    """The recipient's own signature stands, the others are gone: each is said for itself."""
    house = a_house()
    pdf = sign(saved_again(signed()), house.agency, field="Ky2")
    return Case(pdf, BAD, {R.INTEGRITY_FAIL, R.SAVED_AGAIN, R.VALID_NO_TSA})


def sha1_of_its_time() -> Case:
    house = a_house()
    return Case(sign(paper(), house.head, digest="sha1"), UNSURE, {R.WEAK_ALGO, R.PERSON_ONLY})


def pss() -> Case:
    house = pki.house(kind="rsa2048")
    return Case(sign(paper(), house.head, pss=True), OK, FINE, trusting(house))


def brainpool() -> Case:
    house = pki.house(kind="brainpool")
    return Case(sign(paper(), house.head), OK, FINE, trusting(house))


def edwards() -> Case:
    house = pki.house(kind="ed25519")
    return Case(sign(paper(), house.head, digest="sha512"), OK, FINE, trusting(house))


def unsigned_paper() -> Case:
    return Case(paper(), NONE, {R.UNSIGNED})


# Chains, lists and answers


def many_chain_certificates() -> Case:
    """A thousand certificates of one name beside the right one."""
    house = a_house()
    crowd = [make("Gốc cấp", above=None, ca=True) for _ in range(60)]
    pdf = sign(paper(), house.head, brought=[each.der for each in crowd] * 16)
    return Case(pdf, OK, FINE)


def chain_in_a_circle() -> Case:
    """Two authorities that issued each other; neither is ours."""
    first = make("Vòng một", above=None, ca=True)
    second = make("Vòng hai", above=first, ca=True)
    again = pki.issued_again(first, by=second)
    head = make("Nguyễn Văn An", above=second, title="Ông")
    return Case(sign(paper(), head, brought=[again.der, second.der]), UNSURE, {R.CHAIN_UNTRUSTED, R.PERSON_ONLY})


def long_chain() -> Case:
    """Thirty authorities one below the other, the topmost ours."""
    house = a_house()
    above, brought = house.issuing, []
    for level in range(30):
        above = make(f"Tầng {level}", above=above, ca=True)
        brought.append(above.der)
    head = make("Nguyễn Văn An", above=above, title="Ông")
    return Case(sign(paper(), head, brought=brought), UNSURE, {R.CHAIN_UNTRUSTED, R.PERSON_ONLY})


def pinned_signer() -> Case:
    """A self-signed signer whom somebody has put among the anchors."""
    own = make("Nguyễn Văn Bảy", above=None, title="Ông")
    return Case(sign(paper(), own), OK, FINE, pki.Trusting((own.der,), (), ()))


def with_answer(response: bytes) -> Any:
    """The answer about the head lies in the file; the node has a list of the root alone, and the claimed time is all there is."""
    house = a_house()
    pdf = pades.add_revocation_data(signed(), certificates=[], crls=[], ocsps=[response])
    lists = (pki.crl(house.root, at=V - HOUR),)
    return Case(pdf, OK, FINE, trusting(house, crls=lists))


def answer_of_the_issuer() -> Case:
    house = a_house()
    return with_answer(pki.status(house.head, at=V))


def answer_that_it_is_revoked() -> Case:
    house = a_house()
    case = with_answer(pki.status(house.head, at=V, revoked_at=S - HOUR))
    return replace(case, verdict=BAD, reasons={R.CERT_REVOKED, R.PERSON_ONLY})


def answer_of_a_stranger() -> Case:
    thief = make("Gốc cấp", above=None, ca=True)
    case = with_answer(pki.status(a_house().head, at=V, signer=thief))
    return replace(case, verdict=UNSURE, reasons={R.REVOCATION_UNKNOWN, R.PERSON_ONLY})


def answer_about_another() -> Case:
    house = a_house()
    case = with_answer(pki.status(house.agency, at=V))
    return replace(case, verdict=UNSURE, reasons={R.REVOCATION_UNKNOWN, R.PERSON_ONLY})


def answer_of_yesterday() -> Case:
    house = a_house()
    case = with_answer(pki.status(house.head, at=S - 10 * DAY))
    return replace(case, verdict=UNSURE, reasons={R.REVOCATION_UNKNOWN, R.PERSON_ONLY})


# Papers of 2018 to 2025


THEN = datetime(2019, 5, 6, 3, 0, tzinfo=UTC)


@cache
def old_house(kind: str) -> pki.House:
    """An authority of those years, SHA-256 throughout; what is weak are the signatures made under it."""
    life = {"since": THEN - 365 * DAY, "until": THEN + 20 * 365 * DAY}
    root = make("Gốc cũ", above=None, ca=True, depth=1, **life)
    issuing = make("Gốc cũ cấp", above=root, ca=True, depth=0, **life)
    stamp = {"extended": [ExtendedKeyUsageOID.TIME_STAMPING], "key_usage": pki.usage(digital_signature=True)}
    tsa = make("Giờ cũ", above=issuing, **life, **stamp)
    head = make("Nguyễn Văn An", above=issuing, title="Chủ tịch", kind=kind, **life)
    agency = make("Tổng cục Z", above=issuing, **life)
    return pki.House(root, issuing, tsa, head, agency)


def old_paper(verdict: Verdict, reasons: set[R], *, kind: str = "p256", **more: Any) -> Any:
    """Signed in 2019, judged in 2026 with lists of 2026."""
    house = old_house(kind)
    pdf = sign(paper(), house.head, at=THEN, **more)
    return Case(pdf, verdict, {*reasons, R.PERSON_ONLY}, trusting(house, at=V))


def sha1_stamped_in_2019() -> Case:
    return old_paper(OK, {R.WEAK_THEN}, digest="sha1", stamper=old_house("p256").stamper(THEN))


def sha1_not_stamped() -> Case:
    return old_paper(UNSURE, {R.WEAK_ALGO}, digest="sha1")


def sha1_stamped_in_2022() -> Case:
    later = THEN.replace(year=2022)
    return old_paper(UNSURE, {R.WEAK_ALGO, R.CLOCK_DIFFERS}, digest="sha1", stamper=old_house("p256").stamper(later))


def claimed_minutes_after_the_stamp() -> Case:
    """The signer's clock runs ahead: the timestamp counts, and that they differ is said."""
    return old_paper(OK, {R.CLOCK_DIFFERS}, stamper=old_house("p256").stamper(THEN - timedelta(minutes=7)))


def archived_in_the_signature() -> Case:
    """Adobe's older way to last: the lists are among the signed attributes, nothing is kept by the node."""
    house = old_house("p256")
    lists = [pki.crl(house.root, at=THEN - HOUR), pki.crl(house.issuing, at=THEN - HOUR)]
    pdf = sign(
        paper(),
        house.head,
        at=THEN,
        stamper=house.stamper(THEN),
        archived=[asn1_crl.CertificateList.load(each) for each in lists],
        roots=[house.root.der],
    )
    return Case(pdf, OK, {R.PERSON_ONLY}, trusting(house, at=V, crls=()))


def the_same_without_an_archive() -> Case:
    case = old_paper(UNSURE, {R.REVOCATION_UNKNOWN}, stamper=old_house("p256").stamper(THEN))
    return replace(case, trust=trusting(old_house("p256"), crls=()))


def a_root_that_is_over() -> Case:
    """The root has ended since; when the stamp was made it stood."""
    life = {"since": THEN - 365 * DAY, "until": THEN + 365 * DAY}
    root = make("Gốc hết hạn", above=None, ca=True, **life)
    stamp = {"extended": [ExtendedKeyUsageOID.TIME_STAMPING], "key_usage": pki.usage(digital_signature=True)}
    tsa = make("Giờ hết hạn", above=root, **life, **stamp)
    head = make("Nguyễn Văn An", above=root, title="Chủ tịch", **life)
    house = pki.House(root, root, tsa, head, head)
    pdf = sign(paper(), head, at=THEN, stamper=house.stamper(THEN))
    lists = (pki.crl(root, at=THEN + DAY),)
    return Case(pdf, OK, {R.PERSON_ONLY}, pki.Trusting((root.der,), (), lists))


# Many of everything


def ten_thousand_revisions() -> Case:
    return Case(attacks.many_revisions(signed(), 10_000), OK, FINE)


def two_hundred_signatures() -> Case:
    return Case(attacks.many_signatures(a_house().head, 200), OK, FINE)


CASES = [
    value
    for name, value in list(globals().items())
    if callable(value) and getattr(value, "__annotations__", {}).get("return") == "Case" and not name.startswith("_")
]


@pytest.mark.parametrize("make_case", CASES, ids=lambda each: each.__name__)
def test_each_file_is_judged_as_expected(make_case: Callable[[], Case]) -> None:
    case = make_case()
    report = judged(case)
    assert (report.verdict, every_reason(report)) == (case.verdict, case.reasons)
    assert from_json(to_json(report)) == report


def test_most_of_them_are_bad_or_doubtful_and_none_of_those_is_valid() -> None:
    verdicts = [make_case().verdict for make_case in CASES]
    assert len(CASES) >= 65
    assert sum(verdict in (BAD, UNSURE) for verdict in verdicts) in range(45, 70)


def test_what_changed_is_said_with_its_page_and_who_signed_over_it() -> None:
    report = judged(number_written_and_then_sealed())
    told = [
        (each.kind, each.safe, each.page, each.subject, each.after, each.signed_by)
        for each in report.changes_after
        if each.kind != Change.METADATA  # its date changes only with the second
    ]
    assert sorted(told, key=str) == sorted(
        [
            (Change.SIGNATURE, True, 1, "Ky2", "Ky1", "Ky2"),
            (Change.WRITING, True, 1, "FreeText", "Ky1", "Ky2"),
        ],
        key=str,
    )


def test_pages_that_look_different_are_named() -> None:
    report = judged(page_rewritten())
    assert [(each.kind, each.safe, each.page) for each in report.changes_after] == [
        (Change.PAGE_CONTENT, False, 1),
        (Change.LOOKS, False, 1),
    ]
    assert report.signatures[0].intact, "the signed bytes themselves are as they were"


def test_what_a_signature_covers() -> None:
    first, second = judged(two_approvals()).signatures
    assert (first.covers, second.covers) == (Covers.REVISION, Covers.FILE)
    assert judged(range_of_nothing()).signatures[0].covers == Covers.NOTHING


def test_encryption_that_is_only_claimed_makes_nothing_better() -> None:
    pdf = signed()
    lie = pdf.replace(b"/Size 6/Root 1 0 R", b"/Encrypt 9 0 R    ", 1)
    report = judged(Case(lie, BAD, set()))
    assert R.ENCRYPTED in report.reasons
    assert [each.reasons[0] for each in report.signatures] == [R.INTEGRITY_FAIL]
    assert report.verdict == Verdict.INVALID
