"""What an operator must know of the node: one function for each row of his page, the same figures for the page, the metrics and the
alarms; and the alarms themselves, each with what to do and where.

Reads many rooms, writes nothing but notices. Every function asks a bounded number of short questions, whatever the node holds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.exchange import queries as exchange
from antin.files import queries as files
from antin.index import queries as index
from antin.index.queries import Behind
from antin.journal import operations as journal_acts
from antin.journal import queries as journal
from antin.keys import queries as keys
from antin.nodes import queries as members
from antin.nodes.queries import Queue
from antin.nodes.states import Standing, Way
from antin.nodes.states import Status as Sent
from antin.notices import operations as notices
from antin.notices.operations import News
from antin.outbox import operations as outbox_acts
from antin.outbox import queries as outbox
from antin.people import policy as people_policy
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import Refusal, refuse
from antin.signing import queries as signing
from antin.upkeep import queries as upkeep
from antin.upkeep.queries import Database, Disk, Schema
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.nodes.models import Member, Rejection
    from antin.outbox.models import Promise
    from antin.upkeep.models import Backup, Pulse

WORKER_SILENT = timedelta(seconds=60)
LINE_SILENT = timedelta(seconds=60)
PROMISES_LATE = timedelta(minutes=10)
INDEX_LATE = timedelta(minutes=5)
UNSEALED = timedelta(minutes=10)
PARTNER_SILENT = {Way.NATS: timedelta(hours=1), Way.FILE: timedelta(days=30)}
QUEUE_LATE = {Way.NATS: timedelta(hours=4), Way.FILE: timedelta(days=14)}
LINE_LATE = timedelta(hours=4)
REJECTED_LATELY = timedelta(days=1)
BACKUP_OLD = timedelta(hours=26)
BACKUP_UNVERIFIED = timedelta(days=8)
CERTIFICATE_ENDS, CERTIFICATE_ENDS_SOON = 30, 7
DISK_LOW, DISK_NONE = 15, 5
"""Percent free: below the first somebody sees to it this week, below the second now."""


def why_not_look(actor: Actor | None) -> Refusal | None:
    """Why somebody may not see how the node is: only the administrator of the root of the house may."""
    return people_policy.why_not_administer(actor, people.find_root())


# The rows ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Partner:
    """One other node: when we heard it and it heard us, what waits between us, what runs there, its certificates, the last test."""

    code: str
    name: str
    way: Way
    since_at: datetime
    heard_at: datetime | None
    heard_us_at: datetime | None
    program: str
    schema: str
    queue: Queue
    certified_until: datetime
    tested_at: datetime | None = None
    answered_at: datetime | None = None
    test_fault: str = ""

    @property
    def round_trip(self) -> timedelta | None:
        """How long the last test message took there and back."""
        return self.answered_at - self.tested_at if self.answered_at and self.tested_at else None


@lru_cache(maxsize=4096)
def _until(certificate: bytes) -> datetime:
    return x509.load_der_x509_certificate(certificate).not_valid_after_utc


def certified_until(member: Member) -> datetime:
    """When the first of a node's two certificates ends."""
    return min(_until(bytes(each)) for each in (member.sign_certificate, member.seal_certificate))


def list_partners() -> list[Partner]:
    """The other nodes that are members. Five statements."""
    queues, tests = members.list_queues(), members.list_tests()
    own = members.find_identity()
    if own is None:
        return []
    rows = [row for row in members.list_members() if row.standing == Standing.MEMBER]
    by_hand = any(row.code == own.code and row.way == Way.FILE for row in rows)
    found = []
    for row in rows:
        if row.code == own.code:
            continue
        test = tests.get(row.pk)
        heard = row.stated.get("heard", "")
        found.append(
            Partner(
                code=row.code,
                name=row.name,
                way=Way.FILE if by_hand else Way(row.way),
                since_at=row.since_at,
                heard_at=row.heard_at,
                heard_us_at=_moment(heard),
                program=row.stated.get("program", ""),
                schema=row.stated.get("schema", ""),
                queue=queues.get(row.pk, Queue()),
                certified_until=certified_until(row),
                tested_at=test.made_at if test else None,
                answered_at=test.settled_at if test and test.status == Sent.TAKEN else None,
                test_fault=test.fault if test else "",
            )
        )
    return found


