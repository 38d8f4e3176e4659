"""The record of a verification as a file: laid out for the archive, or the report as the node has signed it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from antin.signing.states import Reason
from antin.typeset import record
from antin.typeset.record import Changed, Record, Signed
from antin.web.clocks import exact


def answer(told: Mapping[str, Any], line: str, *, as_pdf: bool, house: str) -> HttpResponse:
    """Hand out a report as PDF, in the name of the agency it was asked in, or as it is."""
    name = PurePath(str(told.get("file") or "")).stem or "tep"
    if as_pdf:
        made = record.lay_out(worded(told, house), at=timezone.now())
        response = HttpResponse(made, content_type="application/pdf")
        response["Content-Disposition"] = str(content_disposition_header(True, f"{name}.bien-ban-xac-thuc.pdf"))
        return response
    response = HttpResponse(line, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = str(content_disposition_header(True, f"{name}.ket-qua-xac-thuc.json"))
    return response


def worded(told: Mapping[str, Any], house: str) -> Record:
    """The words of the sheet."""
    say = {
        "valid": _("Chữ ký số hợp lệ"),
        "undetermined": _("Chưa kết luận được về chữ ký số"),
        "invalid": _("Chữ ký số không hợp lệ"),
    }
    paper = _("Thay được bản giấy.") if told["replaces_paper"] else _("Chưa thay được bản giấy.")
    own = [told["words"][code] for code in told["reasons"] if Reason(code) in FILES_OWN]
    return Record(
        title=_("Biên bản xác thực chữ ký số"),
        node=house,
        verdict=told["verdict"],
        say=say[told["verdict"]],
        meaning=" ".join([*(f"{words}." for words in own), paper]),
        facts=[
            (_("Tệp"), str(told["file"])),
            ("SHA-256", str(told["sha256"])),
            (_("Kiểm tra như lúc"), _shown(told["verified_at"])),
            (_("Chính sách"), f"{told['policy']['name']} ({told['policy']['version']})"),
            (_("Tin cậy"), str(told["trust"])),
        ],
        signatures=[_signed(each, told, say) for each in told["signatures"]],
        changes_heading=_("Thay đổi sau khi ký"),
        changes=list(dict.fromkeys(_changed(each) for each in told["changes_after"])),
        closing=_(
            "Biên bản do phần mềm An Tín lập từ chính tệp nêu trên; lập lại được bất kỳ lúc nào từ tệp có cùng SHA-256."
        ),
    )


FILES_OWN = {
    Reason.UNSIGNED,
    Reason.PERSON_ONLY,
    Reason.AGENCY_ONLY,
    Reason.ENCRYPTED,
    Reason.UNREADABLE,
    Reason.TOO_HEAVY,
    Reason.NOT_PDF,
}


def _signed(found: Mapping[str, Any], told: Mapping[str, Any], say: Mapping[str, str]) -> Signed:
    kind = _("Dấu thời gian") if found["kind"] == "timestamp" else _("Chữ ký")
    sources = {
        "timestamp": _("theo dấu thời gian"),
        "claimed": _("theo đồng hồ máy ký, không có dấu thời gian"),
        "none": _("không ghi thời điểm ký"),
    }
    when = f"{_shown(found['signed_at'])}, " if found["signed_at"] else ""
    used = found["algorithms"]
    who = (found["signer"], found["title"], found["organisation"])
    facts = [
        (_("Người ký"), ", ".join(dict.fromkeys(filter(None, who)))),
        (_("Ký lúc"), when + sources[found["time_source"]]),
        (_("Nội dung"), _("nguyên vẹn") if found["integrity"] == "intact" else _("đã bị thay đổi")),
        (_("Mức chữ ký"), found["level"] or ""),
        (
            _("Thuật toán"),
            " ".join(
                str(each) for each in (used["signature"], used["curve"] or used["key_size"], used["digest"]) if each
            ),
        ),
        (_("Cấp bởi"), found["certificate"]["issuer"]),
        (_("Số chứng thư"), found["certificate"]["serial"]),
    ]
    return Signed(
        heading=f"{kind} {found['field']}".strip(),
        verdict=found["verdict"],
        say=say[found["verdict"]],
        because=[
            f"{told['words'].get(code) or Reason(code).words} [{code}]" for code in found["reasons"] if code != "VALID"
        ],
        facts=[(term, words) for term, words in facts if words],
    )


def _changed(change: Mapping[str, Any]) -> Changed:
    parts = [change["words"]]
    if change["page"]:
        parts.append(_("trang %(n)d") % {"n": change["page"]})
    if change["after"]:
        parts.append(_("sau chữ ký “%(field)s”") % {"field": change["after"]})
    return Changed(change["safe"], _("An toàn") if change["safe"] else _("Không an toàn"), ", ".join(parts))


def _shown(moment: str) -> str:
    return exact(datetime.fromisoformat(moment))
