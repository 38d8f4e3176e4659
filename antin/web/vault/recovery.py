"""Recovery: who keeps an agency's key, what each officer holds, and the ceremony by which two of them grant a document again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from antin.journeys import recover_secret
from antin.keys import queries as keys
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.vault import operations, policy, queries
from antin.vault.states import Ceremony, Level
from antin.web import tones, unlocking
from antin.web.asking import Question, ask, offer, sent
from antin.web.session.middleware import SignedRequest
from antin.web.vault import forms
from antin.web.vault.opening import told_to_device
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.vault.models import Classified, Recovery


@require_safe
def page(request: SignedRequest) -> HttpResponse:
    """Who keeps the agency's recovery key, what one holds of it oneself, and the ceremonies that concern one."""
    actor = request.actor
    refuse(policy.why_not_see_recovery(actor, officer=queries.keeps_recovery_key(actor.person_id)))
    keepings = queries.list_keepings([actor.agency_id], retired=True)
    current = next((each for each in keepings if each.key.retired_at is None), None)
    no_head = policy.why_not_head(actor)
    no_key = None if current else policy.NoRecoveryKey(name=actor.agency_name)
    told = {
        "current": current,
        "no_key": no_key,
        "retired": [each for each in keepings if each.key.retired_at is not None],
        "held": [each for each in keepings if any(officer.pk == actor.person_id for officer in each.officers)],
        "establish": offer(
            no_head,
            "establish",
            _("Cử ba cán bộ mới") if current else _("Cử ba cán bộ"),
            reverse("recovery-establish"),
            sign="people",
            kind="" if current else "main",
        ),
        "ask_for": offer(
            no_head or no_key, "ask-recovery", _("Đề nghị phục hồi"), reverse("recovery-ask"), sign="undo", dialog=True
        ),
        "ceremonies": [_ceremony(actor, row) for row in queries.list_recoveries(actor)],
    }
    return render(request, "vault/recovery.html", told)


def _ceremony(actor: Actor, row: Recovery) -> dict[str, Any]:
    """One recovery as this actor sees it: where it stands, and the acts that are his."""
    officers = queries.list_officers(row.recovery_key_id)
    no = policy.why_not_officiate(actor, row.recovery_key, officers, row)
    if no is None and row.state == Ceremony.HALF and row.first_officer_id == actor.person_id:
        no = policy.SameOfficer()
    acts = []
    if row.settled_at is None:
        half = row.state == Ceremony.HALF
        name, words = ("recovery-recover", _("Mở phần thứ hai")) if half else ("recovery-half", _("Mở phần thứ nhất"))
        if actor.person_id in officers:
            acts.append(
                offer(no, f"{name}-{row.pk}", words, reverse(name, args=[row.pk]), sign="key", kind="main", dialog=True)
            )
        if policy.why_not_head(actor) is None:
            here = reverse("recovery-withdraw", args=[row.pk])
            acts.append(offer(None, f"withdraw-{row.pk}", _("Hủy yêu cầu"), here, sign="x", kind="danger", dialog=True))
    return {
        "row": row,
        "state": tones.of(Ceremony(row.state)),
        "acts": acts,
        "level": Level(row.classified.level).label,
    }


def _question(heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, reverse("recovery"), _("Phục hồi tài liệu mật"), **more)


