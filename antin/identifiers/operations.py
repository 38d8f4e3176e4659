"""Issuing, closing and merging agency codes. Decision 20/2020/QĐ-TTg: a code given once is never given again."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from antin.identifiers import codes, policy, queries
from antin.identifiers.models import Code, Spelling
from antin.identifiers.states import Scheme, Status
from antin.journal import operations as journal
from antin.refusal import Refusal, refuse


class CodeSpent(Refusal):
    code = "code_spent"
    words = _("Mã định danh %(value)s đã được cấp hoặc đã dùng; mã không bao giờ cấp lại.")


class ParentNotInUse(Refusal):
    code = "code_parent_not_in_use"
    words = _("Mã cấp trên %(parent)s của %(value)s đã đóng.")


class CodeNotInUse(Refusal):
    code = "code_not_in_use"
    words = _("Mã định danh %(value)s không còn dùng.")


class CodeHasChildren(Refusal):
    code = "code_has_children"
    words = _("Chưa đóng được mã %(value)s: mã cấp dưới %(child)s còn dùng.")


class CodeIntoItself(Refusal):
    code = "code_into_itself"
    words = _("Không nhập mã %(value)s vào chính nó hoặc vào mã cấp dưới của nó.")


class BadAlias(Refusal):
    code = "bad_alias"
    words = _("Cách viết khác của mã phải có từ 1 đến 64 ký tự.")


def _spell(value: str, scheme: str, code: Code, at: datetime) -> None:
    """Keep a spelling once; the primary key decides between two who come at the same time."""
    try:
        with transaction.atomic():
            Spelling.objects.create(value=value, scheme=scheme, code=code, since_at=at)
    except IntegrityError:
        raise CodeSpent(value=value) from None


@transaction.atomic
def issue(*, value: str, decision: str, actor: policy.Acting | None, at: datetime) -> Code:
    """Give a code out, and keep its old form as an alias where it has one.

    :raises NotAllowed: the actor keeps no codes
    :raises BadCode: not a code of Decision 20/2020
    :raises CodeSpent: the text was issued or recorded before, even if closed since
    :raises ParentNotInUse: the code one level up is closed
    """
    refuse(policy.why_not_keep_codes(actor))
    codes.parse(value)
    if queries.find_spelling(value) is not None:
        raise CodeSpent(value=value)
    parent = queries.lock_parent(value)
    if parent is not None and parent.status != Status.ACTIVE:
        raise ParentNotInUse(value=value, parent=parent.value)
    try:
        with transaction.atomic():
            code = Code.objects.create(value=value, issued_at=at, issuing_decision=decision)
    except IntegrityError:
        raise CodeSpent(value=value) from None
    _spell(value, Scheme.QD20, code, at)
    try:
        old = codes.to_old(value)
    except codes.NoOldForm:
        old = ""
    if old:
        _spell(old, Scheme.QCVN102, code, at)
    journal.record("code.issued", subject=("code", code.id), actor=actor, at=at, value=value, decision=decision)
    return code


def _close(value: str, status: Status, successor: Code | None, decision: str, at: datetime) -> Code:
    code = queries.lock(value)
    if code.status != Status.ACTIVE:
        raise CodeNotInUse(value=value)
    child = queries.find_open_child(value)
    if child is not None:
        raise CodeHasChildren(value=value, child=child.value)
    code.status, code.successor, code.closed_at, code.closing_decision = status, successor, at, decision
    code.save(update_fields=["status", "successor", "closed_at", "closing_decision"])
    return code


@transaction.atomic
def close(*, value: str, decision: str, actor: policy.Acting | None, at: datetime) -> Code:
    """Take a code out of use without a successor; it stays resolvable for old documents.

    :raises NotAllowed: the actor keeps no codes
    :raises NotFound: no such code
    :raises CodeNotInUse: it is closed already
    :raises CodeHasChildren: a code below it is in use
    """
    refuse(policy.why_not_keep_codes(actor))
    code = _close(value, Status.CLOSED, None, decision, at)
    journal.record("code.closed", subject=("code", code.id), actor=actor, at=at, value=value, decision=decision)
    return code


@transaction.atomic
def merge(*, value: str, into: str, decision: str, actor: policy.Acting | None, at: datetime) -> Code:
    """Take a code out of use and name the code that stands in its place.

    :raises NotAllowed: the actor keeps no codes
    :raises NotFound: one of the two does not exist
    :raises CodeNotInUse: one of the two is closed
    :raises CodeHasChildren: a code below it is in use
    :raises CodeIntoItself: the successor is the code itself or lies under it
    """
    refuse(policy.why_not_keep_codes(actor))
    if value == into or codes.is_below(into, value):
        raise CodeIntoItself(value=value)
    locked = {each: queries.lock(each) for each in sorted((value, into))}
    if locked[into].status != Status.ACTIVE:
        raise CodeNotInUse(value=into)
    code = _close(value, Status.MERGED, locked[into], decision, at)
    journal.record(
        "code.merged", subject=("code", code.id), actor=actor, at=at, value=value, into=into, decision=decision
    )
    return code


@transaction.atomic
def add_alias(*, value: str, alias: str, actor: policy.Acting | None, at: datetime) -> Code:
    """Record another text that means a code: an old form, or what some system on the wire calls it.

    :raises NotAllowed: the actor keeps no codes
    :raises NotFound: no such code
    :raises BadAlias: empty or too long
    :raises CodeSpent: the text means a code already
    """
    refuse(policy.why_not_keep_codes(actor))
    alias = alias.strip()
    if not 0 < len(alias) <= 64:
        raise BadAlias()
    code = queries.lock(value)
    _spell(alias, Scheme.OTHER, code, at)
    journal.record("code.alias_added", subject=("code", code.id), actor=actor, at=at, value=value, alias=alias)
    return code
