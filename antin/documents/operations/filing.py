"""Under what a document is filed: its field, and how long it is kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.codelists import queries as lists
from antin.codelists.policy import period_words
from antin.codelists.states import Listing
from antin.documents import policy, queries
from antin.documents.models import Filing
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse

if TYPE_CHECKING:
    from antin.codelists.models import Entry


class NotInTheList(Refusal):
    code = "not_in_the_list"
    words = _("Mục đã chọn không có trong danh mục %(listing)s đang dùng ngày %(day)s.")


@transaction.atomic
def file_document(
    *, document_id: int, retention_id: int | None, field_id: int | None, actor: Actor, today: date, at: datetime
) -> Filing:
    """Say under what a document is filed, from the lists its agency uses today; what was chosen before may stay though it ended.

    :raises NotFound: :raises NotAllowed: :raises WrongState: :raises FiledSealed: :raises NotInTheList:
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_file(actor, document))
    kept = Filing.objects.filter(document=document).first() or Filing(document=document)
    was = (kept.retention_id, kept.field_id)
    agency_id = document.agency_id
    retention = _chosen(agency_id, Listing.RETENTION, retention_id, was[0], today)
    field = _chosen(agency_id, Listing.FIELD, field_id, was[1], today)
    if (retention_id, field_id) == was:
        return kept
    kept.retention, kept.field = retention, field
    kept.chosen_by, kept.chosen_at = f"{actor.person_name}, {actor.post_title}"[:200], at
    kept.save()
    journal.record(
        "document.filed",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        agency_id=agency_id,
        words="; ".join(part for part in (in_words(retention), field.name if field else "") if part),
        retention=retention.code if retention else "",
        years=retention.years if retention else None,
        permanent=bool(retention and retention.permanent),
        field=field.code if field else "",
    )
    return kept


def in_words(retention: Entry | None) -> str:
    """The period and the heading it is kept under; "" of none."""
    if retention is None:
        return ""
    return f"{period_words(retention.years, permanent=retention.permanent)} ({retention.code} {retention.name})"


def _chosen(agency_id: int, listing: Listing, entry_id: int | None, was: int | None, today: date) -> Entry | None:
    if entry_id is None:
        return None
    found = lists.get_entry(entry_id) if entry_id == was else lists.find_choice(agency_id, listing, entry_id, today)
    if found is None:
        raise NotInTheList(listing=str(listing.label).lower(), day=f"{today:%d/%m/%Y}")
    return found
