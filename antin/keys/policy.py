"""Who may run the authority, and whether a certificate may be used to sign at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from antin.keys.models import Certificate, CertificateRequest, HandOver, KeyDevice
from antin.keys.providers import BadAnswer, DeviceBlocked, DeviceGone, DeviceTrouble, RemoteRefused, RemoteSilent
from antin.keys.states import Asking, DeviceStatus, Purpose, Standing, Subject
from antin.people import policy as people
from antin.people import queries as units
from antin.people.actor import Actor
from antin.people.models import Unit
from antin.refusal import NotAllowed, NotFound, Refusal

LEAST_PIN = 6
MOST_PIN = 64


class NoCertificate(Refusal):
    """:fact name: who has none"""

    code = "no_certificate"
    words = _("%(name)s chưa được cấp chứng thư số; đề nghị quản trị đơn vị cấp trước.")


class CertificateExpired(Refusal):
    code = "certificate_expired"
    words = _("Chứng thư số của %(name)s đã hết hạn ngày %(day)s; cần được cấp chứng thư số mới trước khi ký.")


class CertificateNotYetValid(Refusal):
    code = "certificate_not_yet_valid"
    words = _("Chứng thư số của %(name)s chưa có hiệu lực; có hiệu lực từ ngày %(day)s.")


class CertificateRevoked(Refusal):
    code = "certificate_revoked"
    words = _("Chứng thư số của %(name)s đã bị thu hồi ngày %(day)s; không ký được bằng chứng thư số này.")


class AlreadyRevoked(Refusal):
    code = "already_revoked"
    words = _("Chứng thư số của %(name)s đã bị thu hồi từ ngày %(day)s.")


class DeviceNotUsable(Refusal):
    code = "device_not_usable"
    words = _("Thiết bị lưu khóa “%(label)s” không dùng được: %(status)s.")


class NeedsBasis(Refusal):
    code = "needs_basis"
    words = _("Bàn giao thiết bị lưu khóa phải có căn cứ bằng văn bản.")


class NeedsMinutes(Refusal):
    code = "needs_minutes"
    words = _("Nhận thiết bị lưu khóa phải có biên bản bàn giao: ghi số, ngày biên bản.")


class AlreadyKeeps(Refusal):
    code = "already_keeps"
    words = _("%(name)s đang giữ thiết bị này.")


class AlreadyOffered(Refusal):
    code = "already_offered"
    words = _("Thiết bị đang chờ %(name)s ký biên bản nhận; rút lại trước khi giao cho người khác.")


class WrongPin(Refusal):
    code = "wrong_pin"
    words = _("Mã PIN không đúng. Còn %(left)s lần thử trước khi khóa bị tạm khóa.")


class PinWasGiven(Refusal):
    code = "pin_was_given"
    words = _(
        "Mã PIN của khóa này do quản trị viên đặt khi cấp. Đồng chí đổi sang mã của riêng mình ở Tài khoản của tôi, "
        "mục Chứng thư số, rồi dùng khóa bằng mã mới."
    )


class DeviceLocked(Refusal):
    code = "device_locked"
    words = _("Nhập sai mã PIN nhiều lần nên khóa bị tạm khóa đến %(until)s.")


class DeviceAbsent(Refusal):
    code = "device_absent"
    words = _(
        "Không thấy thiết bị lưu khóa “%(label)s”. Chưa có gì được ký. Đồng chí cắm lại thiết bị rồi thực hiện lại."
    )


class DeviceFaulty(Refusal):
    code = "device_faulty"
    words = _("Thiết bị lưu khóa “%(label)s” không thực hiện được yêu cầu (%(said)s). Chưa có gì được ký.")


class TokenBlocked(Refusal):
    code = "token_blocked"
    words = _(
        "Thiết bị lưu khóa “%(label)s” đã tự khóa vì nhập sai mã PIN quá số lần cho phép. Cán bộ quản trị thiết bị mở khóa"
        " bằng mã quản trị (SO PIN), hoặc cấp thiết bị khác."
    )


class KeyNotOnDevice(Refusal):
    code = "key_not_on_device"
    words = _(
        "Thiết bị “%(label)s” không có khóa của chứng thư số này; có thể đã cắm nhầm hoặc đã khởi tạo lại thiết bị."
    )


class KeepersPinMissing(Refusal):
    code = "keepers_pin_missing"
    words = _("Thiết bị “%(label)s” của cơ quan chờ người giữ con dấu nhập mã PIN.")


class NoOwnPin(Refusal):
    code = "no_own_pin"
    words = _("Hệ thống chưa được giao mã PIN của thiết bị “%(label)s”, hoặc mã PIN đã được đổi.")


class WrongDevicePin(Refusal):
    code = "wrong_device_pin"
    words = _("Mã PIN của thiết bị “%(label)s” không đúng.")


class RemoteWrongPin(Refusal):
    code = "remote_wrong_pin"
    words = _(
        "Dịch vụ ký số từ xa “%(label)s” không chấp nhận mã PIN hoặc mã OTP. Dịch vụ tự đếm số lần nhập sai và có thể khóa."
    )


class CertificateNamesAnother(Refusal):
    code = "certificate_names_another"
    words = _("Chứng thư số ghi tên “%(named)s”, không phải %(name)s.")


class CertificateNotForSigning(Refusal):
    code = "certificate_not_for_signing"
    words = _("Chứng thư số này không dùng để ký văn bản (mục đích sử dụng khóa).")


class CertificateNotForOpening(Refusal):
    code = "certificate_not_for_opening"
    words = _("Chứng thư số này không phải chứng thư số mã hóa nên không mở được nội dung đã mã hóa.")


class MadeByItsHolder(Refusal):
    code = "made_by_its_holder"
    words = _("Chứng thư số mã hóa do chính người giữ lập bằng mã PIN của mình, không ai lập thay hay gia hạn thay.")


class NotIssuedByTrusted(Refusal):
    code = "not_issued_by_trusted"
    words = _(
        "Chứng thư số không dẫn đến chứng thực gốc nào đang được tin cậy. Nhập chứng thư số của các cấp trung gian,"
        " hoặc thêm chứng thực gốc kèm căn cứ, rồi làm lại."
    )


class CertificateKnown(Refusal):
    code = "certificate_known"
    words = _("Chứng thư số này đã có trong hệ thống, của %(name)s.")


class CertificateOfAnotherKey(Refusal):
    code = "certificate_of_another_key"
    words = _("Chứng thư số này không phải của khóa đã đề nghị.")


class WeakKey(Refusal):
    code = "weak_key"
    words = _("Khóa %(kind)s không đủ mạnh hoặc không thuộc loại được phép: dùng RSA 2048, 3072 hoặc P-256, P-384.")


class WeakKeyFile(Refusal):
    code = "weak_key_file"
    words = _(
        "Tệp khóa được bảo vệ bằng thuật toán cũ, yếu (%(algorithm)s). Xuất lại tệp với AES-256 (ví dụ:"
        " openssl pkcs12 -legacy -in cũ.p12 -out tạm.pem, rồi openssl pkcs12 -export -in tạm.pem -out mới.p12) rồi xóa tệp cũ."
    )


class KeyFileNotOpened(Refusal):
    code = "key_file_not_opened"
    words = _("Không mở được tệp khóa: sai mật khẩu, hoặc tệp không phải PKCS#12 còn nguyên vẹn.")


class KeyFileIncomplete(Refusal):
    code = "key_file_incomplete"
    words = _("Tệp khóa phải có một khóa bí mật và chứng thư số của chính khóa đó.")


class KeyStaysInside(Refusal):
    code = "key_stays_inside"
    words = _("Khóa bí mật không bao giờ được xuất ra khỏi nơi giữ khóa. Cần khóa ở nơi khác thì cấp chứng thư số mới.")


class BadRequestFile(Refusal):
    code = "bad_request_file"
    words = _("Tệp không phải là đề nghị cấp chứng thư số (PKCS#10) còn nguyên vẹn.")


class AlreadyAsked(Refusal):
    code = "already_asked"
    words = _("Khóa này đã có đề nghị cấp chứng thư số.")


class AlreadySettled(Refusal):
    code = "already_settled"
    words = _("Đề nghị này đã được giải quyết: %(state)s.")


class NeedsReason(Refusal):
    code = "needs_reason"
    words = _("Phải ghi rõ căn cứ hoặc lý do.")


class TrustEndsBefore(Refusal):
    code = "trust_ends_before"
    words = _("Ngày thôi tin cậy phải sau ngày bắt đầu tin cậy.")


class TrustEnded(Refusal):
    code = "trust_ended"
    words = _("Chứng thực gốc này đã thôi được tin cậy từ ngày %(day)s.")


class RemoteNotAnswering(Refusal):
    code = "remote_not_answering"
    words = _("Dịch vụ ký số từ xa “%(label)s” chưa trả lời. Chưa có gì được ký. Đồng chí thử lại sau ít phút.")


class RemoteSaidNo(Refusal):
    code = "remote_said_no"
    words = _("Dịch vụ ký số từ xa “%(label)s” từ chối yêu cầu (%(said)s). Chưa có gì được ký.")


class BadSignature(Refusal):
    code = "bad_signature"
    words = _("Thiết bị hoặc dịch vụ “%(label)s” trả về dữ liệu không phải chữ ký hợp lệ nên không dùng được.")


class SignsElsewhere(Refusal):
    code = "signs_elsewhere"
    words = _(
        "Khóa này nằm trên thiết bị của người giữ; ký và mở bằng chương trình An Tín trên máy của người giữ,"
        " hệ thống không mở thay."
    )


class SignsHere(Refusal):
    code = "signs_here"
    words = _("Khóa này do hệ thống mở bằng mã PIN, không ký từ máy của người ký.")


class PinMissing(Refusal):
    code = "pin_missing"
    words = _("Cần nhập mã PIN của khóa ký cá nhân.")


class WeakPin(Refusal):
    code = "weak_pin"
    words = _("Mã PIN phải có từ %(least)s ký tự trở lên, không lặp một ký tự và khác mã PIN cũ.")


class NoAuthority(Refusal):
    code = "no_authority"
    words = _("Hệ thống chưa lập cơ quan chứng thực, nên chưa cấp được chứng thư số và dấu thời gian.")


class BadAuthorityFile(Refusal):
    code = "bad_authority_file"
    words = _("Tệp không phải là %(what)s đọc được.")


class AlreadyTrusted(Refusal):
    code = "already_trusted"
    words = _("Chứng thư số gốc “%(name)s” đã được tin cậy từ ngày %(day)s.")


def day(moment: datetime) -> str:
    """The moment's day as people here write it."""
    return timezone.localtime(moment).strftime("%d/%m/%Y")


