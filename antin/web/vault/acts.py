"""The acts on something classified: readers, level and term, copies, destruction. Each says what it cannot undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from antin.journeys import change_secrecy, recover_secret, secret_minutes
from antin.refusal import NotFound, refuse
from antin.vault import operations, policy, queries
from antin.vault.states import Level
from antin.web import unlocking
from antin.web.asking import Question, ask, sent
from antin.web.session.middleware import SignedRequest
from antin.web.vault import forms

if TYPE_CHECKING:
    from antin.vault.models import Classified


def _name(classified: Classified) -> str:
    return _("Tài liệu mật số %(number)s") % {"number": classified.pk}


def _by_whom(classified: Classified) -> str:
    """Of a paper that came by hand: whose decision is entered here."""
    return (
        _("Ghi theo quyết định của nơi gửi: %(name)s.") % {"name": classified.came_from} + " "
        if classified.came_from
        else ""
    )


def _question(
    classified: Classified,
    heading: str,
    button: str,
    place: str,
    *,
    facts: Mapping[str, object] | None = None,
    **more: Any,
) -> Question:
    here = f"{reverse('secret', args=[classified.pk])}#{place}"
    return Question(heading % {"number": classified.pk, **(facts or {})}, button, here, _name(classified), **more)


def _reader_named(classified: Classified, person_id: int) -> str:
    """The name of one who reads it now. :raises NotFound:"""
    reader = next((each for each in queries.list_readers(classified.pk) if each.person_id == person_id), None)
    if reader is None:
        raise NotFound(person_id=person_id)
    return reader.person.name


def _to_pass_on(request: SignedRequest, classified_id: int) -> Classified:
    """The thing, for somebody who may say who else reads it. :raises NotFound: :raises NotAllowed:"""
    found = queries.get_for(request.actor, classified_id)
    refuse(policy.why_not_pass_on(request.actor, found, queries.find_reader(classified_id, request.actor.person_id)))
    return found


def _ask_device(request: SignedRequest, question: Question, classified: Classified) -> HttpResponse | None:
    """Ask the reader's own device, where it opens the content keys that this question needs."""
    return unlocking.ask(
        request,
        classified.pk,
        heading=question.heading,
        button=question.button,
        back=question.back,
        names=question.names,
    )


def _without_pin(request: SignedRequest, form: Form) -> None:
    """Whose key lies on a device of his own is asked for no PIN here."""
    if unlocking.by_device(request):
        form.fields.pop("pin")


# ---- readers ---------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def add_reader(request: SignedRequest, classified_id: int) -> HttpResponse:
    """Let somebody read it."""
    classified = _to_pass_on(request, classified_id)

    def do(answers: dict[str, Any]) -> str | HttpResponse:
        asked = _ask_device(request, question, classified)
        if asked is not None:
            return asked
        given = answers | {"pin": unlocking.opening_of(request)}
        operations.add_reader(classified_id=classified.pk, **given, actor=request.actor, at=timezone.now())
        return _("Đã thêm người đọc.")

    question = _question(
        classified,
        _("Thêm người đọc tài liệu mật số %(number)s"),
        _("Thêm"),
        "readers",
        sign="plus",
        explains=_(
            "Người được thêm phải được phép tiếp cận độ mật này và có chứng thư số mã hóa. "
            "Họ đọc được mọi nội dung, kể cả bản cũ."
        ),
    )
    reading = {each.person_id for each in queries.list_readers(classified.pk)}
    keyed = recover_secret.list_keyed(request.actor.agency_id, timezone.now())
    form = forms.AddReader(sent(request), persons=[each for each in keyed if each[0] not in reading])
    _without_pin(request, form)
    return ask(request, question, form, do)


