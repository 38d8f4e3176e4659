"""The fixed cast: a general department with its office and two departments, a centre that receives, forty more on demand.

Built through the operations, once per database (`tests/template.py` sees to it that every test finds it). Names are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from antin.people import operations as people
from antin.people import queries
from antin.people.actor import Actor
from antin.people.states import Kind, Role
from tests.template import THE_TEMPLATE

OPENED = datetime(2025, 12, 31, 17, 0, tzinfo=UTC)
"""Midnight of 1 January 2026 in Hanoi: the day everything of the cast was opened."""
SINCE = date(2026, 1, 1)
TODAY = date(2026, 11, 23)
PASSWORD = "Mat-khau-dung-thu-2026"


@dataclass(frozen=True)
class Member:
    """A person in a post."""

    person_id: int
    post_id: int
    name: str

    def actor(self, on: date = TODAY) -> Actor:
        return queries.get_actor(person_id=self.person_id, post_id=self.post_id, on=on)


@dataclass(frozen=True)
class Cast:
    """Ids of units, and the members. `TCZ` sends (G11.90), `B1` receives (G11.90.21)."""

    agency_id: int
    office_id: int
    plan_id: int
    technique_id: int
    administrator: Member
    head: Member
    deputy: Member
    office_head: Member
    office_deputy: Member
    clerk: Member
    seal_keeper: Member
    plan_head: Member
    plan_officer: Member
    technique_head: Member
    technique_deputy: Member
    technique_officer: Member
    recipient_id: int
    recipient_works_id: int
    recipient_study_id: int
    recipient_head: Member
    recipient_deputy: Member
    recipient_clerk: Member
    recipient_works_head: Member
    recipient_works_officer: Member
    recipient_study_head: Member
    recipient_study_officer: Member


def open_unit(name: str, short: str, abbreviation: str, kind: str, parent_id: int | None, **more: Any) -> int:
    unit = people.open_unit(
        name=name,
        short_name=short,
        abbreviation=abbreviation,
        kind=kind,
        parent_id=parent_id,
        actor=None,
        at=OPENED,
        **more,
    )
    return unit.id


def seat(
    unit_id: int, title: str, role: str, name: str, user_name: str = "", *, keeps_seal: bool = False, order: int = 0
) -> Member:
    """Open a post and put a new person into it, from the first day on. Everybody's password is PASSWORD."""
    post = people.open_post(
        unit_id=unit_id, title=title, role=role, keeps_seal=keeps_seal, order=order, actor=None, at=OPENED
    )
    person = people.add_person(
        name=name,
        user_name=user_name,
        password=PASSWORD if user_name else "",
        password_is_public=True,
        actor=None,
        at=OPENED,
    )
    people.appoint(person_id=person.id, post_id=post.id, since=SINCE, actor=None, at=OPENED)
    return Member(person.id, post.id, person.name)


