"""Signatures made and judged per second, against the machine's own limit (`openssl speed`) and stock pyHanko in the same run.

`python bench/signing.py` prints JSON; `steps` leaves out what needs a database, `batch` measures that alone. Everything is done as
in an issue: a laid-out letter is prepared, signed by a person with his image and a timestamp, numbered, sealed with the stamp image
and a timestamp, and judged. `acts` are the room's operations on a database and durable files of their own; `steps` the pure
functions below them; `stock` the same signature and judgement as pyHanko makes them out of the box.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import pikepdf  # noqa: E402
from asn1crypto import tsp  # noqa: E402
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat  # noqa: E402
from django.conf import settings  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from PIL import Image  # noqa: E402
from pyhanko.keys import load_private_key_from_pemder_data  # noqa: E402
from pyhanko.pdf_utils.images import PdfImage  # noqa: E402
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: E402
from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: E402
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner  # noqa: E402
from pyhanko.sign.fields import SigSeedSubFilter  # noqa: E402
from pyhanko.sign.timestamps import TimeStamper  # noqa: E402
from pyhanko.sign.validation import async_validate_pdf_signature  # noqa: E402
from pyhanko.stamp import TextStampStyle  # noqa: E402
from pyhanko_certvalidator import ValidationContext  # noqa: E402
from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: E402

from antin.files import operations as files  # noqa: E402
from antin.files import pdf  # noqa: E402
from antin.files import queries as kept  # noqa: E402
from antin.journeys import sign_batch  # noqa: E402
from antin.keys import images, timestamping  # noqa: E402
from antin.keys import operations as keys  # noqa: E402
from antin.keys import queries as key_queries  # noqa: E402
from antin.signing import operations as signing  # noqa: E402
from antin.signing import pades, quick, trust, verification  # noqa: E402
from antin.signing import queries as signing_queries  # noqa: E402
from tests import cast as casting  # noqa: E402
from tests import paper, pki, signatures  # noqa: E402

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
BATCH = int(os.environ.get("BENCH_BATCH", "40"))
STAMP = images.stamp("Tổng cục Z", "Bộ Y")
HAND = images.signature("Nguyễn Văn An")


def measured(act: Callable[[int], object], *, times: int = 30, warm: int = 3) -> dict[str, float]:
    """Milliseconds an act: by the clock and of one core's time; and how many a second a core does at the median."""
    for number in range(warm):
        act(-1 - number)
    clock, core = [], []
    for number in range(times):
        start, busy = time.perf_counter(), time.process_time()
        act(number)
        clock.append((time.perf_counter() - start) * 1000)
        core.append((time.process_time() - busy) * 1000)
    used = statistics.median(core)
    return {
        "ms_p50": round(statistics.median(clock), 2),
        "ms_p95": round(sorted(clock)[int(times * 0.95)], 2),
        "core_ms_p50": round(used, 2),
        "per_second_a_core": round(1000 / used, 1),
    }


def openssl_limit(kind: str) -> dict[str, float]:
    """Raw signatures and verifications a second of one core's time."""
    said = subprocess.run(
        ["openssl", "speed", "-mr", "-seconds", "2", kind], capture_output=True, text=True, check=True
    )
    row = next(line for line in said.stdout.splitlines() if line.startswith(("+F2", "+F4")))
    sign, check = row.split(":")[3:5]
    return {"sign_per_second": round(float(sign)), "verify_per_second": round(float(check))}