def why_not_run_authority(actor: Actor | None) -> Refusal | None:
    """Only the node itself, or the administrator of the root of the house, runs the authority and says whom to trust."""
    return people.why_not_administer(actor, units.find_root())


def why_not_issue(actor: Actor | None, agency: Unit, holder: Actor | None = None) -> Refusal | None:
    """Certificates of an agency and its people are its administrator's business; a substitute gets none for another's post."""
    if holder is not None and holder.on_behalf:
        return NotAllowed()
    return people.why_not_administer(actor, agency)


def why_not_ask(actor: Actor, agency: Unit, holder: Actor) -> Refusal | None:
    """A certificate is asked for by its holder himself, or by the agency's administrator."""
    if holder.on_behalf:
        return NotAllowed()
    if actor.person_id == holder.person_id:
        return None
    return people.why_not_administer(actor, agency)


def why_not_ask_for(purpose: str, actor: Actor, holder: Actor | None) -> Refusal | None:
    """A key that opens sealed contents is a person's own matter: whoever made it for him could read what he reads."""
    if purpose != Purpose.ENCRYPTION or (
        holder is not None and not holder.on_behalf and holder.person_id == actor.person_id
    ):
        return None
    return MadeByItsHolder()


def why_not_make(actor: Actor, held: Iterable[Certificate], at: datetime) -> Refusal | None:
    """One makes the key that opens sealed contents for oneself, under the PIN of the key one signs with in that agency."""
    signs = any(
        each.purpose == Purpose.SIGNING and each.agency_id == actor.agency_id and why_not_use(each, at) is None
        for each in held
    )
    return why_not_ask_for(Purpose.ENCRYPTION, actor, actor) or (
        None if signs else NoCertificate(name=actor.person_name)
    )