def build() -> Cast:
    """Build the cast in an empty database."""
    top = {"code": "G11.90", "place_name": "Hà Nội", "parent_name": "Bộ Y"}
    agency = open_unit("Tổng cục Z", "Tổng cục Z", "TCZ", Kind.GENERAL_DEPARTMENT, None, **top)
    office = open_unit("Văn phòng", "Văn phòng", "VP", Kind.OFFICE, agency, order=1)
    plan = open_unit("Phòng Kế hoạch", "Kế hoạch", "KH", Kind.DIVISION, agency, order=2)
    technique = open_unit("Phòng Kỹ thuật", "Kỹ thuật", "KT", Kind.DIVISION, agency, order=3)
    centre = open_unit(
        "Trung tâm B1", "Trung tâm B1", "B1", Kind.CENTRE, agency, code="G11.90.21", place_name="Đà Nẵng", order=21
    )
    works = open_unit("Ban Nghiệp vụ", "Nghiệp vụ", "NV", Kind.BOARD, centre, order=1)
    study = open_unit("Ban Nghiên cứu", "Nghiên cứu", "NC", Kind.BOARD, centre, order=2)
    return Cast(
        agency_id=agency,
        office_id=office,
        plan_id=plan,
        technique_id=technique,
        administrator=seat(office, "Quản trị viên", Role.ADMINISTRATOR, "Lý Quốc Trị", "quantri", order=90),
        head=seat(agency, "Tổng cục trưởng", Role.HEAD, "Nguyễn Văn An", "thutruong"),
        deputy=seat(agency, "Phó Tổng cục trưởng", Role.DEPUTY, "Trần Đức Bình", "phothutruong", order=1),
        office_head=seat(office, "Chánh Văn phòng", Role.HEAD, "Lê Thị Chi", "chanhvanphong"),
        office_deputy=seat(office, "Phó Chánh Văn phòng", Role.DEPUTY, "Đỗ Minh Châu", "phovanphong", order=1),
        clerk=seat(office, "Nhân viên văn thư", Role.CLERK, "Phạm Thu Dung", "vanthu", order=5),
        seal_keeper=seat(office, "Nhân viên giữ dấu", Role.CLERK, "Võ Thị Dấu", "giudau", keeps_seal=True, order=6),
        plan_head=seat(plan, "Trưởng phòng Kế hoạch", Role.HEAD, "Hoàng Gia Đạt", "truongkehoach"),
        plan_officer=seat(plan, "Trợ lý kế hoạch", Role.OFFICER, "Bùi Ngọc Giang", "kehoach", order=5),
        technique_head=seat(technique, "Trưởng phòng Kỹ thuật", Role.HEAD, "Ngô Quang Hải", "truongkythuat"),
        technique_deputy=seat(technique, "Phó Trưởng phòng Kỹ thuật", Role.DEPUTY, "Dương Văn Hòa", "phokythuat", order=1),
        technique_officer=seat(technique, "Trợ lý kỹ thuật", Role.OFFICER, "Đặng Thị Hương", "kythuat", order=5),
        recipient_id=centre,
        recipient_works_id=works,
        recipient_study_id=study,
        recipient_head=seat(centre, "Giám đốc", Role.HEAD, "Vũ Trọng Khánh", "giamdoc.b1"),
        recipient_deputy=seat(centre, "Phó Giám đốc", Role.DEPUTY, "Hồ Thị Lan", "phogiamdoc.b1", order=1),
        recipient_clerk=seat(centre, "Nhân viên văn thư", Role.CLERK, "Mai Thị Linh", "vanthu.b1", keeps_seal=True, order=5),
        recipient_works_head=seat(works, "Trưởng ban Nghiệp vụ", Role.HEAD, "Phan Văn Long", "truongnghiepvu.b1"),
        recipient_works_officer=seat(works, "Nhân viên nghiệp vụ", Role.OFFICER, "Cao Xuân Mai", "nghiepvu.b1", order=5),
        recipient_study_head=seat(study, "Trưởng ban Nghiên cứu", Role.HEAD, "Tạ Hữu Nam", "truongnghiencuu.b1"),
        recipient_study_officer=seat(study, "Nghiên cứu viên", Role.OFFICER, "Đinh Thế Oanh", "nghiencuu.b1", order=5),
    )  # fmt: skip


@dataclass(frozen=True)
class Agency:
    """One of the forty: an agency with a head and a clerk."""

    agency_id: int
    head: Member
    clerk: Member


def forty(cast: Cast, *, count: int = 40) -> list[Agency]:
    """Open forty more agencies below the sender's, each with a head and a clerk who keeps the seal."""
    found = []
    for number in range(1, count + 1):
        name = f"Trung tâm N{number}"
        unit_id = open_unit(
            name, name, f"N{number}", Kind.CENTRE, cast.agency_id, code=f"G11.90.N{number:02d}", order=100 + number
        )
        head = seat(unit_id, "Giám đốc", Role.HEAD, f"Nguyễn Trung {number}", f"giamdoc.n{number}")
        clerk = seat(
            unit_id,
            "Nhân viên văn thư",
            Role.CLERK,
            f"Trần Thư {number}",
            f"vanthu.n{number}",
            keeps_seal=True,
            order=5,
        )
        found.append(Agency(unit_id, head, clerk))
    return found


_built: dict[str, Cast] = {}


def build_in_template() -> None:
    """Build the cast once, outside every test's transaction, and leave the journal as empty as it was."""
    if queries.has_persons():
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False)
    _built["cast"] = build()
    _forget_the_journal()
    THE_TEMPLATE.remember()


def the_cast() -> Cast:
    """The cast as it was built for this session, for a fixture that spans several tests."""
    return _built["cast"]


def _forget_the_journal() -> None:
    """Tests of the journal begin with an empty one; its triggers, rightly, refuse this in any other way."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_record DISABLE TRIGGER journal_record_stays")
        cursor.execute("DELETE FROM journal_record")
        cursor.execute("ALTER TABLE journal_record ENABLE TRIGGER journal_record_stays")


@pytest.fixture
def cast(db: None) -> Cast:
    """Return the cast."""
    return _built["cast"]


@pytest.fixture
def empty_node(db: None) -> None:
    """Empty the node of everybody and everything, for this test only."""
    empty_the_node()


def empty_the_node() -> None:
    """Empty the node within the transaction of the caller."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # checks that still wait would forbid it
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("TRUNCATE people_person, people_unit, identifiers_code CASCADE")
