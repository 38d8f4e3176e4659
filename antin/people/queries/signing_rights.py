"""Who may sign in the name of an agency, and how the authority is printed. Decree 30/2020/NĐ-CP, art. 13.

The head signs himself (Q. when acting, TM. for a collective body); a deputy signs KT.; the head of a part signs TL. when it was
given in writing, and his deputy after him (TL./KT.) when it may be handed on; TUQ. is bounded in time and content and ends with the
one it was given to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from antin.people import policy
from antin.people.models import Appointment, Delegation, Post, Unit
from antin.people.names import upper
from antin.people.queries.posts import get_post, is_in_force
from antin.people.queries.units import get_agency, is_open, is_running
from antin.people.states import Form, Role
from antin.refusal import Refusal, refuse


class NotEntitledToSign(Refusal):
    code = "not_entitled_to_sign"
    words = _("%(post)s không có thẩm quyền ký văn bản của %(agency)s.")


class PostVacant(Refusal):
    code = "post_vacant"
    words = _("Chức vụ %(post)s đang khuyết trong ngày %(day)s, không có người ký.")


class DelegationExpired(Refusal):
    code = "delegation_expired"
    words = _("Giao ký %(form)s cho %(post)s theo %(basis)s đã hết hạn từ ngày %(day)s.")


class DelegationRevoked(Refusal):
    code = "delegation_revoked"
    words = _("Giao ký %(form)s cho %(post)s theo %(basis)s đã bị thu hồi từ ngày %(day)s.")


class DelegationNotYetValid(Refusal):
    code = "delegation_not_yet_valid"
    words = _("Giao ký %(form)s cho %(post)s theo %(basis)s đến ngày %(day)s mới có hiệu lực.")


class TypeNotCovered(Refusal):
    code = "type_not_covered"
    words = _("Giao ký %(form)s cho %(post)s theo %(basis)s không gồm loại văn bản này, chỉ gồm: %(types)s.")


class RedelegationForbidden(Refusal):
    code = "redelegation_forbidden"
    words = _(
        "Người được ủy quyền không được ủy quyền lại: %(post)s không được ký thay người đã nhận ủy quyền (TUQ.) theo %(basis)s."
    )


class NotHandedOn(Refusal):
    code = "order_not_handed_on"
    words = _("Ký thừa lệnh theo %(basis)s không được giao lại cho cấp phó; %(post)s không được ký.")


@dataclass(frozen=True)
class SigningRight:
    """A person who may sign for an agency on a day.

    `form` is empty for a head himself; `lines` is the authority as printed above the signature; `basis` the writing it rests
    on (empty when it comes with the post); `until` the first day it no longer holds, if known.
    """

    post_id: int
    post_title: str
    unit_name: str
    person_id: int
    person_name: str
    rank: str
    form: str
    lines: tuple[str, ...]
    basis: str
    until: date | None


def list_signing_rights(*, agency_id: int, type_code: str, on: date) -> list[SigningRight]:
    """List everybody who may sign a document of this type for the agency that day: the head, deputies, TL., TUQ.

    `type_code` is the code of the type (`QĐ`, `TB`, `CV` for an official letter). A closed or headless agency has no one.

    :raises NotFound: no such agency
    """
    agency = get_agency(agency_id)
    if policy.why_unit_not_open(agency, on) is not None:
        return []
    leaders = list(
        Post.objects.filter(is_open(on), unit=agency, role__in=(Role.HEAD, Role.DEPUTY)).order_by("order", "id")
    )
    head = next((post for post in leaders if post.role == Role.HEAD), None)
    if head is None:
        return []
    given = [each for each in _list_delegations(agency, on) if _covers(each, type_code)]
    deputies = _deputies_of({each.to_post.unit_id for each in given if each.may_subdelegate}, on)
    holders = _holders([*leaders, *(each.to_post for each in given), *deputies], on)
    rights = [_own_right(agency, head, post, holders[post.id]) for post in _head_first(leaders) if post.id in holders]
    for each in given:
        if each.to_post_id in holders:
            rights.append(_delegated_right(head, each, each.to_post, holders[each.to_post_id]))
        if each.may_subdelegate:
            seconds = [post for post in deputies if post.unit_id == each.to_post.unit_id and post.id in holders]
            rights.extend(_delegated_right(head, each, post, holders[post.id]) for post in seconds)
    return rights


def get_signing_right(*, agency_id: int, post_id: int, type_code: str, on: date) -> SigningRight:
    """Return the right of one post to sign a document of this type for the agency on that day, or refuse in words.

    :raises NotFound: no such agency or post
    :raises UnitClosed: the agency, or the unit of the post, is closed (or `NotOpenYet`)
    :raises PostClosed: the post is closed
    :raises PostVacant: nobody holds it that day
    :raises DelegationExpired: or `DelegationRevoked`, `DelegationNotYetValid`, `TypeNotCovered`: it was given, but not for this
    :raises RedelegationForbidden: a deputy of the one who holds a TUQ.
    :raises NotHandedOn: a deputy of the one who holds a TL. that may not be handed on
    :raises NotEntitledToSign: nothing was ever given
    """
    found = [
        right
        for right in list_signing_rights(agency_id=agency_id, type_code=type_code, on=on)
        if right.post_id == post_id
    ]
    if found:
        return found[0]
    agency, post = get_agency(agency_id), get_post(post_id)
    refuse(policy.why_unit_not_open(agency, on))
    refuse(policy.why_post_not_open(post, on))
    if not Appointment.objects.filter(is_running(on), post=post).exists():
        raise PostVacant(post=post.title, day=policy.in_words(on))
    raise _why_no_right(agency, post, type_code, on)


@dataclass(frozen=True)
class SigningSpell:
    """Days on which somebody held a post that signs for an agency: from `since` until before `until`."""

    person_id: int
    agency_id: int
    unit_id: int
    since: date
    until: date | None


def list_signing_spells(person_ids: Iterable[int]) -> list[SigningSpell]:
    """Return when some persons held posts that sign for an agency: its head and deputies, and those it was given to in writing.

    A deputy to whom such a right is only handed on is not among them. What touches or overlaps is one. Three questions.
    """
    held = list(
        Appointment.objects.filter(person__in=list(person_ids)).select_related("post__unit").order_by("since", "id")
    )
    given: dict[int, list[Delegation]] = {}
    for each in Delegation.objects.filter(to_post__in={row.post_id for row in held}).select_related("from_post__unit"):
        given.setdefault(each.to_post_id, []).append(each)
    found: dict[tuple[int, int, int], list[tuple[date, date | None]]] = {}
    for row in held:
        post = row.post
        spans: list[tuple[int, date, date | None]] = []
        if post.unit.is_agency and post.role in (Role.HEAD, Role.DEPUTY):
            spans.append((post.unit_id, row.since, None))
        for each in given.get(post.pk, ()):
            ends = [day for day in (each.until, each.revoked_on) if day is not None]
            spans.append((each.from_post.unit.agency_id, each.since, min(ends, default=None)))
        for agency, first, last in spans:
            ends = [day for day in (last, row.until, post.closed_on, post.unit.closed_on) if day is not None]
            since, until = max(first, row.since), min(ends, default=None)
            if until is None or since < until:
                found.setdefault((row.person_id, agency, post.unit_id), []).append((since, until))
    return [
        SigningSpell(person, agency, unit, since, until)
        for (person, agency, unit), spells in found.items()
        for since, until in _joined(spells)
    ]


def _joined(spells: list[tuple[date, date | None]]) -> list[tuple[date, date | None]]:
    found: list[tuple[date, date | None]] = []
    for since, until in sorted(spells, key=lambda each: each[0]):
        last = found[-1][1] if found else date.min
        if found and (last is None or since <= last):
            found[-1] = (found[-1][0], None if last is None or until is None else max(last, until))
        else:
            found.append((since, until))
    return found


def list_who_signed_for(unit_ids: Iterable[int], post_ids: Iterable[int]) -> set[int]:
    """Return the persons who ever held some posts, a post that these gave a right to sign to, or a post of some units."""
    posts = list(post_ids)
    given = Delegation.objects.filter(from_post__in=posts).values("to_post")
    rows = Appointment.objects.filter(Q(post__unit__in=list(unit_ids)) | Q(post__in=posts) | Q(post__in=given))
    return set(rows.values_list("person_id", flat=True))


def _list_delegations(agency: Unit, on: date) -> list[Delegation]:
    found = Delegation.objects.filter(
        is_in_force(on),
        is_open(on, "to_post__"),
        is_open(on, "to_post__unit__"),
        from_post__unit=agency,
        from_post__role=Role.HEAD,
    )
    return list(found.select_related("to_post__unit").order_by("form", "to_post__unit__sort_key", "since", "id"))


def _is_revoked(delegation: Delegation, on: date) -> bool:
    return delegation.revoked_on is not None and delegation.revoked_on <= on


def _covers(delegation: Delegation, type_code: str) -> bool:
    return not delegation.type_codes or type_code in delegation.type_codes


def _deputies_of(unit_ids: set[int], on: date) -> list[Post]:
    if not unit_ids:
        return []
    found = Post.objects.filter(is_open(on), unit_id__in=unit_ids, role=Role.DEPUTY).select_related("unit")
    return list(found.order_by("order", "id"))


def _holders(posts: list[Post], on: date) -> dict[int, Appointment]:
    running = Appointment.objects.filter(is_running(on), post__in={post.id for post in posts}).select_related("person")
    return {appointment.post_id: appointment for appointment in running}


def _head_first(posts: list[Post]) -> list[Post]:
    return sorted(posts, key=lambda post: post.role != Role.HEAD)


def _right(
    post: Post,
    unit: Unit,
    held: Appointment,
    *,
    form: Form,
    lines: tuple[str, ...],
    basis: str = "",
    until: date | None = None,
) -> SigningRight:
    ends = [day for day in (held.until, until) if day is not None]
    return SigningRight(
        post_id=post.id,
        post_title=post.title,
        unit_name=unit.name,
        person_id=held.person_id,
        person_name=held.person.name,
        rank=held.person.rank,
        form=form.value,
        lines=lines,
        basis=basis,
        until=min(ends) if ends else None,
    )


def _own_right(agency: Unit, head: Post, post: Post, held: Appointment) -> SigningRight:
    """Word the right that comes with the post of a head or a deputy."""
    title = upper(post.title)
    first = (f"TM. {upper(agency.collective)}",) if agency.collective else ()
    if post.role == Role.DEPUTY:
        return _right(post, agency, held, form=Form.DEPUTY, lines=(*first, f"KT. {upper(head.title)}", title))
    if held.acting:
        return _right(post, agency, held, form=Form.ACTING, lines=(*first, f"Q. {title}"))
    return _right(post, agency, held, form=Form.COLLECTIVE if first else Form.SELF, lines=(*first, title))


def _delegated_right(head: Post, given: Delegation, post: Post, held: Appointment) -> SigningRight:
    """Word a right given in writing, to the head of a part or, handed on, to his deputy."""
    lines = [f"{given.form} {upper(head.title)}"]
    if post.id != given.to_post_id:
        lines.append(f"KT. {upper(given.to_post.title)}")
    lines.append(f"Q. {upper(post.title)}" if held.acting and post.role == Role.HEAD else upper(post.title))
    ends = [day for day in (given.until, given.revoked_on) if day is not None]
    return _right(
        post,
        given.to_post.unit,
        held,
        form=Form(given.form),
        lines=tuple(lines),
        basis=given.basis,
        until=min(ends) if ends else None,
    )


def _why_no_right(agency: Unit, post: Post, type_code: str, on: date) -> Refusal:
    """Find the reason that helps most: given, but not for this day or type; given to his head, not to him; never given."""
    from_head = Delegation.objects.filter(from_post__unit=agency, from_post__role=Role.HEAD).order_by("-since", "-id")
    own = list(from_head.filter(to_post=post))
    for given in own:
        if given.since <= on and not _is_over(given, on):
            return TypeNotCovered(
                form=given.form, post=post.title, basis=given.basis, types=", ".join(given.type_codes)
            )
    if own:
        return _why_not_in_force(min(own, key=lambda given: abs((given.since - on).days)), post, on)
    if post.role == Role.DEPUTY:
        theirs = from_head.filter(to_post__unit_id=post.unit_id, to_post__role=Role.HEAD)
        for given in theirs:
            if given.since <= on and not _is_over(given, on):
                return _why_not_through_head(given, post)
    return NotEntitledToSign(post=post.title, agency=agency.name)


def _is_over(given: Delegation, on: date) -> bool:
    return _is_revoked(given, on) or (given.until is not None and given.until <= on)


def _why_not_in_force(given: Delegation, post: Post, on: date) -> Refusal:
    facts = {"form": given.form, "post": post.title, "basis": given.basis}
    if given.since > on:
        return DelegationNotYetValid(**facts, day=policy.in_words(given.since))
    if (
        given.revoked_on is not None
        and given.revoked_on <= on
        and (given.until is None or given.revoked_on < given.until)
    ):
        return DelegationRevoked(**facts, day=policy.in_words(given.revoked_on))
    return DelegationExpired(**facts, day=policy.in_words(given.until or on))


def _why_not_through_head(given: Delegation, post: Post) -> Refusal:
    if given.form == Form.AUTHORISATION:
        return RedelegationForbidden(post=post.title, basis=given.basis)
    if not given.may_subdelegate:
        return NotHandedOn(post=post.title, basis=given.basis)
    return TypeNotCovered(form=given.form, post=post.title, basis=given.basis, types=", ".join(given.type_codes))
