"""The form of a draft: what it asks, and how its words become what the rooms take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from antin.correspondents.queries import Held
from antin.documents.operations import SUBJECT_MAX, Addressee, Addressees, DraftFacts, Hands, Outside
from antin.documents.states import Circulation, Secrecy, Urgency
from antin.documents.types import ALL_TYPES, DocumentType, Family, family_of, notation
from antin.people.queries import SigningRight
from antin.refusal import Refusal
from antin.typeset import body as bodies
from antin.web.addressees import read
from antin.web.days import DayField
from antin.web.drafting import plain
from antin.web.trees import Branch, TreesField


class LosesFormat(Refusal):
    code = "loses_format"
    words = gettext_noop(
        "Nội dung đang có định dạng (điều, khoản, bảng, chữ đậm…) mà ô chữ này không giữ được. "
        "Mở bằng trình duyệt chạy được trình soạn thảo, hoặc đánh dấu “Bỏ định dạng” rồi lưu lại."
    )


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several at once."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/input.html"

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__(dict(attrs or {}))


class OneFileInput(forms.FileInput):
    """A file input whose value is never shown again."""


class FilesField(forms.FileField):
    """Several files."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(FilesField, self).clean(each, initial) for each in data or [] if each is not None]


def written_out(values: Iterable[str], held: Callable[[int], Held]) -> tuple[Addressee, ...]:
    found: list[Addressee] = []
    for value in values:
        if value.startswith("l"):
            members = held(int(value[1:]))
            found += [*members.agencies, *map(Outside, members.outside)]
        else:
            found.append(read(value))
    return tuple(dict.fromkeys(found))


Choices = list[tuple[str, str]]


def type_choices(
    drafted: Mapping[str, DocumentType], agency: str, unit: str, party: str = ""
) -> Sequence[tuple[Any, Any]]:
    """The types that may be drafted, by family where there are several, each with the notation that will stand after its number.
    `party`: the letters of the Party organ."""
    found: dict[Family, Choices] = {}
    for code, kind in drafted.items():
        is_party = kind.family == Family.PARTY
        marks = f"-{notation(code, party, '')}" if is_party else f"/{notation(code, agency, unit)}"
        words = f"{kind.name} (…{marks})"
        found.setdefault(kind.family, []).append((code, words))
    if len(found) == 1:
        return next(iter(found.values()))
    return [(family.label, choices) for family, choices in found.items()]


def by_family(types: Mapping[str, DocumentType]) -> list[tuple[Any, Choices]]:
    """The types of papers by family."""
    found: dict[Family, Choices] = {}
    for code, kind in types.items():
        found.setdefault(kind.family, []).append((code, kind.name))
    return [(family.label, choices) for family, choices in found.items()]


