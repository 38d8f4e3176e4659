"""Leave to sign in the name of the head, given in writing. Decree 30/2020/NĐ-CP, art. 13, clauses 3 and 4."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.people import policy, queries
from antin.people.actor import Actor
from antin.people.models import Delegation, Post
from antin.people.operations.posts import AlreadyEnded, EndBeforeStart, NeedsBasis, NotToOneself, holds
from antin.people.queries import RedelegationForbidden
from antin.people.states import DELEGATED, Form, Role
from antin.refusal import NotFound, Refusal, refuse


class OnlyHeadDelegates(Refusal):
    code = "only_head_delegates"
    words = _("Chỉ người đứng đầu cơ quan có văn thư riêng mới giao ký thừa lệnh hoặc ủy quyền; %(post)s không phải.")


class DelegateOutside(Refusal):
    code = "delegate_outside"
    words = _("Chỉ giao ký cho người đứng đầu đơn vị thuộc %(agency)s; %(post)s không phải.")


class NotDelegable(Refusal):
    code = "not_delegable"
    words = _("Hình thức %(form)s không giao bằng văn bản; chỉ giao TL. hoặc TUQ.")


class AuthorisationUnbounded(Refusal):
    code = "authorisation_unbounded"
    words = _("Ủy quyền (TUQ.) phải có thời hạn và nêu rõ loại văn bản.")


@transaction.atomic
def delegate(
    *,
    from_post_id: int,
    to_post_id: int,
    form: str,
    since: date,
    basis: str,
    until: date | None = None,
    type_codes: Sequence[str] = (),
    may_subdelegate: bool = False,
    begun_in: str | None = None,
    actor: Actor | None,
    at: datetime,
) -> Delegation:
    """Record that the head of an agency gave the head of one of its parts leave to sign for him, by order (TL.) or TUQ.

    `type_codes` empty means every type. `may_subdelegate` (TL. only) lets the deputies of that part sign too, TL./KT.
    Asked twice in one (`begun_in`) it is given once.

    :raises NotAllowed: the actor is neither that head nor his administrator
    :raises NotFound: no such post
    :raises PostClosed: one of the posts is closed that day (or `UnitClosed`, `NotOpenYet`)
    :raises NotToOneself: an administrator would give himself leave to sign
    :raises NotDelegable: another form than TL. and TUQ.
    :raises RedelegationForbidden: the giver holds a TUQ. himself and would hand it on, or `may_subdelegate` with TUQ.
    :raises OnlyHeadDelegates: the giver heads no agency
    :raises DelegateOutside: the taker heads no part of that agency (TL.), or no unit below it (TUQ.)
    :raises EndBeforeStart: the end is not after the start
    :raises AuthorisationUnbounded: a TUQ. without end or without types
    :raises NeedsBasis: no written basis
    """
    locked = {each: queries.lock_post(each) for each in sorted({from_post_id, to_post_id})}
    giver, taker = locked[from_post_id], locked[to_post_id]
    refuse(policy.why_not_delegate(actor, giver))
    if begun_in and (again := Delegation.objects.filter(begun_in=begun_in).first()) is not None:
        return again
    for post in (giver, taker):
        refuse(policy.why_post_not_open(post, since))
    if holds(actor, taker, since) and not holds(actor, giver, since):
        raise NotToOneself()
    basis = clean_line(basis)[:300]
    refuse(_why_not_form(giver, taker, form=form, since=since, basis=basis, may_subdelegate=may_subdelegate))
    if until is not None and until <= since:
        raise EndBeforeStart(day=policy.in_words(since))
    if form == Form.AUTHORISATION and (until is None or not type_codes):
        raise AuthorisationUnbounded()
    delegation = Delegation.objects.create(
        from_post=giver,
        to_post=taker,
        form=form,
        type_codes=sorted(set(type_codes)),
        since=since,
        until=until,
        basis=basis,
        may_subdelegate=may_subdelegate,
        begun_in=begun_in or None,
    )
    journal.record(
        "post.delegated",
        subject=("post", giver.id),
        actor=actor,
        at=at,
        agency_id=giver.unit.agency_id,
        to_post=taker.id,
        form=form,
        types=delegation.type_codes,
        since=since,
        until=until,
        basis=basis,
        may_subdelegate=may_subdelegate,
    )
    return delegation


def _why_not_form(
    giver: Post, taker: Post, *, form: str, since: date, basis: str, may_subdelegate: bool
) -> Refusal | None:
    if form not in DELEGATED:
        return NotDelegable(form=form)
    if not basis:
        return NeedsBasis()
    if giver.role != Role.HEAD or not giver.unit.is_agency:
        held = Delegation.objects.filter(queries.is_running(since), to_post=giver, form=Form.AUTHORISATION).first()
        if held is not None:
            return RedelegationForbidden(post=taker.title, basis=held.basis)
        return OnlyHeadDelegates(post=giver.title)
    if form == Form.AUTHORISATION and may_subdelegate:
        return RedelegationForbidden(post=taker.title, basis=basis)
    inside = (
        taker.unit.agency_id == giver.unit_id if form == Form.ORDER else policy.is_in_house(giver.unit_id, taker.unit)
    )
    if taker.role != Role.HEAD or taker.unit_id == giver.unit_id or not inside:
        return DelegateOutside(agency=giver.unit.name, post=taker.title)
    return None


@transaction.atomic
def revoke_delegation(*, delegation_id: int, actor: Actor | None, at: datetime) -> Delegation:
    """Take a delegation back from today on.

    :raises NotAllowed: the actor is neither the giver nor his administrator
    :raises NotFound: no such delegation
    :raises AlreadyEnded: it ended or was revoked before
    """
    found = (
        Delegation.objects.select_for_update(of=("self",))
        .select_related("from_post__unit")
        .filter(id=delegation_id)
        .first()
    )
    if found is None:
        raise NotFound(delegation=delegation_id)
    refuse(policy.why_not_delegate(actor, found.from_post))
    day = localdate(at)
    ends = [end for end in (found.until, found.revoked_on) if end is not None]
    if ends and min(ends) <= day:
        raise AlreadyEnded(day=policy.in_words(min(ends)))
    found.revoked_on = day
    found.save(update_fields=["revoked_on"])
    journal.record(
        "post.delegation_revoked",
        subject=("post", found.from_post_id),
        actor=actor,
        at=at,
        agency_id=found.from_post.unit.agency_id,
        to_post=found.to_post_id,
        form=found.form,
        basis=found.basis,
    )
    return found
