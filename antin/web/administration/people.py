"""Persons: the list, one person with posts, account and certificates, and the acts on the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from antin.journeys import look_ahead
from antin.keys import queries as keys
from antin.keys.states import Standing
from antin.people import operations, passwords, policy, queries
from antin.people.actor import Actor
from antin.people.states import Clearance, Status
from antin.refusal import Refusal
from antin.web import tones
from antin.web.administration import forms
from antin.web.asking import Question, ask, offer, sent
from antin.web.directory import GivePhone
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.people.models import Person

PASSWORDS_AT_ONCE = 50
"""So many first passwords are hashed in one answer: some seconds."""

SHOWN = {
    "": (),
    Status.ACTIVE.value: (Status.ACTIVE.value,),
    Status.LOCKED.value: (Status.LOCKED.value,),
    Status.LEFT.value: (Status.LEFT.value,),
}


@require_safe
def listing(request: SignedRequest) -> HttpResponse:
    """The persons of the house by given name, and those who wait for a post."""
    today = local_date(timezone.now())
    words = request.GET.get("words", "").strip()[:200]
    state = request.GET.get("state", "")
    after = request.GET.get("after", "")
    idle = state == "idle"
    found = queries.list_persons_for(
        request.actor,
        on=today,
        words=words,
        statuses=(Status.ACTIVE.value,) if idle else SHOWN.get(state, ()),
        without_post=idle,
        after=int(after) if after.isdecimal() and len(after) < 19 else None,
    )
    views = [("", _("Tất cả")), ("idle", _("Chưa có chức vụ")), *((each.value, each.label) for each in Status)]
    told = {
        "rows": [
            {"row": row, "state": tones.of(Status(row.person.status)), "href": reverse("person", args=[row.person.pk])}
            for row in found.rows
        ],
        "words": words,
        "state": state,
        "views": [
            {"words": label, "href": _list_address(key, words), "n": None, "current": key == state}
            for key, label in views
        ],
        "newest": _list_address(state, words) if after else "",
        "older": _list_address(state, words, str(found.next)) if found.next else "",
    }
    return render(request, "administration/people.html", told)


def _list_address(state: str, words: str, after: str = "") -> str:
    asked = {"state": state, "words": words, "after": after}
    return f"{reverse('people')}?{urlencode({name: value for name, value in asked.items() if value})}"


@require_safe
def page(request: SignedRequest, person_id: int) -> HttpResponse:
    """One person: posts, account, certificates."""
    at = timezone.now()
    today = local_date(at)
    person = queries.get_person_for(request.actor, person_id)
    appointments = list(queries.list_appointments(person.pk))
    certificates = keys.list_certificates_of_person(person.pk)
    no = policy.why_not_manage(request.actor, person)
    told = {
        "person": person,
        "state": tones.of(Status(person.status)),
        "clearance": Clearance(queries.clearance_on(person, today)).label,
        "appointments": [
            {
                "row": each,
                "over": each.until is not None and each.until <= today,
                "future": each.since > today,
                "mine": policy.is_in_house(request.actor.agency_id, each.post.unit),
            }
            for each in appointments
        ],
        "certificates": [
            {
                "certificate": each,
                "state": tones.of(each.standing(at)),
                "open": each.standing(at) in (Standing.VALID, Standing.NOT_YET),
            }
            for each in certificates
        ],
        "appoint": offer(
            _why_not_appoint(request.actor, person),
            "appoint",
            _("Bổ nhiệm"),
            reverse("person-appoint", args=[person.pk]),
            sign="user",
        ),
        "acts": _acts(request.actor, person, no),
        "certify": offer(
            no or _why_not_certify(person, appointments, today),
            "certify",
            _("Cấp mới chứng thư số"),
            reverse("certificate-issue", args=[person.pk]),
            sign="key",
        ),
        "no": no,
    }
    return render(request, "administration/person.html", told)


class NoPostToSign(Refusal):
    code = "no_post_to_sign"
    words = gettext_noop("Người này chưa giữ chức vụ nào; chứng thư số ghi chức vụ và cơ quan.")


def _why_not_certify(person: Person, appointments: list[Any], today: Any) -> Refusal | None:
    holds = any(each.since <= today and (each.until is None or each.until > today) for each in appointments)
    return None if holds and person.status == Status.ACTIVE else NoPostToSign()


def _why_not_appoint(actor: Actor, person: Person) -> Refusal | None:
    if actor.person_id == person.pk:
        return operations.NotToOneself()
    return operations.PersonLeft(person=person.name) if person.status == Status.LEFT else None


def _acts(actor: Actor, person: Person, no: Refusal | None) -> list[Any]:
    """The acts on the account, each with why it is not possible."""
    itself = operations.NotToOneself() if actor.person_id == person.pk else None
    left = operations.PersonLeft(person=person.name) if person.status == Status.LEFT else None
    without = None if queries.has_factors(person.pk) else operations.NoFactors()
    locked = person.status == Status.LOCKED
    here = [person.pk]
    return [
        offer(no or left, "password", _("Đặt lại mật khẩu"), reverse("person-password", args=here), sign="key"),
        offer(no or left, "key-file", _("Nhập tệp khóa (PKCS#12)"), reverse("key-file-import", args=here), sign="file"),
        offer(
            no or left, "key-request", _("Tạo khóa trên thiết bị"), reverse("person-key-request", args=here), sign="key"
        ),
        offer(no or left, "key-enter", _("Nhập khóa đã có"), reverse("person-key-enter", args=here), sign="file"),
        offer(no or left, "pictures", _("Hình chữ ký"), reverse("person-pictures", args=here), sign="pen"),
        offer(no or left, "describe", _("Sửa họ tên, cấp bậc"), reverse("person-describe", args=here), sign="draft"),
        offer(
            no or left,
            "phone",
            _("Số điện thoại"),
            reverse("person-phone", args=here),
            sign="draft",
            dialog=True,
        ),
        offer(
            no or left,
            "sittings",
            _("Kết thúc mọi phiên"),
            reverse("person-sign-out", args=here),
            sign="left",
            dialog=True,
        ),
        offer(
            no or left or itself or without,
            "factors",
            _("Gỡ xác thực lần hai"),
            reverse("person-factors", args=here),
            sign="key",
            dialog=True,
        ),
        offer(
            no or left or itself,
            "clearance",
            _("Quyền tiếp cận bí mật"),
            reverse("person-clearance", args=here),
            sign="lock",
        ),
        offer(
            no or left, "unlock", _("Mở khóa tài khoản"), reverse("person-unlock", args=here), sign="check", dialog=True
        )
        if locked
        else offer(
            no or left or itself,
            "lock",
            _("Khóa tài khoản"),
            reverse("person-lock", args=here),
            sign="lock",
            kind="danger",
            dialog=True,
        ),
        offer(
            no or left or itself,
            "let-go",
            _("Cho thôi công tác"),
            reverse("person-let-go", args=here),
            sign="x",
            kind="danger",
            dialog=True,
        ),
    ]


def _question(person: Person, heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, reverse("person", args=[person.pk]), person.name, **more)


def _hand_out(
    request: SignedRequest, *, heading: str, back: str, secrets_told: list[tuple[str, str]], then: str
) -> HttpResponse:
    """Show a secret once. It is in no address, no session and no store: this page is its only copy."""
    told = {"heading": heading, "back": back, "secrets": secrets_told, "then": then}
    return render(request, "asking/handed_out.html", told)


@require_http_methods(["GET", "POST"])
def add(request: SignedRequest, post_id: int | None = None) -> HttpResponse:
    """Take somebody in; with a post, put him into it at once."""
    at = timezone.now()
    post = queries.get_post_for(request.actor, post_id) if post_id is not None else None
    initial = {"since": local_date(at)}
    form = forms.SeatNewPerson(sent(request), initial=initial) if post else forms.AddPerson(sent(request))

    def do(answers: dict[str, Any]) -> HttpResponse:
        told = answers["password"] or passwords.invent()
        facts = answers | {"password": told}
        if post:
            person = operations.seat_new_person(post_id=post.pk, **facts, actor=request.actor, at=at)
        else:
            person = operations.add_person(**facts, actor=request.actor, at=at)
        given = [(_("Tên đăng nhập"), person.user_name or "")]
        given += [] if answers["password"] else [(_("Mật khẩu đầu tiên"), told)]
        return _hand_out(
            request,
            heading=_("Đã thêm %(name)s") % {"name": person.name},
            back=reverse("person", args=[person.pk]),
            secrets_told=given,
            then=_("Giao tận tay. Người nhận đổi mật khẩu ở trang Tài khoản của tôi sau lần đăng nhập đầu tiên."),
        )

    if post:
        heading = _("Thêm người mới giữ chức vụ %(post)s") % {"post": post.title}
        question = Question(heading, _("Thêm và bổ nhiệm"), reverse("post", args=[post.pk]), post.title, sign="plus")
    else:
        question = Question(_("Thêm người"), _("Thêm người"), reverse("people"), _("Người dùng"), sign="plus")
    return ask(request, question, form, do)


@require_http_methods(["GET", "POST"])
def first_passwords(request: SignedRequest) -> HttpResponse:
    """Give first passwords to those who have a user name and none yet: so many at a time, told once, to be printed and cut."""
    at = timezone.now()
    waiting = queries.list_persons_for(
        request.actor,
        on=local_date(at),
        statuses=(Status.ACTIVE.value,),
        without_password=True,
        limit=PASSWORDS_AT_ONCE,
    ).rows
    if not waiting and request.method == "POST":
        return HttpResponseRedirect(reverse("people"))
    if not waiting and request.method == "POST":
        return HttpResponseRedirect(reverse("people"))
    if not waiting:
        messages.info(request, _("Không còn ai chờ mật khẩu đầu tiên."))
        return listing(request)

    def do(_answers: dict[str, Any]) -> HttpResponse:
        told = []
        for person in (row.person for row in waiting):
            password = passwords.invent()
            operations.set_password(person_id=person.pk, password=password, actor=request.actor, at=at)
            told.append((f"{person.name} · {person.user_name}", password))
        return _hand_out(
            request,
            heading=ngettext("Mật khẩu đầu tiên của %(n)d người", "Mật khẩu đầu tiên của %(n)d người", len(told))
            % {"n": len(told)},
            back=reverse("people-passwords"),
            secrets_told=told,
            then=_("In ra, cắt từng dòng và giao tận tay. Người nhận đổi mật khẩu ngay ở lần đăng nhập đầu tiên."),
        )

    question = Question(
        ngettext("Cấp mật khẩu đầu tiên cho %(n)d người", "Cấp mật khẩu đầu tiên cho %(n)d người", len(waiting))
        % {"n": len(waiting)},
        _("Cấp mật khẩu"),
        reverse("people"),
        _("Người dùng"),
        sign="key",
        explains=_(
            "Ai có tên đăng nhập mà chưa có mật khẩu; mỗi lần nhiều nhất %(n)d người. Mật khẩu chỉ hiện một lần."
        )
        % {"n": PASSWORDS_AT_ONCE},
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def describe(request: SignedRequest, person_id: int) -> HttpResponse:
    """Change what a person is called."""
    person = queries.get_person_for(request.actor, person_id)

    def do(answers: dict[str, Any]) -> str:
        operations.describe_person(person_id=person.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã sửa thông tin của %(name)s.") % {"name": answers["name"]}

    question = _question(
        person,
        _("Sửa họ tên, cấp bậc của %(name)s") % {"name": person.name},
        _("Ghi lại"),
        sign="draft",
        explains=_("Chứng thư số ghi tên cũ: cấp chứng thư số mới để chữ ký mang tên mới."),
    )
    initial = {"name": person.name, "rank": person.rank}
    return ask(request, question, forms.DescribePerson(sent(request), initial=initial), do)


@require_http_methods(["GET", "POST"])
def phone(request: SignedRequest, person_id: int) -> HttpResponse:
    """Say under which number a person is reached."""
    person = queries.get_person_for(request.actor, person_id)

    def do(answers: dict[str, Any]) -> str:
        operations.give_phone(person_id=person.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã ghi số điện thoại.")

    question = _question(person, _("Số điện thoại của %(name)s") % {"name": person.name}, _("Ghi lại"), sign="draft")
    return ask(request, question, GivePhone(sent(request), initial={"phone": person.phone}), do)


@require_http_methods(["GET", "POST"])
def set_password(request: SignedRequest, person_id: int) -> HttpResponse:
    """Give a person a new password; every session of his ends."""
    person = queries.get_person_for(request.actor, person_id)

    def do(answers: dict[str, Any]) -> str | HttpResponse:
        told = answers["password"] or passwords.invent()
        operations.set_password(person_id=person.pk, password=told, actor=request.actor, at=timezone.now())
        if answers["password"]:
            return _("Đã đặt lại mật khẩu của %(name)s.") % {"name": person.name}
        return _hand_out(
            request,
            heading=_("Đã đặt lại mật khẩu của %(name)s") % {"name": person.name},
            back=reverse("person", args=[person.pk]),
            secrets_told=[(_("Tên đăng nhập"), person.user_name or ""), (_("Mật khẩu mới"), told)],
            then=_("Giao tận tay. Người nhận đổi mật khẩu ở trang Tài khoản của tôi sau lần đăng nhập đầu tiên."),
        )

    question = _question(
        person,
        _("Đặt lại mật khẩu của %(name)s") % {"name": person.name},
        _("Đặt lại mật khẩu"),
        sign="key",
        explains=_("Mọi phiên làm việc của người này kết thúc ngay. Việc đặt lại được ghi nhật ký."),
    )
    return ask(request, question, forms.SetPassword(sent(request)), do)


@require_http_methods(["GET", "POST"])
def reset_factors(request: SignedRequest, person_id: int) -> HttpResponse:
    """Take away the second factors of a person who lost them."""
    person = queries.get_person_for(request.actor, person_id)

    def do(answers: dict[str, Any]) -> str:
        operations.reset_factors(person_id=person.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã gỡ mọi cách xác thực lần hai của %(name)s.") % {"name": person.name}

    question = _question(
        person,
        _("Gỡ xác thực lần hai của %(name)s") % {"name": person.name},
        _("Gỡ"),
        sign="key",
        kind="danger",
        explains=_(
            "Dùng khi người này mất hết điện thoại, khóa bảo mật và mã dự phòng. Mọi phiên của người này kết thúc."
        ),
    )
    return ask(request, question, forms.Basis(sent(request)), do)


@require_http_methods(["GET", "POST"])
def sign_out(request: SignedRequest, person_id: int) -> HttpResponse:
    """End every sitting of a person."""
    person = queries.get_person_for(request.actor, person_id)

    def do(answers: dict[str, Any]) -> str:
        operations.end_sittings(person_id=person.pk, actor=request.actor, at=timezone.now())
        return _("Đã kết thúc mọi phiên làm việc của %(name)s.") % {"name": person.name}

    question = _question(
        person,
        _("Kết thúc mọi phiên làm việc của %(name)s") % {"name": person.name},
        _("Kết thúc mọi phiên"),
        sign="left",
        explains=_("Người này phải đăng nhập lại trên mọi máy. Nội dung chưa lưu có thể mất."),
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def lock(request: SignedRequest, person_id: int) -> HttpResponse:
    """Keep a person out until the account is opened again."""
    person = queries.get_person_for(request.actor, person_id)

    def do(answers: dict[str, Any]) -> str:
        operations.lock_account(person_id=person.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã khóa tài khoản của %(name)s.") % {"name": person.name}

    question = _question(
        person,
        _("Khóa tài khoản của %(name)s") % {"name": person.name},
        _("Khóa tài khoản"),
        sign="lock",
        kind="danger",
        explains=_("Không đăng nhập được, mọi phiên và khóa truy cập ngừng ngay; chức vụ vẫn giữ cho đến khi mở khóa."),
    )
    return ask(request, question, forms.Basis(sent(request)), do)


@require_http_methods(["GET", "POST"])
def unlock(request: SignedRequest, person_id: int) -> HttpResponse:
    """Let a person in again."""
    person = queries.get_person_for(request.actor, person_id)

    def do(answers: dict[str, Any]) -> str:
        operations.unlock_account(person_id=person.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã mở khóa tài khoản của %(name)s.") % {"name": person.name}

    question = _question(
        person, _("Mở khóa tài khoản của %(name)s") % {"name": person.name}, _("Mở khóa tài khoản"), sign="check"
    )
    return ask(request, question, forms.Basis(sent(request)), do)


@require_http_methods(["GET", "POST"])
def let_go(request: SignedRequest, person_id: int) -> HttpResponse:
    """End everything a person has: posts, sign-in, tokens, clearance."""
    person = queries.get_person_for(request.actor, person_id)

    def do(answers: dict[str, Any]) -> str:
        operations.let_go(person_id=person.pk, **answers, actor=request.actor, at=timezone.now())
        return _("%(name)s đã thôi công tác.") % {"name": person.name}

    question = _question(
        person,
        _("Cho %(name)s thôi công tác") % {"name": person.name},
        _("Cho thôi công tác"),
        sign="x",
        kind="danger",
        explains=_(
            "Thôi giữ mọi chức vụ, không đăng nhập được nữa. Việc đang chờ ở lại với chức vụ. Không đảo lại được."
        ),
    )
    return ask(request, question, forms.Basis(sent(request)), do)


@require_http_methods(["GET", "POST"])
def clear(request: SignedRequest, person_id: int) -> HttpResponse:
    """Say up to which degree of secrecy a person may be shown things."""
    person = queries.get_person_for(request.actor, person_id)

    def do(answers: dict[str, Any]) -> str:
        operations.grant_clearance(person_id=person.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã ghi quyền tiếp cận bí mật nhà nước của %(name)s.") % {"name": person.name}

    question = _question(
        person,
        _("Quyền tiếp cận bí mật nhà nước của %(name)s") % {"name": person.name},
        _("Ghi lại"),
        sign="lock",
    )
    initial = {"level": person.clearance, "until": person.clearance_until}

    def ahead(answers: dict[str, Any]) -> look_ahead.Ahead:
        return look_ahead.grant_clearance(person_id=person.pk, **answers, actor=request.actor, at=timezone.now())

    return ask(request, question, forms.GrantClearance(sent(request), initial=initial), do, ahead=ahead)
