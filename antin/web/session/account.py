"""One's own account: password, sittings, tokens for machines, certificates and their PIN."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from antin.keys import operations as keys
from antin.keys import policy as key_policy
from antin.keys import queries as certificates
from antin.keys.states import Device, Purpose, Standing
from antin.people import operations as people
from antin.people import queries
from antin.people.states import Scope
from antin.refusal import NotFound, Refusal, refuse
from antin.vault import queries as secrets
from antin.web import tones
from antin.web.asking import Question, ask, sent
from antin.web.refusals import OTHERWISE, status_of
from antin.web.session import caller, custody, sitting
from antin.web.session.forms import ChangePassword, ChangePin, NewToken
from antin.web.session.middleware import SignedRequest
from antin.web.session.proving import host_of

WITH_PIN = (Device.SOFTWARE, Device.TOKEN)
"""Where the node itself can put a key under another PIN."""

CARRIES_OVER = (Standing.VALID, Standing.EXPIRED)
"""A key that ran out still opens what was sealed to it; a revoked one opens nothing."""

WARN_DAYS = 60


def _told(request: SignedRequest) -> dict[str, Any]:
    """What the page shows besides the form of the password."""
    at = timezone.now()
    person_id = request.actor.person_id
    key = request.session.session_key
    held = certificates.list_certificates_of_person(person_id)
    reads = any(each.purpose == Purpose.ENCRYPTION for each in held)
    sealed_to = secrets.count_sealed_to(person_id, at) if reads else {}
    why_not_make = key_policy.why_not_make(request.actor, held, at)
    return {
        "seats": sitting.seats(request.session),
        "now": at,
        "warn_days": WARN_DAYS,
        "sittings": [
            {"row": each, "here": each.session_key == key}
            for each in queries.list_sittings(person_id, at=at, seen_since=at - sitting.IDLE)
        ],
        "tokens": [
            {
                "row": each,
                "open": each.revoked_at is None and each.expires_at > at,
                "scopes": ", ".join(str(dict(Scope.choices).get(scope, scope)) for scope in each.scopes),
            }
            for each in queries.list_tokens(person_id)
        ],
        "factors": queries.list_factors(person_id),
        "owes": sitting.owes(request.session),
        "devices": queries.list_devices(person_id),
        "this_device": request.session.get("device_id"),
        "has_factors": queries.has_factors(person_id),
        "security_keys": bool(host_of(request)),
        "keeps_recovery": reads and secrets.keeps_recovery_key(person_id),
        "why_not_make": why_not_make.message if why_not_make else "",
        "certificates": [
            {
                "row": each,
                "state": tones.of(each.standing(at)),
                "pin": each.device.kind in WITH_PIN,
                "given": each.device.pin_given and each.standing(at) == Standing.VALID,
                "days_left": (each.not_after - at).days if each.standing(at) == Standing.VALID else None,
                "opens": each.purpose == Purpose.ENCRYPTION,
                "held": sealed_to.get(each.pk),
                "carries": each.standing(at) in CARRIES_OVER and each.device.kind in WITH_PIN,
                "usable": each.standing(at) == Standing.VALID and key_policy.why_not_open(each.device, at) is None,
            }
            for each in held
        ],
    } | custody.told(person_id, at)


@require_safe
def me(request: SignedRequest) -> HttpResponse:
    """The posts held, the sittings that are open, tokens, certificates."""
    return render(request, "session/me.html", {"form": ChangePassword()} | _told(request))


@require_POST
def change_password(request: SignedRequest) -> HttpResponse:
    """Take a new password; every other sitting ends."""
    form = ChangePassword(request.POST)
    at = timezone.now()
    refused: Refusal | None = None
    if form.is_valid():
        old, new = form.cleaned_data["old"], form.cleaned_data["new"]
        try:
            people.change_password(person_id=request.actor.person_id, old=old, new=new, actor=request.actor, at=at)
            sitting.note_done(request.session, "password")
            _stay(request)
            messages.success(request, _("Đã đổi mật khẩu. Mọi phiên làm việc khác đã kết thúc."))
            return redirect("me")
        except Refusal as refusal:
            refused = refusal
    told = {"form": form, "refused": refused} | _told(request)
    return render(request, "session/me.html", told, status=status_of(refused) if refused else OTHERWISE)


def _stay(request: SignedRequest) -> None:
    """Go on in this browser, in the same post, after every sitting was ended."""
    actor = request.actor
    sitting.begin(
        request.session,
        person_id=actor.person_id,
        at=timezone.now(),
        source=caller.source(request),
        post_id=actor.post_id,
        device_id=request.session.get("device_id"),
        owes=sitting.owes(request.session),
    )


@require_POST
def sign_out_others(request: SignedRequest) -> HttpResponse:
    """End every sitting but this one."""
    people.end_sittings(person_id=request.actor.person_id, actor=request.actor, at=timezone.now())
    _stay(request)
    messages.success(request, _("Mọi phiên làm việc khác đã kết thúc."))
    return redirect("me")


def _question(heading: str, button: str, place: str, **more: Any) -> Question:
    return Question(heading, button, f"{reverse('me')}#{place}", _("Tài khoản của tôi"), **more)


# ---- tokens ----------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def create_token(request: SignedRequest) -> HttpResponse:
    """Make a token for a machine; it is shown once."""
    at = timezone.now()
    held = [
        (each.post_id, f"{each.post_title}, {each.unit_name}")
        for each in queries.list_posts_held(request.actor.person_id, localdate(at))
        if not each.on_behalf
    ]

    def do(answers: dict[str, Any]) -> HttpResponse:
        made = people.create_token(
            person_id=request.actor.person_id,
            post_id=answers["post_id"],
            name=answers["name"],
            scopes=answers["scopes"].split(),
            expires_at=at + timedelta(days=answers["days"]),
            actor=request.actor,
            at=at,
        )
        told = {
            "heading": _("Đã tạo khóa truy cập"),
            "back": f"{reverse('me')}#tokens",
            "secrets": [(_("Dùng cho"), answers["name"]), (_("Khóa truy cập"), made.secret)],
            "then": _(
                "Ai có khóa này làm được mọi việc trong phạm vi của nó thay đồng chí. Chỉ đặt vào chỗ giữ bí mật."
            ),
        }
        return render(request, "asking/handed_out.html", told)

    question = _question(
        _("Tạo khóa truy cập cho máy"),
        _("Tạo khóa"),
        "tokens",
        sign="key",
        explains=_("Một chương trình dùng khóa này gọi API thay đồng chí, trong một chức vụ. Khóa hiện một lần."),
    )
    return ask(request, question, NewToken(sent(request), posts=held), do)


@require_http_methods(["GET", "POST"])
def revoke_token(request: SignedRequest, token_id: int) -> HttpResponse:
    """End one of one's own tokens."""
    token = next((each for each in queries.list_tokens(request.actor.person_id) if each.pk == token_id), None)
    if token is None:
        raise NotFound(token=token_id)

    def do(answers: dict[str, Any]) -> str:
        people.revoke_token(token_id=token_id, actor=request.actor, at=timezone.now())
        return _("Đã thu hồi khóa truy cập “%(name)s”.") % {"name": token.name}

    question = _question(
        _("Thu hồi khóa truy cập “%(name)s”") % {"name": token.name},
        _("Thu hồi"),
        "tokens",
        sign="x",
        kind="danger",
        explains=_("Chương trình đang dùng khóa này ngừng được ngay."),
    )
    return ask(request, question, forms.Form(sent(request)), do)


