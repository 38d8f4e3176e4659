"""Security keys: the ceremonies of WebAuthn (W3C, Level 2), so far as the server has a part in them.

A ceremony has two beats: options with a fresh challenge go to the browser, and what it answers is checked against the state kept
meanwhile. `host` is the name in the address bar: a key made for one name does not answer to another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

NAME = "An Tín"


class CeremonyFailed(Exception):
    """The answer does not belong to the challenge, the host or any key of the person."""


@dataclass(frozen=True)
class Made:
    """A key just made: its name (credential id) and what it is known by from now on."""

    credential: bytes
    material: bytes


@dataclass(frozen=True)
class Shown:
    """A key just used: its name and its count of uses, 0 for keys that do not count."""

    credential: bytes
    count: int


def _server(host: str) -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(id=host, name=NAME))


def begin_making(
    *, host: str, person_id: int, user_name: str, name: str, known: Sequence[bytes]
) -> tuple[dict[str, Any], Any]:
    """Options for a new key of a person who has the keys `known` already, and the state to keep."""
    user = PublicKeyCredentialUserEntity(id=str(person_id).encode(), name=user_name, display_name=name)
    options, state = _server(host).register_begin(
        user, [AttestedCredentialData(each) for each in known], user_verification=UserVerificationRequirement.PREFERRED
    )
    return dict(options)["publicKey"], state


def finish_making(*, host: str, state: Any, answer: Mapping[str, Any]) -> Made:
    """Check what the browser answered. :raises CeremonyFailed:"""
    try:
        data = _server(host).register_complete(state, answer).credential_data
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature) as trouble:
        raise CeremonyFailed() from trouble
    if data is None:
        raise CeremonyFailed()
    return Made(data.credential_id, bytes(data))


def begin_showing(*, host: str, known: Sequence[bytes]) -> tuple[dict[str, Any], Any]:
    """Options for showing one of the keys `known`, and the state to keep."""
    options, state = _server(host).authenticate_begin(
        [AttestedCredentialData(each) for each in known], user_verification=UserVerificationRequirement.PREFERRED
    )
    return dict(options)["publicKey"], state


def finish_showing(*, host: str, state: Any, known: Sequence[bytes], answer: Mapping[str, Any]) -> Shown:
    """Check what the browser answered. :raises CeremonyFailed:"""
    try:
        response = AuthenticationResponse.from_dict(answer)
        used = _server(host).authenticate_complete(state, [AttestedCredentialData(each) for each in known], response)
        return Shown(used.credential_id, response.response.authenticator_data.counter)
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature) as trouble:
        raise CeremonyFailed() from trouble
