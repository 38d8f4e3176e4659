"""A picture somebody brings, read inside the worker process: measured, and written anew without anything but its dots."""

from __future__ import annotations

import base64
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageStat, PngImagePlugin

from antin.files.pdf import Damaged, Heavy

Image.init()
MOST_SIDE = 4_000
CLEAR, OPAQUE = 24, 128
FORMAT = PngImagePlugin.PngImageFile.format or "PNG"


def measure(data: bytes) -> dict[str, Any]:
    """Return the size of a PNG in dots, its resolution (0: it says none), what share of it is clear, whether its corners are, the
    mean colour of what is not, and the same dots as a PNG.

    :raises Damaged: it is no PNG :raises Heavy: larger than a signature or stamp could be
    """
    try:
        with Image.open(BytesIO(data), formats=[FORMAT]) as opened:
            if max(opened.size) > MOST_SIDE:
                raise Heavy
            across = float(opened.info.get("dpi", (0, 0))[0])
            picture = opened.convert("RGBA")
    except (OSError, ValueError, TypeError, SyntaxError, EOFError, struct.error, zlib.error):
        raise Damaged from None
    except Image.DecompressionBombError:
        raise Heavy from None
    width, height = picture.size
    alpha = picture.getchannel("A")
    counted = alpha.histogram()
    seen = alpha.point([255 if level >= OPAQUE else 0 for level in range(256)])
    dots = alpha.tobytes()
    corners = (0, width - 1, width * (height - 1), width * height - 1)
    colour = ImageStat.Stat(picture.convert("RGB"), seen).mean if sum(counted[OPAQUE:]) else [0.0, 0.0, 0.0]
    box = seen.getbbox() or (0, 0, 0, 0)
    out = BytesIO()
    picture.save(out, FORMAT)
    return {
        "width": width,
        "height": height,
        "dpi": round(across, 1),
        "clear": sum(counted[:CLEAR]) / (width * height),
        "corners": all(dots[corner] < CLEAR for corner in corners),
        "seen": sum(counted[OPAQUE:]) / (width * height),
        "box": [box[2] - box[0], box[3] - box[1]],
        "colour": [round(each) for each in colour],
        "png": base64.b64encode(out.getvalue()).decode(),
    }