def steps() -> dict[str, Any]:
    """The pure functions, one after another on the same letter."""
    house, layout = pki.house(), signatures.layout()
    stamper = house.stamper(AT)
    head, agency = house.head.credential(), house.agency.credential()
    believed = pki.Trusting(
        (house.root.der,), (house.issuing.der,), (pki.crl(house.root, at=AT), pki.crl(house.issuing, at=AT))
    )
    prepared = pades.prepare(layout.pdf, layout.places)

    def sign(_: int, **more: Any) -> bytes:
        given = {"stamper": stamper, "image": HAND, **more}
        return pades.sign(prepared, field="Person", credential=head, at=AT, **given)

    signed = sign(0)
    filled = pades.fill(signed, signatures.VALUES)
    sealed = pades.sign(filled, field="Agency", credential=agency, at=AT, stamper=stamper, image=STAMP)

    held_lists = [pki.crl(house.root, at=AT), pki.crl(house.issuing, at=AT)]
    held_answers = [pki.status(made, at=AT) for made in (house.head, house.agency, house.tsa, house.issuing)]

    def seal_lasting(_: int, *, archived: bool = False) -> bytes:
        """The agency's signature with everything that was cached beforehand: the timestamp authority is in this process."""
        made = pades.sign(filled, field="Agency", credential=agency, at=AT, stamper=stamper, image=STAMP)
        known = pades.contents_of(made)
        certificates = dict.fromkeys(der for each in known.signatures for der in (each.signer, *each.certificates))
        stored = pades.add_revocation_data(
            made, certificates=[*certificates, house.root.der], crls=held_lists, ocsps=held_answers
        )
        return pades.add_timestamp(stored, stamper=stamper) if archived else stored

    def judge(_: int) -> None:
        if not verification.verify(sealed, trusted=believed, at=AT + timedelta(hours=1)).replaces_paper:
            raise AssertionError("the letter of the benchmark is not valid")

    lasting = pades.add_revocation_data(
        pades.sign(prepared, field="Person", credential=head, at=AT, stamper=stamper),
        certificates=[house.root.der, house.issuing.der],
        crls=believed.crl_bytes,
    )

    def judge_lasting(_: int) -> None:
        found = verification.verify(lasting, trusted=believed, at=AT + timedelta(hours=1), draw=pdf.grey).signatures[0]
        if (found.level, found.verdict) != ("B-LT", "valid"):
            raise AssertionError("the B-LT file of the benchmark is not valid")

    def judge_by_sight(_: int) -> None:
        verification.verify(sealed, trusted=believed, at=AT + timedelta(hours=1), draw=pdf.grey)

    def judge_strangers(number: int) -> None:
        trust.chain.cache_clear()
        trust.read_list.cache_clear()
        judge(number)

    return {
        "bytes": {"laid_out": len(layout.pdf), "prepared": len(prepared), "signed": len(signed), "sealed": len(sealed)},
        "prepare": measured(lambda _: pades.prepare(layout.pdf, layout.places)),
        "sign": measured(sign),
        "sign_without_image": measured(lambda n: sign(n, image=None)),
        "sign_without_timestamp": measured(lambda n: sign(n, stamper=None)),
        "fill": measured(lambda _: pades.fill(signed, signatures.VALUES)),
        "seal": measured(
            lambda _: pades.sign(filled, field="Agency", credential=agency, at=AT, stamper=stamper, image=STAMP)
        ),
        "seal_b_lt": measured(seal_lasting),
        "seal_b_lta": measured(lambda n: seal_lasting(n, archived=True)),
        "growth": growth(house, prepared),
        "verify": measured(judge),
        "verify_pages_drawn": measured(judge_by_sight),
        "verify_b_lt": measured(judge_lasting),
        "verify_unknown_signers": measured(judge_strangers),
        "timestamp": measured(lambda n: timestamping.ask(abs(n).to_bytes(32, "big"), stamper), times=200),
        "stock": stock(house, prepared, sealed, filled),
    }


def growth(house: pki.House, prepared: bytes) -> dict[str, Any]:
    """The same letter grown by bytes that mean nothing: what a signature costs beyond hashing and copying them."""
    found = {}
    for megabytes in (0, 1, 10):
        with pikepdf.open(BytesIO(prepared)) as grown:
            grown.Root.Ballast = grown.make_stream(os.urandom(megabytes * 2**20 or 1))
            out = BytesIO()
            grown.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        file = out.getvalue()
        sign = measured(
            lambda _, file=file: pades.sign(
                file, field="Person", credential=house.head.credential(), at=AT, stamper=house.stamper(AT), image=HAND
            ),
            times=12,
        )
        digest = measured(lambda _, file=file: hashlib.sha256(file).digest(), times=12)
        found[f"{megabytes}_mb"] = {"sign": sign["core_ms_p50"], "sha256": digest["core_ms_p50"]}
    return found


