"""Scans of papers, made: a letter laid out for real, printed with number and date, drawn as a scanner sees it, askew and noisy."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import img2pdf
import pikepdf
import pypdfium2
from PIL import Image, ImageFilter

from antin.intake.separating import CODE
from antin.signing import operations as signing
from antin.typeset import separator
from antin.typeset.letter import Facts, lay_out

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
WORDS = (
    "Thực hiện chương trình công tác năm 2026, đề nghị các đơn vị rà soát, báo cáo kết quả ứng dụng công nghệ thông tin, "
    "bảo đảm an toàn thông tin mạng và chuyển đổi số theo các nội dung sau đây. "
)


def facts(**changes: Any) -> Facts:
    """A letter of the general department's neighbour to the agencies."""
    body = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": WORDS}]}]}
    plain = Facts(
        form="letter",
        type_code="CV",
        type_name="Công văn",
        notation="CQN-KH",
        issuer_name="Cục Quân nhu",
        parent_name="Tổng cục Hậu cần",
        place="Hà Nội",
        subject="báo cáo kết quả chuyển đổi số",
        addressees=("Tổng cục Z",),
        recipients=("Như trên", "Lưu: VT, KH."),
        authority=("CỤC TRƯỞNG",),
        signer_name="Nguyễn Văn Thắng",
        body=body,
        made_at=AT,
    )
    return replace(plain, **changes)


def printed(number: int, day: date, **changes: Any) -> bytes:
    """The letter as a PDF, with its number and date."""
    layout = lay_out(facts(**changes))
    values = {"number": str(number), "day": f"{day:%d}", "month": f"{day:%m}", "year": str(day.year)}
    return signing.fill_content(signing.prepare(layout.pdf, layout.places), values)


def scanned(
    pdf: bytes,
    *,
    dots: int = 200,
    skew: float = 0.0,
    noise: float = 0.0,
    blur: float = 0.0,
    seed: int = 1,
    turned: int = 0,
) -> bytes:
    """The same pages as pictures: turned by degrees, grained (0 to 1), blurred (pixels), pressed as JPEG."""
    pictures = []
    dice = random.Random(seed)
    with pypdfium2.PdfDocument(pdf) as opened:
        opened.init_forms()
        for page in opened:
            image = page.render(scale=dots / 72, may_draw_forms=True, grayscale=True).to_pil().convert("L")
            if skew:
                image = image.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor=252)
            if noise:
                grain = Image.frombytes("L", (256, 256), dice.randbytes(65536)).resize(image.size)
                image = Image.blend(image, grain, noise)
            if blur:
                image = image.filter(ImageFilter.GaussianBlur(blur))
            if turned:
                image = image.rotate(turned, expand=True)
            out = io.BytesIO()
            image.save(out, "JPEG", quality=65, dpi=(dots, dots))
            pictures.append(out.getvalue())
    return img2pdf.convert(pictures)


def sheet() -> bytes:
    """Our separator sheet, scanned."""
    return scanned(separator.lay_out(code=CODE, agency="Tổng cục Z", at=AT), dots=150, skew=1.5, noise=0.05)


def stack(*parts: bytes) -> bytes:
    """Several scans as one file, page after page."""
    out = io.BytesIO()
    with pikepdf.new() as whole:
        for part in parts:
            with pikepdf.open(io.BytesIO(part)) as one:
                whole.pages.extend(one.pages)
        whole.save(out)
    return out.getvalue()


def blank() -> bytes:
    """A page with nothing on it but dust."""
    out = io.BytesIO()
    Image.new("L", (1240, 1754), 250).save(out, "JPEG", dpi=(150, 150))
    return img2pdf.convert(out.getvalue())
