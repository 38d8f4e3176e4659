"""Other nodes: who there is, what waits between us, whether the numbers of both sides agree, and what goes by hand."""

from __future__ import annotations

import tempfile
from typing import Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from antin.files import operations as files
from antin.files import queries as kept
from antin.journeys import between_nodes
from antin.nodes import operations, policy, queries, statements
from antin.nodes.queries import Comparison, Gap, Queue
from antin.nodes.states import Standing
from antin.people import queries as people
from antin.refusal import refuse
from antin.web.administration import book_moves, forms
from antin.web.asking import Question, ask, brought, sent
from antin.web.session.middleware import SignedRequest
from antin.web.tones import Tone
from antin.workdays.queries import local_date

MEDIA = "application/pkcs7-mime"


@require_safe
def page(request: SignedRequest) -> HttpResponse:
    """This node, the others, what waits, what was set aside, what was not believed."""
    refuse(policy.why_not_run(request.actor))
    identity, queues = queries.find_identity(), queries.list_queues()
    others = [row for row in queries.list_members() if identity is None or row.code != identity.code]
    told = {
        "heading": _heading(len(others), named=identity is not None),
        "identity": identity,
        "fingerprint": statements.fingerprint(bytes(identity.sign_certificate)) if identity else "",
        "members": [_member(row, queues.get(row.pk, Queue())) for row in others],
        "invitations": [
            {
                "row": row,
                "fingerprint": statements.fingerprint(queries.answered_certificate(row)) if row.answer else "",
            }
            for row in queries.list_invitations()
        ],
        "aside": queries.list_aside(),
        "stuck": queries.list_stuck(),
        "rejections": queries.list_rejections(),
        **(book_moves.told_of(identity.code) if identity else {}),
    }
    return render(request, "administration/nodes.html", told)


def _heading(n: int, *, named: bool) -> str:
    if not named:
        return _("Chưa liên kết với nút nào")
    return ngettext("Liên kết với %(n)d nút", "Liên kết với %(n)d nút", n) % {"n": n}


def _member(row: Any, queue: Queue) -> dict[str, Any]:
    found = queries.compare(row)
    is_member = row.standing == Standing.MEMBER
    return {
        "row": row,
        "way": row.get_way_display(),
        "is_member": is_member,
        "agencies": ", ".join(row.agencies[code] for code in sorted(row.agencies)),
        "state": _state(found, queue) if is_member else Tone(_("đã loại"), "", "x"),
        "waiting": _waiting(queue),
        "gaps": [*_gap(_("gửi đi"), found.outward), *_gap(_("gửi đến"), found.inward)],
    }


def _state(found: Comparison, queue: Queue) -> Tone:
    if queue.aside or queue.stuck or any(gap and not gap.is_whole for gap in (found.outward, found.inward)):
        return Tone(_("cần xem"), "late", "warning")
    if found.member.heard_at is None:
        return Tone(_("chưa liên lạc"), "", "clock")
    return Tone(_("thông suốt"), "ok", "check")


def _waiting(queue: Queue) -> list[str]:
    counts = (
        (queue.waiting, ngettext("%(n)d kiện chờ chuyển", "%(n)d kiện chờ chuyển", queue.waiting)),
        (queue.sent, ngettext("%(n)d kiện chờ bên kia báo", "%(n)d kiện chờ bên kia báo", queue.sent)),
        (queue.coming, ngettext("%(n)d kiện đang đến", "%(n)d kiện đang đến", queue.coming)),
        (queue.stuck, ngettext("%(n)d kiện bên kia không lấy được", "%(n)d kiện bên kia không lấy được", queue.stuck)),
        (queue.aside, ngettext("%(n)d kiện để riêng", "%(n)d kiện để riêng", queue.aside)),
    )
    return [words % {"n": n} for n, words in counts if n] or [_("không có gì chờ")]


def _gap(way: str, gap: Gap | None) -> list[str]:
    if gap is None:
        return []
    if gap.is_whole:
        return [_("%(way)s: khớp %(taken)d trên %(given)d") % {"way": way, "taken": gap.taken, "given": gap.given}]
    told = {"way": way, "missing": _numbers(gap.missing), "extra": _numbers(gap.extra)}
    return [_("%(way)s: thiếu %(missing)s, thừa %(extra)s") % told]


def _numbers(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:10])) + (" …" if len(numbers) > 10 else "") if numbers else "0"


def _question(heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, reverse("nodes"), _("Nút khác"), **more)


def _download(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=MEDIA)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _agencies(text: str) -> dict[str, str]:
    found = {}
    for row in filter(None, (each.strip() for each in text.splitlines())):
        code, _sign, name = (part.strip() for part in row.partition("="))
        found[code] = name or code
    return found


