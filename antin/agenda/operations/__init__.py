"""Every act on calendars: entries, what is held at a meeting, venues and feeds."""

from antin.agenda.operations.entries import (
    Clashing,
    Told,
    act,
    change,
    lock_for,
    propose,
    publish_week,
)
from antin.agenda.operations.meetings import (
    add_file,
    answer,
    conclude,
    count_present,
    name_document,
    note_given,
    note_notice,
    remove_paper,
)
from antin.agenda.operations.venues import add_venue, close_venue, make_feed, revoke_feed, use_feed

__all__ = [
    "Clashing",
    "Told",
    "act",
    "add_file",
    "add_venue",
    "answer",
    "change",
    "close_venue",
    "conclude",
    "count_present",
    "lock_for",
    "make_feed",
    "name_document",
    "note_given",
    "note_notice",
    "propose",
    "publish_week",
    "remove_paper",
    "revoke_feed",
    "use_feed",
]
