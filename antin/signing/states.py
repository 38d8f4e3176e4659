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
    """What came into the file after a signature, taken together."""

    NONE = "none"
    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"


class Covers(StrEnum):
    """What the bytes are that a signature is over."""

    FILE = "file"
    REVISION = "revision"
    PART = "part"
    NOTHING = "nothing"


class Change(StrEnum):
    """The kinds of what can come into a file after a signature."""

    DSS = "dss"
    TIMESTAMP = "timestamp"
    SIGNATURE = "signature"
    SIGNATURE_FIELD = "signature_field"
    FIELD = "field"
    METADATA = "metadata"
    STRUCTURE = "structure"
    PERMISSIONS = "permissions"
    ANNOTATION = "annotation"
    WRITING = "writing"
    FORM_FIELD = "form_field"
    FIELD_CHANGED = "field_changed"
    FIELD_REMOVED = "field_removed"
    FORM = "form"
    SIGNATURE_CHANGED = "signature_changed"
    SIGNATURE_REMOVED = "signature_removed"
    APPEARANCE = "appearance"
    ANNOTATION_CHANGED = "annotation_changed"
    ANNOTATION_REMOVED = "annotation_removed"
    PAGES = "pages"
    PAGE_ADDED = "page_added"
    PAGE_REMOVED = "page_removed"
    PAGE_CONTENT = "page_content"
    HIDDEN_OBJECT = "hidden_object"
    OBJECT = "object"
    CATALOGUE = "catalogue"
    SCRIPT = "script"
    ATTACHMENT = "attachment"
    LAYERS = "layers"
    HIDES = "hides_content"
    COVERS = "covers_content"
    UNSEEN = "not_compared"
    LOOKS = "looks_different"
    CROSS_REFERENCE = "cross_reference"
    DAMAGED = "damaged"
    JUNK = "junk"

    @property
    def words(self) -> str:
        """What happened, for a person."""
        return gettext(CHANGES[self])


