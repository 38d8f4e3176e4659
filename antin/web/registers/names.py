"""What the series of an agency are called."""

from __future__ import annotations

from django.utils.translation import gettext as _

from antin.documents import queries as documents
from antin.documents.states import Direction
from antin.documents.types import series_name
from antin.numbering.queries import Kept


def of_group(series: Kept) -> str:
    """The name of an outgoing series within its book: the book's own, or the type's; secret ones say so."""
    own = series.name or documents.name_of_form(series.type_group) or series_name(series.type_group)
    plain = ", ".join(filter(None, (own, series.body_name)))
    return _("%(name)s (mật)") % {"name": plain} if series.secrecy_class else plain


def of_series(series: Kept) -> str:
    """The name of a series among all of its agency's."""
    if series.book == Direction.IN:
        return _("Số đến (mật)") if series.secrecy_class else _("Số đến")
    return _("Số đi, %(type)s") % {"type": of_group(series)}
