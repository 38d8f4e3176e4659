"""The keys of the node itself, as other nodes know it: one signs, one opens what is sealed to it. No PIN stands before them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from antin.keys import keepers, pki, policy, queries
from antin.keys.models import Authority, TrustAnchor
from antin.keys.operations.authority import YEAR
from antin.keys.operations.trust import keep_trust
from antin.keys.operations.use import Signer
from antin.keys.providers import Key
from antin.keys.states import Role
from antin.people.actor import Actor
from antin.refusal import refuse

NODE_LASTS = 5 * YEAR


@dataclass(frozen=True)
class NodeKeys:
    """References of a node's two keys, their certificates, and the root above them."""

    sign_reference: str
    sign_certificate: bytes
    seal_reference: str
    seal_certificate: bytes
    root: bytes


def make_node_keys(*, code: str, name: str, actor: Actor | None, at: datetime) -> NodeKeys:
    """Make the node's two keys and have its own authority certify them. Nothing is written but the keys themselves.

    :raises NotAllowed: the actor does not administer the whole house
    :raises NoAuthority: there is no issuing authority yet
    """
    refuse(policy.why_not_run_authority(actor))
    authority = queries.get_authority(Role.ISSUING)
    assert authority.issuer is not None
    provider = keepers.software()
    issuing = pki.IssuingKey(provider.open(authority.reference, None))
    issuer = x509.load_der_x509_certificate(bytes(authority.certificate))
    named = pki.subject_name(name=name, title="", organisation=name, code=code)
    until = min(at + NODE_LASTS, authority.not_after)
    references = [provider.create(None), provider.create(None)]
    publics = [provider.open(each, None).public for each in references]
    assert all(isinstance(each, EllipticCurvePublicKey) for each in publics)
    return NodeKeys(
        references[0],
        pki.node(name=named, public=publics[0], key=issuing, issuer=issuer, at=at, until=until),
        references[1],
        pki.encryption(name=named, public=publics[1], key=issuing, issuer=issuer, at=at, until=until),
        bytes(authority.issuer.certificate),
    )


def open_node_signer(*, reference: str, certificate: bytes, at: datetime) -> Signer:
    """Open the node's signing key. :raises CertificateExpired: its time is over"""
    read = x509.load_der_x509_certificate(certificate)
    if at >= read.not_valid_after_utc:
        raise policy.CertificateExpired(day=policy.day(read.not_valid_after_utc), name="")
    authority = Authority.objects.filter(role=Role.ISSUING).order_by("-not_before", "-id").first()
    chain = (bytes(authority.certificate),) if authority is not None else ()
    return Signer(certificate, chain, keepers.software().open(reference, None))


def open_node_reader(*, reference: str, at: datetime) -> Key:
    """Open the node's key to which parcels are sealed; one that has expired still opens."""
    return keepers.software().open(reference, None)


def trust_member(*, root: bytes, name: str, actor: Actor | None, at: datetime) -> TrustAnchor | None:
    """Trust another node's root from now on, in the caller's transaction; None when it is trusted already."""
    if root in queries.trust(at).anchors:
        return None
    since = x509.load_der_x509_certificate(root).not_valid_before_utc
    return keep_trust(root, trusted_from=since, reason=name, actor=actor, at=at)
