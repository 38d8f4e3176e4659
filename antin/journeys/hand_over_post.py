"""A post handed over: what is open gathered from the rooms, laid out as minutes, signed by both sides, devices passed with them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from antin.documents import queries as documents
from antin.files import operations as files
from antin.files import queries as kept
from antin.handovers import operations, policy, queries
from antin.handovers.operations import Thing
from antin.handovers.states import Kind
from antin.journeys import sign_file
from antin.keys import operations as keys_operations
from antin.keys import queries as keys
from antin.keys.policy import PinMissing
from antin.keys.states import Device
from antin.opinions import queries as opinions
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.signing import operations as signing
from antin.signing import queries as signatures
from antin.signing.policy import BESIDE
from antin.signing.states import RequestState
from antin.tasks import queries as tasks
from antin.typeset import minutes
from antin.typeset.minutes import Minutes
from antin.vault import operations as sealed
from antin.vault import queries as vault
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.handovers.models import PostHandOver
    from antin.opinions.models import Opinion
    from antin.tasks.models import Assignment
    from antin.vault.models import Classified
    from antin.vault.operations import PassedOn

NAME = gettext_noop("Biên bản bàn giao chức vụ số %(number)s")
"""How the minutes are called where devices change hands by them; kept, so never translated there."""
BY_THE_POST = gettext_noop("theo chức vụ, người giữ chức vụ làm tiếp")


NOT_YET = gettext_noop("chưa trao: bên giao trao ở trang này bằng mã PIN của mình")


class OwnKeyNeeded(Refusal):
    code = "own_key_needed"
    words = gettext_noop("Biên bản bàn giao ký bằng khóa của chính người ký, không ký bằng con dấu.")


class SignFileFirst(Refusal):
    """The key lies in the signer's own machine: the minutes are signed as a file of his, then kept."""

    code = "sign_file_first"
    words = gettext_noop(
        "Khóa ở thiết bị trên máy của đồng chí: ký tệp biên bản số %(file_id)s trước, rồi ghi nhận chữ ký."
    )


def name_of(act: PostHandOver) -> str:
    """What the minutes are called."""
    return NAME % {"number": act.pk}


def look(act: PostHandOver, at: datetime) -> list[Thing]:
    """What is open of the post and its holder now, from every room; secrets by number only."""
    today = local_date(at)
    with override("vi"):
        waiting, begun = documents.list_of_post(act.post_id)
        to_do, given = tasks.list_of_post(act.post_id)
        found = [Thing(Kind.WAITING, each.pk, _titled(each.code, each.subject), _(BY_THE_POST)) for each in waiting]
        found += [Thing(Kind.DRAFT, each.pk, _titled(each.code, each.subject), _(BY_THE_POST)) for each in begun]
        found += [
            Thing(Kind.OPINION, each.document_id, _asked(each), _(BY_THE_POST))
            for each in opinions.list_of_post(act.post_id)
        ]
        found += [Thing(Kind.TO_DO, each.pk, _work(each), _(BY_THE_POST)) for each in to_do]
        found += [Thing(Kind.GIVEN, each.pk, _work(each), _(BY_THE_POST)) for each in given]
        found += [
            Thing(Kind.POWER, power_id, words, _("theo chức vụ; còn hiệu lực đến khi thu hồi hoặc hết hạn"))
            for power_id, words in people.list_powers(act.post_id, today)
        ]
        found += [
            Thing(
                Kind.DEVICE,
                device.certificate_id,
                f"{device.label}, {device.serial}".strip(", "),
                _("bàn giao theo biên bản này"),
            )
            for device in keys.list_devices_kept_by(act.giver_id)
        ]
        found += list_secrets(act, at)
        found += [
            Thing(
                Kind.COPY,
                each.pk,
                _("Bản sao số %(number)s, tài liệu mật số %(of)s") % {"number": each.number, "of": each.classified_id},
                _("không chuyển ở đây: trả lại và giao theo sổ bản sao"),
            )
            for each in vault.list_copies_held(act.giver_id)
        ]
    return found


def _titled(code: str, subject: str) -> str:
    return f"{code}: {subject}" if code else subject


def _asked(opinion: Opinion) -> str:
    words, due = _titled(opinion.document.code, opinion.document.subject), opinion.due_at
    return f"{words} ({_('hạn')} {local_date(due):%d/%m/%Y})" if due else words


def _work(assignment: Assignment) -> str:
    directive, due = assignment.directive, assignment.due_at
    words = directive.title or directive.words[:200]
    return f"{words} ({_('hạn')} {local_date(due):%d/%m/%Y})" if due else words


def secret_remark(act: PostHandOver, classified_id: int, level: int, today: date, at: datetime) -> str:
    """Whether the taker reads a secret of the giver, or why not: by the rules of the vault, of which this changes nothing."""
    if vault.find_reader(classified_id, act.taker_id) is not None:
        return _("bên nhận đã có tên trong danh sách được đọc")
    no = vault.why_not_read(act.taker_id, level, on=today, at=at)
    if no is not None:
        return _("không trao: %(why)s") % {"why": no.message}
    return _(NOT_YET)


