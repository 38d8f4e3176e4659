"""The sheet that goes between two papers in a feeder: a code that is found again whichever way it lies, and what it is for."""

from __future__ import annotations

from datetime import datetime

import segno
from django.utils.translation import gettext

from antin.typeset import press


def lay_out(*, code: str, agency: str, at: datetime) -> bytes:
    """Print the sheet with `code` as a QR code of the highest correction (ISO/IEC 18004, level H), once above and once below.

    :raises FontsMissing: `make setup` has not run
    """
    matrix = segno.make(code, error="h", micro=False).matrix
    data = {
        "agency": agency,
        "title": gettext("TỜ PHÂN CÁCH"),
        "rows": ["".join("1" if dark else "0" for dark in row) for row in matrix],
        "words": gettext(
            "Đặt trước trang đầu của mỗi văn bản khi quét nhiều văn bản một lượt. Tờ này không vào văn bản nào."
        ),
        "again": gettext("Dùng lại nhiều lần; in một mặt, trên giấy trắng."),
    }
    return press.run("separator", data, at=at).pdf
