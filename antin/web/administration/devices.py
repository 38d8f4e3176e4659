"""The register of devices, requests for certificates, and what other authorities sent: roots, intermediates, lists, key files."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from antin.keys import operations, policy, queries
from antin.keys.states import Asking, Device, DeviceStatus, Passing, Purpose, Standing, Subject
from antin.people import queries as people
from antin.refusal import refuse
from antin.web import tones
from antin.web.administration import forms
from antin.web.administration.certificates import certificate_for, invent_pin, page_of
from antin.web.asking import Question, ask, brought, sent
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

SOON = timedelta(days=60)
LARGEST = 1_000_000
"""Bytes read of a file of certificates, a list or a key; a national list of revocations is smaller."""


@require_safe
def register(request: SignedRequest) -> HttpResponse:
    """Every device of the house: whose key, who keeps it, until when; the requests that wait; what lies in the machine's slots."""
    at = timezone.now()
    no = policy.why_not_run_authority(request.actor)
    agency_id = None if no is None else request.actor.agency_id
    rows = [_row(each, at) for each in queries.list_devices(agency_id)]
    soon = sum(row["soon"] for row in rows)
    told = {
        "rows": rows,
        "counted": ngettext("%(n)d thiết bị lưu khóa", "%(n)d thiết bị lưu khóa", len(rows)) % {"n": len(rows)},
        "soon": ngettext("%(n)d sắp hết hạn", "%(n)d sắp hết hạn", soon) % {"n": soon} if soon else "",
        "requests": [
            {"row": each, "state": tones.of(Asking(each.state)), "open": each.state == Asking.ASKED}
            for each in queries.list_requests(agency_id)
        ],
        "passings": [
            {"row": each, "state": tones.of(Passing(each.state)), "open": each.state == Passing.OFFERED}
            for each in queries.list_latest_hand_overs(agency_id)
        ],
        "tokens": queries.list_tokens() if no is None else [],
        "troubles": queries.list_modules_in_trouble() if no is None else {},
        "remotes": settings.CSC_SERVICES if no is None else {},
        "no": no,
    }
    return render(request, "administration/devices.html", told)


def _row(device: Any, at: datetime) -> dict[str, Any]:
    certificate = device.certificate
    standing = certificate.standing(at)
    usable = standing == Standing.VALID and device.status == DeviceStatus.ACTIVE
    return {
        "device": device,
        "certificate": certificate,
        "state": tones.of(standing) if device.status == DeviceStatus.ACTIVE else tones.of(DeviceStatus(device.status)),
        "usable": usable,
        "soon": usable and certificate.not_after < at + SOON,
        "days": (certificate.not_after - at).days,
        "renews": usable and device.kind in (Device.SOFTWARE, Device.TOKEN) and certificate.purpose == Purpose.SIGNING,
        "agency": certificate.subject == Subject.AGENCY,
        "href": page_of(certificate),
    }


def _question(heading: str, button: str, place: str = "", **more: Any) -> Question:
    return Question(heading, button, f"{reverse('devices')}{place}", _("Thiết bị lưu khóa"), **more)


def _content(file: UploadedFile) -> bytes:
    return bytes(file.read(LARGEST))


# ---- requests --------------------------------------------------------------------------------------------------------------


def _request_for(request: SignedRequest, request_id: int) -> Any:
    found = queries.get_request(request_id)
    people.get_unit_for(request.actor, found.agency_id)
    return found


@require_safe
def request_file(request: SignedRequest, request_id: int) -> HttpResponse:
    """The request itself, for another authority."""
    found = _request_for(request, request_id)
    answer = HttpResponse(bytes(found.csr), content_type="application/pkcs10")
    answer["Content-Disposition"] = f'attachment; filename="request-{found.pk}.csr"'
    return answer


