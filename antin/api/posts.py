"""Posts and who holds them, for machines that administer: opened, described, closed; persons taken
in, appointed, given a password, cleared and let go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS
from antin.api.organisation import administered
from antin.api.paging import After, BadCursor, Limit, Page
from antin.api.problems import declared
from antin.people import operations, passwords, policy, queries
from antin.people.states import Clearance, Role
from antin.refusal import refuse
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.people.models import Appointment as AppointmentRow
    from antin.people.models import Person as PersonRow
    from antin.people.models import Post as PostRow

router = Router(tags=["Organisation"])
HERE = "/posts/{int:post_id}"
PERSON = "/people/{int:person_id}"
Key = Annotated[str, Field(max_length=40, description="The same key makes once.")]


class Appointment(Schema):
    """A person in a post from a day until another (exclusive)."""

    id: int
    post_id: int
    person_id: int
    person_name: str
    since: date
    until: date | None
    acting: bool = Field(description="Quyền.")


class DescribePostIn(Schema):
    title: str = Field(min_length=1, max_length=200)
    keeps_seal: bool = False
    order: int = Field(50, ge=0, le=9999, description="Among the posts of its unit, the least first.")


class OpenPostIn(DescribePostIn):
    role: Literal[tuple(Role.values)] = Field(  # type: ignore[valid-type]
        Role.OFFICER.value, description="What the post may do; it stays for ever."
    )
    opened_on: date | None = Field(None, description="Today where it is null.")
    key: Key = ""


class PostWhole(Schema):
    id: int
    unit_id: int
    title: str
    role: Literal[tuple(Role.values)]  # type: ignore[valid-type]
    keeps_seal: bool
    order: int
    opened_on: date
    closed_on: date | None
    appointments: list[Appointment] = Field(description="Who held it, holds it or is to hold it, the latest first.")


class AppointIn(Schema):
    person_id: int
    since: date
    until: date | None = None
    acting: bool = False
    basis: str = Field("", max_length=300)


class EndAppointmentIn(Schema):
    until: date = Field(description="The first day on which he no longer holds it, today or later.")
    basis: str = Field("", max_length=300)


class NewPassword(Schema):
    """A password for the next sign-in, after which one of his own must be chosen. It is told once, here, and kept nowhere."""

    user_name: str
    password: str


class ClearIn(Schema):
    level: Literal[tuple(Clearance.values)] = Field(description="None takes it away.")  # type: ignore[valid-type]
    until: date | None = Field(None, description="The first day without it; needed for every level but none.")
    basis: str = Field(min_length=1, max_length=500)


class LetGoIn(Schema):
    basis: str = Field(min_length=1, max_length=500, description="The decision by which he leaves.")


class HeldPost(Schema):
    title: str
    unit: str


class Administered(Schema):
    """A person of the caller's house, or one who holds no post yet."""

    id: int
    name: str
    rank: str
    code: str
    user_name: str
    status: Literal["active", "locked", "left"]
    clearance: Literal[tuple(Clearance.values)] = Field(  # type: ignore[valid-type]
        description="Up to which degree of secrecy he may be shown things, until `clearance_until`."
    )
    clearance_until: date | None
    posts: list[HeldPost]


class PersonsIn(Schema):
    words: str = Field("", max_length=200, description="Name, user name or code; accents typed or not.")
    status: Literal["active", "locked", "left"] | None = None
    without_post: bool = False


class AddPersonIn(Schema):
    name: str = Field(min_length=1, max_length=100)
    rank: str = Field("", max_length=50)
    phone: str = Field("", max_length=40)
    code: str = Field("", max_length=40)
    user_name: str = Field("", max_length=60, description="Under which he signs in, once a password was given.")


def _appointment(row: AppointmentRow) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in Appointment.model_fields if name != "person_name"}
    return own | {"person_name": row.person.name}


def _post(post: PostRow, held: list[AppointmentRow] | None = None) -> dict[str, Any]:
    own = {name: getattr(post, name) for name in PostWhole.model_fields if name != "appointments"}
    found = queries.list_holders_of(post.pk) if held is None else held
    return own | {"appointments": [_appointment(each) for each in found]}


