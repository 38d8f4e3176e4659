"""Whether a signature may be asked for and made: the right certificate in the right field by the right person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.x509 import ExtensionNotFound, KeyUsage, load_der_x509_certificate
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.keys.models import Certificate
from antin.keys.states import Subject
from antin.people import policy as people
from antin.people import queries as units
from antin.people.actor import Actor
from antin.refusal import NotAllowed, Refusal
from antin.signing import xml_signatures
from antin.signing.models import FileToSign, LevelRule, Responder, SigningRequest
from antin.signing.order import PERSONS, SEALS, SMALL, Foreseen, Taken, find_disorder, form_facts, step_of, why_not_now
from antin.signing.states import Disorder, Level, RequestState, ResponderKind, Signing
from antin.signing.xades import DS

__all__ = ["PERSONS", "SMALL", "Foreseen", "Taken", "find_disorder", "form_facts", "step_of"]

AGENCIES = {"Agency", "Arrival", "Arrival2", "Attachment", *SEALS}
BESIDE, INSIDE_XML = "Detached", "Xml"
"""Not fields of a PDF: a signature in a file of its own beside the file (CAdES), and one inside an XML document (XAdES)."""


class AlreadySigned(Refusal):
    code = "already_signed"
    words = _("Việc ký này đã được thực hiện hoặc đang chờ với nội dung khác; không ký hai lần.")


class SignedInside(Refusal):
    code = "signed_inside"
    words = _("Tệp XML này đã có chữ ký bên trong; ký thêm vào trong sẽ làm hỏng chữ ký đó. Chọn ký rời, kèm tệp .p7s.")


class AnothersCertificate(Refusal):
    code = "anothers_certificate"
    words = _("Chứng thư số này là của %(name)s, không phải của đồng chí.")


class AnotherAgencysCertificate(Refusal):
    code = "another_agencys_certificate"
    words = _("Chứng thư số này là của %(name)s, không phải của cơ quan đồng chí.")


class WrongKindOfCertificate(Refusal):
    code = "wrong_kind_of_certificate"
    words = _("Vị trí ký “%(field)s” cần chứng thư số của %(wanted)s.")


class NotSealKeeper(NotAllowed):
    code = "not_seal_keeper"
    words = _("Chỉ người được giao giữ con dấu và thiết bị lưu khóa của cơ quan mới được ký số của cơ quan.")


class FileEncrypted(Refusal):
    code = "file_encrypted"
    words = _("Tệp PDF được đặt mật khẩu nên không ký được. Đồng chí bỏ mật khẩu rồi tải lên lại.")


class FileUnreadable(Refusal):
    code = "file_unreadable"
    words = _("Tệp PDF bị hỏng hoặc sai cấu trúc nên không ký được.")


class FileSignedBefore(Refusal):
    code = "file_signed_before"
    words = _("Tệp đã có chữ ký số nên không thêm được chỗ điền số, ngày và chữ ký.")


class FileTooHeavy(Refusal):
    code = "file_too_heavy"
    words = _("Tệp PDF quá phức tạp, không xử lý xong trong thời gian cho phép nên không ký được.")


class FieldMissing(Refusal):
    code = "field_missing"
    words = _("Tệp không có vị trí “%(field)s” để điền hoặc ký.")


class PageTurned(Refusal):
    code = "page_turned"
    words = _("Trang đầu của tệp nằm xoay nên không đặt được dấu; quét lại hoặc in ra PDF mới cho thẳng trang.")


class FieldFilled(Refusal):
    code = "field_filled"
    words = _("Vị trí “%(field)s” đã được điền hoặc ký.")


class PreparedDiffers(Refusal):
    """What is to be signed came out other than what the key has signed: the software was changed in between."""

    code = "prepared_differs"
    words = _("Trang cần ký không còn đúng như lúc nhập mã PIN. Đồng chí ký lại văn bản này.")


class TooMany(Refusal):
    code = "too_many"
    words = _("Mỗi lần ký được nhiều nhất %(most)s văn bản.")


class NothingChosen(Refusal):
    code = "nothing_chosen"
    words = _("Chưa chọn văn bản nào để ký.")


class NotXml(Refusal):
    code = "not_xml"
    words = _("Tệp không phải là XML ký được: sai cấu trúc, quá lớn hoặc có khai báo DOCTYPE.")


class TimestampRefused(Refusal):
    code = "timestamp_refused"
    words = _("Chưa lấy được dấu thời gian nên chưa ký. Đồng chí thử lại sau ít phút.")


class NotOurReport(Refusal):
    code = "not_our_report"
    words = _("Kết quả kiểm tra này không phải do nút này lập, hoặc đã bị sửa. Đồng chí kiểm tra lại tệp.")


class StillBeingSigned(Refusal):
    """Another process holds the request longer than a signature can take; the caller may try again."""

    code = "still_being_signed"
    words = _("Văn bản đang được ký ở một cửa sổ khác. Đồng chí chờ giây lát rồi tải lại trang.")


def why_not_certificate(field: str, certificate: Certificate, actor: Actor | None) -> Refusal | None:
    """Whether this actor may sign in this field with this certificate. The node itself may only use an agency's."""
    person = certificate.subject == Subject.PERSON
    if field in PERSONS | SMALL and not person:
        return WrongKindOfCertificate(field=field, wanted=gettext("cá nhân"))
    if field in AGENCIES and person:
        return WrongKindOfCertificate(field=field, wanted=gettext("cơ quan, tổ chức"))
    if person:
        own = actor is not None and certificate.person_id == actor.person_id
        return None if own else AnothersCertificate(name=certificate.name)
    if actor is None:
        return None
    if certificate.agency_id != actor.agency_id:
        return AnotherAgencysCertificate(name=certificate.name)
    return None if actor.keeps_seal else NotSealKeeper()