@require_http_methods(["GET", "POST"])
def issue_requested(request: SignedRequest, request_id: int) -> HttpResponse:
    """Answer a request by the node's own authority."""
    found = _request_for(request, request_id)

    def do(answers: dict[str, Any]) -> str:
        made = operations.issue_requested(request_id=found.pk, actor=request.actor, at=timezone.now())
        return _("Đã cấp chứng thư số cho %(name)s.") % {"name": made.name}

    question = _question(
        _("Cấp chứng thư số cho %(name)s") % {"name": found.name},
        _("Cấp"),
        "#requests",
        sign="key",
        explains=_("Chứng thực nội bộ của hệ thống ký cho khóa trên thiết bị “%(label)s”.") % {"label": found.label},
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def enter_requested(request: SignedRequest, request_id: int) -> HttpResponse:
    """Enter the certificate that another authority gave to a request."""
    found = _request_for(request, request_id)

    def do(answers: dict[str, Any]) -> str:
        content = _content(answers["content"])
        operations.enter_requested(request_id=found.pk, content=content, actor=request.actor, at=timezone.now())
        return _("Đã nhập chứng thư số của %(name)s.") % {"name": found.name}

    question = _question(
        _("Nhập chứng thư số của %(name)s do cơ quan khác cấp") % {"name": found.name},
        _("Nhập"),
        "#requests",
        sign="file",
        explains=_("Chứng thư số phải của đúng khóa đã đề nghị, ghi đúng tên và dẫn đến chứng thực gốc được tin cậy."),
    )
    return ask(request, question, forms.ImportFile(sent(request), brought(request)), do)


@require_http_methods(["GET", "POST"])
def decline_request(request: SignedRequest, request_id: int) -> HttpResponse:
    """Do not give a certificate, and say why."""
    found = _request_for(request, request_id)

    def do(answers: dict[str, Any]) -> str:
        operations.decline_request(request_id=found.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã ghi không cấp chứng thư số.")

    heading = _("Không cấp chứng thư số cho %(name)s") % {"name": found.name}
    question = _question(heading, _("Không cấp"), "#requests", sign="x", kind="danger")
    return ask(request, question, forms.DeclineRequest(sent(request)), do)


def _asks_on_device(request: SignedRequest, name: str, back: str, names: str, **whom: Any) -> HttpResponse:
    """Make a key on a device in the server's slots that asks for its certificate; it waits in the register."""
    places = [(each.place, f"{each.label} ({each.serial})") for each in queries.list_tokens()]

    def do(answers: dict[str, Any]) -> str:
        answers["pin"] = answers["pin"] or None
        made = operations.request_on_token(**(whom | answers), actor=request.actor, at=timezone.now())
        return _("Đã tạo khóa trên thiết bị; đề nghị cấp chứng thư số cho %(name)s đang chờ ở sổ thiết bị.") % {
            "name": made.name
        }

    question = Question(
        _("Tạo khóa trên thiết bị cho %(name)s, đề nghị cấp chứng thư số") % {"name": name},
        _("Tạo khóa và đề nghị"),
        back,
        names,
        sign="key",
        explains=_(
            "Khóa được tạo trong thiết bị và không rời thiết bị. Sau đó tải tệp đề nghị ở sổ thiết bị gửi cơ quan chứng thực, "
            "rồi nhập chứng thư số được trả về; hoặc để chứng thực của hệ thống cấp."
        ),
    )
    form = forms.KeyOnDevice(sent(request), places=places, posts=whom.pop("posts", None))
    return ask(request, question, form, do)


@require_http_methods(["GET", "POST"])
def bring_for_agency(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Bring the request (PKCS#10) of the agency's key on the device at its clerk's own machine (`antin agent`)."""
    agency = people.get_agency(unit_id)
    refuse(policy.why_not_issue(request.actor, agency))

    def do(answers: dict[str, Any]) -> str:
        content = _content(answers.pop("request"))
        made = operations.request_with_file(
            content=content, **answers, agency_id=unit_id, actor=request.actor, at=timezone.now()
        )
        return _("Đã ghi đề nghị cấp chứng thư số cho %(name)s vào sổ thiết bị.") % {"name": made.name}

    question = Question(
        _("Đề nghị chứng thư số cho thiết bị của %(name)s ở máy văn thư") % {"name": agency.name},
        _("Ghi đề nghị"),
        f"{reverse('unit', args=[unit_id])}#seal",
        agency.name,
        sign="send",
        explains=_(
            "Văn thư giữ thiết bị ở máy của mình; chương trình An Tín trên máy đó (antin agent --request) tạo khóa trong thiết bị "
            "và ghi ra tệp đề nghị. Khóa bí mật không rời thiết bị."
        ),
    )
    return ask(request, question, forms.BringRequest(sent(request), brought(request)), do)


def _enters(request: SignedRequest, name: str, back: str, names: str, **whom: Any) -> HttpResponse:
    """Enter a key that is there already, with the certificate another authority gave it."""

    def do(answers: dict[str, Any]) -> str:
        content = answers.pop("content")
        answers["pin"] = answers["pin"] or None
        answers["certificate"] = _content(content) if content else b""
        made = operations.enter_certificate(**(whom | answers), actor=request.actor, at=timezone.now())
        return _("Đã nhập chứng thư số của %(name)s.") % {"name": made.name}

    question = Question(
        _("Nhập khóa đã có của %(name)s") % {"name": name},
        _("Nhập"),
        back,
        names,
        sign="file",
        explains=_("Chứng thư số phải ghi đúng tên, của đúng khóa đó và dẫn đến chứng thực gốc được tin cậy."),
    )
    form = forms.EnterKey(sent(request), brought(request), posts=whom.pop("posts", None))
    return ask(request, question, form, do)


def _of_person(request: SignedRequest, person_id: int) -> dict[str, Any]:
    person = people.get_person_for(request.actor, person_id)
    held = [
        (each.post_id, f"{each.post.title}, {each.post.unit.name}")
        for each in people.list_held(person.pk, local_date(timezone.now()))
    ]
    back = f"{reverse('person', args=[person.pk])}#certificates"
    return {"name": person.name, "back": back, "names": person.name, "person_id": person.pk, "posts": held}


def _of_agency(request: SignedRequest, unit_id: int) -> dict[str, Any]:
    agency = people.get_unit_for(request.actor, unit_id)
    back = f"{reverse('unit', args=[agency.pk])}#seal"
    return {"name": agency.name, "back": back, "names": agency.name, "agency_id": agency.pk}


@require_http_methods(["GET", "POST"])
def request_for_person(request: SignedRequest, person_id: int) -> HttpResponse:
    """A key on a device in the server's slots for a person, who types its PIN."""
    return _asks_on_device(request, **_of_person(request, person_id))


@require_http_methods(["GET", "POST"])
def request_for_agency(request: SignedRequest, unit_id: int) -> HttpResponse:
    """A key on a device in the server's slots for an agency's seal."""
    return _asks_on_device(request, **_of_agency(request, unit_id))


@require_http_methods(["GET", "POST"])
def enter_for_person(request: SignedRequest, person_id: int) -> HttpResponse:
    """A person's key that lies in a device or at a signing service already."""
    return _enters(request, **_of_person(request, person_id))


@require_http_methods(["GET", "POST"])
def enter_for_agency(request: SignedRequest, unit_id: int) -> HttpResponse:
    """An agency's key that lies in a device or at a signing service already."""
    return _enters(request, **_of_agency(request, unit_id))


@require_http_methods(["GET", "POST"])
def renew(request: SignedRequest, certificate_id: int) -> HttpResponse:
    """Give the holder a fresh key and certificate on the same kind of device."""
    certificate = certificate_for(request, certificate_id)
    kept = certificate.device.kind == Device.TOKEN and certificate.subject == Subject.PERSON
    form = forms.Renew(sent(request)) if kept else forms.Nothing(sent(request))

    def do(answers: dict[str, Any]) -> str | HttpResponse:
        invented = "" if kept or certificate.subject == Subject.AGENCY else invent_pin()
        made = operations.renew(
            certificate_id=certificate.pk,
            pin=answers.get("pin") or invented or None,
            actor=request.actor,
            at=timezone.now(),
        )
        if not invented:
            return _("Đã gia hạn chứng thư số của %(name)s.") % {"name": made.name}
        told = {
            "heading": _("Đã gia hạn chứng thư số của %(name)s") % {"name": made.name},
            "back": reverse("devices"),
            "secrets": [(_("Người giữ"), f"{made.name}, {made.title}"), (_("Mã PIN"), invented)],
            "then": _(
                "Giao tận tay, ngoài hệ thống. Người nhận đổi mã PIN ở trang Tài khoản của tôi trước khi ký lần đầu."
            ),
        }
        return render(request, "asking/handed_out.html", told)

    question = _question(
        _("Gia hạn chứng thư số của %(name)s") % {"name": certificate.name},
        _("Gia hạn"),
        sign="key",
        explains=_("Tạo khóa mới, chứng thư số mới cùng nơi giữ khóa. Chứng thư số cũ dùng được đến hết hạn."),
    )
    return ask(request, question, form, do)


@require_http_methods(["GET", "POST"])
def withdraw_offer(request: SignedRequest, hand_over_id: int) -> HttpResponse:
    """Take an offer of a device back before it is answered."""
    offer = queries.get_hand_over(hand_over_id)
    certificate_for(request, offer.device.certificate_id)

    def do(answers: dict[str, Any]) -> str:
        operations.withdraw_offer(hand_over_id=offer.pk, actor=request.actor, at=timezone.now())
        return _("Đã rút lại đề nghị bàn giao.")

    heading = _("Rút lại đề nghị bàn giao cho %(name)s") % {"name": offer.taker.name}
    question = _question(heading, _("Rút lại"), "#passings", sign="undo", kind="danger")
    return ask(request, question, forms.Nothing(sent(request)), do)


# ---- other authorities -----------------------------------------------------------------------------------------------------


def _authority_question(heading: str, button: str, place: str, **more: Any) -> Question:
    return Question(heading, button, f"{reverse('authority')}#{place}", _("Chứng thực"), **more)


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@require_http_methods(["GET", "POST"])
def add_anchor(request: SignedRequest) -> HttpResponse:
    """Trust another root, from a day on, for a reason."""
    refuse(policy.why_not_run_authority(request.actor))

    def do(answers: dict[str, Any]) -> str:
        since, until = answers["trusted_from"], answers["trusted_until"]
        made = operations.add_trust_anchor(
            certificate=_content(answers["content"]),
            reason=answers["reason"],
            trusted_from=_start_of(since) if since else None,
            trusted_until=_start_of(until) if until else None,
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã tin cậy %(name)s.") % {"name": made.name}

    question = _authority_question(
        _("Thêm chứng thực gốc được tin cậy"),
        _("Tin cậy"),
        "anchors",
        sign="shield-check",
        explains=_(
            "Mọi chữ ký dẫn đến chứng thực gốc này sẽ được coi là hợp lệ. Đối chiếu dấu vân tay trước khi thêm."
        ),
    )
    return ask(request, question, forms.AddAnchor(sent(request), brought(request)), do)


@require_http_methods(["GET", "POST"])
def end_anchor(request: SignedRequest, anchor_id: int) -> HttpResponse:
    """Trust a root no longer, from a day on."""
    refuse(policy.why_not_run_authority(request.actor))
    anchor = queries.get_anchor(anchor_id)

    def do(answers: dict[str, Any]) -> str:
        operations.end_trust(
            anchor_id=anchor.pk,
            until=_start_of(answers["until"]),
            reason=answers["reason"],
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã ghi ngày thôi tin cậy.")

    question = _authority_question(
        _("Thôi tin cậy “%(name)s”") % {"name": anchor.name},
        _("Thôi tin cậy"),
        "anchors",
        sign="shield-x",
        kind="danger",
        explains=_(
            "Từ ngày đó, chữ ký dẫn đến chứng thực gốc này không còn được kết luận hợp lệ, kể cả chữ ký đã có. "
            "Xét theo một ngày trước đó thì vẫn theo sự tin cậy của ngày ấy."
        ),
    )
    return ask(request, question, forms.EndAnchor(sent(request)), do)


@require_http_methods(["GET", "POST"])
def import_authorities(request: SignedRequest) -> HttpResponse:
    """Bring the intermediates of another authority."""
    refuse(policy.why_not_run_authority(request.actor))

    def do(answers: dict[str, Any]) -> str:
        content = _content(answers["content"])
        kept = operations.import_authorities(content=content, actor=request.actor, at=timezone.now())
        return ngettext(
            "Đã nhập %(n)d chứng thư số trung gian.", "Đã nhập %(n)d chứng thư số trung gian.", len(kept)
        ) % {"n": len(kept)}

    question = _authority_question(
        _("Nhập chứng thư số trung gian"),
        _("Nhập"),
        "intermediates",
        sign="file",
        explains=_("Tệp PEM, DER hoặc PKCS#7."),
    )
    return ask(request, question, forms.ImportFile(sent(request), brought(request)), do)


@require_http_methods(["GET", "POST"])
def import_list(request: SignedRequest) -> HttpResponse:
    """Bring a revocation list of another authority."""
    refuse(policy.why_not_run_authority(request.actor))

    def do(answers: dict[str, Any]) -> str:
        content = _content(answers["content"])
        kept = operations.import_revocation_list(content=content, actor=request.actor, at=timezone.now())
        return _("Đã nhập danh sách thu hồi số %(n)s của %(name)s.") % {"n": kept.number, "name": kept.issuer_name}

    question = _authority_question(
        _("Nhập danh sách thu hồi"), _("Nhập"), "lists", sign="file", explains=_("Tệp CRL do cơ quan chứng thực ký.")
    )
    return ask(request, question, forms.ImportFile(sent(request), brought(request)), do)


@require_http_methods(["GET", "POST"])
def import_key_file(request: SignedRequest, person_id: int) -> HttpResponse:
    """Take a person's key and certificate out of a PKCS#12 file; the new PIN is shown once."""
    at = timezone.now()
    person = people.get_person_for(request.actor, person_id)
    held = [
        (each.post_id, f"{each.post.title}, {each.post.unit.name}")
        for each in people.list_held(person.pk, local_date(at))
    ]

    def do(answers: dict[str, Any]) -> HttpResponse:
        pin = invent_pin()
        made = operations.import_key_file(
            content=_content(answers["content"]),
            password=answers["password"],
            pin=pin,
            person_id=person.pk,
            post_id=answers["post_id"],
            actor=request.actor,
            at=at,
        )
        told = {
            "heading": _("Đã nhập khóa và chứng thư số của %(name)s") % {"name": person.name},
            "back": reverse("person", args=[person.pk]),
            "secrets": [(_("Người giữ"), f"{made.name}, {made.title}"), (_("Mã PIN"), pin)],
            "then": _("Giao tận tay, ngoài hệ thống. Xóa tệp khóa ở mọi nơi khác: ai có tệp là có khóa."),
        }
        return render(request, "asking/handed_out.html", told)

    question = Question(
        _("Nhập tệp khóa của %(name)s") % {"name": person.name},
        _("Nhập tệp khóa"),
        reverse("person", args=[person.pk]),
        person.name,
        sign="file",
        explains=_("Khóa từ tệp PKCS#12 mã hóa mạnh chuyển vào nơi giữ khóa của hệ thống, không xuất ra được nữa."),
    )
    return ask(request, question, forms.ImportKeyFile(sent(request), brought(request), posts=held), do)
