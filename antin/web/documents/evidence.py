"""What the signatures of a document say, in words: the verdict and its meaning, a line for each signature, evidence in a fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from antin.documents import queries
from antin.documents.operations.sharing import box_of
from antin.documents.queries import Whole
from antin.documents.states import Direction, Status
from antin.files import queries as kept_files
from antin.refusal import NotFound
from antin.signing import operations as signing
from antin.signing import queries as signatures
from antin.signing.states import Changes, Covers, Kind, TimeSource, Verdict
from antin.web import tones
from antin.web.clocks import exact
from antin.web.days import read as read_day
from antin.web.documents.rows import BOXES
from antin.web.session.middleware import SignedRequest
from antin.web.tones import Tone
from antin.web.verifying import asked, records

if TYPE_CHECKING:
    from antin.signing.report import Finding, Report, Since

SIGNERS = {
    Kind.PERSON: gettext_lazy("chữ ký của người có thẩm quyền"),
    Kind.AGENCY: gettext_lazy("chữ ký của cơ quan, tổ chức"),
    Kind.TIMESTAMP: gettext_lazy("dấu thời gian"),
    Kind.UNKNOWN: gettext_lazy("chữ ký không rõ của ai"),
}
TIMES = {
    TimeSource.TIMESTAMP: gettext_lazy("theo dấu thời gian"),
    TimeSource.CLOCK: gettext_lazy("theo đồng hồ máy ký, không có dấu thời gian"),
    TimeSource.NONE: gettext_lazy("không ghi thời điểm ký"),
}
CHANGES = {
    Changes.NONE: gettext_lazy("không có thay đổi sau khi ký"),
    Changes.ALLOWED: gettext_lazy("sau khi ký chỉ thêm số, ngày, chữ ký được phép"),
    Changes.FORBIDDEN: gettext_lazy("có thay đổi không được phép sau khi ký"),
}


COVERS = {
    Covers.FILE: gettext_lazy("cả tệp"),
    Covers.REVISION: gettext_lazy("cả tệp như lúc ký; sau đó tệp còn được ghi thêm"),
    Covers.PART: gettext_lazy("chỉ một phần của tệp"),
    Covers.NOTHING: gettext_lazy("không xác định được"),
}


@dataclass(frozen=True)
class Line:
    """One signature, or one attachment: who and how it stands, why, and the evidence as (term, fact)."""

    words: str
    tone: str
    because: str
    evidence: tuple[tuple[str, str], ...] = ()
    digest: str = ""


@dataclass(frozen=True)
class Evidence:
    """The panel "Xác thực"."""

    state: Tone
    say: str
    meaning: str
    lines: tuple[Line, ...]
    checked_at: datetime
    until: datetime | None
    changes: tuple[Tone, ...] = ()


@require_safe
def minutes(request: SignedRequest, document_id: int) -> HttpResponse:
    """The record of verification, with all its evidence, to be printed and filed.

    :raises NotFound: not the actor's to see, or nothing there that could be judged
    """
    now = timezone.now()
    whole = queries.get_whole(request.actor, document_id)
    files = files_of(whole)
    form = asked.AtForm(request.GET or None)
    on = form.cleaned_data["at"] if form.is_bound and form.is_valid() else None
    ask = bool(form.is_bound and form.cleaned_data.get("others"))
    others = None
    if files and (on or ask):
        content = kept_files.read(files[0][0])
        report = signing.examine(content=content, at=asked.moment(on))
        others = [asked.opinion(each) for each in signing.ask_others(content=content, report=report)] if ask else None
        shown: Evidence | None = word(report)
    else:
        shown = find(files, at=now) if files else None
    if shown is None:
        raise NotFound()
    day = f"?at={on:%d/%m/%Y}" if on else ""
    request.place = reverse(BOXES[box_of(whole.document)].name)
    told = {
        "document": whole.document,
        "evidence": shown,
        "files": [(name, digest) for digest, name in files],
        "now": now,
        "form": form,
        "others": others,
        "pdf_href": reverse("document-verification-record", args=[document_id, "pdf"]) + day,
        "json_href": reverse("document-verification-record", args=[document_id, "json"]) + day,
    }
    return render(request, "documents/minutes.html", told)


@require_safe
def record(request: SignedRequest, document_id: int, kind: str) -> HttpResponse:
    """The same as a file for the archive: PDF, or JSON that the node has signed.

    :raises NotFound: not the actor's to see, or nothing there that could be judged
    """
    whole = queries.get_whole(request.actor, document_id)
    files = files_of(whole)
    if not files or kind not in ("pdf", "json"):
        raise NotFound()
    report = signing.examine(content=kept_files.read(files[0][0]), at=asked.moment(read_day(request.GET.get("at", ""))))
    line = signing.attest(report=report, name=f"{whole.document.code or whole.document.pk}.pdf").decode()
    return records.answer(signing.read_attested(line=line), line, as_pdf=kind == "pdf", house=request.actor.agency_name)


def files_of(whole: Whole) -> list[tuple[str, str]]:
    """The document's own file, then its attachments, (digest, name) each; empty while there is nothing to judge."""
    document = whole.document
    ours_unsigned = document.direction == Direction.OUT and document.status not in (Status.SIGNED, Status.ISSUED)
    past = document.status == Status.PAST  # nothing is claimed of what an old book says
    if not document.file or past or ours_unsigned or document.classified_id is not None:
        return []
    return [(document.file, _("Văn bản")), *((row.sealed_file or row.file, row.name) for row in whole.attachments)]