@require_http_methods(["GET", "POST"])
def establish(request: SignedRequest) -> HttpResponse:
    """The head names three officers; the key is made, split and forgotten."""
    refuse(policy.why_not_head(request.actor))
    at = timezone.now()

    def do(answers: dict[str, Any]) -> str:
        recover_secret.establish(
            officers=[answers["first"], answers["second"], answers["third"]],
            decision=answers["decision"],
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã lập khóa phục hồi và giao cho ba cán bộ; mỗi người đã được thông báo.")

    question = _question(
        _("Cử ba cán bộ giữ khóa phục hồi của %(unit)s") % {"unit": request.actor.agency_name},
        _("Lập khóa phục hồi"),
        sign="people",
        explains=_(
            "Khóa được tạo trong bộ nhớ, chia cho từng cặp cán bộ rồi xóa: hai trong ba người cùng mở mới dùng được, một người thì "
            "không. Chỉ người có chứng thư số mã hóa mới cử được. Tài liệu đã có vẫn thuộc khóa và ba cán bộ cũ."
        ),
    )
    return ask(
        request,
        question,
        forms.Officers(sent(request), persons=recover_secret.list_keyed(request.actor.agency_id, at)),
        do,
    )


def _thing(row: Classified) -> str:
    reading = ngettext("%(n)d người đọc", "%(n)d người đọc", row.reading) % {"n": row.reading}  # type: ignore[attr-defined]
    facts = {"number": row.pk, "level": Level(row.level).label, "day": f"{row.fixed_on:%d/%m/%Y}", "readers": reading}
    return _("Số %(number)s, %(level)s, xác định ngày %(day)s, %(readers)s") % facts


@require_http_methods(["GET", "POST"])
def ask_for(request: SignedRequest) -> HttpResponse:
    """The head asks two officers to bring something to a person."""
    refuse(policy.why_not_head(request.actor))

    def do(answers: dict[str, Any]) -> str:
        recover_secret.ask(**answers, actor=request.actor, at=timezone.now())
        return _("Đã đề nghị; ba cán bộ giữ khóa phục hồi, người được cấp và người đang đọc đã được thông báo.")

    question = _question(
        _("Đề nghị phục hồi một tài liệu mật"),
        _("Đề nghị"),
        sign="undo",
        explains=_(
            "Khi không còn ai đọc được, hoặc người cần đọc mất khóa. Người được cấp phải được phép tiếp cận độ mật đó và có chứng "
            "thư số mã hóa. Hai cán bộ giữ khóa phục hồi mở, mỗi người bằng khóa của mình; không ai tự cấp cho mình."
        ),
    )
    things = [(row.pk, _thing(row)) for row in queries.list_recoverable(request.actor)]
    persons = recover_secret.list_keyed(request.actor.agency_id, timezone.now())
    initial = {"classified_id": request.GET.get("classified", "")}
    form = forms.AskRecovery(sent(request), things=things, persons=persons, initial=initial)
    return ask(request, question, form, do)


def _officiating(
    request: SignedRequest,
    recovery_id: int,
    heading: str,
    button: str,
    explains: str,
    act: Callable[..., Recovery],
    done: str,
) -> HttpResponse:
    """A step of an officer by the key to which his part is sealed: its PIN, or his own device in two steps."""
    recovery = queries.get_recovery(recovery_id)
    officers = queries.list_officers(recovery.recovery_key_id)
    refuse(policy.why_not_officiate(request.actor, recovery.recovery_key, officers, recovery))
    by_device = unlocking.came(request) or _lies_elsewhere(request, recovery_id)
    here = reverse("recovery-locks", args=[recovery_id])

    def look() -> object:
        return operations.lock_halves(recovery_id=recovery_id, actor=request.actor, at=timezone.now())

    def do(answers: dict[str, Any]) -> str | HttpResponse:
        if by_device:
            asked = unlocking.ask(
                request,
                None,
                other=unlocking.Other(here, look),
                heading=question.heading,
                button=question.button,
                back=question.back,
                names=question.names,
            )
            if asked is not None:
                return asked
        opening = unlocking.opening_of(request) or ""
        act(recovery_id=recovery.pk, pin=opening, actor=request.actor, at=timezone.now())
        return done

    facts = {"number": recovery.classified_id, "name": recovery.person.name, "decision": recovery.decision}
    question = _question(heading % facts, button, sign="key", explains=explains % facts)
    form = forms.Nothing(sent(request)) if by_device else forms.Pin(sent(request))
    return ask(request, question, form, do)


def _lies_elsewhere(request: SignedRequest, recovery_id: int) -> bool:
    """Whether this officer's part is opened by a device of his own, as far as it can be told now."""
    try:
        operations.lock_halves(recovery_id=recovery_id, actor=request.actor, at=timezone.now())
    except Refusal:
        return False
    return True


@require_POST
def locks(request: SignedRequest, recovery_id: int) -> HttpResponse:
    """What the officer's device is to open in the step that is next; for the script of the page."""
    locked = operations.lock_halves(recovery_id=recovery_id, actor=request.actor, at=timezone.now())
    title = _("Khóa phục hồi cho tài liệu mật số %(number)s") % {"number": locked.recovery.classified_id}
    return JsonResponse(
        told_to_device(
            request,
            locked.certificate,
            locked.locks,
            [{"id": place} for place in range(len(locked.locks))],
            title=title,
            level=request.actor.agency_name,
        )
    )


@require_http_methods(["GET", "POST"])
def half(request: SignedRequest, recovery_id: int) -> HttpResponse:
    """The first officer opens his part."""
    return _officiating(
        request,
        recovery_id,
        _("Mở phần khóa thứ nhất cho tài liệu mật số %(number)s"),
        _("Mở phần thứ nhất"),
        _(
            "Cấp cho: %(name)s. Căn cứ: %(decision)s. Phần khóa của đồng chí được chuyển, vẫn mã hóa, cho hai cán bộ kia; chưa có "
            "gì được mở cho đến khi một người trong họ mở phần thứ hai."
        ),
        recover_secret.give_half,
        _("Đã mở phần thứ nhất; chờ cán bộ thứ hai."),
    )


@require_http_methods(["GET", "POST"])
def recover(request: SignedRequest, recovery_id: int) -> HttpResponse:
    """The second officer opens his part; the person can read."""
    return _officiating(
        request,
        recovery_id,
        _("Mở phần khóa thứ hai cho tài liệu mật số %(number)s"),
        _("Mở phần thứ hai, cấp lại"),
        _(
            "Cấp cho: %(name)s. Căn cứ: %(decision)s. Hai phần ghép lại trong bộ nhớ cho riêng việc này; khóa của từng nội dung "
            "được bọc cho người được cấp, không nội dung nào bị mở ra."
        ),
        recover_secret.recover,
        _("Đã phục hồi; người được cấp mở được tài liệu."),
    )


@require_http_methods(["GET", "POST"])
def withdraw(request: SignedRequest, recovery_id: int) -> HttpResponse:
    """The head gives a recovery up."""
    recovery = queries.get_recovery(recovery_id)
    refuse(policy.why_not_ask_recovery(request.actor, recovery.classified, recovery.decision))

    def do(answers: dict[str, Any]) -> str:
        recover_secret.withdraw(recovery_id=recovery.pk, actor=request.actor, at=timezone.now())
        return _("Đã hủy yêu cầu phục hồi.")

    heading = _("Hủy yêu cầu phục hồi tài liệu mật số %(number)s") % {"number": recovery.classified_id}
    question = _question(
        heading, _("Hủy yêu cầu"), sign="x", kind="danger", explains=_("Phần khóa đã mở, nếu có, bị xóa.")
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


# ---- administration --------------------------------------------------------------------------------------------------------


@require_safe
def states(request: SignedRequest) -> HttpResponse:
    """Which agencies of the house have a recovery key, kept by whom, since when; without one nothing classified begins."""
    at = timezone.now()
    house = people.get_unit(request.actor.agency_id)
    agencies = people.list_tree(on=local_date(at), below=house, agencies_only=True)
    keepings = {each.key.agency_id: each for each in queries.list_keepings([unit.id for unit in agencies])}
    officers = [officer.pk for each in keepings.values() for officer in each.officers]
    keyed = keys.list_encryption_holders(officers, at)
    rows = [_standing(unit, keepings.get(unit.id), keyed) for unit in agencies]
    without = sum(row["keeping"] is None for row in rows)
    told = {
        "rows": sorted(rows, key=lambda row: row["keeping"] is not None),
        "heading": ngettext("%(n)d cơ quan chưa có khóa phục hồi", "%(n)d cơ quan chưa có khóa phục hồi", without)
        % {"n": without}
        if without
        else _("Mọi cơ quan đều có khóa phục hồi"),
    }
    return render(request, "vault/recovery_states.html", told)


def _standing(unit: Any, keeping: queries.Keeping | None, keyed: set[int]) -> dict[str, Any]:
    """An agency's row: three officers who still have keys, fewer, or none at all."""
    left = sum(officer.pk in keyed for officer in keeping.officers) if keeping else 0
    return {"unit": unit, "keeping": keeping, "left": left, "few": keeping is not None and left < policy.OFFICERS}
