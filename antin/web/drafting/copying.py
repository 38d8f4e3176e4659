"""Asking for a certified copy of a paper: which kind, in which form, who signs it, and whom it is for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from antin.documents import policy, queries
from antin.documents.operations import Addressees
from antin.documents.states import CopyForm
from antin.documents.types import COPIES
from antin.journeys import copy_document
from antin.journeys.copy_document import Wish
from antin.people import queries as people
from antin.people.queries import SigningRight
from antin.refusal import refuse
from antin.web.asking import Question, ask, sent
from antin.web.drafting import recipient_lists
from antin.web.drafting.forms import written_out
from antin.web.drafting.page import fresh_key, units
from antin.web.session.middleware import SignedRequest
from antin.web.trees import Branch, TreesField
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import Document


class AskCopy(forms.Form):
    """One way of copying: only what that way needs is asked."""

    key = forms.RegexField(r"^[\w-]{16,64}$", widget=forms.HiddenInput)
    passages = forms.CharField(
        label=gettext_lazy("Đoạn trích"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": gettext_lazy("Trích sao phải ghi đoạn được trích.")},
        help_text=gettext_lazy("Chép nguyên văn; mỗi đoạn cách nhau một dòng trống"),
    )
    recipients = forms.CharField(
        label=gettext_lazy("Nơi nhận"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Bản sao giấy ghi ít nhất một nơi nhận.")},
        help_text=gettext_lazy("Mỗi dòng một nơi, in ở cuối bản sao; dòng “Lưu: VT” có sẵn"),
    )
    addressed = TreesField(
        label=gettext_lazy("Gửi tới"),
        required=False,
        help_text=gettext_lazy("Không chọn nơi nào thì bản sao chỉ lưu tại cơ quan, tải về được"),
    )
    signer = forms.TypedChoiceField(
        label=gettext_lazy("Người cho sao, ký bản sao"),
        coerce=int,
        error_messages={"required": gettext_lazy("Chưa chọn người ký.")},
    )

    def __init__(
        self, data: Any, *, kind: str, form: CopyForm, rights: list[SigningRight], offered: list[Branch]
    ) -> None:
        super().__init__(data, initial={"key": fresh_key()})
        unwanted = ["addressed" if form == CopyForm.PAPER else "recipients", *(["passages"] if kind != "TrS" else [])]
        for name in unwanted:
            del self.fields[name]
        if "addressed" in self.fields:
            cast(TreesField, self.fields["addressed"]).grow(offered)
        cast(forms.TypedChoiceField, self.fields["signer"]).choices = [
            (right.post_id, f"{right.rank} {right.person_name}, {right.post_title}".strip()) for right in rights
        ]


def ways_of(document: Document) -> list[tuple[str, CopyForm]]:
    """The ways in which a paper may be copied."""
    return [
        (kind, form) for kind in COPIES for form in CopyForm if policy.why_not_this_copy(document, kind, form) is None
    ]


@require_http_methods(["GET", "POST"])
def copy(request: SignedRequest, document_id: int) -> HttpResponse:
    """Choose a way of copying, and ask for the copy."""
    actor, at = request.actor, timezone.now()
    on = local_date(at)
    source = queries.get_for(actor, document_id)
    refuse(policy.why_not_copy(actor, source))
    ways = ways_of(source)
    asked = request.GET.get("way", "")
    kind, form = next((way for way in ways if "-".join(way) == asked), ways[0])
    rights = people.list_signing_rights(agency_id=actor.agency_id, type_code=kind, on=on)
    asks = AskCopy(sent(request), kind=kind, form=form, rights=rights, offered=units(actor, None, on))
    made: list[Document] = []

    def do(answers: dict[str, Any]) -> str:
        wish = Wish(
            kind=kind,
            form=form,
            signer_post_id=answers["signer"],
            passages=answers.get("passages", ""),
            recipients=tuple(answers.get("recipients", "").splitlines()),
            addressees=Addressees(
                written_out(answers.get("addressed", ()), partial(recipient_lists.held, actor, on=on))
            ),
        )
        document = copy_document.ask(source_id=document_id, wish=wish, key=answers["key"], actor=actor, today=on, at=at)
        made.append(document)
        making = queries.making_of(document)
        if document.next_holder.startswith("P"):
            return _("Đã đề nghị %(who)s cho sao.") % {"who": making.signer_name}
        return _("Đã cho sao, chuyển văn thư cấp số.")

    question = Question(
        _("Sao “%(subject)s”") % {"subject": source.subject},
        _("Đề nghị sao"),
        reverse("document", args=[document_id]),
        source.code or source.subject,
        sign="file",
    )
    here = reverse("document-copy", args=[document_id])
    beside = {
        "ways": [
            {
                "words": f"{COPIES[each].name}, {str(to.label).lower()}",
                "href": f"{here}?way={each}-{to}",
                "n": None,
                "current": (each, to) == (kind, form),
            }
            for each, to in ways
        ],
        "says": _says(kind, form),
        "source": source,
        "words": copy_document.words_of(source) if kind == "TrS" else "",
    }
    return ask(
        request,
        question,
        asks,
        do,
        then=lambda: reverse("document", args=[made[0].pk]),
        above="drafting/_copy.html",
        beside=beside,
    )


def _says(kind: str, form: CopyForm) -> str:
    """What will come of it."""
    if form == CopyForm.PAPER:
        return _(
            "Trang in ra có khối bản sao (tên cơ quan, số, nơi nhận, người ký) ngay dưới phần cuối của văn bản; "
            "người ký bản sao ký và văn thư đóng dấu trên giấy."
        )
    if kind == "TrS":
        return _(
            "Đoạn trích được trình bày lại theo thể thức của văn bản; cơ quan ký số ở góc trên bên phải trang đầu: "
            "hình thức sao, tên cơ quan, thời gian ký."
        )
    return _(
        "Bản số hóa giữ nguyên; cơ quan ký số ở góc trên bên phải trang đầu: hình thức sao, tên cơ quan, thời gian ký."
    )
