"""Certificates of other authorities, for keys that are there already: in a token, at a signing service, in a key file."""

from __future__ import annotations

from datetime import datetime

from asn1crypto import pkcs12 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from antin.files import operations as files
from antin.identifiers.text import fold
from antin.keys import images, keepers, pki, policy, queries
from antin.keys.models import Certificate, KeyDevice
from antin.keys.operations.certificates import describe, keep_certificate, of_agency, of_person, stamp_of
from antin.keys.operations.trust import find_revocation
from antin.keys.policy import BadAuthorityFile
from antin.keys.providers import DeviceTrouble, KeyMissing, PublicKey, WrongSecret, kind_of
from antin.keys.states import Device, Purpose, Subject
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import refuse

STRONG = ("aes128_cbc", "aes192_cbc", "aes256_cbc", "pbes2")
STRONG_MACS = ("sha256", "sha384", "sha512")
LEAST_PASSWORD = 8


def find_holder(
    *, person_id: int | None, post_id: int | None, agency_id: int | None, actor: Actor | None, at: datetime
) -> Certificate:
    """A certificate not yet written, of a person in a post or of an agency.

    :raises NotAllowed: PostNotHeld: NotFound: the actor may not give it, or nobody can hold it
    """
    if person_id is not None and post_id is not None:
        holder = people.get_actor(person_id=person_id, post_id=post_id, on=localdate(at))
        agency = people.get_agency(holder.agency_id)
        refuse(policy.why_not_issue(actor, agency, holder))
        return of_person(holder, agency)
    assert agency_id is not None
    agency = people.get_agency(agency_id)
    refuse(policy.why_not_issue(actor, agency))
    return of_agency(agency)


def enter_certificate(
    *,
    reference: str,
    kind: str,
    pin: str | None,
    label: str = "",
    certificate: bytes = b"",
    purpose: str = Purpose.SIGNING,
    person_id: int | None = None,
    post_id: int | None = None,
    agency_id: int | None = None,
    actor: Actor | None,
    at: datetime,
) -> Certificate:
    """Enter a key that lies in a token of this machine or at a signing service, with the certificate another authority gave it.

    Without `certificate`, the one that lies beside the key is taken. The holder is a person in a post, or an agency.

    A person enters his own for encryption; nobody enters it for him, as nobody makes it for him.

    :raises NotAllowed: the actor does not administer the agency (or `NotYourHouse`)
    :raises MadeByItsHolder: it is for encryption, and not the actor's own
    :raises BadAuthorityFile: no certificate can be read
    :raises NotIssuedByTrusted: CertificateNamesAnother: CertificateNotForSigning: CertificateNotForOpening: it is not fit
    :raises WeakKey: CertificateKnown: nor is this
    :raises KeyNotOnDevice: CertificateOfAnotherKey: the key is not there, or another's
    :raises WrongDevicePin: DeviceAbsent: DeviceFaulty: RemoteNotAnswering: the device does not open
    """
    if purpose == Purpose.ENCRYPTION:
        unsaved = _own_reader(person_id, post_id, actor, at)
    else:
        unsaved = find_holder(person_id=person_id, post_id=post_id, agency_id=agency_id, actor=actor, at=at)
    shown = label or unsaved.name
    public, beside = _look(Device(kind), reference, pin, shown)
    check_outside(unsaved, certificate or beside, public, at=at)
    device = KeyDevice(
        kind=kind,
        label=shown,
        custodian_id=unsaved.person_id,
        serial=reference.split(":")[1][:64] if kind == Device.TOKEN else "",
        reference=reference,
        image=picture_of(unsaved, at),
        valid_from=at,
    )
    return enter(unsaved, device, actor=actor, at=at)


def _own_reader(person_id: int | None, post_id: int | None, actor: Actor | None, at: datetime) -> Certificate:
    """The actor's own certificate for encryption, not yet written. :raises MadeByItsHolder:"""
    if actor is None or person_id is None or post_id is None:
        raise policy.MadeByItsHolder
    holder = people.get_actor(person_id=person_id, post_id=post_id, on=localdate(at))
    refuse(policy.why_not_ask_for(Purpose.ENCRYPTION, actor, holder))
    unsaved = of_person(holder, people.get_agency(holder.agency_id))
    unsaved.purpose = Purpose.ENCRYPTION
    return unsaved