def _moment(said: str) -> datetime | None:
    """A moment as a partner said it: believed when it is one."""
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo else None


@dataclass(frozen=True)
class Outside:
    """One line to the axis or a gateway, and what waits on it."""

    id: int
    name: str
    title: str
    channel: str
    open: bool
    contact_at: datetime | None
    fault: str
    fault_at: datetime | None
    queue: exchange.Queue


def list_lines() -> list[Outside]:
    """The lines to agencies that have no node. Four statements."""
    rows = exchange.list_lines()
    queues = exchange.list_queues() if rows else {}
    return [
        Outside(
            id=row.pk,
            name=row.name,
            title=row.title,
            channel=row.channel,
            open=row.open,
            contact_at=row.contact_at,
            fault=row.fault,
            fault_at=row.fault_at,
            queue=queues.get(row.name, exchange.Queue()),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Ending:
    """A certificate that ends soon, or has ended: whose, which kind, when, and where it is renewed."""

    kind: str  # "node", "member", "holder", "authority", "list"
    name: str
    until: datetime
    link: str

    def days(self, at: datetime) -> int:
        return (self.until - at).days


def _common_name(distinguished: str) -> str:
    """What an authority is called, out of its whole name."""
    found = re.search(r"(?:^|,)CN=([^,]+)", distinguished)
    return found[1] if found else distinguished


def list_certificates(at: datetime) -> list[Ending]:
    """What ends within two months, the first to end first: this node's and the partners' keys, holders', lists of revocation."""
    own = members.find_identity()
    found = []
    for row in members.list_members() if own else []:
        if row.standing == Standing.MEMBER:
            kind = "node" if own and row.code == own.code else "member"
            found.append(Ending(kind, row.name, certified_until(row), f"/administration/nodes#node-{row.code}"))
    found += [
        Ending("holder", row.name, row.not_after, "/administration/devices")
        for row in keys.list_expiring(at)
        if not keys.is_replaced(row)
    ]
    found += [
        Ending("list", _common_name(each.issuer_name), each.next_update, "/administration/authority#lists")
        for each in keys.list_freshness(at)
        if each.stale or each.ageing
    ]
    soon = at + timedelta(days=60)
    return sorted((each for each in found if each.until < soon), key=lambda each: each.until)


@dataclass(frozen=True)
class Work:
    """What the workers have to do, and whether they live."""

    queues: list[outbox.Queue]
    dead: list[Promise]
    heartbeats: list[datetime]

    @property
    def waiting(self) -> int:
        return sum(row.waiting for row in self.queues)

    @property
    def given_up(self) -> int:
        return sum(row.dead for row in self.queues)

    @property
    def oldest_at(self) -> datetime | None:
        return min((row.oldest_at for row in self.queues if row.oldest_at), default=None)

    def is_alive(self, at: datetime) -> bool:
        return any(beat > at - WORKER_SILENT for beat in self.heartbeats)


def get_work(at: datetime) -> Work:
    """Promises and workers. Three statements."""
    return Work(outbox.list_queues(at), outbox.list_dead(limit=20), outbox.list_workers())


@dataclass(frozen=True)
class Sealing:
    """Whether the journal is being sealed, and its last checkpoint."""

    stopped: bool
    head: int | None


def get_sealing(at: datetime) -> Sealing:
    """Three statements at most."""
    last = journal.find_last_checkpoint()
    return Sealing(journal.is_sealing_stopped(at=at, within=UNSEALED), last.says["number"] if last else None)


def list_rejections(at: datetime) -> list[Rejection]:
    """What was not believed in the last day. One statement."""
    return [row for row in members.list_rejections() if row.last_at > at - REJECTED_LATELY]


# The whole --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """The node, looked over at one moment."""

    at: datetime
    version: str
    schema: Schema
    database: Database
    disk: Disk
    store_fault: str
    work: Work
    pulses: list[Pulse]
    behind: Behind | None
    sealing: Sealing
    backups: list[Backup]
    is_linked: bool
    partners: list[Partner]
    rejections: list[Rejection]
    lines: list[Outside]
    certificates: list[Ending]
    timestamps_silent: dict[str, datetime] | None
    evidence_owed: int


def look(at: datetime) -> State:
    """Look the whole node over: some thirty short statements, however much it holds."""
    return State(
        at=at,
        version=settings.VERSION,
        schema=upkeep.get_schema(),
        database=upkeep.get_database(),
        disk=upkeep.get_disk(Path(settings.STATE)),
        store_fault=files.why_store_unwell(),
        work=get_work(at),
        pulses=upkeep.list_pulses(),
        behind=index.find_behind(at),
        sealing=get_sealing(at),
        backups=upkeep.list_backups(),
        is_linked=members.is_on_the_line(),
        partners=list_partners(),
        rejections=list_rejections(at),
        lines=list_lines(),
        certificates=list_certificates(at),
        timestamps_silent=signing.find_silence(at),
        evidence_owed=signing.count_owed(),
    )


# Alarms -----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Alarm:
    """Something to be seen to: `words` and `todo` are msgids, `facts` what they name, `link` where one acts."""

    code: str
    tone: str  # "late": now; "warn": this week
    words: str
    todo: str
    link: str
    facts: dict[str, Any] = field(default_factory=dict)
    about: str = ""


def alarms(state: State) -> list[Alarm]:
    """What there is to be seen to, the pressing first."""
    found = [*_of_machine(state), *_of_backups(state), *_of_partners(state), *_of_lines(state), *_of_keys(state)]
    return sorted(found, key=lambda alarm: alarm.tone != "late")


HERE = "/administration/operation"


def _of_machine(state: State) -> Iterator[Alarm]:
    at, work = state.at, state.work
    if not work.is_alive(at):
        words = _("Tiến trình nền không chạy")
        todo = _("Xem nhật ký dịch vụ antin trên máy chủ rồi chạy lại dịch vụ; việc đang chờ được làm tiếp, không mất.")
        yield Alarm("worker_silent", "late", words, todo, f"{HERE}#work")
    elif work.oldest_at and work.oldest_at < at - PROMISES_LATE:
        words = _("Việc nền cũ nhất chờ đã %(minutes)s phút")
        todo = _("Xem loại việc nào ùn; thêm tiến trình nền, hoặc kiểm tra dịch vụ mà việc ấy phải chờ.")
        minutes = int((at - work.oldest_at).total_seconds() // 60)
        yield Alarm("work_late", "warn", words, todo, f"{HERE}#work", {"minutes": minutes})
    if work.given_up:
        words = _("%(n)s việc nền đã bỏ sau nhiều lần thử")
        todo = _("Đọc lỗi của từng việc, gỡ nguyên nhân rồi bấm “Làm lại”.")
        yield Alarm("work_given_up", "late", words, todo, f"{HERE}#given-up", {"n": work.given_up})
    if state.is_linked and not any(_beats(row, at) for row in state.pulses if row.name == "line"):
        words, todo = (
            _("Tiến trình đường liên kết không chạy"),
            _("Xem nhật ký dịch vụ antin trên máy chủ; kiện vẫn giữ ở đây."),
        )
        yield Alarm("line_silent", "late", words, todo, f"{HERE}#work")
    elif state.is_linked:
        for row in state.pulses:
            if row.name == "line" and row.fault and _beats(row, at):
                words = _("Đường liên kết không nối được: %(fault)s")
                todo = _("Kiểm tra mạng tới máy chủ NATS, địa chỉ và chứng thư TLS của nó; kiện vẫn giữ ở đây.")
                yield Alarm("line_down", "late", words, todo, "/administration/nodes", {"fault": row.fault})
    if state.disk.share_free < DISK_LOW:
        words = _("Đĩa còn trống %(percent)s %%")
        todo = _("Thêm dung lượng cho đĩa giữ dữ liệu của nút; hết chỗ thì không nhận được văn bản.")
        tone = "late" if state.disk.share_free < DISK_NONE else "warn"
        yield Alarm("disk_low", tone, words, todo, f"{HERE}#machine", {"percent": state.disk.share_free})
    if state.store_fault:
        words = _("Kho lưu trữ tệp không trả lời: %(fault)s")
        todo = _(
            "Xem máy chủ của kho, mạng tới nó và khóa truy cập (ANTIN_S3); tệp đã lưu vẫn ở kho, việc nền tự thử lại."
        )
        yield Alarm("files_away", "late", words, todo, f"{HERE}#machine", {"fault": state.store_fault})
    if state.schema.missing:
        words = _("Cơ sở dữ liệu thiếu %(n)s bước nâng cấp của phiên bản này")
        todo = _("Chạy “antin prepare” trên máy chủ.")
        yield Alarm("schema_behind", "late", words, todo, f"{HERE}#machine", {"n": len(state.schema.missing)})
    if state.behind and state.behind.since < at - INDEX_LATE:
        words = _("Chỉ mục tìm kiếm chậm %(minutes)s phút")
        todo = _("Xem nhật ký tiến trình nền; cần thì chạy “antin index rebuild”, tìm kiếm vẫn dùng được trong lúc ấy.")
        minutes = int((at - state.behind.since).total_seconds() // 60)
        yield Alarm("index_behind", "warn", words, todo, f"{HERE}#machine", {"minutes": minutes})
    if state.sealing.stopped and work.is_alive(at):
        words = _("Nhật ký không niêm phong tiếp được")
        todo = _(
            "Chạy “antin journal verify” trên máy chủ trước khi làm việc khác: dữ liệu có thể đã bị đưa về bản cũ."
        )
        yield Alarm("journal_unsealed", "late", words, todo, f"{HERE}#machine")


def _beats(row: Pulse, at: datetime) -> bool:
    return row.beat_at > at - LINE_SILENT


def _of_backups(state: State) -> Iterator[Alarm]:
    link = f"{HERE}#backups"
    good = next((row for row in state.backups if not row.fault), None)
    if state.backups and state.backups[0].fault:
        words, todo = (
            _("Lần sao lưu cuối không thành: %(fault)s"),
            _("Gỡ nguyên nhân rồi chạy “antin backup” trên máy chủ."),
        )
        yield Alarm("backup_failed", "late", words, todo, link, {"fault": state.backups[0].fault})
    elif good is None:
        words, todo = (
            _("Chưa có bản sao lưu nào"),
            _("Lập lịch “antin backup” hằng đêm sang đĩa hoặc máy khác (docs/backup.md)."),
        )
        yield Alarm("backup_none", "warn", words, todo, link)
    elif good.made_at < state.at - BACKUP_OLD:
        words, todo = (
            _("Bản sao lưu cuối đã %(hours)s giờ"),
            _("Xem vì sao lịch sao lưu không chạy; chạy “antin backup”."),
        )
        hours = int((state.at - good.made_at).total_seconds() // 3600)
        yield Alarm("backup_old", "late", words, todo, link, {"hours": hours})
    if good is not None and good.verify_fault:
        words, todo = _("Bản sao lưu hỏng: %(fault)s"), _("Chạy “antin backup” ngay, rồi thay đĩa giữ bản sao lưu.")
        yield Alarm("backup_damaged", "late", words, todo, link, {"fault": good.verify_fault})
    verified = [row.verified_at for row in state.backups if row.verified_at and not row.verify_fault]
    if (
        good is not None
        and not good.verify_fault
        and max(verified, default=good.made_at) < state.at - BACKUP_UNVERIFIED
    ):
        words, todo = _("Bản sao lưu hơn một tuần chưa kiểm lại"), _("Chạy “antin backup verify” với bản mới nhất.")
        yield Alarm("backup_unverified", "warn", words, todo, link)


def _of_partners(state: State) -> Iterator[Alarm]:
    at = state.at
    for each in state.partners:
        link, facts, queue = f"/administration/nodes#node-{each.code}", {"name": each.name}, each.queue
        if (each.heard_at or each.since_at) < at - PARTNER_SILENT[each.way]:
            words = _("Nút %(name)s im lặng đã %(hours)s giờ")
            todo = _("Gửi tin thử; gọi quản trị viên nút ấy. Kiện cho họ vẫn giữ ở đây, khẩn đi trước khi thông.")
            hours = int((at - (each.heard_at or each.since_at)).total_seconds() // 3600)
            yield Alarm("partner_silent", "warn", words, todo, link, {**facts, "hours": hours}, each.code)
        elif queue.oldest and queue.oldest < at - QUEUE_LATE[each.way]:
            words = _("%(n)s kiện chờ nút %(name)s, cũ nhất đã %(hours)s giờ")
            todo = _("Gửi tin thử; nếu đường mạng hỏng lâu thì xuất kiện để mang tay.")
            hours = int((at - queue.oldest).total_seconds() // 3600)
            told = {**facts, "n": queue.waiting + queue.sent, "hours": hours}
            yield Alarm("partner_late", "warn", words, todo, link, told, each.code)
        if queue.aside:
            words = _("%(n)s kiện của nút %(name)s để riêng")
            todo = _("Đọc lý do, gỡ nguyên nhân rồi bấm “Nhận lại”.")
            told = {**facts, "n": queue.aside}
            yield Alarm("parcels_aside", "late", words, todo, "/administration/nodes#aside", told, each.code)
        if queue.stuck:
            words = _("Nút %(name)s không lấy được %(n)s kiện của ta")
            todo = _("Văn thư gửi lại sau khi hai bên gỡ nguyên nhân ghi ở kiện.")
            told = {**facts, "n": queue.stuck}
            yield Alarm("parcels_stuck", "late", words, todo, "/administration/nodes#aside", told, each.code)
    for row in state.rejections:
        words = _("Từ chối %(n)s gói tự xưng là %(sender)s: %(why)s")
        todo = _("Gọi cho nút ấy; nếu không phải họ gửi thì có kẻ giả danh trên đường liên kết.")
        told = {"n": row.count, "sender": row.sender, "why": row.words}
        about = f"{row.sender}:{row.code}"
        yield Alarm("parcels_rejected", "late", words, todo, "/administration/nodes#rejections", told, about)


def _of_lines(state: State) -> Iterator[Alarm]:
    for each in state.lines:
        link, facts = f"/administration/lines#line-{each.id}", {"name": each.title}
        if each.open and each.fault:
            words = _("Kênh %(name)s đang lỗi: %(fault)s")
            todo = _("Thử kết nối; xem lại địa chỉ, khóa, rồi gọi đơn vị quản lý trục.")
            yield Alarm("channel_fault", "late", words, todo, link, {**facts, "fault": each.fault}, each.name)
        elif each.queue.oldest_at and each.queue.oldest_at < state.at - LINE_LATE:
            words = _("Văn bản chờ kênh %(name)s đã %(hours)s giờ")
            todo = _("Mở kênh nếu đang tắt; thử kết nối.")
            hours = int((state.at - each.queue.oldest_at).total_seconds() // 3600)
            yield Alarm("channel_late", "warn", words, todo, link, {**facts, "hours": hours}, each.name)
        if each.queue.set_aside:
            words, todo = _("%(n)s gói tin của kênh %(name)s để riêng"), _("Đọc lý do rồi nhận lại hoặc bỏ qua.")
            told = {**facts, "n": each.queue.set_aside}
            yield Alarm("channel_aside", "warn", words, todo, "/administration/lines#aside", told, each.name)


def _of_keys(state: State) -> Iterator[Alarm]:
    words_of = {
        "node": _("Chứng thư số của nút này còn %(days)s ngày"),
        "member": _("Chứng thư số của nút %(name)s còn %(days)s ngày"),
        "holder": _("Chứng thư số của %(name)s còn %(days)s ngày"),
        "list": _("Danh sách thu hồi của %(name)s quá hạn hoặc sắp quá hạn"),
    }
    todo_of = {
        "node": _("Mời lại nút này với chứng thư mới trước khi hết hạn (docs/nodes.md)."),
        "member": _("Báo nút ấy; nút điều phối mời lại họ với chứng thư mới trước khi hết hạn."),
        "holder": _("Gia hạn ở Thiết bị lưu khóa."),
        "list": _("Nhập danh sách thu hồi mới ở Chứng thực."),
    }
    for each in state.certificates:
        days = each.days(state.at)
        if each.kind != "list" and days >= CERTIFICATE_ENDS:
            continue
        tone = "late" if days < (0 if each.kind == "list" else CERTIFICATE_ENDS_SOON) else "warn"
        facts = {"name": each.name, "days": days}
        yield Alarm(f"{each.kind}_ends", tone, words_of[each.kind], todo_of[each.kind], each.link, facts, each.name)
    if state.timestamps_silent:
        words = _("Dịch vụ dấu thời gian không trả lời, %(n)s tệp chờ bổ sung")
        todo = _("Ký và gửi vẫn được trong thời hạn quy định; xem dịch vụ ở Chữ ký lâu dài.")
        yield Alarm("timestamps_silent", "warn", words, todo, "/administration/signatures", {"n": state.evidence_owed})


# Telling ----------------------------------------------------------------------------------------------------------------------

TOLD_ELSEWHERE = frozenset({"holder_ends", "list_ends"})
"""`watch_keys` tells of these, each holder of his own."""
TOLD_OF_EACH = 5


def tell_alarms(*, at: datetime) -> int:
    """Tell the administrators of the root of the house what there is to be seen to, each thing once a day; how many things."""
    root = people.find_root()
    if root is None:
        return 0
    posts = people.find_posts_with_role(agency_id=root.pk, role=Role.ADMINISTRATOR, on=local_date(at))
    holders = [f"P{row.id}" for row in posts]
    found = _few_of_each([alarm for alarm in alarms(look(at)) if alarm.code not in TOLD_ELSEWHERE])
    day = local_date(at)
    news = [
        News(
            holders,
            f"alarm.{each.code}",
            each.words,
            ("unit", root.pk),
            each.facts,
            each.link,
            f"alarm:{each.code}:{each.about}:{day}"[:100],
        )
        for each in found
        if holders
    ]
    with transaction.atomic(durable=True):
        notices.tell_many(news, actor=None, at=at)
    return len(news)


def _few_of_each(found: list[Alarm]) -> list[Alarm]:
    """The first of each kind: when the network of the house is down, a thousand silent partners are one piece of news."""
    seen: Counter[str] = Counter()
    kept = []
    for alarm in found:
        seen[alarm.code] += 1
        if seen[alarm.code] <= TOLD_OF_EACH:
            kept.append(alarm)
    return kept


def try_again(*, promise_id: int, actor: Actor, at: datetime) -> None:
    """Give a promise that was given up its tries back, once a person has removed the cause.

    :raises NotAllowed: :raises NotFound: :raises WrongState: it is not given up
    """
    refuse(why_not_look(actor))
    with transaction.atomic(durable=True):
        name = outbox_acts.revive(promise_id=promise_id).name
        journal_acts.record("promise.revived", subject=("promise", promise_id), actor=actor, at=at, name=name)