def why_not_agencys(certificate: Certificate, field: str) -> Refusal | None:
    """Whether a certificate is an agency's, where the agency signs beside a file or inside XML; a person signs so for himself."""
    if certificate.subject == Subject.PERSON:
        return WrongKindOfCertificate(field=field, wanted=gettext("cơ quan, tổ chức"))
    return None


def why_not_inside(content: bytes) -> Refusal | None:
    """Whether a file can be signed inside: plain XML, not signed inside yet."""
    try:
        root = xml_signatures.parsed(content) if xml_signatures.is_xml(content) else None
    except xml_signatures.NotRead:
        root = None
    if root is None:
        return NotXml()
    if next(root.iter(f"{{{DS}}}Signature"), None) is not None:
        return SignedInside()
    return None


def why_not_again(row: FileToSign, request_id: int) -> Refusal | None:
    """Whether a file that was brought may still be signed by this request."""
    return AlreadySigned() if _is_done(row.request) and row.request_id != request_id else None


def why_not_forget(row: FileToSign) -> Refusal | None:
    """Whether a file that was brought may be taken away again."""
    return AlreadySigned() if _is_done(row.request) else None


def _is_done(request: SigningRequest | None) -> bool:
    return request is not None and request.state == RequestState.DONE


# How long it must be provable


class RespondersSilent(Refusal):
    """Beyond the limit of the rule no signature is made that could not be proven.

    :fact since: since when, :fact hours: how long the rule bears with it
    """

    code = "responders_silent"
    words = _(
        "Dịch vụ dấu thời gian không trả lời từ %(since)s, quá thời hạn %(hours)s giờ mà quy định cho phép, nên tạm dừng ký. "
        "Quản trị hệ thống kiểm tra dịch vụ ở trang Dịch vụ ký; ký lại được ngay khi dịch vụ trả lời."
    )


class BadAddress(Refusal):
    code = "bad_address"
    words = _("Địa chỉ phải bắt đầu bằng http:// hoặc https:// và có tên máy chủ.")


class NeedsIssuer(Refusal):
    code = "needs_issuer"
    words = _("Cần chọn cơ quan chứng thực mà dịch vụ này trả lời thay.")


class BadLimit(Refusal):
    code = "bad_limit"
    words = _("Thời hạn phải từ %(least)s đến %(most)s.")


@dataclass(frozen=True)
class Demand:
    """What is asked of a signature: how long it must be provable, and for how long a missing service is borne with."""

    level: Level
    grace: timedelta