class Reason(StrEnum):
    """Why a verdict is what it is. The codes are those the trade's verification tools use, and ours beside them."""

    VALID = "VALID"
    VALID_NO_TSA = "VALID_NO_TSA"
    INTEGRITY_FAIL = "INTEGRITY_FAIL"
    SAVED_AGAIN = "SAVED_AGAIN"
    BYTE_RANGE = "BYTE_RANGE"
    CHANGED_AFTER = "CHANGED_AFTER"
    FORBIDDEN_CHANGE = "FORBIDDEN_CHANGE"
    CONTENT_HIDDEN = "CONTENT_HIDDEN"
    CONTENT_ADDED = "CONTENT_ADDED"
    SIGNATURE_DETACHED = "SIGNATURE_DETACHED"
    SIGNER_MISMATCH = "SIGNER_MISMATCH"
    UNSUPPORTED_ALGO = "UNSUPPORTED_ALGO"
    CLOCK_DIFFERS = "CLOCK_DIFFERS"
    TSA_UNTRUSTED = "TSA_UNTRUSTED"
    WEAK_THEN = "WEAK_THEN"
    NOT_COMPARED = "NOT_COMPARED"
    JUNK_AFTER = "JUNK_AFTER"
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
    OUT_OF_ORDER = "OUT_OF_ORDER"
    CONTENT_MISSING = "CONTENT_MISSING"
    COVERS_PART = "COVERS_PART"
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
    Reason.SAVED_AGAIN: gettext_noop(
        "Tệp đã được lưu lại sau khi ký (ví dụ bởi phần mềm đóng dấu đến hoặc chuyển đổi PDF): các byte đã ký không còn"
    ),
    Reason.BYTE_RANGE: gettext_noop("Chữ ký không bao trùm đúng phần tệp mà nó phải bao trùm: có chỗ để giấu nội dung"),
    Reason.CHANGED_AFTER: gettext_noop("Sau khi ký, tệp có thay đổi không thuộc loại được phép"),
    Reason.FORBIDDEN_CHANGE: gettext_noop("Sau khi ký, tệp có thay đổi mà chính chữ ký đã cấm"),
    Reason.CONTENT_HIDDEN: gettext_noop("Phần thêm sau khi ký che mất nội dung đã ký: phải xem lại bằng mắt"),
    Reason.CONTENT_ADDED: gettext_noop("Sau khi ký, có chữ hoặc hình được thêm lên trang mà không ai ký"),
    Reason.SIGNATURE_DETACHED: gettext_noop("Chữ ký còn trong tệp nhưng đã bị gỡ khỏi văn bản"),
    Reason.SIGNER_MISMATCH: gettext_noop("Chứng thư số kèm theo không phải chứng thư mà chữ ký nêu tên"),
    Reason.UNSUPPORTED_ALGO: gettext_noop("Chữ ký dùng thuật toán mà phần mềm này không tính được"),
    Reason.CLOCK_DIFFERS: gettext_noop("Giờ máy ký lệch với dấu thời gian; lấy theo dấu thời gian"),
    Reason.TSA_UNTRUSTED: gettext_noop("Dấu thời gian không do cơ quan cấp dấu thời gian được tin cậy cấp"),
    Reason.WEAK_THEN: gettext_noop("Thuật toán nay đã yếu nhưng còn được chấp nhận vào ngày ký"),
    Reason.JUNK_AFTER: gettext_noop("Sau chỗ kết thúc của tệp còn dữ liệu thừa không ai ký"),
    Reason.NOT_COMPARED: gettext_noop("Không so sánh được trang trước và sau khi ký"),
    Reason.CERT_EXPIRED: gettext_noop("Chứng thư số đã hết hạn tại thời điểm ký"),
    Reason.CERT_NOT_YET: gettext_noop("Chứng thư số chưa có hiệu lực tại thời điểm ký"),
    Reason.CERT_REVOKED: gettext_noop("Chứng thư số đã bị thu hồi trước thời điểm ký"),
    Reason.CERT_USAGE: gettext_noop("Chứng thư số không được cấp để ký văn bản"),
    Reason.CHAIN_UNTRUSTED: gettext_noop("Chứng thư số không do cơ quan chứng thực được tin cậy cấp"),
    Reason.REVOCATION_UNKNOWN: gettext_noop(
        "Không kiểm tra được trạng thái thu hồi của chứng thư số: danh sách thu hồi đã cũ hoặc chưa có"
    ),
    Reason.REVOKED_SINCE: gettext_noop(
        "Chứng thư số đã bị thu hồi; không có dấu thời gian được tin cậy nên không chứng minh được đã ký trước khi thu hồi"
    ),
    Reason.EXPIRED_SINCE: gettext_noop(
        "Chứng thư số đã hết hạn; không có dấu thời gian được tin cậy nên không chứng minh được đã ký khi còn hiệu lực"
    ),
    Reason.TIME_IN_FUTURE: gettext_noop("Thời điểm ký ghi trên chữ ký muộn hơn thời điểm kiểm tra"),
    Reason.TSA_INVALID: gettext_noop("Dấu thời gian không hợp lệ"),
    Reason.WEAK_ALGO: gettext_noop("Chữ ký dùng thuật toán yếu (SHA-1, RSA dưới 2048 bit hoặc tương đương)"),
    Reason.MALFORMED: gettext_noop("Chữ ký sai định dạng, không đọc được"),
    Reason.NUMBER_NOT_COVERED: gettext_noop("Chữ ký của cơ quan không bao trùm số và ngày ban hành văn bản"),
    Reason.OUT_OF_ORDER: gettext_noop(
        "Ký không theo thứ tự luật định: ký nháy, kiểm tra thể thức, người có thẩm quyền, số và ngày, cơ quan"
    ),
    Reason.CONTENT_MISSING: gettext_noop("Chữ ký nằm ngoài tệp; chưa có tệp được ký để đối chiếu"),
    Reason.COVERS_PART: gettext_noop("Chữ ký chỉ bao trùm một phần của tệp"),
    Reason.UNSIGNED: gettext_noop("Tệp chưa ký số"),
    Reason.PERSON_ONLY: gettext_noop("Thiếu chữ ký số của cơ quan, tổ chức"),
    Reason.AGENCY_ONLY: gettext_noop("Thiếu chữ ký số của người có thẩm quyền"),
    Reason.ENCRYPTED: gettext_noop("Tệp được đặt mật khẩu nên không kiểm tra được chữ ký"),
    Reason.UNREADABLE: gettext_noop("Tệp bị hỏng nên không kiểm tra được chữ ký"),
    Reason.TOO_HEAVY: gettext_noop("Tệp quá phức tạp nên không kiểm tra xong chữ ký trong thời gian cho phép"),
    Reason.NOT_PDF: gettext_noop("Tệp không phải PDF; không có chữ ký số PDF để kiểm tra"),
}

