"""Writing programmes: begun, written entry by entry, submitted, approved, given out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from antin.journeys import run_programme
from antin.programmes import content, operations, policy, queries
from antin.programmes.states import Status
from antin.refusal import NotFound, refuse
from antin.web import asking, tones
from antin.web.asking import Question
from antin.web.programmes import forms
from antin.web.programmes.views import changes_of, outline
from antin.web.session.middleware import SignedRequest
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.programmes.models import Programme


@require_http_methods(["GET", "POST"])
def new(request: SignedRequest) -> HttpResponse:
    """Begin a programme."""
    request.place = reverse("tasks")
    refuse(policy.why_not_begin(request.actor))
    now = timezone.now()
    year = workdays.local_date(now).year
    first = {
        "since": workdays.local_date(now).replace(month=1, day=1),
        "until": workdays.local_date(now).replace(month=12, day=31),
        "title": _("Kế hoạch năm %(year)d") % {"year": year},
        "begun_in": uuid4().hex,
        "of_agency": 1,
    }
    question = Question(
        _("Lập kế hoạch, chương trình"),
        _("Lập và soạn"),
        reverse("programmes"),
        _("Kế hoạch, chương trình"),
        explains=_("Sau bước này đồng chí soạn từng phần: việc, đơn vị, chỉ tiêu, mốc; rồi trình duyệt."),
    )
    made: list[int] = []

    def do(told: dict[str, Any]) -> str:
        made.append(operations.begin(**told, actor=request.actor, at=now).pk)
        return _("Đã lập kế hoạch.")

    form = forms.ProgrammeForm(asking.sent(request), initial=first)
    return asking.ask(request, question, form, do, then=lambda: reverse("programme-write", args=[made[0]]))


@require_GET
def write(request: SignedRequest, programme_id: int) -> HttpResponse:
    """Show the version in hand as it is written, with every entry to be changed."""
    request.place = reverse("tasks")
    found = queries.get_for(request.actor, programme_id)
    hand = queries.find_in_hand(programme_id)
    if hand is None:
        raise NotFound()
    refuse(policy.why_not_write(request.actor, found))
    told = queries.content_of(hand)
    force = queries.find_in_force(programme_id)
    drop, submit = (reverse("programme-act", args=[programme_id, name]) for name in ("drop", "submit"))
    no = policy.why_not_submit(request.actor, found, hand)
    context = {
        "programme": found,
        "version": hand,
        "state": tones.of(Status(hand.status)),
        "parts": outline(told),
        "writes": policy.why_not_change(request.actor, found, hand) is None,
        "changes": changes_of(queries.content_of(force), told) if force is not None else [],
        "submits": asking.offer(no, "submit", _("Trình duyệt"), submit, sign="send", kind="main", dialog=True),
        "drops": asking.offer(None, "drop", _("Bỏ bản này"), drop, sign="x", dialog=True),
    }
    return render(request, "programmes/write.html", context)


def _in_hand(request: SignedRequest, programme_id: int) -> tuple[Any, Any, content.Content]:
    found = queries.get_for(request.actor, programme_id)
    hand = queries.find_in_hand(programme_id)
    if hand is None:
        raise NotFound()
    refuse(policy.why_not_change(request.actor, found, hand))
    return found, hand, queries.content_of(hand)


@require_http_methods(["GET", "POST"])
def entry(request: SignedRequest, programme_id: int, kind: str, key: str) -> HttpResponse:
    """Add (`key` new) or change a part, or an entry of the part that the address names."""
    if kind != "parts" and kind not in content.KINDS:
        raise Http404
    found, hand, told = _in_hand(request, programme_id)
    now = timezone.now()
    there = forms.find(told, kind, key)
    if there is None and key != "new":
        raise NotFound()
    place = there[0] if there else request.GET.get("part", "")
    entry = there[1] if there else None
    shape = forms.PartForm if kind == "parts" else forms.FORMS[kind]
    form = shape(asking.sent(request), initial=forms.first_of(entry))
    forms.grow(form, found.unit_id, workdays.local_date(now))
    words = {
        "parts": (_("Thêm phần"), _("Sửa phần")),
        "items": (_("Thêm việc"), _("Sửa việc")),
        "targets": (_("Thêm chỉ tiêu"), _("Sửa chỉ tiêu")),
        "milestones": (_("Thêm mốc"), _("Sửa mốc")),
    }[kind]
    question = Question(
        heading=words[1] if entry else words[0],
        button=_("Lưu"),
        back=reverse("programme-write", args=[programme_id]),
        names=found.title,
    )

    def do(_answers: dict[str, Any]) -> str:
        own = key if entry else told.next_key()
        if isinstance(form, forms.PartForm):
            changed = told.with_part(form.made(own, entry if isinstance(entry, content.Part) else None))
        else:
            changed = told.with_entry(place, kind, form.made(own))
        operations.write(programme_id=programme_id, told=changed, revision=hand.revision, actor=request.actor, at=now)
        return _("Đã lưu.")

    return asking.ask(request, question, form, do)


@require_http_methods(["GET", "POST"])
def remove(request: SignedRequest, programme_id: int, key: str) -> HttpResponse:
    """Take a part or an entry out of the version in hand."""
    found, hand, told = _in_hand(request, programme_id)
    titles = {part.key: part.title for part in told.parts}
    titles |= {each.key: each.title for part in told.parts for each in content.entries_of(part)}
    if key not in titles:
        raise NotFound()
    question = Question(
        heading=_("Bỏ khỏi kế hoạch: %(title)s") % {"title": titles[key]},
        button=_("Bỏ"),
        back=reverse("programme-write", args=[programme_id]),
        names=found.title,
        sign="x",
        kind="danger",
    )

    def do(_answers: dict[str, Any]) -> str:
        operations.write(
            programme_id=programme_id,
            told=told.without(key),
            revision=hand.revision,
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã bỏ.")

    return asking.ask(request, question, asking_nothing(request), do)


def asking_nothing(request: SignedRequest) -> Any:
    """A form without fields: the act is only confirmed."""
    return forms.forms.Form(asking.sent(request))


@require_http_methods(["GET", "POST"])
def act(request: SignedRequest, programme_id: int, name: str) -> HttpResponse:
    """Submit, approve, send back, revise, drop, give out or end a programme."""
    found = queries.get_for(request.actor, programme_id)
    given: dict[str, Any] = {"programme_id": programme_id, "actor": request.actor, "at": timezone.now()}
    back = reverse("programme", args=[programme_id])

    def entrust(_told: dict[str, Any]) -> str:
        done, refused = run_programme.entrust_all(**given)
        for title, no in refused.items():
            messages.warning(request, f"{title}: {no.message}")
        return _("Đã giao %(n)d việc.") % {"n": done}

    def do(call: Any, words: str) -> Any:
        def carry_out(told: dict[str, Any]) -> str:
            call(**told, **given)
            return words

        return carry_out

    nothing = asking_nothing(request)
    answers = asking.sent(request)
    acts: dict[str, tuple[str, str, str, Any, Any]] = {
        "submit": (_("Trình duyệt"), "send", "", nothing, do(run_programme.submit, _("Đã trình duyệt."))),
        "approve": (
            _("Duyệt"),
            "check",
            _("Mã băm của nội dung được giữ lại. Duyệt xong, giao việc là bước sau."),
            forms.WordsForm(answers),
            do(run_programme.approve, _("Đã duyệt kế hoạch.")),
        ),
        "send-back": (
            _("Trả lại"),
            "undo",
            "",
            forms.ReasonForm(answers),
            do(run_programme.send_back, _("Đã trả lại để soạn tiếp.")),
        ),
        "revise": (
            _("Sửa đổi"),
            "draft",
            _("Bản đang thực hiện giữ nguyên hiệu lực cho đến khi bản sửa đổi được duyệt."),
            forms.ReasonForm(answers),
            do(operations.begin_version, _("Đã mở bản sửa đổi.")),
        ),
        "drop": (_("Bỏ bản này"), "x", "", nothing, do(operations.drop, _("Đã bỏ bản đang soạn."))),
        "entrust": (
            _("Giao việc"),
            "flag",
            _("Mỗi việc chưa giao trở thành nhiệm vụ của đơn vị chủ trì, phối hợp, với thời hạn ghi trong kế hoạch."),
            nothing,
            entrust,
        ),
        "end": (_("Kết thúc"), "check", "", forms.WordsForm(answers), do(operations.end, _("Đã kết thúc kế hoạch."))),
    }
    if name == "bind":
        return _bind(request, found)
    if name not in acts:
        raise Http404
    button, sign, explains, form, carry_out = acts[name]
    heading = f"{button}: {found.title}"
    question = Question(heading, button, back, found.title, sign=sign, explains=explains)
    then = (lambda: reverse("programme-write", args=[programme_id])) if name == "revise" else None
    return asking.ask(request, question, form, carry_out, then=then)


@require_http_methods(["GET", "POST"])
def reach(request: SignedRequest, programme_id: int, key: str) -> HttpResponse:
    """Note that a milestone was reached."""
    found = queries.get_for(request.actor, programme_id)
    milestone = queries.content_of(queries.find_in_force(programme_id)).find_milestone(key)
    if milestone is None:
        raise NotFound()
    now = timezone.now()
    question = Question(
        heading=_("Ghi đạt mốc: %(title)s") % {"title": milestone.title},
        button=_("Ghi đạt"),
        back=reverse("programme", args=[programme_id]),
        names=found.title,
    )

    def do(told: dict[str, Any]) -> str:
        operations.reach(programme_id=programme_id, milestone=key, **told, actor=request.actor, at=now)
        return _("Đã ghi mốc đạt.")

    form = forms.ReachedForm(asking.sent(request), initial={"day": workdays.local_date(now)})
    return asking.ask(request, question, form, do)


def _bind(request: SignedRequest, found: Programme) -> HttpResponse:
    """Ask by which paper a version was issued, and say so."""
    newest = queries.newest_approved(found.pk)
    refuse(policy.why_not_bind(request.actor, found, newest))
    approved = [each for each in queries.list_versions(found) if each.digest]
    form = forms.PaperForm(asking.sent(request), initial={"number": newest.number})
    choice: Any = form.fields["number"]
    choice.choices = [(each.number, _("Phiên bản %(n)d") % {"n": each.number}) for each in approved]
    heading = _("Văn bản ban hành: %(title)s") % {"title": found.title}
    question = Question(
        heading,
        _("Gắn văn bản"),
        reverse("programme", args=[found.pk]),
        found.title,
        sign="link",
        explains=_(
            "Văn bản ban hành, phê duyệt kế hoạch, hoặc sửa đổi, thay thế nó; văn bản dẫn tới kế hoạch và ngược lại."
        ),
    )

    def do(told: dict[str, Any]) -> str:
        paper = queries.get_paper_named(request.actor, told["code"], told["on"])
        operations.bind(
            programme_id=found.pk, document_id=paper, number=told["number"], actor=request.actor, at=timezone.now()
        )
        return _("Đã gắn văn bản.")

    return asking.ask(request, question, form, do)
