"""One's own devices: those kept for an agency, taken over by minutes; the key on one's own token that asks for its certificate."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from antin.keys import operations as keys
from antin.keys import policy
from antin.keys import queries as certificates
from antin.keys.states import Asking, DeviceStatus
from antin.people import queries
from antin.refusal import refuse
from antin.web import tones
from antin.web.asking import Question, ask, brought, sent
from antin.web.session.forms import AskForCertificate, Decline, Take
from antin.web.session.middleware import SignedRequest

LARGEST = 100_000
"""Bytes read of a request; the largest that is allowed has two thousand."""


def told(person_id: int, at: datetime) -> dict[str, Any]:
    """What the account page shows of them."""
    return {
        "offers": certificates.list_offers_to(person_id),
        "kept": [
            {
                "row": each,
                "state": tones.of(each.certificate.standing(at)),
                "usable": each.status == DeviceStatus.ACTIVE and each.certificate.revoked_at is None,
            }
            for each in certificates.list_devices_kept_by(person_id)
        ],
        "requests": [
            {"row": each, "state": tones.of(Asking(each.state))}
            for each in certificates.list_requests(person_id=person_id)
        ],
    }


def _question(heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, f"{reverse('me')}#custody", _("Tài khoản của tôi"), **more)


@require_http_methods(["GET", "POST"])
def take(request: SignedRequest, hand_over_id: int) -> HttpResponse:
    """Take an agency's device over, by signing the minutes."""
    offer = certificates.get_hand_over(hand_over_id)
    refuse(policy.why_not_answer(offer, request.actor))

    def do(answers: dict[str, Any]) -> str:
        keys.take_device(hand_over_id=offer.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã nhận thiết bị lưu khóa “%(label)s”.") % {"label": offer.device.label}

    question = _question(
        _("Nhận thiết bị lưu khóa “%(label)s”") % {"label": offer.device.label},
        _("Ký nhận"),
        sign="check",
        explains=_(
            "Bên giao: %(giver)s. Căn cứ: %(basis)s. Từ lúc ký nhận, đồng chí chịu trách nhiệm quản lý thiết bị."
        )
        % {"giver": offer.giver.name if offer.giver else "–", "basis": offer.basis},
    )
    return ask(request, question, Take(sent(request)), do)


@require_http_methods(["GET", "POST"])
def decline(request: SignedRequest, hand_over_id: int) -> HttpResponse:
    """Do not take it, and say why."""
    offer = certificates.get_hand_over(hand_over_id)
    refuse(policy.why_not_answer(offer, request.actor))

    def do(answers: dict[str, Any]) -> str:
        keys.decline_device(hand_over_id=offer.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã từ chối nhận thiết bị.")

    heading = _("Không nhận thiết bị lưu khóa “%(label)s”") % {"label": offer.device.label}
    return ask(request, _question(heading, _("Từ chối"), sign="x", kind="danger"), Decline(sent(request)), do)


@require_http_methods(["GET", "POST"])
def lost(request: SignedRequest, certificate_id: int) -> HttpResponse:
    """Say that an agency's device that one keeps is lost: its certificate is revoked in the same act."""
    certificate = certificates.get_certificate(certificate_id)
    refuse(policy.why_not_report_lost(certificate, certificate.device, request.actor))

    def do(answers: dict[str, Any]) -> str:
        keys.report_lost(certificate_id=certificate.pk, actor=request.actor, at=timezone.now())
        return _("Đã báo mất thiết bị; chứng thư số của %(name)s đã bị thu hồi.") % {"name": certificate.name}

    question = _question(
        _("Báo mất thiết bị lưu khóa của %(name)s") % {"name": certificate.name},
        _("Báo mất"),
        sign="warning",
        kind="danger",
        explains=_("Chứng thư số bị thu hồi ngay, không ký được nữa. Chữ ký đã có vẫn hợp lệ. Không đảo lại được."),
    )
    return ask(request, question, forms.Form(sent(request)), do)


@require_http_methods(["GET", "POST"])
def ask_for_certificate(request: SignedRequest) -> HttpResponse:
    """Bring the request (PKCS#10) of a key on one's own token."""
    at = timezone.now()
    held = [
        (each.post_id, f"{each.post_title}, {each.unit_name}")
        for each in queries.list_posts_held(request.actor.person_id, localdate(at))
        if not each.on_behalf
    ]

    def do(answers: dict[str, Any]) -> str:
        keys.request_with_file(
            content=answers["request"].read(LARGEST),
            label=answers["label"],
            serial=answers["serial"],
            purpose=answers["purpose"],
            person_id=request.actor.person_id,
            post_id=answers["post_id"],
            actor=request.actor,
            at=at,
        )
        return _("Đã gửi đề nghị cấp chứng thư số tới quản trị đơn vị.")

    question = _question(
        _("Đề nghị cấp chứng thư số cho thiết bị của tôi"),
        _("Gửi đề nghị"),
        sign="send",
        explains=_(
            "Chương trình An Tín trên máy (antin agent) hoặc phần mềm của thiết bị tạo khóa trong thiết bị và ghi ra tệp đề nghị. "
            "Khóa bí mật không rời thiết bị."
        ),
    )
    return ask(request, question, AskForCertificate(sent(request), brought(request), posts=held), do)
