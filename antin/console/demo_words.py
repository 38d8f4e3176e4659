"""The words of the demonstration's traffic: invented subjects, texts and directives, of every type and of ordinary length."""

from __future__ import annotations

import random
from datetime import date, datetime
from typing import Any

from antin.typeset import letter
from antin.typeset.letter import Facts

Node = dict[str, Any]

MATTERS = (
    "ký số và gửi, nhận văn bản điện tử",
    "bảo đảm an toàn thông tin mạng",
    "kiểm kê vật tư, trang bị kỹ thuật",
    "bồi dưỡng nghiệp vụ văn thư, lưu trữ",
    "phòng cháy, chữa cháy mùa hanh khô",
    "cải cách hành chính",
    "quản lý, sử dụng tài sản công",
    "phòng, chống thiên tai và tìm kiếm cứu nạn",
    "chỉnh lý tài liệu lưu trữ tồn đọng",
    "bảo dưỡng nhà xưởng, kho tàng",
    "đào tạo, bồi dưỡng cán bộ kỹ thuật",
    "tiết kiệm điện tại công sở",
    "xây dựng cơ quan văn hóa",
    "quyết toán kinh phí thường xuyên",
    "cấp và sử dụng chứng thư số cá nhân",
    "nghiên cứu, ứng dụng khoa học",
    "chuyển đổi số trong quản lý",
    "khám sức khỏe định kỳ",
    "bảo đảm hậu cần, đời sống",
    "thi đua, khen thưởng",
    "rà soát quy trình nghiệp vụ",
    "lập hồ sơ công việc điện tử",
    "kiểm định thiết bị đo lường",
    "diễn tập ứng cứu sự cố",
)
SUBJECTS: dict[str, tuple[str, ...]] = {
    "NQ": ("Về nhiệm vụ {x} {t}",),
    "QĐ": (
        "Về việc ban hành Quy chế {x}",
        "Về việc kiện toàn Tổ công tác {x}",
        "Về việc phê duyệt Kế hoạch {x} {t}",
        "Về việc khen thưởng thành tích trong công tác {x}",
    ),
    "CT": ("Về việc tăng cường {x}",),
    "QC": ("Phối hợp trong công tác {x}",),
    "QyĐ": ("Về công tác {x}",),
    "TC": ("Về kết quả hội nghị {x}",),
    "TB": ("Kết luận của thủ trưởng tại cuộc họp về {x}", "Lịch kiểm tra công tác {x} {t}"),
    "HD": ("Thực hiện công tác {x} {t}",),
    "CTr": ("Công tác {x} {t}",),
    "KH": ("Thực hiện công tác {x} {t}", "Tổ chức hội nghị {x}", "Kiểm tra công tác {x} {t}"),
    "PA": ("Bảo đảm {x} {t}",),
    "ĐA": ("Nâng cao hiệu quả {x}",),
    "DA": ("Đầu tư trang thiết bị phục vụ {x}",),
    "BC": ("Kết quả công tác {x} {t}", "Sơ kết thực hiện nhiệm vụ {x} {t}"),
    "BB": ("Làm việc về {x}",),
    "TTr": ("Về việc phê duyệt kinh phí {x} {t}", "Về việc bổ sung trang bị cho công tác {x}"),
    "HĐ": ("Cung cấp dịch vụ phục vụ {x}",),
    "CV": (
        "Báo cáo kết quả {x} {t}",
        "Đề nghị phối hợp {x}",
        "Góp ý dự thảo văn bản về {x}",
        "Cử cán bộ tham gia tập huấn {x}",
        "Đôn đốc thực hiện {x} {t}",
    ),
    "CĐ": ("Về việc khẩn trương triển khai {x}",),
    "BGN": ("Về phối hợp {x}",),
    "BTT": ("Về hợp tác trong lĩnh vực {x}",),
    "GUQ": ("Giải quyết công việc về {x}",),
    "GM": ("Dự hội nghị {x} {t}", "Họp thống nhất nội dung {x}"),
    "GGT": ("Liên hệ công tác {x}",),
    "GNP": ("Nghỉ phép năm và bàn giao công tác {x}",),
    "PG": ("Tài liệu về {x}",),
    "PC": ("Văn bản về {x} đến đơn vị có thẩm quyền",),
    "PB": ("Tiếp nhận hồ sơ {x}",),
    "TCg": ("Cảm ơn sự giúp đỡ trong công tác {x}",),
}