@require_http_methods(["GET", "POST"])
def remove_reader(request: SignedRequest, classified_id: int, person_id: int) -> HttpResponse:
    """End somebody's reading; what that cannot undo is said first."""
    classified = _to_pass_on(request, classified_id)
    name = _reader_named(classified, person_id)
    left = queries.get_left_with(classified.pk, person_id)

    def do(answers: dict[str, Any]) -> str:
        operations.remove_reader(
            classified_id=classified.pk, person_id=person_id, actor=request.actor, at=timezone.now()
        )
        return _("Đã rút quyền đọc của %(name)s.") % {"name": name}

    question = _question(
        classified,
        _("Rút quyền đọc tài liệu mật số %(number)s của %(name)s"),
        _("Rút quyền đọc"),
        "readers",
        facts={"name": name},
        sign="x",
        kind="danger",
        explains=" ".join(
            (
                _(
                    "Khóa đã bọc cho người này bị xóa, nội dung mới không mã hóa cho họ nữa. Việc này không lấy lại được điều đã "
                    "đọc, bản đã in hay đã chép, và không xóa được khóa trong các bản sao lưu đã lập trước đó."
                ),
                _("Người này đã xem %(viewed)s lần, in %(printed)s lần.")
                % {"viewed": left.viewed, "printed": left.printed},
                _("Đang giữ bản số %(numbers)s; phải thu hồi trong sổ.") % {"numbers": ", ".join(map(str, left.copies))}
                if left.copies
                else "",
            )
        ).strip(),
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def seal_again(request: SignedRequest, classified_id: int, person_id: int) -> HttpResponse:
    """Seal everything to the present key of a reader who lost the one before."""
    classified = _to_pass_on(request, classified_id)
    name = _reader_named(classified, person_id)

    def do(answers: dict[str, Any]) -> str | HttpResponse:
        asked = _ask_device(request, question, classified)
        if asked is not None:
            return asked
        made = operations.seal_again_for(
            classified_id=classified.pk,
            person_id=person_id,
            pin=unlocking.opening_of(request) or "",
            actor=request.actor,
            at=timezone.now(),
        )
        words = ngettext("Đã cấp lại %(n)d nội dung cho khóa mới.", "Đã cấp lại %(n)d nội dung cho khóa mới.", made)
        return words % {"n": made}

    question = _question(
        classified,
        _("Cấp lại tài liệu mật số %(number)s cho khóa mới của %(name)s"),
        _("Cấp lại"),
        "readers",
        facts={"name": name},
        sign="key",
        explains=_(
            "Khi người đọc mất khóa hoặc thay khóa. Khóa của đồng chí mở khóa nội dung, bọc lại cho khóa hiện nay của họ."
        ),
    )
    form = forms.Pin(sent(request))
    _without_pin(request, form)
    return ask(request, question, form, do)


# ---- level and term --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def change_level(request: SignedRequest, classified_id: int) -> HttpResponse:
    """Raise or lower the level by a decision."""
    classified = queries.get_for(request.actor, classified_id)

    def do(answers: dict[str, Any]) -> str:
        made = change_secrecy.change_level(
            classified_id=classified.pk, **answers, actor=request.actor, at=timezone.now()
        )
        return _("Độ mật nay là %(level)s, bảo vệ đến hết ngày %(day)s.") % {
            "level": Level(made.level).label,
            "day": f"{made.protected_until:%d/%m/%Y}",
        }

    question = _question(
        classified,
        _("Tăng, giảm độ mật của tài liệu mật số %(number)s"),
        _("Ghi quyết định"),
        "decisions",
        sign="swap",
        explains=_by_whom(classified)
        + _(
            "Đang ở độ %(level)s. Thời hạn bảo vệ tính lại từ ngày quyết định. Tăng độ mật thì người đọc chưa được phép tiếp cận "
            "độ mới không mở được nữa."
        )
        % {"level": Level(classified.level).label},
    )
    return ask(request, question, forms.ChangeLevel(sent(request)), do)


@require_http_methods(["GET", "POST"])
def extend(request: SignedRequest, classified_id: int) -> HttpResponse:
    """Protect it longer."""
    classified = queries.get_for(request.actor, classified_id)

    def do(answers: dict[str, Any]) -> str:
        made = change_secrecy.extend(classified_id=classified.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã gia hạn bảo vệ đến hết ngày %(day)s.") % {"day": f"{made.protected_until:%d/%m/%Y}"}

    question = _question(
        classified,
        _("Gia hạn bảo vệ tài liệu mật số %(number)s"),
        _("Gia hạn"),
        "decisions",
        sign="clock",
        explains=_by_whom(classified)
        + _("Đang bảo vệ đến hết ngày %(day)s. Mỗi lần gia hạn không dài hơn thời hạn của chính độ mật đó.")
        % {"day": f"{classified.protected_until:%d/%m/%Y}"},
    )
    return ask(request, question, forms.Extend(sent(request)), do)


@require_http_methods(["GET", "POST"])
def declassify(request: SignedRequest, classified_id: int) -> HttpResponse:
    """End the protection before its term."""
    classified = queries.get_for(request.actor, classified_id)

    def do(answers: dict[str, Any]) -> str:
        change_secrecy.declassify(classified_id=classified.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã giải mật.")

    question = _question(
        classified,
        _("Giải mật tài liệu mật số %(number)s"),
        _("Giải mật"),
        "decisions",
        sign="check",
        kind="danger",
        explains=_by_whom(classified)
        + _(
            "Người đang đọc không cần được phép tiếp cận bí mật nữa. Nội dung vẫn mã hóa như cũ; ai chưa được đọc thì vẫn chưa đọc "
            "được. Không đảo lại được."
        ),
    )
    return ask(request, question, forms.Declassify(sent(request)), do)


# ---- copies ----------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def give_copy(request: SignedRequest, classified_id: int) -> HttpResponse:
    """Enter a numbered copy and who holds it."""
    classified = _to_pass_on(request, classified_id)

    def do(answers: dict[str, Any]) -> str:
        made = operations.give_copy(classified_id=classified.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã ghi bản số %(number)s.") % {"number": made.number}

    question = _question(
        classified,
        _("Ghi một bản của tài liệu mật số %(number)s"),
        _("Ghi vào sổ"),
        "copies",
        sign="plus",
        explains=_("Số bản do sổ cấp, ghi lên bản đó. Người giữ phải được phép tiếp cận độ mật này."),
    )
    form = forms.GiveCopy(sent(request), persons=recover_secret.list_keyed(request.actor.agency_id, timezone.now()))
    return ask(request, question, form, do)


@require_http_methods(["GET", "POST"])
def return_copy(request: SignedRequest, classified_id: int, copy_id: int) -> HttpResponse:
    """Enter that a copy came back."""
    classified, number = _copy(request, classified_id, copy_id)

    def do(answers: dict[str, Any]) -> str:
        operations.return_copy(copy_id=copy_id, actor=request.actor, at=timezone.now())
        return _("Đã ghi thu hồi bản số %(number)s.") % {"number": number}

    heading = _("Thu hồi bản số %(copy)s của tài liệu mật số %(number)s")
    question = _question(classified, heading, _("Ghi đã thu hồi"), "copies", facts={"copy": number}, sign="undo")
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def destroy_copy(request: SignedRequest, classified_id: int, copy_id: int) -> HttpResponse:
    """Enter that a copy was destroyed, by minutes."""
    classified, number = _copy(request, classified_id, copy_id)

    def do(answers: dict[str, Any]) -> str:
        operations.destroy_copy(copy_id=copy_id, **answers, actor=request.actor, at=timezone.now())
        return _("Đã ghi tiêu hủy bản số %(number)s.") % {"number": number}

    heading = _("Tiêu hủy bản số %(copy)s của tài liệu mật số %(number)s")
    question = _question(
        classified, heading, _("Ghi đã tiêu hủy"), "copies", facts={"copy": number}, sign="x", kind="danger"
    )
    return ask(request, question, forms.DestroyCopy(sent(request)), do)


def _copy(request: SignedRequest, classified_id: int, copy_id: int) -> tuple[Classified, int]:
    """A copy in the register that the actor keeps. :raises NotFound: :raises NotAllowed:"""
    classified = queries.get_for(request.actor, classified_id)
    found = next((each for each in queries.list_copies(request.actor, classified_id) if each.pk == copy_id), None)
    if found is None:
        raise NotFound(copy_id=copy_id)
    return classified, found.number


# ---- the end ---------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def destroy(request: SignedRequest, classified_id: int) -> HttpResponse:
    """Destroy it: nobody's key opens it any more."""
    classified = queries.get_for(request.actor, classified_id)

    def do(answers: dict[str, Any]) -> str:
        operations.destroy(classified_id=classified.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã tiêu hủy tài liệu mật số %(number)s.") % {"number": classified.pk}

    question = _question(
        classified,
        _("Tiêu hủy tài liệu mật số %(number)s"),
        _("Tiêu hủy"),
        "end",
        sign="x",
        kind="danger",
        explains=_(
            "Mọi khóa mở nội dung bị xóa, kể cả của khóa phục hồi: không ai mở được nữa. Bản sao lưu lập trước đó còn giữ khóa, "
            "phải tiêu hủy theo cùng biên bản. Không đảo lại được."
        ),
    )
    others = [each for each in queries.list_readers(classified.pk) if each.person_id != request.actor.person_id]
    form = forms.Destroy(sent(request), persons=[(each.person_id, each.person.name) for each in others])
    return ask(request, question, form, do)


@require_safe
def minutes_file(request: SignedRequest, classified_id: int) -> HttpResponse:
    """The minutes of destruction as PDF: before the act with empty places, after it as it was entered."""
    made = secret_minutes.lay_out(classified_id=classified_id, actor=request.actor, at=timezone.now())
    answer = HttpResponse(made, content_type="application/pdf")
    name = f"bien-ban-tieu-huy-{classified_id}.pdf"
    answer["Content-Disposition"] = str(content_disposition_header(True, name))
    return answer