class StockTimeStamper(TimeStamper):
    """pyHanko's own way to our timestamp authority."""

    def __init__(self, stamper: timestamping.Timestamper) -> None:
        super().__init__()
        self._stamper = stamper

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(self._stamper(req.dump()))


def stock(house: pki.House, prepared: bytes, sealed: bytes, filled: bytes) -> dict[str, Any]:
    """The same letter through pyHanko as it comes: key read for each signature, size by a dry run,
    picture encoded for each signature, Courier not embedded, hexadecimal read byte by byte."""
    pem = house.head.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    registry = SimpleCertificateStore()
    registry.register_multiple(pades._certificate(der) for der in house.head.chain)
    signer = SimpleSigner(
        pades._certificate(house.head.der), load_private_key_from_pemder_data(pem, passphrase=None), registry
    )
    meta = PdfSignatureMetadata(field_name="Person", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)

    def sign(_: int) -> None:
        picture = PdfImage(Image.open(BytesIO(HAND)))
        style = TextStampStyle(stamp_text="%(signer)s", background=picture)
        stamper = StockTimeStamper(house.stamper(AT))
        made = PdfSigner(meta, signer, timestamper=stamper, stamp_style=style)
        asyncio.run(made.async_sign_pdf(IncrementalPdfFileWriter(BytesIO(prepared)), existing_fields_only=True))

    def sign_lasting(_: int) -> None:
        """B-LT with cached revocation lists, by pyHanko's own signer."""
        context = ValidationContext(
            trust_roots=[pades._certificate(house.root.der)],
            other_certs=[pades._certificate(house.issuing.der)],
            crls=[pki.crl(house.root, at=AT), pki.crl(house.issuing, at=AT)],
            moment=AT,
            allow_fetching=False,
        )
        agency_pem = house.agency.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        by = SimpleSigner(
            pades._certificate(house.agency.der),
            load_private_key_from_pemder_data(agency_pem, passphrase=None),
            registry,
        )
        lasting = PdfSignatureMetadata(
            field_name="Agency",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            embed_validation_info=True,
            validation_context=context,
        )
        style = TextStampStyle(stamp_text="%(signer)s", background=PdfImage(Image.open(BytesIO(STAMP))))
        made = PdfSigner(lasting, by, timestamper=StockTimeStamper(house.stamper(AT)), stamp_style=style)
        asyncio.run(made.async_sign_pdf(IncrementalPdfFileWriter(BytesIO(filled)), existing_fields_only=True))

    def judge(_: int) -> None:
        reader = PdfFileReader(BytesIO(sealed))
        for signature in reader.embedded_signatures:
            context = ValidationContext(
                trust_roots=[pades._certificate(house.root.der)],
                other_certs=[pades._certificate(house.issuing.der)],
                crls=[pki.crl(house.root, at=AT), pki.crl(house.issuing, at=AT)],
                moment=AT + timedelta(hours=1),
            )
            asyncio.run(async_validate_pdf_signature(signature, signer_validation_context=context))

    quick.install(quick=False)
    try:
        return {
            "sign": measured(sign, times=12),
            "sign_b_lt": measured(sign_lasting, times=12),
            "verify": measured(judge, times=12),
        }
    finally:
        quick.install()


def acts(cast: casting.Cast) -> dict[str, Any]:
    """The operations as the journeys call them: rows, leases, durable files, journal."""
    held = signatures.issue_keys(cast, crl_at=AT)
    agency = cast.agency_id
    letters = iter(range(10**9))

    def file() -> str:
        """Each letter is another file, as in life."""
        pdf = signing.prepare(signatures.layout().pdf, signatures.layout().places)
        return files.keep(pdf + f"\n% {next(letters)}\n".encode(), at=AT).digest

    waiting = [file() for _ in range(40)]
    signed: list[str] = []

    def sign(_: int) -> None:
        signed.append(signatures.signed_by_head(cast, held, AT, file=waiting.pop(), key=f"p:{next(letters)}"))

    sealed: list[str] = []

    def seal(number: int) -> None:
        filled = signing.fill(file=signed[number], values=signatures.VALUES, at=AT)
        sealed.append(signatures.sealed(cast, held, filled, AT, key=f"a:{next(letters)}"))

    found = {"sign": measured(sign, times=30), "fill_and_seal": measured(seal, times=20)}
    pages = iter(sealed)
    found["verify_first"] = measured(lambda _: signing.verify(file=next(pages), at=AT), times=15)
    found["verify_again"] = measured(lambda _: signing.verify(file=sealed[0], at=AT), times=200)
    issued_to = {"person_id": cast.head.person_id, "post_id": cast.head.post_id, "pin": signatures.PIN}
    found["issue_person_certificate"] = measured(
        lambda _: keys.issue_person_certificate(**issued_to, actor=None, at=AT), times=15
    )
    found["issue_agency_certificate"] = measured(
        lambda _: keys.issue_agency_certificate(agency_id=agency, actor=None, at=AT), times=10
    )
    found["publish_revocation_lists"] = measured(lambda n: keys.publish_revocation_list(actor=None, at=AT), times=10)
    assert kept.get(sealed[0]).media_type == "application/pdf"
    assert len(key_queries.trust(AT).crls) == 2
    return found