def find(files: list[tuple[str, str]], *, at: datetime) -> Evidence | None:
    """Word what is known of a document's file (the first) and its attachments, (digest, name) each.

    The file itself is judged now when it never was, or when the passing of time may have changed the answer; attachments when
    somebody asks.
    """
    (main, _name), *others = files
    kept = signatures.find_reports([digest for digest, _name in files])
    report = kept.get(main)
    if report is None or (report.holds_until is not None and report.holds_until <= at):
        try:
            report = signing.verify(file=main, at=at)
        except NotFound:
            return None
    return word(report, attached=[_attachment(name, kept[digest]) for digest, name in others if digest in kept])


def word(report: Report, *, attached: Sequence[Line] = ()) -> Evidence:
    """Word a report."""
    return Evidence(
        state=tones.of(report.verdict),
        say=_say(report),
        meaning=_meaning(report),
        lines=(*(_signature(finding, report) for finding in report.signatures), *attached),
        checked_at=report.verified_at,
        until=report.holds_until,
        changes=tuple(dict.fromkeys(_change(each) for each in report.changes_after)),
    )


def _change(change: Since) -> Tone:
    """What came into the file, where, and who signed over it; green where it is safe, red where it is not."""
    parts = [change.words]
    if change.page is not None:
        parts.append(_("trang %(n)d") % {"n": change.page})
    if change.after:
        parts.append(_("sau chữ ký “%(field)s”") % {"field": change.after})
    if change.signed_by:
        parts.append(_("được chữ ký “%(field)s” bao trùm") % {"field": change.signed_by})
    elif not change.safe:
        parts.append(_("chưa ai ký"))
    return Tone(", ".join(parts), "ok" if change.safe else "late", "check" if change.safe else "warning")


def _say(report: Report) -> str:
    return {
        Verdict.UNSIGNED: _("Chưa có chữ ký số"),
        Verdict.VALID: _("Chữ ký số hợp lệ"),
        Verdict.UNDETERMINED: _("Chưa kết luận được về chữ ký số"),
        Verdict.INVALID: _("Chữ ký số không hợp lệ"),
    }[report.verdict]


