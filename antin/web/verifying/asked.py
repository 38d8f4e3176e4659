"""What may be asked of a verification besides the file: as of which day, and what other tools say."""

from __future__ import annotations

from datetime import date, datetime, time

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antin.signing.queries import Opinion
from antin.web.clocks import LOCAL
from antin.web.days import DayField
from antin.web.tones import Tone


class AtForm(forms.Form):
    """Judge as of which day, and whether to ask other tools."""

    at = DayField(label=gettext_lazy("Kiểm tra như vào ngày"), required=False)
    others = forms.BooleanField(label=gettext_lazy("Hỏi thêm pdfsig và openssl"), required=False)


def moment(on: date | None) -> datetime:
    """The end of that day here, or now; never later than now."""
    now = timezone.now()
    return min(now, datetime.combine(on, time(23, 59, 59), LOCAL)) if on else now


def opinion(given: Opinion) -> Tone:
    """One tool's word on each field, red where it differs from ours."""
    words = {"intact": _("nguyên vẹn"), "broken": _("đã bị thay đổi"), "unknown": _("không kết luận")}
    found = ", ".join(f"{name}: {words[said]}" for name, said in given.integrity.items())
    agrees = _("giống kết quả của An Tín") if not given.differs else _("khác An Tín ở %(fields)s")
    said = f"{given.tool} {given.version}: {found or words['unknown']}; {agrees}" % {"fields": ", ".join(given.differs)}
    return Tone(said, "late" if given.differs else "ok", "warning" if given.differs else "check")
