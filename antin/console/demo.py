"""The demonstration world: an invented general department, made only through the operations that people use.

Everything is invented: names, codes, units. The same moment always gives the same world. The password is printed on the first page
of the manual, so it protects nothing: its hashes are made with the least parameters (each with its own salt) and again at full
strength when the person first signs in.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from antin.identifiers.text import fold
from antin.people import operations as people
from antin.people import queries
from antin.people.states import Clearance, Kind, Role

PASSWORD = "Dung-thu-2026"  # noqa: S105 - printed for everybody to read
SEED = 20_2020
AGE = timedelta(days=760)
CODE = "G11.90"

FAMILIES = (
    "Nguyễn Nguyễn Nguyễn Nguyễn Nguyễn Trần Trần Trần Lê Lê Lê Phạm Phạm Hoàng Hoàng Phan Vũ Vũ Võ Đặng Đặng Bùi Bùi Đỗ Đỗ Hồ Ngô "
    "Dương Lý Đào Đoàn Vương Trịnh Trương Đinh Lâm Phùng Mai Tô Hà Tạ Chu Lương Cao La Quách Nghiêm Tống Khuất Kiều"
)
MEN_MIDDLE = "Văn Đức Hữu Quang Minh Xuân Ngọc Công Quốc Thanh Trọng Đình Gia Hoàng Tiến Việt Mạnh Bá Duy Thế Viết Khắc"
MEN_GIVEN = (
    "An Anh Bách Bình Chiến Chung Cường Dũng Dương Đại Đạt Điệp Đông Đức Giang Hà Hải Hậu Hiếu Hiệp Hòa Hoàng Hùng Huy Hưng Khánh "
    "Khoa Kiên Lâm Long Lộc Lợi Luân Lực Minh Nam Nghĩa Nguyên Nhân Phong Phú Phúc Phước Quân Quang Quý Quyết Sáng Sơn Tài Tâm Tân "
    "Thái Thành Thắng Thiện Thịnh Thuận Tiến Toàn Trí Trung Trường Tú Tuấn Tùng Vinh Vũ Vượng Ý"
)
WOMEN_MIDDLE = "Thị Thị Thị Thu Thanh Ngọc Minh Bích Kim Hồng Thùy Phương Mai Diệu Quỳnh Khánh"
WOMEN_GIVEN = (
    "Anh Ánh Chi Dung Duyên Đào Giang Hà Hạnh Hằng Hiền Hoa Hồng Huệ Hương Huyền Lan Liên Linh Loan Ly Mai Minh Nga Ngân Ngọc "
    "Nhung Oanh Phương Quyên Tâm Thảo Thơm Thu Thủy Trang Trinh Tuyết Uyên Vân Xuân Yến"
)


@dataclass(frozen=True)
class Pattern:
    """How units of one kind are made up: the titles of the head and his deputies, and the parts inside."""

    kind: Kind
    head: str
    deputy: str
    rank: str
    parts: tuple[tuple[str, str], ...]
    part_word: str = "Phòng"
    part_kind: Kind = Kind.DIVISION
    officers: int = 1
    place_names: tuple[str, ...] = ("Hà Nội",)
    collective: str = ""


_STAFF = (("Hành chính", "HC"), ("Kế hoạch", "KH"), ("Kỹ thuật", "KT"))
_DEPARTMENT = Pattern(
    Kind.DEPARTMENT, "Cục trưởng", "Phó Cục trưởng", "Thiếu tướng",
    (*_STAFF, ("Nghiệp vụ", "NV")), officers=2,
)  # fmt: skip
_CENTRE = Pattern(
    Kind.CENTRE, "Giám đốc", "Phó Giám đốc", "Đại tá",
    (*_STAFF, ("Dữ liệu", "DL")), "Ban", Kind.BOARD, place_names=("Hà Nội", "Đà Nẵng", "Thành phố Hồ Chí Minh", "Cần Thơ"),
)  # fmt: skip
_SCHOOL = Pattern(
    Kind.SCHOOL, "Hiệu trưởng", "Phó Hiệu trưởng", "Đại tá",
    (("Hành chính", "HC"), ("Đào tạo", "ĐT"), ("Khảo thí", "KTh")), officers=2, place_names=("Bắc Ninh", "Đồng Nai"),
)  # fmt: skip
_INSTITUTE = Pattern(
    Kind.INSTITUTE, "Viện trưởng", "Phó Viện trưởng", "Đại tá",
    (("Hành chính", "HC"), ("Nghiên cứu", "NC"), ("Thử nghiệm", "TN")), officers=2,
)  # fmt: skip
_STORE = Pattern(
    Kind.STORE, "Chủ nhiệm kho", "Phó Chủ nhiệm kho", "Thượng tá",
    (("Hành chính", "HC"), ("Bảo quản", "BQ")), "Tổ", Kind.SECTION, place_names=("Thái Nguyên", "Phú Thọ", "Nghệ An", "Gia Lai"),
)  # fmt: skip
_WORKSHOP = Pattern(
    Kind.WORKSHOP, "Quản đốc", "Phó Quản đốc", "Thượng tá",
    (("Hành chính", "HC"), ("Sản xuất", "SX"), ("Kiểm nghiệm", "KN")), "Tổ", Kind.SECTION, place_names=("Hải Phòng", "Vĩnh Long"),
)  # fmt: skip
_BOARD = Pattern(
    Kind.BOARD, "Trưởng ban", "Phó Trưởng ban", "Thượng tá",
    (("Hành chính", "HC"), ("Tổng hợp", "TH")), "Tổ", Kind.SECTION,
)  # fmt: skip
_COUNCIL = Pattern(
    Kind.BOARD, "Chủ tịch", "Phó Chủ tịch", "Đại tá",
    (("Hành chính", "HC"), ("Tổng hợp", "TH")), "Tổ", Kind.SECTION, collective="Hội đồng",
)  # fmt: skip

UNITS: tuple[tuple[Pattern, str, tuple[str, ...]], ...] = (
    (_DEPARTMENT, "Cục", ("A1", "A2", "A3", "A4", "A5", "A6")),
    (_CENTRE, "Trung tâm", ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8")),
    (_BOARD, "Ban", ("C1", "C2")),
    (_COUNCIL, "Hội đồng Khoa học", ("C3",)),
    (_STORE, "Kho", ("K1", "K2", "K3", "K4", "K5")),
    (_SCHOOL, "Trường", ("T1", "T2")),
    (_INSTITUTE, "Viện", ("V1", "V2")),
    (_WORKSHOP, "Xưởng", ("X1", "X2", "X3")),
)
OFFICER_RANKS = ("Trung tá", "Thiếu tá", "Thiếu tá", "Đại úy", "Đại úy", "Thượng úy", "Thượng úy", "Trung úy")
CLERK_RANKS = ("Đại úy QNCN", "Thượng úy QNCN", "Trung úy QNCN", "")


@dataclass(frozen=True)
class Seat:
    """A post and, unless it is vacant, the person in it."""

    unit_id: int
    post_id: int
    title: str
    person_id: int | None
    person_name: str
    user_name: str


@dataclass
class House:
    """One agency as it was made: its seats by role, its parts."""

    unit_id: int
    abbreviation: str
    head: Seat
    deputies: list[Seat] = field(default_factory=list)
    clerks: list[Seat] = field(default_factory=list)
    part_heads: list[Seat] = field(default_factory=list)
    officers: list[Seat] = field(default_factory=list)


@dataclass(frozen=True)
class Organisation:
    """What was made: the general department first, then its units in order."""

    top: House
    units: list[House]
    persons: int


@dataclass
class _Hand:
    """What the making needs at every step: the dice, the first day, the user names given out."""

    dice: random.Random
    opened_at: datetime
    day: date
    taken: set[str] = field(default_factory=set)
    persons: int = 0


def sign_ins() -> list[tuple[str, str]]:
    """List the demonstration accounts worth printing: user name and what its owner does."""
    return [
        ("thutruong", "Tổng cục trưởng, Tổng cục Z"),
        ("vanthu", "Văn thư, Tổng cục Z"),
        ("giudau", "Người giữ con dấu, Tổng cục Z"),
        ("truongkehoach", "Trưởng phòng Kế hoạch, Tổng cục Z"),
        ("kehoach", "Trợ lý kế hoạch, Tổng cục Z"),
        ("quantri", "Quản trị viên, Tổng cục Z"),
        ("thutruong.b1", "Giám đốc, Trung tâm B1"),
        ("vanthu.b1", "Văn thư, Trung tâm B1"),
        ("kythuat.b1", "Cán bộ kỹ thuật, Trung tâm B1"),
    ]


@transaction.atomic
def fill_organisation(*, at: datetime) -> Organisation:
    """Make the organisation of the demonstration on an empty node, as if it had been opened two years ago and had lived since.

    :raises NodeNotEmpty: somebody is here already
    """
    if queries.has_persons() or queries.find_root() is not None:
        raise people.NodeNotEmpty()
    opened_at = at - AGE
    hand = _Hand(random.Random(SEED), opened_at, localdate(opened_at))
    top = _open_general_department(hand)
    units = [
        _open_agency(hand, top, pattern, name=f"{word} {mark}", mark=mark, order=order)
        for order, (pattern, word, mark) in enumerate(((p, w, m) for p, w, marks in UNITS for m in marks), start=10)
    ]
    by_mark = {house.abbreviation: house for house in units}
    _delegate(top, units, by_mark, at)
    _let_time_pass(hand, top, by_mark, at)
    _clear_some(hand, top, units, at)
    return Organisation(top, units, hand.persons)


def _open_general_department(hand: _Hand) -> House:
    """Open the general department, its office and four divisions."""
    unit = people.open_unit(
        name="Tổng cục Z",
        short_name="Tổng cục Z",
        abbreviation="TCZ",
        kind=Kind.GENERAL_DEPARTMENT,
        parent_id=None,
        code=CODE,
        decision="01/QĐ-DT",
        place_name="Hà Nội",
        address="Số 1 phố Dùng Thử, Hà Nội",
        parent_name="Bộ Y",
        actor=None,
        at=hand.opened_at,
    )
    head = _seat(hand, unit.id, "Tổng cục trưởng", Role.HEAD, rank="Trung tướng", user_name="thutruong", man=True)
    house = House(unit.id, "TCZ", head)
    for number in (1, 2, 3):
        user_name = "phothutruong" if number == 1 else f"phothutruong{number}"
        house.deputies.append(
            _seat(
                hand, unit.id, "Phó Tổng cục trưởng", Role.DEPUTY, rank="Thiếu tướng", user_name=user_name, order=number
            )
        )
    office = _part(hand, unit.id, "Văn phòng", "VP", kind=Kind.OFFICE, order=1)
    house.part_heads.append(_seat(hand, office, "Chánh Văn phòng", Role.HEAD, rank="Đại tá", user_name="chanhvanphong"))
    _seat(hand, office, "Phó Chánh Văn phòng", Role.DEPUTY, rank="Thượng tá", user_name="phovanphong", order=1)
    house.clerks.append(
        _seat(hand, office, "Nhân viên văn thư", Role.CLERK, rank="Đại úy QNCN", user_name="vanthu", order=5)
    )
    house.clerks.append(
        _seat(
            hand,
            office,
            "Nhân viên giữ dấu",
            Role.CLERK,
            rank="Thượng úy QNCN",
            user_name="giudau",
            keeps_seal=True,
            order=6,
        )
    )
    _seat(hand, office, "Quản trị viên", Role.ADMINISTRATOR, rank="Thiếu tá", user_name="quantri", order=90)
    divisions = (
        ("Kế hoạch", "KH", "kehoach"),
        ("Kỹ thuật", "KT", "kythuat"),
        ("Tổ chức", "TC", "tochuc"),
        ("Tài chính", "TCh", "taichinh"),
    )
    for order, (name, abbreviation, user_name) in enumerate(divisions, start=2):
        part = _part(hand, unit.id, f"Phòng {name}", abbreviation, kind=Kind.DIVISION, order=order)
        title = name.lower()
        house.part_heads.append(
            _seat(hand, part, f"Trưởng phòng {name}", Role.HEAD, rank="Đại tá", user_name=f"truong{user_name}")
        )
        _seat(
            hand, part, f"Phó Trưởng phòng {name}", Role.DEPUTY, rank="Thượng tá", user_name=f"pho{user_name}", order=1
        )
        for number in (1, 2, 3):
            own = user_name if number == 1 else f"{user_name}{number}"
            house.officers.append(_seat(hand, part, f"Trợ lý {title}", Role.OFFICER, user_name=own, order=4 + number))
    return house


def _open_agency(hand: _Hand, top: House, pattern: Pattern, *, name: str, mark: str, order: int) -> House:
    """Open one unit of the general department with its parts, its people, a vacancy here and there."""
    low = mark.lower()
    unit = people.open_unit(
        name=name,
        short_name=name,
        abbreviation=mark,
        kind=pattern.kind,
        parent_id=top.unit_id,
        code=f"{CODE}.{order:02d}",
        decision="02/QĐ-DT",
        collective=pattern.collective,
        place_name=pattern.place_names[order % len(pattern.place_names)],
        order=order,
        actor=None,
        at=hand.opened_at,
    )
    house = House(
        unit.id, mark, _seat(hand, unit.id, pattern.head, Role.HEAD, rank=pattern.rank, user_name=f"thutruong.{low}")
    )
    for number in range(1, 3 if pattern.kind == Kind.DEPARTMENT else 2):
        house.deputies.append(
            _seat(
                hand,
                unit.id,
                pattern.deputy,
                Role.DEPUTY,
                rank="Thượng tá",
                user_name=f"phothutruong{number if number > 1 else ''}.{low}",
                order=number,
                vacant=number == 1 and hand.dice.random() < 0.15,
            )
        )
    for number, (part_name, abbreviation) in enumerate(pattern.parts, start=1):
        part = _part(
            hand, unit.id, f"{pattern.part_word} {part_name}", abbreviation, kind=pattern.part_kind, order=number
        )
        own = "".join(fold(part_name).split())
        if number == 1:
            house.clerks.append(
                _seat(
                    hand,
                    part,
                    "Nhân viên văn thư",
                    Role.CLERK,
                    rank=hand.dice.choice(CLERK_RANKS),
                    user_name=f"vanthu.{low}",
                    keeps_seal=True,
                    order=5,
                )
            )
            if pattern.kind == Kind.DEPARTMENT:
                _seat(hand, part, "Quản trị viên", Role.ADMINISTRATOR, user_name=f"quantri.{low}", order=90)
        title = f"Trưởng {pattern.part_word.lower()} {part_name}"
        house.part_heads.append(_seat(hand, part, title, Role.HEAD, rank="Trung tá", user_name=f"truong{own}.{low}"))
        for count in range(1, pattern.officers + 1):
            house.officers.append(
                _seat(
                    hand,
                    part,
                    f"Cán bộ {part_name.lower()}",
                    Role.OFFICER,
                    user_name=f"{own}{count if count > 1 else ''}.{low}",
                    order=5 + count,
                    vacant=count > 1 and hand.dice.random() < 0.25,
                )
            )
    return house


def _part(hand: _Hand, parent_id: int, name: str, abbreviation: str, *, kind: Kind, order: int) -> int:
    unit = people.open_unit(
        name=name,
        short_name=name,
        abbreviation=abbreviation,
        kind=kind,
        parent_id=parent_id,
        order=order,
        actor=None,
        at=hand.opened_at,
    )
    return unit.id


def _seat(
    hand: _Hand,
    unit_id: int,
    title: str,
    role: Role,
    *,
    rank: str | None = None,
    user_name: str,
    keeps_seal: bool = False,
    order: int = 0,
    vacant: bool = False,
    man: bool | None = None,
) -> Seat:
    """Open a post and put a new person into it, unless it is to stay vacant."""
    post = people.open_post(
        unit_id=unit_id, title=title, role=role, keeps_seal=keeps_seal, order=order, actor=None, at=hand.opened_at
    )
    if vacant:
        return Seat(unit_id, post.id, title, None, "", "")
    person_id, name = _person(hand, rank if rank is not None else hand.dice.choice(OFFICER_RANKS), user_name, man)
    people.appoint(
        person_id=person_id, post_id=post.id, since=hand.day, basis="03/QĐ-DT", actor=None, at=hand.opened_at
    )
    return Seat(unit_id, post.id, title, person_id, name, user_name)


def _person(hand: _Hand, rank: str, user_name: str, man: bool | None = None) -> tuple[int, str]:
    dice = hand.dice
    is_man = dice.random() < 0.72 if man is None else man
    middle, given = (MEN_MIDDLE, MEN_GIVEN) if is_man else (WOMEN_MIDDLE, WOMEN_GIVEN)
    name = f"{dice.choice(FAMILIES.split())} {dice.choice(middle.split())} {dice.choice(given.split())}"
    hand.persons += 1
    person = people.add_person(
        name=name,
        rank=rank,
        phone=f"069 {500 + hand.persons // 1000} {hand.persons % 1000:03d}",
        code=f"DT{hand.persons:05d}",
        user_name=user_name,
        password=PASSWORD,
        password_is_public=True,
        actor=None,
        at=hand.opened_at,
    )
    return person.id, name


def _delegate(top: House, units: list[House], by_mark: dict[str, House], at: datetime) -> None:
    """Give leave to sign: in force, handed on, expired, revoked, not yet valid."""
    opened, rules = -AGE.days, "Quy chế làm việc số 12/QC-TCZ"
    office, plan, technique = top.part_heads[:3]
    _give(top.head, office, "TL.", ("TB", "GM", "GGT", "GNP", "CV"), since=opened, basis=rules, at=at, handed_on=True)
    _give(top.head, plan, "TL.", ("BC", "KH", "CV"), since=opened, basis=rules, at=at)
    _give(top.head, technique, "TL.", ("HD",), since=-300, until=-45, basis="15/GUQ-TCZ", at=at)
    _give(top.head, by_mark["B1"].head, "TUQ.", ("HĐ", "BB"), since=-30, until=60, basis="27/GUQ-TCZ", at=at)
    _give(top.head, by_mark["A2"].head, "TUQ.", ("HĐ",), since=-200, until=-20, basis="09/GUQ-TCZ", at=at)
    _give(top.head, by_mark["A4"].head, "TUQ.", ("BB",), since=10, until=40, basis="31/GUQ-TCZ", at=at)
    for number, house in enumerate(units):
        basis = f"Quy chế làm việc số 05/QC-{house.abbreviation}"
        given = _give(house.head, house.part_heads[0], "TL.", ("GGT", "GNP", "GM"), since=opened, basis=basis, at=at)
        if number % 10 == 7:
            people.revoke_delegation(delegation_id=given, actor=None, at=at - timedelta(days=50))


def _give(
    giver: Seat,
    taker: Seat,
    form: str,
    types: tuple[str, ...],
    *,
    since: int,
    until: int | None = None,
    basis: str,
    at: datetime,
    handed_on: bool = False,
) -> int:
    """Delegate; `since` and `until` are days from the day of `at`, and it was written on its first day, or today."""
    today = localdate(at)
    delegation = people.delegate(
        from_post_id=giver.post_id,
        to_post_id=taker.post_id,
        form=form,
        since=today + timedelta(days=since),
        until=None if until is None else today + timedelta(days=until),
        type_codes=types,
        basis=basis,
        may_subdelegate=handed_on,
        actor=None,
        at=at + timedelta(days=min(since, 0)),
    )
    return delegation.id


def _let_time_pass(hand: _Hand, top: House, by_mark: dict[str, House], at: datetime) -> None:
    """What happened within the year: successors, acting heads, second posts, a unit renamed, one closed, a leave."""
    today = localdate(at)
    _succeed(hand, by_mark["A3"].head, today - timedelta(days=120), at, rank="Thiếu tướng", user_name="thutruong2.a3")
    _succeed(
        hand,
        by_mark["B5"].head,
        today - timedelta(days=40),
        at,
        rank="Thượng tá",
        user_name="thutruong2.b5",
        acting=True,
    )
    _succeed(
        hand, by_mark["K4"].clerks[0], today - timedelta(days=210), at, rank="Trung úy QNCN", user_name="vanthu2.k4"
    )
    _succeed(
        hand,
        by_mark["X2"].part_heads[1],
        today - timedelta(days=90),
        at,
        rank="Thiếu tá",
        user_name="truongsanxuat2.x2",
    )
    _add_post(top.deputies[1], by_mark["A1"].head, today - timedelta(days=60), at)
    _add_post(by_mark["C1"].clerks[0], by_mark["C2"].clerks[0], today - timedelta(days=75), at)
    _add_post(by_mark["T1"].part_heads[1], by_mark["T1"].part_heads[2], today - timedelta(days=33), at)
    people.rename_unit(
        unit_id=by_mark["B7"].unit_id,
        name="Trung tâm Dữ liệu B7",
        short_name="Trung tâm B7",
        abbreviation="B7",
        decision="21/QĐ-TCZ",
        actor=None,
        at=at - timedelta(days=180),
    )
    closing = _open_agency(hand, top, _BOARD, name="Ban C9", mark="C9", order=99)
    for part in list(queries.list_departments(closing.unit_id, today)):
        people.close_unit(unit_id=part.id, decision="24/QĐ-TCZ", actor=None, at=at - timedelta(days=150))
    people.close_unit(
        unit_id=closing.unit_id,
        successor_id=by_mark["C1"].unit_id,
        decision="24/QĐ-TCZ",
        actor=None,
        at=at - timedelta(days=150),
    )
    people.substitute(
        principal_id=top.part_heads[2].post_id,
        substitute_id=top.part_heads[1].post_id,
        since=today - timedelta(days=2),
        until=today + timedelta(days=12),
        basis="Giấy nghỉ phép số 44/GNP-TCZ",
        actor=None,
        at=at - timedelta(days=3),
    )


def _succeed(
    hand: _Hand, seat: Seat, since: date, at: datetime, *, rank: str, user_name: str, acting: bool = False
) -> None:
    """End the appointment of the one in a post and put a new person there the same day."""
    _vacate(seat, since, at)
    person_id, _name = _person(hand, rank, user_name)
    people.appoint(
        person_id=person_id,
        post_id=seat.post_id,
        since=since,
        acting=acting,
        basis="30/QĐ-TCZ",
        actor=None,
        at=at - (localdate(at) - since),
    )


def _add_post(holder: Seat, seat: Seat, since: date, at: datetime) -> None:
    """Give somebody a second post, whose holder leaves it."""
    _vacate(seat, since, at)
    if holder.person_id is not None:
        people.appoint(
            person_id=holder.person_id,
            post_id=seat.post_id,
            since=since,
            basis="32/QĐ-TCZ",
            actor=None,
            at=at - (localdate(at) - since),
        )


def _vacate(seat: Seat, until: date, at: datetime) -> None:
    appointment = queries.find_appointment(seat.post_id, until)
    if appointment is not None:
        people.end_appointment(
            appointment_id=appointment.id, until=until, basis="29/QĐ-TCZ", actor=None, at=at - (localdate(at) - until)
        )


def _clear_some(hand: _Hand, top: House, units: list[House], at: datetime) -> None:
    """Clear heads and clerks for classified papers; a few terms are over already."""
    until = localdate(at) + timedelta(days=500)
    cleared = [(top.head, Clearance.TUYET_MAT), *((seat, Clearance.TOI_MAT) for seat in (*top.deputies, *top.clerks))]
    cleared += [(house.head, Clearance.TOI_MAT) for house in units]
    cleared += [(house.clerks[0], Clearance.MAT) for house in units]
    for seat, level in cleared:
        if seat.person_id is not None:
            over = level == Clearance.MAT and hand.dice.random() < 0.1
            people.grant_clearance(
                person_id=seat.person_id,
                level=level,
                until=localdate(at) - timedelta(days=30) if over else until,
                basis="05/QĐ-TCZ",
                actor=None,
                at=hand.opened_at,
            )
