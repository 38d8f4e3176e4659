"""A paper that came by hand: its scan is looked at, its facts are read off it, and it is entered in the book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from antin.documents import policy, queries
from antin.documents.operations import SUBJECT_MAX, PaperFacts, drafting, receiving
from antin.documents.operations.receiving import DuplicateArrival
from antin.documents.states import Secrecy
from antin.files import queries as kept
from antin.journeys import receive_document, taking
from antin.journeys.taking import Taken
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import NotFound, Refusal, refuse
from antin.web.drafting.forms import FilesField, OneFileInput, ReadOffPaper
from antin.web.drafting.page import fresh_key
from antin.web.refusals import OTHERWISE, status_of, wants_json
from antin.web.session.middleware import SignedRequest
from antin.web.uploads import Incoming
from antin.workdays import queries as workdays

SALT = "antin.web.drafting.paper"
CLASSIFIED = frozenset(str(level) for level in Secrecy.values if level)
KEPT_FOR = 12 * 3600
WIDTHS = (900, 1400)
FIELDS: dict[type[Refusal], str] = {
    drafting.SubjectMissing: "subject",
    drafting.SubjectTooLong: "subject",
    drafting.UnknownType: "type_code",
    policy.ClassifiedElsewhere: "secrecy",
    receiving.IssuerMissing: "issuer_name",
    receiving.DateAhead: "document_date",
    receiving.NobodyToPresent: "present_to",
    workdays.OutsideCalendar: "reply_by",
}


class PaperForm(ReadOffPaper):
    """What the clerk reads off an ordinary paper."""

    subject = forms.CharField(
        label=gettext_lazy("Trích yếu"),
        error_messages={"required": gettext_lazy("Chưa có trích yếu.")},
        widget=forms.Textarea(attrs={"rows": 2, "data-count": str(SUBJECT_MAX)}),
    )
    secrecy = forms.TypedChoiceField(label=gettext_lazy("Độ mật"), coerce=int, choices=Secrecy.choices)
    present_to = forms.TypedChoiceField(
        label=pgettext_lazy("leader", "Trình"), coerce=int, empty_value=None, required=False
    )
    scan = forms.FileField(
        label=gettext_lazy("Bản quét (PDF)"),
        required=False,
        allow_empty_file=True,
        widget=OneFileInput(attrs={"accept": "application/pdf,.pdf"}),
    )
    attachments = FilesField(label=gettext_lazy("Tệp kèm theo"), required=False, allow_empty_file=True)

    def __init__(
        self, data: Any = None, files: Any = None, *, initial: Any = None, leaders: Sequence[Any] = ()
    ) -> None:
        super().__init__(data, files, initial=initial)
        field = cast(forms.ChoiceField, self.fields["present_to"])
        field.choices = [(str(post.id), f"{post.title} {post.person_name}") for post in leaders]

    def facts(self) -> PaperFacts:
        given = self.cleaned_data
        return PaperFacts(**{name: given[name] for name in PaperFacts.__dataclass_fields__})


@dataclass
class Paper:
    """One showing of the page: the form, the files taken so far, what is wrong, and a document that may be the same."""

    actor: Actor
    at: datetime
    form: PaperForm
    scan: Taken | None = None
    attachments: list[Taken] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    despite: bool = False
    classified: bool = False
    status: int = 200

    def told(self) -> dict[str, Any]:
        return {
            "form": self.form,
            "scan": self.scan,
            "scan_token": _seal(self.actor, self.scan) if self.scan else "",
            "attachments": [(each, _seal(self.actor, each)) for each in self.attachments],
            "refused": self.refused,
            "same": self._same(),
            "despite": self.despite,
            "classified": self.classified,
            "warning": self._warning(),
            "leaves": self._leaves(),
            "at": self.at,
        }

    def _leaves(self) -> list[tuple[int, str, str]]:
        """The scan's pages: number, address of the image, addresses by width."""
        if self.scan is None:
            return []
        token = _seal(self.actor, self.scan)
        addresses = [(n, reverse("paper-page", args=[token, n])) for n in range(1, min(self.scan.pages, 50) + 1)]
        return [(n, f"{at}?w={WIDTHS[0]}", ", ".join(f"{at}?w={w} {w}w" for w in WIDTHS)) for n, at in addresses]

    def _value(self, name: str) -> Any:
        return self.form.fields[name].clean(self.form[name].value())

    def _same(self) -> Any:
        """An arrival with the same number, notation, issuer and date, as far as they are written yet."""
        try:
            code, issuer, day = (self._value(name) for name in ("code", "issuer_name", "document_date"))
        except forms.ValidationError:
            return None
        if not (code and day):
            return None
        return queries.find_duplicate(
            agency_id=self.actor.agency_id, identifier="", code=code, issuer_name=issuer, document_date=day
        )

    def _warning(self) -> str:
        try:
            day = self._value("reply_by")
            return workdays.snap(day).words if day else ""
        except (forms.ValidationError, Refusal):
            return ""


