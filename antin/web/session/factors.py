"""One's own second factor: adding an app, a security key, a printed list of codes; taking them away; forgetting a device."""

from __future__ import annotations

import json
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from antin.people import at_rest, one_time, passkeys, queries
from antin.people import operations as people
from antin.people.operations import KeyRefused
from antin.people.states import FactorKind
from antin.refusal import NotFound, Refusal
from antin.web.asking import Question, ask, sent
from antin.web.refusals import status_of
from antin.web.session import sitting
from antin.web.session.forms import FirstCode, NewApp, NewKey
from antin.web.session.middleware import SignedRequest
from antin.web.session.proving import CEREMONY, host_of


class NeedsHostName(Refusal):
    code = "needs_host_name"
    words = gettext_noop("Khóa bảo mật gắn với tên máy chủ. Mở hệ thống bằng tên (không bằng địa chỉ số) rồi thêm.")


def _question(heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, f"{reverse('me')}#factors", _("Tài khoản của tôi"), **more)


def _done(request: SignedRequest, words: str) -> HttpResponse:
    sitting.note_done(request.session, "factors")
    messages.success(request, words)
    return redirect(f"{reverse('me')}#factors")


@require_http_methods(["GET", "POST"])
def begin_app(request: SignedRequest) -> HttpResponse:
    """Make the secret of an app, and go on to its picture."""

    def do(answers: dict[str, Any]) -> HttpResponse:
        actor = request.actor
        made = people.add_app(person_id=actor.person_id, name=answers["name"], actor=actor, at=timezone.now())
        return redirect("factor-confirm", made.id)

    question = _question(
        _("Thêm ứng dụng sinh mã"),
        _("Tiếp tục"),
        sign="right",
        explains=_("Cài trên điện thoại một ứng dụng sinh mã theo thời gian (chuẩn TOTP). Ứng dụng không cần mạng."),
    )
    return ask(request, question, NewApp(sent(request)), do)


def _picture(address: str) -> SafeString:
    """The address as a QR code, drawn without any style of its own."""
    drawn = segno.make(address, error="m").svg_inline(scale=5, border=3, light="#fff", dark="#000", omitsize=False)
    return mark_safe(drawn)  # noqa: S308 - made here from an address of quoted characters only


@require_http_methods(["GET", "POST"])
def confirm_app(request: SignedRequest, factor_id: int) -> HttpResponse:
    """Show the secret as a picture until the first code of it comes."""
    factor = queries.get_factor(request.actor.person_id, factor_id)
    if factor.kind != FactorKind.APP or factor.confirmed_at is not None:
        raise NotFound(factor=factor_id)
    secret = at_rest.unseal(bytes(factor.material))
    account = queries.get_person(request.actor.person_id).user_name or request.actor.person_name

    def do(answers: dict[str, Any]) -> HttpResponse:
        people.confirm_app(factor_id=factor_id, code=answers["code"], actor=request.actor, at=timezone.now())
        return _done(request, _("Từ nay đăng nhập cần thêm mã của ứng dụng này. Nên in danh sách mã dự phòng."))

    question = _question(_("Quét mã bằng ứng dụng"), _("Xác nhận"), sign="check")
    address = one_time.address(secret, account=account, issuer=passkeys.NAME)
    told = {"picture": _picture(address), "letters": one_time.in_letters(secret)}
    return ask(request, question, FirstCode(sent(request)), do, above="session/_picture.html", beside=told)