def batch(cast: casting.Cast) -> dict[str, Any]:
    """Many documents by one PIN: what the signer waits for, and what the workers do afterwards, for each document."""
    paper.give_keys(cast, AT)
    pages = [paper.a_page_to_sign(cast, AT) for _ in range(BATCH)]
    seen = {document.pk: document.file for document in pages}
    start, busy = time.perf_counter(), time.process_time()
    made = sign_batch.sign_batch(seen=seen, pin=paper.PIN, actor=cast.head.actor(), today=casting.TODAY, at=AT)
    session, session_core = time.perf_counter() - start, time.process_time() - busy
    start, busy = time.perf_counter(), time.process_time()
    for item in signing_queries.list_items(made.pk):
        sign_batch.finish_item(item_id=item.pk, at=AT)
    finish, finish_core = time.perf_counter() - start, time.process_time() - busy
    if signing_queries.count_items(made.pk) != {"done": BATCH}:
        raise AssertionError("the batch of the benchmark was not signed")
    parts = {"session": session, "session_core": session_core, "finish": finish, "finish_core": finish_core}
    return {f"{name}_ms": round(seconds / BATCH * 1000, 1) for name, seconds in parts.items()}


def _apart(runner: DiscoverRunner, work: Callable[[casting.Cast], dict[str, Any]]) -> dict[str, Any]:
    """What is measured on a node of its own: database, files, keys."""
    with tempfile.TemporaryDirectory() as state:
        settings.STATE = Path(state)
        databases = runner.setup_databases()
        try:
            return work(casting.build())
        finally:
            runner.teardown_databases(databases)


def main() -> None:
    logging.disable(logging.WARNING)
    runner = DiscoverRunner(verbosity=0, interactive=False)
    before = os.getloadavg()[0]
    limit = {"ecdsap256": openssl_limit("ecdsap256"), "rsa2048": openssl_limit("rsa2048")}
    if "batch" in sys.argv:
        print(json.dumps(_apart(runner, batch), indent=2))
        return
    pure = steps()
    operations = {} if "steps" in sys.argv else {**_apart(runner, acts), "batch": _apart(runner, batch)}
    raw = limit["ecdsap256"]
    report = {
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "load_before": before,
        },
        "versions": {name: version(name) for name in ("pyHanko", "cryptography", "pikepdf", "asn1crypto", "Django")},
        "openssl_speed": limit,
        "steps": pure,
        "acts": operations,
        "ratios": {
            "openssl_signatures_per_signature_made": round(
                raw["sign_per_second"] / pure["sign"]["per_second_a_core"], 1
            ),
            "openssl_verifications_per_file_judged": round(
                raw["verify_per_second"] / pure["verify"]["per_second_a_core"], 1
            ),
            "sign_against_stock": round(pure["stock"]["sign"]["core_ms_p50"] / pure["sign"]["core_ms_p50"], 2),
            "sign_b_lt_against_stock": round(
                pure["stock"]["sign_b_lt"]["core_ms_p50"] / pure["seal_b_lt"]["core_ms_p50"], 2
            ),
            "verify_against_stock": round(pure["stock"]["verify"]["core_ms_p50"] / pure["verify"]["core_ms_p50"], 2),
        },
    }
    print(json.dumps(report, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
