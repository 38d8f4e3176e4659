"""Readers with clearance and keys, and an agency whose three officers keep its recovery key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from antin.keys import operations as keys
from antin.people import operations as people
from antin.people.actor import Actor
from antin.vault import operations as vault
from antin.vault.models import Classified, RecoveryKey, SealedContent
from tests.cast import Cast, Member
from tests.signatures import ISSUED_AT, PIN

ENDS = date(2030, 1, 1)
DECISION = "05/QĐ-TCZ"
TITLE = "Kế hoạch bảo đảm trang bị năm 2027"
CLEARED = ("head", "deputy", "office_head", "clerk", "plan_head", "plan_officer", "technique_head")


@dataclass(frozen=True)
class Vaulted:
    """The cast, of whom seven are cleared for Tối mật and have encryption keys; officers: deputy, office head, technique's head."""

    cast: Cast
    recovery_key: RecoveryKey

    def __getattr__(self, name: str) -> Actor:
        member = getattr(self.cast, name)
        assert isinstance(member, Member)
        return member.actor()


def give_key(member: Member, cast: Cast, *, at: datetime = ISSUED_AT) -> int:
    """A signing certificate, when he has none, and one for encryption."""
    if member.person_id != cast.head.person_id:
        keys.issue_person_certificate(
            person_id=member.person_id, post_id=member.post_id, pin=PIN, actor=None, at=ISSUED_AT
        )
    return keys.issue_encryption_certificate(pin=PIN, actor=member.actor(), at=at).pk


def clear(person_id: int, level: str) -> None:
    until = None if level == "none" else ENDS
    people.grant_clearance(person_id=person_id, level=level, until=until, basis=DECISION, actor=None, at=ISSUED_AT)


@dataclass(frozen=True)
class Letter:
    """Something at Mật that the planning officer began, with its title and body sealed."""

    classified: Classified
    title: SealedContent
    body: SealedContent


def sealed(letter: Classified, part: str, content: bytes, actor: Actor, at: datetime) -> SealedContent:
    return vault.seal(classified_id=letter.pk, part=part, content=content, actor=actor, at=at)