CHANGES = {
    Change.DSS: gettext_noop("Thêm dữ liệu kiểm tra lâu dài (DSS)"),
    Change.TIMESTAMP: gettext_noop("Thêm dấu thời gian cho văn bản"),
    Change.SIGNATURE: gettext_noop("Thêm chữ ký số"),
    Change.SIGNATURE_FIELD: gettext_noop("Thêm ô ký còn trống"),
    Change.FIELD: gettext_noop("Điền số, ngày ban hành"),
    Change.METADATA: gettext_noop("Đổi thông tin mô tả tệp"),
    Change.STRUCTURE: gettext_noop("Đổi cấu trúc dùng cho trợ năng"),
    Change.PERMISSIONS: gettext_noop("Đổi quyền thay đổi tệp"),
    Change.ANNOTATION: gettext_noop("Thêm ghi chú"),
    Change.WRITING: gettext_noop("Thêm chữ hoặc hình lên trang"),
    Change.FORM_FIELD: gettext_noop("Thêm hoặc điền ô của biểu mẫu"),
    Change.FIELD_CHANGED: gettext_noop("Đổi tính chất của ô biểu mẫu"),
    Change.FIELD_REMOVED: gettext_noop("Bỏ ô của biểu mẫu"),
    Change.FORM: gettext_noop("Đổi cách hiển thị chung của biểu mẫu"),
    Change.SIGNATURE_CHANGED: gettext_noop("Đổi chữ ký đã có"),
    Change.SIGNATURE_REMOVED: gettext_noop("Gỡ chữ ký đã có"),
    Change.APPEARANCE: gettext_noop("Đổi hình hiển thị của chữ ký đã có"),
    Change.ANNOTATION_CHANGED: gettext_noop("Đổi ghi chú đã có"),
    Change.ANNOTATION_REMOVED: gettext_noop("Bỏ ghi chú đã có"),
    Change.PAGES: gettext_noop("Sắp xếp lại các trang"),
    Change.PAGE_ADDED: gettext_noop("Thêm trang"),
    Change.PAGE_REMOVED: gettext_noop("Bỏ trang"),
    Change.PAGE_CONTENT: gettext_noop("Đổi nội dung trang"),
    Change.HIDDEN_OBJECT: gettext_noop("Làm hiện ra nội dung được giấu sẵn trước khi ký"),
    Change.OBJECT: gettext_noop("Đổi thành phần của tệp"),
    Change.CATALOGUE: gettext_noop("Đổi thiết lập chung của tệp"),
    Change.SCRIPT: gettext_noop("Thêm lệnh tự chạy"),
    Change.ATTACHMENT: gettext_noop("Thêm tệp nhúng hoặc tên gọi"),
    Change.LAYERS: gettext_noop("Đổi các lớp hiển thị"),
    Change.HIDES: gettext_noop("Che mất nội dung đã ký"),
    Change.COVERS: gettext_noop("Đặt hình hoặc chữ đè lên nội dung đã ký"),
    Change.UNSEEN: gettext_noop("Không dựng được hình trang để so sánh"),
    Change.LOOKS: gettext_noop("Trang trông khác trước"),
    Change.CROSS_REFERENCE: gettext_noop("Thay toàn bộ bảng tham chiếu của tệp"),
    Change.DAMAGED: gettext_noop("Phần nối thêm bị hỏng, mỗi phần mềm có thể hiển thị một khác"),
    Change.JUNK: gettext_noop("Có dữ liệu thừa ở cuối tệp"),
}