@require_http_methods(["GET", "POST"])
def receive(request: SignedRequest) -> HttpResponseBase:
    """Enter a paper in the book. A form sent twice enters it once."""
    at = timezone.now()
    refuse(policy.why_not_receive_paper(request.actor, Secrecy.NONE))
    today = workdays.local_date(at)
    posts = people.list_posts(request.actor.agency_id, today, roles=(Role.HEAD, Role.DEPUTY))
    leaders = [post for post in posts if post.person_id is not None]
    if request.method == "GET":
        begun = {"key": fresh_key(), "type_code": "CV", "urgency": 0, "secrecy": 0}
        return _draw(request, Paper(request.actor, at, PaperForm(initial=begun, leaders=leaders)))
    paper = Paper(request.actor, at, PaperForm(request.POST, request.FILES, leaders=leaders))
    paper.despite = "despite_duplicate" in request.POST
    if request.POST.get("secrecy", "0") in CLASSIFIED:
        return _elsewhere(request, paper)
    _take_files(request, paper)
    if wants_json(request):
        return _look(request, paper)
    if request.POST.get("act") != "register":
        return _draw(request, paper)
    return _register(request, paper)


def _elsewhere(request: SignedRequest, paper: Paper) -> HttpResponseBase:
    """A secret paper has a page of its own: no file of this form is kept, and those it brought before are destroyed."""
    for token in (request.POST.get("kept_scan", ""), *request.POST.getlist("kept_attachment")):
        taken = _open(paper.actor, token)
        if taken is not None:
            taking.let_go(taken)
    paper.classified = True
    if wants_json(request):
        return _look(request, paper)
    return _refused(request, paper, policy.ClassifiedElsewhere())


@require_GET
def page_image(request: SignedRequest, token: str, number: int) -> HttpResponse:
    """A page of a scan that has just been sent, for the clerk to read off."""
    scan = _open(request.actor, token)
    if scan is None:
        raise NotFound()
    asked = request.GET.get("w", "")
    width = int(asked) if asked.isdecimal() and int(asked) in WIDTHS else WIDTHS[0]
    picture = kept.page_image(scan.digest, number, width)
    return HttpResponse(picture, content_type="image/png", headers={"Cache-Control": "private, max-age=43200"})


def _draw(request: SignedRequest, paper: Paper) -> HttpResponse:
    told = paper.told() | {"issuers": _issuers(paper)}
    return render(request, "drafting/paper.html", told, status=paper.status)


def _issuers(paper: Paper) -> list[str]:
    """Known issuers: those of the last arrivals, then every agency of the directory."""
    agencies = people.list_agencies(workdays.local_date(paper.at)).values_list("name", flat=True)
    return list(dict.fromkeys([*queries.list_issuers(paper.actor.agency_id), *agencies]))


