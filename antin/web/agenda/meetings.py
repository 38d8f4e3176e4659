"""Around a meeting: answers, who came, papers, conclusions, the notice of them, and work that comes of them."""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from antin.agenda import operations, policy, queries
from antin.agenda.states import Answer
from antin.files import queries as kept
from antin.journeys import hold_meeting
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import refuse
from antin.web import asking
from antin.web.asking import Question
from antin.web.days import DayField
from antin.web.programmes.forms import units_below
from antin.web.programmes.reviews import shares_of
from antin.web.session.middleware import SignedRequest
from antin.web.trees import Branch, TreeField, TreesField
from antin.web.uploads import Incoming
from antin.workdays import queries as workdays


def _question(entry_id: int, heading: str, button: str, sign: str = "check", **more: Any) -> Question:
    return Question(heading, button, reverse("agenda-entry", args=[entry_id]), _("Lịch công tác"), sign=sign, **more)


class AnswerForm(forms.Form):
    verdict = forms.ChoiceField(
        label=gettext_lazy("Trả lời"),
        choices=[(each.value, each.label) for each in Answer if each != Answer.ASKED],
        initial=Answer.ACCEPTED,
    )
    substitute = TreeField(label=gettext_lazy("Người đi thay"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Lý do vắng, ghi chú"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _own_people(actor: Actor, today: Any) -> list[Branch]:
    """Who may be sent: the posts of the actor's unit and, in the agency, of those below it."""
    below = {row.id for row in people.list_tree(on=today, below=people.get_unit(actor.unit_id))}
    rows = people.list_posts(actor.agency_id, today)
    return [
        Branch(str(row.id), f"{row.person_name}, {row.title}", note=row.unit_name)
        for row in rows
        if row.unit_id in below and row.person_id and row.id != actor.post_id and row.role != Role.ADMINISTRATOR
    ]


@require_http_methods(["GET", "POST"])
def answer(request: SignedRequest, entry_id: int, invitee_id: int) -> HttpResponse:
    """Answer an invitation."""
    request.place = reverse("agenda")
    now = timezone.now()
    found = queries.get_for(request.actor, entry_id, now)
    invitee = queries.get_invitee(found, invitee_id)
    refuse(policy.why_not_answer(request.actor, found, invitee, over=found.ends_at <= now))
    form = AnswerForm(asking.sent(request))
    form.fields["substitute"].grow(_own_people(request.actor, workdays.local_date(now)))  # type: ignore[attr-defined]
    question = _question(entry_id, _("Trả lời lời mời: %(name)s") % {"name": invitee.name}, _("Trả lời"), "reply")

    def do(told: dict[str, Any]) -> str:
        hold_meeting.answer(
            entry_id=entry_id,
            invitee_id=invitee_id,
            verdict=told["verdict"],
            reason=told["reason"],
            substitute_post_id=int(told["substitute"]) if told["substitute"] else None,
            actor=request.actor,
            at=now,
        )
        return _("Đã trả lời lời mời.")

    return asking.ask(request, question, form, do)


@require_http_methods(["GET", "POST"])
def present(request: SignedRequest, entry_id: int) -> HttpResponse:
    """Count who came."""
    request.place = reverse("agenda")
    now = timezone.now()
    found = queries.get_for(request.actor, entry_id, now)
    offices = queries.offices_of(found.agency_id, workdays.local_date(now))
    refuse(policy.why_not_conclude(request.actor, found, offices, begun=found.starts_at <= now))
    rows = queries.list_invitees(found)
    fields: dict[str, forms.Field] = {}
    for row in rows:
        hint = str(Answer(row.answer).label) + (f": {row.substitute_name}" if row.substitute_name else "")
        first = row.present if row.present is not None else int(row.answer != Answer.DECLINED)
        fields[f"n{row.pk}"] = forms.IntegerField(
            label=row.name, help_text=hint, min_value=0, max_value=9999, required=False, initial=first
        )
    form = type("PresentForm", (forms.Form,), fields)(asking.sent(request))
    question = _question(
        entry_id,
        _("Điểm danh"),
        _("Ghi số người có mặt"),
        "people",
        explains=_("Ghi số người có mặt của từng đơn vị, chức vụ; 0 là vắng, để trống là chưa điểm danh."),
    )

    def do(told: dict[str, Any]) -> str:
        counts = {row.pk: told[f"n{row.pk}"] for row in rows}
        operations.count_present(entry_id=entry_id, counts=counts, actor=request.actor, at=now)
        return _("Đã ghi số người có mặt.")

    return asking.ask(request, question, form, do)


class PaperForm(forms.Form):
    document = forms.ChoiceField(label=gettext_lazy("Văn bản đã phát hành, đã vào sổ"), required=False)
    file = forms.FileField(label=gettext_lazy("Hoặc một tệp"), required=False, max_length=200)


@require_http_methods(["GET", "POST"])
def add_paper(request: SignedRequest, entry_id: int) -> HttpResponse:
    """Put a registered document or a file with an entry."""
    request.place = reverse("agenda")
    now = timezone.now()
    found = queries.get_for(request.actor, entry_id, now)
    refuse(policy.why_not_host(request.actor, found, queries.offices_of(found.agency_id, workdays.local_date(now))))
    form = PaperForm(asking.sent(request), asking.brought(request))
    choices: Any = form.fields["document"]
    rows = queries.list_attachable(request.actor)
    choices.choices = [("", "—"), *((str(row.pk), f"{row.code}: {row.subject}"[:120]) for row in rows)]
    shows = policy.may_show(request.actor)
    words = (
        _("Người được mời trong cơ quan sẽ xem được văn bản kèm theo. Văn bản mật không kèm vào đây.")
        if shows
        else _(
            "Văn bản chỉ hiện với người đã được quyền xem; tệp hiện với mọi người dự. Văn bản mật không kèm vào đây."
        )
    )
    question = _question(entry_id, _("Kèm tài liệu họp"), _("Kèm tài liệu"), "clip", explains=words)

    def do(told: dict[str, Any]) -> str:
        if told["file"]:
            hold_meeting.attach_file(
                entry_id=entry_id,
                name=told["file"].name,
                content=cast(Incoming, told["file"]).content(),
                actor=request.actor,
                at=now,
            )
        if told["document"]:
            hold_meeting.attach_document(
                entry_id=entry_id, document_id=int(told["document"]), actor=request.actor, at=now
            )
        if not told["file"] and not told["document"]:
            return _("Chưa chọn tài liệu nào.")
        return _("Đã kèm tài liệu.")

    return asking.ask(request, question, form, do)


@require_GET
def paper_file(request: SignedRequest, entry_id: int, paper_id: int) -> FileResponse:
    """Give a file of a meeting to whom it concerns; always as a download."""
    entry = queries.get_for(request.actor, entry_id, timezone.now())
    found = queries.get_file(request.actor, entry, paper_id)
    return FileResponse(kept.open_stream(found.file_id or ""), as_attachment=True, filename=found.name)


@require_POST
def remove_paper(request: SignedRequest, entry_id: int, paper_id: int) -> HttpResponse:
    """Take a paper away from an entry."""
    operations.remove_paper(entry_id=entry_id, paper_id=paper_id, actor=request.actor, at=timezone.now())
    return HttpResponseRedirect(f"{reverse('agenda-entry', args=[entry_id])}#papers")


class ConcludeForm(forms.Form):
    points = forms.CharField(
        label=gettext_lazy("Kết luận, mỗi dòng một kết luận"),
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 10}),
    )