def _own(request: CalledRequest, post_id: int) -> PostRow:
    """:raises NotAllowed: no administrator :raises NotFound: not of his house"""
    refuse(policy.why_not_see_house(request.auth.actor))
    return queries.get_post_for(request.auth.actor, post_id)


def begun_in(request: CalledRequest, key: str) -> str | None:
    """Under what an act is known again that is sent twice; None where it was sent without a key."""
    return f"api:{request.auth.actor.person_id}:{key}"[:64] if key else None


@router.get(
    "/units/{int:unit_id}/posts",
    auth=READ,
    response={200: list[PostWhole], **declared(403, 404)},
    operation_id="listUnitPosts",
)
def list_posts(request: CalledRequest, unit_id: int) -> list[dict[str, Any]]:
    """The posts of a unit that are open or will be, with everybody who held them; administrators only."""
    unit = administered(request, unit_id)
    seats = queries.list_seats(unit.pk, local_date(timezone.now()))
    held = queries.list_holders_of_each([each.post.pk for each in seats])
    return [_post(each.post, held[each.post.pk]) for each in seats]


@router.post(
    "/units/{int:unit_id}/posts", auth=ACT, response={201: PostWhole, **declared(*PROBLEMS)}, operation_id="openPost"
)
def open_post(request: CalledRequest, unit_id: int, given: OpenPostIn) -> Status[Any]:
    """Open a post in a unit; it is vacant at first."""
    unit = administered(request, unit_id)
    facts = given.dict(exclude={"key"})
    made = operations.open_post(
        unit_id=unit.pk,
        **facts,
        begun_in=begun_in(request, given.key),
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return Status(201, _post(made))


@router.get(HERE, auth=READ, response={200: PostWhole, **declared(403, 404)}, operation_id="getPost")
def get_post(request: CalledRequest, post_id: int) -> dict[str, Any]:
    """One post with everybody who held it, holds it or is to hold it; administrators only."""
    return _post(_own(request, post_id))


@router.put(HERE, auth=ACT, response={200: PostWhole, **declared(*PROBLEMS)}, operation_id="describePost")
def describe_post(request: CalledRequest, post_id: int, given: DescribePostIn) -> dict[str, Any]:
    """Say what a post is called, whether it keeps the seal, and where it stands among the others."""
    _own(request, post_id)
    done = operations.describe_post(post_id=post_id, **given.dict(), actor=request.auth.actor, at=timezone.now())
    return _post(done)


@router.post(f"{HERE}/close", auth=ACT, response={200: PostWhole, **declared(*PROBLEMS)}, operation_id="closePost")
def close_post(request: CalledRequest, post_id: int) -> dict[str, Any]:
    """Close a vacant post from today on. It is not opened again."""
    _own(request, post_id)
    return _post(operations.close_post(post_id=post_id, actor=request.auth.actor, at=timezone.now()))


@router.post(
    f"{HERE}/appointments", auth=ACT, response={201: Appointment, **declared(*PROBLEMS)}, operation_id="appoint"
)
def appoint(request: CalledRequest, post_id: int, given: AppointIn) -> Status[Any]:
    """Put a person into a post from a day on. Sent again it is refused: the post is held."""
    _own(request, post_id)
    queries.get_person_for(request.auth.actor, given.person_id)
    made = operations.appoint(post_id=post_id, **given.dict(), actor=request.auth.actor, at=timezone.now())
    return Status(201, _appointment(made))


@router.post(
    "/appointments/{int:appointment_id}/end",
    auth=ACT,
    response={200: Appointment, **declared(*PROBLEMS)},
    operation_id="endAppointment",
)
def end_appointment(request: CalledRequest, appointment_id: int, given: EndAppointmentIn) -> dict[str, Any]:
    """Say from which day somebody no longer holds his post; what waits belongs to the post and stays there."""
    refuse(policy.why_not_see_house(request.auth.actor))
    queries.get_appointment_for(request.auth.actor, appointment_id)
    ended = operations.end_appointment(
        appointment_id=appointment_id, **given.dict(), actor=request.auth.actor, at=timezone.now()
    )
    return _appointment(ended)


# ---- who can be appointed ---------------------------------------------------------------------------------------------------


@router.get("/people", auth=READ, response={200: Page[Administered], **declared(403, 422)}, operation_id="listPersons")
def list_persons(
    request: CalledRequest, given: Annotated[PersonsIn, Query()], limit: Limit = 50, after: After = ""
) -> dict[str, Any]:
    """The persons of the house by given name, and those who never held a post; administrators only."""
    refuse(policy.why_not_see_house(request.auth.actor))
    if after and not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise BadCursor()
    found = queries.list_persons_for(
        request.auth.actor,
        on=local_date(timezone.now()),
        words=given.words,
        statuses=(given.status,) if given.status else (),
        without_post=given.without_post,
        after=int(after) if after else None,
        limit=limit,
    )
    items = [_person(row.person, row.posts) for row in found.rows]
    return {"items": items, "next": str(found.next) if found.next else None}


def _person(person: PersonRow, posts: Iterable[tuple[str, str]]) -> dict[str, Any]:
    own = {name: getattr(person, name) for name in ("id", "name", "rank", "status", "clearance", "clearance_until")}
    held = [{"title": title, "unit": unit} for title, unit in posts]
    return own | {"code": person.code or "", "user_name": person.user_name or "", "posts": held}


def _of_house(request: CalledRequest, person_id: int) -> PersonRow:
    """:raises NotAllowed: no administrator :raises NotFound: not of his house"""
    refuse(policy.why_not_see_house(request.auth.actor))
    return queries.get_person_for(request.auth.actor, person_id)


def _again(person: PersonRow) -> dict[str, Any]:
    """A person as he stands after an act."""
    held = queries.list_posts_held(person.pk, local_date(timezone.now()))
    return _person(person, [(each.post_title, each.unit_name) for each in held if not each.on_behalf])


@router.post("/people", auth=ACT, response={201: Administered, **declared(*PROBLEMS)}, operation_id="addPerson")
def add_person(request: CalledRequest, given: AddPersonIn) -> Status[Any]:
    """Take a person in, without a post and without a password (`newPassword`)."""
    return Status(201, _person(operations.add_person(**given.dict(), actor=request.auth.actor, at=timezone.now()), ()))


@router.post(
    f"{PERSON}/password", auth=ACT, response={200: NewPassword, **declared(*PROBLEMS)}, operation_id="newPassword"
)
def new_password(request: CalledRequest, person_id: int, response: HttpResponse) -> dict[str, Any]:
    """Give a person a new password, invented here; every session of his ends. Not oneself: a token must not become a password."""
    person = _of_house(request, person_id)
    if person.pk == request.auth.actor.person_id:
        raise operations.NotToOneself()
    told = passwords.invent()
    operations.set_password(person_id=person.pk, password=told, actor=request.auth.actor, at=timezone.now())
    response["Cache-Control"] = "no-store"
    return {"user_name": person.user_name or "", "password": told}


@router.put(
    f"{PERSON}/clearance", auth=ACT, response={200: Administered, **declared(*PROBLEMS)}, operation_id="clearPerson"
)
def clear(request: CalledRequest, person_id: int, given: ClearIn) -> dict[str, Any]:
    """Say up to which degree of secrecy a person may be shown things; `lookAhead` says beforehand what that would do."""
    person = _of_house(request, person_id)
    return _again(
        operations.grant_clearance(person_id=person.pk, **given.dict(), actor=request.auth.actor, at=timezone.now())
    )


@router.post(
    f"{PERSON}/let-go", auth=ACT, response={200: Administered, **declared(*PROBLEMS)}, operation_id="letPersonGo"
)
def let_go(request: CalledRequest, person_id: int, given: LetGoIn) -> dict[str, Any]:
    """End everything a person has: posts, sign-in, tokens, clearance. What waits stays with his posts. It is not undone."""
    person = _of_house(request, person_id)
    return _again(
        operations.let_go(person_id=person.pk, basis=given.basis, actor=request.auth.actor, at=timezone.now())
    )