def list_secrets(act: PostHandOver, at: datetime) -> list[Thing]:
    """The secrets that the giver reads, by number, each with how it goes over."""
    return [_secret(act, each, at) for each in vault.list_read_by(act.giver_id)]


def list_to_pass(act: PostHandOver, at: datetime) -> list[Thing]:
    """The secrets of the giver that the taker does not read yet, and could by his clearance and key."""
    today = local_date(at)
    left = [
        each
        for each in vault.list_read_by(act.giver_id)
        if vault.find_reader(each.pk, act.taker_id) is None
        and vault.why_not_read(act.taker_id, each.level, on=today, at=at) is None
    ]
    return [_secret(act, each, at) for each in left]


def _secret(act: PostHandOver, each: Classified, at: datetime) -> Thing:
    name = _("Tài liệu mật số %(number)s") % {"number": each.pk}
    return Thing(Kind.SECRET, each.pk, name, secret_remark(act, each.pk, each.level, local_date(at), at))


@dataclass(frozen=True)
class Passed:
    """What became of one secret: whether the taker reads it now, and in words."""

    classified_id: int
    reads: bool
    words: str


def pass_secrets(
    *, act_id: int, chosen: Collection[int] | None = None, pin: str, actor: Actor, at: datetime
) -> list[Passed]:
    """Let the taker read the giver's secrets (those `chosen`, or all) at one PIN; what became of each.

    The rules are the vault's: the taker's clearance and key, the giver's right to pass on, a need for each. What is refused stays
    with the giver and says why. Cut short, it is called again and goes on where it was.

    :raises NotFound: :raises NotAllowed: :raises WrongState: :raises PinMissing: :raises WrongPin:
    """
    act = queries.get_for(actor, act_id)
    refuse(policy.why_not_pass_on(actor, act))
    if not pin:
        raise PinMissing()
    own = [each.pk for each in vault.list_read_by(act.giver_id)]
    wanted = [each for each in own if chosen is None or each in chosen]
    done = sealed.pass_on(classified_ids=wanted, person_id=act.taker_id, pin=pin, actor=actor, at=at)
    with override("vi"):
        told = [Passed(each.classified_id, each.refusal is None, _passed(each)) for each in done]
    operations.note_secrets(
        act_id=act_id,
        remarks={each.classified_id: each.words for each in told},
        passed=sum(each.reads for each in told),
        actor=actor,
        at=at,
    )
    return told


def _passed(each: PassedOn) -> str:
    if each.refusal is not None:
        return _("không trao: %(why)s") % {"why": each.refusal.message}
    return _("bên nhận đã có tên trong danh sách được đọc") if each.already else _("đã trao: bên nhận đọc được")


def fix(*, act_id: int, actor: Actor, at: datetime) -> PostHandOver:
    """Gather the list, lay the minutes out and fix both. :raises NotFound: :raises NotForHandOver: :raises WrongState:"""
    act = queries.get_for(actor, act_id)
    refuse(policy.why_not_change(actor, act, "fix"))
    things = look(act, at)
    file = files.keep(lay_out(act, things, at), at=at).digest
    return operations.fix(act_id=act_id, things=things, file=file, actor=actor, at=at)