@require_http_methods(["GET", "POST"])
def add_key(request: SignedRequest) -> HttpResponse:
    """Register a security key: the browser asks it, and sends its answer along with the name."""
    actor, host = request.actor, host_of(request)
    refused: Refusal | None = None if host else NeedsHostName()
    form = NewKey(sent(request))
    if host and request.method == "POST" and form.is_valid():
        try:
            made = _made(request, form.cleaned_data["answer"])
            people.add_key(
                person_id=actor.person_id,
                name=form.cleaned_data["name"],
                made=made,
                actor=actor,
                at=timezone.now(),
            )
            return _done(request, _("Từ nay đăng nhập cần thêm khóa bảo mật này. Nên in danh sách mã dự phòng."))
        except Refusal as no:
            refused = no
    told: dict[str, Any] = {"form": form, "refused": refused, "options": ""}
    if host:
        options, request.session[CEREMONY] = passkeys.begin_making(
            host=host,
            person_id=actor.person_id,
            user_name=queries.get_person(actor.person_id).user_name or "",
            name=actor.person_name,
            known=queries.list_keys(actor.person_id),
        )
        told["options"] = json.dumps(options)
    status = status_of(refused) if refused and request.method == "POST" else 200
    return render(request, "session/key.html", told, status=status)


def _made(request: SignedRequest, answer: str) -> passkeys.Made:
    """:raises KeyRefused: the ceremony failed"""
    state = request.session.pop(CEREMONY, None)
    try:
        return passkeys.finish_making(host=host_of(request), state=state, answer=json.loads(answer))
    except (passkeys.CeremonyFailed, ValueError) as trouble:
        raise KeyRefused() from trouble


@require_http_methods(["GET", "POST"])
def make_codes(request: SignedRequest) -> HttpResponse:
    """Make a list of codes to be printed; it is shown once."""

    def do(answers: dict[str, Any]) -> HttpResponse:
        codes = people.make_codes(person_id=request.actor.person_id, actor=request.actor, at=timezone.now())
        told = {
            "heading": _("Mã dự phòng"),
            "back": f"{reverse('me')}#factors",
            "secrets": [(str(n), f"{code[:5]} {code[5:]}") for n, code in enumerate(codes, 1)],
            "then": _("Mỗi mã dùng một lần, khi không có điện thoại hoặc khóa bảo mật. In ra, cất như tiền mặt."),
        }
        return render(request, "asking/handed_out.html", told)

    question = _question(
        _("Lập danh sách mã dự phòng"),
        _("Lập danh sách"),
        sign="print",
        explains=_("Mười mã, mỗi mã dùng một lần. Danh sách cũ (nếu có) hết giá trị ngay."),
    )
    return ask(request, question, forms.Form(sent(request)), do)


@require_http_methods(["GET", "POST"])
def remove(request: SignedRequest, factor_id: int) -> HttpResponse:
    """Take one away."""
    factor = queries.get_factor(request.actor.person_id, factor_id)

    def do(answers: dict[str, Any]) -> str:
        people.remove_factor(factor_id=factor_id, actor=request.actor, at=timezone.now())
        return _("Đã gỡ “%(name)s”.") % {"name": factor.name}

    question = _question(
        _("Gỡ “%(name)s”") % {"name": factor.name},
        _("Gỡ"),
        sign="x",
        kind="danger",
        explains=_("Không dùng để đăng nhập được nữa. Gỡ cách cuối cùng thì đăng nhập chỉ còn mật khẩu."),
    )
    return ask(request, question, forms.Form(sent(request)), do)


@require_http_methods(["GET", "POST"])
def forget_device(request: SignedRequest, device_id: int) -> HttpResponse:
    """Forget a device and end what is open there."""
    device = next((each for each in queries.list_devices(request.actor.person_id) if each.pk == device_id), None)
    if device is None:
        raise NotFound(device=device_id)

    def do(answers: dict[str, Any]) -> str:
        people.forget_device(device_id=device_id, actor=request.actor, at=timezone.now())
        return _("Đã quên thiết bị “%(name)s”.") % {"name": device.name}

    question = Question(
        _("Quên thiết bị “%(name)s”") % {"name": device.name},
        _("Quên thiết bị"),
        f"{reverse('me')}#devices",
        _("Tài khoản của tôi"),
        sign="x",
        kind="danger",
        explains=_("Phiên làm việc đang mở ở đó kết thúc ngay; lần đăng nhập sau từ đó được báo như thiết bị mới."),
    )
    return ask(request, question, forms.Form(sent(request)), do)
