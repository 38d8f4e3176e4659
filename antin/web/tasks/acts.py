"""What may be done with a piece of work on its own page: one row per act, with why not, the question it asks, and the call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from antin.documents import queries as documents
from antin.journeys import direct_document as direction
from antin.people.actor import Actor
from antin.refusal import Refusal
from antin.tasks import policy, queries
from antin.tasks.operations import Share
from antin.tasks.states import Grade, Origin, Role, Status
from antin.web.asking import Offer, offer
from antin.web.days import DayField
from antin.web.tasks.forms import WordsForm, rows_for, whom
from antin.web.uploads import SEALED, Incoming
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.tasks.models import Assignment

Why = Callable[[Actor, "Assignment", "Below"], Refusal | None]
Below = list[str]
Asked = Callable[[Actor, "Assignment", Any, Any], forms.Form]
Do = Callable[[int, dict[str, Any], Actor, datetime], object]


class AlreadyBegun(Refusal):
    code = "already_begun"
    words = gettext_noop("Việc đã được nhận.")


class NothingAsked(Refusal):
    code = "no_extension_asked"
    words = gettext_noop("Không có đề nghị gia hạn nào đang chờ.")


SEALED_TOO = _("Tệp được niêm phong như văn bản: người đọc văn bản mở bằng mã PIN.")


class ProgressForm(WordsForm):
    percent = forms.IntegerField(label=_("Phần đã xong (%)"), min_value=0, max_value=100)


class ResultForm(WordsForm):
    """What is shown for finished work: words, a numbered document of the last ones, a file."""

    reply = forms.TypedChoiceField(
        label=_("Văn bản làm căn cứ"), required=False, coerce=int, empty_value=None, choices=()
    )
    file = forms.FileField(label=_("Tệp kết quả"), required=False)

    def __init__(self, actor: Actor, task: Assignment, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if direction.is_sealed(task):
            self.fields["file"].help_text = SEALED_TOO
        found = [
            row
            for box in ("out", "in")
            for row in documents.list_documents(actor=actor, box=box, limit=30).rows
            if row.number or row.arrival_number
        ]
        field = cast(forms.TypedChoiceField, self.fields["reply"])
        field.choices = [("", _("Không có")), *((row.pk, f"{row.code} {row.subject}"[:90]) for row in found)]


class ExtensionForm(WordsForm):
    until = DayField(label=_("Xin hạn mới đến hết ngày"))
    field_order = ("until", "words")


class GradeForm(WordsForm):
    grade = forms.TypedChoiceField(
        label=_("Đánh giá"), choices=Grade.choices, coerce=int, initial=Grade.NONE, required=False
    )


class OtherForm(WordsForm):
    to = forms.ChoiceField(label=_("Giao cho"), choices=())
    field_order = ("to", "words")

    def __init__(self, actor: Actor, task: Assignment, now: datetime, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        names = whom(rows_for(actor, workdays.local_date(now), below=task.directive.origin != Origin.DIRECTIVE))
        field = cast(forms.ChoiceField, self.fields["to"])
        field.choices = [("", "—"), *((key, name) for key, name in names.items() if key != task.holder)]


@dataclass(frozen=True)
class Act:
    """One act: its words, its look, why not, its form (None: no question, one button), and the call of the journey."""

    name: str
    words: str | Promise
    sign: str
    why: Why
    do: Do
    done: str | Promise
    form: Asked | None = None
    kind: str = ""
    explains: str | Promise = ""


def _words(label: Any, *, required: bool) -> Asked:
    return lambda actor, task, data, files: WordsForm(data, label=label, required=required)


def _share(key: str) -> Share:
    number = int(key[1:])
    return Share(Role.LEAD, unit_id=number) if key[0] == "U" else Share(Role.LEAD, post_id=number)


def _why_take(actor: Actor, task: Assignment, below: Below) -> Refusal | None:
    no = policy.why_not_work(actor, task)
    return no or (None if task.status == Status.GIVEN else AlreadyBegun())


def _why_decide(actor: Actor, task: Assignment, below: Below) -> Refusal | None:
    no = policy.why_not_decide(actor, task)
    return no or (None if queries.find_extension_asked(task.pk) else NothingAsked())


def _hand_in(task_id: int, told: dict[str, Any], actor: Actor, at: datetime) -> None:
    upload = told.get("file")
    if upload is not None:
        came = cast(Incoming, upload)
        direction.attach(
            assignment_id=task_id,
            name=came.name or "",
            content=came.content(),
            in_memory=came.in_memory,
            actor=actor,
            at=at,
        )
    direction.hand_in(assignment_id=task_id, words=told["words"], reply_id=told["reply"], actor=actor, at=at)


def _work(actor: Actor, task: Assignment, below: Below) -> Refusal | None:
    return policy.why_not_note(actor, task) if task.role == Role.INFORM else policy.why_not_work(actor, task)


ACTS: tuple[Act, ...] = (
    Act(
        "accept", _("Nghiệm thu"), "check", lambda a, t, b: policy.why_not_judge(a, t),
        lambda i, told, a, at: direction.accept(
            assignment_id=i, words=told["words"], grade=told["grade"] or 0, actor=a, at=at),
        _("Đã nghiệm thu."), lambda a, t, d, f: GradeForm(d, label=_("Nhận xét")), "main",
    ),
    Act(
        "send-back", _("Trả lại làm tiếp"), "undo", lambda a, t, b: policy.why_not_judge(a, t),
        lambda i, told, a, at: direction.send_back(assignment_id=i, reason=told["words"], actor=a, at=at),
        _("Đã trả lại để làm tiếp."), _words(_("Lý do"), required=True),
    ),
    Act(
        "grant", _("Cho gia hạn"), "check", _why_decide,
        lambda i, told, a, at: direction.decide_extension(
            assignment_id=i, granted=True, words=told["words"], actor=a, at=at),
        _("Đã cho gia hạn."), _words(_("Ý kiến"), required=False), "main",
    ),
    Act(
        "refuse-extension", _("Không cho gia hạn"), "x", _why_decide,
        lambda i, told, a, at: direction.decide_extension(
            assignment_id=i, granted=False, words=told["words"], actor=a, at=at),
        _("Đã trả lời không gia hạn."), _words(_("Lý do"), required=True),
    ),
    Act(
        "insist", _("Yêu cầu thực hiện"), "flag", lambda a, t, b: policy.why_not_insist(a, t),
        lambda i, told, a, at: direction.insist(assignment_id=i, words=told["words"], actor=a, at=at),
        _("Đã yêu cầu tiếp tục thực hiện."), _words(_("Lý do"), required=True), "main",
    ),
    Act(
        "take", _("Nhận việc"), "check", _why_take,
        lambda i, told, a, at: direction.take(assignment_id=i, actor=a, at=at),
        _("Đã nhận việc."), None, "main",
    ),
    Act(
        "hand-in", _("Nộp kết quả"), "check", policy.why_not_hand_in, _hand_in,
        _("Đã nộp kết quả, chờ người giao nghiệm thu."),
        lambda a, t, d, f: ResultForm(a, t, d, f, label=_("Kết quả")), "main",
    ),
    Act(
        "report", _("Báo cáo tiến độ"), "send", lambda a, t, b: policy.why_not_work(a, t),
        lambda i, told, a, at: direction.report(
            assignment_id=i, words=told["words"], percent=told["percent"], actor=a, at=at),
        _("Đã báo cáo tiến độ."),
        lambda a, t, d, f: ProgressForm(d, label=_("Đã làm được gì"), initial={"percent": t.percent}),
    ),
    Act(
        "extend", _("Xin gia hạn"), "clock", lambda a, t, b: policy.why_not_ask_extension(a, t),
        lambda i, told, a, at: direction.ask_extension(
            assignment_id=i, until_at=workdays.end_of_working_day(told["until"]), reason=told["words"], actor=a, at=at),
        _("Đã gửi đề nghị gia hạn."), lambda a, t, d, f: ExtensionForm(d, label=_("Lý do"), required=True),
        explains=_("Đồng hồ vẫn chạy cho đến khi người giao đồng ý."),
    ),
    Act(
        "obstacle", _("Báo vướng mắc"), "warning", lambda a, t, b: policy.why_not_work(a, t),
        lambda i, told, a, at: direction.say(assignment_id=i, kind="obstacle", words=told["words"], actor=a, at=at),
        _("Đã báo vướng mắc."), _words(_("Vướng mắc"), required=True),
    ),
    Act(
        "proposal", _("Đề xuất"), "pen", lambda a, t, b: policy.why_not_work(a, t),
        lambda i, told, a, at: direction.say(assignment_id=i, kind="proposal", words=told["words"], actor=a, at=at),
        _("Đã gửi đề xuất."), _words(_("Đề xuất, kiến nghị"), required=True),
    ),
    Act(
        "risk", _("Báo nguy cơ chậm"), "warning", lambda a, t, b: policy.why_not_work(a, t),
        lambda i, told, a, at: direction.say(assignment_id=i, kind="risk", words=told["words"], actor=a, at=at),
        _("Đã ghi nhận."), _words(_("Vì sao có thể chậm"), required=False),
        explains=_("Để trống để báo rằng không còn nguy cơ."),
    ),
    Act(
        "decline", _("Xin không nhận"), "undo", policy.why_not_decline,
        lambda i, told, a, at: direction.decline(assignment_id=i, reason=told["words"], actor=a, at=at),
        _("Đã gửi người giao."), _words(_("Lý do"), required=True),
    ),
    Act(
        "hand-over", pgettext_lazy("task", "Chuyển người khác"), "swap",
        lambda a, t, b: policy.why_not_hand_over(a, t),
        lambda i, told, a, at: direction.hand_over(
            assignment_id=i, to=_share(told["to"]), words=told["words"], actor=a, at=at),
        _("Đã chuyển việc."), None, explains=_("Vai trò, thời hạn và người giao giữ nguyên."),
    ),
    Act(
        "pause", _("Tạm dừng"), "clock", lambda a, t, b: policy.why_not_pause(a, t),
        lambda i, told, a, at: direction.pause(assignment_id=i, reason=told["words"], actor=a, at=at),
        _("Đã cho tạm dừng."), _words(_("Lý do"), required=True),
        explains=_("Đồng hồ đứng; khi tiếp tục, hạn lùi lại bằng số ngày làm việc đã dừng."),
    ),
    Act(
        "resume", _("Tiếp tục"), "clock", lambda a, t, b: policy.why_not_resume(a, t),
        lambda i, told, a, at: direction.resume(assignment_id=i, words=told["words"], actor=a, at=at),
        _("Đã cho tiếp tục."), _words(_("Ý kiến"), required=False), "main",
    ),
    Act(
        "cancel", _("Thôi giao"), "x", lambda a, t, b: policy.why_not_cancel(a, t),
        lambda i, told, a, at: direction.cancel(assignment_id=i, reason=told["words"], actor=a, at=at),
        _("Đã thôi giao."), _words(_("Lý do"), required=True), "danger",
    ),
)  # fmt: skip
BY_NAME = {act.name: act for act in ACTS}
OF_THE_GIVER = frozenset({"accept", "send-back", "grant", "refuse-extension", "insist", "pause", "resume", "cancel"})


def form_of(act: Act, actor: Actor, task: Assignment, data: Any, files: Any, now: datetime) -> forms.Form:
    """The question of an act."""
    if act.name == "hand-over":
        return OtherForm(actor, task, now, data, label=_("Lý do"), required=True)
    return act.form(actor, task, data, files) if act.form else forms.Form(data)


def offers(actor: Actor, task: Assignment) -> list[Offer]:
    """The acts of those who hold or gave the work, the possible ones first in the order of the table; others see none."""
    below = [row.holder_name for row in queries.open_below(task)]
    holds, gave = task.holder in actor.holders, task.giver_holder in actor.holders
    found = []
    for act in ACTS:
        if not (gave if act.name in OF_THE_GIVER else (holds or gave) if act.name == "hand-over" else holds):
            continue
        no = act.why(actor, task, below)
        if no is not None and not _worth_saying(no):
            continue
        address = reverse("task-act", args=[task.pk, act.name])
        if act.name == "hand-in" and direction.is_sealed(task):
            address += SEALED
        found.append(offer(no, act.name, str(act.words), address, sign=act.sign, kind=act.kind, dialog=True))
    return found


def _worth_saying(no: Refusal) -> bool:
    """A greyed button tells what stands in the way for now; what is past or never was is left out."""
    return isinstance(no, policy.WorkBelow | policy.ClockStands)
