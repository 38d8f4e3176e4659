"""What happens to drafts and sight when a unit is split or closed: drafts follow their drafter's post, sight is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from antin.documents.models import Making
from antin.documents.states import Status
from antin.people import queries as people
from antin.people.actor import Actor

NOT_FIXED = (Status.DRAFTED, Status.RETURNED, Status.SUBMITTED)


@transaction.atomic
def follow_posts(*, posts: Mapping[int, int], actor: Actor | None, at: datetime) -> int:
    """Let drafts whose page is not fixed yet be made in the unit (`posts`: by post) their drafter's post belongs to now; how many.

    A notation that names the unit (TCZ-KH) names the new one. The split itself is recorded by `people.split_unit`.
    """
    rows = Making.objects.select_related("document__agency", "unit").select_for_update(of=("self",))
    drafts = list(rows.filter(drafter_post__in=posts, document__status__in=NOT_FIXED).order_by("pk"))
    units = people.list_units(sorted(set(posts.values())))
    for making in drafts:
        document, unit = making.document, units[posts[making.drafter_post_id]]
        if document.notation == f"{document.agency.abbreviation}-{making.unit.abbreviation}":
            document.notation = f"{document.agency.abbreviation}-{unit.abbreviation}"
            document.save(update_fields=["notation"])
        making.unit_id = unit.pk
        making.save(update_fields=["unit"])
    return len(drafts)


@transaction.atomic
def share_sight(*, unit_id: int, with_units: Sequence[int], actor: Actor | None, at: datetime) -> int:
    """Let those who lead some units see what those who lead a unit see; how many rows of sight that made.

    The split itself is recorded by `people.split_unit`.
    """
    made = 0
    with connection.cursor() as cursor:
        for each in with_units:
            cursor.execute(
                "INSERT INTO documents_visibility (document_id, holder, box, reason, since, order_at)"
                " SELECT document_id, %s, box, reason, %s, order_at FROM documents_visibility WHERE holder = %s"
                " ON CONFLICT DO NOTHING",
                [f"U{each}", at, f"U{unit_id}"],
            )
            made += cursor.rowcount
    return made


@transaction.atomic
def pass_sight(
    *, document_ids: Sequence[int], holders: Sequence[str], unit_id: int, actor: Actor | None, at: datetime
) -> int:
    """Let those who lead a unit see these documents as these holders see them; how many rows of sight that made.

    Which work they are about is recorded where it passes to the unit.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_visibility (document_id, holder, box, reason, since, order_at)"
            " SELECT DISTINCT ON (document_id) document_id, %s, box, reason, %s, order_at FROM documents_visibility"
            " WHERE document_id = ANY(%s) AND holder = ANY(%s) ORDER BY document_id, id ON CONFLICT DO NOTHING",
            [f"U{unit_id}", at, list(document_ids), list(holders)],
        )
        return cursor.rowcount
