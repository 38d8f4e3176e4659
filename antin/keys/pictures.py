"""What a signature or stamp must look like: dots, size on paper, clear ground, colour; pure (Decree 30/2020, Appendix I)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from PIL import Image

from antin.refusal import Refusal

LARGEST = 2_000_000
LEAST_DPI = 200
LEAST_CLEAR = 0.25
STAMP_MM, SIGNATURE_WIDE_MM, SIGNATURE_HIGH_MM = (30.0, 45.0), (15.0, 70.0), (5.0, 40.0)
INCH = 25.4


class NotAPicture(Refusal):
    code = "picture_not_png"
    words = _("Tệp không phải ảnh PNG đọc được, hoặc quá lớn (quá 2 MB, quá 4.000 điểm một chiều).")


class NoSize(Refusal):
    code = "picture_no_size"
    words = _("Ảnh không ghi độ phân giải (dpi); ghi chiều rộng thật trên giấy, tính bằng mm.")


class TooCoarse(Refusal):
    code = "picture_too_coarse"
    words = _("Ảnh rộng %(width)s mm chỉ có %(dpi)s dpi; cần từ %(least)s dpi để in rõ nét.")


class WrongSize(Refusal):
    code = "picture_wrong_size"
    words = _("Ảnh rộng %(width)s mm, cao %(height)s mm; %(what)s trên giấy phải %(room)s.")


class NotClear(Refusal):
    code = "picture_not_clear"
    words = _("Nền ảnh không trong suốt (trong suốt %(share)s%%); xóa nền trắng, lưu PNG có kênh trong suốt.")


class NothingDrawn(Refusal):
    code = "picture_empty"
    words = _("Ảnh hầu như không có nét nào.")


class NotRound(Refusal):
    code = "picture_not_round"
    words = _("Hình con dấu phải tròn; nét vẽ rộng %(width)s, cao %(height)s điểm. Cắt sát con dấu rồi tải lại.")


class WrongColour(Refusal):
    code = "picture_wrong_colour"
    words = _("%(what)s phải màu %(wanted)s (Nghị định 30/2020, Phụ lục I); màu trung bình của ảnh là %(found)s.")


@dataclass(frozen=True)
class Measured:
    """A picture that may be used: its PNG with its resolution, and its size on paper."""

    png: bytes
    width_mm: float
    height_mm: float


def check(found: Mapping[str, Any], dots: bytes, *, is_stamp: bool, width_mm: float | None) -> Measured:
    """The picture as it is kept, or what is wrong with it. `width_mm`: its real width, if the file does not say it.

    :raises NothingDrawn: :raises NoSize: :raises TooCoarse: :raises WrongSize: :raises NotClear: :raises NotRound:
    :raises WrongColour:
    """
    width, height = found["width"], found["height"]
    if found["seen"] < 0.002:
        raise NothingDrawn()
    if found["clear"] < LEAST_CLEAR or not found["corners"]:
        raise NotClear(share=round(found["clear"] * 100))
    dpi = width / width_mm * INCH if width_mm else found["dpi"]
    if not dpi:
        raise NoSize()
    wide, high = width / dpi * INCH, height / dpi * INCH
    told = {"width": _mm(wide), "height": _mm(high)}
    if is_stamp:
        least, most = STAMP_MM
        if not (least <= wide <= most and least <= high <= most):
            raise WrongSize(**told, what=gettext(STAMP), room=f"{_mm(least)}–{_mm(most)} mm")
        across, down = found["box"]
        if min(across, down) < 0.9 * max(across, down):
            raise NotRound(width=across, height=down)
    else:
        (narrow, broad), (low, tall) = SIGNATURE_WIDE_MM, SIGNATURE_HIGH_MM
        if not (narrow <= wide <= broad and low <= high <= tall):
            room = f"{_mm(narrow)}–{_mm(broad)} × {_mm(low)}–{_mm(tall)} mm"
            raise WrongSize(**told, what=gettext(SIGNATURE), room=room)
    if dpi < LEAST_DPI - 0.5:
        raise TooCoarse(width=_mm(wide), dpi=round(dpi), least=LEAST_DPI)
    _check_colour(found["colour"], is_stamp=is_stamp)
    with Image.open(BytesIO(dots), formats=["PNG"]) as opened:
        out = BytesIO()
        opened.save(out, "PNG", dpi=(dpi, dpi))
    return Measured(out.getvalue(), round(wide, 1), round(high, 1))


STAMP, SIGNATURE = _("Con dấu"), _("Chữ ký")
RED, BLUE = _("đỏ"), _("xanh")


def _check_colour(colour: list[int], *, is_stamp: bool) -> None:
    red, green, blue = colour
    right = red > green + 60 and red > blue + 60 if is_stamp else blue > red + 25 and blue >= green
    if not right:
        found = f"#{red:02X}{green:02X}{blue:02X}"
        raise WrongColour(
            what=gettext(STAMP if is_stamp else SIGNATURE), wanted=gettext(RED if is_stamp else BLUE), found=found
        )


def _mm(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0").replace(".", ",")
