"""Searches that are asked again and again: kept by name for oneself, or for all of one's unit."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents.models import SavedSearch
from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal

MOST = 50
LONGEST_QUERY = 1000


class SearchUnnamed(Refusal):
    code = "search_unnamed"
    words = _("Đặt tên cho cách tìm.")


class TooManySearches(Refusal):
    code = "too_many_searches"
    words = _("Đã lưu %(n)d cách tìm; xóa bớt trước khi lưu thêm.")


class QueryTooLong(Refusal):
    code = "query_too_long"
    words = _("Cách tìm này quá dài, không lưu được.")


@transaction.atomic
def save_search(*, name: str, query: str, share: bool, actor: Actor, at: datetime) -> SavedSearch:
    """Keep a search under a name, in place of one of the same name; shared with the unit of the actor's post when he says so.

    :raises SearchUnnamed: :raises QueryTooLong: :raises TooManySearches:
    """
    called = clean_line(name)[:80]
    if not called:
        raise SearchUnnamed()
    if len(query) > LONGEST_QUERY:
        raise QueryTooLong()
    others = SavedSearch.objects.filter(person_id=actor.person_id).exclude(name=called)
    if others.count() >= MOST:
        raise TooManySearches(n=MOST)
    kept, _made = SavedSearch.objects.update_or_create(
        person_id=actor.person_id,
        name=called,
        defaults={
            "query": query,
            "owner_name": actor.person_name,
            "unit_id": actor.unit_id if share else None,
            "made_at": at,
        },
    )
    journal.record("search.saved", subject=("person", actor.person_id), actor=actor, at=at, name=called, shared=share)
    return kept


@transaction.atomic
def forget_search(*, saved_id: int, actor: Actor, at: datetime) -> None:
    """Take one of the actor's own saved searches away. :raises NotFound: it is not his"""
    found = SavedSearch.objects.select_for_update().filter(pk=saved_id, person_id=actor.person_id).first()
    if found is None:
        raise NotFound()
    name = found.name
    found.delete()
    journal.record("search.forgotten", subject=("person", actor.person_id), actor=actor, at=at, name=name)