DIRECTIVES = (
    "Chủ trì, phối hợp với các đơn vị liên quan triển khai; báo cáo kết quả đúng hạn.",
    "Nghiên cứu, tham mưu văn bản trả lời; trình tôi trước khi gửi.",
    "Tổ chức thực hiện nghiêm nội dung văn bản; kiểm tra việc thực hiện ở các bộ phận.",
    "Tổng hợp số liệu theo mẫu; đối chiếu với kỳ trước, nêu rõ nguyên nhân tăng giảm.",
    "Phổ biến đến toàn thể cán bộ, nhân viên; bố trí người tham gia đầy đủ.",
    "Rà soát các nội dung đã làm, đề xuất biện pháp khắc phục phần còn tồn tại.",
)
PASSED_DOWN = ("Đồng chí trực tiếp làm, báo cáo tôi trước hạn.", "Đồng chí soạn dự thảo, lấy ý kiến các bộ phận.")
REPORTS = (
    "Đã thu thập số liệu của các bộ phận, đang tổng hợp.",
    "Đã xong dự thảo lần một, đang xin ý kiến.",
    "Đã làm việc với bộ phận liên quan, còn chờ số liệu tháng cuối.",
    "Đã hoàn thành phần lớn nội dung, còn một mục chờ xác nhận.",
)
RESULTS = (
    "Đã thực hiện xong theo yêu cầu; kết quả cụ thể đã tổng hợp gửi kèm báo cáo.",
    "Đã triển khai đến toàn thể cán bộ, nhân viên; không có vướng mắc.",
    "Đã rà soát, khắc phục xong các nội dung còn tồn tại.",
    "Đã phối hợp với đơn vị gửi, hai bên thống nhất số liệu.",
)
RETURNS = (
    "Trích yếu chưa nêu rõ nội dung; phần căn cứ còn thiếu văn bản giao nhiệm vụ. Đồng chí bổ sung.",
    "Bảng số liệu chưa khớp với phần lời; kiểm tra lại dòng tổng cộng.",
    "Nơi nhận còn thiếu đơn vị phối hợp; thời hạn báo cáo chưa phù hợp.",
)
SENT_BACK = (
    ("not_competent", "Nội dung không thuộc chức năng của đơn vị; đề nghị gửi đơn vị được giao chủ trì."),
    ("file_missing", "Văn bản nêu có phụ lục kèm theo nhưng tệp gửi đến không có phụ lục."),
    ("wrong_agency", "Đơn vị không có tên trong thành phần được giao thực hiện."),
    ("duplicate", "Đã nhận văn bản cùng nội dung trước đó."),
)
BETTER = ("Bổ sung số liệu so sánh với cùng kỳ.", "Nêu rõ thời gian khắc phục từng nội dung.")
OUTSIDERS = (
    "Ủy ban nhân dân phường Thanh Bình",
    "Công ty Điện lực Khu vực 3",
    "Trường Đại học Kỹ thuật Sông Hồng",
    "Bệnh viện Đa khoa Miền Trung",
    "Công ty cổ phần Thiết bị Phương Nam",
    "Sở Nội vụ tỉnh Lam Sơn",
)

SHORT = frozenset({"GM", "GGT", "GNP", "PG", "PC", "PB", "TCg", "GUQ", "CĐ"})
RULING = frozenset({"QĐ", "NQ"})
RULES = frozenset({"QC", "QyĐ", "HĐ", "BTT", "BGN"})


def subject(dice: random.Random, type_code: str, on: date) -> str:
    """Make up the subject of a document of this type that is written that day."""
    return dice.choice(SUBJECTS[type_code]).format(x=dice.choice(MATTERS), t=dice.choice(_occasions(on)))


