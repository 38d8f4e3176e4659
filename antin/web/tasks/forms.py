"""The directive form: one row for each unit and post that may be named, with a role and a deadline of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, gettext_noop

from antin.codelists import queries as lists
from antin.codelists import shipped
from antin.codelists.states import Listing
from antin.correspondents import queries as correspondents
from antin.documents.states import Secrecy
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role as PostRole
from antin.refusal import Refusal
from antin.tasks.operations import Share
from antin.tasks.states import Evidence, Priority, Role
from antin.web import days
from antin.workdays import queries as workdays


class BadDate(Refusal):
    code = "bad_date"
    words = gettext_noop("Thời hạn của %(name)s không phải là một ngày.")


class BadTerm(Refusal):
    code = "bad_term"
    words = gettext_noop("Thời hạn chung là một số ngày làm việc, từ 1 đến 400.")


@dataclass(frozen=True)
class Row:
    """One who may be named: `key` is U<unit> or P<post>; role and due are what was chosen so far."""

    key: str
    name: str
    note: str = ""
    role: str = ""
    due: str = ""


@dataclass(frozen=True)
class Group:
    """A group that may be chosen by its name: `roles` of its members by key, of those who may be named now."""

    id: int
    name: str
    whose: str
    roles: dict[str, str]

    @property
    def fills(self) -> str:
        """The same as the page reads it: "U12:lead P3:join"."""
        return " ".join(f"{key}:{role}" for key, role in self.roles.items())


@dataclass(frozen=True)
class Rows:
    """Those nearest to the actor first; the others of the agency in a fold, and the agencies below him in another."""

    near: list[Row]
    others: list[Row]
    agencies: list[Row]
    groups: list[Group]


def rows_for(actor: Actor, today: date, given: Mapping[str, str] | None = None, *, below: bool = False) -> Rows:
    """Return whom this actor may name: the head of an agency its units and deputies first, the head of a unit his own people;
    with `below`, for work that is not bound to a paper of his agency, also the agencies under his unit."""
    chosen = given or {}

    def row(key: str, name: str, note: str = "") -> Row:
        return Row(key, name, note, chosen.get(f"role-{key}", ""), chosen.get(f"due-{key}", ""))

    at_top = actor.unit_id == actor.agency_id
    posts = [post for post in people.list_posts(actor.agency_id, today) if post.person_id and post.id != actor.post_id]
    units = [
        row(f"U{unit.id}", unit.name)
        for unit in people.list_departments(actor.agency_id, today)
        if unit.id != actor.unit_id
    ]
    near, others = (units, []) if at_top else ([], units)
    for post in posts:
        if post.role == PostRole.ADMINISTRATOR:
            continue
        each = row(f"P{post.id}", f"{post.person_name}", f"{post.title}, {post.unit_name}")
        (near if post.unit_id == actor.unit_id else others).append(each)
    under = people.list_tree(on=today, below=people.get_unit(actor.unit_id), agencies_only=True) if below else []
    agencies = [row(f"U{unit.id}", unit.name) for unit in under if unit.id != actor.unit_id]
    return Rows(near, others, agencies, _groups(actor, {each.key for each in (*near, *others, *agencies)}))


def _groups(actor: Actor, there: set[str]) -> list[Group]:
    found = []
    for kept in correspondents.list_groups(actor):
        roles = {
            key: member.role
            for member in sorted(kept.members.all(), key=lambda each: each.position)
            if (key := f"U{member.part_id}" if member.part_id else f"P{member.post_id}") in there
        }
        if roles:
            found.append(Group(kept.pk, kept.name, kept.unit.name if kept.unit else "", roles))
    return found


def shares_from(given: Mapping[str, str], rows: Rows) -> list[Share]:
    """Read the rows that have a role; a row without a day of its own has the `term` of the form, in working days.

    Where no row has one, a group that was chosen by its name stands for its members.

    :raises BadDate: a deadline is no date :raises BadTerm:
    """
    term = given.get("term", "").strip()
    if term and not (term.isdigit() and len(term) <= 3 and 0 < int(term) <= 400):
        raise BadTerm()
    days = int(term) if term else None
    shares = []
    names = whom(rows)
    roles = {key: given.get(f"role-{key}", "") for key in names}
    if not any(roles.values()):
        chosen = next((each for each in rows.groups if str(each.id) == given.get("group", "")), None)
        roles |= chosen.roles if chosen else {}
    for key, name in names.items():
        role = roles[key]
        if role not in Role.values:
            continue
        text = given.get(f"due-{key}", "").strip()
        due = _date(text, name) if text else None
        due_at = workdays.end_of_working_day(due) if due else None
        number = int(key[1:])
        within = days if due_at is None and role != Role.INFORM else None
        named = {"unit_id": number} if key[0] == "U" else {"post_id": number}
        shares.append(Share(role, **named, due_at=due_at, days=within))
    return shares


def _date(text: str, name: str) -> date:
    found = days.read(text)
    if found is None:
        raise BadDate(name=name)
    return found


class WordsForm(forms.Form):
    """Words of a directive, a result, a reason."""

    words = forms.CharField(
        label=gettext_lazy("Ý kiến"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: object, label: str | Promise = "", required: bool = False, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        if label:
            self.fields["words"].label = str(label)
        self.fields["words"].required = required


class NewTaskForm(forms.Form):
    """What is to be done; whom it is given to are the rows beside it."""

    title = forms.CharField(label=gettext_lazy("Việc phải làm"), max_length=500)
    words = forms.CharField(
        label=gettext_lazy("Yêu cầu cụ thể"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Mức ưu tiên"), choices=Priority.choices, coerce=int, required=False
    )
    evidence = forms.ChoiceField(label=gettext_lazy("Phải có khi hoàn thành"), choices=Evidence.choices, required=False)
    secrecy = forms.TypedChoiceField(label=gettext_lazy("Độ mật"), choices=Secrecy.choices, coerce=int, required=False)
    begun_in = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


def phrases(agency_id: int, on: date) -> list[str]:
    """Ready words of a directive: those the agency keeps, otherwise the shipped ones."""
    kept = lists.list_choices(agency_id, Listing.DIRECTIVE, on)
    return [each.name for each in kept] or [str(each) for each in shipped.PHRASES]


def whom(rows: Rows) -> dict[str, str]:
    """Return the names of all rows by key."""
    return {row.key: row.name for row in (*rows.near, *rows.others, *rows.agencies)}


_END = re.compile(r"(?<=[.;:!?])\s+")
_OPENING = '“"(-–+ '
SHORTEST = 25


def sentences_of(page: str) -> list[str]:
    """Return the sentences of a page, its lines joined; headings and scraps shorter than a sentence are left out.

    A sentence ends with a mark and a space where a capital letter or a figure follows: "Nghị định số 30/2020. Điều 5" are two.
    """
    found: list[str] = []
    for part in _END.split(" ".join(page.split())):
        begins = part.lstrip(_OPENING)[:1]
        if found and not (begins.isupper() or begins.isdigit()):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    return [part.strip() for part in found if len(part.strip()) >= SHORTEST]
