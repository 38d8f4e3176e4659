"""Certificates of persons and agencies from the node's own authority: established, issued, handed over, revoked."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from antin.keys import operations, policy, queries
from antin.keys.states import Purpose, Subject
from antin.keys.states import Role as AuthorityRole
from antin.people import queries as people
from antin.refusal import refuse
from antin.web import tones
from antin.web.administration import forms
from antin.web.asking import Question, ask, sent
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.keys.models import Certificate
    from antin.people.models import Unit

YEAR = timedelta(days=365)
PIN_DIGITS = 8


def invent_pin() -> str:
    """A first PIN: eight digits, not all the same."""
    while True:
        pin = "".join(secrets.choice("0123456789") for _n in range(PIN_DIGITS))
        if policy.why_not_pin(pin) is None:
            return pin


@require_safe
def authority(request: SignedRequest) -> HttpResponse:
    """The node's authority: what it trusts, its latest lists, and certificates that end soon."""
    at = timezone.now()
    issuing = queries.find_authority(AuthorityRole.ISSUING)
    no = policy.why_not_run_authority(request.actor)
    told = {
        "issuing": issuing,
        "no": no,
        "anchors": [
            {"row": each, "open": each.trusted_until is None and no is None} for each in queries.list_anchors()
        ],
        "intermediates": queries.list_intermediates(),
        "lists": queries.list_freshness(at),
        "expiring": [
            {"certificate": each, "state": tones.of(each.standing(at)), "href": page_of(each)}
            for each in queries.list_expiring(at, agency_id=None if no is None else request.actor.agency_id)
        ],
    }
    return render(request, "administration/authority.html", told)


def page_of(certificate: Certificate) -> str:
    if certificate.subject == Subject.PERSON and certificate.person_id is not None:
        return reverse("person", args=[certificate.person_id])
    return f"{reverse('unit', args=[certificate.agency_id])}#seal"


@require_http_methods(["GET", "POST"])
def establish(request: SignedRequest) -> HttpResponse:
    """Make the node's own authorities, once."""
    refuse(policy.why_not_run_authority(request.actor))
    house = people.get_unit(request.actor.agency_id)

    def do(answers: dict[str, Any]) -> str:
        made = operations.establish(**answers, actor=request.actor, at=timezone.now())
        return _("Đã lập %(name)s.") % {"name": made.name}

    question = Question(
        _("Lập cơ quan chứng thực của hệ thống"),
        _("Lập cơ quan chứng thực"),
        reverse("authority"),
        _("Chứng thực"),
        sign="key",
        explains=_(
            "Chứng thực nội bộ của riêng hệ thống này, để dùng thử và làm việc trong mạng kín. Lập một lần, không lập lại. "
            "Khóa gốc nằm trong thư mục dữ liệu của hệ thống: sao lưu và giữ riêng."
        ),
    )
    initial = {"name": _("Cơ quan chứng thực nội bộ"), "organisation": house.name[:64]}
    return ask(request, question, forms.Establish(sent(request), initial=initial), do)


@require_http_methods(["GET", "POST"])
def issue_to_person(request: SignedRequest, person_id: int) -> HttpResponse:
    """Issue a certificate for one of the person's posts; its PIN is shown once."""
    at = timezone.now()
    person = people.get_person_for(request.actor, person_id)
    held = [
        (each.post_id, f"{each.post.title}, {each.post.unit.name}")
        for each in people.list_held(person.pk, local_date(at))
    ]

    def do(answers: dict[str, Any]) -> HttpResponse:
        token = answers.get("token") or ""
        pin = answers.get("pin", "") if token else invent_pin()
        made = operations.issue_person_certificate(
            person_id=person.pk,
            post_id=answers["post_id"],
            pin=pin,
            token=token,
            lasts=answers["years"] * YEAR,
            actor=request.actor,
            at=at,
        )
        if token:
            messages.success(request, _("Đã cấp chứng thư số cho %(name)s.") % {"name": person.name})
            return HttpResponseRedirect(reverse("person", args=[person.pk]))
        told = {
            "heading": _("Đã cấp chứng thư số cho %(name)s") % {"name": person.name},
            "back": reverse("person", args=[person.pk]),
            "secrets": [(_("Người giữ"), f"{made.name}, {made.title}"), (_("Mã PIN"), pin)],
            "then": _(
                "Giao tận tay, ngoài hệ thống. Người nhận đổi mã PIN ở trang Tài khoản của tôi trước khi ký lần đầu."
            ),
        }
        return render(request, "asking/handed_out.html", told)

    question = Question(
        _("Cấp chứng thư số cho %(name)s") % {"name": person.name},
        _("Cấp mới chứng thư số"),
        reverse("person", args=[person.pk]),
        person.name,
        sign="key",
        explains=_("Hệ thống tạo khóa, đặt mã PIN và hiện mã PIN một lần."),
    )
    places = [(each.place, f"{each.label} ({each.serial})") for each in queries.list_tokens()]
    return ask(request, question, forms.IssueToPerson(sent(request), posts=held, places=places), do)


