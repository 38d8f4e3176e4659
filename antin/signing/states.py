"""The words of the room: how a request stands, what a verdict can be, and every coded reason with its sentence."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _


class RequestState(models.TextChoices):
    ASKED = "asked", _("Chờ ký")
    DONE = "done", _("Đã ký")
    REFUSED = "refused", _("Không ký được")


class Verdict(models.TextChoices):
    """Three answers and a fourth for a file with nothing to judge; a later one outweighs an earlier one."""

    UNSIGNED = "unsigned", _("Chưa ký số")
    VALID = "valid", _("Hợp lệ")
    UNDETERMINED = "undetermined", _("Chưa kết luận được")
    INVALID = "invalid", _("Không hợp lệ")


class Kind(StrEnum):
    """Whose signature it is, as its certificate says."""

    PERSON = "person"
    AGENCY = "agency"
    TIMESTAMP = "timestamp"
    UNKNOWN = "unknown"


class TimeSource(StrEnum):
    """Where the time of signing comes from."""

    TIMESTAMP = "timestamp"
    CLOCK = "clock"
    NONE = "none"


class Changes(StrEnum):
    """What came into the file after a signature."""

    NONE = "none"
    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"


class Reason(StrEnum):
    """Why a verdict is what it is. The codes are those the trade's verification tools use, and ours beside them."""

    VALID = "VALID"
    VALID_NO_TSA = "VALID_NO_TSA"
    INTEGRITY_FAIL = "INTEGRITY_FAIL"
    CERT_EXPIRED = "CERT_EXPIRED"
    CERT_NOT_YET = "CERT_NOT_YET"
    CERT_REVOKED = "CERT_REVOKED"
    CERT_USAGE = "CERT_USAGE"
    CHAIN_UNTRUSTED = "CHAIN_UNTRUSTED"
    REVOCATION_UNKNOWN = "REVOCATION_UNKNOWN"
    REVOKED_SINCE = "REVOKED_SINCE"
    EXPIRED_SINCE = "EXPIRED_SINCE"
    TIME_IN_FUTURE = "TIME_IN_FUTURE"
    TSA_INVALID = "TSA_INVALID"
    WEAK_ALGO = "WEAK_ALGO"
    MALFORMED = "MALFORMED"
    NUMBER_NOT_COVERED = "NUMBER_NOT_COVERED"
    UNSIGNED = "UNSIGNED"
    PERSON_ONLY = "PERSON_ONLY"
    AGENCY_ONLY = "AGENCY_ONLY"
    ENCRYPTED = "ENCRYPTED"
    UNREADABLE = "UNREADABLE"
    TOO_HEAVY = "TOO_HEAVY"
    NOT_PDF = "NOT_PDF"

    @property
    def words(self) -> str:
        """The sentence for a person, in the reader's language."""
        return gettext(WORDS[self])

    @property
    def verdict(self) -> Verdict:
        """What this reason alone makes of a signature or a file."""
        return WEIGHT.get(self, Verdict.VALID)


WORDS = {
    Reason.VALID: gettext_noop("Chữ ký số hợp lệ"),
    Reason.VALID_NO_TSA: gettext_noop("Chữ ký số hợp lệ, không có dấu thời gian"),
    Reason.INTEGRITY_FAIL: gettext_noop("Nội dung đã bị thay đổi sau khi ký"),
    Reason.CERT_EXPIRED: gettext_noop("Chứng thư số đã hết hạn tại thời điểm ký"),
    Reason.CERT_NOT_YET: gettext_noop("Chứng thư số chưa có hiệu lực tại thời điểm ký"),
    Reason.CERT_REVOKED: gettext_noop("Chứng thư số đã bị thu hồi trước thời điểm ký"),
    Reason.CERT_USAGE: gettext_noop("Chứng thư số không được cấp để ký văn bản"),
    Reason.CHAIN_UNTRUSTED: gettext_noop("Chứng thư số không do cơ quan chứng thực được tin cậy cấp"),
    Reason.REVOCATION_UNKNOWN: gettext_noop(
        "Không kiểm tra được trạng thái thu hồi của chứng thư số: danh sách thu hồi đã cũ hoặc chưa có"
    ),
    Reason.REVOKED_SINCE: gettext_noop(
        "Chứng thư số đã bị thu hồi; chữ ký không có dấu thời gian nên không chứng minh được đã ký trước khi thu hồi"
    ),
    Reason.EXPIRED_SINCE: gettext_noop(
        "Chứng thư số đã hết hạn; chữ ký không có dấu thời gian nên không chứng minh được đã ký khi còn hiệu lực"
    ),
    Reason.TIME_IN_FUTURE: gettext_noop("Thời điểm ký ghi trên chữ ký muộn hơn thời điểm kiểm tra"),
    Reason.TSA_INVALID: gettext_noop("Dấu thời gian không hợp lệ"),
    Reason.WEAK_ALGO: gettext_noop("Chữ ký dùng thuật toán yếu (SHA-1, RSA dưới 2048 bit hoặc tương đương)"),
    Reason.MALFORMED: gettext_noop("Chữ ký sai định dạng, không đọc được"),
    Reason.NUMBER_NOT_COVERED: gettext_noop("Chữ ký của cơ quan không bao trùm số và ngày ban hành văn bản"),
    Reason.UNSIGNED: gettext_noop("Tệp chưa ký số"),
    Reason.PERSON_ONLY: gettext_noop("Thiếu chữ ký số của cơ quan, tổ chức"),
    Reason.AGENCY_ONLY: gettext_noop("Thiếu chữ ký số của người có thẩm quyền"),
    Reason.ENCRYPTED: gettext_noop("Tệp được đặt mật khẩu nên không kiểm tra được chữ ký"),
    Reason.UNREADABLE: gettext_noop("Tệp bị hỏng nên không kiểm tra được chữ ký"),
    Reason.TOO_HEAVY: gettext_noop("Tệp quá phức tạp nên không kiểm tra xong chữ ký trong thời gian cho phép"),
    Reason.NOT_PDF: gettext_noop("Tệp không phải PDF; không có chữ ký số PDF để kiểm tra"),
}