def why_not_settle(asked: CertificateRequest) -> Refusal | None:
    """A request is answered once."""
    return None if asked.state == Asking.ASKED else AlreadySettled(state=Asking(asked.state).label)


def why_not_use(certificate: Certificate, at: datetime) -> Refusal | None:
    """Whether a signature may be made with it at that moment."""
    name = certificate.name
    match certificate.standing(at):
        case Standing.REVOKED:
            assert certificate.revoked_at is not None
            return CertificateRevoked(name=name, day=day(certificate.revoked_at))
        case Standing.EXPIRED:
            return CertificateExpired(name=name, day=day(certificate.not_after))
        case Standing.NOT_YET:
            return CertificateNotYetValid(name=name, day=day(certificate.not_before))
    return None


def why_not_hand_over(certificate: Certificate, device: KeyDevice, actor: Actor, basis: str) -> Refusal | None:
    """Its keeper or the agency's administrator hands an agency's device over, on paper; a person's key stays with the person."""
    refusal = why_not_withdraw(certificate, device, actor)
    if refusal is not None:
        return refusal
    if device.status != DeviceStatus.ACTIVE:
        return DeviceNotUsable(label=device.label, status=DeviceStatus(device.status).label)
    return None if basis.strip() else NeedsBasis()


def why_not_withdraw(certificate: Certificate, device: KeyDevice, actor: Actor) -> Refusal | None:
    """An agency's device is its keeper's or the agency's administrator's to give."""
    if certificate.subject != Subject.AGENCY:
        return NotFound(certificate_id=certificate.pk)
    if device.custodian_id == actor.person_id:
        return None
    return people.why_not_administer(actor, certificate.agency)


