"""Who may ask for opinions on a draft, give one, settle it and comment, and why not."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from antin.documents import policy as documents
from antin.documents.models import Document, Making
from antin.documents.states import EDITABLE
from antin.documents.states import Status as Stage
from antin.opinions.models import Comment, Opinion, Round
from antin.opinions.states import Status
from antin.people.actor import Actor
from antin.refusal import NotAllowed, Refusal, WrongState


class RoundOpen(Refusal):
    code = "opinion_round_open"
    words = _("Đang lấy ý kiến đợt %(number)d; kết thúc đợt này rồi mới lấy ý kiến tiếp.")


class RoundClosed(Refusal):
    code = "opinion_round_closed"
    words = _("Đợt lấy ý kiến này đã kết thúc.")


class NotAsked(NotAllowed):
    code = "opinion_not_asked"
    words = _("Ý kiến này hỏi %(name)s.")


class SettledAlready(Refusal):
    code = "opinion_settled"
    words = _("Người soạn đã tiếp thu, giải trình ý kiến này; không sửa được nữa.")


class NotAnswered(Refusal):
    code = "opinion_not_answered"
    words = _("Chưa có ý kiến để tiếp thu, giải trình.")


class UrgedToday(Refusal):
    code = "opinion_urged_today"
    words = _("Đã đôn đốc trong hôm nay.")


class OpinionsAwaited(Refusal):
    code = "opinions_awaited"
    words = _("Còn chờ ý kiến của %(names)s; kết thúc đợt lấy ý kiến trước khi trình.")


class OpinionsUnsettled(Refusal):
    code = "opinions_unsettled"
    words = _("Còn %(n)d ý kiến chưa ghi tiếp thu, giải trình (%(names)s).")


class NotTheAuthor(NotAllowed):
    code = "not_the_author"
    words = _("Chỉ người soạn thảo và người góp ý được đánh dấu góp ý này.")


COMMENTED = frozenset({*EDITABLE, Stage.SUBMITTED})


def why_not_ask(actor: Actor, document: Document, making: Making, current: Round | None) -> Refusal | None:
    """Why this actor may not ask for opinions on the draft now."""
    no = documents.why_not_revise(actor, document, making)
    if no is not None:
        return no
    if any(isinstance(each, documents.NoText) for each in documents.list_missing(making, 1)):
        return documents.NoText()
    return RoundOpen(number=current.number) if current is not None else None


def why_not_answer(actor: Actor, opinion: Opinion) -> Refusal | None:
    """Why this actor may not give the opinion that was asked for."""
    if opinion.holder not in actor.holders:
        return NotAsked(name=opinion.name)
    if opinion.document.status not in EDITABLE:
        return WrongState(state=str(Stage(opinion.document.status).label))
    if opinion.round.closed_at is not None:
        return RoundClosed()
    if opinion.settlement:
        return SettledAlready()
    return None if opinion.status in (Status.ASKED, Status.ANSWERED) else WrongState(state=_label(opinion))


def _label(opinion: Opinion) -> str:
    return str(Status(opinion.status).label)


def why_not_close(actor: Actor, document: Document, making: Making, current: Round | None) -> Refusal | None:
    """Why this actor may not end the round: its opinions that are still awaited are not waited for."""
    no = documents.why_not_revise(actor, document, making)
    return no or (None if current is not None else RoundClosed())


def why_not_settle(actor: Actor, document: Document, making: Making, opinion: Opinion) -> Refusal | None:
    """Why this actor may not say what he made of an opinion."""
    no = documents.why_not_revise(actor, document, making)
    return no or (None if opinion.status == Status.ANSWERED else NotAnswered())


def why_not_urge(actor: Actor, document: Document, making: Making, opinion: Opinion, *, today: bool) -> Refusal | None:
    """Why this actor may not urge who was asked; `today`: it was done today already."""
    no = documents.why_not_revise(actor, document, making)
    if no is not None:
        return no
    if opinion.status != Status.ASKED:
        return WrongState(state=_label(opinion))
    return UrgedToday() if today else None


def why_not_submit(awaited: list[str], unsettled: list[str]) -> Refusal | None:
    """Why a draft whose opinions stand like this may not be handed on: somebody is still waited for, or was not answered."""
    if awaited:
        return OpinionsAwaited(names=", ".join(awaited[:4]))
    if unsettled:
        return OpinionsUnsettled(n=len(unsettled), names=", ".join(unsettled[:4]))
    return None


def why_not_comment(document: Document) -> Refusal | None:
    """Why nobody may comment on a passage now. A passage quoted is a passage in clear: a classified text has no such comments."""
    if document.classified_id is not None:
        return documents.SealedDocument()
    return None if document.status in COMMENTED else WrongState(state=str(Stage(document.status).label))


def why_not_resolve(actor: Actor, document: Document, making: Making, comment: Comment) -> Refusal | None:
    """Why this actor may not resolve or reopen a comment."""
    no = why_not_comment(document)
    if no is not None:
        return no
    return None if actor.post_id in (making.drafter_post_id, comment.author_post_id) else NotTheAuthor()