def lay_out(act: PostHandOver, things: list[Thing], at: datetime) -> bytes:
    """Print the minutes: of Decree 30's look, always in Vietnamese."""
    agency = people.get_agency(act.agency_id)
    day = local_date(at)
    with override("vi"):
        facts = [
            (_("Chức vụ"), f"{act.post_title}, {act.unit_name}"),
            (_("Bên giao"), act.giver_name),
            (
                _("Bên nhận"),
                f"{act.taker_name} ({_('giữ tạm, chức vụ chưa có người')})" if act.vacant else act.taker_name,
            ),
            (_("Từ ngày"), f"{act.from_date:%d/%m/%Y}"),
            (_("Căn cứ"), act.basis),
            (_("Danh mục"), _("Gồm %(n)s mục") % {"n": len(things)}),
        ]
        said = [line for line in act.words.splitlines() if line.strip()]
        closing = [_("Ngoài hệ thống: %(words)s") % {"words": line} for line in said]
        closing += [
            _(
                "Văn bản, công việc theo chức vụ tiếp tục với người giữ chức vụ; khóa ký riêng của bên giao ở lại với bên giao."
            ),
            _("Tài liệu mật chỉ trao theo danh sách được đọc; mục nào chưa trao đã ghi rõ lý do."),
            _("Hai bên ký số vào biên bản này; chữ ký nằm trong hai tệp .p7s kèm theo."),
        ]
        return minutes.lay_out(
            Minutes(
                title=_("Biên bản"),
                about=_("Bàn giao chức vụ"),
                agency=agency.name,
                number=_("Số: %(number)s") % {"number": f"BG-{act.pk}"},
                nation=_("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
                motto=_("Độc lập - Tự do - Hạnh phúc"),
                place_and_day=_("%(place)s, ngày %(day)s tháng %(month)s năm %(year)s")
                % {"place": agency.place_name or "………", "day": f"{day:%d}", "month": f"{day:%m}", "year": day.year},
                stamp="",
                facts=facts,
                rows_heading=_("Việc, văn bản, thiết bị đang mở"),
                columns=[_("TT"), _("Loại"), _("Nội dung"), _("Bàn giao")],
                rows=[[str(n), str(Kind(each.kind).label), each.name, each.remark] for n, each in enumerate(things, 1)],
                closing=closing,
                signers=[(_("Bên giao"), act.giver_name), (_("Bên nhận"), act.taker_name)],
            ),
            at=at,
        )


def bring(*, act_id: int, actor: Actor, at: datetime) -> int:
    """Have the minutes among the files that this side signs, once; its number there. :raises Refusal: as `handovers.sign`"""
    act = queries.get_for(actor, act_id)
    refuse(policy.why_not_sign(actor, act))
    assert act.file_id is not None
    row = signatures.find_own_file(actor, act.file_id)
    if row is None:
        with override("vi"):
            name = f"{_(NAME) % {'number': act.pk}}.pdf"
        row = signing.bring_file(content=kept.read(act.file_id), name=name, actor=actor, at=at)
    return row.pk


def sign(*, act_id: int, pin: str, actor: Actor, at: datetime) -> PostHandOver:
    """Sign the minutes with one's own key, in a .p7s beside them; a signature made on the own machine before is kept.

    With the taker's signature the post is handed over and the agency's devices on the list are his. A crash in between leaves a
    signature that the same call goes on with.

    :raises NotAParty: :raises WrongState: :raises GiverFirst: :raises SignedHere:
    :raises SignFileFirst: the key lies elsewhere and the file is not signed yet
    :raises OwnKeyNeeded: it was signed with another key
    :raises Refusal: as `sign_file`
    """
    file_id = bring(act_id=act_id, actor=actor, at=at)
    row = signatures.get_file_for(actor, file_id)
    request = row.request
    if request is None or request.state != RequestState.DONE:
        own = keys.get_certificate_for_person(actor.person_id, at, agency_id=actor.agency_id, name=actor.person_name)
        if own.device.kind == Device.AGENT:
            raise SignFileFirst(file_id=file_id)
        request = sign_file.sign_file(file_id=file_id, certificate_id=own.pk, inside=False, pin=pin, actor=actor, at=at)
    if request.certificate.person_id != actor.person_id or request.field != BESIDE:
        raise OwnKeyNeeded()
    with transaction.atomic(durable=True):
        return _conclude(act_id, row.file_id, request.result_file, actor, at)


def _conclude(act_id: int, file: str, signature: str, actor: Actor, at: datetime) -> PostHandOver:
    act = queries.lock(act_id)
    gives = actor.person_id == act.giver_id
    remarks: dict[int, str] = {}
    with override("vi"):
        for item in queries.list_items(act_id):
            if item.kind == Kind.DEVICE:
                remarks[item.position] = _pass_device(act, item.subject_id, gives, actor, at)
            elif item.kind == Kind.SECRET and not gives:
                level = vault.get(item.subject_id).level
                remarks[item.position] = secret_remark(act, item.subject_id, level, local_date(at), at)
    return operations.sign(act_id=act_id, minutes=file, signature=signature, remarks=remarks, actor=actor, at=at)


def _pass_device(act: PostHandOver, certificate_id: int, gives: bool, actor: Actor, at: datetime) -> str:
    """Offer a device with the giver's signature, take it with the taker's; or why it does not change hands."""
    try:
        if gives:
            keys_operations.offer_device(
                certificate_id=certificate_id, to_person_id=act.taker_id, basis=name_of(act), actor=actor, at=at
            )
            return _("bên giao đã giao, chờ bên nhận ký")
        offer = _find_offer(act, certificate_id)
        if offer is None:
            return _("không chuyển: không còn ở bên giao")
        keys_operations.take_device(hand_over_id=offer, minutes=name_of(act), actor=actor, at=at)
        return _("đã nhận theo biên bản này")
    except Refusal as no:
        return _("không chuyển: %(why)s") % {"why": no.message}


def _find_offer(act: PostHandOver, certificate_id: int) -> int | None:
    offers = keys.list_offers_to(act.taker_id)
    mine = (each for each in offers if each.basis == name_of(act) and each.device.certificate_id == certificate_id)
    return next((each.pk for each in mine), None)


def withdraw(*, act_id: int, reason: str, actor: Actor, at: datetime) -> PostHandOver:
    """Let a hand-over be; devices that were offered with it stay where they are. :raises Refusal: as handovers.withdraw"""
    with transaction.atomic(durable=True):
        queries.get_for(actor, act_id)
        act = operations.withdraw(act_id=act_id, reason=reason, actor=actor, at=at)
        for each in keys.list_offers_to(act.taker_id):
            if each.basis == name_of(act):
                keys_operations.withdraw_offer(hand_over_id=each.pk, actor=actor, at=at)
        return act
