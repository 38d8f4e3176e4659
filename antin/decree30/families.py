"""Whether a paper is one that Decree 30 speaks of: papers of other families, and those without readable letters, are not judged."""

from __future__ import annotations

import re
from datetime import date

from antin.decree30 import fonts
from antin.decree30.anatomy import Anatomy
from antin.decree30.facts import issued_on
from antin.decree30.paper import Paper
from antin.decree30.rules import notation
from antin.decree30.wording import TYPES, fold, letters

IN_FORCE = date(2020, 3, 5)
VIETNAMESE = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.I)
TCVN3 = re.compile(r"c[éÐ]ng h[ßo]a|nh[©µ¸]n d[©©]n|®[éèÌÞ]|quy[Õ]t|[®µ¸¶·¹©Êë]{2}", re.I)

NORMATIVE = re.compile(
    r"^(NĐ-CP|TT-|TTLT|QH\d|UBTVQH|QĐ-TTg|NQ-QH|NQ-UBTVQH|L-CTN|LCT|QĐ-UBND|QĐ-UB|NQ-HĐND|NQ-CP|CT-UBND|QĐ-KTNN|NQ-HĐTP|PL-|NQLT|TT$)"
)
NORMATIVE_TITLES = (
    "luat",
    "bo luat",
    "nghi dinh",
    "thong tu",
    "thong tu lien tich",
    "phap lenh",
    "van ban hop nhat",
    "hien phap",
)
OTHERS = (
    ("procedural", ("banan", "caotrang", "nhandanhnuoc")),
    ("contract", ("hopdong", "phuluchopdong", "banghinho", "banthoathuan")),
)
MASS = (
    "doantncs", "doanthanhnien", "tongliendoan", "congdoan", "mattrantoquoc", "hoilienhiepphunu", "hoinongdan", "hoicuuchienbinh",
    "hoisinhvien",
)  # fmt: skip


def why_unreadable(paper: Paper) -> str | None:
    """The reason why there are no letters to judge."""
    first = paper.pages[0]
    text = "\n".join(line.text for page in paper.pages[:3] for line in page.lines)
    if paper.kind == "pdf":
        if first.letters < 40:
            later = sum(page.letters for page in paper.pages[1:4])
            if first.pictured > 0.3 or (first.letters == 0 and not later):
                return "scan"
            if not later:
                return "empty"
        if first.unseen > 0.5 or first.pictured > 0.8:
            return "scan_with_text"
    if not text.strip():
        return "empty"
    total = sum(paper.families.values()) or 1
    if paper.families.get(fonts.LEGACY, 0) > 0.25 * total:
        return "legacy_encoding"
    signs = [sign for sign in text if not sign.isspace()]
    strange = sum(0xE000 <= ord(sign) < 0xF900 or sign == "\ufffd" or ord(sign) < 32 for sign in signs)
    if signs and strange > 0.15 * len(signs):
        return "unreadable"
    plain = [sign for sign in signs if sign.isalpha()]
    if len(signs) > 200 and len(plain) < 0.45 * len(signs) and not VIETNAMESE.search(text):
        return "unreadable"
    marked = len(VIETNAMESE.findall(text))
    if len(plain) > 150 and marked < 0.04 * len(plain):
        return "legacy_encoding" if len(TCVN3.findall(text)) > 5 else "foreign"
    return None


def why_not(anatomy: Anatomy) -> str | None:
    """The reason why this paper is of another family."""
    head = [line for line in anatomy.first.lines if line.y > anatomy.first.height * 0.4]
    bare = [letters(line.text) for line in head]
    if any(
        "congbao" in text[:7] and re.search(r"công báo\s*/", line.text.lower())
        for text, line in zip(bare, head, strict=False)
    ):
        return "gazette"
    if any("dangcongsanvietnam" in text for text in bare) and not anatomy.national:
        return "party"
    if (
        not anatomy.national
        and anatomy.motto is None
        and any(text.startswith(MASS) or text.endswith("hochiminh") for text in bare[:6])
    ) and any(text.startswith(MASS) for text in bare[:8]):
        return "mass_organisation"
    parts = notation(anatomy.number)
    titles = {fold(line.text).rstrip(" :.") for line in head + list(anatomy.first.lines[:18])}
    if anatomy.number is not None and re.match(r"^(luat|phap lenh) so", fold(anatomy.number.text)):
        return "normative"
    if (parts and parts.year and NORMATIVE.match(parts.code)) or (
        parts and re.match(r"^(VBHN-|QCVN|TCVN|QH\d|TT-B|NĐ-CP)", parts.code)
    ):
        return "normative"
    if anatomy.type is None and titles & set(NORMATIVE_TITLES):
        return "normative"
    joined = {letters(title) for title in titles}
    for reason, words in OTHERS:
        if reason == "procedural" and any(word in joined for word in words):
            return reason
    official = sum(
        1 for one in (anatomy.number, anatomy.recipients_title, anatomy.above and anatomy.national, anatomy.date) if one
    )
    if anatomy.number is None and anatomy.recipients_title is None:
        return "contract" if joined & {"hopdong", *(f"hopdong{x}" for x in ("laodong", "kinhte", "muaban"))} else "form"
    centred = (
        anatomy.national
        and abs(anatomy.national[0].centre - anatomy.first.width / 2) < 45
        and not anatomy.national[0].told
    )
    if centred and not anatomy.above:
        return "contract" if any(text.startswith("hopdong") for text in joined) else "form"
    if not anatomy.national and anatomy.motto is None and official < 2:
        return "form"
    if parts and anatomy.title is not None and anatomy.type is None and anatomy.enacting is None:
        group = re.split(r"[-–/]", parts.code)[0]
        if group not in TYPES.values() and not anatomy.letter_subject:
            return "specialised"
    issued = issued_on(anatomy)
    if issued is not None and issued < IN_FORCE:
        return "before_decree"
    return None
