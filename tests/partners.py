"""Another node, made by hand: its own authority, agency and keys, and parcels that are as good or as bad as a test wants them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from antin.keys import pki
from antin.keys.operations import Signer
from antin.keys.providers.software import SoftwareKey
from antin.keys.states import Role, Subject
from antin.nodes import directory, parcels, receipts, statements
from antin.nodes.directory import Agency, Listed
from antin.nodes.parcels import Content, Envelope
from antin.vault import suites


def key() -> SoftwareKey:
    return SoftwareKey(ec.generate_private_key(ec.SECP256R1()))


@dataclass
class Partner:
    """A node that serves one agency. It signs, seals and opens as ours does, by the same pure functions and keys of its own."""

    code: str
    agency: str
    name: str
    at: datetime
    feed: str = "abcdef0123456789"
    number: int = 0
    chain: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        since, until = self.at - timedelta(days=30), self.at + timedelta(days=900)
        root_key, issuing_key = key(), key()
        self.root = pki.authority(
            role=Role.ROOT,
            name=pki.authority_name(f"Gốc {self.code}", self.name),
            public=root_key.public,
            key=pki.IssuingKey(root_key),
            issuer=None,
            at=since,
            until=until,
        )
        self.issuing = pki.authority(
            role=Role.ISSUING,
            name=pki.authority_name(f"Cấp {self.code}", self.name),
            public=issuing_key.public,
            key=pki.IssuingKey(root_key),
            issuer=x509.load_der_x509_certificate(self.root),
            at=since,
            until=until,
        )
        self._issuing_key = pki.IssuingKey(issuing_key)
        self.seal_key = key()
        self.node = self._signer(self.code, pki.node)
        self.seal = self.certify(self.seal_key, self.code, pki.encryption)
        self.office = self.agency_signer(self.agency)

    def certify(self, held: SoftwareKey, code: str, make: Callable[..., bytes], **more: Any) -> bytes:
        return make(
            name=pki.subject_name(name=self.name, title="", organisation=self.name, code=code),
            public=held.public,
            key=self._issuing_key,
            issuer=x509.load_der_x509_certificate(self.issuing),
            at=self.at - timedelta(days=20),
            until=self.at + timedelta(days=800),
            **more,
        )

    def stranger(self) -> bytes:
        """A certificate for opening that another authority issued."""
        other = Partner("zz", self.agency, self.name, self.at)
        return other.certify(key(), self.agency, pki.encryption)

    def _signer(self, code: str, make: Callable[..., bytes], **more: Any) -> Signer:
        held = key()
        return Signer(self.certify(held, code, make, **more), (self.issuing,), held)

    def agency_signer(self, code: str) -> Signer:
        """A seal of an agency of that code, certified by this node's authority, rightly or not."""
        return self._signer(code, pki.end_entity, subject=Subject.AGENCY)

    @property
    def listed(self) -> Listed:
        agencies = (Agency(self.agency, self.name),)
        return Listed(self.code, self.name, "nats", "member", self.node.certificate, self.seal, (self.root,), agencies)

    def answer(self, invitation: bytes, *, at: datetime) -> bytes:
        """The answer to an invitation, as `accept_invitation` writes it."""
        told = {
            "form": directory.ANSWER,
            "token": statements.peek(invitation)["token"],
            "member": self.listed.told(),
        }
        return statements.sign(told, self.node, at=at)

    def manifest(self, to: Listed, *, kind: str = "document", signer: Signer | None = None, **more: Any) -> bytes:
        told = {
            "form": parcels.MANIFEST,
            "kind": kind,
            "from": {"node": self.code, "agency": self.agency, "name": self.name},
            "to": {"node": to.code, "agency": to.agencies[0].code, "name": to.agencies[0].name},
            "at": self.at.isoformat(),
            "files": [],
        } | more
        return statements.sign(told, signer or self.office, at=self.at)

    def document(
        self,
        to: Listed,
        paper: bytes,
        *,
        signer: Signer | None = None,
        also: Sequence[bytes] = (),
        classified: dict[str, Any] | None = None,
        **changes: Any,
    ) -> bytes:
        """The manifest of a letter with this paper; `also` are other files that are sealed with it."""
        digest = hashlib.sha256(paper).hexdigest()
        facts = {
            "type_code": "CV",
            "subject": "Đề nghị phối hợp diễn tập",
            "urgency": 0,
            "issuer_name": self.name,
            "issuer_code": self.agency,
            "number": 7,
            "notation": "B2-KH",
            "code": "07/B2-KH",
            "date": "2026-11-20",
            "identifier": f"{self.agency},2026/11/20,07/B2-KH",
            "reply_by": None,
            "pages": 1,
            "signer_name": "Vũ Văn Xa",
            "answers": "",
            "paper": digest,
        } | changes
        file = {"role": "paper", "name": "", "media_type": "application/pdf", "size": len(paper), "sha256": digest}
        more = [
            file | {"role": "sealed", "size": len(each), "sha256": hashlib.sha256(each).hexdigest()} for each in also
        ]
        sealed = {"classified": classified} if classified is not None else {}
        return self.manifest(to, signer=signer, document=facts, files=[file, *more], **sealed)

    def messages(
        self,
        to: Listed,
        manifest: bytes,
        *files: bytes,
        number: int | None = None,
        signer: Signer | None = None,
        sealed_to: bytes | None = None,
        returned: Sequence[bytes] = (),
        **changes: Any,
    ) -> list[bytes]:
        """What travels of a manifest and the files that follow it: the first message, and its pieces."""
        if number is None:
            self.number += 1
            number = self.number
        told = statements.peek(manifest)
        digest = statements.digest_of(told)
        following = tuple(Content(hashlib.sha256(each).hexdigest(), len(each)) for each in files)
        pieces_key = hashlib.sha256(digest.encode()).digest()
        given_back = [base64.b64encode(each).decode() for each in returned]
        letter = parcels.seal_letter(manifest, pieces_key, following, sealed_to or to.seal, returned=given_back)
        facts = {
            "sender": self.code,
            "receiver": to.code,
            "feed": self.feed,
            "number": number,
            "urgency": 0,
            "kind": told["kind"],
            "parcel": digest,
            "suite": suites.newest().name,
            "letter": hashlib.sha256(letter).hexdigest(),
            "pieces": parcels.count_pieces(following),
        } | changes
        envelope = statements.sign(Envelope(**facts).told(), signer or self.node, at=self.at, with_certificates=False)
        found, index = [parcels.write(envelope, letter)], 0
        for content in files:
            for start in range(0, len(content), parcels.PIECE):
                found.append(parcels.write_piece(digest, index, content[start : start + parcels.PIECE], pieces_key))
                index += 1
        return found

    def opens(self, messages: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
        """What we sent it: the manifest and the files that followed."""
        signed, letter = parcels.split(messages[0])
        envelope = parcels.read_envelope(statements.peek(signed))
        opened = parcels.open_letter(envelope, letter, self.seal_key)
        held = {index: bytes(sealed) for _parcel, index, sealed in map(parcels.split_piece, messages[1:])}
        files = [
            b"".join(parcels.open_file(opened, envelope.suite, which, held.__getitem__))
            for which in range(len(opened.following))
        ]
        return opened.manifest.told, files

    def receipts(self, parcel: str, *kinds: tuple[str, dict[str, Any]], sender: str, at: datetime) -> list[bytes]:
        """A chain of receipts about a parcel of ours."""
        former, found = parcel, []
        for number, (kind, facts) in enumerate(kinds, 1):
            told = receipts.tell(
                kind=kind,
                number=number,
                former=former,
                parcel=parcel,
                document={},
                sender=sender,
                agency=self.agency,
                at=at + timedelta(minutes=number),
                facts=facts,
            )
            former = statements.digest_of(told)
            found.append(statements.sign(told, self.office, at=at))
        return found

    def receipts_parcel(self, to: Listed, parcel: str, chain: list[bytes], **more: Any) -> list[bytes]:
        told = [base64.b64encode(each).decode() for each in chain]
        manifest = self.manifest(to, kind="receipts", signer=self.node, parcel=parcel, receipts=told)
        return self.messages(to, manifest, **more)

    def change(
        self, to: Listed, parcel: str, kind: str = "recall", *, signer: Signer | None = None, **changes: Any
    ) -> bytes:
        """The manifest of a question about a parcel that this agency sent."""
        asked = {"kind": kind, "reason": "Sai phụ lục", "by_code": "", "by": "", "asked_by": "Vũ Văn Xa"} | changes
        return self.manifest(
            to, kind="change", signer=signer, parcel=parcel, document={"code": "", "identifier": ""}, change=asked
        )

    def statement(self, to: Listed, *, at: datetime, **told: Any) -> bytes:
        """What it says of the feeds."""
        return statements.sign(
            {
                "form": "antin-statement/1",
                "from": self.code,
                "to": to.code,
                "at": at.isoformat(),
                "in": {},
                "out": {},
            }
            | told,
            self.node,
            at=at,
            with_certificates=False,
        )
