"""Whether a signature may be asked for and made: the right certificate in the right field by the right person."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.keys.models import Certificate
from antin.keys.states import Subject
from antin.people.actor import Actor
from antin.refusal import NotAllowed, Refusal

PERSONS = {"Person", "Cosigner"}
AGENCIES = {"Agency", "Arrival", "Attachment"}


class AlreadySigned(Refusal):
    code = "already_signed"
    words = _("Việc ký này đã được thực hiện hoặc đang chờ với nội dung khác; không ký hai lần.")


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


class FieldFilled(Refusal):
    code = "field_filled"
    words = _("Vị trí “%(field)s” đã được điền hoặc ký.")


class TimestampRefused(Refusal):
    code = "timestamp_refused"
    words = _("Chưa lấy được dấu thời gian nên chưa ký. Đồng chí thử lại sau ít phút.")


class StillBeingSigned(Refusal):
    """Another process holds the request longer than a signature can take; the caller may try again."""

    code = "still_being_signed"
    words = _("Văn bản đang được ký ở một cửa sổ khác. Đồng chí chờ giây lát rồi tải lại trang.")


def why_not_certificate(field: str, certificate: Certificate, actor: Actor | None) -> Refusal | None:
    """Whether this actor may sign in this field with this certificate. The node itself may only use an agency's."""
    person = certificate.subject == Subject.PERSON
    if field in PERSONS and not person:
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
