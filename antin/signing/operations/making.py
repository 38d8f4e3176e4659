"""Making one signature: what a request asks for, with a key that is open, or with a value that a key has given already.

PDF, CMS and XML work within a bounded time, with no transaction open and no question to the database in between.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.x509 import load_der_x509_certificate

from antin.files import queries as kept_files
from antin.keys import operations as keys
from antin.keys import queries as key_queries
from antin.keys.models import Certificate
from antin.keys.providers import CannotUnwrap, PublicKey, Wrapped
from antin.keys.timestamping import NotStamped, Timestamper
from antin.outbox import operations as outbox
from antin.refusal import Refusal
from antin.signing import detached, pades, policy, xades, xml_evidence
from antin.signing.models import SigningRequest
from antin.signing.pades import ArrivalStamp, CannotSign, Credential
from antin.signing.patience import TooLong, at_most

SECONDS = 60.0
"""How long the PDF work of one act may take; a hundred megabytes take one."""


def within_bounds(work: Callable[[], bytes]) -> bytes:
    """Turn what a file does not allow into a refusal in words, and end work that it would make endless. PDF work, no queries."""
    try:
        return at_most(SECONDS, work)
    except CannotSign as trouble:
        raise _worded(trouble) from trouble
    except NotStamped as trouble:
        raise policy.TimestampRefused from trouble
    except xades.CannotSignXml as trouble:
        raise policy.NotXml from trouble
    except TooLong as trouble:
        raise policy.FileTooHeavy from trouble


def _worded(trouble: CannotSign) -> Refusal:
    match trouble.fault:
        case "encrypted":
            return policy.FileEncrypted()
        case "signed":
            return policy.FileSignedBefore()
        case "no_field" | "no_page":
            return policy.FieldMissing(field=trouble.subject)
        case "turned":
            return policy.PageTurned()
        case "field_filled":
            return policy.FieldFilled(field=trouble.subject)
    return policy.FileUnreadable()


@dataclass(frozen=True)
class Blank:
    """What a signature goes on, kept or only in hand: the bytes, the field, and what is shown there."""

    content: bytes = dataclasses.field(repr=False)
    field: str
    text: str = ""
    arrival: ArrivalStamp | None = None
    image: bytes | None = dataclasses.field(default=None, repr=False)


def blank(content: bytes, *, field: str, words: str, asked_at: datetime, certificate: Certificate) -> Blank:
    """What is to be signed. `words` are shown with the moment of asking, in place of the device's kept image; initials without
    an image are the name, short."""
    text = pades.attachment_text(words, asked_at) if words else ""
    image = certificate.device.image if words else key_queries.image_of(certificate, asked_at)
    if not image and field in policy.SMALL:
        text = pades.short_name(certificate.name)
    return Blank(content, field, text, image=None if text or not image else _image(image))


def blank_of(request: SigningRequest) -> Blank:
    """What a request asks to be signed."""
    return blank(
        kept_files.read(request.file_id),
        field=request.field,
        words=request.words,
        asked_at=request.asked_at,
        certificate=request.certificate,
    )


def make(
    blank: Blank,
    signer: keys.Signer,
    *,
    at: datetime,
    stamper: Timestamper | None = None,
    unstamped: Callable[[NotStamped], None] | None = None,
) -> bytes:
    """The signed file, or the signature beside it. The same blank, key and moment ask the key to sign the same bytes.

    :raises FieldMissing: FieldFilled: FileEncrypted: FileUnreadable: FileTooHeavy: NotXml: TimestampRefused:
    """
    credential = Credential(signer.certificate, signer.chain, signer.key)

    def work() -> bytes:
        match blank.field:
            case policy.BESIDE:
                digest = hashlib.sha256(blank.content).digest()
                return detached.sign(digest, credential=credential, at=at, stamper=stamper, unstamped=unstamped)
            case policy.INSIDE_XML:
                made = xades.sign(blank.content, credential=credential, at=at)
                if stamper is None:
                    return made
                try:
                    return xml_evidence.add_timestamp(made, stamper=stamper)
                except NotStamped as trouble:
                    if unstamped is None:
                        raise
                    unstamped(trouble)
                    return made
        return pades.sign(
            blank.content,
            field=blank.field,
            credential=credential,
            at=at,
            stamper=stamper,
            unstamped=unstamped,
            image=blank.image,
            text=blank.text,
            arrival=blank.arrival,
        )

    return within_bounds(work)


def why_not_next(field: str, content: bytes) -> Refusal | None:
    """Whether the legal order of steps allows this signature in these bytes now; asked before any key is opened.

    A file that cannot be read is refused by name when it is signed. :raises FileTooHeavy:
    """
    if policy.step_of(field) is None:
        return None
    try:
        form = at_most(SECONDS, lambda: pades.form_of(content))
    except CannotSign:
        return None
    except TooLong as trouble:
        raise policy.FileTooHeavy from trouble
    return policy.why_not_next(field, *policy.form_facts(*form))


@lru_cache(maxsize=128)
def _image(digest: str) -> bytes:
    """A kept file never changes, and few sign again and again."""
    return kept_files.read(digest)


# Signatures that a key gave before


class Asked(Exception):
    """What is to be signed is known."""


class Remembering:
    """A key that signs nothing and remembers what it was asked to sign."""

    def __init__(self, public: PublicKey) -> None:
        self.public, self.signature_size, self.asked = public, 0, b""

    def sign(self, data: bytes, digest: str) -> bytes:
        self.asked = data
        raise Asked(digest)

    def unwrap(self, wrapped: Wrapped) -> bytes:
        raise CannotUnwrap


class Given:
    """A key that has signed already: it gives its value for the very same bytes, and refuses all others."""

    def __init__(self, public: PublicKey, value: bytes, over: bytes) -> None:
        self.public, self.signature_size = public, len(value)
        self._value, self._over = value, over

    def sign(self, data: bytes, digest: str) -> bytes:
        if digest != "sha256" or hashlib.sha256(data).digest() != self._over:
            raise policy.PreparedDiffers
        return self._value

    def unwrap(self, wrapped: Wrapped) -> bytes:
        raise CannotUnwrap


def given(request: SigningRequest) -> keys.Signer:
    """The signer of a request whose key has signed already: its certificates, and a key that can do nothing else."""
    assert request.made is not None and request.made_over is not None
    key = Given(_public(request.certificate), bytes(request.made), bytes(request.made_over))
    return keys.Signer(bytes(request.certificate.certificate), key_queries.chain_of(request.certificate), key)


def to_be_signed(request: SigningRequest, *, at: datetime) -> bytes:
    """The very bytes a key has to sign for a request at a moment, for keys that are kept elsewhere too. Refuses as `make`."""
    return asked_of_key(blank_of(request), request.certificate, level=request.level, at=at)


def asked_of_key(blank: Blank, certificate: Certificate, *, level: str, at: datetime) -> bytes:
    """The very bytes a key has to sign for a signature at a moment. Refuses as `make`."""
    key = Remembering(_public(certificate))
    signer = keys.Signer(bytes(certificate.certificate), key_queries.chain_of(certificate), key)
    try:
        make(blank, signer, at=at, stamper=_never if level != "B-B" else None)
    except Asked:
        return key.asked
    raise AssertionError("nothing was asked of the key")


def xml_properties(request: SigningRequest, *, at: datetime) -> bytes:
    """What a key elsewhere is shown beside what it signs inside XML: the properties that name its certificate and the moment.

    Empty of any other signature, whose signed attributes hold them themselves. Refuses as `make`.
    """
    if request.field != policy.INSIDE_XML:
        return b""
    key = Remembering(_public(request.certificate))
    credential = Credential(bytes(request.certificate.certificate), key_queries.chain_of(request.certificate), key)
    content = kept_files.read(request.file_id)
    return within_bounds(lambda: xades.signed_properties(content, credential=credential, at=at))


def _never(request: bytes) -> bytes:
    """Holds the place of a timestamp, so that the file leaves room for it; the key is asked first."""
    raise NotStamped(request.hex())


def _public(certificate: Certificate) -> PublicKey:
    found = load_der_x509_certificate(bytes(certificate.certificate)).public_key()
    assert isinstance(found, PublicKey)
    return found


def promise_items(items: list[int]) -> None:
    """Promise the making of what the key has signed, one promise for each, so that all workers have a share."""
    outbox.promise_many("finish_batch_item", of={f"batch_item:{item}": {"item_id": item} for item in items})