def _keepers(agency: Unit) -> list[tuple[int, str]]:
    """Who may be given an agency's key device: its people, the keepers of the seal first."""
    rows = people.list_posts(agency.pk, local_date(timezone.now()))
    held = sorted((row for row in rows if row.person_id is not None), key=lambda row: not row.keeps_seal)
    names: dict[int, str] = {}
    for row in held:
        names.setdefault(row.person_id or 0, f"{row.person_name}, {row.title}")
    return list(names.items())


@require_http_methods(["GET", "POST"])
def issue_to_agency(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Issue the certificate of an agency's seal."""
    agency = people.get_unit_for(request.actor, unit_id)
    form = forms.IssueToAgency(sent(request), keepers=_keepers(agency))

    def do(answers: dict[str, Any]) -> str:
        operations.issue_agency_certificate(
            agency_id=agency.pk,
            custodian_id=answers["custodian_id"],
            lasts=answers["years"] * YEAR,
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã cấp chứng thư số của %(unit)s.") % {"unit": agency.name}

    question = Question(
        _("Cấp chứng thư số của %(unit)s") % {"unit": agency.name},
        _("Cấp mới chứng thư số"),
        f"{reverse('unit', args=[agency.pk])}#seal",
        agency.name,
        sign="seal",
        explains=_("Khóa này ký số của cơ quan và đóng dấu đỏ lên văn bản. Hình dấu dùng thử do hệ thống vẽ."),
    )
    return ask(request, question, form, do)


def certificate_for(request: SignedRequest, certificate_id: int) -> Certificate:
    """A certificate of the house: it is obtained with the right to see its agency."""
    found = queries.get_certificate(certificate_id)
    people.get_unit_for(request.actor, found.agency_id)
    return found


@require_http_methods(["GET", "POST"])
def revoke(request: SignedRequest, certificate_id: int) -> HttpResponse:
    """Revoke a certificate from now on, with the reason."""
    certificate = certificate_for(request, certificate_id)

    def do(answers: dict[str, Any]) -> str:
        operations.revoke(certificate_id=certificate.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã thu hồi chứng thư số của %(name)s.") % {"name": certificate.name}

    question = Question(
        (
            _("Thu hồi chứng thư số mã hóa của %(name)s")
            if certificate.purpose == Purpose.ENCRYPTION
            else _("Thu hồi chứng thư số của %(name)s")
        )
        % {"name": certificate.name},
        _("Thu hồi"),
        page_of(certificate),
        certificate.name,
        sign="shield-x",
        kind="danger",
        explains=_(
            "Từ lúc này khóa đó không mở được tài liệu mật nào nữa; người giữ lập khóa mới và nhờ người đang đọc cấp lại. "
            "Không đảo lại được."
        )
        if certificate.purpose == Purpose.ENCRYPTION
        else _("Từ lúc này không ký được bằng khóa đó nữa. Chữ ký đã có vẫn hợp lệ. Không đảo lại được."),
    )
    return ask(request, question, forms.Revoke(sent(request)), do)


@require_http_methods(["GET", "POST"])
def hand_over(request: SignedRequest, certificate_id: int) -> HttpResponse:
    """Offer an agency's key device to another keeper; he takes it on his account page, with the minutes."""
    certificate = certificate_for(request, certificate_id)
    form = forms.HandOver(sent(request), keepers=_keepers(certificate.agency))

    def do(answers: dict[str, Any]) -> str:
        made = operations.offer_device(certificate_id=certificate.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã đề nghị bàn giao; %(name)s ký biên bản nhận ở trang Tài khoản của tôi.") % {
            "name": made.taker.name
        }

    question = Question(
        _("Bàn giao thiết bị lưu khóa của %(name)s") % {"name": certificate.name},
        _("Bàn giao"),
        page_of(certificate),
        certificate.name,
        sign="swap",
        explains=_("Thiết bị vẫn thuộc người đang giữ cho đến khi bên nhận ký biên bản."),
    )
    return ask(request, question, form, do)