@require_http_methods(["GET", "POST"])
def establish(request: SignedRequest) -> HttpResponse:
    """Name this node as the one that coordinates."""
    refuse(policy.why_not_run(request.actor))

    def do(answers: dict[str, Any]) -> str:
        at = timezone.now()
        root = people.find_root()
        rows = people.list_tree(on=local_date(at), below=root, agencies_only=True) if root else []
        own = {row.code: row.name for row in rows}
        made = operations.establish(**answers, agencies=own, actor=request.actor, at=at)
        return _("Nút này là %(code)s và điều phối danh bạ của mình.") % {"code": made.code}

    question = _question(
        _("Đặt tên cho nút này"),
        _("Đặt tên"),
        sign="swap",
        explains=_(
            "Nút điều phối ký danh bạ, mời và kết nạp nút khác. Nút được mời thì nhận giấy mời, không làm việc này."
        ),
    )
    return ask(request, question, forms.NameNode(sent(request)), do)


@require_http_methods(["GET", "POST"])
def invite(request: SignedRequest) -> HttpResponse:
    """Invite a node; the answer is the invitation's file."""
    refuse(policy.why_not_run(request.actor))

    def do(answers: dict[str, Any]) -> HttpResponse:
        agencies = _agencies(answers.pop("agencies"))
        invited = operations.invite(**answers, agencies=agencies, actor=request.actor, at=timezone.now())
        return _download(invited.content, f"giay-moi-{invited.invitation.code}.p7m")

    question = _question(
        _("Mời một nút"),
        _("Lập giấy mời"),
        sign="plus",
        explains=_("Tệp giấy mời chứa khóa đường liên kết: chuyển tận tay. Nút ấy trả lời bằng một tệp mang về đây."),
    )
    return ask(request, question, forms.InviteNode(sent(request)), do)