DEFAULTS = {
    Signing.PERSON: Demand(Level.B_T, timedelta(hours=24)),
    Signing.AGENCY: Demand(Level.B_LT, timedelta(hours=24)),
    Signing.ATTACHMENT: Demand(Level.B_LT, timedelta(hours=24)),
}
MOST_GRACE_HOURS = 14 * 24
MOST_AT_ONCE = 200


def kind_of(field: str) -> Signing:
    """What a field's signature is to the rules."""
    if field in PERSONS | SMALL:
        return Signing.PERSON
    return Signing.ATTACHMENT if field in ("Attachment", BESIDE, INSIDE_XML) else Signing.AGENCY


def demand_of(rules: Iterable[LevelRule], *, signing: Signing, agency_id: int, secrecy: int) -> Demand:
    """The demand of the rule that says most of this signature: agency before secrecy before kind; else the default."""
    fitting = [
        rule
        for rule in rules
        if rule.agency_id in (None, agency_id) and rule.signing in ("", signing) and rule.secrecy in (None, secrecy)
    ]
    if not fitting:
        return DEFAULTS[signing]
    most = max(fitting, key=lambda rule: (rule.agency_id is not None, rule.secrecy is not None, rule.signing != ""))
    return Demand(Level(most.level), timedelta(hours=most.grace_hours))


def why_not_unstamped(failing_since: datetime | None, grace: timedelta, at: datetime) -> Refusal | None:
    """Whether a signature may be made now and completed later, though no timestamp can be had."""
    if failing_since is None or at < failing_since + grace:
        return None
    since = timezone.localtime(failing_since).strftime("%H:%M %d/%m/%Y")
    return RespondersSilent(since=since, hours=int(grace.total_seconds() // 3600))


def why_not_rule(actor: Actor | None, agency_id: int | None) -> Refusal | None:
    """Rules of one agency are its administrator's, those of the whole house the house's."""
    unit = units.get_agency(agency_id) if agency_id is not None else units.find_root()
    return people.why_not_administer(actor, unit)


def why_not_configure(actor: Actor | None, service: Responder) -> Refusal | None:
    """Only the administrator of the house says which outside services are asked."""
    no = people.why_not_administer(actor, units.find_root())
    if no is not None:
        return no
    parts = urlsplit(service.address)
    if service.kind != ResponderKind.TIMESTAMP and not service.issuer:
        return NeedsIssuer()
    bare = service.kind == ResponderKind.TIMESTAMP and not service.address
    if not bare and (parts.scheme not in ("http", "https") or not parts.hostname):
        return BadAddress()
    return None if 1 <= service.seconds <= 30 else BadLimit(least=1, most=30)


def why_not_batch(count: int) -> Refusal | None:
    """Whether so many may be signed in one act."""
    if count == 0:
        return NothingChosen()
    return None if count <= MOST_AT_ONCE else TooMany(most=MOST_AT_ONCE)


# The order of steps


class OutOfOrder(Refusal):
    """:fact why: what is wrong, as `Disorder` words it"""

    code = "out_of_order"
    words = _("Chưa ký được: %(why)s.")


class KeyNotForSigning(Refusal):
    code = "key_not_for_signing"
    words = _("Chứng thư số của %(name)s không được cấp để ký văn bản (thiếu mục đích chữ ký số).")


def why_not_next(field: str, done: Sequence[Taken], foreseen: Foreseen) -> Refusal | None:
    """Whether a signature may come into this field now."""
    following = step_of(field)
    if following is None:
        return None
    wrong = why_not_now(following, set(done), foreseen)
    return OutOfOrder(why=wrong.words) if wrong is not None and wrong != Disorder.TWICE else None


def why_not_usage(certificate: Certificate) -> Refusal | None:
    """Whether the certificate was given for signing documents (RFC 5280, 4.2.1.3): digitalSignature or nonRepudiation."""
    read = load_der_x509_certificate(bytes(certificate.certificate))
    try:
        usage = read.extensions.get_extension_for_class(KeyUsage).value
    except ExtensionNotFound:
        return None
    return None if usage.digital_signature or usage.content_commitment else KeyNotForSigning(name=certificate.name)
