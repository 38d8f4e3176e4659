"""The name of the type, and the subject."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from antin.decree30.anatomy import Anatomy
from antin.decree30.paper import Line
from antin.decree30.rules.head import has_no_rule, notation, rule_shares
from antin.decree30.rules.table import MAIN, Hit, rule
from antin.decree30.wording import TYPES, fold


@rule("type_name.missing", MAIN + "5", "type_name", _("Không có tên loại văn bản (%(type)s)."))
def _type_missing(anatomy: Anatomy) -> Iterator[Hit]:
    parts = notation(anatomy.number)
    if parts is None or anatomy.type is not None or anatomy.letter_subject or anatomy.addressed:
        return
    group = re.split(r"[-–/]", parts.code)[0]
    if anatomy.title is not None and not (group in ("QĐ", "NQ") and anatomy.enacting is not None):
        return
    name = next((name for name, short in TYPES.items() if short == group), None)
    if name and group in ("QĐ", "NQ", "TTr", "KH", "BB", "TB"):
        yield Hit(page=1, facts={"type": name.upper()})


def _off_centre(anatomy: Anatomy, line: Line) -> bool:
    if line.told:
        return line.told.align in ("left", "right", "both") and line.told.table == 0
    middles = {anatomy.middle, anatomy.first.width / 2}
    return min(abs(line.centre - middle) for middle in middles) > 36


@rule("type_name.centred", MAIN + "5", "type_name", _("Tên loại văn bản phải canh giữa."))
def _type_centred(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.title and anatomy.type and _off_centre(anatomy, anatomy.title):
        yield Hit(anatomy.title)


@rule("subject.centred", MAIN + "5", "subject", _("Trích yếu nội dung phải canh giữa dưới tên loại văn bản."))
def _subject_centred(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.type and anatomy.subject and _off_centre(anatomy, anatomy.subject[0]):
        yield Hit(anatomy.subject[0])


@rule(
    "subject.rule",
    MAIN + "5",
    "subject",
    _("Dưới trích yếu nội dung phải có đường kẻ ngang, nét liền, dài từ 1/3 đến 1/2 dòng chữ."),
)
def _subject_rule(anatomy: Anatomy) -> Iterator[Hit]:
    if not anatomy.type or anatomy.type[0] not in ("QĐ", "NQ", "KH", "BC", "TB", "CT", "TTr", "HD", "CTr", "PA", "ĐA"):
        return
    if anatomy.subject and (rule_shares(anatomy, anatomy.subject) == [] or has_no_rule(anatomy, anatomy.subject)):
        yield Hit(anatomy.subject[-1])


@rule(
    "subject.rule_length",
    MAIN + "5",
    "subject",
    _("Đường kẻ dưới trích yếu nội dung phải dài từ 1/3 đến 1/2 dòng chữ."),
)
def _subject_rule_length(anatomy: Anatomy) -> Iterator[Hit]:
    shares = rule_shares(anatomy, anatomy.subject) if anatomy.type else None
    if (
        shares
        and not any(0.12 <= share <= 0.85 for share in shares)
        and max(line.width for line in anatomy.subject) > 120
    ):
        yield Hit(anatomy.subject[-1])


@rule(
    "letter_subject.missing",
    MAIN + "5",
    "letter_subject",
    _("Công văn phải có trích yếu nội dung “V/v …” dưới số, ký hiệu."),
)
def _letter_subject_missing(anatomy: Anatomy) -> Iterator[Hit]:
    parts = notation(anatomy.number)
    if anatomy.title or anatomy.letter_subject or not anatomy.addressed or parts is None:
        return
    group = re.split(r"[-–/]", parts.code)[0]
    anywhere = any(re.search(r"\bv\s?/\s?v\b|^về việc\b", line.text.lower()) for line in anatomy.first.lines)
    greeting = any(fold(line.text).startswith(("thu ", "kinh thua")) for line in anatomy.first.lines)
    if group not in TYPES.values() and not anywhere and not greeting and "-" in parts.code:
        yield Hit(anatomy.number)


@rule(
    "letter_subject.prefix", MAIN + "5", "letter_subject", _("Trích yếu công văn phải bắt đầu bằng “V/v”: “%(found)s”.")
)
def _letter_subject_prefix(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.letter_subject and anatomy.is_letter:
        text = anatomy.letter_subject[0].text.strip()
        if not re.match(r"^V/v\b", text):
            found = re.match(r"^(về việc|v\s*/\s*v|\w+)", text, re.I)
            yield Hit(
                anatomy.letter_subject[0],
                facts={"found": found[0] if found else text[:12]},
                instead=re.sub(r"^(về việc|v\s*/\s*v|vv)[:.]?\s*", "V/v ", text, flags=re.I),
            )


@rule("letter_subject.place", MAIN + "5", "letter_subject", _("Trích yếu công văn phải ở dưới số, ký hiệu, bên trái."))
def _letter_subject_place(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.title or anatomy.letter_subject or anatomy.number is None or not anatomy.addressed:
        return
    for line in anatomy.first.lines:
        if re.match(r"^V/v\b", line.text.strip()) and line.y > anatomy.first.height * 0.4:
            yield Hit(line)
            return


@rule("addressee.colon", MAIN + "9", "addressee", _("Sau “Kính gửi” phải có dấu hai chấm (:)."))
def _addressee_colon(anatomy: Anatomy) -> Iterator[Hit]:
    if (
        anatomy.addressed
        and not re.match(r"\s*Kính gửi\s*:", anatomy.addressed[0].text, re.I)
        and re.match(r"\s*kính gửi\s*\w", anatomy.addressed[0].text, re.I)
    ):
        yield Hit(
            anatomy.addressed[0],
            instead=re.sub(r"^(\s*Kính gửi)\s*", r"\1: ", anatomy.addressed[0].text, flags=re.I),
        )


@rule(
    "addressee.list",
    MAIN + "9",
    "addressee",
    _("Các nơi kính gửi ghi thành dòng, cuối dòng có dấu chấm phẩy (;), cuối dòng cuối cùng có dấu chấm (.)."),
)
def _addressee_list(anatomy: Anatomy) -> Iterator[Hit]:
    lines = anatomy.addressed[1:]
    if len(lines) >= 2 and all(re.match(r"\s*[-–]", line.text) for line in lines):
        ends = [line.text.rstrip()[-1:] for line in lines]
        if sum(end != ";" for end in ends[:-1]) >= max(1, len(ends) - 1) and ends[-1] not in ".;":
            yield Hit(lines[0])