@require_http_methods(["GET", "POST"])
def conclude(request: SignedRequest, entry_id: int) -> HttpResponse:
    """Write down what was concluded."""
    request.place = reverse("agenda")
    now = timezone.now()
    found = queries.get_for(request.actor, entry_id, now)
    offices = queries.offices_of(found.agency_id, workdays.local_date(now))
    refuse(policy.why_not_conclude(request.actor, found, offices, begun=found.starts_at <= now))
    first = "\n".join(each.words for each in queries.list_points(found))
    question = _question(
        entry_id,
        _("Kết luận cuộc họp"),
        _("Ghi kết luận"),
        "draft",
        explains=_("Từ đây soạn được Thông báo kết luận, và giao từng kết luận thành nhiệm vụ."),
    )

    def do(told: dict[str, Any]) -> str:
        points = operations.conclude(entry_id=entry_id, words=told["points"].splitlines(), actor=request.actor, at=now)
        return _("Đã ghi %(n)d kết luận.") % {"n": len(points)}

    return asking.ask(request, question, ConcludeForm(asking.sent(request), initial={"points": first}), do)


@require_POST
def notice(request: SignedRequest, entry_id: int) -> HttpResponse:
    """Draft the notice of the conclusions."""
    now = timezone.now()
    made = hold_meeting.draft_notice(entry_id=entry_id, actor=request.actor, today=workdays.local_date(now), at=now)
    return HttpResponseRedirect(reverse("draft-edit", args=[made.pk]))


class GiveForm(forms.Form):
    unit_id = TreeField(label=gettext_lazy("Chủ trì"))
    join_ids = TreesField(label=gettext_lazy("Phối hợp"), required=False)
    due = DayField(label=gettext_lazy("Thời hạn"), required=False)
    words = forms.CharField(
        label=gettext_lazy("Yêu cầu cụ thể"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    begun_in = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


@require_http_methods(["GET", "POST"])
def give(request: SignedRequest, entry_id: int, point_id: int) -> HttpResponse:
    """Give one conclusion out as work."""
    request.place = reverse("agenda")
    now = timezone.now()
    found = queries.get_for(request.actor, entry_id, now)
    offices = queries.offices_of(found.agency_id, workdays.local_date(now))
    refuse(policy.why_not_conclude(request.actor, found, offices, begun=found.starts_at <= now))
    point = queries.get_point(found, point_id)
    form = GiveForm(asking.sent(request), initial={"begun_in": uuid4().hex})
    branches = units_below(request.actor.unit_id, workdays.local_date(now), itself=False)
    for name in ("unit_id", "join_ids"):
        form.fields[name].grow(branches)  # type: ignore[attr-defined]
    question = _question(entry_id, _("Giao kết luận thành nhiệm vụ"), _("Giao việc"), "flag", explains=point.words)

    def do(told: dict[str, Any]) -> str:
        hold_meeting.decide(
            entry_id=entry_id,
            point_id=point_id,
            words=told["words"],
            shares=shares_of(int(told["unit_id"]), [int(each) for each in told["join_ids"]], told["due"]),
            begun_in=told["begun_in"] or None,
            actor=request.actor,
            at=now,
        )
        return _("Đã giao việc.")

    return asking.ask(request, question, form, do)
