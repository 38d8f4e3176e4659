"""How signatures last: rules of levels, the services that are asked, and until when what is kept can be proven."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from antin.documents.states import Secrecy
from antin.people import queries as people
from antin.refusal import NotFound, refuse
from antin.signing import operations, policy, queries
from antin.signing.states import Level, Limit, ResponderKind, Signing
from antin.web.administration import forms
from antin.web.asking import Question, ask, sent
from antin.web.session.middleware import SignedRequest
from antin.web.tones import Tone
from antin.workdays.queries import local_date


@require_safe
def page(request: SignedRequest) -> HttpResponse:
    """Rules, services and the outlook of everything that is signed."""
    at = timezone.now()
    counted = queries.count_proofs()
    no = policy.why_not_rule(request.actor, None)
    told = {
        "heading": _heading(sum(counted.values()), queries.count_owed()),
        "defaults": [(kind.label, each.level.label, _hours(each.grace)) for kind, each in policy.DEFAULTS.items()],
        "rules": [_rule(rule) for rule in queries.list_rules()],
        "responders": [_responder(each) for each in queries.list_responders()],
        "levels": _levels(counted),
        "years": _years(counted),
        "ending": [
            {"file": each.file_id, "level": each.level, "until": each.until, "limit": Limit(each.limit).label}
            for each in queries.list_ending()
        ],
        "no": no,
        "at": at,
    }
    return render(request, "administration/signatures.html", told)


def _heading(watched: int, owed: int) -> str:
    told = ngettext("%(n)d tệp ký số được theo dõi", "%(n)d tệp ký số được theo dõi", watched) % {"n": watched}
    if not owed:
        return told
    waiting = ngettext("%(n)d tệp chờ bổ sung bằng chứng", "%(n)d tệp chờ bổ sung bằng chứng", owed) % {"n": owed}
    return f"{told}, {waiting}"


def _hours(grace: Any) -> int:
    return int(grace.total_seconds() // 3600)


def _rule(rule: Any) -> dict[str, Any]:
    return {
        "id": rule.pk,
        "agency": rule.agency.name if rule.agency else _("Mọi cơ quan"),
        "signing": Signing(rule.signing).label,
        "secrecy": _("Mọi độ mật") if rule.secrecy is None else Secrecy(rule.secrecy).label,
        "level": Level(rule.level).label,
        "hours": rule.grace_hours,
    }


def _responder(responder: Any) -> dict[str, Any]:
    silent = responder.failing_since is not None
    return {
        "id": responder.pk,
        "name": responder.name,
        "kind": ResponderKind(responder.kind).label,
        "address": responder.address or _("của chính hệ thống"),
        "state": Tone(_("không trả lời"), "late", "warning") if silent else Tone(_("trả lời"), "ok", "check"),
        "since": responder.failing_since,
        "fault": responder.fault,
    }


def _levels(counted: dict[tuple[str, int | None], int]) -> list[tuple[str, int]]:
    by: dict[str, int] = {}
    for (level, _year), n in counted.items():
        by[level] = by.get(level, 0) + n
    return [(str(level.label), by[level]) for level in Level if level in by]


def _years(counted: dict[tuple[str, int | None], int]) -> list[tuple[str, int]]:
    by: dict[int | None, int] = {}
    for (_level, year), n in counted.items():
        by[year] = by.get(year, 0) + n
    known = sorted(year for year in by if year is not None)
    listed = [(str(year), by[year]) for year in known]
    return [*listed, (_("chưa xem xét hoặc không đọc được"), by[None])] if None in by else listed


@require_http_methods(["GET", "POST"])
def set_rule(request: SignedRequest) -> HttpResponse:
    """Set a rule for an agency, a kind of signature and a secrecy."""
    at = timezone.now()
    house = people.get_unit(request.actor.agency_id)
    agencies = [(unit.id, unit.name) for unit in people.list_tree(on=local_date(at), below=house, agencies_only=True)]

    def do(answers: dict[str, Any]) -> str:
        operations.set_rule(**answers, actor=request.actor, at=at)
        return _("Đã đặt quy định mức chữ ký.")

    question = Question(
        _("Đặt quy định mức chữ ký"),
        _("Đặt quy định"),
        reverse("signatures"),
        _("Chữ ký lâu dài"),
        sign="shield-check",
        explains=_(
            "Áp dụng cho chữ ký được yêu cầu từ lúc này. Quy định nêu rõ hơn được ưu tiên: cơ quan, rồi độ mật."
        ),
    )
    return ask(request, question, forms.SetRule(sent(request), agencies=agencies), do)


@require_http_methods(["GET", "POST"])
def drop_rule(request: SignedRequest, rule_id: int) -> HttpResponse:
    """Drop a rule."""

    def do(_answers: dict[str, Any]) -> str:
        operations.drop_rule(rule_id=rule_id, actor=request.actor, at=timezone.now())
        return _("Đã bỏ quy định.")

    question = Question(
        _("Bỏ quy định mức chữ ký này?"),
        _("Bỏ quy định"),
        reverse("signatures"),
        _("Chữ ký lâu dài"),
        sign="x",
        kind="danger",
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def set_responder(request: SignedRequest, responder_id: int | None = None) -> HttpResponse:
    """Configure an outside service, or change one."""
    refuse(policy.why_not_rule(request.actor, None))
    at = timezone.now()
    known = None if responder_id is None else _known(responder_id)
    names = ("kind", "name", "address", "issuer", "seconds", "position")
    initial = {name: getattr(known, name) for name in names} if known else None

    def do(answers: dict[str, Any]) -> str:
        made = operations.set_responder(responder_id=responder_id, **answers, actor=request.actor, at=at)
        return _("Đã đặt dịch vụ %(name)s.") % {"name": made.name}

    question = Question(
        _("Dịch vụ ký"),
        _("Lưu"),
        reverse("signatures"),
        _("Chữ ký lâu dài"),
        sign="clock",
        explains=_(
            "Hệ thống chỉ hỏi những địa chỉ đặt ở đây, không hỏi địa chỉ ghi trong chứng thư số. "
            "Có dịch vụ dấu thời gian ở đây thì dịch vụ của chính hệ thống không được dùng nữa."
        ),
    )
    form = forms.SetResponder(sent(request), issuers=queries.list_issuers(at), initial=initial)
    return ask(request, question, form, do)


def _known(responder_id: int) -> Any:
    found = next((each for each in queries.list_responders() if each.pk == responder_id), None)
    if found is None:
        raise NotFound(responder_id=responder_id)
    return found


@require_http_methods(["GET", "POST"])
def close_responder(request: SignedRequest, responder_id: int) -> HttpResponse:
    """Ask a service no more."""

    def do(_answers: dict[str, Any]) -> str:
        closed = operations.close_responder(responder_id=responder_id, actor=request.actor, at=timezone.now())
        return _("Thôi hỏi dịch vụ %(name)s.") % {"name": closed.name}

    question = Question(
        _("Thôi hỏi dịch vụ này?"),
        _("Thôi hỏi"),
        reverse("signatures"),
        _("Chữ ký lâu dài"),
        sign="x",
        kind="danger",
    )
    return ask(request, question, forms.Nothing(sent(request)), do)