WEIGHT = {
    **dict.fromkeys(
        (
            Reason.INTEGRITY_FAIL,
            Reason.CERT_EXPIRED,
            Reason.CERT_NOT_YET,
            Reason.CERT_REVOKED,
            Reason.CERT_USAGE,
            Reason.MALFORMED,
        ),
        Verdict.INVALID,
    ),
    **dict.fromkeys(
        (
            Reason.CHAIN_UNTRUSTED,
            Reason.REVOCATION_UNKNOWN,
            Reason.REVOKED_SINCE,
            Reason.EXPIRED_SINCE,
            Reason.TIME_IN_FUTURE,
            Reason.TSA_INVALID,
            Reason.WEAK_ALGO,
            Reason.NUMBER_NOT_COVERED,
            Reason.ENCRYPTED,
            Reason.UNREADABLE,
            Reason.TOO_HEAVY,
        ),
        Verdict.UNDETERMINED,
    ),
    Reason.UNSIGNED: Verdict.UNSIGNED,
    Reason.NOT_PDF: Verdict.UNSIGNED,
}

ORDER = (Verdict.UNSIGNED, Verdict.VALID, Verdict.UNDETERMINED, Verdict.INVALID)


def worst(verdicts: list[Verdict]) -> Verdict:
    """The verdict that outweighs the others."""
    return max(verdicts, key=ORDER.index)


class Level(models.TextChoices):
    """How long a signature can be proven: the levels of PAdES (ETSI EN 319 142-1, 6)."""

    B_B = "B-B", _("Chữ ký (B-B)")
    B_T = "B-T", _("Chữ ký và dấu thời gian (B-T)")
    B_LT = "B-LT", _("Kèm bằng chứng thu hồi (B-LT)")
    B_LTA = "B-LTA", _("Kèm dấu thời gian lưu trữ (B-LTA)")

    def reaches(self, wanted: str) -> bool:
        """Whether this level proves as long as the wanted one, or longer."""
        return LEVELS.index(self) >= LEVELS.index(Level(wanted))


LEVELS = (Level.B_B, Level.B_T, Level.B_LT, Level.B_LTA)


class Signing(models.TextChoices):
    """What is signed, as the rules of levels tell it apart."""

    ANY = "", _("Mọi chữ ký")
    PERSON = "person", _("Chữ ký của người có thẩm quyền")
    AGENCY = "agency", _("Chữ ký của cơ quan trên văn bản")
    ATTACHMENT = "attachment", _("Chữ ký của cơ quan trên tệp kèm theo")


class ResponderKind(models.TextChoices):
    """What an outside service answers."""

    TIMESTAMP = "timestamp", _("Cấp dấu thời gian (RFC 3161)")
    OCSP = "ocsp", _("Trạng thái chứng thư số trực tuyến (OCSP)")
    LIST = "list", _("Danh sách thu hồi (CRL)")


class Limit(models.TextChoices):
    """What ends the proof of a signature first."""

    NOTHING = "", _("Chưa xem xét")
    SIGNER = "signer", _("Chứng thư số của người ký hết hạn, chưa có dấu thời gian che chở")
    STAMP = "stamp", _("Chứng thư số của cơ quan cấp dấu thời gian hết hạn")
    ALGORITHM = "algorithm", _("Thuật toán không còn được tin cậy")
    UNREADABLE = "unreadable", _("Không đọc được chữ ký trong tệp")
