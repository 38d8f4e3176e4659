"""Who may send scans and confirm what is in them: the clerks of the agency."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from antin.documents.policy import NotTheRegistry
from antin.intake import states
from antin.intake.models import ScannedPaper
from antin.intake.states import Status
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import Refusal, WrongState

MOST_PAGES = 500
"""Of one scan: a feeder holds a hundred sheets."""


class TooManyPages(Refusal):
    code = "scan_too_many_pages"
    words = _("Tệp quét có %(pages)d trang; nhiều nhất %(most)d trang một tệp. Quét thành nhiều tệp.")


def why_not_send(actor: Actor) -> Refusal | None:
    """Why this actor may not send scans or confirm papers."""
    return None if actor.role == Role.CLERK else NotTheRegistry()


def why_too_long(pages: int) -> Refusal | None:
    """Why a scan of so many pages is not taken."""
    return TooManyPages(pages=pages, most=MOST_PAGES) if pages > MOST_PAGES else None


ERASED = "erased"
"""What a paper's warnings say of one that was taken out because it bears a mark of secrecy."""


class ErasedAsSecret(Refusal):
    code = "scan_erased_as_secret"
    words = _(
        "Bản quét có dấu độ mật, đã xóa khỏi hệ thống. Nhập văn bản này ở trang Tiếp nhận văn bản mật; bản sao lưu làm trong lúc "
        "đó phải hủy theo quy định."
    )


def why_not_erase(actor: Actor, paper: ScannedPaper) -> Refusal | None:
    """Why this actor may not say that a paper is secret."""
    return NotTheRegistry() if why_not_send(actor) is not None or paper.agency_id != actor.agency_id else None


def why_not_change(actor: Actor, paper: ScannedPaper, step: str) -> Refusal | None:
    """Why this actor may not do this step with the paper now."""
    if why_not_send(actor) is not None or paper.agency_id != actor.agency_id:
        return NotTheRegistry()
    if ERASED in paper.warnings:
        return ErasedAsSecret()
    allowed, _target = states.STEPS[step]
    return None if paper.status in allowed else WrongState(state=str(Status(paper.status).label))
