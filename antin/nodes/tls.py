"""TLS of the line: the coordinating node's own small authority for it, a certificate for its servers, one for each member.

The authority is of the line only: nothing else in the house believes it. A member gets its certificate with its invitation, which
holds the password of its line anyway. Files of the house's own (`server.pem`, `server.key`, `client.pem`, `client.key`,
`ca.pem`) are taken from the folder that ANTIN_NATS_TLS names.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings

SCHEME = "tls://"
LASTS, LASTS_AUTHORITY = timedelta(days=5 * 365), timedelta(days=20 * 365)
AGAIN_BEFORE = timedelta(days=60)
PRIVATE = 0o600
LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")


@dataclass(frozen=True)
class Files:
    """Where the certificate, its key and the authority's certificate lie."""

    certificate: Path
    key: Path
    authority: Path


def folder() -> Path:
    """The folder of what the node made or was given; a backup has it, sealed, with the other secrets."""
    return Path(settings.STATE) / "secrets" / "line-tls"


def is_on(address: str) -> bool:
    """Whether a line's address (several divided by commas) asks for TLS."""
    return address.startswith(SCHEME)


def with_scheme(address: str) -> str:
    """Return addresses with their scheme: TLS unless one was named, but plain where both ends are this machine."""
    found = []
    for each in filter(None, (part.strip() for part in address.split(","))):
        host = each.rpartition(":")[0]
        found.append(each if "://" in each else ("nats://" if host in LOOPBACK else SCHEME) + each)
    return ",".join(found)


def hosts_of(address: str) -> list[str]:
    """The names and numbers that addresses lead to, and this machine's own."""
    hosts = [each.partition("://")[2].rpartition(":")[0].strip("[]") for each in address.split(",")]
    return list(dict.fromkeys([*filter(None, hosts), settings.NATS.listen.strip("[]"), "127.0.0.1", "localhost"]))


def server_files(address: str, *, at: datetime) -> Files:
    """The files of our servers, made where they are missing, end soon, or are of other hosts."""
    if settings.NATS.tls:
        given = Path(settings.NATS.tls)
        return Files(given / "server.pem", given / "server.key", given / "ca.pem")
    place = folder()
    found = Files(place / "server.pem", place / "server.key", place / "ca.pem")
    hosts = hosts_of(address)
    if not found.certificate.exists() or not _is_good(found.certificate, hosts, at):
        certificate, key = issue("server", hosts=hosts, at=at)
        _write(found.key, key)
        _write(found.certificate, certificate)
    return found


def client_files(code: str, *, at: datetime) -> Files:
    """The files with which our own line shows itself: given with the invitation, or of our own authority."""
    place = Path(settings.NATS.tls) if settings.NATS.tls else folder()
    found = Files(place / "client.pem", place / "client.key", place / "ca.pem")
    is_ours = not settings.NATS.tls and (place / "ca.key").exists()
    if is_ours and (not found.certificate.exists() or not _is_good(found.certificate, [], at)):
        certificate, key = issue(code, at=at)
        _write(found.key, key)
        _write(found.certificate, certificate)
    return found


def give(code: str, *, at: datetime) -> dict[str, str]:
    """What an invited node is given: its certificate, the key, and whom to believe. Empty where the house has files of its own."""
    if settings.NATS.tls:
        return {}
    certificate, key = issue(code, at=at)
    return {"certificate": certificate.decode(), "key": key.decode(), "authority": _authority(at)[0].decode()}


def take(given: Mapping[str, str]) -> None:
    """Keep what came with an invitation."""
    place = folder()
    for name, word in (("client.key", "key"), ("client.pem", "certificate"), ("ca.pem", "authority")):
        _write(place / name, str(given[word]).encode())


def context(files: Files) -> ssl.SSLContext:
    """What our line demands and shows: TLS 1.2 or newer, the server's name, a certificate of that authority on both sides."""
    made = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(files.authority))
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_cert_chain(files.certificate, files.key)
    return made


def issue(name: str, *, hosts: Iterable[str] = (), at: datetime) -> tuple[bytes, bytes]:
    """Certify a new key for a server (with hosts) or a member; return both in PEM."""
    authority, authority_key = _authority(at)
    issuer = x509.load_pem_x509_certificate(authority)
    signing = serialization.load_pem_private_key(authority_key, password=None)
    assert isinstance(signing, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if hosts else [])]
    made = _builder(name, key, issuer.subject, at, LASTS).add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    if named := [_host(each) for each in hosts]:
        made = made.add_extension(x509.SubjectAlternativeName(named), critical=False)
    public = signing.public_key()
    made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    return made.sign(signing, hashes.SHA256()).public_bytes(serialization.Encoding.PEM), _pem(key)


def _authority(at: datetime) -> tuple[bytes, bytes]:
    """The line's authority and its key, made once."""
    certificate, kept = folder() / "ca.pem", folder() / "ca.key"
    if not kept.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An Tin line")])
        made = _builder("An Tin line", key, name, at, LASTS_AUTHORITY)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        usage = dict.fromkeys(
            (
                "digital_signature",
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "encipher_only",
                "decipher_only",
            ),
            False,
        )
        made = made.add_extension(x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True), critical=True)
        _write(certificate, made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        _write(kept, _pem(key))  # last: without it there is no authority
    return certificate.read_bytes(), kept.read_bytes()


def _builder(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, at: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _is_good(path: Path, hosts: list[str], at: datetime) -> bool:
    found = x509.load_pem_x509_certificate(path.read_bytes())
    if found.not_valid_after_utc < at + AGAIN_BEFORE:
        return False
    named: set[str] = set()
    with contextlib.suppress(x509.ExtensionNotFound):
        value = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        named = {str(each.value) for each in value}
    return set(hosts) <= named


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(f"{path.suffix}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)
