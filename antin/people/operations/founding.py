"""The first act on an empty node: one agency and one administrator, who does the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as words_of
from django.utils.translation import gettext_noop as _

from antin.people import queries
from antin.people.operations.persons import BadUserName, add_person
from antin.people.operations.posts import appoint, open_post
from antin.people.operations.units import open_unit
from antin.people.passwords import check_strength
from antin.people.states import Role
from antin.refusal import Refusal

_LOCK = 0x616E74696E01


class NodeNotEmpty(Refusal):
    code = "node_not_empty"
    words = _("Hệ thống đã có người dùng; quản trị viên đầu tiên chỉ lập được trên hệ thống trống.")


@dataclass(frozen=True)
class Founded:
    """What an empty node begins with."""

    agency_id: int
    post_id: int
    person_id: int


@transaction.atomic
def found(
    *,
    name: str,
    short_name: str,
    abbreviation: str,
    kind: str,
    code: str,
    place_name: str,
    administrator: str,
    user_name: str,
    password: str,
    at: datetime,
    actor: None = None,
) -> Founded:
    """Open the first agency of an empty node and seat its first administrator.

    :raises NodeNotEmpty: somebody is here already
    :raises BadUserName: no user name, or not of the form asked
    :raises WeakPassword: no password, too short, or contains the user name
    :raises Refusal: those of `open_unit` and `add_person`
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if queries.has_persons() or queries.find_root() is not None:
        raise NodeNotEmpty()
    if not user_name.strip():
        raise BadUserName()
    check_strength(password, user_name)
    agency = open_unit(
        name=name, short_name=short_name, abbreviation=abbreviation, kind=kind, parent_id=None, code=code, place_name=place_name,
        actor=actor, at=at,
    )  # fmt: skip
    post = open_post(
        unit_id=agency.id, title=words_of("Quản trị viên"), role=Role.ADMINISTRATOR, order=90, actor=actor, at=at
    )
    person = add_person(name=administrator, user_name=user_name, password=password, actor=actor, at=at)
    appoint(person_id=person.id, post_id=post.id, since=localdate(at), actor=actor, at=at)
    return Founded(agency.id, post.id, person.id)
