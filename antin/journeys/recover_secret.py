"""Recovery by two of three officers, told to everybody it concerns: nobody is brought something without those who read it knowing.

The operations journal each step; what is told names a document by its number in the vault and by nothing else. A step that uses a
key is done before it is told of: a crash in between leaves the step, the journal and the page, and loses the notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.keys import queries as keys
from antin.notices import operations as notices
from antin.notices.operations import News
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role
from antin.vault import operations as vault
from antin.vault import queries
from antin.vault.operations import Opening
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.vault.models import Recovery, RecoveryKey

PAGE = "/vault/recovery"
WORDS = {
    "recovery.established": _("%(by)s cử đồng chí giữ khóa phục hồi tài liệu mật của đơn vị, theo %(decision)s."),
    "recovery.kept": _("%(by)s đã cử ba cán bộ giữ khóa phục hồi tài liệu mật, theo %(decision)s."),
    "recovery.asked": _("%(by)s đề nghị phục hồi tài liệu mật số %(number)s cho %(name)s, theo %(decision)s."),
    "recovery.half_given": _("%(by)s đã mở phần khóa phục hồi cho tài liệu mật số %(number)s; cần cán bộ thứ hai."),
    "recovery.done": _("%(by)s đã hoàn tất phục hồi tài liệu mật số %(number)s cho %(name)s."),
    "recovery.withdrawn": _("%(by)s đã hủy yêu cầu phục hồi tài liệu mật số %(number)s cho %(name)s."),
}


def list_keyed(agency_id: int, at: datetime) -> list[tuple[int, str]]:
    """The people of an agency to whom something can be sealed: (person, words), by rank of their posts, each once."""
    rows = [row for row in people.list_posts(agency_id, local_date(at)) if row.person_id is not None]
    keyed = keys.list_encryption_holders([row.person_id for row in rows if row.person_id], at)
    names: dict[int, str] = {}
    for row in rows:
        if row.person_id in keyed:
            names.setdefault(row.person_id or 0, f"{row.person_name}, {row.title}")
    return list(names.items())


def establish(*, officers: Sequence[int], decision: str, actor: Actor, at: datetime) -> RecoveryKey:
    """Make the recovery key of the agency and give it to three officers. :raises Refusal: as vault.establish_recovery"""
    key = vault.establish_recovery(officers=officers, decision=decision, actor=actor, at=at)
    facts = {"by": actor.person_name, "decision": key.decision}
    subject = ("recovery_key", key.pk)
    rows = people.find_posts_with_role(agency_id=actor.agency_id, role=Role.ADMINISTRATOR, on=local_date(at))
    news = [News(_persons(officers), "recovery.established", WORDS["recovery.established"], subject, facts, PAGE)]
    if rows:
        told = [f"P{row.id}" for row in rows]
        news.append(News(told, "recovery.kept", WORDS["recovery.kept"], subject, facts, "/administration/recovery"))
    with transaction.atomic(durable=True):
        notices.tell_many(news, actor=actor, at=at)
    return key


def ask(*, classified_id: int, person_id: int, decision: str, actor: Actor, at: datetime) -> Recovery:
    """The head asks the officers to bring something to a person. :raises Refusal: as vault.ask_recovery"""
    with transaction.atomic(durable=True):
        made = vault.ask_recovery(
            classified_id=classified_id, person_id=person_id, decision=decision, actor=actor, at=at
        )
        _tell("recovery.asked", queries.get_recovery(made.pk), actor=actor, at=at)
    return made


def withdraw(*, recovery_id: int, actor: Actor, at: datetime) -> Recovery:
    """The head gives it up. :raises Refusal: as vault.withdraw_recovery"""
    with transaction.atomic(durable=True):
        recovery = vault.withdraw_recovery(recovery_id=recovery_id, actor=actor, at=at)
        _tell("recovery.withdrawn", recovery, actor=actor, at=at)
    return recovery


def give_half(*, recovery_id: int, pin: Opening, actor: Actor, at: datetime) -> Recovery:
    """The first officer opens his halves. :raises Refusal: as vault.give_half"""
    recovery = vault.give_half(recovery_id=recovery_id, pin=pin, actor=actor, at=at)
    with transaction.atomic(durable=True):
        _tell("recovery.half_given", recovery, actor=actor, at=at)
    return recovery


def recover(*, recovery_id: int, pin: Opening, actor: Actor, at: datetime) -> Recovery:
    """The second officer brings it to the person. :raises Refusal: as vault.recover"""
    recovery = vault.recover(recovery_id=recovery_id, pin=pin, actor=actor, at=at)
    with transaction.atomic(durable=True):
        _tell("recovery.done", recovery, actor=actor, at=at)
    return recovery


def _tell(kind: str, recovery: Recovery, *, actor: Actor, at: datetime) -> None:
    """The officers, the head who asked, the person, and everybody who reads it now."""
    concerned = {recovery.person_id, recovery.asked_by_id, *queries.list_officers(recovery.recovery_key_id)}
    concerned |= {reader.person_id for reader in queries.list_readers(recovery.classified_id)}
    facts: dict[str, Any] = {
        "by": actor.person_name,
        "number": recovery.classified_id,
        "name": recovery.person.name,
        "decision": recovery.decision,
    }
    subject = ("classified", recovery.classified_id)
    news = News(_persons(concerned), kind, WORDS[kind], subject, facts, PAGE, f"{kind}:{recovery.pk}")
    notices.tell_many([news], actor=actor, at=at)


def _persons(ids: Iterable[int]) -> list[str]:
    return [f"M{person_id}" for person_id in sorted(ids)]