def _look(request: SignedRequest, paper: Paper) -> JsonResponse:
    """The answer while the form is still being filled in: what was taken, what looks wrong already."""
    errors = {name: " ".join(map(str, words)) for name, words in paper.form.errors.items() if name in TAKES}
    told = paper.told()
    parts = {f"part-{name}": render_to_string(f"drafting/_paper_{name}.html", told, request) for name in PARTS}
    answer = {"parts": parts, "errors": errors, "message": " ".join(errors.values())}
    return JsonResponse(answer, status=paper.status)


PARTS = ("alerts", "scan", "files", "reply")
TAKES = {"scan": taking.take_scan, "attachments": taking.take_attachment}


def _take_files(request: SignedRequest, paper: Paper) -> None:
    """Keep the files that came with this form, beside those it has brought before; say of each that is refused why."""
    form, drop = paper.form, request.POST.get("act", "")
    form.is_valid()
    tokens = request.POST.getlist("kept_attachment")
    kept_before = [
        each for n, token in enumerate(tokens) if drop != f"drop:{n}" and (each := _open(paper.actor, token))
    ]
    paper.scan = _open(paper.actor, request.POST.get("kept_scan", ""))
    fresh: dict[str, list[Taken]] = {"scan": [], "attachments": []}
    for name, take in TAKES.items():
        given = form.cleaned_data.get(name)
        for sent in given if isinstance(given, list) else [given] if given else []:
            try:
                fresh[name].append(take(cast(Incoming, sent).content(), name=sent.name or "", at=paper.at))
            except Refusal as no:
                form.add_error(name, f"{sent.name}: {no.message}")
                paper.status = OTHERWISE
    paper.scan = next(iter(fresh["scan"]), paper.scan)
    there = {(each.name, each.digest) for each in kept_before}
    paper.attachments = kept_before + [each for each in fresh["attachments"] if (each.name, each.digest) not in there]


def _register(request: SignedRequest, paper: Paper) -> HttpResponseBase:
    form, scan = paper.form, paper.scan
    if scan is None and "scan" not in form.errors:
        form.add_error("scan", _("Chưa có bản quét."))
    if form.errors or scan is None:
        paper.status = OTHERWISE
        return _draw(request, paper)
    try:
        document = receive_document.receive_paper(
            facts=form.facts(),
            scan=scan,
            attachments=paper.attachments,
            key=f"paper:{paper.actor.agency_id}:{form.cleaned_data['key']}",
            present_to=form.cleaned_data["present_to"],
            despite_duplicate=paper.despite,
            actor=paper.actor,
            today=workdays.local_date(paper.at),
            at=paper.at,
        )
    except Refusal as no:
        return _refused(request, paper, no)
    leader = queries.arrival_of(document).presented_post
    told = {"number": document.arrival_number, "leader": leader.title if leader else ""}
    messages.success(request, _("Đã vào sổ, số đến %(number)s, trình %(leader)s.") % told)
    return redirect("document", document.pk)


def _refused(request: SignedRequest, paper: Paper, no: Refusal) -> HttpResponse:
    paper.status = status_of(no)
    name = FIELDS.get(type(no))
    if name:
        paper.form.add_error(name, no.message)
    elif not isinstance(no, DuplicateArrival):  # the page itself shows the other one
        paper.refused.append(no)
    return _draw(request, paper)


def _seal(actor: Actor, taken: Taken) -> str:
    """A file that was taken, as the form carries it: only this person's form can bring it back."""
    kept = {
        key: value for key, value in asdict(taken).items() if key != "content"
    }  # empty: a paper's file is kept by its digest
    return signing.dumps([actor.person_id, kept], salt=SALT, compress=True)


def _open(actor: Actor, token: str) -> Taken | None:
    try:
        person_id, taken = signing.loads(token, salt=SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        return None
    return Taken(**taken) if person_id == actor.person_id else None
