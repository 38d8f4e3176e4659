"""Signed files that are encrypted: those that everybody opens are judged like any other, the others are said to be closed."""

from __future__ import annotations

from functools import cache
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from antin.signing.report import Report
from antin.signing.states import Change, Covers, Verdict
from tests.attacks import OTHER, Look, paper, sign
from tests.rooms.signing.test_corpus import BAD, OK, UNSURE, Case, R, a_house, every_reason, judged, trusting

KINDS = {
    "RC4 of 40 bits": pikepdf.Encryption(owner="chu", user="", R=2, aes=False, metadata=False),
    "RC4 of 128 bits": pikepdf.Encryption(owner="chu", user="", R=3, aes=False, metadata=False),
    "AES of 128 bits": pikepdf.Encryption(owner="chu", user="", R=4, aes=True),
    "AES of 256 bits": pikepdf.Encryption(owner="chu", user="", R=6),
}


@cache
def encrypted(kind: str, user: str = "", packed: bool = False) -> bytes:
    said = KINDS[kind]
    out = BytesIO()
    packing = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    with pikepdf.open(BytesIO(paper())) as document:
        document.save(out, encryption=said._replace(user=user), object_stream_mode=packing)
    return out.getvalue()


@cache
def signed(kind: str, user: str = "", packed: bool = False) -> bytes:
    return sign(encrypted(kind, user, packed), a_house().head, look=Look(), password=user.encode())


def of(pdf: bytes) -> Report:
    return judged(Case(pdf, OK, set(), trusting(a_house())))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_what_everybody_opens_is_judged(kind: str, packed: bool) -> None:
    report = of(signed(kind, packed=packed))
    (signature,) = report.signatures
    assert (report.verdict, every_reason(report)) == (Verdict.VALID, {R.VALID_NO_TSA, R.PERSON_ONLY})
    assert (signature.field, signature.covers, signature.intact) == ("Ky1", Covers.FILE, True)


def test_a_second_signature_after_it() -> None:
    house = a_house()
    pdf = sign(
        signed("AES of 256 bits"), house.agency, field="Ky2", look=Look((100, 100, 250, 180), "Dau"), password=b""
    )
    report = of(pdf)
    assert (report.verdict, [each.covers for each in report.signatures]) == (
        Verdict.VALID,
        [Covers.REVISION, Covers.FILE],
    )


@pytest.mark.parametrize("kind", ["RC4 of 128 bits", "AES of 128 bits", "AES of 256 bits"])
def test_another_sum_written_over_the_first_is_seen(kind: str) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(signed(kind)), strict=False)
    writer.encrypt(b"")
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=OTHER))
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)
    report = of(out.getvalue())
    assert report.verdict == Verdict.INVALID
    assert R.CHANGED_AFTER in every_reason(report)
    assert Change.PAGE_CONTENT in {each.kind for each in report.changes_after}


@pytest.mark.parametrize("kind", KINDS)
def test_what_asks_for_a_password_is_not_judged_though_its_bytes_are(kind: str) -> None:
    report = of(signed(kind, user="khach"))
    assert (report.verdict, report.reasons[0]) == (Verdict.UNDETERMINED, R.ENCRYPTED)
    assert [each.intact for each in report.signatures] == [True]


def test_the_draft_of_aes_256_stays_closed() -> None:
    """Revision 5 was never in the standard, and pyHanko does not read it: said to be closed, not guessed."""
    out = BytesIO()
    with pytest.warns(UserWarning, match="deprecated"), pikepdf.open(BytesIO(paper())) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="chu", user="", R=5))
    report = of(out.getvalue())
    assert (report.verdict, report.reasons) == (Verdict.UNDETERMINED, (R.ENCRYPTED,))


def test_encrypted_again_after_signing_is_broken() -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(sign(paper(), a_house().head, look=Look()))) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="chu", user=""))
    report = judged(Case(out.getvalue(), BAD, set(), trusting(a_house())))
    assert (report.verdict, R.INTEGRITY_FAIL in every_reason(report)) == (Verdict.INVALID, True)


@pytest.mark.parametrize(
    "said",
    [b"/Encrypt<<>>", b"/Encrypt<</Filter/Standard/V 5/R 6>>", b"/Encrypt<</Filter/Adobe.PubSec/V 4>>", b"/Encrypt 1 0 R",
     b"/Encrypt<</Filter/Standard/V 2/R 3/Length 999999999/O(a)/U(b)/P -4>>", b"/Encrypt[[[[[[[[]]]]]]]]",
     b"/Encrypt<</Filter/Standard/V 99/R 77/O<00>/U<00>/P 1.5>>"],
)  # fmt: skip
def test_nonsense_stays_closed(said: bytes) -> None:
    pdf = sign(paper(), a_house().head, look=Look())
    lie = pdf + b"xref\n0 0\ntrailer\n<</Size 20/Root 1 0 R/Prev %d%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        int(pdf.rsplit(b"startxref", 1)[1].split()[0]),
        said,
        len(pdf),
    )
    report = judged(Case(lie, UNSURE, set(), trusting(a_house())))
    assert (report.verdict, report.reasons[0]) == (Verdict.UNDETERMINED, R.ENCRYPTED)
