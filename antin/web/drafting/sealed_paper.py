"""A secret paper that came by hand: what is typed and scanned is sealed in the act that enters it; nothing of it is shown again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from antin.documents import policy, queries
from antin.documents.operations import SUBJECT_MAX, PaperFacts, drafting, receiving
from antin.documents.operations.receiving import DuplicateArrival
from antin.documents.states import Secrecy
from antin.journeys import receive_secret_paper, recover_secret, taking
from antin.journeys.receive_secret_paper import Custody
from antin.journeys.taking import Taken
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.queries import PostRow
from antin.people.states import Role
from antin.refusal import Refusal, refuse
from antin.vault import policy as sealed_policy
from antin.vault import queries as sealed
from antin.vault.states import Level
from antin.web.drafting.forms import FilesField, OneFileInput, ReadOffPaper
from antin.web.drafting.page import fresh_key
from antin.web.refusals import OTHERWISE, status_of
from antin.web.session.middleware import SignedRequest
from antin.web.trees import Branch, TreesField
from antin.web.uploads import Incoming
from antin.workdays import queries as workdays

FIELDS: dict[type[Refusal], str] = {
    drafting.SubjectMissing: "subject",
    drafting.SubjectTooLong: "subject",
    drafting.UnknownType: "type_code",
    receiving.IssuerMissing: "issuer_name",
    receiving.DateAhead: "document_date",
    receiving.NobodyToPresent: "present_to",
    receive_secret_paper.NotClassified: "secrecy",
    receive_secret_paper.NotToBeScanned: "scan",
    receive_secret_paper.ScanNotAllowed: "scan_allowed_by",
    sealed_policy.NotCleared: "secrecy",
    workdays.OutsideCalendar: "reply_by",
}


class SecretPaperForm(ReadOffPaper):
    """What the clerk reads off the paper or its envelope, and who has to do with it."""

    secrecy = forms.TypedChoiceField(label=gettext_lazy("Độ mật"), coerce=int)
    subject = forms.CharField(
        label=gettext_lazy("Trích yếu"),
        required=False,
        help_text=gettext_lazy("Niêm phong khi vào sổ. Để trống khi bì có dấu “Chỉ người có tên mới được bóc bì”."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "data-count": str(SUBJECT_MAX)}),
    )
    present_to = forms.TypedChoiceField(label=pgettext_lazy("leader", "Trình"), coerce=int)
    readers = TreesField(
        label=gettext_lazy("Người khác được đọc"),
        required=False,
        help_text=gettext_lazy("Ngoài đồng chí và người được trình."),
    )
    holder_id = forms.TypedChoiceField(
        label=gettext_lazy("Người giữ bản giấy"),
        coerce=int,
        help_text=gettext_lazy("Ghi vào sổ theo dõi các bản, bản số 1."),
    )
    scan = forms.FileField(
        label=gettext_lazy("Bản quét (PDF)"),
        required=False,
        allow_empty_file=True,
        widget=OneFileInput(attrs={"accept": "application/pdf,.pdf"}),
    )
    attachments = FilesField(label=gettext_lazy("Tệp kèm theo"), required=False, allow_empty_file=True)
    scan_allowed_by = forms.TypedChoiceField(
        label=gettext_lazy("Người cho phép quét"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=gettext_lazy("Quét là sao, chụp bí mật nhà nước; chỉ cần chọn khi có bản quét."),
    )

    def __init__(self, request: HttpRequest, actor: Actor, at: datetime) -> None:
        sent = request.method == "POST"
        super().__init__(request.POST if sent else None, request.FILES if sent else None)
        today = workdays.local_date(at)
        posts = [
            post
            for post in people.list_posts(actor.agency_id, today, roles=(Role.HEAD, Role.DEPUTY, Role.CLERK))
            if post.person_id is not None and post.id != actor.post_id
        ]
        leaders = [(str(post.id), _words(post)) for post in posts if post.role != Role.CLERK]
        cleared = [(str(level), words) for level, words in Secrecy.choices if 0 < level <= _cleared(actor)]
        self._offer("secrecy", cleared)
        self._offer("present_to", leaders)
        self._offer("scan_allowed_by", [("", "—"), *leaders])
        self._offer(
            "holder_id", [(str(number), name) for number, name in recover_secret.list_keyed(actor.agency_id, at)]
        )
        branches = [Branch(str(post.id), _words(post), note=post.unit_name) for post in posts]
        cast(TreesField, self.fields["readers"]).grow(branches)
        self.initial = {"key": fresh_key(), "type_code": "CV", "urgency": 0, "holder_id": actor.person_id}

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)

    def facts(self) -> PaperFacts:
        given = self.cleaned_data
        return PaperFacts(**{name: given[name] for name in PaperFacts.__dataclass_fields__})

    def custody(self) -> Custody:
        given = self.cleaned_data
        posts = tuple(int(each) for each in given["readers"])
        return Custody(holder_id=given["holder_id"], reader_posts=posts, scan_allowed_by=given["scan_allowed_by"])


def _words(post: PostRow) -> str:
    return f"{post.title} {post.person_name}"


def _cleared(actor: Actor) -> int:
    return sealed_policy.level_of(actor)


@require_http_methods(["GET", "POST"])
def receive(request: SignedRequest) -> HttpResponseBase:
    """Enter a secret paper in its own book. A form sent twice enters it once; one refused must bring its files again."""
    at = timezone.now()
    actor = request.actor
    request.place = reverse("incoming")
    refuse(policy.why_not_receive_paper(actor, Secrecy.NONE))
    refuse(sealed_policy.why_not_begin(actor, Level.MAT))
    form = SecretPaperForm(request, actor, at)
    if request.method == "GET":
        return _draw(request, form, at, status=200)
    scan, attachments = _held(form) if form.is_valid() else (None, [])
    if form.errors:
        return _draw(request, form, at, status=OTHERWISE)
    try:
        document = receive_secret_paper.receive(
            facts=form.facts(),
            custody=form.custody(),
            scan=scan,
            attachments=attachments,
            key=f"paper:{actor.agency_id}:{form.cleaned_data['key']}",
            present_to=form.cleaned_data["present_to"],
            despite_duplicate="despite_duplicate" in request.POST,
            actor=actor,
            today=workdays.local_date(at),
            at=at,
        )
    except Refusal as no:
        return _refused(request, form, no, at)
    leader = queries.arrival_of(document).presented_post
    told = {"number": document.arrival_number, "leader": leader.title if leader else ""}
    messages.success(request, _("Đã vào sổ văn bản mật, số đến %(number)s, trình %(leader)s.") % told)
    return redirect("document", document.pk)


def _held(form: SecretPaperForm) -> tuple[Taken | None, list[Taken]]:
    """The files that came, looked at in memory and kept nowhere; what cannot be taken is said at its field."""
    held: dict[str, list[Taken]] = {"scan": [], "attachments": []}
    for name, hold in (("scan", taking.hold_scan), ("attachments", taking.hold_attachment)):
        given = form.cleaned_data.get(name)
        for sent in given if isinstance(given, list) else [given] if given else []:
            try:
                held[name].append(hold(cast(Incoming, sent).content(), name=sent.name or ""))
            except Refusal as no:
                form.add_error(name, f"{sent.name}: {no.message}")
    return next(iter(held["scan"]), None), held["attachments"]


def _refused(request: SignedRequest, form: SecretPaperForm, no: Refusal, at: datetime) -> HttpResponse:
    name = FIELDS.get(type(no))
    if name:
        form.add_error(name, no.message)
    refused = None if name else no
    return _draw(request, form, at, refused=refused, status=status_of(no))


def _draw(
    request: SignedRequest, form: SecretPaperForm, at: datetime, *, refused: Refusal | None = None, status: int
) -> HttpResponse:
    actor = request.actor
    agencies = people.list_agencies(workdays.local_date(at)).values_list("name", flat=True)
    why = sealed.why_not_read(actor.person_id, Level.MAT, on=workdays.local_date(at), at=at)
    told = {
        "form": form,
        "refused": refused,
        "same": isinstance(refused, DuplicateArrival),
        "why": why or _why_no_recovery(actor),
        "lost": request.method == "POST" and bool(request.FILES),
        "issuers": list(dict.fromkeys([*queries.list_issuers(actor.agency_id), *agencies])),
    }
    answer = render(request, "drafting/sealed_paper.html", told, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _why_no_recovery(actor: Actor) -> Refusal | None:
    if sealed.find_recovery_key(actor.agency_id) is None:
        return sealed_policy.NoRecoveryKey(name=actor.agency_name)
    return None
