"""The directory of members and how one joins it: invitations, answers, editions. Pure.

One node coordinates. It signs every edition with its own key; members pinned that key when they took the invitation by hand. An
edition carries a version that only grows and the digest of the edition before it, so that an old one is known for what it is.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from django.utils.translation import gettext_noop as _

from antin.nodes.statements import Statement
from antin.refusal import Refusal

EDITION, INVITATION, ANSWER = "antin-directory/1", "antin-invitation/1", "antin-answer/1"
CODE = re.compile(r"[a-z][a-z0-9-]{1,19}")
"""What a node is called on the lines: small letters, so that it is never taken for an agency's code."""


class NotADirectory(Refusal):
    code = "not_a_directory"
    words = _("Tệp không phải danh bạ nút, giấy mời hoặc giấy trả lời.")


class OldEdition(Refusal):
    """An edition that is not newer than the one in force: a mistake, or somebody would take a member's leaving back."""

    code = "old_edition"
    words = _("Danh bạ phiên bản %(version)s không mới hơn phiên bản %(held)s đang dùng.")


@dataclass(frozen=True)
class Agency:
    """One agency of a member. `former` is the member that served it before, up to version `since`; "" where none ever did."""

    code: str
    name: str
    former: str = ""
    since: int = 0

    def told(self) -> dict[str, Any]:
        before = {"former": self.former, "since": self.since} if self.former else {}
        return {"code": self.code, "name": self.name, **before}


@dataclass(frozen=True)
class Listed:
    """One member as an edition lists it. `way` is how it is reached: "nats" or "file"."""

    code: str
    name: str
    way: str
    standing: str
    sign: bytes
    seal: bytes
    roots: tuple[bytes, ...]
    agencies: tuple[Agency, ...]

    def told(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "way": self.way,
            "standing": self.standing,
            "sign": base64.b64encode(self.sign).decode(),
            "seal": base64.b64encode(self.seal).decode(),
            "roots": [base64.b64encode(each).decode() for each in self.roots],
            "agencies": [each.told() for each in self.agencies],
        }


@dataclass(frozen=True)
class Edition:
    version: int
    former: str
    coordinator: str
    members: tuple[Listed, ...]

    def told(self) -> dict[str, Any]:
        return {
            "form": EDITION,
            "version": self.version,
            "former": self.former,
            "coordinator": self.coordinator,
            "members": [member.told() for member in self.members],
        }


def read_listed(told: dict[str, Any]) -> Listed:
    """Return a member as it is told. :raises NotADirectory:"""
    try:
        found = Listed(
            code=str(told["code"]),
            name=str(told["name"])[:300],
            way=str(told["way"]),
            standing=str(told["standing"]),
            sign=_der(told["sign"]),
            seal=_der(told["seal"]),
            roots=tuple(_der(each) for each in told["roots"]),
            agencies=tuple(_agency(each) for each in told["agencies"]),
        )
        for der in (found.sign, found.seal, *found.roots):
            x509.load_der_x509_certificate(der)
    except (KeyError, TypeError, ValueError, binascii.Error) as trouble:
        raise NotADirectory() from trouble
    if not CODE.fullmatch(found.code) or found.way not in ("nats", "file") or not found.roots:
        raise NotADirectory()
    return found


def _agency(told: dict[str, Any]) -> Agency:
    former = str(told.get("former", ""))
    if former and not CODE.fullmatch(former):
        raise ValueError(former)
    return Agency(str(told["code"]), str(told["name"])[:300], former, int(told.get("since", 0)))


def _der(text: object) -> bytes:
    return base64.b64decode(str(text), validate=True)


def read_edition(found: Statement) -> Edition:
    """Return the edition that a statement tells. :raises NotADirectory: a code or an agency stands in it twice, or it is none"""
    told = found.told
    try:
        edition = Edition(
            version=int(told["version"]),
            former=str(told["former"]),
            coordinator=str(told["coordinator"]),
            members=tuple(read_listed(each) for each in told["members"]),
        )
    except (KeyError, TypeError, ValueError) as trouble:
        raise NotADirectory() from trouble
    codes = [member.code for member in edition.members]
    served = [agency.code for member in edition.members for agency in member.agencies]
    twice = len(set(codes)) != len(codes) or len(set(served)) != len(served)
    if told.get("form") != EDITION or twice or edition.coordinator not in codes or edition.version < 1:
        raise NotADirectory()
    return edition