@require_http_methods(["GET", "POST"])
def withdraw(request: SignedRequest, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    refuse(policy.why_not_run(request.actor))

    def do(_answers: dict[str, Any]) -> str:
        row = operations.withdraw_invitation(invitation_id=invitation_id, actor=request.actor, at=timezone.now())
        return _("Đã hủy giấy mời nút %(code)s.") % {"code": row.code}

    question = _question(_("Hủy giấy mời này?"), _("Hủy giấy mời"), sign="x", kind="danger")
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def join(request: SignedRequest) -> HttpResponse:
    """Join by an invitation whose fingerprint was compared; the answer is the file to carry back."""
    refuse(policy.why_not_run(request.actor))

    def do(answers: dict[str, Any]) -> HttpResponse:
        at, content = timezone.now(), answers["file"].read()
        read = operations.read_invitation(content=content, at=at)
        refuse(policy.why_not_same(answers["fingerprint"], read.fingerprint))
        answer = operations.accept_invitation(content=content, actor=request.actor, at=at)
        between_nodes.list_agencies(at=at)
        return _download(answer, f"tra-loi-{read.code}.p7m")

    question = _question(
        _("Nhận giấy mời"),
        _("Nhận và lập tệp trả lời"),
        sign="check",
        explains=_("Gọi cho nút điều phối, nghe họ đọc dấu vân tay rồi gõ vào đây: sai một chữ số là giấy mời giả."),
    )
    return ask(request, question, forms.JoinNodes(sent(request), brought(request)), do)


@require_http_methods(["GET", "POST"])
def answer(request: SignedRequest) -> HttpResponse:
    """Take the answer's file of an invited node."""
    refuse(policy.why_not_run(request.actor))

    def do(answers: dict[str, Any]) -> str:
        row = operations.take_answer(content=answers["file"].read(), actor=request.actor, at=timezone.now())
        return _("Nút %(code)s đã trả lời. Đối chiếu dấu vân tay rồi kết nạp.") % {"code": row.code}

    question = _question(_("Nhận tệp trả lời"), _("Nhận"), sign="inbox")
    return ask(request, question, forms.AnswerFile(sent(request), brought(request)), do)


@require_http_methods(["GET", "POST"])
def confirm(request: SignedRequest, invitation_id: int) -> HttpResponse:
    """Confirm a newcomer whose fingerprint was compared."""
    refuse(policy.why_not_run(request.actor))
    row = next((each for each in queries.list_invitations() if each.pk == invitation_id and each.answer), None)

    def do(answers: dict[str, Any]) -> str:
        found = statements.fingerprint(queries.answered_certificate(row)) if row else ""
        refuse(policy.why_not_same(answers["fingerprint"], found))
        at = timezone.now()
        member = operations.confirm_member(invitation_id=invitation_id, actor=request.actor, at=at)
        between_nodes.list_agencies(at=at)
        return _("Đã kết nạp nút %(code)s; danh bạ mới đang được gửi.") % {"code": member.code}

    question = _question(
        _("Kết nạp nút này?"),
        _("Kết nạp"),
        explains=_("Gọi cho quản trị viên nút ấy, nghe họ đọc dấu vân tay rồi gõ vào đây."),
    )
    return ask(request, question, forms.CompareFingerprint(sent(request)), do)


@require_http_methods(["GET", "POST"])
def change(request: SignedRequest, code: str) -> HttpResponse:
    """Change which agencies a member serves, and how it is reached."""
    refuse(policy.why_not_run(request.actor))
    member = queries.get_member(code)
    rows = "\n".join(f"{each} = {member.agencies[each]}" for each in sorted(member.agencies))

    def do(answers: dict[str, Any]) -> str:
        at = timezone.now()
        operations.change_member(
            code=code, way=answers["way"], agencies=_agencies(answers["agencies"]), actor=request.actor, at=at
        )
        between_nodes.list_agencies(at=at)
        return _("Đã sửa nút %(code)s; danh bạ mới đang được gửi.") % {"code": code}

    question = _question(
        _("Sửa nút %(name)s") % {"name": member.name},
        _("Lưu"),
        sign="draft",
        explains=_("Cơ quan ghi ở đây mà đang thuộc nút khác thì chuyển sang nút này."),
    )
    return ask(request, question, forms.ChangeNode(sent(request), initial={"agencies": rows, "way": member.way}), do)


@require_http_methods(["GET", "POST"])
def expel(request: SignedRequest, code: str) -> HttpResponse:
    """Expel a member."""
    refuse(policy.why_not_run(request.actor))
    member = queries.get_member(code)

    def do(answers: dict[str, Any]) -> str:
        at = timezone.now()
        operations.expel(code=code, reason=answers["reason"], actor=request.actor, at=at)
        between_nodes.list_agencies(at=at)
        return _("Đã loại nút %(code)s; danh bạ mới đang được gửi.") % {"code": code}

    question = _question(
        _("Loại nút %(name)s?") % {"name": member.name},
        _("Loại khỏi danh bạ"),
        sign="x",
        kind="danger",
        explains=_("Từ phiên bản danh bạ sau không nút nào nhận gì của nút này, hay gửi gì cho nó."),
    )
    return ask(request, question, forms.DropParcel(sent(request)), do)


@require_http_methods(["GET", "POST"])
def retry(request: SignedRequest, received_id: int) -> HttpResponse:
    """Try a parcel again that was set aside."""
    refuse(policy.why_not_run(request.actor))
    received = queries.get_received(received_id)

    def do(_answers: dict[str, Any]) -> str:
        operations.take_again(received_id=received_id, actor=request.actor, at=timezone.now())
        return _("Đang nhận lại kiện số %(number)d của %(node)s.") % {
            "number": received.number,
            "node": received.member.code,
        }

    question = _question(_("Nhận lại kiện này?"), _("Nhận lại"), sign="undo", explains=received.fault)
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def export(request: SignedRequest, code: str) -> HttpResponse:
    """Write everything that waits for a partner as one file, to be carried by hand."""
    refuse(policy.why_not_run(request.actor))
    member = queries.get_member(code)

    def do(_answers: dict[str, Any]) -> FileResponse:
        out = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it when it was sent
        at = timezone.now()
        operations.export_bundle(code=code, out=out, actor=request.actor, at=at)
        out.seek(0)
        name = f"kien-{code}-{at:%Y%m%d-%H%M%S}.zip"
        return FileResponse(out, as_attachment=True, filename=name, content_type="application/zip")

    question = _question(
        _("Xuất kiện cho %(name)s") % {"name": member.name},
        _("Xuất tệp"),
        sign="download",
        explains=_(
            "Mọi kiện đang chờ nút này, đã niêm phong. Kiện nào họ chưa báo đã nhận thì lần sau lại có trong tệp."
        ),
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def bring(request: SignedRequest) -> HttpResponse:
    """Take a bundle from a medium, to be looked at before anything is taken in."""
    refuse(policy.why_not_run(request.actor))
    digest = ""

    def do(answers: dict[str, Any]) -> str:
        nonlocal digest
        between_nodes.look_into(source=answers["file"], actor=request.actor, at=timezone.now())
        answers["file"].seek(0)
        digest = files.keep(answers["file"], at=timezone.now()).digest
        return _("Đã đọc gói kiện; chưa nhận gì vào.")

    question = _question(_("Đọc gói kiện mang tay"), _("Đọc"), sign="inbox")
    form = forms.AnswerFile(sent(request), brought(request))
    return ask(request, question, form, do, then=lambda: reverse("node-bundle", args=[digest]))


@require_http_methods(["GET", "POST"])
def bundle(request: SignedRequest, digest: str) -> HttpResponse:
    """Show what lies in a bundle, and take it in."""
    refuse(policy.why_not_run(request.actor))
    with kept.open_stream(digest) as stream:
        found = between_nodes.look_into(source=stream, actor=request.actor, at=timezone.now())

    def do(_answers: dict[str, Any]) -> str:
        with kept.open_stream(digest) as source:
            done = between_nodes.take_bundle(source=source, actor=request.actor, at=timezone.now())
        return _("Đã nhận %(n)d kiện, từ chối %(refused)d.") % {"n": done.parcels, "refused": done.refused}

    question = _question(
        _("Gói kiện của %(name)s") % {"name": found.sender.name},
        _("Nhận vào"),
        sign="inbox",
        explains=_("Chữ ký của nút gửi và bản kê đúng. Kiện đã nhận rồi thì nhận lại không thay đổi gì."),
    )
    above = "administration/_bundle.html"
    return ask(request, question, forms.Nothing(sent(request)), do, above=above, beside={"bundle": found})