WEIGHT = {
    **dict.fromkeys(
        (
            Reason.INTEGRITY_FAIL,
            Reason.SAVED_AGAIN,
            Reason.BYTE_RANGE,
            Reason.CHANGED_AFTER,
            Reason.FORBIDDEN_CHANGE,
            Reason.SIGNER_MISMATCH,
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
            Reason.CONTENT_HIDDEN,
            Reason.CONTENT_ADDED,
            Reason.SIGNATURE_DETACHED,
            Reason.UNSUPPORTED_ALGO,
            Reason.TSA_UNTRUSTED,
            Reason.NOT_COMPARED,
            Reason.JUNK_AFTER,
            Reason.CHAIN_UNTRUSTED,
            Reason.REVOCATION_UNKNOWN,
            Reason.REVOKED_SINCE,
            Reason.EXPIRED_SINCE,
            Reason.TIME_IN_FUTURE,
            Reason.TSA_INVALID,
            Reason.WEAK_ALGO,
            Reason.NUMBER_NOT_COVERED,
            Reason.OUT_OF_ORDER,
            Reason.CONTENT_MISSING,
            Reason.COVERS_PART,
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


class ItemState(models.TextChoices):
    """How one item of a batch stands."""

    WAITING = "waiting", _("Chưa ký")
    SIGNED = "signed", _("Đã ký, đang hoàn tất")
    DONE = "done", _("Xong")
    FAILED = "failed", _("Không ký được")


class Step(StrEnum):
    """A step that leaves its mark in a file, in the order Decree 30/2020 lays down (art. 10 to 15, Appendix I)."""

    INITIALS = "initials"
    FORMAT = "format"
    COSIGNER = "cosigner"
    PERSON = "person"
    NUMBER = "number"
    JOINT_SEAL = "joint_seal"
    AGENCY = "agency"


class Disorder(StrEnum):
    """What is wrong with the order of steps."""

    TWICE = "twice"
    INITIALS_LATE = "initials_late"
    BEFORE_INITIALS = "before_initials"
    BEFORE_FORMAT = "before_format"
    OUT_OF_TURN = "out_of_turn"
    PERSON_AFTER_NUMBER = "person_after_number"
    PERSON_AFTER_AGENCY = "person_after_agency"
    BEFORE_PERSON = "before_person"
    BEFORE_COSIGNERS = "before_cosigners"
    BEFORE_NUMBER = "before_number"
    AFTER_AGENCY = "after_agency"
    BEFORE_JOINT_SEALS = "before_joint_seals"
    JOINT_SEAL_LATE = "joint_seal_late"

    @property
    def words(self) -> str:
        """The sentence for a person, in the reader's language."""
        return gettext(DISORDERS[self])


DISORDERS = {
    Disorder.TWICE: gettext_noop("bước này đã làm rồi"),
    Disorder.INITIALS_LATE: gettext_noop("ký nháy, kiểm tra thể thức phải xong trước khi người có thẩm quyền ký"),
    Disorder.BEFORE_INITIALS: gettext_noop("nội dung chưa được ký nháy"),
    Disorder.BEFORE_FORMAT: gettext_noop("thể thức chưa được kiểm tra"),
    Disorder.OUT_OF_TURN: gettext_noop("chưa đến lượt: người ký trước trong thứ tự chưa ký"),
    Disorder.PERSON_AFTER_NUMBER: gettext_noop("văn bản đã có số, ngày; người có thẩm quyền phải ký trước khi cấp số"),
    Disorder.PERSON_AFTER_AGENCY: gettext_noop("cơ quan đã ký số; người có thẩm quyền phải ký trước cơ quan"),
    Disorder.BEFORE_PERSON: gettext_noop("người có thẩm quyền chưa ký"),
    Disorder.BEFORE_COSIGNERS: gettext_noop("chưa đủ chữ ký của những người cùng ký"),
    Disorder.BEFORE_NUMBER: gettext_noop("chưa cấp số, ngày; chữ ký của cơ quan phải bao trùm số và ngày"),
    Disorder.AFTER_AGENCY: gettext_noop("cơ quan đã ký số; số, ngày không điền thêm được nữa"),
    Disorder.BEFORE_JOINT_SEALS: gettext_noop("chưa đủ chữ ký số của các cơ quan cùng ban hành"),
    Disorder.JOINT_SEAL_LATE: gettext_noop("cơ quan chủ trì đã ký số; cơ quan cùng ban hành phải ký số trước"),
}
