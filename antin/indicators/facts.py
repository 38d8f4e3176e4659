"""The declared facts: what is counted, and what each document, task or unit adds to which, as a pure function of how it stands.

When anything happens to a thing its rows are reckoned anew from the thing itself and put in the place of the old ones. So a
recount of everything is the same function over everything, and a figure can never drift from its rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from antin.documents import queries as documents
from antin.documents.states import Direction
from antin.estate import queries as estate
from antin.exchange import queries as exchange
from antin.indicators.states import Because, Nature
from antin.keys import queries as keys
from antin.people import queries as people
from antin.tasks import queries as tasks
from antin.tasks import terms
from antin.tasks.states import OPEN, Role, Status
from antin.workdays.queries import Calendar, calendar, local_date

DOCUMENT, TASK, UNIT, MACHINE, PERSON = "document", "task", "unit", "machine", "person"
PROCEDURE, DECISION, DOSSIER, FEEDBACK = "procedure", "decision", "dossier", "feedback"
PROCEDURES = "procedures"
"""The room that will count the work of one-stop offices; it is not there yet."""
CONTEST = "contest"
"""What a correction is a row of: somebody contested a row, and was right (`corrections`)."""


@dataclass(frozen=True)
class Fact:
    """A number that formulas may name.

    `quantity`: each thing adds as much as it took (days, minutes), and not one. `awaits` names the room that will count it: until
    that is there nothing adds to it, and a formula that speaks of it has no value.

    `among` of a quantity names what it is told of (nought is no row), and `bounds` up to where its things are counted together:
    `spread_name(fact, amount)` is a sum like any other, so that the median is known without reading rows. `took` of a share in time
    names the quantity that says how long it took.
    """

    name: str
    words: str | Promise
    nature: Nature
    of: str
    quantity: bool = False
    awaits: str = ""
    among: str = ""
    bounds: tuple[int, ...] = ()
    took: str = ""


MOST_MINUTES = 2**15 - 1
"""So much one document adds to a delay at most: more than 22 days."""
MINUTES = (
    *(1, 2, 5, 10, 15, 30, 45, 60, 120, 180, 240, 360, 480, 720),
    *(1440, 2880, 4320, 7200, 10080, 14400, 20160, MOST_MINUTES),
)
DAYS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 30, 45, 60, MOST_MINUTES)


def _awaited(name: str, words: str | Promise, of: str = DOSSIER) -> Fact:
    return Fact(name, words, Nature.STOCK if of == PROCEDURE else Nature.FLOW, of, awaits=PROCEDURES)


FACTS: dict[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact("issued", _("văn bản phát hành"), Nature.FLOW, DOCUMENT),
        Fact("issued_electronic", _("văn bản phát hành gửi toàn văn qua mạng"), Nature.FLOW, DOCUMENT),
        Fact("issued_signed", _("văn bản phát hành gửi toàn văn qua mạng, ký số"), Nature.FLOW, DOCUMENT),
        Fact("sent", _("văn bản gửi qua mạng"), Nature.FLOW, DOCUMENT),
        Fact("sent_with_paper", _("văn bản gửi qua mạng, gửi kèm bản giấy"), Nature.FLOW, DOCUMENT),
        Fact("sent_received", _("văn bản gửi qua mạng, mọi nơi nhận báo đã nhận"), Nature.FLOW, DOCUMENT),
        Fact(
            "sent_received_in_time",
            _("văn bản gửi qua mạng, mọi nơi nhận báo trong ngày"),
            Nature.FLOW,
            DOCUMENT,
            took="receipt_minutes",
        ),
        Fact(
            "receipt_minutes",
            _("số phút từ khi gửi đến khi nơi cuối báo nhận"),
            Nature.FLOW,
            DOCUMENT,
            quantity=True,
            among="sent_received",
            bounds=MINUTES,
        ),
        Fact("signed", _("văn bản được ký số"), Nature.FLOW, DOCUMENT),
        Fact("arrived", _("văn bản đến"), Nature.FLOW, DOCUMENT),
        Fact("arrived_electronic", _("văn bản đến qua mạng, toàn văn"), Nature.FLOW, DOCUMENT),
        Fact("arrived_signed", _("văn bản đến có chữ ký số hợp lệ"), Nature.FLOW, DOCUMENT),
        Fact("registered_in_time", _("văn bản đến vào sổ đúng hạn"), Nature.FLOW, DOCUMENT, took="registration_days"),
        Fact("registered", _("văn bản đến vào sổ trong kỳ"), Nature.FLOW, DOCUMENT),
        Fact(
            "registration_days",
            _("số ngày làm việc từ khi đến đến khi vào sổ"),
            Nature.FLOW,
            DOCUMENT,
            quantity=True,
            among="registered",
            bounds=DAYS,
        ),
        Fact("answers_due", _("văn bản đến có hạn trả lời trong kỳ"), Nature.FLOW, DOCUMENT),
        Fact("answers_in_time", _("văn bản đến được trả lời đúng hạn"), Nature.FLOW, DOCUMENT),
        Fact("tasks_done", _("nhiệm vụ đã nghiệm thu, tính ngày nộp"), Nature.FLOW, TASK),
        Fact("tasks_done_in_time", _("nhiệm vụ nộp đúng hạn, đã nghiệm thu"), Nature.FLOW, TASK),
        Fact("tasks_open", _("nhiệm vụ đang làm"), Nature.STOCK, TASK),
        Fact("tasks_late", _("nhiệm vụ đang làm, quá hạn"), Nature.STOCK, TASK),
        Fact("tasks_soon", _("nhiệm vụ đang làm, sắp đến hạn"), Nature.STOCK, TASK),
        Fact("tasks_at_risk", _("nhiệm vụ đang làm, có nguy cơ"), Nature.STOCK, TASK),
        Fact("tasks_undated", _("nhiệm vụ đang làm, không thời hạn"), Nature.STOCK, TASK),
        Fact("tasks_accepted", _("nhiệm vụ được nghiệm thu, tính ngày nghiệm thu"), Nature.FLOW, TASK),
        Fact("tasks_accepted_in_time", _("nhiệm vụ nộp đúng hạn, tính ngày nghiệm thu"), Nature.FLOW, TASK),
        Fact("agencies", _("cơ quan, đơn vị có văn thư"), Nature.STOCK, UNIT),
        Fact("agencies_connected", _("cơ quan, đơn vị đã liên thông"), Nature.STOCK, UNIT),
        Fact("agencies_signing", _("cơ quan, đơn vị đã ký số văn bản phát hành"), Nature.STOCK, UNIT),
        Fact("agencies_equipped", _("cơ quan, đơn vị có mạng, bảo vệ, phần mềm dùng chung"), Nature.STOCK, UNIT),
        Fact("signers", _("người giữ chức vụ ký văn bản"), Nature.STOCK, PERSON),
        Fact("signers_equipped", _("người giữ chức vụ ký văn bản có chứng thư số còn hiệu lực"), Nature.STOCK, PERSON),
        Fact("workstations", _("máy trạm đang dùng"), Nature.STOCK, MACHINE),
        Fact("workstations_protected", _("máy trạm được bảo vệ"), Nature.STOCK, MACHINE),
        _awaited("decisions_due", _("quyết định công bố thủ tục hành chính trong kỳ"), DECISION),
        _awaited("decisions_in_time", _("quyết định công bố thủ tục hành chính đúng hạn"), DECISION),
        _awaited("publicised_due", _("thủ tục phải công khai trong kỳ"), DECISION),
        _awaited("publicised_in_time", _("thủ tục công khai đúng hạn"), DECISION),
        _awaited("publicised", _("thủ tục đã công khai"), PROCEDURE),
        _awaited("publicised_whole", _("thủ tục đã công khai đủ nội dung bắt buộc"), PROCEDURE),
        _awaited("procedures", _("thủ tục hành chính"), PROCEDURE),
        _awaited("procedures_online", _("thủ tục có dịch vụ công trực tuyến"), PROCEDURE),
        _awaited("procedures_with_fee", _("thủ tục có phí, lệ phí"), PROCEDURE),
        _awaited("procedures_payable", _("thủ tục thanh toán trực tuyến được"), PROCEDURE),
        _awaited("services", _("dịch vụ công trực tuyến"), PROCEDURE),
        _awaited("services_used", _("dịch vụ công trực tuyến có phát sinh hồ sơ"), PROCEDURE),
        _awaited("dossiers_taken", _("hồ sơ tiếp nhận")),
        _awaited("dossiers_synchronised", _("hồ sơ đã đồng bộ lên Cổng Dịch vụ công quốc gia")),
        _awaited("dossiers_online", _("hồ sơ nộp trực tuyến")),
        _awaited("dossiers_identified", _("hồ sơ dùng tài khoản định danh hoặc dữ liệu dân cư")),
        _awaited("dossiers_with_fee", _("hồ sơ có phí, lệ phí")),
        _awaited("dossiers_paid_online", _("hồ sơ thanh toán trực tuyến")),
        _awaited("dossiers_done", _("hồ sơ đã giải quyết")),
        _awaited("dossiers_done_in_time", _("hồ sơ giải quyết đúng hạn")),
        _awaited("dossiers_done_late", _("hồ sơ giải quyết quá hạn")),
        _awaited("dossiers_disliked", _("hồ sơ có phản ánh, kiến nghị không hài lòng")),
        _awaited("dossiers_digitised", _("hồ sơ số hóa thành phần và có kết quả điện tử")),
        _awaited("dossiers_reusing", _("hồ sơ tái sử dụng dữ liệu đã số hóa")),
        _awaited("dossiers_shared", _("hồ sơ chia sẻ dữ liệu để tái sử dụng")),
        _awaited("results_due", _("hồ sơ phải trả kết quả bằng văn bản")),
        _awaited("results_electronic", _("hồ sơ trả kết quả điện tử")),
        _awaited("feedback", _("phản ánh, kiến nghị"), FEEDBACK),
        _awaited("feedback_in_time", _("phản ánh, kiến nghị xử lý đúng hạn"), FEEDBACK),
        _awaited("feedback_content", _("phản ánh, kiến nghị được trả lời hài lòng"), FEEDBACK),
    )
}
NAMES = frozenset(FACTS)
SPREAD = "@"


def bound_of(fact: str, amount: int) -> int:
    """Return up to where things that took so much of a fact are counted together; nought by itself."""
    return next((each for each in FACTS[fact].bounds if each >= amount), FACTS[fact].bounds[-1]) if amount > 0 else 0


def spread_name(fact: str, bound: int) -> str:
    """Return the name of the sum that says how many things took so much of a fact."""
    return f"{fact}{SPREAD}{bound}"


def sums_of(fact: str, amount: int) -> list[tuple[str, int]]:
    """Return which sums a row moves by how much: its fact, and for a quantity how many things took so much."""
    if not FACTS[fact].bounds or not amount:
        return [(fact, amount)]
    return [(fact, amount), (spread_name(fact, bound_of(fact, abs(amount))), 1 if amount > 0 else -1)]


COUNTED = frozenset(fact.name for fact in FACTS.values() if not fact.awaits)
"""The facts that something adds to."""


@dataclass(frozen=True)
class Row:
    """What a thing adds to a fact."""

    fact: str
    unit_id: int
    day: date
    amount: int = 1
    part: int = 0
    reasons: Mapping[str, str] = field(default_factory=dict)


def rows_of(kind: str, ids: Iterable[int], today: date) -> dict[int, list[Row]]:
    """Return what each of some things adds to the facts, as it stands now; those that are gone add nothing."""
    wanted = list(ids)
    days = calendar()
    if kind == DOCUMENT:
        received = exchange.list_received(wanted)
        return {each.id: _of_document(each, received.get(each.id), days) for each in documents.list_counted(wanted)}
    if kind == TASK:
        return {each.id: _of_task(each) for each in tasks.list_counted(wanted)}
    if kind == MACHINE:
        return {each.id: _of_machine(each, today) for each in estate.list_counted(wanted)}
    if kind == PERSON:
        return _of_signers(wanted, today)
    return {unit_id: _of_unit(unit_id, opened, closed) for unit_id, opened, closed in _agencies(wanted)}


def _of_outgoing(each: documents.Counted, received: exchange.Received | None) -> list[Row]:
    unit, signed = each.unit_id, each.signed_at is not None and not each.on_paper_only
    found = [Row("signed", unit, local_date(each.signed_at))] if each.signed_at and signed else []
    if each.issued_at is None:
        return found
    day = local_date(each.issued_at)
    if not each.sent or each.posted or each.carried:
        why = Because.BY_HAND if each.sent else Because.NOT_SENT
        found.append(Row("issued", unit, day, reasons={"issued_electronic": why, "issued_signed": why}))
    else:
        reasons = {} if signed else {"issued_signed": Because.SIGNED_ON_PAPER}
        found += [Row("issued", unit, day, reasons=reasons), Row("issued_electronic", unit, day)]
        if signed:
            found.append(Row("issued_signed", unit, day))
    return found + (_of_sent(unit, day, each.posted, received) if received else [])


def _of_sent(unit: int, day: date, posted: bool, received: exchange.Received) -> list[Row]:
    """What a document that went over the wire adds: whether paper went beside it, and when its recipients said that it came."""
    reasons: dict[str, str] = {}
    found = []
    if posted:
        found.append(Row("sent_with_paper", unit, day))
    else:
        reasons["sent_with_paper"] = Because.NO_PAPER
    if received.last_at is None or received.received < received.recipients:
        reasons["sent_received_in_time"] = Because.NOT_RECEIVED
    else:
        minutes = int((received.last_at - received.sent_at).total_seconds() // 60)
        found.append(Row("sent_received", unit, day))
        found += _quantity("receipt_minutes", unit, day, minutes)
        if local_date(received.last_at) <= local_date(received.sent_at):
            found.append(Row("sent_received_in_time", unit, day))
        else:
            reasons["sent_received_in_time"] = Because.RECEIVED_LATE
    return [Row("sent", unit, day, reasons=reasons), *found]


def _quantity(fact: str, unit: int, day: date, n: int) -> list[Row]:
    """How much a thing adds; nothing is no row."""
    return [Row(fact, unit, day, min(n, MOST_MINUTES))] if n > 0 else []


def _of_document(each: documents.Counted, received: exchange.Received | None, days: Calendar) -> list[Row]:
    if each.direction == Direction.OUT:
        return _of_outgoing(each, received)
    if each.arrived_at is None:
        return []
    day, unit = local_date(each.arrived_at), each.agency_id
    reasons: dict[str, str] = {}
    found = []
    if each.registered_at is not None:
        taken_in = local_date(each.registered_at)
        found.append(Row("registered", unit, taken_in))
        found += _quantity("registration_days", unit, taken_in, days.working_days_between(day, max(day, taken_in)))
    if each.on_paper:
        reasons["arrived_electronic"] = Because.PAPER
    else:
        found.append(Row("arrived_electronic", unit, day))
    if each.verdict == "valid":
        found.append(Row("arrived_signed", unit, day))
    else:
        reasons["arrived_signed"] = Because.PAPER if each.on_paper else Because.NOT_SIGNED
    if each.registered_at is None:
        reasons["registered_in_time"] = Because.NOT_REGISTERED
    elif local_date(each.registered_at) <= days.next_working_day(day):
        found.append(Row("registered_in_time", unit, day))
    else:
        reasons["registered_in_time"] = Because.REGISTERED_LATE
    found.append(Row("arrived", unit, day, reasons=reasons))
    if each.reply_by is not None and each.registered_at is not None:
        late = {"answers_in_time": Because.ANSWERED_LATE if each.answered_at else Because.NOT_ANSWERED}
        in_time = each.answered_at is not None and local_date(each.answered_at) <= each.reply_by
        found.append(Row("answers_due", unit, each.reply_by, reasons={} if in_time else late))
        if in_time:
            found.append(Row("answers_in_time", unit, each.reply_by))
    return found


def _of_task(each: tasks.Counted) -> list[Row]:
    if each.role == Role.INFORM:
        return []
    found = []
    for fact, stays in _stays(each).items():
        for place, (unit, first, last) in enumerate(stays):
            found.append(Row(fact, unit, first, 1, 2 * place))
            if last is not None:
                found.append(Row(fact, unit, last, -1, 2 * place + 1))
    if each.status == Status.ACCEPTED and each.handed_in_at is not None:
        unit, late = each.unit_id, each.due_at is not None and each.handed_in_at > each.due_at
        day, accepted = local_date(each.handed_in_at), local_date(each.ended_at or each.handed_in_at)
        for whole, when in (("tasks_done", day), ("tasks_accepted", accepted)):
            found.append(Row(whole, unit, when, reasons={f"{whole}_in_time": Because.LATE} if late else {}))
            if not late:
                found.append(Row(f"{whole}_in_time", unit, when))
    return found


Stay = tuple[int, date, date | None]
"""For which unit, from which day on, until before which day."""


def _stays(each: tasks.Counted) -> dict[str, list[Stay]]:
    """Return on which days a piece of work stood in which cell and bore which mark: at the end of each day, as was known then."""
    found: dict[str, list[Stay]] = defaultdict(list)

    def stay(fact: str, unit: int, first: date, last: date | None) -> None:
        if last is not None and first >= last:
            return
        before = found[fact][-1] if found[fact] else None
        if before is not None and before[0] == unit and before[2] is not None and before[2] >= first:
            found[fact][-1] = (unit, before[1], last)
        else:
            found[fact].append((unit, first, last))

    for spell in each.spells:
        if spell.status not in OPEN:
            continue
        unit, first = spell.in_unit_id, local_date(spell.since_at)
        last = local_date(spell.until_at) if spell.until_at else None
        stay("tasks_open", unit, first, last)
        if spell.due_at is None:
            stay("tasks_undated", unit, first, last)
        if spell.said_at_risk:
            stay("tasks_at_risk", unit, first, last)
        if spell.due_at is None:
            continue
        stopped, due_on = spell.handed_in_at or spell.paused_at, local_date(spell.due_at)
        if stopped is not None:
            if stopped > spell.due_at:
                stay("tasks_late", unit, first, last)
            continue
        until = due_on if last is None else min(last, due_on)
        stay("tasks_late", unit, max(first, due_on), last)
        stay("tasks_soon", unit, max(first, spell.soon_on or due_on), until)
        if not spell.said_at_risk:
            behind = local_date(terms.behind_from(each.made_at, spell.due_at, spell.percent))
            stay("tasks_at_risk", unit, max(first, behind), until)
    return found


def _of_machine(each: estate.Counted, today: date) -> list[Row]:
    """A workstation counts on the days on which it was in use, and protected on those on which its protection was current."""
    now = {unit for unit, (first, last) in each.protected if first <= today and (last is None or last > today)}
    bare = {"workstations_protected": Because.NOT_PROTECTED}
    found = [
        replace(row, reasons=bare) if row.amount > 0 and row.unit_id not in now else row
        for row in _stocks("workstations", each.used)
    ]
    return found + _stocks("workstations_protected", each.protected)


def _of_signers(ids: list[int], today: date) -> dict[int, list[Row]]:
    """Who holds a post that signs counts on the days on which he held it; equipped on those on which his certificate was good."""
    good: dict[tuple[int, int], list[tuple[date, date | None]]] = defaultdict(list)
    for person, agency, first, last in keys.list_signing_spells(ids):
        good[person, agency].append((local_date(first), local_date(last)))
    found: dict[int, list[Row]] = defaultdict(list)
    held: dict[int, list[tuple[int, tuple[date, date | None]]]] = defaultdict(list)
    equipped: dict[int, list[tuple[int, tuple[date, date | None]]]] = defaultdict(list)
    for spell in people.list_signing_spells(ids):
        own = (spell.since, spell.until)
        held[spell.person_id].append((spell.unit_id, own))
        both = estate.within([own], estate.joined(good[spell.person_id, spell.agency_id]))
        equipped[spell.person_id] += [(spell.unit_id, stay) for stay in both]
    for person, stays in held.items():
        now = {unit for unit, (first, last) in equipped[person] if first <= today and (last is None or last > today)}
        without = {"signers_equipped": Because.NO_CERTIFICATE}
        for row in _stocks("signers", stays):
            bare = row.amount > 0 and row.unit_id not in now
            found[person].append(replace(row, reasons=without) if bare else row)
        found[person] += _stocks("signers_equipped", equipped[person])
    return dict(found)


def _stocks(fact: str, stays: Iterable[tuple[int, tuple[date, date | None]]]) -> list[Row]:
    found = []
    for place, (unit, (first, last)) in enumerate(stays):
        found.append(Row(fact, unit, first, 1, 2 * place))
        if last is not None:
            found.append(Row(fact, unit, last, -1, 2 * place + 1))
    return found


def _agencies(ids: list[int]) -> list[tuple[int, date, date | None]]:
    return [(unit.pk, unit.opened_on, unit.closed_on) for unit in people.list_units(ids).values() if unit.is_agency]


def _of_unit(unit_id: int, opened: date, closed: date | None) -> list[Row]:
    first = {
        "agencies_connected": (documents.find_first_exchange(unit_id), Because.NOT_CONNECTED),
        "agencies_signing": (documents.find_first_sealed(unit_id), Because.NOT_SIGNING),
    }
    reasons = {fact: why for fact, (moment, why) in first.items() if moment is None}
    equipped = estate.equipment_of(unit_id)
    if not equipped.whole or equipped.whole[-1][1] is not None:
        reasons["agencies_equipped"] = _why_not_equipped(equipped)
    found = [Row("agencies", unit_id, opened, reasons=reasons)]
    whole = estate.within(equipped.whole, [(opened, max(closed, opened) if closed else None)])
    found += _stocks("agencies_equipped", [(unit_id, stay) for stay in whole])
    if closed is not None:
        found.append(Row("agencies", unit_id, max(closed, opened), -1, 1))
    for fact, (moment, _why) in first.items():
        if moment is None:
            continue
        since = max(opened, local_date(moment))
        found.append(Row(fact, unit_id, since))
        if closed is not None:
            found.append(Row(fact, unit_id, max(closed, since), -1, 1))
    return found


def _why_not_equipped(equipped: estate.Equipment) -> Because:
    """What an agency lacks first, by the last day there is."""
    for stays, why in (
        (equipped.network, Because.NO_NETWORK),
        (equipped.software, Because.NO_SOFTWARE),
    ):
        if not stays or stays[-1][1] is not None:
            return why
    return Because.NOT_ALL_PROTECTED