class DraftForm(forms.Form):
    """Facts, recipients, text and files of a draft. What is right to write is the room's to say, not this form's."""

    key = forms.RegexField(r"^[\w-]{16,64}$", widget=forms.HiddenInput)
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    type_code = forms.ChoiceField(label=_("Loại văn bản"))
    issuer = forms.TypedChoiceField(label=_("Ban hành nhân danh"), coerce=int, empty_value=None, required=False)
    subject = forms.CharField(
        label=_("Trích yếu"),
        error_messages={"required": _("Chưa có trích yếu.")},
        widget=forms.Textarea(attrs={"rows": 2, "data-count": str(SUBJECT_MAX)}),
    )
    urgency = forms.TypedChoiceField(label=_("Độ khẩn"), coerce=int, choices=Urgency.choices)
    secrecy = forms.TypedChoiceField(label=_("Độ mật"), coerce=int, choices=Secrecy.choices)
    circulation = forms.ChoiceField(label=_("Phạm vi lưu hành"), choices=Circulation.choices, required=False)
    reply_by = DayField(label=_("Hạn trả lời"), required=False)
    in_reply_to = forms.IntegerField(required=False, widget=forms.HiddenInput)
    signer = forms.TypedChoiceField(label=_("Người ký"), coerce=int, empty_value=None, required=False)
    other_signer = forms.TypedChoiceField(label=_("Chức vụ khác"), coerce=int, empty_value=None, required=False)
    cosigners = forms.TypedMultipleChoiceField(label=_("Cùng ký"), coerce=int, required=False)
    joint = TreesField(label=_("Cơ quan cùng ban hành (văn bản liên tịch)"), required=False)
    in_order = forms.BooleanField(label=_("Ký lần lượt theo thứ tự trên, người ký chính ký sau cùng"), required=False)
    initials = forms.BooleanField(label=_("Trưởng đơn vị soạn thảo ký nháy cuối nội dung"), required=False)
    format_checker = forms.TypedChoiceField(
        label=_("Người kiểm tra thể thức, ký nháy ở “Nơi nhận”"), coerce=int, empty_value=None, required=False
    )
    addressed = TreesField(label=_("Kính gửi"), required=False)
    copied = TreesField(label=_("Nơi nhận"), required=False)
    body = forms.CharField(label=_("Nội dung"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 22}))
    flatten = forms.BooleanField(label=_("Bỏ định dạng, chỉ giữ chữ như ở đây"), required=False)
    pdf = forms.FileField(
        label=_("Tệp PDF hoặc Word soạn sẵn"),
        required=False,
        allow_empty_file=True,
        widget=OneFileInput(attrs={"accept": "application/pdf,.pdf,.docx"}),
    )
    attachments = FilesField(label=_("Tệp kèm theo"), required=False, allow_empty_file=True)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        initial: Mapping[str, Any] | None = None,
        types: Sequence[tuple[Any, Any]] = (),
        rights: Sequence[SigningRight] = (),
        others: Sequence[tuple[str, str]] = (),
        checkers: Sequence[tuple[str, str]] = (),
        units: Sequence[Branch] = (),
        level: int | None = None,
        issuers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(data, files, initial=dict(initial or {}), prefix=None)
        self._choose("type_code", types)
        self._choose("issuer", issuers)
        if level is not None:  # a level once fixed is not edited
            self._choose("secrecy", [(str(level), Secrecy(level).label)])
        self._choose("signer", [("", ""), *((str(right.post_id), right.person_name) for right in rights), *others])
        self._choose("other_signer", [("", ""), *others])
        self._choose("cosigners", [(str(right.post_id), right.person_name) for right in rights])
        self._choose("format_checker", [("", _("không ký")), *checkers])
        for name in ("addressed", "copied", "joint"):
            # An outside agency, a list are written to; they sign nothing here.
            offered = units if name != "joint" else [each for each in units if not each.value.startswith(("o", "l"))]
            cast(TreesField, self.fields[name]).grow(offered)

    def _choose(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)

    def facts(self, copies: int) -> DraftFacts:
        """What the drafter decided."""
        given = self.cleaned_data
        return DraftFacts(
            type_code=given["type_code"],
            subject=given["subject"],
            urgency=given["urgency"],
            secrecy=given["secrecy"],
            reply_by=given["reply_by"],
            in_reply_to_id=given["in_reply_to"],
            signer_post_id=given["other_signer"] or given["signer"],
            copies=copies,
            circulation=given["circulation"],
            hands=Hands(
                cosigner_post_ids=tuple(given["cosigners"]),
                joint_agency_ids=tuple(map(int, given["joint"])),
                in_order=given["in_order"],
                initials=given["initials"],
                format_post_id=given["format_checker"],
            ),
            body_id=given["issuer"],
        )

    def addressees(self, held: Callable[[int], Held]) -> Addressees:
        """Whom it goes to; in the place of a list stands what it holds (`held`)."""
        given = self.cleaned_data
        return Addressees(written_out(given["addressed"], held), written_out(given["copied"], held))

    def text(self, kept: dict[str, Any] | None) -> dict[str, Any] | None:
        """The body as it shall be saved: the editor's own, or the lines of a plain text.

        A text that was not touched leaves the kept body as it is. One that was, in place of a body that holds more than a text can
        say, is taken only when the drafter said so.

        :raises LosesFormat: it would lose what the text does not show
        :raises BadBody: :raises CannotPrint: as typeset.body.read
        """
        code = self.cleaned_data.get("type_code")  # none where it was refused
        if code and family_of(code) == Family.SPECIALISED:
            return kept  # made of what was filled into its form
        written = self.cleaned_data["body"].replace("\r\n", "\n")
        if written.lstrip().startswith("{"):
            return bodies.read(written)
        if written.strip() == plain.text_of(kept).strip():
            return kept
        if plain.is_plain(kept) or self.cleaned_data["flatten"]:
            return bodies.read(written) if written.strip() else None
        raise LosesFormat()

    def files_sent(self, name: str) -> list[UploadedFile]:
        """The files of a field, none if it was left empty."""
        given = self.cleaned_data.get(name)
        return list(given) if isinstance(given, list) else [given] if given else []


class ReadOffPaper(forms.Form):
    """What a clerk reads off every paper that came by hand, whatever its level."""

    key = forms.RegexField(r"^[\w-]{16,64}$", widget=forms.HiddenInput)
    type_code = forms.ChoiceField(label=_("Loại văn bản"), choices=by_family(ALL_TYPES))
    code = forms.CharField(
        label=_("Số và ký hiệu"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "872/VP-TH"}),
    )
    document_date = DayField(label=_("Ngày văn bản"), required=False)
    issuer_name = forms.CharField(
        label=_("Nơi gửi"),
        error_messages={"required": _("Chưa ghi nơi gửi.")},
        widget=forms.TextInput(attrs={"list": "issuers", "autocomplete": "off"}),
    )
    urgency = forms.TypedChoiceField(label=_("Độ khẩn"), coerce=int, choices=Urgency.choices)
    circulation = forms.ChoiceField(label=_("Phạm vi lưu hành"), choices=Circulation.choices, required=False)
    reply_by = DayField(label=_("Hạn trả lời"), required=False)