def _meaning(report: Report) -> str:
    """What the verdict means for the one who works with the paper. Law: Decree 30/2020, art. 5."""
    if report.replaces_paper:
        return _("Văn bản có đủ chữ ký của người có thẩm quyền và của cơ quan: giá trị như bản gốc giấy.")
    words = ". ".join(words.rstrip(".") for words in report.words)
    advice = {
        Verdict.UNSIGNED: "",
        Verdict.VALID: _("Chưa thay được bản gốc giấy."),
        Verdict.UNDETERMINED: _("Chưa dùng thay bản giấy, cũng chưa coi là sai."),
        Verdict.INVALID: _("Không dùng văn bản này; trả lại nơi gửi."),
    }[report.verdict]
    return f"{words}. {advice}".strip() if words else advice


def _is(finding: Finding) -> str:
    """What the signature is on the page."""
    small = {"Initials": _("ký nháy nội dung"), "Format": _("ký kiểm tra thể thức")}
    return small.get(finding.field, "") or str(SIGNERS[finding.kind])


def _who(finding: Finding) -> str:
    parts = [part for part in (finding.name, finding.title) if part]
    if finding.kind == Kind.PERSON and finding.organisation:
        parts.append(finding.organisation)
    return ", ".join(parts) or str(SIGNERS[finding.kind])


def _signature(finding: Finding, report: Report) -> Line:
    state = tones.of(finding.verdict)
    because = ". ".join([*(words.rstrip(".") for words in finding.words), _signed(finding)])
    return Line(
        words=_("%(verdict)s: %(who)s") % {"verdict": state.words, "who": _who(finding)},
        tone=state.tone or "warn",
        because=f"{because}.",
        evidence=tuple(_facts(finding)),
        digest=report.file,
    )


def _signed(finding: Finding) -> str:
    if finding.signed_at is None:
        return str(TIMES[TimeSource.NONE]).capitalize()
    moment = {"moment": exact(finding.signed_at), "source": TIMES[finding.time_source]}
    return _("Ký lúc %(moment)s, %(source)s") % moment


def _facts(finding: Finding) -> list[tuple[str, str]]:
    day = "%d/%m/%Y"
    holds = (
        f"{finding.not_before:{day}} – {finding.not_after:{day}}" if finding.not_before and finding.not_after else ""
    )
    covers = {None: "", True: _("có"), False: _("không")}[finding.covers_number]
    facts = [
        (_("Là"), _is(finding)),
        (_("Nội dung"), f"{_('nguyên vẹn') if finding.intact else _('đã bị thay đổi')}; {CHANGES[finding.changes]}"),
        (_("Cấp bởi"), f"{finding.issuer}; {_('tin cậy') if finding.trusted else _('không tin cậy')}"),
        (_("Bao trùm"), str(COVERS[finding.covers])),
        (_("Mức chữ ký"), finding.level),
        (_("Số chứng thư"), finding.serial),
        (_("Hiệu lực"), holds),
        (_("Thu hồi"), _revocation(finding)),
        (_("Mã cơ quan"), finding.organisation_code),
        (_("Thuật toán"), finding.algorithm),
        (_("Bao trùm số, ngày"), covers),
    ]
    return [(term, fact) for term, fact in facts if fact]


def _revocation(finding: Finding) -> str:
    if finding.revoked_at is not None:
        return _("bị thu hồi từ %(moment)s") % {"moment": exact(finding.revoked_at)}
    if finding.crl_number is None:
        return ""
    return _("không bị thu hồi, theo danh sách số %(n)d") % {"n": finding.crl_number}


def _attachment(name: str, report: Report) -> Line:
    state = tones.of(report.verdict)
    words = _("%(verdict)s: %(who)s") % {"verdict": state.words, "who": name}
    said = [*report.words, *(each for finding in report.signatures for each in finding.words)]
    return Line(words=words, tone=state.tone or "warn", because=". ".join(dict.fromkeys(said)), digest=report.file)