def why_not_answer(passing: HandOver, actor: Actor) -> Refusal | None:
    """An offer is answered by whom it was made to; to others it looks as if it were absent."""
    return None if passing.taker_id == actor.person_id else NotFound(hand_over_id=passing.pk)


def why_not_take(passing: HandOver, device: KeyDevice, actor: Actor, minutes: str) -> Refusal | None:
    """A device is taken with minutes, while it is of use."""
    refusal = why_not_answer(passing, actor)
    if refusal is not None:
        return refusal
    if device.status != DeviceStatus.ACTIVE:
        return DeviceNotUsable(label=device.label, status=DeviceStatus(device.status).label)
    return None if minutes.strip() else NeedsMinutes()


def why_not_report_lost(certificate: Certificate, device: KeyDevice, actor: Actor) -> Refusal | None:
    """Whoever holds the key says so himself; else the agency's administrator."""
    if actor.person_id in (certificate.person_id, device.custodian_id):
        return None
    return people.why_not_administer(actor, certificate.agency)


def why_not_hold(certificate: Certificate, actor: Actor) -> Refusal | None:
    """A person's key is that person's alone; another's looks as if it were absent."""
    own = certificate.subject == Subject.PERSON and certificate.person_id == actor.person_id
    return None if own else NotFound(certificate_id=certificate.pk)


def why_not_by_this_pin(device: KeyDevice) -> Refusal | None:
    """Whether a key may be used by the PIN it has: not by one that somebody else has set, and so knows."""
    return PinWasGiven() if device.pin_given else None


def why_not_open(device: KeyDevice, at: datetime) -> Refusal | None:
    """Whether the device may be opened at all, whatever the secret."""
    if device.status != DeviceStatus.ACTIVE:
        return DeviceNotUsable(label=device.label, status=DeviceStatus(device.status).label)
    if device.locked_until is not None and at < device.locked_until:
        until = timezone.localtime(device.locked_until).strftime("%H:%M %d/%m/%Y")
        return DeviceLocked(until=until)
    return None


def worded(trouble: DeviceTrouble, label: str) -> Refusal:
    """What a device's trouble is to whoever wanted to sign."""
    match trouble:
        case DeviceGone():
            return DeviceAbsent(label=label)
        case DeviceBlocked():
            return TokenBlocked(label=label)
        case RemoteSilent():
            return RemoteNotAnswering(label=label)
        case RemoteRefused():
            return RemoteSaidNo(label=label, said=str(trouble))
        case BadAnswer():
            return BadSignature(label=label)
    return DeviceFaulty(label=label, said=str(trouble))


def why_not_reason(reason: str) -> Refusal | None:
    """Trust is given and taken with a reason that others can read."""
    return None if reason.strip() else NeedsReason()


def why_not_pin(pin: str | None, old: str | None = None) -> Refusal | None:
    """Whether this may become a PIN."""
    if pin is None or not LEAST_PIN <= len(pin) <= MOST_PIN or len(set(pin)) == 1 or pin == old:
        return WeakPin(least=LEAST_PIN)
    return None