def enter(certificate: Certificate, device: KeyDevice, *, actor: Actor | None, at: datetime) -> Certificate:
    """Write it down. :raises CertificateKnown: it, or its key, is there already"""
    try:
        with transaction.atomic():
            return keep_certificate(certificate, device, actor=actor, at=at, event="certificate.entered")
    except IntegrityError as known:
        raise policy.CertificateKnown(name=certificate.name) from known


def picture_of(certificate: Certificate, at: datetime) -> str:
    """The image of signature or stamp that goes with it; the digest of a kept file. What never signs has none."""
    if certificate.purpose == Purpose.ENCRYPTION:
        return ""
    if certificate.subject == Subject.AGENCY:
        return stamp_of(certificate.agency, at)
    return files.keep(images.signature(certificate.name), at=at).digest


def _look(kind: Device, reference: str, pin: str | None, label: str) -> tuple[PublicKey, bytes]:
    """The public key at that place, and the certificate that lies beside it."""
    try:
        if kind == Device.REMOTE:
            found = keepers.remotes().describe(reference)
            return found.public, found.certificate
        key = keepers.of(kind).open(reference, pin)
        beside = [each.certificate for each in keepers.tokens().certificates(reference) if each.reference == reference]
        return key.public, beside[0] if beside else b""
    except WrongSecret as wrong:
        raise (policy.NoOwnPin(label=label) if pin is None else policy.WrongDevicePin(label=label)) from wrong
    except KeyMissing as missing:
        raise policy.KeyNotOnDevice(label=label) from missing
    except DeviceTrouble as trouble:
        raise policy.worded(trouble, label) from trouble


def check_outside(unsaved: Certificate, content: bytes, public: PublicKey | None, *, at: datetime) -> None:
    """See that another authority's certificate is fit for this holder and this key, and describe it in the row.

    :raises BadAuthorityFile: NotIssuedByTrusted: CertificateNamesAnother: CertificateNotForSigning: CertificateNotForOpening:
    :raises WeakKey: CertificateKnown: CertificateOfAnotherKey: CertificateExpired: CertificateNotYetValid: CertificateRevoked:
    """
    try:
        read = pki.read_certificates(content)[0]
        named = read.public_key()
        opens = unsaved.purpose == Purpose.ENCRYPTION
        fit = pki.may_open(read) if opens else pki.may_sign(read)
    except (ValueError, IndexError) as trouble:
        raise BadAuthorityFile(what=_("chứng thư số")) from trouble
    if not isinstance(named, PublicKey) or kind_of(named) is None:
        raise policy.WeakKey(kind=f"{type(named).__name__.strip('_')} {getattr(named, 'key_size', '')}".strip())
    if not fit:
        raise policy.CertificateNotForOpening if opens else policy.CertificateNotForSigning
    if public is not None and named != public:
        raise policy.CertificateOfAnotherKey
    words = " ".join(str(each.value) for each in read.subject if each.oid in NAMING)
    if fold(unsaved.name) not in fold(words):
        raise policy.CertificateNamesAnother(named=words or read.subject.rfc4514_string(), name=unsaved.name)
    believed = queries.trust(at)
    if pki.path(read, intermediates=believed.intermediates, anchors=believed.anchors) is None:
        raise policy.NotIssuedByTrusted
    revoked_at = find_revocation(read, believed)
    if revoked_at is not None:
        raise policy.CertificateRevoked(name=unsaved.name, day=policy.day(revoked_at))
    known = queries.find_certificate(pki.fingerprint(read.public_bytes(Encoding.DER)))
    if known is not None:
        raise policy.CertificateKnown(name=known.name)
    describe(unsaved, read.public_bytes(Encoding.DER))
    refuse(policy.why_not_use(unsaved, at))


NAMING = (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME)


