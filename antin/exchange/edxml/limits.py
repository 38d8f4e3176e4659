"""How much of a message is taken, so that no message can take the node."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.exchange.edxml.notes import EdxmlRefused


class TooMuch(EdxmlRefused):
    code = "edxml_too_large"
    words = _("Gói tin vượt giới hạn: %(what)s lớn hơn %(limit)s.")


@dataclass(frozen=True)
class Limits:
    """The axis itself stops at 50 MB a message; four times that is taken, so that nobody's own limit is in the way."""

    message_bytes: int = 200 << 20
    depth: int = 64
    elements: int = 100_000
    attributes: int = 64  # of one element
    token_bytes: int = 4 << 20  # a tag, comment or instruction; text is bounded by the message
    attachments: int = 1000
    archive_entries: int = 1000
    inflated_bytes: int = 400 << 20  # of all attachments together
    ratio: int = 100
    ratio_from: int = 4 << 20  # what stays smaller when inflated may be as dense as it likes
    seconds: float = 30.0


class Allowance:
    """What is left of the limits while one message is read."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.inflated = 0
        self._until = time.monotonic() + limits.seconds

    def check_time(self, at: str) -> None:
        """:raises TooMuch: reading has taken longer than allowed"""
        if time.monotonic() > self._until:
            raise TooMuch(at, what=gettext("thời gian đọc"), limit=f"{self.limits.seconds:g} s")

    def inflate(self, packed: int, inflated: int, more: int, at: str) -> None:
        """Count so many more bytes come out of so many packed ones. :raises TooMuch: size, ratio or time"""
        self.inflated += more
        if self.inflated > self.limits.inflated_bytes:
            raise TooMuch(at, what=gettext("dung lượng sau giải nén"), limit=f"{self.limits.inflated_bytes} byte")
        if inflated > self.limits.ratio_from and inflated > self.limits.ratio * max(packed, 1):
            raise TooMuch(at, what=gettext("tỉ lệ nén"), limit=f"{self.limits.ratio} lần")
        self.check_time(at)
