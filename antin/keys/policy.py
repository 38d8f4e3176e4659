"""Who may run the authority, and whether a certificate may be used to sign at a moment."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from antin.keys.models import Certificate, KeyDevice
from antin.keys.providers import BadAnswer, DeviceBlocked, DeviceGone, DeviceTrouble, RemoteRefused, RemoteSilent
from antin.keys.states import DeviceStatus, Standing, Subject
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
    words = _("%(name)s chưa được cấp chứng thư số.")


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


class WrongPin(Refusal):
    code = "wrong_pin"
    words = _("Mã PIN không đúng. Còn %(left)s lần thử trước khi khóa bị tạm khóa.")


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


class NoOwnPin(Refusal):
    code = "no_own_pin"
    words = _("Hệ thống chưa được giao mã PIN của thiết bị “%(label)s”, hoặc mã PIN đã được đổi.")


class WrongDevicePin(Refusal):
    code = "wrong_device_pin"
    words = _("Mã PIN của thiết bị “%(label)s” không đúng.")


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
    words = _("Khóa này nằm trên thiết bị của người ký; ký bằng chương trình An Tín trên máy của người ký.")


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
    if certificate.subject != Subject.AGENCY:
        return NotFound(certificate_id=certificate.pk)
    if device.custodian_id != actor.person_id:
        refusal = people.why_not_administer(actor, certificate.agency)
        if refusal is not None:
            return refusal
    return None if basis.strip() else NeedsBasis()


def why_not_report_lost(certificate: Certificate, device: KeyDevice, actor: Actor) -> Refusal | None:
    """Whoever holds the key says so himself; else the agency's administrator."""
    if actor.person_id in (certificate.person_id, device.custodian_id):
        return None
    return people.why_not_administer(actor, certificate.agency)


def why_not_hold(certificate: Certificate, actor: Actor) -> Refusal | None:
    """A person's key is that person's alone; another's looks as if it were absent."""
    own = certificate.subject == Subject.PERSON and certificate.person_id == actor.person_id
    return None if own else NotFound(certificate_id=certificate.pk)


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


def why_not_pin(pin: str | None, old: str | None = None) -> Refusal | None:
    """Whether this may become a PIN."""
    if pin is None or not LEAST_PIN <= len(pin) <= MOST_PIN or len(set(pin)) == 1 or pin == old:
        return WeakPin(least=LEAST_PIN)
    return None
