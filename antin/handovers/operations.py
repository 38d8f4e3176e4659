"""Beginning a hand-over, fixing its list, signing, withdrawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.handovers import policy, queries, states
from antin.handovers.models import PostHandOver, PostItem
from antin.handovers.states import Kind, Status
from antin.identifiers.text import clean, clean_line
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse


class PostNotHeld(Refusal):
    code = "post_vacant"
    words = _("Chức vụ này hiện không ai giữ: không có gì để bàn giao.")


class ToHimself(Refusal):
    code = "hand_over_to_himself"
    words = _("Bên nhận phải là người khác bên giao.")


class BasisMissing(Refusal):
    code = "hand_over_basis_missing"
    words = _("Nêu quyết định hoặc văn bản làm căn cứ bàn giao.")


class ReasonMissing(Refusal):
    code = "hand_over_reason_missing"
    words = _("Ghi rõ lý do.")


class HandedOverAlready(Refusal):
    code = "hand_over_open"
    words = _("Chức vụ này đang có một biên bản bàn giao chưa xong.")


class MinutesChanged(Refusal):
    code = "minutes_changed"
    words = _("Biên bản đã thay đổi; mở lại trang.")


@dataclass(frozen=True)
class Thing:
    """Something that is open on the day: its kind, id and name, and how it goes over."""

    kind: str
    subject_id: int
    name: str
    remark: str = ""


def _record(event: str, act: PostHandOver, actor: Actor, at: datetime, **facts: object) -> None:
    told = {"post": act.post_title, "giver": act.giver_name, "taker": act.taker_name, **facts}
    subjects = (("post_hand_over", act.pk), ("post", act.post_id), ("person", act.giver_id), ("person", act.taker_id))
    for subject in subjects:
        journal.record(event, subject=subject, actor=actor, at=at, agency_id=act.agency_id, **told)


@transaction.atomic
def begin(
    *,
    post_id: int,
    taker_id: int,
    vacant: bool,
    from_date: date,
    basis: str,
    words: str,
    actor: Actor,
    today: date,
    at: datetime,
) -> PostHandOver:
    """Begin the hand-over of a post by who holds it today to who follows, or keeps it while it is vacant.

    :raises NotFound: :raises PostNotHeld: :raises NotForHandOver: :raises ToHimself: :raises BasisMissing:
    :raises HandedOverAlready: one is open
    """
    post = people.lock_post(post_id)
    seat = people.post_holder(post_id, today)
    if seat is None:
        raise PostNotHeld()
    refuse(policy.why_not_begin(actor, agency_id=post.unit.agency_id, giver_id=seat.pk))
    taker = people.get_person(taker_id)
    if taker.pk == seat.pk:
        raise ToHimself()
    said = clean_line(basis)[:500]
    if not said:
        raise BasisMissing()
    if PostHandOver.objects.filter(post=post, status__in=(Status.OPEN, Status.FIXED)).exists():
        raise HandedOverAlready()
    act = PostHandOver.objects.create(
        agency_id=post.unit.agency_id,
        post=post,
        post_title=post.title,
        unit_name=post.unit.name,
        giver_id=seat.pk,
        giver_name=seat.name,
        taker=taker,
        taker_name=taker.name,
        vacant=vacant,
        from_date=from_date,
        basis=said,
        words=clean(words)[:4000],
        begun_by=f"{actor.person_name}, {actor.post_title}"[:200],
        begun_at=at,
    )
    _record("post_hand_over.begun", act, actor, at, from_date=f"{from_date:%d/%m/%Y}", basis=said, vacant=vacant)
    return act


@transaction.atomic
def fix(*, act_id: int, things: Sequence[Thing], file: str, actor: Actor, at: datetime) -> PostHandOver:
    """Fix the list with the minutes it was laid out in; both sides sign these.

    :raises NotForHandOver: :raises WrongState:
    """
    act = queries.lock(act_id)
    refuse(policy.why_not_change(actor, act, "fix"))
    act.status, act.file_id, act.fixed_at = states.step("fix", act.status), file, at
    act.save(update_fields=["status", "file", "fixed_at"])
    PostItem.objects.filter(hand_over=act).delete()
    PostItem.objects.bulk_create(
        PostItem(
            hand_over=act,
            position=place,
            kind=each.kind,
            subject_id=each.subject_id,
            name=each.name[:500],
            remark=each.remark[:500],
        )
        for place, each in enumerate(things, 1)
    )
    _record("post_hand_over.fixed", act, actor, at, things=len(things), file=file)
    return act


@transaction.atomic
def reopen(*, act_id: int, actor: Actor, at: datetime) -> PostHandOver:
    """Open the list again before anybody signed. :raises NotForHandOver: :raises WrongState: :raises SignedBySide:"""
    act = queries.lock(act_id)
    refuse(policy.why_not_change(actor, act, "reopen"))
    act.status, act.file_id, act.fixed_at = states.step("reopen", act.status), None, None
    act.save(update_fields=["status", "file", "fixed_at"])
    PostItem.objects.filter(hand_over=act).delete()
    _record("post_hand_over.reopened", act, actor, at)
    return act


@transaction.atomic
def sign(
    *, act_id: int, minutes: str, signature: str, remarks: Mapping[int, str], actor: Actor, at: datetime
) -> PostHandOver:
    """Keep the signature of a side beside the minutes it signed; with the second one the post is handed over.

    `remarks` say of things, by their place on the list, what became of them. Repeating it changes nothing.

    :raises NotAParty: :raises WrongState: :raises GiverFirst: :raises MinutesChanged: it was fixed anew meanwhile
    """
    act = queries.lock(act_id)
    gives = actor.person_id == act.giver_id
    if signature in (act.giver_signed, act.taker_signed):
        return act
    refuse(policy.why_not_sign(actor, act))
    if minutes != act.file_id:
        raise MinutesChanged()
    if gives:
        act.giver_signed, act.giver_signed_at = signature, at
    else:
        act.taker_signed, act.taker_signed_at = signature, at
        act.status = states.step("conclude", act.status)
    act.save()
    rows = list(PostItem.objects.filter(hand_over=act, position__in=list(remarks)))
    for row in rows:
        row.remark = remarks[row.position][:500]
    PostItem.objects.bulk_update(rows, ["remark"])
    event = "post_hand_over.given" if gives else "post_hand_over.done"
    _record(event, act, actor, at, file=act.file_id, signature=signature)
    return act


@transaction.atomic
def note_secrets(*, act_id: int, remarks: Mapping[int, str], passed: int, actor: Actor, at: datetime) -> PostHandOver:
    """Note what became of the secrets that were to be passed on, each by its id; on a list that is fixed its remark says so.

    :raises NotAllowed: not the giver :raises WrongState:
    """
    act = queries.lock(act_id)
    refuse(policy.why_not_pass_on(actor, act))
    rows = list(PostItem.objects.filter(hand_over=act, kind=Kind.SECRET, subject_id__in=list(remarks)))
    for row in rows:
        row.remark = remarks[row.subject_id][:500]
    PostItem.objects.bulk_update(rows, ["remark"])
    _record("post_hand_over.secrets", act, actor, at, asked=len(remarks), passed=passed)
    return act


@transaction.atomic
def withdraw(*, act_id: int, reason: str, actor: Actor, at: datetime) -> PostHandOver:
    """Let a hand-over be that is not concluded. :raises NotForHandOver: :raises WrongState: :raises ReasonMissing:"""
    act = queries.lock(act_id)
    refuse(policy.why_not_change(actor, act, "withdraw"))
    said = clean_line(reason)[:500]
    if not said:
        raise ReasonMissing()
    act.status, act.withdrawn_at, act.withdraw_reason = states.step("withdraw", act.status), at, said
    act.save(update_fields=["status", "withdrawn_at", "withdraw_reason"])
    _record("post_hand_over.withdrawn", act, actor, at, reason=said)
    return act