# ---- certificates ----------------------------------------------------------------------------------------------------------


def _own(request: SignedRequest, certificate_id: int) -> Any:
    found = certificates.get_certificate(certificate_id)
    refuse(key_policy.why_not_hold(found, request.actor))
    return found


@require_http_methods(["GET", "POST"])
def change_pin(request: SignedRequest, certificate_id: int) -> HttpResponse:
    """Put one's own key under another PIN."""
    certificate = _own(request, certificate_id)

    def do(answers: dict[str, Any]) -> str:
        keys.change_pin(
            certificate_id=certificate.pk,
            old=answers["old"],
            new=answers["new"],
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã đổi mã PIN.")

    question = _question(
        (
            _("Đổi mã PIN của khóa mã hóa, chức vụ %(post)s")
            if certificate.purpose == Purpose.ENCRYPTION
            else _("Đổi mã PIN của khóa ký, chức vụ %(post)s")
        )
        % {"post": certificate.title},
        _("Đổi mã PIN"),
        "certificates",
        sign="key",
        explains=_("Không ai khác đặt lại được mã PIN. Quên thì phải cấp chứng thư số mới."),
    )
    return ask(request, question, ChangePin(sent(request)), do)


@require_http_methods(["GET", "POST"])
def report_lost(request: SignedRequest, certificate_id: int) -> HttpResponse:
    """Say that one's own key is lost or known to others: it signs and opens no more."""
    certificate = _own(request, certificate_id)
    opens = certificate.purpose == Purpose.ENCRYPTION

    def do(answers: dict[str, Any]) -> str:
        keys.report_lost(certificate_id=certificate.pk, actor=request.actor, at=timezone.now())
        return (
            _("Đã báo mất khóa mã hóa; chứng thư số đã bị thu hồi.")
            if opens
            else _("Đã báo mất khóa ký; chứng thư số đã bị thu hồi.")
        )

    heading = (
        _("Báo mất hoặc lộ khóa mã hóa, chức vụ %(post)s") if opens else _("Báo mất hoặc lộ khóa ký, chức vụ %(post)s")
    )
    question = _question(
        heading % {"post": certificate.title},
        _("Báo mất"),
        "certificates",
        sign="warning",
        kind="danger",
        explains=_(
            "Chứng thư số bị thu hồi ngay; khóa này không mở được tài liệu mật nào nữa. Lập chứng thư số mới, rồi nhờ người đang "
            "đọc cấp lại từng tài liệu. Không đảo lại được."
        )
        if opens
        else _("Chứng thư số bị thu hồi ngay, không ký được nữa. Chữ ký đã có vẫn hợp lệ. Không đảo lại được."),
    )
    return ask(request, question, forms.Form(sent(request)), do)