def _occasions(on: date) -> tuple[str, ...]:
    """The times that an office writes about on that day."""
    quarter = ("I", "II", "III", "IV")[(on.month - 1) // 3]
    half = f"6 tháng {'đầu' if on.month <= 6 else 'cuối'} năm"
    return (f"tháng {on.month}", f"quý {quarter}", half, f"năm {on.year}", f"giai đoạn {on.year} - {on.year + 2}")


def body(dice: random.Random, type_code: str, about: str) -> Node:
    """Make up the text of a document of this type about this subject."""
    about = about.removeprefix("Về việc ").removeprefix("Về ")
    about = about[:1].lower() + about[1:]
    if type_code in RULING:
        blocks = _ruling(dice, about)
    elif type_code in RULES:
        blocks = _rules(dice, about)
    elif type_code in SHORT:
        blocks = _short(dice, about)
    elif type_code == "CV":
        blocks = _letter(dice, about)
    else:
        blocks = _report(dice, about)
    return {"type": "doc", "content": blocks}


def _matter(about: str) -> str:
    """What a subject is about, without what is done about it and when."""
    return next((matter for matter in MATTERS if matter in about), about)


def _text(words: str, *, bold: bool = False) -> Node:
    node: Node = {"type": "text", "text": words}
    return node | {"marks": [{"type": "bold"}]} if bold else node


def _block(block: str, words: str, **attrs: object) -> Node:
    node: Node = {"type": block, "content": [_text(words)]}
    return node | {"attrs": attrs} if attrs else node


def _bases(about: str) -> list[Node]:
    return [
        _block("legalBasis", "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 về công tác văn thư"),
        _block("legalBasis", "Căn cứ Quy chế làm việc của cơ quan"),
        _block("legalBasis", f"Xét đề nghị của cơ quan tham mưu về {_matter(about)}"),
    ]


def _ruling(dice: random.Random, about: str) -> list[Node]:
    day = dice.randint(1, 28)
    return [
        *_bases(about),
        _block("article", f"Triển khai thực hiện {about} với các nội dung, thời gian nêu tại văn bản này."),
        _block("article", "Trách nhiệm thực hiện", titled=True),
        _block("clause", "Thủ trưởng các đơn vị trực thuộc tổ chức quán triệt, phân công người chịu trách nhiệm."),
        _block("clause", f"Cơ quan tham mưu đôn đốc, kiểm tra, tổng hợp kết quả trước ngày {day} hằng tháng."),
        _block("clause", "Bộ phận tài chính bảo đảm kinh phí trong dự toán được giao."),
        _block("article", "Quyết định có hiệu lực kể từ ngày ký. Các đơn vị có liên quan chịu trách nhiệm thi hành."),
    ]


def _rules(dice: random.Random, about: str) -> list[Node]:
    return [
        _block("article", "Phạm vi và đối tượng áp dụng", titled=True),
        _block("clause", f"Văn bản này điều chỉnh các nội dung về {_matter(about)}."),
        _block("clause", "Áp dụng đối với các đơn vị và cá nhân có liên quan."),
        _block("article", "Nguyên tắc thực hiện", titled=True),
        _block("point", "Đúng chức năng, nhiệm vụ; rõ người, rõ việc, rõ thời hạn;"),
        _block("point", "Thông tin trao đổi kịp thời, đầy đủ, qua hệ thống văn bản điện tử;"),
        _block("point", f"Định kỳ {dice.choice(('hằng tháng', 'hằng quý'))} rà soát, đánh giá kết quả."),
        _block("article", "Điều khoản thi hành", titled=True),
        _block("clause", "Quá trình thực hiện có vướng mắc, các bên trao đổi để thống nhất, sửa đổi, bổ sung."),
    ]


def _short(dice: random.Random, about: str) -> list[Node]:
    hour = dice.choice(("08 giờ 00", "14 giờ 00", "09 giờ 30"))
    return [
        _block("paragraph", f"Cơ quan trân trọng thông tin đến đơn vị về việc {about}."),
        _block("paragraph", f"Thời gian: {hour}, ngày làm việc đầu tiên của tuần kế tiếp. Địa điểm: trụ sở cơ quan."),
        _block("paragraph", "Đầu mối liên hệ: bộ phận văn thư. Rất mong đơn vị quan tâm, phối hợp thực hiện."),
    ]


def _letter(dice: random.Random, about: str) -> list[Node]:
    day = dice.randint(1, 28)
    return [
        _block(
            "paragraph", f"Thực hiện chương trình công tác năm và nhiệm vụ được giao về {about}, đề nghị các đơn vị:"
        ),
        _block("clause", "Rà soát kết quả thực hiện từ đầu năm, đối chiếu với chỉ tiêu kế hoạch đã được phê duyệt."),
        _block("clause", "Nêu rõ tồn tại, nguyên nhân, trách nhiệm và thời gian khắc phục của từng nội dung."),
        _block("clause", f"Gửi kết quả về cơ quan đầu mối trước ngày {day} tháng sau để tổng hợp theo mẫu dưới đây:"),
        _table(dice),
        _block(
            "paragraph", "Quá trình thực hiện nếu có khó khăn, vướng mắc, đề nghị trao đổi với đầu mối để phối hợp."
        ),
        _block("paragraph", "Trân trọng cảm ơn sự hợp tác của các đơn vị."),
    ]


def _report(dice: random.Random, about: str) -> list[Node]:
    return [
        _block("heading", "Tình hình chung", kind="roman"),
        _block(
            "paragraph",
            f"Trong kỳ, công tác {_matter(about)} được lãnh đạo, chỉ huy các cấp quan tâm; nhiệm vụ được triển khai đúng tiến độ, "
            f"đạt {dice.randint(88, 104)}% kế hoạch. Nền nếp làm việc, chế độ báo cáo được duy trì nghiêm túc.",
        ),
        _block("heading", "Kết quả cụ thể", kind="roman"),
        _table(dice),
        _block("heading", "Tồn tại, nguyên nhân", kind="roman"),
        _block("clause", "Một số bộ phận triển khai còn chậm, số liệu gửi về chưa thống nhất theo mẫu."),
        _block("clause", "Nguyên nhân chủ yếu do khối lượng công việc tăng, người làm kiêm nhiệm nhiều việc."),
        _block("heading", "Phương hướng, kiến nghị", kind="roman"),
        _block("paragraph", "Tiếp tục duy trì các nội dung đang làm; tập trung khắc phục tồn tại trong kỳ tới."),
    ]


def _table(dice: random.Random) -> Node:
    rows = [("TT", "Nội dung", "Kế hoạch", "Thực hiện")]
    rows += [
        (str(number), words, str(planned := dice.randint(20, 400)), str(int(planned * dice.uniform(0.85, 1.05))))
        for number, words in enumerate(("Số việc được giao", "Số cán bộ tham gia", "Số hồ sơ hoàn thành"), start=1)
    ]
    return {
        "type": "table",
        "content": [
            {
                "type": "tableRow",
                "content": [
                    {
                        "type": "tableCell" if number else "tableHeader",
                        "content": [{"type": "paragraph", "content": [_text(words, bold=not number)]}],
                    }
                    for words in row
                ],
            }
            for number, row in enumerate(rows)
        ],
    }


def foreign_letter(
    dice: random.Random,
    issuer: str,
    notation: str,
    about: str,
    made_at: datetime,
    *,
    signed: tuple[str, str] = ("GIÁM ĐỐC", "Nguyễn Văn Bình"),
) -> bytes:
    """A PDF of somebody else's: a scanned paper, an enclosure, what comes over the axis. `signed`: by which post, by whom."""
    post, name = signed
    return letter.lay_out(
        Facts(
            form="letter",
            type_code="CV",
            type_name="Công văn",
            issuer_name=issuer,
            parent_name="",
            made_at=made_at,
            place="Hà Nội",
            body=body(dice, "CV", about),
            notation=notation,
            subject=about,
            enactor="",
            addressees=("Tổng cục Z",),
            recipients=("Như trên", "Lưu: VT"),
            authority=(post,),
            signer_name=name,
        )
    ).pdf
