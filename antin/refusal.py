"""The one base class for saying no.

A refusal is anticipated: it has a code for machines, words for a person and facts for both. It is raised before anything is
written, or it rolls the whole act back. Anything else that is raised is a bug.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext


def _(words: str) -> str:
    """Mark words for translation. Django's own marker asks for settings, which stand-alone commands have not."""
    return words


class Refusal(Exception):
    """A typed, worded no. Subclasses give `code` and `words`; `words` may name facts as %(fact)s."""

    code: ClassVar[str] = "refused"
    words: ClassVar[str] = _("Không thực hiện được.")

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts

    @property
    def message(self) -> str:
        """The words, in the reader's language, with the facts filled in."""
        return gettext(self.words) % self.facts if self.facts else gettext(self.words)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class NotAllowed(Refusal):
    code = "not_allowed"
    words = _("Chức vụ của đồng chí không được thực hiện việc này.")


class NotFound(Refusal):
    """Absent, or not this actor's to see: the two look the same."""

    code = "not_found"
    words = _("Không tìm thấy, hoặc đồng chí không được xem.")


class WrongState(Refusal):
    code = "wrong_state"
    words = _("Không thực hiện được ở trạng thái hiện tại: %(state)s.")


def refuse(reason: Refusal | None) -> None:
    """Raise the reason, if there is one."""
    if reason is not None:
        raise reason
