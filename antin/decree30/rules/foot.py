"""The foot: signature, recipients, stamps; and the annexes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from antin.decree30.anatomy import Anatomy
from antin.decree30.paper import Line
from antin.decree30.rules.table import MAIN, OTHER, PART, Hit, rule
from antin.decree30.wording import MARKS, SECRECY, URGENCY, same_word

# --- signature --------------------------------------------------------------------------------------------------------------


@rule("authority.mark", MAIN + "7", "post", _("Quyền hạn ghi “%(found)s”; phải ghi “%(right)s” trước chức vụ."))
def _authority(anatomy: Anatomy) -> Iterator[Hit]:
    for line in anatomy.posts:
        match = re.match(
            r"^(K/T|T/M|T/L|T/UQ|K\.T|T\.M|T\.L|T\.U\.Q|KT|TL|TM|TUQ|TƯQ|Q)(\.|:|,|/)?(\s+|$|(?=[A-ZĐÂĂÊÔƠƯ]{3}))",
            line.text.strip(),
        )
        if not match:
            continue
        bare = re.sub(r"[^A-ZƯ]", "", match[1]).replace("Ư", "U")
        right = f"{bare}."
        if bare in MARKS and (match[1] != bare or match[2] != "."):
            if bare == "Q" and match[2] is None and match[1] == "Q":
                pass
            yield Hit(
                line,
                facts={"found": match[0].strip(), "right": right},
                instead=f"{right} {line.text.strip()[match.end() :].strip()}",
            )
            return


@rule("post.missing", MAIN + "7", "post", _("Không có quyền hạn, chức vụ của người ký phía trên họ tên."))
def _post_missing(anatomy: Anatomy) -> Iterator[Hit]:
    heading = anatomy.recipients_title
    if heading is None or anatomy.posts:
        return
    page = anatomy.page(heading.page)
    if page.pictured > 0.3:
        return
    right = [
        line
        for line in page.lines
        if line.y < heading.y + 30
        and line.centre > page.width * 0.55
        and (line.share("bold") or 0) > 0.5
        and not line.stamped
    ]
    if right and all(not any(sign.islower() for sign in line.text) for line in right):
        return
    if right:
        yield Hit(right[0])


TITLES = re.compile(
    r"^(PGS|GS|TS|ThS|Ths|BS|BSCK|CN|KS|NGND|NGƯT|Luật sư|LS|Tiến sĩ|Thạc sĩ|Phó Giáo sư|Giáo sư)\b[.\s,]", re.I
)
LEARNED = re.compile(
    r"(?<!MÔI )(?<!THỊ )(?<!CÔNG )\bTRƯỜNG\b|ĐẠI HỌC|HỌC VIỆN|\bVIỆN\b|TRUNG TÂM|Y TẾ|GIÁO DỤC|KHOA HỌC|\bQUÂN\b|CÔNG AN|"
    r"QUỐC PHÒNG|BỘ TƯ LỆNH"
)
"""Armed forces, schools, hospitals, science: whether titles stand there is their own authority's to say. Not the environment (môi
trường), the market (thị trường) or a building site (công trường)."""


@rule("signer.titles", MAIN + "7", "signer", _("Trước họ tên người ký không ghi học hàm, học vị: “%(found)s”."))
def _signer_titles(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.name is None:
        return
    match = TITLES.match(anatomy.name.text.strip())
    issuer = " ".join(line.text.upper() for line in anatomy.above)
    if match and not LEARNED.search(issuer):
        yield Hit(anatomy.name, facts={"found": match[0].strip(" .,")}, instead=_untitled(anatomy.name.text))


def _untitled(text: str) -> str:
    while (match := TITLES.match(text.strip())) is not None:
        text = text.strip()[match.end() :].lstrip(". ")
    return text.strip()


@rule("foot.place", PART + "Mục IV", "recipients", _("“Nơi nhận” phải ở bên trái, chức vụ và chữ ký ở bên phải."))
def _foot_place(anatomy: Anatomy) -> Iterator[Hit]:
    heading = anatomy.recipients_title
    if heading is not None and heading.centre > anatomy.first.width * 0.55:
        yield Hit(heading)


# --- recipients ------------------------------------------------------------------------------------------------------------


@rule("recipients.missing", MAIN + "9", "recipients", _("Không có phần “Nơi nhận”."))
def _recipients_missing(anatomy: Anatomy) -> Iterator[Hit]:
    if (
        anatomy.recipients_title is None
        and anatomy.posts
        and anatomy.name is not None
        and anatomy.type
        and anatomy.type[0] in ("CV", "QĐ", "NQ", "CT", "TB", "KH", "HD", "TTr")
    ):
        yield Hit(anatomy.posts[0])


@rule("recipients_title.words", MAIN + "9", "recipients", _("Ghi “%(found)s”; phải ghi “Nơi nhận:”."))
def _recipients_words(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.recipients_title is not None:
        text = anatomy.recipients_title.text.strip()
        if re.sub(r"\s+", " ", text).replace(" :", ":") != "Nơi nhận:":
            yield Hit(anatomy.recipients_title, facts={"found": text}, instead="Nơi nhận:")


def recipient_items(anatomy: Anatomy) -> list[tuple[str, Line]]:
    """The recipients, wrapped lines joined, each with its first line."""
    items: list[tuple[str, Line]] = []
    for line in anatomy.recipients:
        text = line.text.strip()
        if items and not re.match(r"[-–+•*]", text) and not re.match(r"Lưu\b", text):
            items[-1] = (f"{items[-1][0]} {text}", items[-1][1])
        else:
            items.append((text, line))
    return items


@rule("recipients.archive", MAIN + "9", "recipients", _("Dòng cuối của nơi nhận phải là “Lưu: VT, …”."))
def _archive(anatomy: Anatomy) -> Iterator[Hit]:
    items = recipient_items(anatomy)
    if len(items) < 2 or anatomy.recipients_title is None:
        return
    if not any(re.search(r"\blưu\b", text.lower()) for text, _line in items):
        yield Hit(items[-1][1])


@rule(
    "recipients.archive_form",
    MAIN + "9",
    "recipients",
    _("Dòng lưu ghi “%(found)s”; sau từ “Lưu” phải có dấu hai chấm (:), rồi “VT”."),
)
def _archive_form(anatomy: Anatomy) -> Iterator[Hit]:
    for text, line in recipient_items(anatomy):
        if re.match(r"^[-–+•*]?\s*Lưu\b", text) and not re.match(r"^[-–+•*]?\s*Lưu\s*:", text):
            yield Hit(line, facts={"found": text}, instead=re.sub(r"Lưu\s*", "Lưu: ", text, count=1))
            return


@rule(
    "recipients.punctuation",
    MAIN + "9",
    "recipients",
    _("Mỗi nơi nhận kết thúc bằng dấu chấm phẩy (;), dòng cuối bằng dấu chấm (.)."),
)
def _recipients_punctuation(anatomy: Anatomy) -> Iterator[Hit]:
    items = recipient_items(anatomy)
    if len(items) < 2 or not re.search(r"\blưu\b", items[-1][0].lower()):
        return
    wrong = [line for text, line in items[:-1] if text.rstrip()[-1:] not in ";:" and re.match(r"[-–]", text)]
    last = items[-1][0].rstrip()
    archive = (
        re.search(r"\.(\s*\(?\w{0,8}[.\d\w()/]*\)?)?$", last) or last.endswith(".") or re.search(r"\d\)?\s*$", last)
    )
    if wrong:
        yield Hit(wrong[0])
    elif not archive:
        yield Hit(items[-1][1], instead=last.rstrip(";,") + ".")


@rule("recipients.dash", MAIN + "9", "recipients", _("Mỗi nơi nhận ghi thành một dòng, đầu dòng có gạch đầu dòng (-)."))
def _recipients_dash(anatomy: Anatomy) -> Iterator[Hit]:
    lines = [line.text.strip() for line in anatomy.recipients]
    told = any(line.told and line.told.numbered for line in anatomy.recipients)
    if (
        len(lines) >= 2
        and not told
        and not any(re.match(r"[-–+•*\uf02d]", text) for text in lines)
        and any("Lưu" in t for t in lines)
    ):
        yield Hit(anatomy.recipients[0])


# --- stamps, annexes -----------------------------------------------------------------------------------------------------


@rule("urgency.words", OTHER + "2", "urgency", _("Mức độ khẩn ghi “%(found)s”; chỉ có: KHẨN, THƯỢNG KHẨN, HỎA TỐC."))
def _urgency_words(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.urgency and not any(same_word(anatomy.urgency.text.strip().upper(), words) for words in URGENCY):
        yield Hit(anatomy.urgency, facts={"found": anatomy.urgency.text.strip()})


@rule(
    "secrecy.words",
    OTHER + "2",
    "secrecy",
    _("Độ mật ghi “%(found)s”; chỉ có: MẬT, TỐI MẬT, TUYỆT MẬT, bằng chữ in hoa."),
)
def _secrecy_words(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.secrecy and anatomy.secrecy.text.strip() not in SECRECY:
        yield Hit(anatomy.secrecy, facts={"found": anatomy.secrecy.text.strip()})


@rule("urgency.frame", OTHER + "2", "urgency", _("Dấu chỉ mức độ khẩn phải đặt trong khung chữ nhật viền đơn."))
def _urgency_frame(anatomy: Anatomy) -> Iterator[Hit]:
    line = anatomy.urgency
    if line is None or line.told or line.stamped:
        return
    around = [
        s
        for s in anatomy.first.strokes
        if s.upright and s.y0 - 1 <= line.y <= s.y1 and line.x0 - 90 < s.x0 < line.x1 + 90
    ]
    level = [s for s in anatomy.first.strokes if s.flat and abs(s.y0 - line.y) < 26 and s.x0 < line.centre < s.x1]
    if len(around) < 2 and len(level) < 2:
        yield Hit(line)


@rule(
    "annex.number",
    OTHER + "1",
    "annex",
    _("Phụ lục ghi “%(found)s”; từ hai phụ lục trở lên phải đánh số bằng chữ số La Mã."),
)
def _annex_number(anatomy: Anatomy) -> Iterator[Hit]:
    several = len(anatomy.annexes) > 1
    for annex in anatomy.annexes:
        text = annex.label.text.strip()
        if re.search(r"\d", text) or (several and not re.search(r"\b[IVXL]+\W*$", text)):
            yield Hit(annex.label, facts={"found": text})
            return


@rule("annex.look", OTHER + "1", "annex", _("“Phụ lục” phải canh giữa, in đậm, chữ đứng, cỡ 14."))
def _annex_look(anatomy: Anatomy) -> Iterator[Hit]:
    for annex in anatomy.annexes:
        line = annex.label
        page = anatomy.page(line.page) if line.page else anatomy.first
        bold, italic = line.share("bold"), line.share("italic")
        wrong_size = line.size is not None and not 12.5 <= line.size <= 14.6
        off = line.told is None and min(abs(line.centre - page.width / 2), abs(line.centre - anatomy.middle)) > 60
        if wrong_size or off or (bold is not None and bold < 0.5) or (italic or 0) > 0.5:
            yield Hit(line)
            return


@rule("annex.reference", OTHER + "1", "annex", _("Dưới tên phụ lục phải ghi “(Kèm theo …)”."))
def _annex_reference(anatomy: Anatomy) -> Iterator[Hit]:
    for annex in anatomy.annexes:
        after = " ".join(line.text for line in annex.after).lower()
        if "kèm theo" not in after and "ban hành" not in after:
            yield Hit(annex.label)
            return