def import_key_file(
    *,
    content: bytes,
    password: str,
    pin: str | None,
    person_id: int | None = None,
    post_id: int | None = None,
    agency_id: int | None = None,
    actor: Actor | None,
    at: datetime,
) -> Certificate:
    """Take a key and its certificate out of a PKCS#12 file into the node's own keeping: a person's under the new PIN.

    Files closed by what is broken since long (RC2, 3DES, RC4, SHA-1) or by a short password are not taken: whoever had such a
    file had the key. There is no way back: a key is never given out again.

    :raises NotAllowed: the actor does not administer the agency (or `NotYourHouse`)
    :raises KeyFileNotOpened: a wrong password, or not such a file
    :raises WeakKeyFile: KeyFileIncomplete: it is closed weakly, or lacks the key or its certificate
    :raises WeakPin: a person's PIN is too short
    :raises NotIssuedByTrusted: CertificateNamesAnother: CertificateNotForSigning: WeakKey: CertificateKnown: as in entering
    """
    unsaved = find_holder(person_id=person_id, post_id=post_id, agency_id=agency_id, actor=actor, at=at)
    if unsaved.subject == Subject.PERSON:
        refuse(policy.why_not_pin(pin))
    _refuse_weak_file(content, password)
    try:
        private, certificate, _others = pkcs12.load_key_and_certificates(content, password.encode())
    except (ValueError, TypeError) as wrong:
        raise policy.KeyFileNotOpened from wrong
    if certificate is None or not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise policy.KeyFileIncomplete
    check_outside(unsaved, certificate.public_bytes(Encoding.DER), private.public_key(), at=at)
    keeper = keepers.software()
    reference = keeper.keep(private, pin if unsaved.subject == Subject.PERSON else None)
    device = KeyDevice(
        kind=Device.SOFTWARE,
        label=unsaved.name,
        custodian_id=unsaved.person_id,
        reference=reference,
        image=picture_of(unsaved, at),
        valid_from=at,
    )
    try:
        return enter(unsaved, device, actor=actor, at=at)
    except BaseException:
        keeper.destroy(reference)
        raise


def _refuse_weak_file(content: bytes, password: str) -> None:
    """:raises KeyFileNotOpened: :raises WeakKeyFile: closed by an algorithm or a password that does not hold"""
    try:
        read = asn1.Pfx.load(content, strict=True)
        used = [str(read["mac_data"]["mac"]["digest_algorithm"]["algorithm"].native)] if read["mac_data"].native else []
        ciphers = []
        for part in read.authenticated_safe:
            if part["content_type"].native == "encrypted_data":
                ciphers.append(_cipher(part["content"]["encrypted_content_info"]["content_encryption_algorithm"]))
                continue
            for bag in asn1.SafeContents.load(part["content"].native):
                if bag["bag_id"].native == "pkcs8_shrouded_key_bag":
                    ciphers.append(_cipher(bag["bag_value"]["encryption_algorithm"]))
                elif bag["bag_id"].native == "key_bag":
                    ciphers.append(_("không mã hóa"))
    except (ValueError, TypeError, KeyError) as trouble:
        raise policy.KeyFileNotOpened from trouble
    weak = [each for each in ciphers if each not in STRONG] + [each for each in used if each not in STRONG_MACS]
    if not used:
        weak.append(_("không có mã xác thực"))
    if len(password) < LEAST_PASSWORD:
        weak.append(_("mật khẩu ngắn hơn %(least)s ký tự") % {"least": LEAST_PASSWORD})
    if weak:
        raise policy.WeakKeyFile(algorithm=", ".join(dict.fromkeys(weak)))


def _cipher(algorithm: asn1.EncryptionAlgorithm) -> str:
    """The name of what encrypts: of PBES2 its cipher, of older ways their own name."""
    name = str(algorithm["algorithm"].native)
    if name != "pbes2":
        return name
    return str(algorithm["parameters"]["encryption_scheme"]["algorithm"].native)


def export_key(*, certificate_id: int, actor: Actor, at: datetime) -> None:
    """Never: what keeps a key does not give it out. The attempt is told to whoever asks, not granted to anybody.

    :raises NotFound: no such certificate
    :raises KeyStaysInside: always
    """
    queries.get_certificate(certificate_id)
    raise policy.KeyStaysInside
