"""What the registry does with papers after they are issued: copies sent by post, the kept copy lent and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import policy, queries
from antin.documents.models import ColumnChoice, CopyUse, Posting
from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse


class WordsMissing(Refusal):
    code = "words_missing"
    words = _("Ghi rõ nơi nhận, người sử dụng, người cho phép.")


class DayAhead(Refusal):
    code = "day_ahead"
    words = _("Ngày %(day)s ở sau hôm nay.")


class BackAlready(Refusal):
    code = "back_already"
    words = _("Bản lưu này đã trả ngày %(day)s.")


def _line(words: str, most: int, *, required: bool = True) -> str:
    said = " ".join(clean(words).split())[:most]
    if required and not said:
        raise WordsMissing()
    return said


@transaction.atomic
def post_by_mail(
    *,
    document_id: int,
    recipient_name: str,
    envelopes: int,
    posted_on: date,
    note: str = "",
    actor: Actor,
    today: date,
    at: datetime,
) -> Posting:
    """Note that a paper of an issued document was sent by post; a line of the postal book.

    Law: Decree 30/2020, Appendix IV (sổ gửi văn bản đi bưu điện).

    :raises NotTheRegistry: :raises WrongState: not issued :raises WordsMissing: :raises DayAhead: :raises Cancelled:
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_post(actor, document))
    if posted_on > today:
        raise DayAhead(day=f"{posted_on:%d/%m/%Y}")
    posting = Posting.objects.create(
        document=document,
        agency_id=document.agency_id,
        recipient_name=_line(recipient_name, 300),
        envelopes=max(1, min(envelopes, 10_000)),
        posted_on=posted_on,
        note=_line(note, 500, required=False),
        made_by=f"{actor.person_name}, {actor.post_title}"[:200],
        made_at=at,
    )
    journal.record(
        "document.posted",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        recipient=posting.recipient_name,
        envelopes=posting.envelopes,
    )
    return posting


@transaction.atomic
def note_postmark(*, posting_id: int, words: str, actor: Actor, at: datetime) -> Posting:
    """Note who signed for what was posted, or the postmark on the receipt.

    :raises NotFound: no such line in the books of his agency, or one of an old book
    :raises NotTheRegistry: :raises WordsMissing:
    """
    posting = queries.lock_posting(actor, posting_id)
    if posting.document is None or posting.past_import is not None:
        raise NotFound()
    refuse(policy.why_not_keep(actor, posting.document))
    posting.postmark = _line(words, 200)
    posting.save(update_fields=["postmark"])
    journal.record(
        "document.postmarked",
        subject=("document", posting.document.pk),
        actor=actor,
        at=at,
        recipient=posting.recipient_name,
        words=posting.postmark,
    )
    return posting


@transaction.atomic
def lend_copy(
    *,
    document_id: int,
    user_name: str,
    permitted_by: str,
    file_code: str = "",
    note: str = "",
    actor: Actor,
    today: date,
    at: datetime,
) -> CopyUse:
    """Note who takes the kept copy of an issued document, and who permitted it; a line of the book of kept copies.

    Law: Decree 30/2020, Appendix IV (sổ sử dụng bản lưu).

    :raises NotTheRegistry: :raises WrongState: not issued :raises WordsMissing:
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_keep(actor, document))
    use = CopyUse.objects.create(
        document=document,
        agency_id=document.agency_id,
        lent_on=today,
        user_name=_line(user_name, 200),
        permitted_by=_line(permitted_by, 200),
        file_code=_line(file_code, 60, required=False),
        note=_line(note, 500, required=False),
        made_by=f"{actor.person_name}, {actor.post_title}"[:200],
        made_at=at,
    )
    journal.record("document.lent", subject=("document", document.pk), actor=actor, at=at, to=use.user_name)
    return use


@transaction.atomic
def take_copy_back(*, use_id: int, actor: Actor, today: date, at: datetime) -> CopyUse:
    """Note that the kept copy is back.

    :raises NotFound: no such line in the books of his agency :raises NotTheRegistry: :raises BackAlready:
    """
    use = queries.lock_copy_use(actor, use_id)
    if use.document is None or use.past_import is not None:
        refuse(policy.why_not_keep_book(actor, use.agency_id))
    else:
        refuse(policy.why_not_keep(actor, use.document))
    if use.returned_on is not None:
        raise BackAlready(day=f"{use.returned_on:%d/%m/%Y}")
    use.returned_on = today
    use.save(update_fields=["returned_on"])
    by = use.user_name
    if use.document is not None:
        journal.record("document.copy_back", subject=("document", use.document.pk), actor=actor, at=at, by=by)
    if use.past_import is not None:
        journal.record(
            "oldbook.copy_back", subject=("oldbook", use.past_import), actor=actor, at=at, by=by, row=use.past_row
        )
    return use


@transaction.atomic
def choose_columns(*, book: str, hidden: Sequence[str], actor: Actor, at: datetime) -> ColumnChoice:
    """Keep which columns of a book this person does not want on his screen; paper always has them all."""
    kept, _made = ColumnChoice.objects.update_or_create(
        person_id=actor.person_id, book=book[:10], defaults={"hidden": sorted(set(hidden))[:20]}
    )
    journal.record(
        "columns.chosen", subject=("person", actor.person_id), actor=actor, at=at, book=kept.book, hidden=kept.hidden
    )
    return kept
