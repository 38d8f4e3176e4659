"""One's own keys to which contents are sealed: made, and the contents carried over when one was replaced."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from antin.keys import operations as keys
from antin.keys import policy as key_policy
from antin.keys import queries as certificates
from antin.keys.states import Device
from antin.refusal import refuse
from antin.vault import operations, queries
from antin.web import unlocking
from antin.web.asking import Question, ask, sent
from antin.web.session.middleware import SignedRequest
from antin.web.vault import forms
from antin.web.vault.opening import told_of


def _question(heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, f"{reverse('me')}#certificates", _("Tài khoản của tôi"), **more)


@require_http_methods(["GET", "POST"])
def make(request: SignedRequest) -> HttpResponse:
    """Make one's own key to which contents are sealed; the older ones go on opening what was sealed to them."""
    places = [(each.place, f"{each.label} ({each.serial})") for each in certificates.list_tokens()]

    def do(answers: dict[str, Any]) -> str:
        made = keys.issue_encryption_certificate(**answers, actor=request.actor, at=timezone.now())
        return _("Đã lập chứng thư số mã hóa, hiệu lực đến %(day)s.") % {"day": key_policy.day(made.not_after)}

    question = _question(
        _("Lập chứng thư số mã hóa của tôi"),
        _("Lập chứng thư số"),
        sign="lock",
        explains=_(
            "Tài liệu mật được mã hóa cho khóa này và chỉ khóa này mở được. Không ai lập thay. Quên mã PIN hoặc mất khóa thì "
            "người đang đọc phải cấp lại từng tài liệu, hoặc hai cán bộ giữ khóa phục hồi phải mở."
        ),
    )
    return ask(request, question, forms.MakeKey(sent(request), places=places), do)


@require_http_methods(["GET", "POST"])
def rewrap(request: SignedRequest, certificate_id: int) -> HttpResponse:
    """After a key was replaced: what was sealed to the old one is sealed to the newest too; no content is opened for it."""
    at = timezone.now()
    certificate = certificates.get_certificate(certificate_id)
    refuse(key_policy.why_not_hold(certificate, request.actor))
    held = queries.count_sealed_to(request.actor.person_id, at).get(certificate.pk)
    behind = held.behind if held else 0

    elsewhere = certificate.device.kind == Device.AGENT

    def look() -> object:
        return operations.lock_old(certificate_id=certificate.pk, actor=request.actor, at=timezone.now())

    def do(answers: dict[str, Any]) -> str | HttpResponse:
        asked = None
        if elsewhere:
            asked = unlocking.ask(
                request,
                None,
                other=unlocking.Other(reverse("encryption-locks", args=[certificate.pk]), look),
                heading=question.heading,
                button=question.button,
                back=question.back,
                names=question.names,
            )
        if asked is not None:
            return asked
        moved = operations.rewrap(
            certificate_id=certificate.pk,
            pin=unlocking.opening_of(request) or "",
            actor=request.actor,
            at=timezone.now(),
        )
        return ngettext("Đã chuyển %(n)d nội dung sang khóa mới.", "Đã chuyển %(n)d nội dung sang khóa mới.", moved) % {
            "n": moved
        }

    question = _question(
        ngettext("Chuyển %(n)d nội dung sang khóa mã hóa mới", "Chuyển %(n)d nội dung sang khóa mã hóa mới", behind)
        % {"n": behind},
        _("Chuyển sang khóa mới"),
        sign="swap",
        explains=_(
            "Khóa cũ mở khóa nội dung, khóa mới bọc lại; không nội dung nào bị mở ra. Làm xong mới nên hủy khóa cũ. "
            "Nhập mã PIN của khóa cũ, số %(serial)s."
        )
        % {"serial": certificate.serial}
        if not elsewhere
        else _(
            "Thiết bị cũ, số %(serial)s, mở khóa nội dung, khóa mới bọc lại; mỗi lần tối đa %(most)s nội dung, còn thì làm tiếp. "
            "Làm xong mới nên hủy khóa cũ."
        )
        % {"serial": certificate.serial, "most": operations.MOST_AT_ONCE},
    )
    return ask(request, question, forms.Nothing(sent(request)) if elsewhere else forms.Pin(sent(request)), do)


@require_POST
def locks(request: SignedRequest, certificate_id: int) -> HttpResponse:
    """What the old device is to open so that its contents go to the newest key; for the script of the page."""
    locked = operations.lock_old(certificate_id=certificate_id, actor=request.actor, at=timezone.now())
    title = ngettext("%(n)d nội dung mật", "%(n)d nội dung mật", len(locked.locks)) % {"n": len(locked.locks)}
    return JsonResponse(told_of(request, locked, title=title, level=request.actor.agency_name))
