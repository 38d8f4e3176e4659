"""Whom in the agencies of other nodes classified documents are sealed to: told by each agency under its seal, believed or not.

A node tells its partners, for each of its agencies, the clerks who are cleared and hold an encryption certificate, up to which
level, and the recovery key. What is sealed to them no node can open, nor any line.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cryptography import x509
from django.db import transaction

from antin.keys import operations as keys
from antin.keys import pki
from antin.keys import queries as certificates
from antin.nodes import operations as nodes
from antin.nodes import parcels, statements
from antin.nodes import queries as members
from antin.nodes.parcels import Letter, NotAParcel
from antin.people import queries as people
from antin.people.states import Role
from antin.refusal import Refusal
from antin.vault import queries as vault
from antin.vault.operations import Abroad
from antin.vault.states import Level
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.nodes.models import Identity, Member, Received

KIND = "readers"
MOST_READERS = 50


def publish(*, at: datetime) -> int:
    """Tell every partner who in our agencies may be sealed to, when it is not what was told last; how many were told."""
    identity = members.find_identity()
    if identity is None:
        return 0
    told = 0
    for code in sorted(members.get_member(identity.code).agencies):
        readers, recovery = _circle_of(code, at)
        for partner in members.list_partners():
            told += _tell(identity, partner, code, {"readers": readers, "recovery": recovery}, at)
    return told


def _circle_of(code: str, at: datetime) -> tuple[list[dict[str, Any]], str]:
    """The clerks of an agency who can be sealed to, and its recovery key; nobody without that key."""
    agency = people.find_agency_by_code(code)
    key = vault.find_recovery_key(agency.pk) if agency is not None else None
    if agency is None or key is None:
        return [], ""
    today = workdays.local_date(at)
    readers = []
    for post in people.find_posts_with_role(agency_id=agency.pk, role=Role.CLERK, on=today):
        level = _level_of(post.person_id, at) if post.person_id is not None else 0
        certificate = certificates.find_encryption_certificate(post.person_id or 0, at)
        if level and certificate is not None:
            der = base64.b64encode(bytes(certificate.certificate)).decode()
            readers.append({"certificate": der, "level": level})
    readers = sorted(
        {each["certificate"]: each for each in readers}.values(), key=lambda each: str(each["certificate"])
    )
    return readers[:MOST_READERS], base64.b64encode(bytes(key.public)).decode()


def _level_of(person_id: int, at: datetime) -> int:
    today = workdays.local_date(at)
    able = [level for level in Level.values if vault.why_not_read(person_id, level, on=today, at=at) is None]
    return max(able, default=0)


def _tell(identity: Identity, partner: Member, code: str, circle: dict[str, Any], at: datetime) -> int:
    matter = f"readers:{code}:{partner.code}"
    last = members.find_parcel_for(matter)
    said = statements.peek(bytes(last.manifest)) if last is not None else {"readers": [], "recovery": ""}
    if {name: said[name] for name in circle} == circle:
        return 0
    agency = people.find_agency_by_code(code)
    assert agency is not None
    try:
        certificate = certificates.get_certificate_for_agency(agency.pk, at)
        signer = keys.open_signer(certificate_id=certificate.pk, pin=None, at=at)
    except Refusal:
        return 0  # without its seal the agency tells nothing; it is tried again by the clock
    told = {
        "form": parcels.MANIFEST,
        "kind": KIND,
        "from": {"node": identity.code, "agency": certificate.organisation_code, "name": agency.name},
        "to": {"node": partner.code, "agency": "", "name": partner.name},
        "at": at.isoformat(),
        "files": [],
        **circle,
    }
    manifest = statements.sign(told, signer, at=at)
    with transaction.atomic(durable=True):
        nodes.enqueue(
            member_id=partner.pk, key=f"{matter}:{at:%Y%m%d%H%M%S%f}", manifest=manifest, urgency=2, actor=None, at=at
        )
    return 1


def take(received: Received, letter: Letter, at: datetime) -> None:
    """Take in who in an agency of the partner's may be sealed to, in a transaction of its own.

    :raises NotAParcel: :raises NotByItsKey: not by the seal of an agency of that node
    """
    told, member = letter.manifest.told, received.member
    try:
        agency, name = str(told["from"]["agency"]), str(told["from"]["name"])
        moment = datetime.fromisoformat(told["at"])
        _read(told)
    except (KeyError, TypeError, ValueError, binascii.Error) as trouble:
        raise NotAParcel() from trouble
    if agency not in member.agencies:
        raise NotAParcel()
    statements.refuse_stranger(letter.manifest, code=agency, name=name, roots=members.roots_of(member), at=moment)
    with transaction.atomic(durable=True):
        nodes.keep_circle(
            code=member.code, agency=agency, statement=letter.manifest.der, told_at=moment, actor=None, at=at
        )
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=at)


def _read(told: dict[str, Any]) -> tuple[list[tuple[bytes, int]], bytes]:
    readers = [(base64.b64decode(each["certificate"], validate=True), int(each["level"])) for each in told["readers"]]
    for der, _level in readers:
        x509.load_der_x509_certificate(der)
    recovery = base64.b64decode(told["recovery"], validate=True)
    if len(readers) > MOST_READERS or (readers and not recovery):
        raise ValueError(len(readers))
    if recovery:
        pki.read_public(recovery)
    return readers, recovery


def find(agency: str, level: int, *, at: datetime) -> Abroad | None:
    """Return whom in an agency of another node a document of this level is sealed to; None: nobody there may read it.

    Believed are certificates for opening, in force, that lead to a root of that node.
    """
    circle = members.find_circle(agency)
    if circle is None:
        return None
    statement = statements.read(bytes(circle.statement))
    readers, recovery = _read(statement.told)
    roots = members.roots_of(circle.member)
    able = tuple(der for der, cleared in readers if cleared >= level and _is_good(der, statement.others, roots, at))
    return Abroad(agency, able, recovery) if able else None


def _is_good(der: bytes, intermediates: tuple[bytes, ...], roots: list[bytes], at: datetime) -> bool:
    certificate = x509.load_der_x509_certificate(der)
    in_force = certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
    return (
        in_force
        and pki.may_open(certificate)
        and pki.path(certificate, intermediates=intermediates, anchors=roots) is not None
    )
